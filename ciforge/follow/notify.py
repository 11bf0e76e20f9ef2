"""The one flow behind `run --notify`, `notify` and `collect`: from a run's folder to the outbox."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.follow.branches import left_lines, named_lines
from ciforge.follow.diagnosis import diagnose_run
from ciforge.follow.notices import Around, notice_of
from ciforge.follow.observing import numbered, passed_over, started_at, taking_of, with_matrix
from ciforge.follow.posting import Post, post
from ciforge.follow.spans import places_of
from ciforge.history.documents import HistoryProblem, StorageProblem
from ciforge.history.incidents import Incidents
from ciforge.history.intake import Damage, read_whole_run
from ciforge.history.store import read_run, run_path
from ciforge.history.writing import Writing
from ciforge.incidents.clock import settled
from ciforge.incidents.decide import decide
from ciforge.incidents.due import due
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.incident import Book, Change, Expected, Line, Point, Taking, Way
from ciforge.model.job import Job
from ciforge.model.mail import Message, Notice
from ciforge.model.project import Project
from ciforge.model.result import Run
from ciforge.sources import mirror_of
from ciforge.sources.branch import is_deleted

_NAMED = 6
"""Jobs of a list within a sentence."""
_ENDLESS = 2 * 86400.0
"""Seconds after which a run without an end was killed: its results are taken in as they are."""


@attrs.frozen(kw_only=True)
class Flow:
    """What following runs needs to know of a project."""

    state: Path
    project: Project
    jobs: tuple[Job, ...]
    """All that are listed."""
    post: Post
    at_hand: Mapping[str, Path] = attrs.field(factory=dict)
    """Repositories to checkouts that have their commits."""
    remarks: tuple[str, ...] = ()
    """Sentences for every mail: that the state was lost."""


@attrs.frozen(kw_only=True)
class Followed:
    """What came of it."""

    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()
    """Queued, not yet delivered."""
    told: tuple[str, ...] = ()
    """What could not be read, a sentence each."""


@attrs.frozen(kw_only=True)
class Read:
    """One run, read and diagnosed."""

    run: Run
    taking: Taking
    diagnosis: Diagnosis
    told: tuple[str, ...]


def take_in(flow: Flow, incidents: Incidents, run_id: str, now: float) -> Followed:
    """Takes in one run, once: incidents and mails in one transaction. Raises HistoryProblem."""
    if incidents.is_taken(run_id):
        return Followed()
    read = read_for(flow, run_id, now)
    with incidents.writing(flow.project.project) as writing:
        if not (sequence := writing.take(run_id, read.taking.point.at, now)):
            return Followed()
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
    return Followed(changes=changes, messages=messages, told=told)


def _settled(writing: Writing, book: Book, now: float) -> tuple[Book, tuple[str, ...]]:
    """The book without times ahead of the clock, and a sentence where there were some."""
    book, ahead = settled(book, now)
    ahead = max(ahead, writing.settle(now))
    if not ahead:
        return book, ()
    return book, (
        f"the clock went back: some times here were {ahead / 3600:.1f} hours ahead of it, and count "
        "as now; is the clock of this machine right?",
    )


def read_for(flow: Flow, run_id: str, now: float) -> Read:
    """A run from its files, with its causes. Raises HistoryProblem where `run.json` is none."""
    run, results, damaged = read_whole_run(run_path(flow.state, run_id))
    diagnosis = diagnose_run(flow.state, run, results, flow.jobs)
    lost = _lost(run, [result.job for result in results], damaged)
    at, remark = started_at(run, now)
    taking = taking_of(run, at, results, diagnosis)
    told = (*remark, *lost, *diagnosis.told)
    return Read(run=run, taking=taking, diagnosis=attrs.evolve(diagnosis, told=lost), told=told)


def _lost(run: Run, found: Sequence[str], damaged: Sequence[Damage]) -> tuple[str, ...]:
    """Jobs that vanished are not green; nor is what cannot be read."""
    vanished = [job for job in run.jobs if job not in found]
    more = len(vanished) - _NAMED
    names = [*vanished[:_NAMED], f"{more} more jobs"] if more > 1 else vanished
    words = (f"run {run.id} left no result of {', '.join(names)}",) if vanished else ()
    return (*words, *(damage.reason for damage in damaged))


def notices_of(
    flow: Flow, read: Read, book: Book, changes: Sequence[Change], now: float
) -> list[Notice]:
    """What there is to say about the changes of a run."""
    around = Around(
        project=flow.project.project, now=now, book=book, run=read.run.id,
        places=places_of(flow.project, flow.state, read.run.sources, flow.at_hand),
        diagnosis=read.diagnosis, several=len(flow.project.repos) > 1,
    )  # fmt: skip
    return [notice_of(change, around) for change in changes if change.way is not Way.SILENT]


def look_after(
    flow: Flow, incidents: Incidents, expected: Sequence[Expected], now: float
) -> Followed:
    """What is due by time: reminders, late jobs, digests. Raises HistoryProblem."""
    with incidents.writing(flow.project.project) as writing:
        before = writing.book()
        book, jumped = _settled(writing, before, now)
        left = _left(flow, book, now)
        after, changes = due(book, expected, now, left, writing.last_sequence())
        writing.save(before, after)
        around = Around(
            project=flow.project.project, now=now, book=after, expected=tuple(expected),
            several=len(flow.project.repos) > 1,
        )  # fmt: skip
        notices = [notice_of(change, around) for change in changes if change.way is not Way.SILENT]
        messages = post(writing, notices, flow.post, now)
    return Followed(changes=changes, messages=messages, told=jumped)


def _left(flow: Flow, book: Book, now: float) -> dict[Line, str]:
    def deleted(point: Point, line: Line) -> bool:
        mirror = mirror_of(flow.project.repos[line.repo].git, flow.state / "mirrors")
        return is_deleted(mirror, line.branch, point.revision, point.at)

    return left_lines(flow.project, book, deleted, now)


def take_in_announced(flow: Flow, incidents: Incidents, now: float) -> Followed:
    """Takes in every announced run that has ended and that nobody took in.

    One that cannot be read is told, keeps no other waiting, and is given up after two days. Raises
    HistoryProblem where the database fails.
    """
    whole = Followed()
    for run_id, began in incidents.announced():
        if _has_ended(flow.state, run_id) or now - began >= _ENDLESS:
            whole = _and(whole, _take_in_whatever(flow, incidents, run_id, began, now))
    return whole


def _take_in_whatever(
    flow: Flow, incidents: Incidents, run_id: str, began: float, now: float
) -> Followed:
    try:
        read_run(run_path(flow.state, run_id))
    except StorageProblem as problem:  # the run is there, and the next call may read it
        return Followed(told=(f"run {run_id} waits: {problem}",))
    except HistoryProblem as problem:
        with incidents.writing(flow.project.project) as writing:
            writing.take(run_id, began, now, str(problem))
        return Followed(told=(f"run {run_id} is given up: {problem}",))
    return take_in(flow, incidents, run_id, now)


def _has_ended(state: Path, run_id: str) -> bool:
    try:
        return read_run(run_path(state, run_id)).ended != ""
    except HistoryProblem:
        return False


def _and(one: Followed, other: Followed) -> Followed:
    return Followed(
        changes=(*one.changes, *other.changes), messages=(*one.messages, *other.messages),
        told=(*one.told, *other.told),
    )  # fmt: skip
