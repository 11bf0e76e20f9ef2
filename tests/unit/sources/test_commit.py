"""A revision of a folder's own repository is exactly that commit."""

from pathlib import Path

import pytest
from source_trees import COMMITTED, Bench, commit, git, members, put, repository, write

from ciforge.errors import UsageError
from tests.tables import each

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree", a="1\n", d__b="2\n")
    git(tree, "tag", "-a", "-m", "v1", "v1")
    write(tree, a="second\n", d__c="3\n")
    (tree / "a").chmod(0o755)
    (tree / "link").symlink_to("/etc/passwd")
    commit(tree, "two")
    git(tree, "branch", "feature/x")
    git(tree, "update-ref", "refs/pull/12/head", "v1^{commit}")
    write(tree, a="not committed\n", new="n")
    return tree


@each("revision", ["v1", "HEAD~1", "refs/pull/12/head", "refs/tags/v1"])
def test_revision_is_copied_whatever_the_working_tree_has(
    tree: Path, bench: Bench, revision: str
) -> None:
    assert bench.tree(tree, revision) == {"a": "1\n", "d": "/", "d/b": "2\n"}
    used = bench.carry(tree, revision).used
    assert (used.revision, used.changes) == (git(tree, "rev-parse", "v1^{commit}"), 0)


@each("cut", [40, 12, 7])
def test_revision_may_be_a_short_hash(tree: Path, bench: Bench, cut: int) -> None:
    full = git(tree, "rev-parse", "feature/x")
    assert bench.carry(tree, full[:cut]).used.revision == full


def test_commit_snapshot_has_modes_links_and_times_of_the_commit(tree: Path, bench: Bench) -> None:
    found = members(bench.carry(tree, "main"))
    assert (found["a"].mode, found["d/c"].mode) == (0o755, 0o644)
    assert found["link"].linkname == "/etc/passwd"
    assert {member.mtime for member in found.values()} == {COMMITTED}


def test_commit_snapshot_may_be_a_subfolder(tree: Path, bench: Bench) -> None:
    assert bench.tree(tree / "d", "main") == {"b": "2\n", "c": "3\n"}


def test_commit_snapshot_of_a_missing_subfolder_is_refused(tree: Path, bench: Bench) -> None:
    put(tree, "later/x", "x")
    with pytest.raises(UsageError, match="has no folder later"):
        bench.carry(tree / "later", "main")


@each(
    ("revision", "reason"),
    [
        ("mian", r"unknown or ambiguous revision 'mian' \(did you mean 'main'\?\)"),
        ("feature/y", r"did you mean 'feature/x'"),
        ("0" * 40, "unknown or ambiguous revision"),
        ("v1:a", "unknown or ambiguous"),
        ("main..v1", "unknown or ambiguous"),
        ("^main", "unknown or ambiguous"),
        ("--all", "is not a revision"),
        ("a\nb", "is not a revision"),
        ("main\0", "is not a revision"),
    ],
)
def test_unknown_revision_is_refused(tree: Path, bench: Bench, revision: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        bench.carry(tree, revision)


def test_commit_snapshot_applies_no_git_filter(tree: Path, bench: Bench) -> None:
    put(tree, ".gitattributes", "a eol=crlf ident filter=shout\n")
    put(tree, "a", "$Id$\n")
    commit(tree)
    git(tree, "config", "filter.shout.smudge", "tr a-z A-Z")
    assert bench.tree(tree, "HEAD")["a"] == "$Id$\n"


@pytest.mark.parametrize("name", [".git", ".."])
def test_commit_snapshot_of_a_hostile_tree_writes_nowhere_else(
    tree: Path, bench: Bench, name: str
) -> None:
    blob = git(tree, "hash-object", "-w", "--stdin", stdin=b"evil")
    below = raw_tree(tree, b"100644 config", blob)
    evil = raw_tree(tree, b"40000 " + name.encode(), below)
    made = git(tree, "commit-tree", "-m", "evil", evil)
    if name == ".git":
        assert bench.tree(tree, made) == {}
        return
    with pytest.raises(UsageError, match=r"\.\./config.* leads out"):
        bench.carry(tree, made)


def raw_tree(tree: Path, entry: bytes, name: str) -> str:
    """A tree object with one entry, however bad."""
    raw = entry + b"\0" + bytes.fromhex(name)
    words = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    return git(tree, *words, stdin=raw)


def test_commit_snapshot_of_a_sha256_repository(tmp_path: Path, bench: Bench) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    git(tree, "init", "--quiet", "--object-format=sha256")
    write(tree, a="1")
    made = commit(tree)
    assert bench.carry(tree).used.revision == made
    assert bench.tree(tree, made[:10]) == {"a": "1"}


def test_commit_snapshot_has_every_byte_of_a_large_file(tree: Path, bench: Bench) -> None:
    large = "0123456789" * 300_000
    write(tree, large=large, z="after it")
    commit(tree)
    carried = bench.tree(tree, "HEAD")
    assert (carried["large"], carried["z"]) == (large, "after it")


def test_commit_snapshot_reports_a_missing_object(tree: Path, bench: Bench) -> None:
    name = git(tree, "rev-parse", "main:d/b")
    (tree / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(Exception, match=f"lacks object {name}"):
        bench.carry(tree, "main")


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ("*.bat text eol=crlf\n", True), ("*.bin filter=lfs diff=lfs\n", True), ("*.c ident\n", True),
        ("* text=auto\n# x filter=y\n", False), ("a export-ignore\n", False),
    ],
)  # fmt: skip
def test_commit_snapshot_reports_what_a_checkout_would_change(
    tmp_path: Path, bench: Bench, attributes: str, told: bool
) -> None:
    tree = repository(tmp_path / "attributed", d___dot_gitattributes=attributes)
    bench.carry(tree, "HEAD")
    said = ["d/.gitattributes: filters and line ends are not applied to a commit"]
    assert bench.heard == (said if told else [])
