"""`kill -9` between the end of a run and the delivery of its mails, at any line of ours."""

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import attrs
import pytest
from followed import World

from ciforge.mail.transport import DeliveryStatus, Envelope, RecipientReply, all_of
from ciforge.model.message import Delivery
from ciforge.notify.deadlines import expected
from ciforge.notify.delivery import deliver
from ciforge.notify.pipeline import import_announced, process_due
from ciforge.store.incidents.incident_database import Incidents

POINTS, PARTS = 200, 8
"""Kills at a line of ours, in so many tests, so that they share the processors."""
TIMED = 40
"""Kills from outside besides, which also hit SQLite and the system in the middle of their work."""
OURS = str(Path(__file__).resolve().parents[3] / "ciforge")


@attrs.frozen
class Server:
    """Takes every mail, and writes its Message-ID into a file that outlives it."""

    file: Path
    name: str = "a file"

    def send(self, envelope: Envelope) -> Mapping[str, RecipientReply]:
        line = f"{envelope.message_id} {','.join(envelope.recipients)}\n".encode()
        descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line)
        os.close(descriptor)
        return all_of(envelope.recipients, DeliveryStatus.ACCEPTED, "250")

    def accepted(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []


def prepared(state: Path) -> World:
    """A team that knows two incidents; one run has ended that mends one, spreads the other and more."""
    world = World(state, ("portable/{debian,alpine}/default", "portable/debian/clang"))
    jobs = world.ids
    world.run("a")
    world.now += 86400
    world.run("b", {jobs[0]: "build:no setgroups", jobs[1]: "check:no answer"})
    world.now += 86400
    words = dict.fromkeys(jobs, "ok") | {
        jobs[1]: "check:no answer", jobs[2]: "check:no answer", jobs[3]: "install:no space",
    }  # fmt: skip
    run = world.record("c", words)
    with Incidents.open(state) as incidents:
        incidents.announce(run, world.now)
    return world


def flush(world: World, server: Server) -> None:
    """What `ciforge notify` does."""
    now = world.now + 3600
    with Incidents.open(world.state) as incidents:
        flow = world.flow
        import_announced(flow, incidents, now)
        late = expected(flow.project, flow.jobs, incidents.ledger("mine"))
        process_due(flow, incidents, late, now)
        deliver(world.state, incidents.outbox, server, lambda: now)


class Lines:
    """Counts the lines of ours that run; at one of them the process dies."""

    def __init__(self, last: int | None = None) -> None:
        self.seen = 0
        self.last = last

    def trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            self.seen += 1
            if self.seen == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


def child(work: Callable[[], None]) -> int:
    """A process of its own for the work; its id."""
    if pid := os.fork():
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:
        os._exit(1)


def traced(world: World, server: Server, lines: Lines) -> None:
    sys.settrace(lines.trace)
    flush(world, server)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> World:
    return prepared(tmp_path_factory.mktemp("begun"))


@pytest.fixture(scope="module")
def calm(begun: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], int]:
    """What is accepted where nobody is killed, and how many lines of ours that takes."""
    # What a process does only once would count here alone.
    warm = copied(begun, tmp_path_factory.mktemp("warm"))
    flush(warm, Server(warm.state / "accepted"))
    world = copied(begun, tmp_path_factory.mktemp("calm"))
    server, lines = Server(world.state / "accepted"), Lines()
    before = sys.gettrace()
    try:
        traced(world, server, lines)
    finally:
        sys.settrace(before)
    return server.accepted(), lines.seen


def copied(world: World, folder: Path) -> World:
    shutil.copytree(world.state, folder / "state")
    return attrs.evolve(world, state=folder / "state")


def after_a_death(world: World, server: Server, accepted: list[str]) -> None:
    """The next flush makes everything as if nobody had died."""
    flush(world, server)
    assert set(server.accepted()) == set(accepted)
    assert len(server.accepted()) <= len(accepted) + 1
    with Incidents.open(world.state) as incidents:
        incidents.check()
        assert incidents.announced() == []
        deliveries = [one.delivery for it in incidents.outbox.all() for one in it.recipients]
        assert set(deliveries) == {Delivery.SENT}


def test_uninterrupted_flush_delivers_every_mail(calm: tuple[list[str], int]) -> None:
    accepted, lines = calm
    assert len(accepted) == len(set(accepted)) == 5
    assert lines > 1000


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_mail_is_lost_or_doubled_at_whichever_point_the_process_dies(
    begun: World, calm: tuple[list[str], int], tmp_path: Path, part: int
) -> None:
    accepted, lines = calm
    chosen = random.Random(20261122).sample(range(1, lines), POINTS)
    for point in chosen[part::PARTS]:
        world = copied(begun, tmp_path / str(point))
        server = Server(world.state / "accepted")
        pid = child(lambda w=world, s=server, p=point: traced(w, s, Lines(p)))  # type: ignore[misc]
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), point
        assert set(server.accepted()) <= set(accepted)
        after_a_death(world, server, accepted)
        shutil.rmtree(world.state)


@pytest.mark.slow
def test_no_mail_is_lost_or_doubled_at_whatever_time_the_process_dies(
    begun: World, calm: tuple[list[str], int], tmp_path: Path
) -> None:
    accepted, _ = calm
    dice = random.Random(20261123)
    for turn in range(TIMED):
        world = copied(begun, tmp_path / str(turn))
        server = Server(world.state / "accepted")
        pid = child(lambda w=world, s=server: flush(w, s))  # type: ignore[misc]
        time.sleep(dice.uniform(0.0, 0.12))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        after_a_death(world, server, accepted)
        shutil.rmtree(world.state)
