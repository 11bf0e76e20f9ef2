"""What a box has used up: asked of the engine, and of the box itself after a step failed."""

import re

import attrs

from ciforge.engines.base import BoxPlan, LimitReached
from ciforge.errors import EngineLost

_NEARLY_FULL = 16 * 1024
"""KiB that are left on a disk which counts as full."""


@attrs.frozen(kw_only=True)
class Usage:
    """Counts since the box was made."""

    killed: int = 0
    """Processes that the kernel ended for want of memory."""
    memory_hits: int = 0
    """How often the limit of memory was reached."""
    process_hits: int = 0
    """How often the limit of processes was reached."""
    disk_left: int | None = None
    """KiB."""


def read_usage(text: str) -> Usage:
    """What `/ciforge/bin/usage` printed, whichever version of control groups the machine has."""
    return Usage(
        killed=_count(r"memory\S* oom_kill (\d+)", text),
        memory_hits=_count(r"memory\.events max (\d+)", text)
        + _count(r"memory/memory\.failcnt (\d+)", text),
        process_hits=_count(r"pids\S* max (\d+)", text),
        disk_left=_disk_left(text),
    )


def _count(pattern: str, text: str) -> int:
    found = re.search(f"^{pattern}$", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _disk_left(text: str) -> int | None:
    found = re.search(r"^disk \S+ +\d+ +\d+ +(\d+) ", text, re.MULTILINE)
    return int(found[1]) if found else None


def judge(before: Usage, after: Usage, plan: BoxPlan) -> None:
    """Whether a step that failed ran into a limit.

    Raises LimitReached where the job used up its own, EngineLost where the machine had no more.
    """
    if after.killed > before.killed:
        if after.memory_hits > before.memory_hits:
            raise LimitReached(f"it used up its memory, {plan.memory // 1024**2} MiB")
        raise EngineLost("the machine ran out of memory, and the kernel ended a process of the job")
    if after.disk_left is not None and after.disk_left < _NEARLY_FULL:
        raise EngineLost("the disk of the engine is full")
    if after.process_hits > before.process_hits:
        raise LimitReached(f"it reached its limit of {plan.processes} processes")
