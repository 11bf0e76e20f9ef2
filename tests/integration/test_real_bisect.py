"""`ciforge bisect` over a history of hello-portable, with real containers."""

import json
from pathlib import Path

import attrs
import pytest
from rig import HELLO_13, Person, commit, compiled_hello, git

from ciforge.store.incidents.read_only import present

BREAKS = Path(__file__).parents[2] / "examples" / "hello-portable" / "breaks"


@attrs.frozen
class History:
    """A checkout with a history, and the commits that matter in it."""

    person: Person
    good: str
    stray: str
    """A commit that fails for another reason."""
    culprit: str
    bad: str


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    home = tmp_path_factory.mktemp("bisect")
    tree = compiled_hello(home / "hello")
    good = git(tree, "rev-parse", "HEAD")
    _notes(tree, 2)
    stray = _patched(tree, "configure-ac-syntax.patch", "Break configure")
    git(tree, "revert", "--no-edit", stray)
    _notes(tree, 1)
    culprit = _patched(tree, "missing-include.patch", "Include less")
    _notes(tree, 3)
    bad = git(tree, "rev-parse", "HEAD")
    person = Person(tree, home)
    return History(person, good, stray, culprit, bad)


def _notes(tree: Path, many: int) -> None:
    for number in range(many):
        with (tree / "NOTES").open("a") as file:
            file.write(f"note {number}\n")
        commit(tree, f"Note {number}")


def _patched(tree: Path, patch: str, message: str) -> str:
    git(tree, "apply", str(BREAKS / patch))
    return commit(tree, message)


def test_bisect_finds_the_commit_and_every_view_shows_it(history: History) -> None:
    person = history.person
    git(person.here, "checkout", "--quiet", history.good)
    assert person.types("run", "--notify", HELLO_13).code == 0
    git(person.here, "checkout", "--quiet", "-")
    red = person.types("run", "--notify", HELLO_13)
    assert red.code == 1, red.told

    ended = person.types("bisect", HELLO_13, "--json")
    assert ended.code == 0, ended.told
    answer = json.loads(ended.out)
    assert answer["outcome"] == "found"
    assert [one["commit"] for one in answer["commits"]] == [history.culprit]
    assert answer["confirmed"] is True
    assert answer["builds"] <= 4 + 2 + answer["skipped"]
    _every_view_shows(person, history.culprit, answer["incidents"])


def _every_view_shows(person: Person, culprit: str, incidents: list[str]) -> None:
    assert [*present(person.state / "hello-portable", "hello-portable").incidents] == incidents
    for words in (["status"], ["report"], ["report", "--markdown"]):
        shown = person.types(*words)
        assert culprit[:12] in shown.out, shown.told
