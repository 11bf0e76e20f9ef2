"""What the result of one build says about a cause."""

from collections.abc import Collection, Sequence

import attrs

from ciforge.bisect.search import Verdict
from ciforge.model.finding import FindingKind
from ciforge.model.result import Result, Status


@attrs.frozen(kw_only=True)
class SoughtCause:
    """The cause that is searched for, and the step of the job in which it shows."""

    key: str
    title: str
    step: str


_BY_CHANCE = frozenset(
    {
        FindingKind.TEST_FAILURE,
        FindingKind.DEPS_NETWORK,
        FindingKind.DISK_FULL,
        FindingKind.OUT_OF_MEMORY,
        FindingKind.TIMEOUT,
    }
)
"""Kinds of failure that a second build of the same commit often does not have."""


def verdict_of(
    result: Result,
    keys: Collection[str],
    kinds: Collection[FindingKind],
    sought: SoughtCause,
    steps: Sequence[str],
) -> Verdict:
    """The verdict of a job that ended; `keys` and `kinds` are those of its causes, `steps` its own in order.

    A job that failed in a later step came past the place of the cause, and lacks it. A cause is the
    same wherever its file was moved to, since keys contain no place.
    """
    if result.status.green:
        return Verdict.GOOD
    if sought.key in keys:
        return Verdict.BAD
    if result.status is Status.INFRASTRUCTURE:
        return Verdict.UNCLEAR
    if _comes_after(result.failed_step or "", sought.step, steps):
        return Verdict.GOOD
    by_chance = result.status is Status.TIMED_OUT or not _BY_CHANCE.isdisjoint(kinds)
    return Verdict.UNCLEAR if by_chance else Verdict.OTHER


def _comes_after(step: str, other: str, steps: Sequence[str]) -> bool:
    return step in steps and other in steps and steps.index(step) > steps.index(other)
