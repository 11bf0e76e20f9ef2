"""The end of a run for a person: what became of every job, and of each failure what to do next."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath

from ciforge.model.event import JobEnded, RunEnded
from ciforge.model.result import Status
from ciforge.report.words import NOT_GREEN, STYLES, counted, duration, outcome, step_end
from ciforge.safe import safe_line

Commands = Callable[[str], tuple[str, str]]
"""A job's id to the commands that repeat it and that open a shell in it; empty where there is none."""

_TAIL = 25
"""Lines of a log's end that are shown."""

_SILENT = (Status.PASSED, Status.CANCELLED)
"""Statuses that the table says everything about, unless a reason is given."""


def summary(
    ended: RunEnded, commands: Commands, *, color: bool = False, width: int | None = None
) -> str:
    """Failures first, then the table, then one line with the counts; without a last line end.

    `width` is the terminal's, None for files and pipes: where a log's path does not fit beside its
    job, one line says where the logs lie. Ids are never cut.
    """
    paint = _painted if color else _unpainted
    blocks = [list(_block(job, commands, paint)) for job in ended.results if _needs_words(job)]
    table = list(_table(ended.results, width, paint))
    counts = counted(ended.results) or "no jobs"
    last = paint(f"{counts} in {duration(ended.seconds)}", "bold")
    return "\n\n".join("\n".join(lines) for lines in [*blocks, table, [last]] if lines)


def _needs_words(job: JobEnded) -> bool:
    return job.status not in _SILENT or (job.status is Status.CANCELLED and job.result.reason != "")


def _block(job: JobEnded, commands: Commands, paint: Callable[[str, str], str]) -> Iterator[str]:
    """A headline for every job that did not pass; for those that ran, its log's end and commands."""
    reason = safe_line(job.result.reason)
    head = f"{paint(outcome(job), STYLES[job.status])}  {job.job}"
    yield "  ".join(part for part in (head, _where(job), reason) if part)
    if job.status in (Status.SKIPPED, Status.CANCELLED):
        return
    yield from (f"    | {safe_line(line)}".rstrip() for line in job.result.tail[-_TAIL:])
    repeat, shell = commands(job.job)
    rows = {"log": job.log, "repeat": repeat, "shell": shell if job.status in NOT_GREEN else ""}
    yield from (f"    {word:6}  {safe_line(text)}" for word, text in rows.items() if text)


def _where(job: JobEnded) -> str:
    """`build, exit 2`: the step that failed; a time limit's exit code says nothing."""
    step = job.result.failed_step
    if not step:
        return ""
    codes = [begun.exit_code for begun in job.result.steps if begun.name == step]
    if job.status is Status.TIMED_OUT or not codes:
        return step
    return f"{step}, {step_end(codes[-1])}"


def _table(
    jobs: Sequence[JobEnded], width: int | None, paint: Callable[[str, str], str]
) -> Iterator[str]:
    cells = [_cells(job) for job in jobs]
    sizes = [max((len(row[column]) for row in cells), default=0) for column in range(4)]
    longest = sum(sizes) + 8 + max((len(safe_line(job.log)) for job in jobs), default=0)
    logs_fit = width is None or longest <= width
    for job, (status, name, step, seconds) in zip(jobs, cells, strict=True):
        columns = [f"{name:{sizes[1]}}", f"{step:{sizes[2]}}", f"{seconds:>{sizes[3]}}"]
        columns += [safe_line(job.log)] if logs_fit and job.log else []
        yield paint(f"{status:{sizes[0]}}", STYLES[job.status]) + "  " + "  ".join(columns).rstrip()
    if not logs_fit:
        yield from (f"logs: {folder}" for folder in _log_folders(jobs))


def _cells(job: JobEnded) -> tuple[str, str, str, str]:
    """Status, id, failed step, seconds: each as plain text."""
    seconds = "" if job.status is Status.SKIPPED else f"{job.seconds:.1f} s"
    return outcome(job), job.job, job.result.failed_step or "", seconds


def _log_folders(jobs: Sequence[JobEnded]) -> list[str]:
    """The folders above the jobs' own ones: of one run it is one."""
    parents = [PurePath(safe_line(job.log)).parent.parent for job in jobs if job.log]
    return list(dict.fromkeys(f"{parent}/JOB/log.txt" for parent in parents))


def _unpainted(text: str, _style: str) -> str:
    return text


def _painted(text: str, style: str) -> str:
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)
