"""A patch is applied to a private copy, whole or not at all."""

import base64
import gzip
import itertools
import lzma
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
from tests.tables import each, mostly_slow

pytestmark = pytest.mark.slow

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


def test_patch_is_applied(tree: Path, bench: Bench) -> None:
    carried = bench.carry(tree, patch=DIFF, patch_name="fix.diff")
    assert content(carried)["a"].startswith("LINE 1\nline 2\n")
    assert content(carried)["new"] == "not committed\n"
    assert (carried.used.patch, carried.used.changes) == ("fix.diff", 1)
    assert carried.used.digest != bench.carry(tree).used.digest


def test_patch_leaves_the_working_tree_and_no_temporary_files(tree: Path, bench: Bench) -> None:
    before = fingerprint(tree)
    bench.carry(tree, patch=DIFF)
    assert fingerprint(tree) == before
    assert [path.name for path in (bench.place / "out").iterdir()] == ["r.tar"]


def test_patched_files_are_newer_than_all_others(tree: Path, bench: Bench) -> None:
    os.utime(tree / "new", (COMMITTED + 500, COMMITTED + 500))
    new = b"--- /dev/null\n+++ b/e/f\n@@ -0,0 +1 @@\n+f\n"
    times = {n: m.mtime for n, m in members(bench.carry(tree, patch=DIFF + new)).items()}
    assert times == {
        "a": COMMITTED + 501, "b": COMMITTED, "d": COMMITTED, "d/c": COMMITTED,
        "e": COMMITTED + 501, "e/f": COMMITTED + 501, "new": COMMITTED + 500,
    }  # fmt: skip


def test_patched_snapshot_is_reproducible(tree: Path, bench: Bench) -> None:
    first = bench.carry(tree, "HEAD", patch=DIFF).archive.read_bytes()
    assert bench.carry(tree, "HEAD", patch=DIFF).archive.read_bytes() == first


@pytest.mark.slow
def test_any_patch_that_git_writes_is_applied(tree: Path, bench: Bench) -> None:
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


def test_patched_snapshot_keeps_modes_unknown_to_git(tree: Path, bench: Bench) -> None:
    (tree / "a").chmod(0o600)
    (tree / "b").chmod(0o640)
    found = members(bench.carry(tree, patch=DIFF))
    assert [found[n].mode for n in ("a", "b", "d/c")] == [0o600, 0o640, 0o644]


def test_patched_snapshot_keeps_odd_file_names(tree: Path, bench: Bench) -> None:
    put(tree, b"caf\xe9\n", "odd")
    (tree / "out").symlink_to("/etc/passwd")
    carried = bench.tree(tree, patch=DIFF)
    assert carried[os.fsdecode(b"caf\xe9\n")] == "odd"
    assert carried["out"] == "-> /etc/passwd"


def test_patched_archive_keeps_its_times(tmp_path: Path, bench: Bench) -> None:
    file = put(tmp_path, "x.tgz", tar_of(("p/a", TEXT), member("p/empty", b"5")))
    carried = bench.carry(file, patch=DIFF)
    assert content(carried)["a"].startswith("LINE 1")
    assert content(carried)["empty"] == "/"
    assert members(carried)["a"].mtime == 1_500_000_001


def test_commit_of_an_address_can_be_patched(tree: Path, bench: Bench) -> None:
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


@each(("how", "end"), itertools.product(MAILS, [b"\n", b"\r\n"]))
def test_patch_is_found_in_any_mail(tree: Path, bench: Bench, how: str, end: bytes) -> None:
    patch = MAILS[how].replace(b"\n", end)
    assert bench.tree(tree, patch=patch)["a"].startswith("LINE 1\nline 2\n")


def test_patch_series_in_a_mailbox_is_applied_in_order(tree: Path, bench: Bench) -> None:
    for text in ("second\n", "third\n"):
        write(tree, b=text)
        commit(tree, text)
    series = git(tree, "format-patch", "-2", "--cover-letter", "--stdout") + "\n"
    git(tree, "reset", "--quiet", "--hard", "HEAD~2")
    assert bench.tree(tree, patch=series.encode())["b"] == "third\n"


