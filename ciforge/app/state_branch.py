"""Incidents and mail whose state is kept in a branch. If two runs change it, the second starts
again.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from ciforge.app.notification import job_deadlines, print_result, send_due
from ciforge.app.service_access import token_for
from ciforge.app.session import print_progress
from ciforge.errors import EngineError, UsageError
from ciforge.mail.transport_config import WAY
from ciforge.model.message import Recipient
from ciforge.notify.pipeline import PipelineContext, import_run, process_due
from ciforge.sources import checkout_of, remotes_of
from ciforge.sources.branch_file import BranchFile
from ciforge.sources.git_url import without_secrets
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME

_MARK = "incidents.branch"
"""The file that holds the name of the branch that the database is a copy of."""
_TRIES = 30
_LEASE = 900.0
"""Seconds for which queued mail is reserved for this run."""


def open_state_branch(branch: str, state: Path, here: Path) -> BranchFile:
    """The branch in the repository that this checkout was cloned from. Raises UsageError.

    Incidents of this machine are never replaced by those of the branch.
    """
    mark = state / _MARK
    if (state / FILE_NAME).exists() and not (mark.is_file() and mark.read_text() == branch):
        raise UsageError(
            f"--state-branch {branch}: {state} already has incidents, which would be lost",
            hint="use another folder with --state-dir, or omit --state-branch and run `ciforge notify`",
        )
    branch_file = _file_on(branch, state / "tmp" / "state.git", here)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.write_text(branch)
    return branch_file


def copy_state_branch(branch: str, here: Path, folder: Path) -> None:
    """Copies the incidents on the branch into `folder`, for anyone who only reads them.

    Raises UsageError where the branch does not exist, EngineError where the remote cannot be asked.
    """
    branch_file = _file_on(branch, folder / "state.git", here)
    if not branch_file.take(folder / FILE_NAME):
        raise UsageError(
            f"--state-branch {branch}: {without_secrets(branch_file.remote)} has no such branch",
            hint="`ciforge collect --state-branch` makes it",
        )


def _file_on(branch: str, scratch: Path, here: Path) -> BranchFile:
    tree = checkout_of(here)
    remotes = remotes_of(tree) if tree else ()
    if not remotes:
        raise UsageError(f"--state-branch {branch}: not in a checkout with a remote")
    token = token_for(remotes[0])
    if os.environ.get("GITHUB_TOKEN") and remotes[0].startswith("https://") and not token:
        print_progress(
            f"GITHUB_TOKEN is not sent to {without_secrets(remotes[0])}: it belongs to another server"
        )
    return BranchFile(
        remote=remotes[0], branch=branch, name=FILE_NAME, scratch=scratch, token=token
    )  # fmt: skip


def process_on_branch(
    branch_file: BranchFile, context: PipelineContext, runs: Sequence[str]
) -> int:
    """Imports these runs, queues what is due and sends it; 0 or 4. Raises HistoryProblem,
    EngineError.

    Transitions are committed before mail is sent, deliveries afterwards.
    """
    commit, leased = _commit_transitions(branch_file, context, runs)
    if not os.environ.get(WAY):
        print_progress(f"mail stays queued on branch {branch_file.branch}: {WAY} is not set")
        return 0
    with Incidents.open(context.state) as incidents:
        incidents.outbox.put(leased)
        code = send_due(context.state, incidents)
        wanted = {recipient.message_id for recipient in leased}
        after = [
            it for queued in incidents.outbox.all() if queued.message.message_id in wanted
            for it in queued.recipients
        ]  # fmt: skip
    if leased:
        _commit_deliveries(branch_file, context.state, commit, after)
    return code


def _commit_transitions(
    branch_file: BranchFile, context: PipelineContext, runs: Sequence[str]
) -> tuple[str, list[Recipient]]:
    """The commit with the transitions of these runs, and the recipients due now, as they were
    before the lease.
    """
    for _ in range(_TRIES):
        commit = _fetch(branch_file, context.state)
        if not commit:
            lost = f"Branch {branch_file.branch} had no state: every failure is reported as new."
            context = attrs.evolve(context, remarks=(lost,))
        with Incidents.open(context.state) as incidents:
            for run in runs:
                print_result(import_run(context, incidents, run, time.time()))
            now = time.time()
            print_result(process_due(context, incidents, job_deadlines(context, incidents), now))
            leased = _lease(incidents, now)
        if new := _put(branch_file, context.state, commit):
            return new, leased
        print_progress(f"another run changed branch {branch_file.branch}; retrying")
    raise EngineError(f"other runs changed branch {branch_file.branch} {_TRIES} times; giving up")


def _fetch(branch_file: BranchFile, state: Path) -> str:
    """Replaces the local state by the newest state of the branch; its commit."""
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (state / name).unlink(missing_ok=True)
    return branch_file.take(state / FILE_NAME)


def _lease(incidents: Incidents, now: float) -> list[Recipient]:
    if not os.environ.get(WAY):
        return []
    due = [
        it for queued in incidents.outbox.due(now) for it in queued.recipients
        if it.delivery.value == "queued" and it.next_try <= now
    ]  # fmt: skip
    incidents.outbox.put([attrs.evolve(it, next_try=now + _LEASE) for it in due])
    return due


def _put(branch_file: BranchFile, state: Path, commit: str) -> str | None:
    copy = state / "tmp" / FILE_NAME
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Incidents.open(state) as incidents:
        incidents.copy(copy)
    try:
        return branch_file.put(copy, commit, "Update the state of incidents and mail")
    finally:
        copy.unlink(missing_ok=True)


def _commit_deliveries(
    branch_file: BranchFile, state: Path, commit: str, after: Sequence[Recipient]
) -> None:
    """Commits the deliveries on top of the newest state of the branch."""
    for _ in range(_TRIES):
        if _put(branch_file, state, commit):
            return
        commit = _fetch(branch_file, state)
        with Incidents.open(state) as incidents:
            incidents.outbox.put(after)
    raise EngineError(f"other runs changed branch {branch_file.branch} {_TRIES} times; giving up")
