"""Texts that several reporters share: outcomes, counts, sources, exit statuses."""

import re
from collections.abc import Iterable, Mapping, Sequence
from posixpath import normpath

from ciforge.model.event import JobEnded
from ciforge.model.finding import Basis
from ciforge.model.quantities import plural
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.sanitize import safe_line

ORDER = (
    Status.PASSED, Status.COMPILED, Status.FLAKY, Status.FAILED, Status.TIMED_OUT,
    Status.INFRASTRUCTURE, Status.CANCELLED, Status.SKIPPED,
)  # fmt: skip

STYLES = {
    Status.PASSED: "green",
    Status.COMPILED: "green",
    Status.FLAKY: "yellow",
    Status.FAILED: "bold red",
    Status.TIMED_OUT: "bold red",
    Status.INFRASTRUCTURE: "bold magenta",
    Status.CANCELLED: "yellow",
    Status.SKIPPED: "cyan",
}
"""For rich."""

_CODE = re.compile("`([^`]+)`")

BASES = {
    Basis.ASKED: "looked up on the job's machine, not tried",
    Basis.MANUAL: "from the manual",
    Basis.DEDUCED: "deduced",
}
"""The origin of advice."""

NOT_GREEN = (Status.FAILED, Status.TIMED_OUT)
"""Statuses for which the source is at fault."""


PROVEN = "proven"
"""The word for a job that was not run, because one with the same inputs passed."""


def outcome(job: JobEnded) -> str:
    """A job's status: `passed`, `compiled`, `timed-out`, `failed (allowed)`."""
    return result_outcome(job.result)


def result_outcome(result: Result) -> str:
    """The same of a result."""
    return outcome_text(result.status, allowed=result.allow_failure, proven=bool(result.proven_by))


def outcome_text(status: Status, *, allowed: bool, proven: bool = False) -> str:
    """A status in words, by whether its failure is allowed, and whether it was proven before.

    A cross check says `compiled` in either case: `proven` would sound as if something had run there.
    """
    if status is Status.PASSED and proven:
        return PROVEN
    return f"{status.value} (allowed)" if allowed and status in NOT_GREEN else status.value


def outcome_counts(outcomes: Sequence[str]) -> dict[str, int]:
    """The number of jobs with each outcome, in the order of ORDER; `unknown` comes last."""
    rank = [f"{status.value}{end}" for status in ORDER for end in ("", " (allowed)")]
    rank[1:1] = [PROVEN]
    return {
        outcome: outcomes.count(outcome) for outcome in [*rank, "unknown"] if outcome in outcomes
    }


def counts_text(counts: Mapping[str, int]) -> str:
    """`4 passed, 1 failed, 1 failed (allowed)`; empty without jobs."""
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def counted(jobs: Iterable[JobEnded]) -> str:
    """The outcomes of jobs that have ended, counted; empty without jobs."""
    return counts_text(outcome_counts([outcome(job) for job in jobs]))


def source_line(source: SourceUsed) -> str:
    """`portable: /src/portable at 1f3a9c2b8a10, 3 files changed, with fix.diff`."""
    at = f" at {safe_line(source.revision)[:12]}" if source.revision else ""
    edits = edited(source.changes, source.patch)
    return f"{source.repo}: {safe_line(source.origin)}{at}" + (f", {edits}" if edits else "")


def file_of_source(file: str) -> str:
    """The path of a finding, relative to the top of the source if it is in it."""
    return normpath(safe_line(file)).removeprefix("/ciforge/src/")


def edited(changes: int, patch: str) -> str:
    """`3 files changed, with fix.diff`: how what was built differs from its commit."""
    files = [f"{plural(changes, 'file')} changed"] * bool(changes)
    return ", ".join([*files, *([f"with {safe_line(patch)}"] if patch else [])])


def marked(sentence: str) -> list[tuple[str, bool]]:
    """The pieces of a sentence, and whether each is code: the text between backquotes."""
    parts = _CODE.split(safe_line(sentence))
    return [(part, at % 2 == 1) for at, part in enumerate(parts) if part]


def step_end(exit_code: int | None) -> str:
    """The exit status of a step that was not green, in words."""
    return "exit status unknown" if exit_code is None else f"exit {exit_code}"
