"""Files for GitLab and Forgejo, as those read them who are to: GitLab's schema, and the readers of GitHub's files."""

import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest
from rig import EXAMPLES, PATIENCE, Person
from torture import torture

PROGRAMS = Path(sysconfig.get_path("scripts"))
READERS = {
    "gitlab": (("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"),),
    "forgejo": (
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        ("zizmor", "--quiet", "--color", "never", "--persona", "pedantic", "--offline"),
        # GitHub knows no actions by their address, which Forgejo recommends.
        ("actionlint", "-no-color", "-ignore", 'specifying action "https://data.forgejo.org/'),
    ),
}
FILES = {"gitlab": ".gitlab/ciforge*.yml", "forgejo": ".forgejo/workflows/ciforge*.yml"}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of both examples and of the torture project."""
    folder = tmp_path_factory.mktemp("generated")
    projects = {name: EXAMPLES / name / "ciforge.yml" for name in ("opensmtpd", "hello-portable")}
    projects["torture"] = folder / "ciforge.yml"
    projects["torture"].write_text(torture())
    for target in FILES:
        for name, file in projects.items():
            words = ("generate", "--target", target, "--file", file, "--output", folder / name)
            done = Person(folder, folder).types(*words)
            assert done.code == 0, done.told
    return folder


def read(reader: Sequence[str], files: Sequence[Path]) -> "subprocess.CompletedProcess[str]":
    own = PROGRAMS / reader[0]
    program = str(own) if own.exists() else shutil.which(reader[0])
    assert program, f"{reader[0]} is not here: tox installs it"
    return subprocess.run(
        [program, *reader[1:], *files], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("target", FILES)
def test_validators_accept_the_files_of_each_service(target: str, generated: Path) -> None:
    files = sorted(generated.rglob(FILES[target]))
    assert len(files) >= 3
    for reader in READERS[target]:
        done = read(reader, files)
        said = re.sub(r"No findings to report\. Good job!|ok -- validation done", "", done.stdout)
        assert (done.returncode, said.strip()) == (0, ""), reader[0]


def test_gitlab_schema_refuses_an_unknown_value(generated: Path, tmp_path: Path) -> None:
    text = next(generated.rglob(FILES["gitlab"])).read_text()
    (tmp_path / "bad.yml").write_text(text.replace("extends: .ciforge", "extends: 7"))
    assert read(READERS["gitlab"][0], [tmp_path / "bad.yml"]).returncode != 0
