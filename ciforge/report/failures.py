"""The causes of failure in a run's summary, one block each, and the notes after them."""

import re
from collections.abc import Callable, Iterator, Mapping

from ciforge.model.cause import Cause, Trouble
from ciforge.model.diagnosis import Diagnosis, Warned
from ciforge.model.event import JobEnded
from ciforge.model.finding import Finding
from ciforge.model.quantities import plural
from ciforge.model.result import Status
from ciforge.report.formatting import NOT_GREEN, STYLES, outcome, step_end
from ciforge.sanitize import safe_line

Commands = Callable[[str], tuple[str, str]]
"""A job's id to the commands that repeat it and that open a shell in it; empty if there is none."""
Paint = Callable[[str, str], str]
"""A text and a style of rich to the text for the terminal."""

_JOBS = 8
"""Jobs of a cause that are named; more are counted."""
_LINES = 12
"""Lines of an excerpt."""
_BARE = re.compile(r"\S+ ended with exit code \d+")
"""A reason that only repeats the step and its exit code."""
_NOTES = 10
"""Warnings, and differences, that are listed."""


def cause_block(
    number: int,
    cause: Cause,
    jobs: Mapping[str, JobEnded],
    commands: Commands,
    paint: Paint,
    bisected: str = "",
) -> Iterator[str]:
    """The lines of a cause: title and place, jobs, excerpt of the log, common factor, advice, commands.

    `bisected` says which commit brought it; empty if that is not known."""
    first = next(iter(cause.findings.values()))
    style = "bold magenta" if cause.trouble is Trouble.DISTRIBUTION else "bold red"
    yield f"{paint(f'{number}. {safe_line(cause.title or cause.kind.value)}', style)}{_place(first)}"
    yield from _jobs(cause, jobs, paint)
    yield from (f"    | {line}" for line in _excerpt(first))
    if bisected:
        yield f"    bisect  {safe_line(bisected)}"
    yield from _rows(cause, first, jobs, commands)


def _place(finding: Finding) -> str:
    if not finding.file:
        return ""
    return f"  {safe_line(finding.file)}" + (f":{finding.line}" if finding.line else "")


def _jobs(cause: Cause, jobs: Mapping[str, JobEnded], paint: Paint) -> Iterator[str]:
    explained = [jobs[job] for job in cause.jobs if job in jobs]
    yield from (f"    {headline(job, paint)}" for job in explained[:_JOBS])
    if len(explained) > _JOBS:
        yield f"    and {len(explained) - _JOBS} more"


def headline(job: JobEnded, paint: Paint) -> str:
    """`failed  portable/debian-13/clang  build, exit 2`, and the reason."""
    head = f"{paint(outcome(job), STYLES[job.status])}  {job.job}"
    reason = "" if _BARE.fullmatch(job.result.reason) else safe_line(job.result.reason)
    return "  ".join(part for part in (head, _where(job), reason) if part)


def _where(job: JobEnded) -> str:
    """`build, exit 2`: the step that failed; without its exit status after a timeout."""
    step = job.result.failed_step
    if not step:
        return ""
    codes = [begun.exit_code for begun in job.result.steps if begun.name == step]
    if job.status is Status.TIMED_OUT or not codes:
        return step
    return f"{step}, {step_end(codes[-1])}"


def _excerpt(finding: Finding) -> list[str]:
    """The lines around the root line, as many before it as after it, without blank ones."""
    lines = [safe_line(line) for line in finding.excerpt or (finding.root_line,)]
    root = safe_line(finding.root_line)
    at = lines.index(root) if root in lines else 0
    first = max(0, min(at - _LINES // 2, len(lines) - _LINES))
    return [line for line in lines[first : first + _LINES] if line.strip()]


def _rows(
    cause: Cause, first: Finding, jobs: Mapping[str, JobEnded], commands: Commands
) -> Iterator[str]:
    job = jobs.get(cause.jobs[0])
    repeat, shell = commands(cause.jobs[0])
    rows = {
        "common": cause.shared,
        "advice": first.marked_advice,
        "log": job.log if job else "",
        "line": str(first.log_line) if first.log_line else "",
        "repeat": repeat,
        "shell": shell if job and job.status in NOT_GREEN else "",
        "kept": kept_machine(job) if job else "",
    }
    yield from (f"    {label:6}  {safe_line(text)}" for label, text in rows.items() if text)


def kept_machine(job: JobEnded) -> str:
    """Its container, if it was kept; else empty."""
    machine = safe_line(job.result.kept_machine)[:12]
    return f"container {machine}; `ciforge clean --kept` removes it" if machine else ""


def notes(why: Diagnosis) -> Iterator[str]:
    """New warnings and future errors, drift of jobs that passed, unreadable files; one line each."""
    warned: dict[str, tuple[Warned, int]] = {}
    for all_ in why.warnings.values():
        for warning in all_:
            warned[warning.key] = (warning, warned.get(warning.key, (warning, 0))[1] + 1)
    lines = [_warning(warning, many) for warning, many in warned.values()]
    yield from _few(lines, "warnings")
    lost = [
        f"changed  {job}  {warning.sentence}" for job, all_ in why.drift.items() for warning in all_
    ]
    yield from _few(lost, "changes")
    yield from (f"unread   {safe_line(sentence)}" for sentence in why.problems)


def _warning(warning: Warned, many: int) -> str:
    why = [warning.fatal] * bool(warning.fatal) + ["new"] * warning.new
    return f"warning  {warning.text}  ({'; '.join([*why, plural(many, 'job')])})"


def _few(lines: list[str], what: str) -> Iterator[str]:
    yield from map(safe_line, lines[:_NOTES])
    if len(lines) > _NOTES:
        yield f"         and {len(lines) - _NOTES} more {what}"
