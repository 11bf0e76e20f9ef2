"""What `run --notify`, `notify` and `collect` share: the flow of a project, delivery, and words for both."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ciforge.app.session import print_progress
from ciforge.app.workspace import Workspace
from ciforge.errors import CiforgeError, UsageError
from ciforge.model.incident import JobDeadline
from ciforge.model.result import SourceUsed
from ciforge.notify.deadlines import expected
from ciforge.notify.mail_settings import mailing
from ciforge.notify.pipeline import (
    PipelineContext,
    PipelineResult,
    import_run,
    look_after,
    take_in_announced,
)
from ciforge.run.exit_status import UNDELIVERED
from ciforge.sanitize import safe_line
from ciforge.store.incidents.incident_database import Incidents


def flow_of(
    opened: Workspace, state: Path, at_hand: Mapping[str, Path] | None = None
) -> PipelineContext:
    """How runs of this project are followed."""
    post = mailing(opened.project, opened.plan.names)
    return PipelineContext(
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
    return "a build with --patch is not a commit" if used.patch else ""


def refuse_edited(sources: Iterable[SourceUsed]) -> None:
    """Mail is about commits: what nobody else has is nobody's business. Raises UsageError."""
    for used in sources:
        if what := no_commit(used):
            hint = "commit them, or run without --notify" if used.changes else ""
            raise UsageError(f"--notify: {what}", hint=hint)


def refuse_wrong_way(state: Path) -> None:
    """Wrong words in CIFORGE_MAIL are better heard of before an hour of builds. Raises UsageError."""
    from ciforge.mail.transport import MailError
    from ciforge.mail.transport_config import transport

    with suppress(MailError):  # a sendmail that is missing now may be there in an hour
        transport(os.environ, state)


def follow(flow: PipelineContext, runs: Iterable[str], idle: str = "") -> int:
    """Takes in these runs and what others left, does what is due, delivers; as `send` ends.

    Raises HistoryProblem.
    """
    with Incidents.open(flow.state) as incidents:
        for run in runs:
            tell(import_run(flow, incidents, run, time.time()))
        tell(take_in_announced(flow, incidents, time.time()))
        now = time.time()
        tell(look_after(flow, incidents, expected_of(flow, incidents), now))
        return send(flow.state, incidents, idle)


def expected_of(flow: PipelineContext, incidents: Incidents) -> tuple[JobDeadline, ...]:
    """What must have results on which branch."""
    return expected(flow.project, flow.jobs, incidents.book(flow.project.project))


def tell(followed: PipelineResult) -> None:
    """What could not be read, and what was queued, on standard error."""
    for sentence in followed.problems:
        print_progress(safe_line(sentence))
    for message in followed.messages:
        print_progress(f"mail  {message.kind}  {message.subject}  to {', '.join(message.to)}")


def send(state: Path, incidents: Incidents, idle: str = "") -> int:
    """Delivers what is due; 0, else 4 where a mail was not taken, 2 where CIFORGE_MAIL is wrong.

    It stays queued whatever happens. `idle` is said where nothing was due.
    """
    from ciforge.mail.transport_config import transport
    from ciforge.notify.delivery import deliver

    try:
        way = transport(os.environ, state)
    except CiforgeError as error:
        print_progress(f"mail stays queued: {error}")
        if error.hint:
            print_progress(f"hint: {error.hint}")
        return error.exit_code
    done = deliver(state, incidents.outbox, way, time.time)
    for one in done.failed:
        print_progress(safe_line(f"mail to {one.address} is {one.delivery.value}: {one.said}"))
    if done.sent:
        print_progress(_went(done.sent, way.name))
    elif idle and not done.failed:
        print_progress(f"{idle}{_waiting(incidents)}")
    return UNDELIVERED if done.failed else 0


def _waiting(incidents: Incidents) -> str:
    many = len(incidents.outbox.pending())
    return f"; {many} queued for retry, see `ciforge mail`" if many else ""


def _went(sent: int, way: str) -> str:
    """Where mails went; a folder on this machine is nobody's letter box."""
    people = f"{sent} {'person' if sent == 1 else 'people'}"
    if os.environ.get("CIFORGE_MAIL"):
        return f"delivered to {people} by {way}"
    folder = way.removeprefix("maildir:")
    return f"mail for {people} was written to {folder}; set CIFORGE_MAIL to send it"
