"""The exit status of a run."""

from collections.abc import Iterable

from ciforge.model.result import Result, Status

INTERRUPTED, INFRASTRUCTURE, FAILED, UNDELIVERED, PASSED = 130, 3, 1, 4, 0


def exit_code(
    results: Iterable[Result], *, interrupted: bool, budget: bool = False, strict: bool = False
) -> int:
    """130 if interrupted, else 3 for infrastructure, 1 for a failure or if no job ran, else 0.

    Allowed failures count as passed, and so does an allowed job that was not tried because one that it
    needs, which counts itself, did not pass. With a budget, cancelled jobs do not count: they were not tried,
    except those that failed and were not repeated to the end.
    With `strict`, flaky jobs that may not fail count as failed.
    """
    if interrupted:
        return INTERRUPTED
    finished = [r for r in results if not (budget and _untried(r))]
    if nothing_ran(finished):
        return FAILED
    counted = [
        result.status for result in finished if not (result.allow_failure and _allowed(result))
    ]
    if Status.INFRASTRUCTURE in counted:
        return INFRASTRUCTURE
    bad = (Status.FAILED, Status.TIMED_OUT, Status.CANCELLED, *([Status.FLAKY] if strict else []))
    return FAILED if any(status in bad for status in counted) else PASSED


def nothing_ran(results: Iterable[Result]) -> bool:
    """Whether every job was skipped; a run that checked nothing did not succeed."""
    return all(result.status is Status.SKIPPED for result in results)


def _untried(result: Result) -> bool:
    return result.status is Status.CANCELLED and not result.unconfirmed_step


def _allowed(result: Result) -> bool:
    not_tried = result.status is Status.CANCELLED and bool(result.not_tried_for)
    return not_tried or result.status in (Status.FAILED, Status.TIMED_OUT, Status.FLAKY)


_ORDER = (INTERRUPTED, 70, 2, INFRASTRUCTURE, FAILED, UNDELIVERED)


def worst(*codes: int) -> int:
    """The most important of several exit statuses; 0 if all are 0."""
    return next((code for code in _ORDER if code in codes), PASSED)
