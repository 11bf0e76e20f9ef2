"""The summary of a run: causes of failure, what to do next, the result of every job."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePath

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.event import JobEnded, RunEnded
from ciforge.model.quantities import duration
from ciforge.model.result import Status
from ciforge.report.failures import Commands, Paint, cause_block, headline, kept_machine, notes
from ciforge.report.formatting import NOT_GREEN, STYLES, counted, outcome
from ciforge.sanitize import safe_line

_TAIL = 25
"""Last lines of a log that are shown."""

_SILENT = (Status.PASSED, Status.COMPILED, Status.CANCELLED)
"""Statuses that need no block unless they have a reason."""


def summary(
    ended: RunEnded,
    commands: Commands,
    why: Diagnosis | None = None,
    *,
    color: bool = False,
    width: int | None = None,
    bisections: Mapping[str, str] | None = None,
) -> str:
    """Causes, then failures without one, notes, the table, and one line of counts; without a final
    line end.

    `width` is the terminal's, None for files and pipes: if the paths of logs do not fit, one line
    names the folder of the logs. Ids are never cut. `bisections` has a sentence by the key of a cause.
    """
    paint = _painted if color else _unpainted
    why = why or Diagnosis(run=ended.run)
    jobs = {job.job: job for job in ended.results}
    causes = [cause for cause in why.causes if not jobs.keys().isdisjoint(cause.findings)]
    explained = {job for cause in causes for job in cause.findings}
    blocks = [
        *(
            cause_block(at, cause, jobs, commands, paint, (bisections or {}).get(cause.key, ""))
            for at, cause in enumerate(causes, 1)
        ),
        *(_block(job, commands, paint) for job in ended.results if _needs_block(job, explained)),
        notes(why),
        _caches(ended.results),
        _proofs(ended.results),
        _table(ended.results, width, paint),
    ]
    counts = counted(ended.results) or "no jobs"
    last = paint(f"{counts} in {duration(ended.seconds)}", "bold")
    texts = ["\n".join(lines) for lines in blocks]
    return "\n\n".join([*filter(None, texts), last])


def _needs_block(job: JobEnded, explained: Collection[str]) -> bool:
    if job.job in explained:
        return False
    return job.status not in _SILENT or (job.status is Status.CANCELLED and job.result.reason != "")


def _block(job: JobEnded, commands: Commands, paint: Paint) -> Iterator[str]:
    """The headline of a job that did not pass; if it ran, the end of its log and commands."""
    yield headline(job, paint)
    if job.status in (Status.SKIPPED, Status.CANCELLED, Status.FLAKY):
        return
    yield from (f"    | {safe_line(line)}".rstrip() for line in job.result.tail[-_TAIL:])
    repeat, shell = commands(job.job)
    rows = {
        "log": job.log, "repeat": repeat, "shell": shell if job.status in NOT_GREEN else "",
        "kept": kept_machine(job),
    }  # fmt: skip
    yield from (f"    {label:6}  {safe_line(text)}" for label, text in rows.items() if text)


def _caches(jobs: Sequence[JobEnded]) -> Iterator[str]:
    """A line for each thing that was wrong with a cache."""
    for job in jobs:
        yield from (f"cache    {job.job}  {safe_line(text)}" for text in job.result.cache_problems)


def _proofs(jobs: Sequence[JobEnded]) -> Iterator[str]:
    """A line for each cross check that compiled, with what it has shown."""
    found = [job for job in jobs if job.status is Status.COMPILED and job.result.proves]
    if found:
        yield "cross checks: nothing ran on these systems"
    for job in found:
        yield f"  {job.job}  {safe_line(job.result.proves)}"


def _table(jobs: Sequence[JobEnded], width: int | None, paint: Paint) -> Iterator[str]:
    cells = [_cells(job) for job in jobs]
    sizes = [max((len(row[column]) for row in cells), default=0) for column in range(4)]
    longest = sum(sizes) + 8 + max((len(safe_line(job.log)) for job in jobs), default=0)
    logs_fit = width is None or longest <= width
    for job, (status, name, step, seconds) in zip(jobs, cells, strict=True):
        columns = [f"{name:{sizes[1]}}", f"{step:{sizes[2]}}", f"{seconds:>{sizes[3]}}"]
        columns += [safe_line(job.log)] if logs_fit and job.log else []
        columns += [safe_line(job.result.reason)] if job.result.proven_by else []
        yield paint(f"{status:{sizes[0]}}", STYLES[job.status]) + "  " + "  ".join(columns).rstrip()
    if not logs_fit:
        yield from (f"logs: {folder}" for folder in _log_folders(jobs))


def _cells(job: JobEnded) -> tuple[str, str, str, str]:
    """Status, id, failed step, seconds: each as plain text."""
    unknown = job.status is Status.SKIPPED or job.result.proven_by
    seconds = "" if unknown else f"{job.seconds:.1f} s"
    return outcome(job), job.job, job.result.failed_step or "", seconds


def _log_folders(jobs: Sequence[JobEnded]) -> list[str]:
    """The paths of logs with `JOB` for the job's folder; one for each run."""
    parents = [PurePath(safe_line(job.log)).parent.parent for job in jobs if job.log]
    return list(dict.fromkeys(f"{parent}/JOB/log.txt" for parent in parents))


def _unpainted(text: str, _style: str) -> str:
    return text


def _painted(text: str, style: str) -> str:
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)
