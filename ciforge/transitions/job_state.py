"""What is known of each job: its last definitive result, against which the next one is compared."""

import re
from collections.abc import Mapping

import attrs

from ciforge.model.incident import BranchRef, JobState, Observation, RunRef
from ciforge.model.result import Status

_HOSTED = re.compile(r"github-([0-9]{1,19})-[0-9]{1,9}")

Standings = Mapping[tuple[BranchRef, str], JobState]


@attrs.frozen(kw_only=True)
class JobTransition:
    """One job's step from its last definitive result to the one of this run."""

    job: str
    before: Observation | None
    after: Observation
    good: Observation | None
    """Its last result that passed, before this run."""

    @property
    def same_commit(self) -> bool:
        """Whether nothing changed between the two: not the source, and no package as far as known."""
        return self.before is not None and same_commit(self.before, self.after)

    @property
    def came(self) -> tuple[str, ...]:
        """Causes that it did not show before."""
        return tuple(key for key in self.after.causes if key not in causes_of(self.before))

    @property
    def went(self) -> tuple[str, ...]:
        """Causes that it showed and shows no more."""
        return tuple(key for key in causes_of(self.before) if key not in self.after.causes)


def causes_of(observation: Observation | None) -> tuple[str, ...]:
    """The causes it shows; a job that was never seen shows none."""
    return () if observation is None else observation.causes


def same_commit(one: Observation, other: Observation) -> bool:
    """Whether both saw the same commit with the same packages; unknown packages are no difference."""
    if not one.point.revision or one.point.revision != other.point.revision:
        return False
    return not one.packages or not other.packages or one.packages == other.packages


def is_news(standing: JobState | None, point: RunRef) -> bool:
    """Whether a run is newer than all that is known of the job: by its place in the order, and
    where one service numbered both, by its numbers."""
    if standing is None:
        return True
    before, now = _number(standing.newest), _number(point)
    if before and now and before != now:
        return now > before
    return point.sequence > standing.newest.sequence


def _number(point: RunRef) -> int:
    """The number that a hosted service gave to the run; attempts of one run share it."""
    found = _HOSTED.fullmatch(point.run)
    return int(found[1]) if found else 0


def observed(standing: JobState | None, line: BranchRef, seen: Observation) -> JobState:
    """What is known after a newer run."""
    known = standing or JobState(line=line, job=seen.job, listed=seen.point.at)
    known = attrs.evolve(known, newest=seen.point, retired=False)
    if seen.status is Status.INFRASTRUCTURE:
        return attrs.evolve(
            known, troubles=known.troubles + 1, troubled=known.troubled or seen.point.at,
            trouble=seen.reason,
        )  # fmt: skip
    return _settled(known, seen) if seen.definitive else known


def _settled(known: JobState, seen: Observation) -> JobState:
    turned = known.last is None or known.last.passed != seen.passed
    return attrs.evolve(
        known, last=seen, good=seen if seen.passed else known.good,
        since=seen.point if turned else known.since, troubles=0, troubled=0.0, trouble="",
    )  # fmt: skip


def retire(standing: JobState) -> JobState:
    """A job that left the matrix; should it come back, nothing is compared with what it was."""
    return attrs.evolve(
        standing, retired=True, last=None, since=RunRef(), troubles=0, troubled=0.0, trouble=""
    )


def joined(ids: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once, in this order."""
    return tuple(dict.fromkeys((*ids, *more)))
