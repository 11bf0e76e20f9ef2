"""Commands to GitHub's runner: an annotation for each cause and place, for each failure without one.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands; the escapes are
those of actions/toolkit (packages/core/src/command.ts).
"""

from collections.abc import Iterator

from ciforge.model.cause import Cause, Trouble
from ciforge.model.finding import Finding
from ciforge.model.result import Status
from ciforge.report.formatting import file_of_source
from ciforge.report.run_report import RunReport, became, warning_words
from ciforge.sanitize import safe_line

_MOST = 50
"""Annotations; GitHub shows ten of a kind for each step."""
_FEW = 8

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


def github(report: RunReport) -> str:
    """Lines for standard output; empty where there is nothing to say."""
    lines = [*_causes(report), *_unexplained(report), *_warnings(report)]
    return "".join(f"{line}\n" for line in lines[:_MOST])


def _causes(report: RunReport) -> Iterator[str]:
    allowed = {result.job for result in report.results if result.allow_failure}
    for cause in report.causes:
        light = cause.trouble is Trouble.DISTRIBUTION or set(cause.jobs) <= allowed
        for place in _places(cause):
            title = cause.title or cause.kind.value
            word = "warning" if light else "error"
            yield command(word, _words(place, cause.jobs), title, place.file, place.line)


def _places(cause: Cause) -> list[Finding]:
    """One finding for each place in the source; at least one."""
    found = {
        (finding.file, finding.line): finding for finding in reversed(list(cause.findings.values()))
    }
    named = [finding for finding in reversed(list(found.values())) if finding.file]
    return named or list(found.values())[:1]


def _words(finding: Finding, jobs: tuple[str, ...]) -> str:
    more = f" and {len(jobs) - _FEW} more" if len(jobs) > _FEW else ""
    lines = [finding.root_line, finding.marked_advice, f"in {', '.join(jobs[:_FEW])}{more}"]
    return "\n".join(safe_line(line) for line in lines if line)


def _unexplained(report: RunReport) -> Iterator[str]:
    for outcome in report.unexplained:
        where = f" in {outcome.failed_step}" if outcome.failed_step else ""
        text = "\n".join(map(safe_line, [outcome.reason, *outcome.tail[-10:]]))
        light = outcome.allow_failure or outcome.status is Status.INFRASTRUCTURE
        word = "warning" if light else "error"
        yield command(
            word, text.strip() or became(outcome), f"{outcome.job}: {became(outcome)}{where}"
        )
    for job in report.unknown:
        yield command("warning", "the job has no result", job)


def _warnings(report: RunReport) -> Iterator[str]:
    """Warnings that will be errors, each once, however many jobs have it."""
    seen = {
        warning.key: warning
        for all_ in report.why.warnings.values()
        for warning in reversed(all_)
        if warning.fatal
    }
    for warning in seen.values():
        yield command("warning", warning_words(warning), warning.text, warning.file, warning.line)


def command(word: str, text: str, title: str, file: str = "", line: int | None = None) -> str:
    """`::error file=…,line=…,title=…::TEXT`, with everything escaped; one line without its end."""
    properties = {}
    if file:
        properties["file"] = file_of_source(file)
        if line:
            properties["line"] = str(line)
    properties["title"] = safe_line(title, 200)
    fields = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in properties.items())
    return f"::{word} {fields}::{_escaped(text, _DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(letter, letter) for letter in text)
