"""`ciforge watch` over a repository that people push to, with real containers."""

import json
from pathlib import Path

import pytest
from rig import HELLO_13, Person, commit, compiled_hello, git

from ciforge.store.incidents.read_only import present

BREAKS = Path(__file__).parents[2] / "examples" / "hello-portable" / "breaks"
ADDRESS = "https://git.example.org/hello.git"


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Whose project file is beside no checkout, and names an address that leads to `upstream.git`."""
    tree = compiled_hello(tmp_path / "hello")
    document = json.loads((tree / "ciforge.yml").read_text())
    document["repos"]["hello"] |= {"git": ADDRESS, "branches": ["main"]}
    document["jobs"] = [HELLO_13]
    home = tmp_path / "home"
    home.mkdir()
    (home / "ciforge.yml").write_text(json.dumps(document))
    git(tree, "init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "upstream.git"))
    (home / ".gitconfig").write_text(
        f'[url "{tmp_path / "upstream.git"}"]\ninsteadOf = {ADDRESS}\n'
    )
    git(tree, "push", "--quiet", str(tmp_path / "upstream.git"), "HEAD:refs/heads/main")
    return Person(home, home)


def test_watch_builds_what_is_pushed_and_mails_what_broke(person: Person, tmp_path: Path) -> None:
    tree, upstream = tmp_path / "hello", str(tmp_path / "upstream.git")
    first = person.types("watch", "--once", "--json")
    assert first.code == 0, first.told
    assert [one["event"] for one in first.events] == ["seen", "begun", "built"]

    git(tree, "apply", str(BREAKS / "missing-include.patch"))
    culprit = commit(tree, "Include less \x1b[31m\x1b]0;title\x07")
    hostile = "--upload-pack=touch${IFS}x"
    refs = (
        "refs/heads/main",
        f"refs/heads/{hostile}",
        f"refs/tags/{hostile}",
        "refs/tags/v1\u202e",
    )
    git(tree, "push", "--quiet", upstream, *(f"HEAD:{ref}" for ref in refs))
    red = person.types("watch", "--once")
    assert red.code == 1, red.told
    assert "\x1b" not in red.told and "\u202e" not in red.told
    (incident,) = present(person.state / "hello-portable", "hello-portable").incidents.values()
    assert (incident.branch_ref.branch, incident.bad.revision) == ("main", culprit)
    assert len(list((person.state / "hello-portable" / "mail" / "new").iterdir())) == 1

    listed = person.types("watch", "--list")
    assert listed.out.count("\nbuilt ") + listed.out.startswith("built ") == 2, listed.told
    assert "same      hello tags/--upload-pack" in listed.out
    again = person.types("watch", "--once", "--json")
    assert (again.code, again.out) == (0, ""), again.told
