"""The values that the templates show; templates only loop and choose."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar
from urllib.parse import quote

import attrs

from ciforge.model.cause import Cause, Trouble
from ciforge.model.diagnosis import Warned
from ciforge.model.finding import Finding
from ciforge.model.identifiers import file_name
from ciforge.model.result import Result, Status
from ciforge.report.formatting import BASES, PROVEN
from ciforge.report.run_report import RunReport, became

Cell = TypeVar("Cell")

_LINES = 14
"""Lines of an excerpt."""

_WARNINGS = 30

LOOKS = {
    "passed": ("good", "check"),
    PROVEN: ("good", "check"),
    "compiled": ("good", "minus"),
    "flaky": ("warn", "check"),
    "failed": ("bad", "cross"),
    "timed-out": ("bad", "clock"),
    "failed (allowed)": ("warn", "cross"),
    "timed-out (allowed)": ("warn", "clock"),
    "infrastructure": ("lost", "alert"),
    "cancelled": ("idle", "stop"),
    "skipped": ("idle", "minus"),
    "unknown": ("idle", "question"),
    "no result": ("idle", "question"),
    "stale": ("idle", "clock"),
}
"""Colour and sign of an outcome; the word is always shown with them."""


@attrs.frozen(kw_only=True)
class VerdictView:
    """The outcome of one job."""

    job: str
    word: str
    step: str = ""
    seconds: float | None = None
    reason: str = ""
    causes: tuple[int, ...] = ()

    @property
    def look(self) -> str:
        """The name of a colour."""
        return LOOKS[self.word][0]

    @property
    def icon(self) -> str:
        """The name of a sign."""
        return LOOKS[self.word][1]

    @property
    def page(self) -> str:
        """The address of its page below `jobs/`."""
        return page(self.job)


@attrs.frozen(kw_only=True)
class MatrixRow(Generic[Cell]):
    """A release on one processor; a cell is None if the variant has no job there."""

    release: str
    arch: str
    cells: tuple[Cell | None, ...]


@attrs.frozen(kw_only=True)
class MatrixView(Generic[Cell]):
    """One repository: releases by variants."""

    repo: str
    variants: tuple[str, ...]
    rows: tuple[MatrixRow[Cell], ...]


@attrs.frozen(kw_only=True)
class CauseView:
    """One cause as it is shown."""

    number: int
    cause: Cause
    title: str
    jobs: tuple[tuple[str, str], ...]
    """Ids, and the addresses of the finding in their pages."""
    excerpt: tuple[tuple[str, bool], ...]
    """Lines, and whether it is the root."""
    place: str
    advice: str
    bisected: str
    basis: str
    repeat: str

    @property
    def foreign(self) -> bool:
        """Whether the source is not at fault."""
        return is_foreign(self.cause)


def page(job: str) -> str:
    """The address of a job's page below `jobs/`."""
    return f"{address(file_name(job))}.html"


def address(name: str) -> str:
    """A file's name as a part of an address."""
    return quote(name, safe=",@+~")


def split(job: str) -> tuple[str, str, str, str]:
    """Repository, release, variant, processor."""
    repo, release, last = job.split("/")
    variant, _, arch = last.partition("@")
    return repo, release, variant, arch


def verdicts(report: RunReport) -> dict[str, VerdictView]:
    """By job, in the order of the run."""
    results = {result.job: result for result in report.results}
    return {
        job: _verdict(report, job, results) for job in dict.fromkeys([*report.run.jobs, *results])
    }


def _verdict(report: RunReport, job: str, results: dict[str, Result]) -> VerdictView:
    result = results.get(job)
    if result is None:
        return VerdictView(job=job, word="unknown")
    return VerdictView(
        job=job,
        word=became(result),
        step=result.failed_step or "",
        seconds=None if result.status is Status.SKIPPED or result.proven_by else result.seconds,
        reason=result.reason or result.proves,
        causes=tuple(number for number, _ in report.causes_of(job)),
    )


def matrices(shown: Mapping[str, Cell]) -> Iterator[MatrixView[Cell]]:
    """A table for each repository, in the order of the jobs, a release's processors together."""
    for repo in dict.fromkeys(split(job)[0] for job in shown):
        cells = {split(job)[1:]: verdict for job, verdict in shown.items() if split(job)[0] == repo}
        variants = tuple(dict.fromkeys(variant for _, variant, _ in cells))
        releases = list(dict.fromkeys(release for release, _, _ in cells))
        rows = sorted(
            dict.fromkeys((release, arch) for release, _, arch in cells),
            key=lambda row: releases.index(row[0]),
        )
        yield MatrixView(
            repo=repo,
            variants=variants,
            rows=tuple(
                MatrixRow(
                    release=release, arch=arch,
                    cells=tuple(cells.get((release, variant, arch)) for variant in variants),
                )
                for release, arch in rows
            ),
        )  # fmt: skip


def cause_views(report: RunReport) -> Iterator[CauseView]:
    """The causes in the order of the report."""
    return (cause_view(report, number, cause) for number, cause in enumerate(report.causes, 1))


def cause_view(report: RunReport, number: int, cause: Cause) -> CauseView:
    """One cause with its number; place, excerpt and advice are those of its first job."""
    first = next(iter(cause.findings.values()), Finding(kind=cause.kind))
    return CauseView(
        number=number,
        cause=cause,
        title=title(cause),
        jobs=tuple((job, page(job) + _anchor(finding)) for job, finding in cause.findings.items()),
        excerpt=excerpt(first),
        place=place(first),
        advice=first.advice,
        bisected=report.bisections.get(cause.key, ""),
        basis=BASES[first.basis],
        repeat=next((report.repeats[job] for job in cause.jobs if job in report.repeats), ""),
    )


def is_foreign(cause: Cause) -> bool:
    """Whether the distribution or the machine is at fault."""
    return cause.trouble is Trouble.DISTRIBUTION


def title(cause: Cause) -> str:
    """The heading of a cause."""
    return cause.title or cause.subject or cause.kind.value


def _anchor(finding: Finding) -> str:
    return f"#L{finding.log_line}" if finding.log_line else ""


def excerpt(finding: Finding) -> tuple[tuple[str, bool], ...]:
    """The lines to show, each with whether it is the root line."""
    lines = finding.excerpt or ((finding.root_line,) if finding.root_line else ())
    at = next((at for at, line in enumerate(lines) if line == finding.root_line), 0)
    first = max(0, min(at - _LINES // 2, len(lines) - _LINES))
    chosen = list(enumerate(lines))[first : first + _LINES]
    return tuple((line, place == at) for place, line in chosen)


def warnings(report: RunReport) -> list[tuple[Warned, list[tuple[str, str]]]]:
    """Each warning once, with its jobs and the addresses in their pages; bounded."""
    found: dict[str, tuple[Warned, list[tuple[str, str]]]] = {}
    for job, all_ in report.why.warnings.items():
        for warning in all_:
            at = f"{page(job)}#L{warning.log_line}" if warning.log_line else page(job)
            found.setdefault(warning.key, (warning, []))[1].append((job, at))
    return list(found.values())[:_WARNINGS]


def place(finding: Finding | Warned) -> str:
    """`daemon.c:12`, as the tool named it."""
    return f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file
