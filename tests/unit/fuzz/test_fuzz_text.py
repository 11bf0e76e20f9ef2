"""Any log, patch, mail setting, tree of files or command line is read or refused."""

import gzip
import lzma
import subprocess
import tempfile
from pathlib import Path

import click
import pytest
from fuzzing import DOCUMENTED, ODD_TEXTS, spoiled, types
from hypothesis import example, given, settings
from hypothesis import strategies as st
from projects import ROOT

from ciforge.cli.main import COMMANDS, cli
from examples import examples

pytestmark = pytest.mark.slow

PROJECT = "project: p\nrepos: {a: {recipe: autotools}}\njobs: [debian]\n"
MAILED = PROJECT + 'mail: {from: ci@example.org, routes: [{job: "*", to: t@example.org}]}\n'
LOGS = [
    file.read_text(errors="replace") for file in sorted((ROOT / "tests" / "logs").glob("*.log"))
]
PIECES = [
    *(line for log in LOGS for line in log.splitlines()[-12:]),
    "\x1b[31merror:\x1b[0m x", "--- ciforge: build ---", "::error::x", "\x1b]0;x\x07", "a" * 70_000,
    "x.c:999999999999999999999:1: error: y", "(" * 3000, "make: *** [" * 500, "configure: error: " * 300,
    "undefined reference to `" * 400, "fatal error: " + "../" * 2000 + "x.h: No such file or directory",
    "\u202ex.c:1: error", "²:²:² error", "collect2: " * 200, "'" * 5000, "/" * 5000, "a:" * 5000,
]  # fmt: skip
LINES = st.lists(st.sampled_from(PIECES) | st.text(max_size=40), max_size=30).map("\n".join)
PACKED = {"plain": bytes, "gzip": gzip.compress, "xz": lzma.compress}


