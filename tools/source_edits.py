"""Edits of a source tree of autotools, each of another kind: what a person does between two runs."""

import os
import random
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

PROBE, ROOT_HEADER = "edit_probe.c", "edit_root.h"
"""A source that configure compiles, and a header that a step of root can install."""
_QUESTIONS = f"""
AC_MSG_CHECKING([the edited probe])
AS_IF([$CC -c -o conftest.$ac_objext "$srcdir/{PROBE}" 2>/dev/null],
  [AC_MSG_RESULT([yes])
   AC_DEFINE([EDIT_PROBE], [1], [The edited probe compiles])],
  [AC_MSG_RESULT([no])])
rm -f conftest.$ac_objext
AC_CHECK_HEADERS([{ROOT_HEADER}])
AC_CHECK_DECLS([EDIT_ROOT], [], [], [[#ifdef HAVE_EDIT_ROOT_H
#include <{ROOT_HEADER}>
#endif]])
AC_OUTPUT"""
_WHO = ("-c", "user.name=Editor", "-c", "user.email=editor@example.org", "-c", "protocol.file.allow=always")  # fmt: skip


def git(folder: Path, *words: str) -> None:
    """Runs git in a folder, as an author who is nobody."""
    subprocess.run(["git", *_WHO, *words], cwd=folder, check=True, capture_output=True)


def prepare(tree: Path) -> None:
    """Lets configure compile a source and look for a header, and makes a git repository of the tree."""
    (tree / PROBE).write_text("int edit_probe;\n")
    (tree / ROOT_HEADER).write_text("#define EDIT_ROOT 1\n")
    file = tree / "configure.ac"
    file.write_text(file.read_text().replace("AC_OUTPUT", _QUESTIONS.lstrip("\n"), 1))
    git(tree, "init", "--quiet")
    git(tree, "add", "--all", "--force")
    git(tree, "commit", "--quiet", "--message", "The source")


@attrs.define
class Source:
    """A tree that is edited; equal seeds give equal edits."""

    tree: Path
    chance: random.Random
    number: int = 0
    added: list[Path] = attrs.field(factory=list)
    undo: list[Callable[[], None]] = attrs.field(factory=list)
    broken: bool = False
    """Whether the last edit is an error."""

    def some(self, *patterns: str) -> Path | None:
        """A file of one of these names; None where there is none."""
        found = {
            file
            for pattern in patterns
            for file in self.tree.rglob(pattern)
            if file.is_file() and not file.is_symlink() and ".git" not in file.parts
        }
        return self.chance.choice(sorted(found)) if found else None

    def append(self, file: Path | None, text: str) -> bool:
        """Appends a line, with a new number for `{}`; it can be undone."""
        if file is None:
            return False
        before = file.read_bytes()
        self.undo.append(lambda: _void(file.write_bytes(before)))
        file.write_bytes(before + text.format(self.number).encode())
        return True


def _void(_: object) -> None:
    """Nothing, of what a call returns."""


def _configure(source: Source) -> bool:
    file = source.tree / "configure.ac"
    before = file.read_text()
    define = f"AC_DEFINE([EDIT_{source.number}], [{source.number}], [An edit])\nAC_OUTPUT"
    source.undo.append(lambda: _void(file.write_text(before)))
    file.write_text(before.replace("AC_OUTPUT", define, 1))
    return before != file.read_text()


def _add(source: Source) -> bool:
    beside = source.some("*.c")
    if beside is None:
        return False
    source.added.append(beside.with_name(f"edit_{source.number}.h"))
    source.added[-1].write_text("/* new */\n")
    return True


def _remove(source: Source) -> bool:
    if source.added:
        source.added.pop().unlink()
        return True
    return False


def _rename(source: Source) -> bool:
    if source.added:
        new = source.added[-1].with_name(f"renamed_{source.number}.h")
        source.added.append(source.added.pop().rename(new))
        return True
    return False


def _time(source: Source, seconds: int | None) -> bool:
    file = source.some("*.c", "*.am", "configure.ac", "*.h")
    if file:
        os.utime(file, None if seconds is None else (seconds, seconds))
    return file is not None


def _mode(source: Source) -> bool:
    file = source.some("*.c", "*.h")
    if file:
        file.chmod(file.stat().st_mode ^ 0o100)
    return file is not None


def _link(source: Source) -> bool:
    file = source.some("*.h")
    if file:
        (file.parent / f"link_{source.number}.h").symlink_to(file.name)
    return file is not None


def _toggle(source: Source, name: str, line: str) -> bool:
    """Adds a line to a file, or takes it out again."""
    file = source.tree / name
    text = file.read_text()
    file.write_text(text.replace(line, "") if line in text else text + line)
    return True


def _submodule(source: Source) -> bool:
    """Adds a submodule; the next time, changes a file in it."""
    inside = source.tree / "edit_module" / "notes.txt"
    if inside.exists():
        return source.append(inside, "edit {}\n")
    origin = source.tree.parent / "edit_module"
    origin.mkdir()
    (origin / "notes.txt").write_text("A module.\n")
    git(origin, "init", "--quiet")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "A module")
    git(source.tree, "submodule", "--quiet", "add", str(origin), "edit_module")
    return True


def _undo(source: Source) -> bool:
    if source.undo:
        source.undo.pop()()
        return True
    return False


A_FILE_OF_ROOT = "a file that a step of root installs"
EDITS: Mapping[str, Callable[[Source], bool]] = {
    "a .c file": lambda source: source.append(source.some("*.c"), "int ciforge_edit_{};\n"),
    "a .h file": lambda source: source.append(source.some("*.h"), "#define CIFORGE_EDIT_{} 1\n"),
    "a .y file": lambda source: source.append(source.some("*.y"), "/* edit {} */\n"),
    "a Makefile.am": lambda source: source.append(source.some("Makefile.am"), "\n# edit {}\n"),
    "configure.ac": _configure,
    "an .m4 file": lambda source: source.append(source.some("*.m4"), "dnl edit {}\n"),
    "an added file": _add,
    "a removed file": _remove,
    "a renamed file": _rename,
    "a touched but equal file": lambda source: _time(source, None),
    "an older time": lambda source: _time(source, 700_000_000),
    "a mode": _mode,
    "a link": _link,
    "an error": lambda source: source.append(source.some("*.c"), "int ciforge_error_{} = ;\n"),
    "an edit undone": _undo,
    "a submodule": _submodule,
    "a probe of configure": lambda source: _toggle(source, PROBE, "#error no\n"),
    A_FILE_OF_ROOT: lambda source: _toggle(source, ROOT_HEADER, "#undef EDIT_ROOT\n"),
}


def edit(source: Source, name: str) -> bool:
    """Makes one edit; whether there was something to edit. An error is undone first."""
    if source.broken:
        source.broken = False
        source.undo.pop()()
    source.number += 1
    done = EDITS[name](source)
    source.broken = done and name == "an error"
    return done


def kinds(chance: random.Random, number: int) -> list[str]:
    """Names of so many edits: each kind once before any comes again."""
    names = list[str]()
    while len(names) < number:
        names += chance.sample(list(EDITS), len(EDITS))
    return names[:number]
