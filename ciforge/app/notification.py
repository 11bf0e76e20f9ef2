"""Incidents and mail for `run --notify`, `notify` and `collect`."""

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
    import_announced,
    import_run,
    process_due,
)
from ciforge.run.exit_status import UNDELIVERED
from ciforge.sanitize import safe_line
from ciforge.store.incidents.incident_database import Incidents


def pipeline_context(
    workspace: Workspace, state: Path, at_hand: Mapping[str, Path] | None = None
) -> PipelineContext:
    """Facts about this project for the pipeline."""
    post = mailing(workspace.project, workspace.plan.names)
    return PipelineContext(
        state=state, project=workspace.project, jobs=workspace.plan.jobs, post=post,
        at_hand=at_hand or {},
    )  # fmt: skip


def uncommitted_reason(used: SourceUsed) -> str:
    """The reason why the source is not a commit that others can fetch; empty if it is one."""
    if used.changes:
        many = (
            "1 uncommitted change" if used.changes == 1 else f"{used.changes} uncommitted changes"
        )
        return f"{used.origin} has {many}"
    return "a build with --patch is not a commit" if used.patch else ""


def require_commits(sources: Iterable[SourceUsed]) -> None:
    """Checks that only commits were built, since mail is about commits. Raises UsageError."""
    for used in sources:
        if what := uncommitted_reason(used):
            hint = "commit them, or run without --notify" if used.changes else ""
            raise UsageError(f"--notify: {what}", hint=hint)


def check_transport(state: Path) -> None:
    """Checks CIFORGE_MAIL before jobs are run. Raises UsageError."""
    from ciforge.mail.transport import MailError
    from ciforge.mail.transport_config import transport

    with suppress(MailError):  # sendmail may be installed before the mail is sent
        transport(os.environ, state)


def process_runs(context: PipelineContext, runs: Iterable[str], idle: str = "") -> int:
    """Imports these and interrupted runs, queues what is due and sends it; the status of
    `send_due`.

    Raises HistoryProblem.
    """
    with Incidents.open(context.state) as incidents:
        for run in runs:
            print_result(import_run(context, incidents, run, time.time()))
        print_result(import_announced(context, incidents, time.time()))
        now = time.time()
        print_result(process_due(context, incidents, job_deadlines(context, incidents), now))
        return send_due(context.state, incidents, idle)


def job_deadlines(context: PipelineContext, incidents: Incidents) -> tuple[JobDeadline, ...]:
    """The jobs that must have a result within a time, by branch."""
    return expected(context.project, context.jobs, incidents.ledger(context.project.project))


def print_result(followed: PipelineResult) -> None:
    """Prints problems and queued mail to standard error."""
    for sentence in followed.problems:
        print_progress(safe_line(sentence))
    for message in followed.messages:
        print_progress(f"mail  {message.kind}  {message.subject}  to {', '.join(message.to)}")


def send_due(state: Path, incidents: Incidents, idle: str = "") -> int:
    """Sends what is due: 0, 4 if mail was not delivered, 2 if CIFORGE_MAIL is invalid.

    Mail that was not delivered stays queued. `idle` is printed if nothing was due.
    """
    from ciforge.mail.transport_config import transport
    from ciforge.notify.delivery import deliver

    try:
        mailer = transport(os.environ, state)
    except CiforgeError as error:
        print_progress(f"mail stays queued: {error}")
        if error.hint:
            print_progress(f"hint: {error.hint}")
        return error.exit_code
    done = deliver(state, incidents.outbox, mailer, time.time)
    for recipient in done.failed:
        print_progress(
            safe_line(
                f"mail to {recipient.address} is {recipient.delivery.value}: {recipient.reply}"
            )
        )
    if done.sent:
        print_progress(_went(done.sent, mailer.name))
    elif idle and not done.failed:
        print_progress(f"{idle}{_waiting(incidents)}")
    return UNDELIVERED if done.failed else 0


def _waiting(incidents: Incidents) -> str:
    many = len(incidents.outbox.pending())
    return f"; {many} queued for retry, see `ciforge mail`" if many else ""


def _went(sent: int, mailer: str) -> str:
    """The place of delivery, or the folder that mail was written to by default."""
    people = f"{sent} {'person' if sent == 1 else 'people'}"
    if os.environ.get("CIFORGE_MAIL"):
        return f"delivered to {people} by {mailer}"
    folder = mailer.removeprefix("maildir:")
    return f"mail for {people} was written to {folder}; set CIFORGE_MAIL to send it"
