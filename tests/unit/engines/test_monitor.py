"""What the engine says of a box while a step runs in it, and what that means."""

import attrs
import pytest

from ciforge.engines.client import Connection
from ciforge.engines.monitor import Monitor
from ciforge.engines.protocol import LimitReached, MachineSpec
from ciforge.errors import EngineLost
from ciforge.model.result import Limit

PLAN = MachineSpec(job="a/b/c", run="r", project="p", life=60, memory=512 * 1024**2)
RUNNING = {"Running": True, "Paused": False, "StartedAt": "2026-01-01T00:00:00Z"}


@pytest.fixture
def watch() -> Monitor:
    """Of a box that runs since the new year; no engine is asked."""
    watch = Monitor(Connection(), "0123456789ab", PLAN)
    watch._started = RUNNING["StartedAt"]
    return watch


def test_monitor_ignores_a_running_container(watch: Monitor) -> None:
    watch.check(RUNNING)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Running": False}, "ended in the middle of a step"),
        ({"Running": False, "OOMKilled": False}, "ended in the middle of a step"),
        ({"Paused": True}, "paused from outside"),
        ({"StartedAt": "2026-01-01T00:00:09Z"}, "restarted in the middle of a step"),
    ],
)
def test_monitor_blames_no_job_for_a_container_touched_from_outside(
    watch: Monitor, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(EngineLost, match=said):
        watch.check({**RUNNING, **changes})


def test_container_killed_for_memory_used_up_its_own(watch: Monitor) -> None:
    with pytest.raises(LimitReached, match="used up its memory, 512 MiB") as caught:
        watch.check({**RUNNING, "Running": False, "OOMKilled": True})
    assert caught.value.limit is Limit.MEMORY


class Measured:
    """Answers `du -sk FOLDER`."""

    def __init__(self, **kib: int) -> None:
        self._kib = kib

    def output(self, script: str) -> bytes:
        name = script.rpartition("/")[2]
        return f"{self._kib.get(name, 0)}\t/ciforge/{name}\n".encode()


@pytest.mark.parametrize(
    ("own", "source", "said"),
    [(0, 3, ""), (2, 2, "3 MiB to its disk"), (0, 4, "3 MiB to its disk")],
)
def test_source_on_a_volume_counts_as_the_disk_of_the_container(
    monkeypatch: pytest.MonkeyPatch, own: int, source: int, said: str
) -> None:
    plan = attrs.evolve(PLAN, ccache="volume", disk=3 * 1024**2)
    watch = Monitor(Connection(), "0123456789ab", plan)
    monkeypatch.setattr(watch, "_helper", Measured(src=source * 1024))
    monkeypatch.setattr(watch, "_ask", lambda _params: {"SizeRw": own * 1024**2})
    if not said:
        watch.look(closely=True)
        return
    with pytest.raises(LimitReached, match=said) as caught:
        watch.look(closely=True)
    assert caught.value.limit is Limit.DISK
