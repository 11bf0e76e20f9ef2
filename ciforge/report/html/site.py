"""Writes the report of a run as a folder of pages that need no server, no network and no scripts.

`index.html`, `jobs/`, and as plain text `logs/` and `artifacts/`, so that no output of a build opens
as a page. The content security policy allows only the style sheet inside each page.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ciforge.errors import UsageError
from ciforge.generated_file import refuse_link
from ciforge.model.diagnosis import Warned
from ciforge.model.finding import Finding
from ciforge.model.identifiers import file_name
from ciforge.model.result import Result
from ciforge.report.formatting import BASES, source_line, step_end
from ciforge.report.html import views
from ciforge.report.html.page_writer import write_page
from ciforge.report.log_view import LogLine, LogView, view
from ciforge.report.run_report import RunReport, counts, proofs, warning_words
from ciforge.sanitize import safe_line

MARK = ".ciforge-report"
"""The file that marks a folder as a report, which may be overwritten."""

_OURS = ("jobs", "logs", "artifacts")
_FINDINGS = 50
"""Findings on one page."""


def write_site(report: RunReport, folder: Path) -> Path:
    """Write the pages into `folder`, over an older report there; the path of `index.html`.

    Raises UsageError where the folder holds something else, or cannot be written.
    """
    with _explained(folder):
        _clear(folder)
        shown = views.verdicts(report)
        results = {result.job: result for result in report.results}
        for verdict in shown.values():
            _write_job(report, verdict, results.get(verdict.job), folder)
        index = folder / "index.html"
        write_page("index.html", index, report=report, base="", **_index(report, shown))
    return index


def _clear(folder: Path) -> None:
    """Removes an older report completely, so that no link in it is followed."""
    refuse_link(folder)
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError(
            f"{folder}: the folder is not empty and is not a ciforge report",
            hint="use a new or empty folder, or one with an older report",
        )
    for name in _OURS:
        if (folder / name).exists():
            shutil.rmtree(folder / name)
        (folder / name).mkdir(parents=True)
    for name in (MARK, "index.html"):
        (folder / name).unlink(missing_ok=True)
    (folder / MARK).write_text("This folder is a ciforge report; ciforge may overwrite it.\n")


def _index(report: RunReport, shown: dict[str, views.VerdictView]) -> dict[str, Any]:
    loud = {result.job for result in report.unexplained}
    return {
        "counts": [(many, word, *views.LOOKS[word]) for word, many in counts(report).items()],
        "causes": list(views.cause_views(report)),
        "matrices": list(views.matrices(shown)),
        "unexplained": [
            (
                shown[result.job],
                [(line, False) for line in result.tail[-20:]],
                report.repeats.get(result.job, ""),
            )
            for result in report.results
            if result.job in loud
        ],
        "skipped": [verdict for verdict in shown.values() if verdict.word == "skipped"],
        "sources": [source_line(source) for source in report.run.sources],
        "drifted": [
            (verdict, drift) for verdict in shown.values() if (drift := report.drifted(verdict.job))
        ],
        "warned": views.warnings(report),
        "problems": report.why.problems,
        "proofs": proofs(report),
    }


def _write_job(
    report: RunReport, verdict: views.VerdictView, result: Result | None, folder: Path
) -> None:
    name = file_name(verdict.job)
    found, warned = report.findings(verdict.job), report.warned(verdict.job)
    log = report.logs.get(verdict.job)
    lines = None
    if log is not None:
        steps = [step.name for step in result.steps] if result else []
        lines = view(
            log,
            [*(finding.log_line for finding in found), *(finding.log_line for finding in warned)],
            steps,
        )
        shutil.copyfile(log, folder / "logs" / f"{name}.txt")
    write_page(
        "job.html", folder / "jobs" / f"{name}.html",
        report=report, base="../", verdict=verdict, result=result, lines=lines, name=name,
        findings=found[:_FINDINGS], more_findings=len(found[_FINDINGS:]), hits=_hits(found, warned),
        source=source_line(result.source) if result and result.source else "",
        causes=[
            (number, views.title(cause), cause, views.is_foreign(cause))
            for number, cause in report.causes_of(verdict.job)
        ],
        bases=BASES, steps=_steps(result), drifted=report.drifted(verdict.job), warned=warned[:_FINDINGS], more_warned=len(warned[_FINDINGS:]),
        artifacts=list(_artifacts(report, verdict.job, folder / "artifacts" / name)),
        repeat=report.repeats.get(verdict.job, ""), shown=_shown(lines),
        begun={part.step for part in lines.parts if isinstance(part, LogLine)} if lines else (),
    )  # fmt: skip


def _hits(
    found: Sequence[Finding], warned: Sequence[Warned]
) -> dict[int, list[tuple[str, str, bool]]]:
    """By line of the log: a word, a sentence, and whether it is the root cause."""
    hits: dict[int, list[tuple[str, str, bool]]] = {}
    for at, finding in enumerate(found[:_FINDINGS]):
        hits.setdefault(finding.log_line, []).append(
            (finding.kind.value, finding.advice or finding.subject, not at)
        )
    for other in warned[:_FINDINGS]:
        hits.setdefault(other.log_line, []).append(("warning", warning_words(other), False))
    return hits


def _shown(lines: LogView | None) -> frozenset[int]:
    parts = lines.parts if lines else ()
    return frozenset(part.number for part in parts if isinstance(part, LogLine))


def _steps(result: Result | None) -> list[tuple[str, str, str, str, str]]:
    """Name, look, result, time, and a bar in percent of the longest step."""
    steps = result.steps if result else ()
    longest = max((step.seconds for step in steps), default=0.0) or 1.0
    return [
        (
            step.name,
            "good" if step.exit_code == 0 else "lost" if step.exit_code is None else "bad",
            "ok" if step.exit_code == 0 else step_end(step.exit_code),
            f"{step.seconds:.1f} s",
            f"{100 * max(step.seconds, 0.0) / longest:.1f}",
        )
        for step in steps
    ]


def _artifacts(report: RunReport, job: str, folder: Path) -> Iterator[tuple[str, str, int]]:
    """Name, address and bytes of each; copied as text, whatever its name."""
    for file in report.artifacts.get(job, ()):
        if file.is_symlink() or not file.is_file():
            continue
        folder.mkdir(exist_ok=True)
        name = safe_line(file.name, 200)
        target = folder / (name if name.endswith(".txt") else f"{name}.txt")
        shutil.copyfile(file, target)
        yield file.name, views.address(target.name), target.stat().st_size


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {error.strerror or error}") from None
