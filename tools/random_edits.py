#!/usr/bin/env python3
"""Edits a source at random, and compares each time what a run with saved steps and caches says with a cold run.

The exit status, the failed step, config.h, the install manifest and the SHA-256 of each installed
file have to be equal. Without SOURCE, the newest OpenSMTPD that Debian serves. Exit codes: 0 all
were equal; 1 one was not.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[1]
CIFORGE = (sys.executable, "-m", "ciforge")
JOB = "portable/debian-13/default"
HASHES = """\
while read -r type mode owner group path; do
    [ "$type" != file ] || sha256sum "$path"
done </ciforge/records/manifest.txt
"""
"""A step of root after the install."""


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


def _undo(source: Source) -> bool:
    if source.undo:
        source.undo.pop()()
        return True
    return False


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


def edit_at_random(source: Source) -> str:
    """Makes one of the edits; its name."""
    names = list(EDITS)
    while not edit(source, name := source.chance.choice(names)):
        pass
    return name


@attrs.frozen(kw_only=True)
class Verdict:
    """What two runs of the same source have in common if no cache is wrong."""

    code: int
    failed_step: str | None
    config: str
    manifest: str
    installed: tuple[str, ...]


def verdict(code: int, folder: Path) -> Verdict:
    """That of the only job of a run, from its folder."""
    (job,) = (file.parent for file in folder.glob("*/result.json"))
    log = (job / "log.txt").read_text(errors="replace")
    return Verdict(
        code=code, failed_step=json.loads((job / "result.json").read_text())["failed_step"],
        config=_digest(job / "artifacts" / "config.h"),
        manifest=_digest(job / "artifacts" / "manifest.txt"),
        installed=tuple(re.findall(r"^[0-9a-f]{64}  /.*$", log, re.MULTILINE)),
    )  # fmt: skip


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def run(tree: Path, project: Path, state: Path, *options: str) -> Verdict:
    """`ciforge run` of the job with these options."""
    words = [*CIFORGE, "run", JOB, "--file", str(project), "--state-dir", str(state), "--force"]
    words += ["--source", f"portable={tree}", *options]
    done = subprocess.run(words, cwd=tree, capture_output=True, text=True, check=False)
    found = re.search(r"^run (\S+);", done.stderr, re.MULTILINE)
    if not found:
        raise SystemExit(done.stderr)
    return verdict(done.returncode, next(state.glob(f"*/runs/{found[1]}")))


def _tree(given: Path | None, folder: Path) -> Path:
    """A git repository with the source, without its generated configure."""
    fetch = [sys.executable, str(ROOT / "tools" / "debian_source.py"), "opensmtpd", str(ROOT / ".demo")]  # fmt: skip
    archive = given or Path(
        subprocess.run(fetch, check=True, capture_output=True, text=True).stdout.strip()
    )
    folder.mkdir()
    subprocess.run(
        ["tar", "-xf", str(archive), "--strip-components=1", "-C", str(folder)], check=True
    )
    (folder / "configure").unlink(missing_ok=True)
    who = ("-c", "user.name=Editor", "-c", "user.email=editor@example.org")
    for words in (("init", "-q"), ("add", "-Af"), ("commit", "-q", "-m", "The source")):
        subprocess.run(["git", *who, *words], cwd=folder, check=True)
    return folder


def _project(folder: Path) -> Path:
    """OpenSMTPD's project file, with a step that prints hashes of what was installed."""
    text = (ROOT / "examples" / "opensmtpd" / "ciforge.yml").read_text()
    step = json.dumps({"hashes": {"run": HASHES, "after": "install", "as": "root"}})
    text = text.replace("project: opensmtpd", "project: ciforge-random-edits", 1)
    text = text.replace("    recipe: autotools\n", f"    recipe: autotools\n    steps: {step}\n", 1)
    file = folder / "ciforge.yml"
    file.write_text(text)
    return file


def main(arguments: Sequence[str]) -> int:
    """Prints a line for each edit."""
    parser = argparse.ArgumentParser(description="Compare warm runs with cold ones after random edits.")  # fmt: skip
    parser.add_argument("source", nargs="?", type=Path, help="a tar file of OpenSMTPD portable")
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    scratch = Path(tempfile.mkdtemp(prefix="ciforge-random-edits-"))
    try:
        return _compare(options, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _compare(options: argparse.Namespace, scratch: Path) -> int:
    tree, project = _tree(options.source, scratch / "tree"), _project(scratch)
    source, worst = Source(tree, random.Random(options.seed)), 0  # noqa: S311 (chance, not secrets)
    for number in range(options.edits + 1):
        name = edit_at_random(source) if number else "nothing edited"
        warm = run(tree, project, scratch / "state", "--saved-steps")
        cold = run(tree, project, scratch / "state", "--no-cache")
        same = warm == cold
        print(f"{number:3} {'same' if same else 'DIFFERS'}  exit {cold.code}  {name}", flush=True)
        if not same:
            print(f"    warm {warm}\n    cold {cold}", flush=True)
            worst = 1
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
