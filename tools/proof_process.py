"""A process of ciforge under proof: its events, its end, and what an interruption does to it."""

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from proof_bench import Bench
from proof_table import ROOT

PATIENCE = 60
"""Seconds that an interrupted ciforge has to clear away what it started."""


def say(text: str) -> None:
    """Progress goes to standard error."""
    print(text, file=sys.stderr, flush=True)


def run(words: Sequence[str], bench: Bench) -> tuple[int, list[Mapping[str, Any]], str]:
    """One ciforge to its end: exit code, events, the last thing that it said to people.

    It has a process group of its own, so that a Ctrl-C reaches it once, from here.
    """
    line = [
        *bench.program,
        *words,
        "--no-cache",
        "--json",
        "--state-dir",
        str(bench.state / "runs"),
    ]
    events: list[Mapping[str, Any]] = []
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        child = subprocess.Popen(
            line, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
            text=True, errors="replace", process_group=0,
        )  # fmt: skip
        with child, ended_with_us(child):
            for event in spoken(child.stdout or ()):
                progress(event)
                events.append(event)
        errors.seek(0)
        said = [text for text in errors.read().splitlines() if text.startswith("ciforge: ")]
    return child.returncode, events, (said or [""])[-1].removeprefix("ciforge: ")


def spoken(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The events that matter here; the lines of a build do not."""
    for text in lines:
        with contextlib.suppress(ValueError):
            event = json.loads(text)
            if isinstance(event, dict) and event.get("event") != "line":
                yield event


def progress(event: Mapping[str, Any]) -> None:
    """A line for each step that begins."""
    if event.get("event") == "step_started":
        say(f"      {event.get('job')}  {event.get('step')} …")


@contextlib.contextmanager
def ended_with_us(child: "subprocess.Popen[str]") -> Iterator[None]:
    """Hands an interruption on and waits, so that ciforge clears away what it started."""
    try:
        yield
    except BaseException:
        say("interrupted: waiting for ciforge to clear away")
        child.send_signal(signal.SIGINT)
        try:
            # What it still says is read, or it would wait for us.
            child.communicate(timeout=PATIENCE)
        finally:
            child.kill()
        raise
