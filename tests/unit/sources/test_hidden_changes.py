"""What git was told to leave out or to overlook is built as recorded, or counted as a change."""

from pathlib import Path

import pytest
from source_trees import COMMITTED, Bench, commit, content, git, members, put, repository, write

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree", a="1\n", b="2\n", d__c="3\n", d__e__f="4\n")
    (tree / "d" / "link").symlink_to("c")
    put(tree, "d/run", "#!/bin/sh\n").chmod(0o755)
    commit(tree)
    return tree


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
def test_sparse_checkout_is_copied_completely_as_recorded(
    tree: Path, bench: Bench, cone: str
) -> None:
    expected = bench.carry(tree).used
    git(tree, "sparse-checkout", "init", cone)
    git(tree, "sparse-checkout", "set", *(["x"] if cone == "--cone" else ["/a", "/b"]))
    assert not (tree / "d").exists()
    carried = bench.carry(tree)
    assert carried.used == expected
    assert content(carried)["d/link"] == "-> c"
    assert {member.mtime for member in members(carried).values()} == {COMMITTED}
    assert bench.heard == ["4 files are not checked out (sparse checkout): taken as git has them"]


@pytest.mark.slow
def test_sparse_index_is_read(tree: Path, bench: Bench) -> None:
    expected = bench.carry(tree).used
    git(tree, "sparse-checkout", "init", "--cone", "--sparse-index")
    git(tree, "sparse-checkout", "set", "x")
    assert bench.carry(tree).used == expected


def test_subfolder_outside_of_a_sparse_checkout_is_copied(tree: Path, bench: Bench) -> None:
    git(tree, "update-index", "--skip-worktree", "d/e/f")
    (tree / "d" / "e" / "f").unlink()
    assert bench.tree(tree / "d")["e/f"] == "4\n"


def test_missing_file_that_git_overlooks_is_a_change(tree: Path, bench: Bench) -> None:
    git(tree, "update-index", "--assume-unchanged", "a")
    (tree / "a").unlink()
    carried = bench.carry(tree)
    assert "a" not in content(carried)
    assert carried.used.changes == 1


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
@pytest.mark.parametrize("change", ["mode", "link", "folder"])
def test_changes_that_git_overlooks_are_counted(
    tree: Path, bench: Bench, mark: str, change: str
) -> None:
    git(tree, "update-index", mark, "a")
    if change == "mode":
        (tree / "a").chmod(0o755)
    else:
        (tree / "a").unlink()
        (tree / "a").symlink_to("1\n") if change == "link" else write(tree, a__x="x")
    assert bench.carry(tree).used.changes >= 1


def test_file_modes_are_those_recorded_if_the_file_system_has_none(
    tree: Path, bench: Bench
) -> None:
    expected = bench.carry(tree).used
    git(tree, "config", "core.fileMode", "false")
    (tree / "a").chmod(0o777)
    (tree / "d" / "run").chmod(0o644)
    assert bench.carry(tree).used == expected


@pytest.mark.parametrize("key", ["core.trustctime", "core.checkStat", "core.ignoreStat"])
def test_git_settings_that_hide_changes_do_not_apply(tree: Path, bench: Bench, key: str) -> None:
    git(tree, "config", key, "minimal" if key == "core.checkStat" else "false")
    write(tree, a="9\n")
    assert bench.carry(tree).used.changes == 1


@pytest.mark.slow
def test_replaced_git_object_is_read_as_recorded(tree: Path, bench: Bench) -> None:
    expected = bench.tree(tree, "HEAD")
    other = git(tree, "hash-object", "-w", "--stdin", stdin=b"other\n")
    git(tree, "replace", git(tree, "rev-parse", "HEAD:a"), other)
    assert bench.tree(tree, "HEAD") == expected
    (tree / "a").unlink()
    git(tree, "checkout", "--", "a")
    carried = bench.carry(tree)
    assert (content(carried)["a"], carried.used.changes) == ("other\n", 1)


def test_replaced_git_commit_is_read_as_recorded(tree: Path, bench: Bench) -> None:
    first = git(tree, "rev-parse", "HEAD")
    expected = bench.tree(tree, first)
    write(tree, a="later\n")
    git(tree, "replace", first, commit(tree))
    assert bench.tree(tree, first) == expected