def test_patch_of_a_file_with_carriage_returns_is_applied(tree: Path, bench: Bench) -> None:
    put(tree, "dos", "1\r\n2\r\n")
    patch = b"--- a/dos\n+++ b/dos\n@@ -1,2 +1,2 @@\n-1\r\n+one\r\n 2\r\n"
    assert bench.tree(tree, patch=patch)["dos"] == "one\r\n2\r\n"


@pytest.mark.parametrize("kind", [b"--- d/c\t1.1\n+++ d/c\t2 Jan 2020\n", b"--- d/c\n+++ d/c\n"])
def test_patch_names_without_a_prefix_are_understood(tree: Path, bench: Bench, kind: bytes) -> None:
    assert bench.tree(tree, patch=kind + b"@@ -1 +1 @@\n-c\n+C\n")["d/c"] == "C\n"


@each("how", MAILS)
def test_patch_without_a_final_newline_is_applied(tree: Path, bench: Bench, how: str) -> None:
    patch = MAILS[how].rstrip(b"\n")
    assert bench.tree(tree, patch=patch)["a"].startswith("LINE 1\nline 2\n")


# --- all or nothing ---

OTHER = b"--- a/b\n+++ b/b\n@@ -1 +1 @@\n-b\n+B\n"
INDENTED = b"".join(b"    " + line for line in OTHER.splitlines(keepends=True))
CONTEXT = b"*** a/b\n--- b/b\n***************\n*** 1 ****\n! b\n--- 1 ----\n! B\n"
BOX = b"From a@example.org Mon Sep 17 00:00:00 2001\n"
QUOTED = b"Content-Transfer-Encoding: quoted-printable\n\n" + OTHER
PARTS = {
    "an indented diff": (DIFF + b"\n" + INDENTED, "p.diff, line 10: an indented or quoted diff"),
    "an indented diff before": (INDENTED + b"\n" + DIFF, "line 3: an indented or quoted diff"),
    "a quoted diff": (DIFF + INDENTED.replace(b"    ", b"> "), "an indented or quoted diff"),
    "an indented diff of git": (DIFF + b"  diff --git a/b b/b\n  new mode 1", "an indented or"),
    "a diff in a signed text": (DIFF + OTHER.replace(b"---", b"- ---"), "a diff in a signed text"),
    "a file on one side": (DIFF + b"Only in b: new.c\n", "only on one side"),
    "a binary file": (DIFF + b"Binary files a/x and b/x differ\n", "without its content"),
    "a context diff": (DIFF + CONTEXT, "a context diff"),
    "the oldest form": (DIFF + b"diff b b\n1c1\n< b\n---\n> B\n", "in the oldest form"),
    "a header alone": (DIFF + b"--- a/b\n+++ b/b\n@ -1 +1 @@\n-b\n+B\n", "without a hunk"),
    "a name alone": (DIFF + b"Index: b\n=====\n", "the name of a file, without a diff"),
    "a submodule": (
        DIFF + b"diff --git a/l b/l\nindex 1234567..abcdef0 160000\n--- a/l\n+++ b/l\n"
        b"@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n", "another commit of a submodule",
    ),
    "something compressed": (DIFF + gzip.compress(OTHER, mtime=0), "data that is not text"),
    "a packed text": (DIFF + b"begin 644 x.diff\nM\nend\n", "packed by uuencode"),
    "all of it compressed": (gzip.compress(DIFF), "p.diff: it is compressed by gzip"),
    "all of it in xz": (lzma.compress(DIFF), "p.diff: it is compressed by xz"),
    "a damaged first mail": (HEAD + b"no header\n" + QUOTED + DIFF, "a mail whose header is damaged"),
    "a damaged second mail": (
        BOX + HEAD + b"\n" + DIFF + b"\n" + BOX + HEAD + b"no header\n" + QUOTED,
        "mail 0002, line .* a mail whose header is damaged",
    ),
    "a mail without a diff": (
        BOX + HEAD + b"\n" + DIFF + b"\n" + BOX + HEAD + b"\nMerci.\n", "mail 0002: there is no diff",
    ),
    "an indented diff in a mail": (HEAD + b"\n" + DIFF + b"\n" + INDENTED, "an indented or quoted"),
    "a compressed attachment": (
        HEAD + b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\n'
        + DIFF + b"--x\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(gzip.compress(OTHER * 30, mtime=0)) + b"--x--\n", "not text",
    ),
}  # fmt: skip


