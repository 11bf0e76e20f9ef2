"""Files for all services, as those read them who are to: GitLab's schema, the readers of GitHub's files for Forgejo,
and shellcheck for the scripts of each. test_real_generate.py has the readers of GitHub's workflows, and
tests/unit/ci/test_sourcehut.py compares manifests with the sources of SourceHut.
"""

import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from rig import EXAMPLES, MACHINES, PATIENCE, Person
from torture import torture

PROGRAMS = Path(sysconfig.get_path("scripts"))
READERS = {
    "gitlab": (("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"),),
    "forgejo": (
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        ("zizmor", "--quiet", "--color", "never", "--persona", "auditor", "--offline"),
        # GitHub knows no actions by their address, which Forgejo recommends.
        ("actionlint", "-no-color", "-ignore", 'specifying action "https://data.forgejo.org/'),
    ),
}
FINE = r"No findings to report\. Good job!( \(\d+ (suppressed|ignored)\))?|ok -- validation done"
FILES = {"gitlab": ".gitlab/ciforge*.yml", "forgejo": ".forgejo/workflows/ciforge*.yml"}
DATA = ("env", "machines", "recipes", "systems", "users")
"""Folders with what the scripts read or send to a machine."""
HOMES = {
    "github": ".github/ciforge",
    "gitlab": ".gitlab/ciforge",
    "forgejo": ".forgejo/ciforge",
    "sourcehut": ".builds/ciforge",
}
REGISTRY = """
project: p
repos: {one: {recipe: make, branches: [main], git: true, keep: ["*.log"]}}
jobs: [debian-13, {job: debian-12, allow_failure: true}, {job: debian-sid, schedule: weekly}]
ciforge: {cache: registry, ignore: ["*.md"], workflows: distribution}
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of both examples, of projects with all settings and all machines, and of the torture project."""
    folder = tmp_path_factory.mktemp("generated")
    projects = {name: EXAMPLES / name / "ciforge.yml" for name in ("opensmtpd", "hello-portable")}
    for name, text in {"torture": torture(), "registry": REGISTRY, "machines": MACHINES}.items():
        projects[name] = folder / f"{name}.yml"
        projects[name].write_text(text)
    for target in HOMES:
        for name, file in projects.items():
            if (target, name) == ("sourcehut", "torture"):
                continue  # it exceeds the limits of a manifest
            words = ("generate", "--target", target, "--file", file, "--output", folder / name)
            done = Person(folder, folder).types(*words)
            assert done.code == 0, done.told
    return folder


def read(
    reader: Sequence[str], files: Sequence[Path | str], cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    own = PROGRAMS / reader[0]
    program = str(own) if own.exists() else shutil.which(reader[0])
    assert program, f"{reader[0]} is not here: tox installs it"
    return subprocess.run(
        [program, *reader[1:], *files], cwd=cwd, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("target", FILES)
def test_validators_accept_the_files_of_each_service(target: str, generated: Path) -> None:
    files = sorted(generated.rglob(FILES[target]))
    assert len(files) >= 6
    for reader in READERS[target]:
        done = read(reader, files)
        said = re.sub(FINE, "", done.stdout)
        assert (done.returncode, said.strip()) == (0, ""), reader[0]


def test_gitlab_schema_refuses_an_unknown_value(generated: Path, tmp_path: Path) -> None:
    text = next(generated.rglob(FILES["gitlab"])).read_text()
    (tmp_path / "bad.yml").write_text(text.replace("extends: .ciforge", "extends: 7"))
    assert read(READERS["gitlab"][0], [tmp_path / "bad.yml"]).returncode != 0


def test_shellcheck_accepts_every_script_of_each_service(generated: Path) -> None:
    seen, folders = set[str](), set[str]()

    def unseen(files: Iterable[Path]) -> list[Path]:
        """Those whose text was not read yet: most sets have the same scripts."""
        new = [file for file in files if file.read_text() not in seen]
        seen.update(file.read_text() for file in new)
        return new

    for home in [home for place in HOMES.values() for home in sorted(generated.rglob(place))]:
        # What a hostile project runs is its own; text that looks like a variable is one of its values.
        hostile = "torture" in home.parts
        ours = [*home.glob("*.sh"), *home.glob("bin/*")]
        data = [path for name in DATA for path in home.glob(f"{name}/*.sh")]
        folders.update(path.parent.name for path in data)
        steps = [] if hostile else [*home.glob("steps/*.sh")]
        assert len(ours) > 8 and data and (hostile or steps), home
        for words, files in (
            (("-x", "-P", "SCRIPTDIR"), unseen(ours)),
            (("-s", "sh", *(("-e", "SC2016") if hostile else ())), unseen([*data, *steps])),
        ):
            if files:
                done = read(("shellcheck", *words), files, cwd=home)
                assert (done.returncode, done.stdout) == (0, ""), home
    assert len(seen) > 60
    assert folders == set(DATA)


def test_shellcheck_finds_a_mistake_in_a_generated_script(generated: Path, tmp_path: Path) -> None:
    script = next(generated.rglob("unpack.sh"))
    (tmp_path / "unpack.sh").write_text(script.read_text() + "rm -rf $unquoted\n")
    assert read(("shellcheck",), [tmp_path / "unpack.sh"]).returncode == 1
