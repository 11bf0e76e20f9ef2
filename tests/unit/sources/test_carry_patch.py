"""A patch is applied to a private copy, whole or not at all."""

import base64
import os
import quopri
from pathlib import Path

import pytest
from source_trees import (
    COMMITTED,
    Bench,
    commit,
    content,
    fingerprint,
    git,
    member,
    members,
    put,
    repository,
    tar_of,
    write,
)

from ciforge.errors import UsageError

TEXT = "".join(f"line {n}\n" for n in range(1, 41))
DIFF = b"--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-line 1\n+LINE 1\n line 2\n"
HEAD = b"From: A <a@example.org>\nSubject: [PATCH] =?utf-8?q?=C3=A9?=\nMIME-Version: 1.0\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "tree", a=TEXT, b="b\n", d__c="c\n")
    write(tree, new="not committed\n")
    return tree


def made(tree: Path, *words: str) -> bytes:
    """What the last commit changed, as git writes it; the commit is undone."""
    patch = git(tree, "format-patch", "-1", "--stdout", "--binary", *words) + "\n"
    git(tree, "reset", "--quiet", "--hard", "HEAD~1")
    return patch.encode(errors="surrogateescape")


def test_a_diff_is_applied(tree: Path, bench: Bench) -> None:
    carried = bench.carry(tree, patch=DIFF, patch_name="fix.diff")
    assert content(carried)["a"].startswith("LINE 1\nline 2\n")
    assert content(carried)["new"] == "not committed\n"
    assert (carried.used.patch, carried.used.changes) == ("fix.diff", 1)
    assert carried.used.digest != bench.carry(tree).used.digest


def test_the_tree_is_left_alone_and_nothing_lies_about(tree: Path, bench: Bench) -> None:
    before = fingerprint(tree)
    bench.carry(tree, patch=DIFF)
    assert fingerprint(tree) == before
    assert [path.name for path in (bench.place / "out").iterdir()] == ["r.tar"]


def test_what_the_patch_wrote_is_newer_than_all_else(tree: Path, bench: Bench) -> None:
    os.utime(tree / "new", (COMMITTED + 500, COMMITTED + 500))
    new = b"--- /dev/null\n+++ b/e/f\n@@ -0,0 +1 @@\n+f\n"
    times = {n: m.mtime for n, m in members(bench.carry(tree, patch=DIFF + new)).items()}
    assert times == {
        "a": COMMITTED + 501, "b": COMMITTED, "d": COMMITTED, "d/c": COMMITTED,
        "e": COMMITTED + 501, "e/f": COMMITTED + 501, "new": COMMITTED + 500,
    }  # fmt: skip


def test_the_same_patch_gives_the_same_bytes(tree: Path, bench: Bench) -> None:
    first = bench.carry(tree, "HEAD", patch=DIFF).archive.read_bytes()
    assert bench.carry(tree, "HEAD", patch=DIFF).archive.read_bytes() == first


def test_whatever_git_can_write_can_be_applied(tree: Path, bench: Bench) -> None:
    (tree / "b").unlink()
    (tree / "d").rename(tree / "moved")
    (tree / "a").chmod(0o755)
    put(tree, "binary", bytes(range(256)))
    put(tree, "a b\n\u00e9", "odd")
    (tree / "link").symlink_to("a")
    (tree / "new").unlink()
    commit(tree)
    expected = bench.carry(tree, "HEAD").used.digest
    patch = made(tree, "-M")
    assert bench.carry(tree, patch=patch).used.digest == expected
    found = members(bench.carry(tree, patch=patch))
    assert (found["a"].mode, found["link"].linkname) == (0o755, "a")
    assert found["a"].mtime == found["moved/c"].mtime == COMMITTED + 1


def test_modes_that_git_does_not_know_stay(tree: Path, bench: Bench) -> None:
    (tree / "a").chmod(0o600)
    (tree / "b").chmod(0o640)
    found = members(bench.carry(tree, patch=DIFF))
    assert [found[n].mode for n in ("a", "b", "d/c")] == [0o600, 0o640, 0o644]


def test_odd_names_outlive_the_copy(tree: Path, bench: Bench) -> None:
    put(tree, b"caf\xe9\n", "odd")
    (tree / "out").symlink_to("/etc/passwd")
    carried = bench.tree(tree, patch=DIFF)
    assert carried[os.fsdecode(b"caf\xe9\n")] == "odd"
    assert carried["out"] == "-> /etc/passwd"


def test_an_archive_can_be_patched_and_keeps_its_times(tmp_path: Path, bench: Bench) -> None:
    file = put(tmp_path, "x.tgz", tar_of(("p/a", TEXT), member("p/empty", b"5")))
    carried = bench.carry(file, patch=DIFF)
    assert content(carried)["a"].startswith("LINE 1")
    assert content(carried)["empty"] == "/"
    assert members(carried)["a"].mtime == 1_500_000_001


def test_a_commit_of_an_address_can_be_patched(tree: Path, bench: Bench) -> None:
    assert bench.tree(f"file://{tree}", "main", patch=DIFF)["a"].startswith("LINE 1")


# --- as mail ---

