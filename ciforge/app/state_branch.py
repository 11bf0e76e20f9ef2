"""Incidents and mails whose state travels in a branch: whoever is first writes, the other does it anew."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from ciforge.app.notification import expected_of, send, tell
from ciforge.app.service_access import token_for
from ciforge.app.session import print_progress
from ciforge.errors import EngineError, UsageError
from ciforge.mail.transport_config import WAY
from ciforge.model.message import Recipient
from ciforge.notify.pipeline import PipelineContext, import_run, look_after
from ciforge.sources import checkout_of, remotes_of
from ciforge.sources.branch_file import BranchFile
from ciforge.sources.git_url import without_secrets
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_errors import FILE_NAME

_MARK = "incidents.branch"
"""A file that says of which branch the database beside it is a copy."""
_TRIES = 30
_LEASE = 900.0
"""Seconds for which mails are ours to deliver; whoever takes the state meanwhile leaves them alone."""


def state_branch_of(branch: str, state: Path, here: Path) -> BranchFile:
    """The branch in the repository that this checkout came from. Raises UsageError.

    What this machine knows of its own is never replaced by what the branch holds.
    """
    mark = state / _MARK
    if (state / FILE_NAME).exists() and not (mark.is_file() and mark.read_text() == branch):
        raise UsageError(
            f"--state-branch {branch}: {state} already has incidents, which would be lost",
            hint="use another folder with --state-dir, or omit --state-branch and run `ciforge notify`",
        )
    shelf = _file_on(branch, state / "tmp" / "state.git", here)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.write_text(branch)
    return shelf


def copy_state_branch(branch: str, here: Path, folder: Path) -> None:
    """Copies the incidents on the branch into `folder`, for anyone who only reads them.

    Raises UsageError where the branch does not exist, EngineError where the remote cannot be asked.
    """
    shelf = _file_on(branch, folder / "state.git", here)
    if not shelf.take(folder / FILE_NAME):
        raise UsageError(
            f"--state-branch {branch}: {without_secrets(shelf.remote)} has no such branch",
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


def follow_on(shelf: BranchFile, flow: PipelineContext, runs: Sequence[str]) -> int:
    """Takes in these runs, does what is due, delivers; 0 or 4. Raises HistoryProblem, EngineError.

    What is decided is on the branch before a mail leaves, and what was delivered after it.
    """
    commit, leased = _decide(shelf, flow, runs)
    if not os.environ.get(WAY):
        print_progress(f"mail is queued on branch {shelf.branch}: {WAY} is not set")
        return 0
    with Incidents.open(flow.state) as incidents:
        incidents.outbox.put(leased)
        code = send(flow.state, incidents)
        wanted = {one.message_id for one in leased}
        after = [
            it for one in incidents.outbox.all() if one.message.message_id in wanted
            for it in one.recipients
        ]  # fmt: skip
    if leased:
        _write_down(shelf, flow.state, commit, after)
    return code


def _decide(
    shelf: BranchFile, flow: PipelineContext, runs: Sequence[str]
) -> tuple[str, list[Recipient]]:
    """The commit with our decisions, and whom to write to now, as they were before the lease."""
    for _ in range(_TRIES):
        commit = _fetched(shelf, flow.state)
        if not commit:
            lost = f"Branch {shelf.branch} had no state: every failure is reported as new."
            flow = attrs.evolve(flow, remarks=(lost,))
        with Incidents.open(flow.state) as incidents:
            for run in runs:
                tell(import_run(flow, incidents, run, time.time()))
            now = time.time()
            tell(look_after(flow, incidents, expected_of(flow, incidents), now))
            leased = _lease(incidents, now)
        if new := _put(shelf, flow.state, commit):
            return new, leased
        print_progress(f"another run changed branch {shelf.branch}; retrying")
    raise EngineError(f"other runs changed branch {shelf.branch} {_TRIES} times; giving up")


def _fetched(shelf: BranchFile, state: Path) -> str:
    """The newest state, in place of ours."""
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (state / name).unlink(missing_ok=True)
    return shelf.take(state / FILE_NAME)


def _lease(incidents: Incidents, now: float) -> list[Recipient]:
    if not os.environ.get(WAY):
        return []
    due = [
        it for one in incidents.outbox.due(now) for it in one.recipients
        if it.delivery.value == "queued" and it.next_try <= now
    ]  # fmt: skip
    incidents.outbox.put([attrs.evolve(it, next_try=now + _LEASE) for it in due])
    return due


def _put(shelf: BranchFile, state: Path, commit: str) -> str | None:
    copy = state / "tmp" / FILE_NAME
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Incidents.open(state) as incidents:
        incidents.copy(copy)
    try:
        return shelf.put(copy, commit, "Update the state of incidents and mail")
    finally:
        copy.unlink(missing_ok=True)


def _write_down(shelf: BranchFile, state: Path, commit: str, after: Sequence[Recipient]) -> None:
    """What became of the mails, on whatever state is the newest now."""
    for _ in range(_TRIES):
        if _put(shelf, state, commit):
            return
        commit = _fetched(shelf, state)
        with Incidents.open(state) as incidents:
            incidents.outbox.put(after)
    raise EngineError(f"other runs changed branch {shelf.branch} {_TRIES} times; giving up")
