"""The resources that a container used: read from the engine, and in the container after each step."""

import re
from collections.abc import Mapping
from typing import Any

import attrs
from docker.types import Ulimit

from ciforge.engines.protocol import EngineExhausted, LimitReached, MachineSpec
from ciforge.model.result import Limit

_FULL = 16 * 1024
"""KiB left on a disk that counts as full."""
_NEARLY_FULL = 1024 * 1024
"""The same, if the step reported a full disk: it may have removed files afterwards."""
_CROWDED = 0.8
"""Share of the process limit that counts as reached: the number of a fork bomb varies by hundreds."""
MOST_CACHED = 1024 * 1024**2
"""Bytes of a volume with caches; ccache keeps itself to half of that."""
_COMPLAINT = b"No space left on device"


_FILES = 1024
_OF_USER = 16 * 1024
"""Processes of one user in all containers; how many each container may have is another limit."""


def ulimits(*, is_podman: bool) -> list[Ulimit]:
    """The limits of open files, and in podman of processes of one user, in every container.

    What podman sets by itself may be above the limits of its host, so that no container starts.
    """
    files = Ulimit(name="nofile", soft=_FILES, hard=_FILES * 4)
    return [files, Ulimit(name="nproc", soft=_OF_USER, hard=_OF_USER)] if is_podman else [files]


@attrs.frozen(kw_only=True)
class Usage:
    """Counts since the container was created."""

    killed: int = 0
    """Processes that the kernel killed because memory ran out."""
    memory_hits: int = 0
    """How often the memory limit was reached."""
    process_hits: int = 0
    """How often the process limit was reached."""
    disk_left: int | None = None
    """KiB."""
    memory_full: bool = False
    """Whether its memory was ever at the limit; only known from control groups version 1."""


@attrs.frozen(kw_only=True)
class Pressure:
    """The usage that the engine sees from outside, even if no helper can run in the container."""

    processes: bool = False
    """Whether it is at about its process limit."""
    memory: bool = False
    """Whether its memory was ever at the limit."""


def read_pressure(stats: Mapping[str, Any]) -> Pressure:
    """Pressure from the engine's `stats`, any part of which may be missing."""
    processes, memory = stats.get("pids_stats") or {}, stats.get("memory_stats") or {}
    return Pressure(
        processes=_reached(processes.get("current"), processes.get("limit"), _CROWDED),
        memory=_reached(memory.get("max_usage"), memory.get("limit"), 1.0),
    )


def _reached(most: int | None, limit: int | None, share: float) -> bool:
    return bool(most and limit and most >= limit * share)


def read_usage(text: str) -> Usage:
    """Usage from the output of the supervisor's script, for both versions of control groups."""
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
    match = re.search(f"^{pattern}$", text, re.MULTILINE)
    return int(match[1]) if match else 0


def _disk_left(text: str) -> int | None:
    match = re.search(r"^disk \S+ +\d+ +\d+ +(\d+) ", text, re.MULTILINE)
    return int(match[1]) if match else None


def judge(
    before: Usage,
    after: Usage,
    plan: MachineSpec,
    *,
    last: bytes = b"",
    pressure: Pressure = Pressure(),
) -> None:
    """Checks whether a failed step reached a limit; `last` is the end of its output.

    Raises LimitReached if the job used up its own share, EngineExhausted if the engine's host had no more.
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
    """The same for a step that exited 0: its children may have failed unnoticed.

    A full disk does not fail a step that passed.
    """
    judge(attrs.evolve(before, disk_left=None), attrs.evolve(after, disk_left=None), plan)
