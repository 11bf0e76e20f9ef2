"""Where the refs of a real repository are, as git answers."""

import subprocess
from pathlib import Path

import pytest

from ciforge.errors import EngineError, UsageError
from ciforge.sources.remote_refs import remote_refs

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "First")
    return tmp_path


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    done = subprocess.run(
        ["git", *who, *words], cwd=tree, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_only_named_branches_and_printable_tags_are_followed(place: Path) -> None:
    tip = git(place, "rev-parse", "HEAD")
    for name in ("stable", "other", "x/refs/heads/main", "mainly"):
        git(place, "branch", name)
    for name in ("v1", "--upload-pack=x", "v2\u202e"):
        git(place, "update-ref", f"refs/tags/{name}", tip)
    git(place, "update-ref", "refs/pull/1/head", tip)
    found = remote_refs(str(place), ["main", "stable", "gone"], tags=True)
    assert found == dict.fromkeys(
        ["heads/main", "heads/stable", "tags/v1", "tags/--upload-pack=x"], tip
    )
    assert remote_refs(str(place), [], tags=False) == {"HEAD": tip}


def test_annotated_tag_has_the_commit_that_it_names(place: Path) -> None:
    git(place, "tag", "--annotate", "--message", "Release", "v1")
    tip = git(place, "rev-parse", "HEAD")
    assert git(place, "rev-parse", "v1") != tip
    assert remote_refs(str(place), ["main"], tags=True)["tags/v1"] == tip


def test_repository_that_cannot_be_asked_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not appear to be a git repository"):
        remote_refs(str(tmp_path / "none"), ["main"], tags=True)
    with pytest.raises(UsageError, match="not the address of a git repository"):
        remote_refs("--upload-pack=touch x", ["main"], tags=True)
