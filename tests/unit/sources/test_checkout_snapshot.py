"""A checkout is carried as it lies there now, and is left as it lies there."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from source_trees import (
    COMMITTED,
    Bench,
    age,
    commit,
    content,
    fingerprint,
    git,
    members,
    put,
    repository,
    write,
)

from ciforge.errors import UsageError
from tests.tables import each

pytestmark = pytest.mark.slow

ODD = ["a b", "new\nline", 'quo"te', "-dash", "tab\there", "\u00e9t\u00e9", ":(top)x", "*", "d/\\n"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return repository(tmp_path / "tree", a="1\n", b="2\n", d__c="3\n", _dot_gitignore="*.o\nobj/\n")


def test_clean_working_tree_is_its_commit(tree: Path, bench: Bench) -> None:
    lying, committed = bench.carry(tree).used, bench.carry(tree, "HEAD").used
    assert (lying.branch, committed.branch) == (git(tree, "branch", "--show-current"), "HEAD")
    assert attrs.evolve(lying, branch="HEAD") == committed
    assert lying.revision == git(tree, "rev-parse", "HEAD")
    assert (lying.origin, lying.changes) == (str(tree), 0)


def test_edit_is_copied(tree: Path, bench: Bench) -> None:
    write(tree, a="edited\n")
    carried = bench.carry(tree)
    assert content(carried)["a"] == "edited\n"
    assert carried.used.changes == 1


def test_edit_is_copied_staged_or_not(tree: Path, bench: Bench) -> None:
    write(tree, a="staged\n")
    git(tree, "add", "a")
    write(tree, a="after\n")
    carried = bench.carry(tree)
    assert (content(carried)["a"], carried.used.changes) == ("after\n", 1)


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_edit_that_git_overlooks_is_copied(tree: Path, bench: Bench, mark: str) -> None:
    git(tree, "update-index", mark, "a", "b")
    write(tree, a="edited\n")
    carried = bench.carry(tree)
    assert (content(carried)["a"], carried.used.changes) == ("edited\n", 1)
    assert members(carried)["a"].mtime > COMMITTED


def test_new_file_is_copied(tree: Path, bench: Bench) -> None:
    write(tree, new="n", deep__er__new="n")
    carried = bench.carry(tree)
    assert {"new", "deep/er/new"} <= set(content(carried))
    assert carried.used.changes == 2


def test_removed_file_is_not_copied(tree: Path, bench: Bench) -> None:
    (tree / "a").unlink()
    git(tree, "rm", "--quiet", "--cached", "b")
    (tree / "b").unlink()
    carried = bench.carry(tree)
    assert {"a", "b"}.isdisjoint(content(carried))
    assert carried.used.changes == 2


def test_file_removed_from_the_index_is_copied_as_new(tree: Path, bench: Bench) -> None:
    git(tree, "rm", "--quiet", "--cached", "b")
    assert "b" in bench.files(tree)


def test_ignored_file_is_not_copied(tree: Path, bench: Bench) -> None:
    write(tree, x_dot_o="o", obj__y="y")
    put(tree / ".git", "info/exclude", "*.swp\n")
    write(tree, z_dot_swp="z")
    assert bench.files(tree) == {".gitignore", "a", "b", "d/c"}
    assert bench.carry(tree).used.changes == 0


def test_tracked_file_that_a_pattern_ignores_is_copied(tree: Path, bench: Bench) -> None:
    write(tree, x_dot_o="o", obj__y="y")
    git(tree, "add", "--force", "x.o", "obj/y")
    assert {"x.o", "obj/y"} <= bench.files(tree)


def test_file_with_export_ignore_is_copied(tree: Path, bench: Bench) -> None:
    put(tree, ".gitattributes", "a export-ignore\n")
    commit(tree)
    assert "a" in bench.files(tree)
    assert "a" in bench.files(tree, "HEAD")


def test_file_modes_are_copied_without_setuid(tree: Path, bench: Bench) -> None:
    for name, mode in {"a": 0o6755, "b": 0o640}.items():
        (tree / name).chmod(mode)
    (tree / "d").chmod(0o700)
    carried = bench.carry(tree)
    assert {n: oct(m.mode) for n, m in members(carried).items() if n in ("a", "b", "d")} == {
        "a": "0o755", "b": "0o640", "d": "0o755",
    }  # fmt: skip
    assert carried.used.changes == 1


def test_copied_files_have_no_owner(tree: Path, bench: Bench) -> None:
    owners = {(m.uid, m.gid, m.uname, m.gname) for m in members(bench.carry(tree)).values()}
    assert owners == {(0, 0, "", "")}


def test_copied_folders_precede_their_files_in_order(tree: Path, bench: Bench) -> None:
    write(tree, d__e__f="f", d_dot_x="x")
    names = list(members(bench.carry(tree)))
    assert names == [".gitignore", "a", "b", "d", "d.x", "d/c", "d/e", "d/e/f"]


def test_symbolic_link_is_copied_and_not_followed(tree: Path, bench: Bench) -> None:
    (tree.parent / "outside").mkdir()
    write(tree.parent, outside__secret="s")
    (tree / "dangling").symlink_to("nowhere")
    (tree / "away").symlink_to(tree.parent / "outside")
    carried = content(bench.carry(tree))
    assert carried["dangling"] == "-> nowhere"
    assert carried["away"] == f"-> {tree.parent / 'outside'}"
    assert "away/secret" not in carried


def test_folder_replaced_by_a_link_is_not_followed(tree: Path, bench: Bench) -> None:
    outside = put(tree.parent, "outside/c", "secret").parent
    (tree / "d" / "c").unlink()
    (tree / "d").rmdir()
    (tree / "d").symlink_to(outside)
    carried = content(bench.carry(tree))
    assert carried["d"] == f"-> {outside}"
    assert "d/c" not in carried


def test_file_replaced_by_a_folder_is_copied_as_a_folder(tree: Path, bench: Bench) -> None:
    (tree / "a").unlink()
    write(tree, a__inner="i")
    assert content(bench.carry(tree))["a/inner"] == "i"


def test_working_tree_snapshot_leaves_out_special_files_and_says_so(
    tree: Path, bench: Bench
) -> None:
    os.mkfifo(tree / "d" / "fifo")
    (tree / "a").unlink()
    os.mkfifo(tree / "a")
    here = Path.cwd()
    os.chdir(tree)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("sock")
        os.chdir(here)
        assert bench.files(tree) == {".gitignore", "b", "d/c"}
    assert [line.split()[0] for line in sorted(bench.heard)] == ["a", "d/fifo", "sock"]


@pytest.mark.slow
@each("name", ODD)
def test_odd_file_names_are_copied(tree: Path, bench: Bench, name: str) -> None:
    put(tree, name, "odd")
    assert bench.tree(tree)[name] == "odd"
    commit(tree)
    assert bench.tree(tree)[name] == "odd"
    assert bench.tree(tree, "HEAD")[name] == "odd"
    assert bench.carry(tree).used.changes == 0


def test_long_file_names_and_those_that_are_no_utf8_are_copied(tree: Path, bench: Bench) -> None:
    odd, long = b"caf\xe9", "n" * 200 + "/" + "m" * 200
    put(tree, odd, "odd")
    put(tree, long, "long")
    (tree / "link").symlink_to(os.fsdecode(odd))
    commit(tree)
    carried = bench.tree(tree)
    assert carried[os.fsdecode(odd)] == "odd"
    assert carried["link"] == f"-> {os.fsdecode(odd)}"
    assert carried[long] == "long"
    assert carried == bench.tree(tree, "HEAD")


def test_subfolder_of_a_checkout_is_copied_alone(tree: Path, bench: Bench) -> None:
    write(tree, a="edited outside", d__new="n", d__x_dot_o="o")
    carried = bench.carry(tree / "d")
    assert content(carried) == {"c": "3\n", "new": "n"}
    assert carried.used.changes == 1
    assert carried.used.revision == git(tree, "rev-parse", "HEAD")
    write(tree, d__c="edited")
    assert bench.carry(tree / "d").used.changes == 2


def test_folder_ignored_by_the_checkout_around_it_is_copied_completely(
    tree: Path, bench: Bench
) -> None:
    write(tree, obj__src__x_dot_o="o", obj__src__y="y")
    carried = bench.carry(tree / "obj" / "src")
    assert content(carried) == {"x.o": "o", "y": "y"}
    assert carried.used.revision == ""
    assert "ignored" in bench.heard[-1]


def test_empty_folder_is_not_copied_from_a_checkout(tree: Path, bench: Bench) -> None:
    (tree / "empty").mkdir()
    assert "empty" not in bench.tree(tree)


def test_git_worktree_is_a_checkout(tree: Path, bench: Bench) -> None:
    other = tree.parent / "other"
    git(tree, "worktree", "add", "--quiet", str(other))
    write(other, new="n")
    assert bench.files(other) == {".gitignore", "a", "b", "d/c", "new"}


def test_checkout_behind_a_link_is_copied(tree: Path, bench: Bench) -> None:
    (tree.parent / "link").symlink_to(tree)
    assert bench.carry(tree.parent / "link").used.digest == bench.carry(tree).used.digest


def test_unresolved_merge_is_copied_as_it_is(tree: Path, bench: Bench) -> None:
    git(tree, "checkout", "--quiet", "-b", "other")
    write(tree, a="other\n")
    commit(tree)
    git(tree, "checkout", "--quiet", "main")
    write(tree, a="main\n")
    commit(tree)
    with pytest.raises(AssertionError):
        git(tree, "merge", "other")
    carried = bench.carry(tree)
    assert "<<<<<<<" in content(carried)["a"]
    assert carried.used.changes == 1


def test_checkout_without_a_commit_is_all_new(tmp_path: Path, bench: Bench) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    git(tree, "init", "--quiet")
    write(tree, a="1", b="2")
    git(tree, "add", "a")
    age(tree / "a")
    carried = bench.carry(tree)
    assert (carried.used.revision, carried.used.changes) == ("", 2)
    assert members(carried)["a"].mtime == 1_000_000_000


# --- times ---


def test_unmodified_file_has_the_time_of_the_commit(tree: Path, bench: Bench) -> None:
    age(tree / "a", 1_234_567_890)
    assert {m.mtime for m in members(bench.carry(tree)).values()} == {COMMITTED}
    assert bench.carry(tree).used.changes == 0


@pytest.mark.parametrize(
    ("own", "carried"), [(1_800_000_000, 1_800_000_000), (1_000_000_000, COMMITTED + 1)]
)
def test_edited_or_new_file_has_a_newer_time(
    tree: Path, bench: Bench, own: int, carried: int
) -> None:
    write(tree, a="edited and longer\n", new="n")
    age(tree / "a", own)
    age(tree / "new", own)
    times = {name: m.mtime for name, m in members(bench.carry(tree)).items()}
    assert (times["a"], times["new"], times["b"]) == (carried, carried, COMMITTED)


def test_working_tree_snapshot_is_reproducible(tree: Path, bench: Bench) -> None:
    write(tree, a="edited and longer\n")
    age(tree / "a")
    first = bench.carry(tree).archive.read_bytes()
    age(tree / "b", 1_111_111_111)
    assert bench.carry(tree).archive.read_bytes() == first


def test_snapshot_digest_ignores_times_and_path(tree: Path, bench: Bench) -> None:
    copy = repository(
        tree.parent / "elsewhere", a="1\n", b="2\n", d__c="3\n", _dot_gitignore="*.o\nobj/\n"
    )
    write(copy, a="edited\n")
    age(copy / "a", 1_900_000_000)
    write(tree, a="edited\n")
    assert bench.carry(copy).used.digest == bench.carry(tree).used.digest


@pytest.mark.parametrize("change", ["content", "name", "mode", "target"])
def test_snapshot_digest_depends_on_content_names_and_modes(
    tree: Path, bench: Bench, change: str
) -> None:
    (tree / "link").symlink_to("a")
    before = bench.carry(tree).used.digest
    if change == "content":
        write(tree, a="2\n")
    elif change == "name":
        (tree / "a").rename(tree / "aa")
    elif change == "mode":
        (tree / "a").chmod(0o755)
    else:
        (tree / "link").unlink()
        (tree / "link").symlink_to("b")
    assert bench.carry(tree).used.digest != before


# --- the tree is left alone ---


def test_working_tree_is_unchanged_by_its_snapshot(tree: Path, bench: Bench) -> None:
    write(tree, a="edited\n", new="n")
    # Same content, another time: this is what makes git want to refresh its index.
    age(tree / "b")
    git(tree, "config", "diff.autoRefreshIndex", "true")
    git(tree, "config", "core.untrackedCache", "true")
    before = fingerprint(tree)
    bench.carry(tree)
    bench.carry(tree, "HEAD")
    bench.carry(tree, patch=b"--- a/b\n+++ b/b\n@@ -1 +1 @@\n-2\n+3\n")
    assert fingerprint(tree) == before


def test_working_tree_snapshot_runs_no_git_configuration(tree: Path, bench: Bench) -> None:
    script = put(tree.parent, "hook", f"#!/bin/sh\ntouch {tree.parent}/ran\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        git(tree, "config", name, str(script))
    for name in ("post-index-change", "post-checkout"):
        hook = put(tree / ".git", f"hooks/{name}", script.read_text())
        hook.chmod(0o755)
    write(tree, a="edited\n")
    bench.carry(tree)
    bench.carry(tree, "HEAD")
    assert not (tree.parent / "ran").exists()


def test_working_tree_snapshot_ignores_the_environment_of_a_git_hook(
    tree: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository(tree.parent / "other", x="x")
    expected = bench.carry(tree).used
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_PREFIX", "d/")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare'='true'")
    assert bench.carry(tree).used == expected
    assert bench.tree(tree, patch=b"--- a/b\n+++ b/b\n@@ -1 +1 @@\n-2\n+3\n")["b"] == "3\n"


@pytest.mark.slow
def test_working_tree_snapshot_within_a_git_hook(tree: Path, bench: Bench) -> None:
    code = (
        "from ciforge.sources import *; from pathlib import Path;"
        f"take_snapshot(SourceSpec(repo='r', place='.'), Path({str(bench.place)!r}), Path('/nonexistent'))"
    )
    hook = put(tree / ".git", "hooks/pre-commit", f'#!/bin/sh\nexec {sys.executable} -c "{code}"\n')
    hook.chmod(0o755)
    write(tree, a="edited\n")
    git(tree, "commit", "--quiet", "-a", "-m", "two")
    subprocess.run(["tar", "-xf", bench.place / "r.tar", "-C", bench.place], check=True)
    assert (bench.place / "a").read_text() == "edited\n"


def test_state_folder_within_a_checkout_is_not_copied(tree: Path) -> None:
    inside = Bench(tree / "state")
    assert inside.files(tree) == {".gitignore", "a", "b", "d/c"}
    assert inside.carry(tree).used.changes == 0
    assert inside.files(tree) == {".gitignore", "a", "b", "d/c"}


# --- trouble ---


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_checkout_of_another_user_is_refused_with_a_hint(tree: Path, bench: Bench) -> None:
    os.chown(tree, 12345, 12345)
    os.chown(tree / ".git", 12345, 12345)
    with pytest.raises(UsageError, match="another user owns it") as caught:
        bench.carry(tree)
    assert caught.value.hint.startswith("git config --global --add safe.directory")


def test_damaged_repository_is_refused(tree: Path, bench: Bench) -> None:
    (tree / ".git" / "index").write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="index"):
        bench.carry(tree)


def test_checkout_without_its_repository_is_refused(tree: Path, bench: Bench) -> None:
    other = tree.parent / "other"
    git(tree, "worktree", "add", "--quiet", str(other))
    (tree / ".git").rename(tree.parent / "away")
    with pytest.raises(UsageError, match="not a git repository"):
        bench.carry(other)
