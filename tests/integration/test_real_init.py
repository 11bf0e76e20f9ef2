"""What `ciforge init` writes for real trees builds as it is."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from rig import Ended, Person, hello, manifest


@attrs.frozen
class Begun:
    """Somebody's first two commands in a tree: `ciforge init`, `ciforge run debian-13`."""

    tree: Path
    init: Ended
    run: Ended

    @property
    def installed(self) -> list[str]:
        """Type, mode, owner and group, then the path, of all that was installed."""
        file = self.run.job(self.run.result["job"]) / "artifacts" / "manifest.txt"
        return [" ".join((*row, path)) for path, row in manifest(file.read_text()).items()]


def begin(tree: Path, home: Path) -> Begun:
    """Nothing is edited between the two."""
    person = Person(tree, home)
    return Begun(tree, person.types("init"), person.runs("debian-13"))


def unpacked(tarball: Path, folder: Path) -> Path:
    """A release as its maintainers published it."""
    folder.mkdir()
    tar = ["tar", "-xf", str(tarball), "-C", str(folder), "--strip-components=1", "--no-same-owner"]
    subprocess.run(tar, check=True)
    return folder


@pytest.mark.parametrize(
    ("package", "job", "installed"),
    [
        ("opensmtpd", "opensmtpd", "file 2555 root _smtpq /usr/local/sbin/smtpctl"),
        ("cjson", "cjson", "link 777 root root /usr/local/lib/libcjson.so"),
        (
            "opensmtpd-filter-senderscore",
            "tree",
            "file 755 root root /usr/local/bin/tree",
        ),
    ],
)
def test_release_tarball_is_built_with_a_drafted_project_file(
    tarball: Callable[[str], Path], tmp_path: Path, package: str, job: str, installed: str
) -> None:
    begun = begin(unpacked(tarball(package), tmp_path / "tree"), tmp_path / "home")
    assert begun.init.code == 0, begun.init.told
    assert begun.run.code == 0, begun.run.told
    assert begun.run.result["job"] == f"{job}/debian-13/default"
    assert installed in begun.installed


def test_draft_names_unknown_dependencies_and_builds_the_rest(tmp_path: Path) -> None:
    tree = hello(tmp_path / "tree")
    shutil.rmtree(tree / ".git")
    (tree / "ciforge.yml").unlink()
    source = tree / "configure.ac"
    source.write_text(source.read_text() + "\nAC_CHECK_LIB([frobnicate], [frob])\n")
    begun = begin(tree, tmp_path / "home")
    assert begun.init.code == 0, begun.init.told
    assert "no known package has the library 'frobnicate'" in begun.init.err
    assert begun.run.code == 0, begun.run.told
    # The group is there, because init saw in Makefile.am that a file is given to it.
    assert "file 2555 root _hello /usr/local/bin/hello" in begun.installed
