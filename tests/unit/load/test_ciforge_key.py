"""`ciforge:` in a project file: where ciforge comes from on a runner, and how its files are cut."""

from pathlib import Path

import pytest
from projects import problems, project

BASE = "project: p\nrepos: {one: {path: ., recipe: make}}\njobs: [one/debian]\n"


def test_without_it_nothing_is_installed_and_a_repository_has_one_file() -> None:
    said = project(BASE).ciforge
    assert (said.install, said.workflows, said.ignore) == ("", "repository", ())


@pytest.mark.parametrize(
    "line",
    [
        "install: pipx install ciforge==1.2.3",
        f"install: pip install git+https://git.example.org/ciforge@{'a' * 40}",
        "workflows: distribution",
        'ignore: ["*.md", docs/*]',
    ],
)
def test_it_may_say(line: str) -> None:
    assert project(f"{BASE}ciforge: {{{line}}}\n").ciforge != project(BASE).ciforge


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("install: pipx install ciforge", "names no certain version"),
        ("workflows: each", "'each' is not known here (repository, distribution)"),
        ('ignore: ["$(id)"]', "is no pattern for paths"),
        ('ignore: ["*"]', "'*' matches every file, so that no pull request would be built"),
        ('ignore: ["**/*"]', "matches every file"),
        ("instal: x", "unknown key 'instal' (did you mean 'install'?)"),
    ],
)
def test_what_it_may_not_say_is_told(line: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"ciforge\.yml:4:") as caught:
        problems(f"{BASE}ciforge: {{{line}}}\n", tmp_path)
    assert told in str(caught.value)