MAILS = {
    "plain": HEAD + b"Content-Type: text/plain; charset=utf-8\n\nWhy.\n\n---\n a | 2 +-\n\n" + DIFF,
    "quoted-printable": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\n\n"
    + quopri.encodestring(b"Gr\xc3\xbc\xc3\x9fe = \n---\n" + DIFF),
    "base64": HEAD
    + b"Content-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(b"Gr\xc3\xbc\xc3\x9fe\n---\n" + DIFF),
    "an unknown charset": HEAD + b"Content-Type: text/plain; charset=x-none\n\nWhy\n---\n" + DIFF,
    "from a mailbox": b"From a@example.org Mon Sep 17 00:00:00 2001\n"
    + HEAD
    + b"\nWhy.\n\n"
    + DIFF,
    "attached": HEAD
    + b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nHi\n'
    + b"--x\nContent-Type: text/x-patch\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(DIFF)
    + b"--x--\n",
    "folded": b"Received: from x\n\tby y\nSubject: long\n subject\n\n" + DIFF,
    "without a mail": b"Some words before.\n\n" + DIFF,
    "from CVS": b"Index: a\n=====\nRCS file: /cvs/a,v\n" + DIFF,
    "from git show": b"commit 1234\nAuthor: A <a@example.org>\n\n    Subject\n\n" + DIFF,
}


@pytest.mark.parametrize("how", MAILS)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_patch_is_found_however_it_is_sent(
    tree: Path, bench: Bench, how: str, end: bytes
) -> None:
    patch = MAILS[how].replace(b"\n", end)
    assert bench.tree(tree, patch=patch)["a"].startswith("LINE 1\nline 2\n")


def test_a_series_in_a_mailbox_is_applied_in_order(tree: Path, bench: Bench) -> None:
    for text in ("second\n", "third\n"):
        write(tree, b=text)
        commit(tree, text)
    series = git(tree, "format-patch", "-2", "--cover-letter", "--stdout") + "\n"
    git(tree, "reset", "--quiet", "--hard", "HEAD~2")
    assert bench.tree(tree, patch=series.encode())["b"] == "third\n"


def test_a_patch_for_a_file_with_carriage_returns_is_applied(tree: Path, bench: Bench) -> None:
    put(tree, "dos", "1\r\n2\r\n")
    patch = b"--- a/dos\n+++ b/dos\n@@ -1,2 +1,2 @@\n-1\r\n+one\r\n 2\r\n"
    assert bench.tree(tree, patch=patch)["dos"] == "one\r\n2\r\n"


@pytest.mark.parametrize("kind", [b"--- d/c\t1.1\n+++ d/c\t2 Jan 2020\n", b"--- d/c\n+++ d/c\n"])
def test_names_without_a_prefix_are_understood(tree: Path, bench: Bench, kind: bytes) -> None:
    assert bench.tree(tree, patch=kind + b"@@ -1 +1 @@\n-c\n+C\n")["d/c"] == "C\n"


# --- what does not apply ---


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        (
            b"--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-line 1\n+x\n line 2\n"
            b"@@ -30,2 +30,2 @@\n-other\n+x\n line 31\n",
            r"p.diff does not apply: a, hunk 2 \(line 30\)$",
        ),
        (b"--- a/none\n+++ b/none\n@@ -1 +1 @@\n-x\n+y\n", "none: No such file or directory"),
        (b"--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+y\n", "b: already exists"),
        (DIFF[:-9], "corrupt patch at line"),
        (b"--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+y\n", r"\.\./x"),
        (b"--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+y\n", r"invalid path '\.\./x'"),
        (b"--- /dev/null\n+++ /tmp/../../x\n@@ -0,0 +1 @@\n+y\n", "invalid path"),
        (b"--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+y\n", "invalid path '.git/config'"),
        (b"--- /dev/null\n+++ b/link/x\n@@ -0,0 +1 @@\n+y\n", "link/x.* beyond a symbolic link"),
        (b"", "p.diff: the patch is empty"),
        (b" \n\n", "p.diff: the patch is empty"),
        (b"Only words.\n", "p.diff: there is no diff in it"),
        (HEAD + b"\nOnly words.\n", "p.diff: there is no diff in it"),
        (b"--- a/a\n+++ b/a\n", "p.diff"),
        (b"\0\xff\xfe", "p.diff"),
    ],
)
def test_a_patch_that_does_not_apply_is_refused_by_file_and_hunk(
    tree: Path, bench: Bench, patch: bytes, reason: str
) -> None:
    (tree / "link").symlink_to(tree.parent)
    before = fingerprint(tree.parent)
    with pytest.raises(UsageError, match=reason):
        bench.carry(tree, patch=patch, patch_name="p.diff")
    left = {k: v for k, v in fingerprint(tree.parent).items() if str(bench.place) not in k}
    assert left == before


def test_a_failed_patch_leaves_no_archive(tree: Path, bench: Bench) -> None:
    with pytest.raises(UsageError):
        bench.carry(tree, patch=b"nothing")
    assert list((bench.place / "out").iterdir()) == []


def test_no_repository_around_or_inside_has_a_say(tmp_path: Path, tree: Path) -> None:
    outer = repository(tmp_path / "outer", _dot_gitattributes="* text eol=crlf\n")
    git(outer, "config", "apply.whitespace", "error")
    put(tree, ".gitattributes", "* text eol=crlf ident\n")
    inside = Bench(outer / "state")
    patch = b"--- a/b\n+++ b/b\n@@ -1 +1,2 @@\n b\n+$Id$ \n"
    assert inside.tree(tree, patch=patch)["b"] == "b\n$Id$ \n"
