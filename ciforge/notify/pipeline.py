"""The pipeline behind `run --notify`, `notify` and `collect`: from a run's folder to the outbox."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.end_of_life import end_sentence
from ciforge.model.incident import (
    BranchRef,
    IncidentLedger,
    JobDeadline,
    ObservedRun,
    Routing,
    RunRef,
    Transition,
)
from ciforge.model.job import Job
from ciforge.model.message import Message, Notice
from ciforge.model.project import Project
from ciforge.model.result import Run
from ciforge.notify.change_range import places_of
from ciforge.notify.mail_queue import MailRouter, post
from ciforge.notify.notices import NoticeContext, notice_of
from ciforge.notify.observations import (
    ignored_results,
    numbered,
    observed_run,
    started_at,
    with_matrix,
)
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.notify.unfollowed_branches import dropped_branches, named_branches
from ciforge.sources import mirror_of
from ciforge.sources.branch import is_deleted
from ciforge.store.history_problem import HistoryProblem, StorageProblem
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_transaction import IncidentTransaction
from ciforge.store.runs.run_folder import read_run, run_path
from ciforge.store.runs.run_reader import DamagedRun, read_whole_run
from ciforge.timestamp import utc
from ciforge.transitions.clock_change import without_future_times
from ciforge.transitions.due import due
from ciforge.transitions.step import apply_run

_NAMED = 6
"""Jobs that a sentence names; more are counted."""
_ENDLESS = 2 * 86400.0
"""Seconds after which a run without an end counts as killed and is imported as it is."""


@attrs.frozen(kw_only=True)
class PipelineContext:
    """Facts about a project for the pipeline."""

    state: Path
    project: Project
    jobs: tuple[Job, ...]
    """All listed jobs."""
    post: MailRouter
    at_hand: Mapping[str, Path] = attrs.field(factory=dict)
    """Repositories to local checkouts that have their commits."""
    remarks: tuple[str, ...] = ()
    """Sentences for every mail, such as that the state was lost."""


@attrs.frozen(kw_only=True)
class PipelineResult:
    """Transitions, queued mails and problems of one call."""

    changes: tuple[Transition, ...] = ()
    messages: tuple[Message, ...] = ()
    """Queued, not yet delivered."""
    problems: tuple[str, ...] = ()
    """A sentence for each thing that could not be read."""


@attrs.frozen(kw_only=True)
class DiagnosedRun:
    """One run, read and diagnosed."""

    run: Run
    observed: ObservedRun
    diagnosis: Diagnosis
    problems: tuple[str, ...]


def import_run(
    context: PipelineContext, incidents: Incidents, run_id: str, now: float
) -> PipelineResult:
    """Imports one run, once: incidents and mails in one transaction. Raises HistoryProblem."""
    if incidents.is_imported(run_id):
        return PipelineResult()
    read = read_for(context, run_id, now)
    with incidents.writing(context.project.project) as transaction:
        if not (sequence := transaction.take(run_id, read.observed.point.at, now)):
            return PipelineResult()
        before = transaction.ledger(read.observed.causes)
        ledger, clock_problems = _without_future_times(transaction, before, now)
        branches = {line for line, _ in before.job_states}
        listed = [job.id for job in context.jobs]
        observed = numbered(read.observed, sequence)
        observed = with_matrix(observed, listed, branches, named_branches(context.project))
        after, changes = apply_run(ledger, observed, now)
        transaction.save(before, after)
        notices = [
            attrs.evolve(notice, remarks=(*notice.remarks, *context.remarks))
            for notice in notices_of(context, read, after, changes, now)
        ]
        messages = post(transaction, notices, context.post, now)
    problems = (*clock_problems, *read.problems, *ignored_results(before, observed))
    return PipelineResult(changes=changes, messages=messages, problems=problems)


def _without_future_times(
    transaction: IncidentTransaction, ledger: IncidentLedger, now: float
) -> tuple[IncidentLedger, tuple[str, ...]]:
    """The ledger without times in the future, and a sentence if there were any."""
    ledger, ahead = without_future_times(ledger, now)
    ahead = max(ahead, transaction.settle(now))
    if not ahead:
        return ledger, ()
    return ledger, (
        f"the clock went back: stored times were up to {ahead / 3600:.1f} hours in the future and were "
        "set to now; check the clock of this machine",
    )


def read_for(context: PipelineContext, run_id: str, now: float) -> DiagnosedRun:
    """A run from its files, with its causes. Raises HistoryProblem if `run.json` is invalid."""
    run, results, damaged = read_whole_run(run_path(context.state, run_id))
    diagnosis = diagnose_run(context.state, run, results, context.jobs)
    lost = _lost(run, [result.job for result in results], damaged)
    at, remark = started_at(run, now)
    observed = observed_run(run, at, results, diagnosis)
    problems = (*remark, *lost, *diagnosis.problems)
    return DiagnosedRun(
        run=run,
        observed=observed,
        diagnosis=attrs.evolve(diagnosis, problems=lost),
        problems=problems,
    )


def _lost(run: Run, found: Sequence[str], damaged: Sequence[DamagedRun]) -> tuple[str, ...]:
    """A sentence for jobs without a result, and one for each file that cannot be read."""
    vanished = [job for job in run.jobs if job not in found]
    unnamed = len(vanished) - _NAMED
    names = [*vanished[:_NAMED], f"{unnamed} more jobs"] if unnamed > 1 else vanished
    missing = (f"run {run.id} has no result for {', '.join(names)}",) if vanished else ()
    return (*missing, *(damage.reason for damage in damaged))


def notices_of(
    context: PipelineContext,
    read: DiagnosedRun,
    ledger: IncidentLedger,
    changes: Sequence[Transition],
    now: float,
) -> list[Notice]:
    """The notices of a run's transitions."""
    notice_context = NoticeContext(
        project=context.project.project, now=now, ledger=ledger, run=read.run.id,
        places=places_of(context.project, context.state, read.run.sources, context.at_hand),
        diagnosis=read.diagnosis, ends=_ends(context, now), several=len(context.project.repos) > 1,
    )  # fmt: skip
    return [
        notice_of(change, notice_context)
        for change in changes
        if change.routing is not Routing.SILENT
    ]


