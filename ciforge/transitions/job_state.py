"""The state of a job, and how a new result changes it."""

import re

import attrs

from ciforge.model.incident import BranchRef, JobState, Observation, RunRef
from ciforge.model.result import Status

_HOSTED = re.compile(r"github-([0-9]{1,19})-[0-9]{1,9}")


@attrs.frozen(kw_only=True)
class JobTransition:
    """A job's change from its last definitive result to the one of this run."""

    job: str
    before: Observation | None
    after: Observation
    good: Observation | None
    """Its last result that passed, before this run."""

    @property
    def same_commit(self) -> bool:
        """Whether both have the same commit and, as far as known, the same packages."""
        return self.before is not None and same_commit(self.before, self.after)

    @property
    def new_causes(self) -> tuple[str, ...]:
        """Keys of causes that it did not show before."""
        return tuple(key for key in self.after.causes if key not in causes_of(self.before))

    @property
    def gone_causes(self) -> tuple[str, ...]:
        """Keys of causes that it showed before and no longer shows."""
        return tuple(key for key in causes_of(self.before) if key not in self.after.causes)


def causes_of(observation: Observation | None) -> tuple[str, ...]:
    """Keys of its causes; empty without an observation."""
    return () if observation is None else observation.causes


def same_commit(first: Observation, other: Observation) -> bool:
    """Whether both have the same commit and the same packages; unknown packages count as equal."""
    if not first.point.revision or first.point.revision != other.point.revision:
        return False
    return not first.packages or not other.packages or first.packages == other.packages


def is_news(job_state: JobState | None, point: RunRef) -> bool:
    """Whether a run is newer than the newest one of the job: by sequence, or by the service's run
    number if both have one."""
    if job_state is None:
        return True
    before, now = _number(job_state.newest), _number(point)
    if before and now and before != now:
        return now > before
    return point.sequence > job_state.newest.sequence


def _number(point: RunRef) -> int:
    """The number that a hosted service gave to the run; attempts of one run share it."""
    match = _HOSTED.fullmatch(point.run)
    return int(match[1]) if match else 0


def observed(job_state: JobState | None, branch: BranchRef, seen: Observation) -> JobState:
    """The state of the job after a newer run."""
    state = job_state or JobState(branch_ref=branch, job=seen.job, listed=seen.point.at)
    state = attrs.evolve(state, newest=seen.point, retired=False)
    if seen.status is Status.INFRASTRUCTURE:
        return attrs.evolve(
            state, troubles=state.troubles + 1, troubled=state.troubled or seen.point.at,
            trouble=seen.reason,
        )  # fmt: skip
    return _settled(state, seen) if seen.definitive else state


def _settled(state: JobState, seen: Observation) -> JobState:
    turned = state.last is None or state.last.passed != seen.passed
    return attrs.evolve(
        state, last=seen, good=seen if seen.passed else state.good,
        since=seen.point if turned else state.since, troubles=0, troubled=0.0, trouble="",
    )  # fmt: skip


def retire(job_state: JobState) -> JobState:
    """The state of a job that was removed from the matrix: without its last result, in case it returns."""
    return attrs.evolve(
        job_state, retired=True, last=None, since=RunRef(), troubles=0, troubled=0.0, trouble=""
    )


def joined(ids: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Both tuples without duplicates, in this order."""
    return tuple(dict.fromkeys((*ids, *more)))
