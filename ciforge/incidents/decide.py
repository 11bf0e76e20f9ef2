"""What a run means after those before it: the table of states, and nothing else."""

from collections.abc import Iterator

import attrs

from ciforge.incidents import infrastructure, retirement, stale
from ciforge.incidents.breaking import broke
from ciforge.incidents.leaving import left
from ciforge.incidents.ledger import Ledger
from ciforge.incidents.standing import Move, is_news, observed
from ciforge.model.incident import Book, Change, Line, Observation, Taking


def decide(book: Book, taking: Taking, now: float) -> tuple[Book, tuple[Change, ...]]:
    """The book after one run, and what there is to tell, in order. `now` is in seconds since 1970.

    Each job is compared with its last definitive result; jobs that did not run stay as they were,
    and what is older than the book knows is passed over.
    """
    ledger = Ledger(book, taking, now)
    for line in taking.matrix:
        retirement.retire_absent(ledger, line)
    for line, seen in taking.observations.items():
        moves = tuple(_moves(ledger, line, seen))
        broke(ledger, line, moves)
        left(ledger, line, moves)
        stale.answered(ledger, line)
    infrastructure.judge(ledger)
    return ledger.result()


def _moves(ledger: Ledger, line: Line, seen: tuple[Observation, ...]) -> Iterator[Move]:
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
            yield Move(job=one.job, before=before, after=_bounded(one), good=good)


def _bounded(seen: Observation) -> Observation:
    """A result that passed shows no cause, whatever it was handed in with."""
    return attrs.evolve(seen, causes=()) if seen.passed else seen