def process_due(
    context: PipelineContext, incidents: Incidents, expected: Sequence[JobDeadline], now: float
) -> PipelineResult:
    """Queues what is due by time: reminders, overdue jobs, digests. Raises HistoryProblem."""
    with incidents.writing(context.project.project) as transaction:
        before = transaction.ledger()
        ledger, clock_problems = _without_future_times(transaction, before, now)
        dropped = _dropped(context, ledger, now)
        after, changes = due(ledger, expected, now, dropped, transaction.last_sequence())
        transaction.save(before, after)
        notice_context = NoticeContext(
            project=context.project.project, now=now, ledger=after, expected=tuple(expected),
            ends=_ends(context, now), several=len(context.project.repos) > 1,
        )  # fmt: skip
        notices = [
            notice_of(change, notice_context)
            for change in changes
            if change.routing is not Routing.SILENT
        ]
        messages = post(transaction, notices, context.post, now)
    return PipelineResult(changes=changes, messages=messages, problems=clock_problems)


def _ends(context: PipelineContext, now: float) -> dict[str, str]:
    """A sentence on the end of life of its release, for each job id."""
    today = utc(now).date()
    sentences = {job.id: end_sentence(job.distribution, job.release, today) for job in context.jobs}
    return {id_: sentence for id_, sentence in sentences.items() if sentence}


def _dropped(context: PipelineContext, ledger: IncidentLedger, now: float) -> dict[BranchRef, str]:
    def deleted(point: RunRef, branch: BranchRef) -> bool:
        mirror = mirror_of(context.project.repos[branch.repo].git, context.state / "mirrors")
        return is_deleted(mirror, branch.branch, point.revision, point.at)

    return dropped_branches(context.project, ledger, deleted, now)


def import_announced(context: PipelineContext, incidents: Incidents, now: float) -> PipelineResult:
    """Imports every announced run that has ended and is not imported yet.

    One that cannot be read becomes a problem in the result, does not block the others, and is not
    tried again after two days. Raises HistoryProblem if the database fails.
    """
    result = PipelineResult()
    for run_id, began in incidents.announced():
        if _has_ended(context.state, run_id) or now - began >= _ENDLESS:
            result = _joined(result, _import_announced(context, incidents, run_id, began, now))
    return result


def _import_announced(
    context: PipelineContext, incidents: Incidents, run_id: str, began: float, now: float
) -> PipelineResult:
    try:
        read_run(run_path(context.state, run_id))
    except StorageProblem as problem:  # the next call may be able to read it
        return PipelineResult(problems=(f"run {run_id} is not imported yet: {problem}",))
    except HistoryProblem as problem:
        with incidents.writing(context.project.project) as transaction:
            transaction.take(run_id, began, now, str(problem))
        return PipelineResult(problems=(f"run {run_id} cannot be imported: {problem}",))
    return import_run(context, incidents, run_id, now)


def _has_ended(state: Path, run_id: str) -> bool:
    try:
        return read_run(run_path(state, run_id)).ended != ""
    except HistoryProblem:
        return False


def _joined(first: PipelineResult, other: PipelineResult) -> PipelineResult:
    return PipelineResult(
        changes=(*first.changes, *other.changes), messages=(*first.messages, *other.messages),
        problems=(*first.problems, *other.problems),
    )  # fmt: skip
