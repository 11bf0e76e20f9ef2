"""What `run --notify`, `notify` and `collect` share: the flow of a project, delivery, and words for both."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from ciforge.commands.opening import Opened
from ciforge.commands.running import say
from ciforge.errors import CiforgeError, UsageError
from ciforge.follow.deadlines import expected
from ciforge.follow.mailing import mailing
from ciforge.follow.notify import Flow, Followed, look_after, take_in, take_in_announced
from ciforge.history.incidents import Incidents
from ciforge.model.incident import Expected
from ciforge.model.result import SourceUsed
from ciforge.run.outcome import UNDELIVERED


def flow_of(opened: Opened, state: Path, at_hand: Mapping[str, Path] | None = None) -> Flow:
    """How runs of this project are followed."""
    post = mailing(opened.project, opened.plan.names)
    return Flow(
        state=state, project=opened.project, jobs=opened.plan.jobs, post=post,
        at_hand=at_hand or {},
    )  # fmt: skip


def refuse_edited(sources: Iterable[SourceUsed]) -> None:
    """Mail is about commits: what nobody else has is nobody's business. Raises UsageError."""
    for used in sources:
        if used.changes:
            raise UsageError(
                f"--notify: {used.origin} has {used.changes} uncommitted "
                f"{'change' if used.changes == 1 else 'changes'}",
                hint="commit them, or run without --notify",
            )
        if used.patch:
            raise UsageError("--notify: with --patch, what is built is no commit")


def follow(flow: Flow, runs: Iterable[str]) -> int:
    """Takes in these runs and what others left, does what is due, delivers; 0 or 4.

    Raises HistoryProblem.
    """
    with Incidents.open(flow.state) as incidents:
        for run in runs:
            tell(take_in(flow, incidents, run, time.time()))
        tell(take_in_announced(flow, incidents, time.time()))
        now = time.time()
        tell(look_after(flow, incidents, expected_of(flow, incidents), now))
        return send(flow.state, incidents)


def expected_of(flow: Flow, incidents: Incidents) -> tuple[Expected, ...]:
    """What must have results on which branch."""
    return expected(flow.project, flow.jobs, incidents.book(flow.project.project))


def tell(followed: Followed) -> None:
    """What could not be read, and what was queued, on standard error."""
    for sentence in followed.told:
        say(sentence)
    for message in followed.messages:
        say(f"mail  {message.kind}  {message.subject}  to {', '.join(message.to)}")


def send(state: Path, incidents: Incidents) -> int:
    """Delivers what is due; 0, or 4 where a mail was not taken. It stays queued whatever happens."""
    from ciforge.follow.delivery import deliver
    from ciforge.mail.setup import transport

    try:
        way = transport(os.environ, state)
    except CiforgeError as error:
        say(f"mails stay queued: {error}")
        if error.hint:
            say(f"hint: {error.hint}")
        return UNDELIVERED
    done = deliver(state, incidents.outbox, way, time.time)
    for one in done.failed:
        say(f"mail to {one.address} is {one.delivery.value}: {one.said}")
    if done.sent:
        say(_went(done.sent, way.name))
    return UNDELIVERED if done.failed else 0


def _went(sent: int, way: str) -> str:
    """Where mails went; a folder on this machine is nobody's letter box."""
    people = f"{sent} {'person' if sent == 1 else 'people'}"
    if os.environ.get("CIFORGE_MAIL"):
        return f"delivered to {people} by {way}"
    folder = way.removeprefix("maildir:")
    return f"mail for {people} lies in {folder}: CIFORGE_MAIL says how it leaves this machine"
