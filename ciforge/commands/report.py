"""`ciforge report`: writes reports of a run as HTML, JUnit XML, SARIF, Markdown or GitHub
annotations.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import attrs
import click

from ciforge.app.reproduce import command_line, print_summary, repeat_options_of, repetition
from ciforge.app.resolve import listed, resolve_run
from ciforge.app.session import print_progress, project_options
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.cli import completers, options
from ciforge.errors import UsageError
from ciforge.generated_file import write_generated
from ciforge.model.event import JobEnded, RunEnded, RunStarted
from ciforge.model.incident import bisections
from ciforge.model.result import Result, Run
from ciforge.private import shared_files
from ciforge.report.run_report import RunReport
from ciforge.store.incidents.read_only import present
from ciforge.store.runs.run_index import Index

_OUT = "-"
_FILE = click.Path(dir_okay=False, allow_dash=True)
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@attrs.frozen(kw_only=True)
class ReportOptions:
    """The reports to write; empty values are not written."""

    html: Path | None
    junit: str
    sarif: str
    markdown: str
    github: bool


@click.command("report")
@click.argument("run_id", required=False, metavar="[RUN]", shell_complete=completers.runs)
@click.option("--html", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write static pages: DIR/index.html, and a page for each job with its log.")  # fmt: skip
@click.option("--junit", type=_FILE, default="", metavar="FILE", help="Write JUnit XML.")
@click.option("--sarif", type=_FILE, default="", metavar="FILE", help="Write SARIF 2.1.0.")
@click.option("--markdown", type=_FILE, default="", is_flag=False, flag_value=_OUT, metavar="[FILE]",
              help="Write Markdown, short enough for a comment; without FILE, to standard output.")  # fmt: skip
@click.option("--github", is_flag=True,
              help="Print annotations for GitHub's runner, and append to $GITHUB_STEP_SUMMARY.")  # fmt: skip
@options.FILE
@options.STATE
def command(
    run_id: str | None,
    html: Path | None,
    junit: str,
    sarif: str,
    markdown: str,
    github: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Write reports of a RUN, by default the newest that is not of bisect or audit: results of its jobs, causes of failure first.

    Without an option, the summary of `ciforge run` is printed again.

    \b
      ciforge report                                         the newest run
      ciforge report --html site && xdg-open site/index.html
      ciforge report 20261122T144057Z-1f3a9c --markdown      or the beginning of an id
      ciforge report --junit junit.xml --sarif causes.sarif

    A FILE of - is standard output. A DIR that contains anything other than an earlier report is not
    changed. Exits 0 if all reports were written, whatever the results of the jobs.
    """
    report_options = ReportOptions(
        html=html, junit=junit, sarif=sarif, markdown=markdown, github=github
    )
    _check(report_options)
    workspace = open_workspace(file, Path.cwd().resolve())
    state = state_folder(workspace.project.project, state_dir)
    project_arguments = project_options(file, state_dir)
    report = _read(state, run_id, project_arguments)
    answers = bisections(present(state, workspace.project.project), report.causes)
    report = attrs.evolve(report, bisections=answers)
    if not any(attrs.astuple(report_options)):
        _print_summary(report, project_arguments)
    for write in _writers(report_options):
        write(report)


def _check(report_options: ReportOptions) -> None:
    """Raises UsageError if two reports have the same destination."""
    if _RUN.fullmatch(report_options.markdown):
        message = f"{report_options.markdown} is a run, not a FILE for --markdown"
        raise UsageError(message, hint=f"ciforge report {report_options.markdown} --markdown")
    files = [
        name
        for name in (report_options.junit, report_options.sarif, report_options.markdown)
        if name
    ]
    files += [_OUT] * report_options.github
    if len(set(files)) < len(files):
        raise UsageError(
            "two reports cannot be written to the same FILE", hint="name a FILE for each"
        )


def _read(state: Path, run_id: str | None, project_arguments: Sequence[str]) -> RunReport:
    from ciforge.notify.report_builder import read_report

    with Index.open(state, print_progress) as index:
        index.catch_up()
        newest = index.newest_run()
        if newest is None:
            raise UsageError("there is no run yet", hint="`ciforge run` runs jobs")
        selected = resolve_run(index, run_id) if run_id else newest.id
    return read_report(state, selected, lambda run, job: repetition(run, job, project_arguments))


def _print_summary(report: RunReport, project_arguments: Sequence[str]) -> None:
    """Prints the summary of the run again, with its sources."""
    from ciforge.report.plain_lines import plain

    run = report.run
    print_progress(
        plain(RunStarted(run=run.id, time=run.started, jobs=run.jobs, sources=run.sources)) or ""
    )
    jobs = tuple(_ended(run, result, report.logs) for result in report.results)
    ended = RunEnded(run=run.id, time=run.ended, seconds=run.seconds, results=jobs)
    commands = partial(_commands, report, project_arguments=project_arguments)
    print_summary(ended, report.why, commands, report.bisections)
    if report.unknown:
        print_progress(f"no result: {listed(report.unknown)}")


def _ended(run: Run, result: Result, logs: Mapping[str, Path]) -> JobEnded:
    return JobEnded(
        run=run.id, time="", job=result.job, status=result.status, seconds=result.seconds, result=result,
        log=str(logs.get(result.job, "")),
    )  # fmt: skip


def _commands(report: RunReport, job: str, project_arguments: Sequence[str]) -> tuple[str, str]:
    """The command that repeats a job, and the one that opens a shell in its kept or a new
    container; empty where it did not run in one.
    """
    kept = {result.job for result in report.results if result.kept_machine}
    options = project_arguments if job in kept else repeat_options_of(report.run, project_arguments)
    # Only containers can be entered.
    elsewhere = any(option.startswith("--engine") for option in options)
    return report.repeats[job], "" if elsewhere else command_line("shell", job, options)


def _writers(report_options: ReportOptions) -> Iterator[Callable[[RunReport], None]]:
    if report_options.html is not None:
        yield lambda report: _write_html(report, report_options.html)
    if report_options.junit:
        yield lambda report: _write(report_options.junit, _junit(report))
    if report_options.sarif:
        yield lambda report: _write(report_options.sarif, _sarif(report))
    if report_options.markdown:
        yield lambda report: _write(report_options.markdown, _markdown(report))
    if report_options.github:
        yield _write_github


def _write_html(report: RunReport, folder: Path | None) -> None:
    from ciforge.report.html.site import write_site

    assert folder is not None
    with shared_files():
        written = write_site(report, folder)
    print_progress(f"report: {written}")


def _junit(report: RunReport) -> bytes:
    from ciforge.report.junit import junit

    return junit(report)


def _sarif(report: RunReport) -> bytes:
    from ciforge.report.sarif import sarif

    return sarif(report).encode()


def _markdown(report: RunReport) -> bytes:
    from ciforge.report.markdown import markdown

    return markdown(report).encode()


def _write_github(report: RunReport) -> None:
    """Prints annotations for GitHub's runner, and appends to its summary."""
    from ciforge.ci.github.annotations import github

    _write(_OUT, github(report).encode())
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        _write(summary, _markdown(report), mode="ab")


def _write(name: str, data: bytes, mode: str = "wb") -> None:
    """Writes a report. Raises UsageError if the file cannot be written."""
    if name == _OUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    file = Path(name)
    try:
        # Pipes and /dev/stdout are written to; files are replaced, and links are not followed.
        if mode == "wb" and (not file.exists() or file.is_file()):
            write_generated(file.parent, file.name, data)
            return
        with shared_files(), file.open(mode) as out:
            out.write(data)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from None
