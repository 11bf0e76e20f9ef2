"""Whose fault it is that a step failed for want of memory, processes or disk."""

import pytest

from ciforge.engines.limits import (
    Pressure,
    Usage,
    judge,
    judge_passed,
    read_pressure,
    read_usage,
)
from ciforge.engines.protocol import EngineExhausted, LimitReached, MachineSpec
from ciforge.model.result import Limit
from tests.tables import each

PLAN = MachineSpec(job="a/b/c", run="r", project="p", life=60, memory=512 * 1024**2, processes=100)
FIRST = """\
memory/memory.oom_control oom_kill_disable 0
memory/memory.oom_control under_oom 0
memory/memory.oom_control oom_kill 2
memory/memory.failcnt 31
pids/pids.events max 7
disk overlay 1000000 900000 100000 90% /
"""
SECOND = """\
memory.events low 0
memory.events high 0
memory.events max 31
memory.events oom 2
memory.events oom_kill 2
pids.events max 7
disk overlay 1000000 900000 100000 90% /
"""
ALL = Usage(killed=2, memory_hits=31, process_hits=7, disk_left=100000)
ROOMY = 50 * 1024**2
FULL = b"cc: No space left on device\n"


@pytest.mark.parametrize("text", [FIRST, SECOND], ids=["version 1", "version 2"])
def test_limits_are_read_from_both_versions_of_cgroups(text: str) -> None:
    assert read_usage(text) == ALL


@each("text", ["", "memory.events oom_kill\n", "disk overlay\n", "\0\n"])
def test_missing_cgroup_values_count_as_zero(text: str) -> None:
    assert read_usage(text) == Usage()


@pytest.mark.parametrize(
    ("after", "limit", "said"),
    [
        (Usage(killed=1, memory_hits=9), Limit.MEMORY, "used up its memory, 512 MiB"),
        (Usage(process_hits=1), Limit.PROCESSES, "limit of 100 processes"),
        (Usage(process_hits=1, disk_left=ROOMY), Limit.PROCESSES, "limit of 100 processes"),
    ],
)
def test_job_that_used_up_its_own_limit_has_failed(after: Usage, limit: Limit, said: str) -> None:
    with pytest.raises(LimitReached, match=said) as caught:
        judge(Usage(), after, PLAN)
    assert caught.value.limit is limit


@pytest.mark.parametrize(
    ("after", "last", "limit", "said"),
    [
        (Usage(killed=1), b"", Limit.ENGINE_MEMORY, "the machine ran out of memory"),
        (Usage(disk_left=0), b"", Limit.ENGINE_DISK, "disk of the engine is full"),
        (Usage(disk_left=200 * 1024), FULL, Limit.ENGINE_DISK, "disk of the engine is full"),
    ],
)
def test_host_without_memory_is_infrastructure(
    after: Usage, last: bytes, limit: Limit, said: str
) -> None:
    with pytest.raises(EngineExhausted, match=said) as caught:
        judge(Usage(), after, PLAN, last=last)
    assert caught.value.limit is limit


@each(
    ("before", "after", "last"),
    [
        (Usage(), Usage(), b""),
        (ALL, ALL, b""),
        (Usage(), Usage(memory_hits=50), b""),
        (Usage(), Usage(disk_left=200 * 1024), b"error: expected ';'"),
        (Usage(), Usage(disk_left=ROOMY), FULL),
    ],
)
def test_ordinary_failure_has_no_limit(before: Usage, after: Usage, last: bytes) -> None:
    judge(before, after, PLAN, last=last)


@each(
    ("stats", "expected"),
    [
        ({}, Pressure()),
        ({"pids_stats": {}, "memory_stats": None}, Pressure()),
        ({"pids_stats": {"current": 79, "limit": 100}}, Pressure()),
        ({"pids_stats": {"current": 80, "limit": 100}}, Pressure(processes=True)),
        ({"pids_stats": {"current": 100, "limit": 100}}, Pressure(processes=True)),
        ({"memory_stats": {"max_usage": 7, "limit": 7}}, Pressure(memory=True)),
        ({"memory_stats": {"usage": 6, "limit": 7}}, Pressure()),
    ],
)
def test_limit_is_seen_by_the_engine_from_outside(
    stats: dict[str, object], expected: Pressure
) -> None:
    assert read_pressure(stats) == expected


@pytest.mark.parametrize(
    ("after", "pressure", "said"),
    [
        (Usage(killed=1), Pressure(memory=True), "used up its memory, 512 MiB"),
        (Usage(), Pressure(processes=True), "limit of 100 processes"),
    ],
)
def test_limit_seen_from_outside_counts(after: Usage, pressure: Pressure, said: str) -> None:
    with pytest.raises(LimitReached, match=said):
        judge(Usage(), after, PLAN, pressure=pressure)


def test_memory_full_of_cached_files_is_no_limit() -> None:
    judge(Usage(), Usage(), PLAN, pressure=Pressure(memory=True))


@each(("most", "full"), [("536870912", True), ("536870911", False), ("", False), ("many", False)])
def test_cgroup_v1_says_whether_memory_was_ever_full(most: str, full: bool) -> None:
    text = f"memory/memory.max_usage_in_bytes {most}\nmemory/memory.limit_in_bytes 536870912\n"
    assert read_usage(text).memory_full is full


@pytest.mark.parametrize(
    ("after", "limit", "said"),
    [
        (Usage(killed=1, memory_full=True), Limit.MEMORY, "used up its memory, 512 MiB"),
        (Usage(killed=1, memory_hits=9, disk_left=0), Limit.MEMORY, "memory, 512 MiB"),
        (Usage(process_hits=1, disk_left=0), Limit.PROCESSES, "limit of 100 processes"),
    ],
)
def test_passed_step_with_a_killed_child_has_failed(after: Usage, limit: Limit, said: str) -> None:
    with pytest.raises(LimitReached, match=said) as caught:
        judge_passed(Usage(), after, PLAN)
    assert caught.value.limit is limit


def test_passed_step_on_a_host_without_memory_is_not_certain() -> None:
    with pytest.raises(EngineExhausted, match="the machine ran out of memory"):
        judge_passed(Usage(), Usage(killed=1), PLAN)


@pytest.mark.parametrize("after", [Usage(), Usage(disk_left=0), Usage(memory_full=True)])
def test_passed_step_on_a_full_disk_has_passed(after: Usage) -> None:
    judge_passed(Usage(), after, PLAN)
