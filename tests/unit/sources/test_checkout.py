"""Which checkout one sits in, and where it came from."""

from pathlib import Path

import pytest
from source_trees import git, repository

from ciforge.errors import UsageError
from ciforge.sources import checkout_of, remotes_of


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return repository(tmp_path / "new\nline", d__e__f="1")


def test_a_checkout_is_found_from_anywhere_in_it(tree: Path) -> None:
    assert checkout_of(tree) == checkout_of(tree / "d" / "e") == tree


def test_a_checkout_is_found_through_a_link(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree / "d")
    assert checkout_of(tmp_path / "link") == tree


def test_checkout_is_not_found_outside_of_a_repository(tree: Path, tmp_path: Path) -> None:
    assert checkout_of(tmp_path) is None
    assert checkout_of(tree / ".git") is None
    assert checkout_of(tree / "no" / "such") is None


def test_checkout_is_found_in_the_environment_of_a_git_hook(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository(tmp_path / "other", x="x")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert checkout_of(tree) == tree
    assert checkout_of(tmp_path) is None


def test_remotes_of_a_checkout_are_given_as_written_and_as_git_reads_them(tree: Path) -> None:
    git(tree, "remote", "add", "origin", "gh:team/tool.git")
    git(tree, "remote", "add", "my.fork", "git@example.org:me/tool.git")
    git(tree, "config", "url.https://example.org/.insteadOf", "gh:")
    assert set(remotes_of(tree)) == {
        "gh:team/tool.git", "https://example.org/team/tool.git", "git@example.org:me/tool.git",
    }  # fmt: skip


def test_checkout_may_have_no_remote(tree: Path, tmp_path: Path) -> None:
    assert remotes_of(tree) == ()
    assert remotes_of(tmp_path) == ()


def test_a_broken_checkout_is_not_taken_for_a_plain_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nonexistent\n")
    with pytest.raises(UsageError, match="not a git repository"):
        checkout_of(tmp_path)