@settings(max_examples=examples(80))
@given(
    data=spoiled(st.sampled_from(LOGS) | LINES), form=st.sampled_from(sorted(PACKED)),
    cut=st.sampled_from([0, 0, 0, 3, 30]),
    more=st.sampled_from([(), ("--json",), ("--failed",)]), config=st.booleans(),
)  # fmt: skip
def test_any_log_is_diagnosed(
    data: bytes, form: str, cut: int, more: tuple[str, ...], config: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        packed = PACKED[form](data)
        (here / "log").write_bytes(packed[: len(packed) - cut])
        (here / "config.log").write_bytes(data)
        words = ("diagnose", "log", *more, *(("--config-log", "config.log") if config else ()))
        assert types(*words, here=here).code in DOCUMENTED


DIFF = """\
From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: A <a@example.org>
Date: Sun, 22 Nov 2026 10:00:00 +0000
Subject: [PATCH] x
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

---
 a.c | 2 +-
diff --git a/a.c b/a.c
index 1234567..89abcde 100644
--- a/a.c
+++ b/a.c
@@ -1,3 +1,3 @@
 one
-two
+2
 three
--
2.40.1
"""
PATCHES = [DIFF, DIFF[DIFF.index("diff --git") :], DIFF + DIFF]
CHANGES = ("a.c", "../a.c", "/etc/x", ".git/config", "-1,3", "-0,0", "-1,99999999", "base64", "utf-7",
           "quoted-printable", "dev/null", "GIT binary patch", "rename from a\nrename to ../b",
           "old mode 100644\nnew mode 120000", "charset=²", "")  # fmt: skip


@st.composite
def patches(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(PATCHES))
    for _ in range(draw(st.integers(0, 2))):
        old = draw(
            st.sampled_from(["a.c", "-1,3", "8bit", "UTF-8", "/a.c", "index", "---", "100644"])
        )
        text = text.replace(old, draw(st.sampled_from(CHANGES + ODD_TEXTS[:30])))
    return text


def checkout(here: Path, project: str = PROJECT) -> None:
    (here / "ciforge.yml").write_text(project)
    (here / "a.c").write_text("one\ntwo\nthree\n")
    subprocess.run(["git", "init", "-q", here], check=True)


@settings(max_examples=examples(30))
@given(data=spoiled(patches()), stdin=st.booleans())
def test_any_patch_applies_or_is_refused(data: bytes, stdin: bool) -> None:
    from fuzzing import bounded

    from ciforge.errors import CiforgeError
    from ciforge.sources.directory import read_folder
    from ciforge.sources.patch import apply_patch

    with tempfile.TemporaryDirectory() as folder, bounded():
        here = Path(folder)
        tree, work = here / "tree", here / "work"
        tree.mkdir()
        work.mkdir()
        (tree / "a.c").write_text("one\ntwo\nthree\n")
        try:
            with apply_patch(
                read_folder(tree, print).entries, data, "x.patch", work, lambda _: None
            ) as entries:
                assert all(b".." not in entry.path.split(b"/") for entry in entries)
        except CiforgeError:
            pass
        assert {file.name for file in here.iterdir()} == {"tree", "work"}


WAYS = st.sampled_from(
    ("maildir:", "sendmail:", "smtp://", "smtps://u:p@h", "smtp+plain://127.0.0.1:1", "smtp://[::1",
     "smtp://h:99999", "smtp://h:-1", "smtp+plain://127.0.0.1:1?anywhere", "maildir:/dev/null",
     "maildir:\udcff", "sendmail:/dev/null", "sendmail:/", "smtp+plain://²", "smtps://%ff@h",
     "maildir:" + "x" * 300)
) | st.sampled_from([text for text in ODD_TEXTS if text.isprintable()])  # fmt: skip
NAMES = st.sampled_from(
    ("a@example.org", *(t for t in ODD_TEXTS if not t.startswith("-")))
) | st.text(st.characters(exclude_categories=("Cs",)), max_size=10)


@example(way="maildir:", name="a@b\nc", certificates="")
@example(way="smtp+plain://\u202e", name="a@example.org", certificates="")
@settings(max_examples=examples(50))
@given(way=WAYS, name=NAMES, certificates=st.sampled_from(["", "/nowhere", "/dev/null", "."]))
def test_any_mail_transport_setting_is_used_or_refused(
    way: str, name: str, certificates: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "ciforge.yml").write_text(MAILED)
        variables = {"CIFORGE_MAIL": way, "CIFORGE_MAIL_CA": certificates}
        assert types("mail", "test", "--", name, here=here, **variables).code in DOCUMENTED


FILES = ("configure.ac", "Makefile.am", "Makefile", "CMakeLists.txt", "meson.build", "go.mod", "a.c",
         "a.h", "README", ".github/workflows/ci.yml", ".builds/a.yml", "Dockerfile", ".gitmodules",
         ".gitattributes", ".gitignore", "ciforge.yml")  # fmt: skip
SOURCE = st.sampled_from([
    "AC_INIT([x],[1])\nAM_INIT_AUTOMAKE\nAC_CHECK_LIB([event],[event_init])\nPKG_CHECK_MODULES([A],[b >= 1])\n",
    "AC_INIT(" * 2000, "AC_CHECK_HEADERS([" + "a.h " * 3000 + "])", "#include <event.h>\n#include \"x.h\"\n",
    "cmake_minimum_required(VERSION 3)\nproject(x C)\nfind_package(OpenSSL)\n", "project('x','c')\ndependency('y')\n",
    "on: [push]\njobs: {a: {runs-on: x, steps: [{run: apt-get install -y libevent-dev}]}}\n",
    "FROM debian\nRUN apt-get install \\\n" * 300, "module x\nrequire y v1\n", "[submodule \"x\"]\n path = ../y\n",
    "* filter=x\n", "a: &a [*a]", "(" * 5000, "[" * 5000, "$(" * 3000, "\\\n" * 3000, "dnl " * 3000,
])  # fmt: skip
PATHS = st.sampled_from(FILES) | st.text(
    st.characters(exclude_characters="\0/", exclude_categories=("Cs",)), min_size=1, max_size=20
).filter(lambda name: name not in (".", "..", ".home", ".git") and len(name.encode()) < 200)


@settings(max_examples=examples(30))
@given(tree=st.dictionaries(PATHS, spoiled(SOURCE), max_size=5), words=st.sampled_from(
    [("init", "--output", "-"), ("init",), ("jobs",), ("run", "debian-13")]))  # fmt: skip
def test_any_tree_is_drafted(tree: dict[str, bytes], words: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        if words[0] != "init":
            checkout(here)
        for name, data in tree.items():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            (here / name).write_bytes(data)
        assert types(*words, here=here).code in DOCUMENTED


OFFLINE = sorted(set(COMMANDS) - {"shell", "doctor"})
OPTIONS = sorted(
    {
        option
        for name in OFFLINE
        if (command := cli.get_command(click.Context(cli), name))
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("-")
    }
    - {"--source"}
)
WORDS = st.lists(
    st.sampled_from(OPTIONS) | st.sampled_from([text for text in ODD_TEXTS if "\0" not in text])
    | st.sampled_from(["a/debian-13/default", "ciforge.yml", "a.c", "github", "bash", "."])
    | st.text(st.characters(exclude_characters="\0"), max_size=6),
    max_size=4,
)  # fmt: skip


@settings(max_examples=examples(100))
@given(command=st.sampled_from(OFFLINE), words=WORDS, stdin=st.binary(max_size=20))
def test_any_command_line_is_run_or_refused(command: str, words: list[str], stdin: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder) / "here"
        here.mkdir()
        (here / "ciforge.yml").write_text(MAILED)
        (here / "a.c").write_text("int a;\n")
        raw = command in ("log", "completion")
        assert types(command, *words, here=here, stdin=stdin, raw=raw).code in DOCUMENTED
