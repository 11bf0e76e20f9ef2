"""Applies a run to the ledger; docs/mail.md has the table of states."""

from collections.abc import Iterator

import attrs

from ciforge.model.incident import BranchRef, IncidentLedger, Observation, ObservedRun, Transition
from ciforge.transitions import infrastructure, overdue, retirement
from ciforge.transitions.closed import close_incidents
from ciforge.transitions.job_state import JobTransition, is_news, observed
from ciforge.transitions.opened import open_incidents
from ciforge.transitions.state_builder import LedgerBuilder


def apply_run(
    ledger: IncidentLedger, run: ObservedRun, now: float
) -> tuple[IncidentLedger, tuple[Transition, ...]]:
    """The ledger after one run, and its transitions in order. `now` is in seconds since 1970.

    Each job is compared with its last definitive result. Jobs that did not run stay as they are, and
    results older than the newest of a job are ignored.
    """
    builder = LedgerBuilder(ledger, run, now)
    for branch in run.matrix:
        retirement.retire_absent(builder, branch)
    for branch, seen in run.observations.items():
        job_transitions = tuple(_job_transitions(builder, branch, seen))
        open_incidents(builder, branch, job_transitions)
        close_incidents(builder, branch, job_transitions)
        overdue.close_answered(builder, branch)
    infrastructure.update(builder)
    return builder.result()


def _job_transitions(
    builder: LedgerBuilder, branch: BranchRef, seen: tuple[Observation, ...]
) -> Iterator[JobTransition]:
    """Stores the new job states; yields a transition for each definitive result."""
    for observation in seen:
        job_state = builder.job_states.get((branch, observation.job))
        if not is_news(job_state, observation.point):
            continue
        followed = branch in builder.run.followed
        builder.job_states[branch, observation.job] = attrs.evolve(
            observed(job_state, branch, observation), followed=followed
        )
        if observation.definitive:
            before = job_state.last if job_state else None
            good = job_state.good if job_state else None
            yield JobTransition(
                job=observation.job, before=before, after=_bounded(observation), good=good
            )


def _bounded(seen: Observation) -> Observation:
    """The observation without causes if it passed."""
    return attrs.evolve(seen, causes=()) if seen.passed else seen
