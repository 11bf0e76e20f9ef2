"""`ciforge:` in a project file: where ciforge comes from on a runner, and how its files are cut."""

from pathlib import Path

import pytest
from projects import problems, project

from ciforge.errors import InputError
from ciforge.load.catalogue import lint_file
from ciforge.load.minimum_version import check_minimum
from ciforge.load.yaml_document import Document
from tests.tables import each

BASE = "project: p\nrepos: {one: {path: ., recipe: make}}\njobs: [one/debian]\n"


def test_project_without_ciforge_key_installs_nothing_and_has_one_file() -> None:
    said = project(BASE).ciforge
    assert (said.install, said.workflows, said.ignore) == ("", "repository", ())


@each(
    "line",
    [
        "install: pipx install ciforge==1.2.3",
        "minimum: 0.1",
        f"install: pip install git+https://git.example.org/ciforge@{'a' * 40}",
        "workflows: distribution",
        'ignore: ["*.md", docs/*]',
    ],
)
def test_ciforge_key_accepts_what_is_documented(line: str) -> None:
    assert project(f"{BASE}ciforge: {{{line}}}\n").ciforge != project(BASE).ciforge


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("install: pipx install ciforge", "does not name an exact version"),
        ("minimum: new", "'new' is not a version (like '1.2')"),
        ("minimum: [1]", "expected text, found a list"),
        ("workflows: each", "'each' is not known here (repository, distribution)"),
        ('ignore: ["$(id)"]', "is not a pattern for paths"),
        ('ignore: ["*"]', "'*' matches every file, so no pull request would be built"),
        ('ignore: ["**/*"]', "matches every file"),
        ("instal: x", "unknown key 'instal' (did you mean 'install'?)"),
    ],
)
def test_ciforge_key_with_a_mistake_is_refused(line: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"ciforge\.yml:4:") as caught:
        problems(f"{BASE}ciforge: {{{line}}}\n", tmp_path)
    assert told in str(caught.value)


def test_project_that_needs_a_newer_ciforge_has_no_other_problem(tmp_path: Path) -> None:
    file = tmp_path / "ciforge.yml"
    file.write_text(f"{BASE}ciforge: {{minimum: 999.1}}\nkey_of_later: x\n")
    (problem,) = lint_file(file)
    assert problem.startswith(f"{file}:4:20: this file needs ciforge 999.1 or newer; this is ")


@pytest.mark.parametrize(
    ("needed", "version", "fine"),
    [
        ("0.2", "0.1.9", False), ("1.10", "1.9", False), ("1.0.1", "1", False), ("1.0", "1", True),
        ("0.2", "0.2.dev1", True), ("0.2", "0.10", True),
    ],
)  # fmt: skip
def test_minimum_version_is_compared_number_by_number(
    needed: str, version: str, fine: bool, tmp_path: Path
) -> None:
    document = Document.compose(f"ciforge: {{minimum: {needed}}}", tmp_path / "x.yml")
    if fine:
        check_minimum(document, version)
    else:
        with pytest.raises(InputError, match=f"needs ciforge {needed}"):
            check_minimum(document, version)
