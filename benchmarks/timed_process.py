"""One whole process of a benchmark: its seconds, its memory, and the end of its output where it fails."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import attrs

_TICK = 0.02
"""Seconds between two looks at the output."""


class Broken(Exception):
    """Nothing can be measured; the message says why."""


@attrs.frozen
class Timed:
    """One whole process."""

    seconds: float
    peak: int
    """Bytes of memory that it had at most, its children's not added up."""
    processor: float = 0.0
    """Seconds of the processor, its children's included."""


def say(text: str) -> None:
    """Progress goes to standard error; standard output is the answer."""
    print(text, file=sys.stderr, flush=True)


def timed(
    words: Sequence[str],
    log: Path,
    stdin: IO[bytes] | None = None,
    *,
    code: int = 0,
    until: bytes = b"",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Timed:
    """Runs a command to its end; with `until`, the seconds are those until its output has that text.

    `folder` is where it runs, else here; `environment` replaces that of this process.

    Raises Broken with the end of its output where it does not exit with `code`, or never has the text.
    """
    with log.open("wb") as output:
        began = time.perf_counter()
        # A process group of its own: a Ctrl-C reaches it once, from here, and it clears away.
        child = subprocess.Popen(
            words, stdin=stdin or subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            process_group=0, cwd=folder, env=environment,
        )  # fmt: skip
        shown = None
        try:
            while until and shown is None and not _has_ended(child.pid):
                time.sleep(_TICK)
                shown = time.perf_counter() - began if until in log.read_bytes() else None
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            end(child)
            raise
        seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = seconds if shown is None else shown
    if child.returncode != code or (until and shown is None):
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise Broken(f"{' '.join(words[:4])} … ended with {child.returncode}:\n{tail}")
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Timed(seconds, peak, usage.ru_utime + usage.ru_stime)


def _has_ended(process: int) -> bool:
    """Whether a child has ended; it can be waited for afterwards."""
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end(child: "subprocess.Popen[bytes]") -> None:
    """Ends a process, which has a minute to clear away what it started."""
    say("interrupted: waiting for what runs to end")
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(60)
    finally:
        child.kill()


def said(words: Sequence[str]) -> str:
    """The output of a short command. Raises Broken where it fails."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Broken(f"{words[0]}: {error.strerror}") from None
    if done.returncode:
        raise Broken(done.stderr.strip() or f"{' '.join(words)} failed")
    return done.stdout.strip()


def quietly(*words: str) -> None:
    """A command whose outcome is no matter: what it removes may be gone already."""
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
