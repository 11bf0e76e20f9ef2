"""The commits between two, with their parents."""

from pathlib import Path

import pytest
from source_trees import commit, git

from ciforge.errors import UsageError
from ciforge.sources.checkout import work_tree_of
from ciforge.sources.commit_parents import commit_parents, is_ancestor, named_commit
from ciforge.sources.commit_range import described

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=master")
    return folder


def test_commits_have_their_parents_and_come_after_them(tree: Path) -> None:
    good = commit(tree, "good")
    git(tree, "checkout", "--quiet", "-b", "side")
    side = commit(tree, "side")
    git(tree, "checkout", "--quiet", "master")
    main = commit(tree, "main")
    git(tree, "merge", "--quiet", "--no-ff", "--message", "merge", "side")
    bad = git(tree, "rev-parse", "HEAD").strip()
    found = commit_parents(work_tree_of(tree), good, bad)
    assert found == {side: (good,), main: (good,), bad: (main, side)}
    assert [*found][-1] == bad


def test_commits_are_described_in_the_order_that_is_asked(tree: Path) -> None:
    first, second = commit(tree, "first"), commit(tree, "\x1b[31msecond")
    found = described(work_tree_of(tree), [second, first])
    assert [one.subject for one in found] == ["second", "first"]
    assert described(work_tree_of(tree), ["--all"]) == ()


def test_only_an_ancestor_is_one(tree: Path) -> None:
    first, second = commit(tree, "first"), commit(tree, "second")
    here = work_tree_of(tree)
    assert is_ancestor(here, first, second)
    assert not is_ancestor(here, second, first)
    assert not is_ancestor(here, "f" * 40, second)


def test_unknown_revision_names_the_nearest(tree: Path) -> None:
    commit(tree, "first")
    with pytest.raises(UsageError, match="did you mean 'master'"):
        named_commit(work_tree_of(tree), "mastre")
