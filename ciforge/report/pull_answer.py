"""The answer to a pull request: a comment, a headline and annotations.

A pull request may come from anyone. All that is not from ciforge itself is in blocks of code, which have no
mention, link or HTML, and is bounded. The headline has only numbers.
"""

import enum
from collections.abc import Iterator

import attrs

from ciforge.model.cause import Cause, Trouble
from ciforge.model.quantities import plural
from ciforge.model.result import Result
from ciforge.report.formatting import file_of_source
from ciforge.report.markdown import fenced
from ciforge.report.run_report import RunReport, became, counted
from ciforge.sanitize import safe_line

LIMIT = 30_000
"""Characters of a comment; GitHub takes 65,536."""
_CAUSES = 10
_EXCERPT = 8
_JOBS = 12
ANNOTATIONS = 50
"""GitHub takes so many in one request."""
_TITLE, _TEXT = 200, 1000


class AnswerState(enum.Enum):
    """The verdict on a pull request."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNCERTAIN = "error"
    """The engine, the network or the service failed: nothing is known about the source."""


@attrs.frozen(kw_only=True)
class PullAnnotation:
    """A cause at its place in the source."""

    path: str
    line: int
    failure: bool
    title: str
    text: str


@attrs.frozen(kw_only=True)
class PullAnswer:
    """What a pull request is told."""

    state: AnswerState
    headline: str
    """At most 140 characters."""
    comment: str
    """Markdown."""
    annotations: tuple[PullAnnotation, ...]


def pull_answer(report: RunReport, exit_code: int) -> PullAnswer:
    """The answer for a run, whose exit status is that of `ciforge run`."""
    state = {0: AnswerState.SUCCESS, 1: AnswerState.FAILURE}.get(exit_code, AnswerState.UNCERTAIN)
    return PullAnswer(
        state=state, headline=counted(report)[:140], comment=_comment(report, state),
        annotations=tuple(_annotations(report))[:ANNOTATIONS],
    )  # fmt: skip


def marker(project: str) -> str:
    """The first line of the comment of a project, which nobody sees."""
    return f"<!-- ciforge: {project} -->"


_WORDS = {
    AnswerState.SUCCESS: "passed",
    AnswerState.FAILURE: "failed",
    AnswerState.UNCERTAIN: "not certain: a machine, the network or the service failed",
}


def _comment(report: RunReport, state: AnswerState) -> str:
    revision = next((used.revision for used in report.run.sources if used.revision), "")
    head = f"**ciforge: {_WORDS[state]}** at `{revision[:12]}`: {counted(report)}"
    text = f"{marker(report.run.project)}\n{head}"
    blocks = [*map(_cause, report.causes[:_CAUSES]), *map(_unexplained, report.unexplained)]
    if len(report.causes) > _CAUSES:
        blocks.append(f"{plural(len(report.causes) - _CAUSES, 'more cause')}.")
    if report.unknown:
        blocks.append(f"No result:\n\n{fenced(_named(report.unknown))}")
    for at, block in enumerate(blocks):
        if len(text) + len(block) > LIMIT:
            return f"{text}\n\n{plural(len(blocks) - at, 'more block')} left out.\n"
        text += f"\n\n{block}"
    return f"{text}\n"


def _cause(cause: Cause) -> str:
    blame = cause.trouble is Trouble.DISTRIBUTION
    whose = "the distribution or the machine, not the source" if blame else "the source"
    head = f"{plural(len(cause.jobs), 'job')}, by {whose}:"
    first = cause.findings[cause.jobs[0]] if cause.jobs else None
    lines = [cause.title or cause.kind.value]
    if first:
        lines += ["", *(first.excerpt[:_EXCERPT] or (first.root_line,))]
        lines += ["", first.marked_advice] if first.marked_advice else []
    return f"{head}\n\n{fenced((*lines, '', *_named(cause.jobs)))}"


def _unexplained(result: Result) -> str:
    where = f" in {result.failed_step}" if result.failed_step else ""
    lines = (f"{result.job}: {became(result)}{where}", result.reason, *result.tail[-_EXCERPT:])
    return f"1 job without a known cause:\n\n{fenced(tuple(line for line in lines if line))}"


def _named(jobs: tuple[str, ...]) -> tuple[str, ...]:
    rest = len(jobs) - _JOBS
    return (*(f"in {job}" for job in jobs[:_JOBS]), *([f"and {rest} more"] if rest > 0 else []))


def _annotations(report: RunReport) -> Iterator[PullAnnotation]:
    """One for each cause and place in the source."""
    for cause in report.causes:
        places = {(finding.file, finding.line): finding for finding in cause.findings.values()}
        for finding in places.values():
            path = file_of_source(finding.file)[:500] if finding.file else ""
            if not path or path.startswith(("/", "..", "-")) or not finding.line:
                continue
            text = "\n".join(filter(None, (finding.root_line, finding.marked_advice)))
            yield PullAnnotation(
                path=path, line=finding.line, failure=cause.trouble is Trouble.SOURCE,
                title=safe_line(cause.title or cause.kind.value, _TITLE),
                text="\n".join(safe_line(line, _TEXT) for line in text.split("\n")) or "-",
            )  # fmt: skip
