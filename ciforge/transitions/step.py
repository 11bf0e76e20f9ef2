"""What a run means after those before it: the table of states, and nothing else."""

from collections.abc import Iterator

import attrs

from ciforge.model.incident import BranchRef, IncidentLedger, Observation, ObservedRun, Transition
from ciforge.transitions import infrastructure, overdue, retirement
from ciforge.transitions.closed import close_incidents
from ciforge.transitions.job_state import JobTransition, is_news, observed
from ciforge.transitions.opened import open_incidents
from ciforge.transitions.state_builder import LedgerBuilder


def decide(
    book: IncidentLedger, taking: ObservedRun, now: float
) -> tuple[IncidentLedger, tuple[Transition, ...]]:
    """The book after one run, and what there is to tell, in order. `now` is in seconds since 1970.

    Each job is compared with its last definitive result; jobs that did not run stay as they were,
    and what is older than the book knows is passed over.
    """
    ledger = LedgerBuilder(book, taking, now)
    for line in taking.matrix:
        retirement.retire_absent(ledger, line)
    for line, seen in taking.observations.items():
        moves = tuple(_moves(ledger, line, seen))
        open_incidents(ledger, line, moves)
        close_incidents(ledger, line, moves)
        overdue.answered(ledger, line)
    infrastructure.judge(ledger)
    return ledger.result()


def _moves(
    ledger: LedgerBuilder, line: BranchRef, seen: tuple[Observation, ...]
) -> Iterator[JobTransition]:
    """Writes down what was seen; the moves of the jobs with a definitive result."""
    for one in seen:
        known = ledger.standings.get((line, one.job))
        if not is_news(known, one.point):
            continue
        followed = line in ledger.taking.followed
        ledger.standings[line, one.job] = attrs.evolve(
            observed(known, line, one), followed=followed
        )
        if one.definitive:
            before = known.last if known else None
            good = known.good if known else None
            yield JobTransition(job=one.job, before=before, after=_bounded(one), good=good)


def _bounded(seen: Observation) -> Observation:
    """A result that passed shows no cause, whatever it was handed in with."""
    return attrs.evolve(seen, causes=()) if seen.passed else seen
