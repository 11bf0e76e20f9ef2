"""What several reporters say in the same words."""

import re
from collections.abc import Iterable

from ciforge.model.event import JobEnded
from ciforge.model.finding import Basis
from ciforge.model.result import SourceUsed, Status
from ciforge.sanitize import safe_line

ORDER = (
    Status.PASSED, Status.FAILED, Status.TIMED_OUT,
    Status.INFRASTRUCTURE, Status.CANCELLED, Status.SKIPPED,
)  # fmt: skip

STYLES = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.TIMED_OUT: "bold red",
    Status.INFRASTRUCTURE: "bold magenta",
    Status.CANCELLED: "yellow",
    Status.SKIPPED: "cyan",
}
"""For rich."""

_CODE = re.compile("`([^`]+)`")

BASES = {Basis.ASKED: "checked on that system", Basis.DEDUCED: "deduced"}
"""Where an advice comes from."""

NOT_GREEN = (Status.FAILED, Status.TIMED_OUT)
"""What the source is to blame for."""


def outcome(job: JobEnded) -> str:
    """A status in words: `passed`, `timed-out`, `failed (allowed)`."""
    allowed = job.result.allow_failure and job.status in NOT_GREEN
    return f"{job.status.value} (allowed)" if allowed else job.status.value


def counted(jobs: Iterable[JobEnded]) -> str:
    """`4 passed, 1 failed, 1 failed (allowed)`, in the order of ORDER; empty without jobs."""
    words = [outcome(job) for job in jobs]
    rank = [f"{status.value}{end}" for status in ORDER for end in ("", " (allowed)")]
    return ", ".join(f"{words.count(word)} {word}" for word in rank if word in words)


def duration(seconds: float) -> str:
    """`63 s`, `12 min 3 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def source_line(source: SourceUsed) -> str:
    """`portable: /src/portable at 1f3a9c2b8a10, 3 files changed, with fix.diff`."""
    at = f" at {safe_line(source.revision)[:12]}" if source.revision else ""
    edits = edited(source.changes, source.patch)
    return f"{source.repo}: {safe_line(source.origin)}{at}" + (f", {edits}" if edits else "")


def edited(changes: int, patch: str) -> str:
    """`3 files changed, with fix.diff`: how what was built differs from its commit."""
    words = [f"{changes} file{'s' * (changes != 1)} changed"] * bool(changes)
    return ", ".join([*words, *([f"with {safe_line(patch)}"] if patch else [])])


def marked(sentence: str) -> list[tuple[str, bool]]:
    """The pieces of a sentence, and whether each is code: what stands between backquotes."""
    parts = _CODE.split(safe_line(sentence))
    return [(part, at % 2 == 1) for at, part in enumerate(parts) if part]


def step_end(exit_code: int | None) -> str:
    """How a step that was not green ended."""
    return "exit code not certain" if exit_code is None else f"exit {exit_code}"
