"""A result that came in an artifact, as it may be kept: what it claims of itself is checked, and what
the service says counts for more."""

import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.model.result import Result, SourceUsed, Status, StepResult
from ciforge.sanitize import safe_line
from ciforge.timestamp import LEEWAY, rfc3339, seconds_of

_DAY = 86400.0
_LONGEST = 7 * _DAY
"""Seconds of a job; services end theirs sooner."""
_TAIL = 30
_STEPS = 200
_PACKAGES = 20_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_OF_CONCLUSION = {"cancelled": Status.CANCELLED, "timed_out": Status.TIMED_OUT}
"""A conclusion that is no success to what it makes of a result that passed; of others nothing is known."""


def cleaned(result: Result, place: Path, now: float) -> Result:
    """The result with printable texts, with times and lengths that can be, with the artifacts that lie
    in `place`, and without a box, for it is of another machine. `now` is in seconds since 1970."""
    return attrs.evolve(
        result,
        failed_step=safe_line(result.failed_step, 64) if result.failed_step else None,
        reason=safe_line(result.reason, 500),
        started=_time(result.started, now),
        seconds=_length(result.seconds),
        steps=tuple(_step(one, now) for one in result.steps[:_STEPS]),
        tail=tuple(safe_line(line) for line in result.tail[-_TAIL:]),
        image=safe_line(result.image, 200),
        base=safe_line(result.base, 300),
        packages=_packages(result.packages),
        artifacts=tuple(sorted(path.name for path in (place / "artifacts").glob("*"))),
        box="",
    )


def _step(one: StepResult, now: float) -> StepResult:
    return attrs.evolve(
        one, name=safe_line(one.name, 64), seconds=_length(one.seconds),
        started=_time(one.started, now),
    )  # fmt: skip


def _time(text: str, now: float) -> str:
    """A time that has passed; one of the future is `now`, and what is no time is left out."""
    at = seconds_of(text)
    if at is None:
        return ""
    return text if at <= now + LEEWAY else rfc3339(now)


def _length(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST)


def _packages(packages: Mapping[str, str]) -> dict[str, str]:
    some = list(packages.items())[:_PACKAGES]
    return {safe_line(name, 200): safe_line(version, 200) for name, version in some}


def sourced(result: Result, source: SourceUsed | None) -> Result:
    """The result with what the service says was built; of its own words only the digest stays."""
    own = result.source
    digest = own.digest if own and _DIGEST.fullmatch(own.digest) else ""
    if source is not None:
        return attrs.evolve(result, source=attrs.evolve(source, digest=digest))
    if own is None:
        return result
    repo = result.job.partition("/")[0]
    plain = SourceUsed(
        repo=repo, origin=safe_line(own.origin, 300), revision=own.revision, digest=digest,
        changes=own.changes, patch=safe_line(own.patch, 200),
    )  # fmt: skip
    return attrs.evolve(result, source=plain)


def judged(result: Result, conclusion: str, *, allowed: bool) -> Result:
    """The result beside the service's conclusion, which wins where it is no success.

    Whether a failure is allowed is for the project to say. A result that passed without a step that
    passed, or with one that did not, says nothing.
    """
    kept = attrs.evolve(result, conclusion=conclusion, allow_failure=allowed)
    if kept.status is Status.SKIPPED:
        return _unknown(kept, "it says that it was skipped, though it ran")
    if kept.status is not Status.PASSED:
        return kept
    if conclusion not in ("", "success"):
        status = _OF_CONCLUSION.get(conclusion, Status.INFRASTRUCTURE)
        reason = f"the service says {conclusion}, though the job's own result says passed"
        return _replaced(kept, status, reason)
    if kept.failed_step or not kept.steps or any(step.exit_code != 0 for step in kept.steps):
        return _unknown(kept, "its result says passed, but not that its steps passed")
    return kept


def _unknown(result: Result, reason: str) -> Result:
    return _replaced(result, Status.INFRASTRUCTURE, reason)


def _replaced(result: Result, status: Status, reason: str) -> Result:
    """The result with another status; limit and signal belonged to the old one."""
    return attrs.evolve(result, status=status, reason=reason, limit=None, signal=None)


def lost(job: str, conclusion: str, silence: str) -> Result:
    """A job that left no result: nothing is known, unless it was cancelled."""
    status = Status.CANCELLED if conclusion == "cancelled" else Status.INFRASTRUCTURE
    said = f"the service says: {conclusion}" if conclusion else silence
    return Result(
        job=job, status=status, conclusion=conclusion, reason=f"it left no result; {said}"
    )
