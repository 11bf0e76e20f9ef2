"""`ciforge report`: a run as pages, as JUnit, SARIF or Markdown, or as annotations on GitHub."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import click

from ciforge.app.reproduce import command_line, print_summary, repetition, words_of
from ciforge.app.resolve import listed, resolve_run
from ciforge.app.session import place_words, print_progress
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.cli import completers, options
from ciforge.errors import UsageError
from ciforge.generated_file import write_generated
from ciforge.model.event import JobEnded, RunEnded, RunStarted
from ciforge.model.result import Result, Run
from ciforge.private import shared_files
from ciforge.report.run_report import RunReport
from ciforge.store.runs.run_index import Index

_OUT = "-"
_FILE = click.Path(dir_okay=False, allow_dash=True)
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@attrs.frozen(kw_only=True)
class ReportOptions:
    """What is to be written, and where; empty where it is not."""

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
    """Write reports of a RUN, by default the newest: results of its jobs, causes of failure first.

    Without an option, the summary of `ciforge run` is printed again.

    \b
      ciforge report                                         the newest run
      ciforge report --html site && xdg-open site/index.html
      ciforge report 20261122T144057Z-1f3a9c --markdown      or the beginning of an id
      ciforge report --junit junit.xml --sarif causes.sarif

    A FILE of - is standard output. A DIR that contains anything other than an earlier report is not
    changed. Exits 0 if all reports were written, whatever the results of the jobs.
    """
    wanted = ReportOptions(html=html, junit=junit, sarif=sarif, markdown=markdown, github=github)
    _check(wanted)
    opened = open_workspace(file, Path.cwd().resolve())
    state = state_folder(opened.project.project, state_dir)
    place = place_words(file, state_dir)
    report = _read(state, run_id, place)
    if not any(attrs.astuple(wanted)):
        _tell(report, place)
    for write in _writers(wanted):
        write(report)


def _check(wanted: ReportOptions) -> None:
    """Raises UsageError where two things are asked for one place."""
    if _RUN.fullmatch(wanted.markdown):
        told = f"{wanted.markdown} is a run, not a FILE for --markdown"
        raise UsageError(told, hint=f"ciforge report {wanted.markdown} --markdown")
    files = [name for name in (wanted.junit, wanted.sarif, wanted.markdown) if name]
    files += [_OUT] * wanted.github
    if len(set(files)) < len(files):
        raise UsageError("two reports cannot go to one place", hint="name a FILE for each")


def _read(state: Path, run_id: str | None, place: Sequence[str]) -> RunReport:
    from ciforge.notify.report_builder import read_report

    with Index.open(state, print_progress) as index:
        index.catch_up()
        newest = index.runs(1)
        if not newest:
            raise UsageError("there is no run yet", hint="`ciforge run` runs jobs")
        chosen = resolve_run(index, run_id) if run_id else newest[0].id
    return read_report(state, chosen, lambda run, job: repetition(run, job, place))


def _tell(report: RunReport, place: Sequence[str]) -> None:
    """The end of the run once more, with what it was built from."""
    from ciforge.report.plain_lines import plain

    run = report.run
    print_progress(
        plain(RunStarted(run=run.id, time=run.started, jobs=run.jobs, sources=run.sources)) or ""
    )
    jobs = tuple(_ended(run, one, report.logs) for one in report.results)
    ended = RunEnded(run=run.id, time=run.ended, seconds=run.seconds, results=jobs)
    print_summary(ended, report.why, lambda job: _commands(report, job, place))
    if report.unknown:
        print_progress(f"no result: {listed(report.unknown)}")


def _ended(run: Run, one: Result, logs: Mapping[str, Path]) -> JobEnded:
    return JobEnded(
        run=run.id, time="", job=one.job, status=one.status, seconds=one.seconds, result=one,
        log=str(logs.get(one.job, "")),
    )  # fmt: skip


def _commands(report: RunReport, job: str, place: Sequence[str]) -> tuple[str, str]:
    """The second opens the box that was kept, or builds what this run did."""
    boxes = {one.job for one in report.results if one.box}
    words = place if job in boxes else words_of(report.run, place)
    return report.repeats[job], command_line("shell", job, words)


def _writers(wanted: ReportOptions) -> Iterator[Callable[[RunReport], None]]:
    if wanted.html is not None:
        yield lambda report: _write_html(report, wanted.html)
    if wanted.junit:
        yield lambda report: _write(wanted.junit, _junit(report))
    if wanted.sarif:
        yield lambda report: _write(wanted.sarif, _sarif(report))
    if wanted.markdown:
        yield lambda report: _write(wanted.markdown, _markdown(report))
    if wanted.github:
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
    """Annotations for the runner that reads our output, and the summary where it wants one."""
    from ciforge.ci.github.annotations import github

    _write(_OUT, github(report).encode())
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        _write(summary, _markdown(report), mode="ab")


def _write(name: str, data: bytes, mode: str = "wb") -> None:
    """Raises UsageError where the file does not take it."""
    if name == _OUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    file = Path(name)
    try:
        # A pipe or /dev/stdout is written into; a file is replaced, and never what a link leads to.
        if mode == "wb" and (not file.exists() or file.is_file()):
            write_generated(file.parent, file.name, data)
            return
        with shared_files(), file.open(mode) as out:
            out.write(data)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from None
