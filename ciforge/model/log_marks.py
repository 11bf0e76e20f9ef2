"""The lines that ciforge writes into the log of a job, and the patterns that read them.

The scripts of `workflows/hosted/` write the same lines; a test compares them.
"""

import re

PREFIX = "--- ciforge: "
"""The beginning of each mark."""
_STEP = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
STEP = re.compile(rf"^--- ciforge: (?P<step>{_STEP}) ---$")
"""A step begins."""
STEP_IN_BYTES = re.compile(rb"--- ciforge: (%s) ---\r?\n?" % _STEP.encode())
"""A step mark as a whole line of bytes."""
RETRY = re.compile(r"^--- ciforge: .*; once more in \d+ s ---$")
"""The step begins again."""
LIMIT_WORDS = "is at its limit"
"""Text that only such lines contain, for the prefilter of the log scanner."""
LIMIT = rf"^--- ciforge: (?P<subject>\S+) {LIMIT_WORDS}"
"""A step reached its time limit; its processes follow."""

PLACE = re.compile(r"^--- ciforge: the job is in (?P<folder>/[A-Za-z0-9/._+-]+) ---$")
"""The folder of a job on a machine that is no container."""


def mark(text: str) -> str:
    """A line about the log itself, without its end; `text` is folded to one line."""
    return f"{PREFIX}{' '.join(text.split())} ---"


_BUILT_WITH = {
    "build": re.compile(r"^compiled: (?P<fact>(?:by \S+: |with ).*)$"),
    "linked": re.compile(r"^linked: (?P<fact>/.*: /.*)$"),
}
"""By step: the lines of its check that say what the job was built with."""


MOST_FACTS = 100
"""Lines that are kept of what one job was built with, each once."""
LONGEST_FACT = 300
"""Characters that are kept of such a line."""


def built_with(step: str, line: str) -> str:
    """Returns what a line of a step says of the compiler, the libc or a linked library; empty for all others."""
    pattern = _BUILT_WITH.get(step)
    found = pattern.match(line) if pattern else None
    return found["fact"] if found else ""


BACKTRACE = "ciforge: backtrace: "
"""The beginning of the line that names a signal, a program and its top frames."""
CRASHED = "ciforge: the step failed, and programs in it crashed"
"""The line after the backtraces of programs that a signal ended in a step."""
NOTHING_INSTALLED = mark("install changed no file of the system")
"""The install step passed, and its manifest is empty."""


def step_mark(name: str) -> str:
    """The line before the output of a step."""
    return mark(name)


def retry_mark(reason: str, seconds: float) -> str:
    """The line before a step is tried again."""
    return mark(f"{reason}; once more in {seconds:.0f} s")


def limit_mark(name: str) -> str:
    """The line before the processes of a step that reached its time limit."""
    return mark(f"{name} {LIMIT_WORDS}; its processes:")


def place_mark(folder: str) -> str:
    """The line that names the folder of a job on a machine that is no container."""
    return mark(f"the job is in {folder}")


def gap_mark(size: int) -> str:
    """The line in the place of bytes that are not kept."""
    return mark(f"{size} bytes are left out here")
