"""The one flow behind `run --notify`, `notify` and `collect`: from a run's folder to the outbox."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.model.diagnosis import Diagnosis
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
from ciforge.notify.observations import numbered, passed_over, started_at, taking_of, with_matrix
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.notify.unfollowed_branches import left_lines, named_lines
from ciforge.sources import mirror_of
from ciforge.sources.branch import is_deleted
from ciforge.store.documents import HistoryProblem, StorageProblem
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.incident_transaction import IncidentTransaction
from ciforge.store.runs.run_folder import read_run, run_path
from ciforge.store.runs.run_reader import DamagedRun, read_whole_run
from ciforge.transitions.clock_change import settled
from ciforge.transitions.due import due
from ciforge.transitions.step import decide

_NAMED = 6
"""Jobs of a list within a sentence."""
_ENDLESS = 2 * 86400.0
"""Seconds after which a run without an end was killed: its results are taken in as they are."""


@attrs.frozen(kw_only=True)
class PipelineContext:
    """What following runs needs to know of a project."""

    state: Path
    project: Project
    jobs: tuple[Job, ...]
    """All that are listed."""
    post: MailRouter
    at_hand: Mapping[str, Path] = attrs.field(factory=dict)
    """Repositories to checkouts that have their commits."""
    remarks: tuple[str, ...] = ()
    """Sentences for every mail: that the state was lost."""


@attrs.frozen(kw_only=True)
class PipelineResult:
    """What came of it."""

    changes: tuple[Transition, ...] = ()
    messages: tuple[Message, ...] = ()
    """Queued, not yet delivered."""
    told: tuple[str, ...] = ()
    """What could not be read, a sentence each."""


@attrs.frozen(kw_only=True)
class DiagnosedRun:
    """One run, read and diagnosed."""

    run: Run
    taking: ObservedRun
    diagnosis: Diagnosis
    told: tuple[str, ...]


def import_run(
    flow: PipelineContext, incidents: Incidents, run_id: str, now: float
) -> PipelineResult:
    """Takes in one run, once: incidents and mails in one transaction. Raises HistoryProblem."""
    if incidents.is_taken(run_id):
        return PipelineResult()
    read = read_for(flow, run_id, now)
    with incidents.writing(flow.project.project) as writing:
        if not (sequence := writing.take(run_id, read.taking.point.at, now)):
            return PipelineResult()
        before = writing.book(read.taking.causes)
        book, jumped = _settled(writing, before, now)
        known = {line for line, _ in before.standings}
        listed = [job.id for job in flow.jobs]
        taking = numbered(read.taking, sequence)
        taking = with_matrix(taking, listed, known, named_lines(flow.project))
        after, changes = decide(book, taking, now)
        writing.save(before, after)
        notices = [
            attrs.evolve(one, remarks=(*one.remarks, *flow.remarks))
            for one in notices_of(flow, read, after, changes, now)
        ]
        messages = post(writing, notices, flow.post, now)
    told = (*jumped, *read.told, *passed_over(before, taking))
    return PipelineResult(changes=changes, messages=messages, told=told)


def _settled(
    writing: IncidentTransaction, book: IncidentLedger, now: float
) -> tuple[IncidentLedger, tuple[str, ...]]:
    """The book without times ahead of the clock, and a sentence where there were some."""
    book, ahead = settled(book, now)
    ahead = max(ahead, writing.settle(now))
    if not ahead:
        return book, ()
    return book, (
        f"the clock went back: some times here were {ahead / 3600:.1f} hours ahead of it, and count "
        "as now; is the clock of this machine right?",
    )


def read_for(flow: PipelineContext, run_id: str, now: float) -> DiagnosedRun:
    """A run from its files, with its causes. Raises HistoryProblem where `run.json` is none."""
    run, results, damaged = read_whole_run(run_path(flow.state, run_id))
    diagnosis = diagnose_run(flow.state, run, results, flow.jobs)
    lost = _lost(run, [result.job for result in results], damaged)
    at, remark = started_at(run, now)
    taking = taking_of(run, at, results, diagnosis)
    told = (*remark, *lost, *diagnosis.told)
    return DiagnosedRun(
        run=run, taking=taking, diagnosis=attrs.evolve(diagnosis, told=lost), told=told
    )


def _lost(run: Run, found: Sequence[str], damaged: Sequence[DamagedRun]) -> tuple[str, ...]:
    """Jobs that vanished are not green; nor is what cannot be read."""
    vanished = [job for job in run.jobs if job not in found]
    more = len(vanished) - _NAMED
    names = [*vanished[:_NAMED], f"{more} more jobs"] if more > 1 else vanished
    words = (f"run {run.id} left no result of {', '.join(names)}",) if vanished else ()
    return (*words, *(damage.reason for damage in damaged))


def notices_of(
    flow: PipelineContext,
    read: DiagnosedRun,
    book: IncidentLedger,
    changes: Sequence[Transition],
    now: float,
) -> list[Notice]:
    """What there is to say about the changes of a run."""
    around = NoticeContext(
        project=flow.project.project, now=now, book=book, run=read.run.id,
        places=places_of(flow.project, flow.state, read.run.sources, flow.at_hand),
        diagnosis=read.diagnosis, several=len(flow.project.repos) > 1,
    )  # fmt: skip
    return [notice_of(change, around) for change in changes if change.way is not Routing.SILENT]


def look_after(
    flow: PipelineContext, incidents: Incidents, expected: Sequence[JobDeadline], now: float
) -> PipelineResult:
    """What is due by time: reminders, late jobs, digests. Raises HistoryProblem."""
    with incidents.writing(flow.project.project) as writing:
        before = writing.book()
        book, jumped = _settled(writing, before, now)
        left = _left(flow, book, now)
        after, changes = due(book, expected, now, left, writing.last_sequence())
        writing.save(before, after)
        around = NoticeContext(
            project=flow.project.project, now=now, book=after, expected=tuple(expected),
            several=len(flow.project.repos) > 1,
        )  # fmt: skip
        notices = [
            notice_of(change, around) for change in changes if change.way is not Routing.SILENT
        ]
        messages = post(writing, notices, flow.post, now)
    return PipelineResult(changes=changes, messages=messages, told=jumped)


def _left(flow: PipelineContext, book: IncidentLedger, now: float) -> dict[BranchRef, str]:
    def deleted(point: RunRef, line: BranchRef) -> bool:
        mirror = mirror_of(flow.project.repos[line.repo].git, flow.state / "mirrors")
        return is_deleted(mirror, line.branch, point.revision, point.at)

    return left_lines(flow.project, book, deleted, now)


def take_in_announced(flow: PipelineContext, incidents: Incidents, now: float) -> PipelineResult:
    """Takes in every announced run that has ended and that nobody took in.

    One that cannot be read is told, keeps no other waiting, and is given up after two days. Raises
    HistoryProblem where the database fails.
    """
    whole = PipelineResult()
    for run_id, began in incidents.announced():
        if _has_ended(flow.state, run_id) or now - began >= _ENDLESS:
            whole = _and(whole, _take_in_whatever(flow, incidents, run_id, began, now))
    return whole


def _take_in_whatever(
    flow: PipelineContext, incidents: Incidents, run_id: str, began: float, now: float
) -> PipelineResult:
    try:
        read_run(run_path(flow.state, run_id))
    except StorageProblem as problem:  # the run is there, and the next call may read it
        return PipelineResult(told=(f"run {run_id} waits: {problem}",))
    except HistoryProblem as problem:
        with incidents.writing(flow.project.project) as writing:
            writing.take(run_id, began, now, str(problem))
        return PipelineResult(told=(f"run {run_id} is given up: {problem}",))
    return import_run(flow, incidents, run_id, now)


def _has_ended(state: Path, run_id: str) -> bool:
    try:
        return read_run(run_path(state, run_id)).ended != ""
    except HistoryProblem:
        return False


def _and(one: PipelineResult, other: PipelineResult) -> PipelineResult:
    return PipelineResult(
        changes=(*one.changes, *other.changes), messages=(*one.messages, *other.messages),
        told=(*one.told, *other.told),
    )  # fmt: skip
