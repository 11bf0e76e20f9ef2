"""What a box has used up: asked of the engine, and of the box itself after a step failed."""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from ciforge.engines.protocol import EngineExhausted, LimitReached, MachineSpec
from ciforge.model.result import Limit

_FULL = 16 * 1024
"""KiB that are left on a disk which counts as full."""
_NEARLY_FULL = 1024 * 1024
"""The same, where the step itself complained: it may have cleaned up after itself."""
_CROWDED = 0.8
"""Of the processes that a box may have: a fork bomb dies and grows by the hundred."""
_COMPLAINT = b"No space left on device"


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
    memory_full: bool = False
    """Whether it ever had as much memory as it may have; of the first version of control groups."""


@attrs.frozen(kw_only=True)
class Pressure:
    """What the engine sees from outside, also of a box in which nothing of ours can run any more."""

    processes: bool = False
    """Whether it has about as many processes as it may have."""
    memory: bool = False
    """Whether it ever had as much memory as it may have."""


def read_pressure(stats: Mapping[str, Any]) -> Pressure:
    """An answer of the engine's `stats`, of which any part may be missing."""
    processes, memory = stats.get("pids_stats") or {}, stats.get("memory_stats") or {}
    return Pressure(
        processes=_reached(processes.get("current"), processes.get("limit"), _CROWDED),
        memory=_reached(memory.get("max_usage"), memory.get("limit"), 1.0),
    )


def _reached(most: int | None, limit: int | None, share: float) -> bool:
    return bool(most and limit and most >= limit * share)


def read_usage(text: str) -> Usage:
    """What the supervisor's script printed, whichever version of control groups the machine has."""
    return Usage(
        killed=_count(r"memory\S* oom_kill (\d+)", text),
        memory_hits=_count(r"memory\.events max (\d+)", text)
        + _count(r"memory/memory\.failcnt (\d+)", text),
        process_hits=_count(r"pids\S* max (\d+)", text),
        disk_left=_disk_left(text),
        memory_full=_reached(
            _count(r"memory/memory\.max_usage_in_bytes (\d+)", text),
            _count(r"memory/memory\.limit_in_bytes (\d+)", text),
            1.0,
        ),
    )


def _count(pattern: str, text: str) -> int:
    found = re.search(f"^{pattern}$", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _disk_left(text: str) -> int | None:
    found = re.search(r"^disk \S+ +\d+ +\d+ +(\d+) ", text, re.MULTILINE)
    return int(found[1]) if found else None


def judge(
    before: Usage,
    after: Usage,
    plan: MachineSpec,
    *,
    last: bytes = b"",
    pressure: Pressure = Pressure(),
) -> None:
    """Whether a step that failed ran into a limit; `last` is the end of what it printed.

    Raises LimitReached where the job used up its own, EngineExhausted where the machine had no more.
    """
    if after.killed > before.killed:
        # Kernels of today count no hits in the first version of control groups.
        hit = after.memory_hits > before.memory_hits or after.memory_full or pressure.memory
        if hit:
            raise LimitReached(f"it used up its memory, {plan.memory // 1024**2} MiB", Limit.MEMORY)
        raise EngineExhausted(
            "the machine ran out of memory, and the kernel ended a process of the job",
            Limit.ENGINE_MEMORY,
        )
    room = _NEARLY_FULL if _COMPLAINT in last else _FULL
    if after.disk_left is not None and after.disk_left < room:
        raise EngineExhausted("the disk of the engine is full", Limit.ENGINE_DISK)
    if after.process_hits > before.process_hits or pressure.processes:
        raise LimitReached(f"it reached its limit of {plan.processes} processes", Limit.PROCESSES)


def judge_passed(before: Usage, after: Usage, plan: MachineSpec) -> None:
    """The same for a step that ended 0: its children may have failed, and nobody noticed.

    How full the disk is says nothing about a step that passed.
    """
    judge(attrs.evolve(before, disk_left=None), attrs.evolve(after, disk_left=None), plan)
