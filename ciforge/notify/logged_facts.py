"""What the log of a hosted job says it was built with."""

import os
from collections.abc import Iterator
from pathlib import Path

from ciforge.model.log_marks import LONGEST_FACT, MOST_FACTS, PREFIX, STEP, built_with
from ciforge.sanitize import safe_line
from ciforge.untrusted import open_file

_LONGEST = 65536
"""Bytes of a line that are read at once."""


def logged_facts(log: Path) -> tuple[str, ...]:
    """Returns the compiler, the libc and the linked libraries that the checks of a job name in its log, each once.

    Empty where there is no log."""
    found: dict[str, None] = {}
    try:
        for fact in _facts(log):
            found[safe_line(fact, LONGEST_FACT)] = None
            if len(found) == MOST_FACTS:
                break
    except OSError:
        return ()
    return tuple(found)


def _facts(log: Path) -> Iterator[str]:
    """Yields the facts in the order of the log. Raises OSError."""
    step = ""
    with os.fdopen(open_file(log), "rb") as stream:
        while line := stream.readline(_LONGEST):
            if not line.startswith((PREFIX.encode(), b"compiled: ", b"linked: ")):
                continue
            text = line.decode(errors="replace").rstrip("\r\n")
            if mark := STEP.match(text):
                step = mark["step"]
            elif fact := built_with(step, text):
                yield fact