@each("part", PARTS)
def test_patch_with_a_part_that_git_would_skip_is_refused(
    tree: Path, bench: Bench, part: str
) -> None:
    patch, reason = PARTS[part]
    with pytest.raises(UsageError, match=reason):
        bench.carry(tree, patch=patch, patch_name="p.diff")


def test_patch_description_that_looks_like_a_diff_is_ignored(tree: Path, bench: Bench) -> None:
    words = b"Only in debug builds.\nFiles may differ.\n  index 1234\n\n"
    assert bench.tree(tree, patch=words + DIFF)["a"].startswith("LINE 1")


def test_patch_of_a_patch_file_is_applied(tree: Path, bench: Bench) -> None:
    put(tree, "fix.diff", OTHER + b"Only in b: c\n")
    commit(tree)
    put(tree, "fix.diff", b"Only in a: d\n" + OTHER + DIFF)
    put(tree, "binary", bytes(range(256)) * 9)
    commit(tree)
    expected = bench.carry(tree, "HEAD").used.digest
    assert bench.carry(tree, patch=made(tree)).used.digest == expected


# --- what does not apply ---


@pytest.mark.parametrize(
    ("patch", "reason"),
    mostly_slow(
        [
            (
                b"--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-line 1\n+x\n line 2\n"
                b"@@ -30,2 +30,2 @@\n-other\n+x\n line 31\n",
                r"p.diff does not apply: a, hunk 2 \(line 30\)$",
            ),
            (b"--- a/none\n+++ b/none\n@@ -1 +1 @@\n-x\n+y\n", "none: No such file or directory"),
            (b"--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+y\n", "b: already exists"),
            (DIFF[:-9], "corrupt patch at"),
            (b"--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+y\n", r"\.\./x"),
            (b"--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+y\n", r"invalid path '\.\./x'"),
            (b"--- /dev/null\n+++ /tmp/../../x\n@@ -0,0 +1 @@\n+y\n", "invalid path"),
            (
                b"--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+y\n",
                "invalid path '.git/config'",
            ),
            (
                b"--- /dev/null\n+++ b/link/x\n@@ -0,0 +1 @@\n+y\n",
                "link/x.* beyond a symbolic link",
            ),
            (b"", "p.diff: the patch is empty"),
            (b" \n\n", "p.diff: the patch is empty"),
            (b"Only words.\n", "p.diff: there is no diff in it"),
            (HEAD + b"\nOnly words.\n", "p.diff: there is no diff in it"),
            (b"--- a/a\n+++ b/a\n", "p.diff"),
            (b"\0\xff\xfe", "p.diff"),
        ],
        quick=5,
    ),
)
def test_patch_that_does_not_apply_names_file_and_hunk(
    tree: Path, bench: Bench, patch: bytes, reason: str
) -> None:
    (tree / "link").symlink_to(tree.parent)
    before = fingerprint(tree.parent)
    with pytest.raises(UsageError, match=reason):
        bench.carry(tree, patch=patch, patch_name="p.diff")
    left = {k: v for k, v in fingerprint(tree.parent).items() if str(bench.place) not in k}
    assert left == before


def test_failed_patch_leaves_no_archive(tree: Path, bench: Bench) -> None:
    with pytest.raises(UsageError):
        bench.carry(tree, patch=b"nothing")
    assert list((bench.place / "out").iterdir()) == []


def test_patch_ignores_repositories_around_or_inside_the_tree(tmp_path: Path, tree: Path) -> None:
    outer = repository(tmp_path / "outer", _dot_gitattributes="* text eol=crlf\n")
    git(outer, "config", "apply.whitespace", "error")
    put(tree, ".gitattributes", "* text eol=crlf ident\n")
    inside = Bench(outer / "state")
    patch = b"--- a/b\n+++ b/b\n@@ -1 +1,2 @@\n b\n+$Id$ \n"
    assert inside.tree(tree, patch=patch)["b"] == "b\n$Id$ \n"
