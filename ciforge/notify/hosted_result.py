"""Checks a result from an artifact before it is stored; where they differ, the service's report wins."""

import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.model.job import Job
from ciforge.model.result import Result, SourceUsed, Status, StepResult, green_status
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
"""Conclusions to the status of a result that claims to have passed; all others: infrastructure."""


def sanitized(result: Result, place: Path, now: float) -> Result:
    """The result with printable texts, valid times and lengths, and the artifacts found in `place`; without a
    container, which is on another machine. `now` is in seconds since 1970."""
    return attrs.evolve(
        result,
        failed_step=safe_line(result.failed_step, 64) if result.failed_step else None,
        reason=safe_line(result.reason, 500),
        started=_time(result.started, now),
        seconds=_length(result.seconds),
        steps=tuple(_step(step, now) for step in result.steps[:_STEPS]),
        tail=tuple(safe_line(line) for line in result.tail[-_TAIL:]),
        image=safe_line(result.image, 200),
        base=safe_line(result.base, 300),
        packages=_packages(result.packages),
        artifacts=tuple(sorted(path.name for path in (place / "artifacts").glob("*"))),
        kept_machine="",
        proven_by="",
        unconfirmed_step="",
        cache_problems=(),
    )


def _step(step: StepResult, now: float) -> StepResult:
    return attrs.evolve(
        step, name=safe_line(step.name, 64), seconds=_length(step.seconds),
        started=_time(step.started, now),
    )  # fmt: skip


def _time(text: str, now: float) -> str:
    """A time in the past; `now` for one in the future, empty for an invalid one."""
    at = seconds_of(text)
    if at is None:
        return ""
    return text if at <= now + LEEWAY else rfc3339(now)


def _length(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST)


def _packages(packages: Mapping[str, str]) -> dict[str, str]:
    some = list(packages.items())[:_PACKAGES]
    return {safe_line(name, 200): safe_line(version, 200) for name, version in some}


def with_source(result: Result, source: SourceUsed | None) -> Result:
    """The result with the source that the service reports; only the digest is the result's own."""
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


def with_conclusion(result: Result, conclusion: str, *, allowed: bool) -> Result:
    """The result with the service's conclusion, which wins unless it is a success.

    `allowed` comes from the project. A result that claims to have passed without steps, or with a
    step that did not pass, becomes infrastructure.
    """
    named = result.status.green and result.status is not Status.FLAKY
    status = green_status(result.job) if named else result.status
    kept = attrs.evolve(result, status=status, conclusion=conclusion, allow_failure=allowed)
    if kept.status is Status.SKIPPED:
        return _unknown(kept, "its result says skipped, but the job ran")
    if not kept.status.green:
        return kept
    if conclusion not in ("", "success"):
        status = _OF_CONCLUSION.get(conclusion, Status.INFRASTRUCTURE)
        reason = (
            f"the service reports {conclusion}, but the job's own result says {kept.status.value}"
        )
        return _replaced(kept, status, reason)
    if kept.failed_step or not kept.steps or any(step.exit_code != 0 for step in kept.steps):
        return _unknown(
            kept, f"its result says {kept.status.value}, but its steps are missing or did not pass"
        )
    return kept


def with_proof(result: Result, job: Job | None) -> Result:
    """The result with what ciforge knows of its system, and of what a cross check that compiled has shown;
    never in the artifact's own words.
    """
    passed = job is not None and result.status.green
    return attrs.evolve(
        result, proof=job.proof.value if job else "", given=job.given if job else {},
        proves=job.statement(result.packages) if job and passed else "",
    )  # fmt: skip


def _unknown(result: Result, reason: str) -> Result:
    return _replaced(result, Status.INFRASTRUCTURE, reason)


def _replaced(result: Result, status: Status, reason: str) -> Result:
    """The result with another status; limit and signal belonged to the old one."""
    return attrs.evolve(result, status=status, reason=reason, limit=None, signal=None)


def missing_result(job: str, conclusion: str, silence: str) -> Result:
    """The result of a job that has none: infrastructure, or cancelled if the service reports that."""
    status = Status.CANCELLED if conclusion == "cancelled" else Status.INFRASTRUCTURE
    reported = f"the service reports {conclusion}" if conclusion else silence
    return Result(job=job, status=status, conclusion=conclusion, reason=f"no result: {reported}")
