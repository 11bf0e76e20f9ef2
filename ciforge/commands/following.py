"""What `run --notify`, `notify` and `collect` share: the flow of a project, delivery, and words for both."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
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
from ciforge.safe import safe_line


def flow_of(opened: Opened, state: Path, at_hand: Mapping[str, Path] | None = None) -> Flow:
    """How runs of this project are followed."""
    post = mailing(opened.project, opened.plan.names)
    return Flow(
        state=state, project=opened.project, jobs=opened.plan.jobs, post=post,
        at_hand=at_hand or {},
    )  # fmt: skip


def no_commit(used: SourceUsed) -> str:
    """Why what was built is no commit, which nobody else has; empty where it is one."""
    if used.changes:
        many = (
            "1 uncommitted change" if used.changes == 1 else f"{used.changes} uncommitted changes"
        )
        return f"{used.origin} has {many}"
    return "with --patch, what is built is no commit" if used.patch else ""


def refuse_edited(sources: Iterable[SourceUsed]) -> None:
    """Mail is about commits: what nobody else has is nobody's business. Raises UsageError."""
    for used in sources:
        if what := no_commit(used):
            hint = "commit them, or run without --notify" if used.changes else ""
            raise UsageError(f"--notify: {what}", hint=hint)


def refuse_wrong_way(state: Path) -> None:
    """Wrong words in CIFORGE_MAIL are better heard of before an hour of builds. Raises UsageError."""
    from ciforge.mail.setup import transport
    from ciforge.mail.transport import MailError

    with suppress(MailError):  # a sendmail that is missing now may be there in an hour
        transport(os.environ, state)


def follow(flow: Flow, runs: Iterable[str], idle: str = "") -> int:
    """Takes in these runs and what others left, does what is due, delivers; as `send` ends.

    Raises HistoryProblem.
    """
    with Incidents.open(flow.state) as incidents:
        for run in runs:
            tell(take_in(flow, incidents, run, time.time()))
        tell(take_in_announced(flow, incidents, time.time()))
        now = time.time()
        tell(look_after(flow, incidents, expected_of(flow, incidents), now))
        return send(flow.state, incidents, idle)


def expected_of(flow: Flow, incidents: Incidents) -> tuple[Expected, ...]:
    """What must have results on which branch."""
    return expected(flow.project, flow.jobs, incidents.book(flow.project.project))


def tell(followed: Followed) -> None:
    """What could not be read, and what was queued, on standard error."""
    for sentence in followed.told:
        say(safe_line(sentence))
    for message in followed.messages:
        say(f"mail  {message.kind}  {message.subject}  to {', '.join(message.to)}")


def send(state: Path, incidents: Incidents, idle: str = "") -> int:
    """Delivers what is due; 0, else 4 where a mail was not taken, 2 where CIFORGE_MAIL is wrong.

    It stays queued whatever happens. `idle` is said where nothing was due.
    """
    from ciforge.follow.delivery import deliver
    from ciforge.mail.setup import transport

    try:
        way = transport(os.environ, state)
    except CiforgeError as error:
        say(f"mails stay queued: {error}")
        if error.hint:
            say(f"hint: {error.hint}")
        return error.exit_code
    done = deliver(state, incidents.outbox, way, time.time)
    for one in done.failed:
        say(safe_line(f"mail to {one.address} is {one.delivery.value}: {one.said}"))
    if done.sent:
        say(_went(done.sent, way.name))
    elif idle and not done.failed:
        say(f"{idle}{_waiting(incidents)}")
    return UNDELIVERED if done.failed else 0


def _waiting(incidents: Incidents) -> str:
    many = len(incidents.outbox.pending())
    verb = "waits" if many == 1 else "wait"
    return f"; {many} {verb} for another try: `ciforge mail`" if many else ""


def _went(sent: int, way: str) -> str:
    """Where mails went; a folder on this machine is nobody's letter box."""
    people = f"{sent} {'person' if sent == 1 else 'people'}"
    if os.environ.get("CIFORGE_MAIL"):
        return f"delivered to {people} by {way}"
    folder = way.removeprefix("maildir:")
    return f"mail for {people} lies in {folder}: CIFORGE_MAIL says how it leaves this machine"
