"""The new `.git` that a container has: HEAD, its history and tags, and nothing of the person's."""

import subprocess
import tarfile
from pathlib import Path

import pytest
from source_trees import Bench, commit, git, repository, write

from ciforge.errors import UsageError
from ciforge.sources.git import init_bare

pytestmark = pytest.mark.slow

SECRET = "do-not-tell"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree", a="first\n")
    git(tree, "tag", "-a", "-m", "v1", "v1")
    git(tree, "tag", "-a", "-m", "again", "nested", "v1")
    write(tree, a="second\n", d__b="2\n", _dot_gitignore="*.o\n")
    commit(tree, "two")
    git(tree, "branch", "topic")
    write(tree, a="third\n")
    commit(tree, "three")
    git(tree, "tag", "later")
    git(tree, "reset", "--quiet", "--hard", "HEAD~1")
    return tree


@pytest.fixture(autouse=True)
def bench_folder(bench: Bench) -> None:
    bench.place.mkdir(exist_ok=True)


def unpacked(bench: Bench, source: Path | str, revision: str = "") -> Path:
    """The source as a container has it."""
    snapshot = bench.carry(source, revision, carry_git=True)
    place = bench.place / "box"
    place.mkdir()
    assert snapshot.git is not None
    for archive in (snapshot.archive, snapshot.git):
        with tarfile.open(archive) as tar:
            tar.extractall(place)
    return place


def test_carried_git_has_head_and_the_tags_before_it(tree: Path, bench: Bench) -> None:
    box = unpacked(bench, tree)
    assert git(box, "describe", "--tags", "--always", "--dirty") == git(tree, "describe", "--tags")
    assert git(box, "rev-parse", "HEAD") == git(tree, "rev-parse", "HEAD")
    assert git(box, "tag").split() == ["nested", "v1"]
    assert git(box, "for-each-ref", "--format=%(refname)").split() == [
        "refs/tags/nested",
        "refs/tags/v1",
    ]
    assert git(box, "log", "--format=%s").split() == ["two", "one"]
    assert git(box, "status", "--porcelain") == ""
    assert git(box, "ls-files").split() == [".gitignore", "a", "d/b"]


def test_carried_git_of_an_edited_tree_is_dirty(tree: Path, bench: Bench) -> None:
    write(tree, a="edited\n", new="n")
    box = unpacked(bench, tree)
    assert git(box, "describe", "--tags", "--dirty").endswith("-dirty")
    assert git(box, "status", "--porcelain").split() == ["M", "a", "??", "new"]


def test_carried_git_has_no_configuration_remote_hook_branch_or_login(
    tree: Path, bench: Bench
) -> None:
    hook = tree / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n: {SECRET}\n")
    git(tree, "config", "user.name", SECRET)
    git(tree, "remote", "add", "origin", f"https://u:{SECRET}@example.org/x.git")
    (tree / ".git" / "FETCH_HEAD").write_text(SECRET)
    (tree / ".git" / "logs" / "HEAD").write_text(SECRET)
    box = unpacked(bench, tree)
    files = {str(path.relative_to(box)): path for path in (box / ".git").rglob("*")}
    names = {name for name, path in files.items() if path.is_file()}
    packs = {name for name in names if name.startswith(".git/objects/pack/pack-")}
    assert names - packs == {".git/HEAD", ".git/index", ".git/packed-refs"}
    assert SECRET.encode() not in b"".join(
        path.read_bytes() for path in files.values() if path.is_file()
    )


def test_carried_git_of_a_hostile_repository_runs_nothing(tree: Path, bench: Bench) -> None:
    ran = bench.place / "ran"
    script = bench.place / "script"
    script.write_text(f"#!/bin/sh\necho $0 >>{ran}\ncat\n")
    script.chmod(0o755)
    (tree / ".gitattributes").write_text("* filter=x\n")
    for key in (
        "core.fsmonitor",
        "filter.x.clean",
        "filter.x.smudge",
        "core.pager",
        "pack.packHook",
    ):
        git(tree, "config", key, str(script))
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        hook = tree / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(script.read_text())
        hook.chmod(0o755)
    unpacked(bench, tree)
    assert not ran.exists()


def test_carried_git_of_a_shallow_clone_and_of_an_address_works(tree: Path, bench: Bench) -> None:
    shallow = bench.place / "shallow"
    git(bench.place, "clone", "--quiet", "--depth=1", f"file://{tree}", str(shallow))
    box = unpacked(bench, shallow)
    assert git(box, "log", "--format=%s") == "two"
    assert git(box, "fsck", "--connectivity-only") == ""
    bare = bench.place / "bare.git"
    init_bare(bare)
    git(tree, "push", "--quiet", str(bare), "HEAD:refs/heads/main", "v1")
    box.rename(bench.place / "first")
    box = unpacked(bench, str(bare), "main")
    assert git(box, "describe", "--tags").startswith("v1-1-g")


def test_git_true_without_a_commit_or_below_the_top_is_refused(tree: Path, bench: Bench) -> None:
    plain = bench.place / "plain"
    plain.mkdir()
    (plain / "a").write_text("a")
    with pytest.raises(UsageError, match="no git repository"):
        bench.carry(plain, carry_git=True)
    with pytest.raises(UsageError, match="whole checkout"):
        bench.carry(tree / "d", carry_git=True)
    subprocess.run(["git", "init", "--quiet", str(plain)], check=True)
    with pytest.raises(UsageError, match="needs a commit"):
        bench.carry(plain, carry_git=True)
