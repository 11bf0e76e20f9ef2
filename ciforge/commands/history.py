"""`ciforge history`: lists past runs of a project."""

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click

from ciforge.app.resolve import listed, past_jobs
from ciforge.app.scratch import runs_under_way
from ciforge.app.workspace import Workspace, open_workspace, state_folder
from ciforge.cli import completers, options
from ciforge.model.result import Status
from ciforge.plan.selection import select
from ciforge.report.formatting import PROVEN, counts_text, edited, outcome_text
from ciforge.sanitize import safe_line
from ciforge.store.runs.query_rows import ResultRow, RunRow
from ciforge.store.runs.run_index import Index

_HEAD = f"{'RUN':23}  {'STARTED (UTC)':20}  "


@click.command("history")
@click.argument("job", required=False, metavar="[SELECTOR]", shell_complete=completers.jobs)
@click.option("-n", "limit", type=options.count, default=20, show_default=True, metavar="N",
              help="List at most N runs.")  # fmt: skip
@click.option("--rebuild", is_flag=True, help="Rebuild the index from the runs on disk.")
@options.JSON
@options.FILE
@options.STATE
def command(
    job: str | None,
    file: Path | None,
    state_dir: Path | None,
    limit: int,
    rebuild: bool,
    as_json: bool,
) -> None:
    """List past runs, the newest first: start, number of jobs by result, duration.

    With a SELECTOR, list the results of the matching jobs instead: the step that failed, and the
    revision that was built, with uncommitted changes or a patch.

    \b
      ciforge history
      ciforge history debian-13
      ciforge history -n 100 --json       for programs

    `ciforge log JOB --run RUN` prints the log of a job in a run.
    """
    workspace = open_workspace(file, Path.cwd().resolve())
    state = state_folder(workspace.project.project, state_dir)
    with Index.open(state, _report) as index:
        _take_in(index, rebuild=rebuild)
        jobs = None if job is None else past_jobs(job, index.known_jobs(), workspace.plan.names)
        if not jobs:
            _report_no_runs(index, workspace, job)
        running = runs_under_way(state)
        for line in _lines(index, jobs, limit, running, as_json=as_json):
            click.echo(line)


def _report(text: str) -> None:
    click.echo(text, err=True)


def _take_in(index: Index, *, rebuild: bool) -> None:
    done = index.rebuild() if rebuild else index.catch_up()
    if rebuild:
        _report(f"{done.runs} runs in the index")
    for damage in done.damaged:
        _report(f"{damage.folder}: {damage.reason}")


def _report_no_runs(index: Index, workspace: Workspace, job: str | None) -> None:
    """Prints that no run matches. Raises UsageError if the selector cannot match any job."""
    job_ids = index.known_jobs()
    if not job_ids:
        _report("no job has run yet; `ciforge run` runs jobs")
    elif job is not None:
        select(workspace.plan, [job], unlisted=True)
        _report(f"no run of {job} (there are runs of: {listed(job_ids)})")


def _lines(
    index: Index, jobs: Sequence[str] | None, limit: int, running: Collection[str], *, as_json: bool
) -> Iterator[str]:
    runs = _runs(index, jobs, limit)
    if runs and not as_json and sys.stdout.isatty():
        yield _HEAD + ("RESULTS" if jobs is None else "JOB")
    for run in runs:
        chosen = (
            []
            if jobs is None
            else [result for result in index.results_of(run.id) if result.job in jobs]
        )
        if as_json:
            yield json.dumps(
                _as_json(run, running) | ({"jobs": list(map(_of_job, chosen))} if jobs else {})
            )
        elif jobs is None:
            yield _as_line(run, running)
        else:
            yield from (_as_line(run, running, result) for result in chosen)


def _runs(index: Index, jobs: Sequence[str] | None, limit: int) -> list[RunRow]:
    """The newest runs that included any of these jobs."""
    if jobs is None:
        return index.runs(limit)
    found = {run.id: run for job in jobs for run in index.runs(limit, job)}
    return sorted(found.values(), key=_place, reverse=True)[:limit]


def _place(run: RunRow) -> tuple[int, str, str]:
    return run.sequence, run.started, run.id


def _as_line(run: RunRow, running: Collection[str], result: ResultRow | None = None) -> str:
    became = _became(result) if result else _counted(run, running)
    return f"{run.id:23}  {safe_line(run.started)[:19]}Z  {became}"


def _counted(run: RunRow, running: Collection[str]) -> str:
    counts = counts_text(_shown_counts(run))
    end = "running" if run.id in running else "did not finish"
    return f"{counts}  ({f'{run.seconds:.0f} s' if run.finished else end})"


def _became(result: ResultRow) -> str:
    status = result.status
    word = outcome_text(status, allowed=False) if status else "unknown"
    if result.proven_by:
        word = safe_line(result.reason)
    where = f" in {safe_line(result.failed_step)}" if result.failed_step else ""
    built = ", ".join(filter(None, (result.revision[:12], edited(result.changes, result.patch))))
    return f"{result.job}  {word}{where}  {result.seconds:.1f} s  {safe_line(built)}".rstrip()


def _shown_counts(run: RunRow) -> dict[str, int]:
    """The number of jobs by outcome; some that passed were proven before."""
    shown = _counts(run)
    if run.proven:
        shown[Status.PASSED.value] -= run.proven
        shown[PROVEN] = run.proven
    return {name: count for name, count in shown.items() if count}


def _counts(run: RunRow) -> dict[str, int]:
    """The number of jobs by status; jobs without a result are `unknown`."""
    return {status.value if status else "unknown": n for status, n in run.counts.items()}


def _as_json(run: RunRow, running: Collection[str]) -> dict[str, object]:
    return {
        "v": 1,
        "run": run.id,
        "started": run.started,
        "finished": run.finished,
        "running": not run.finished and run.id in running,
        "seconds": run.seconds,
        "exit_code": run.exit_code,
        "results": _counts(run),
        **({"proven": run.proven} if run.proven else {}),
    }


def _of_job(result: ResultRow) -> dict[str, object]:
    return {
        "job": result.job,
        "status": result.status.value if result.status else "unknown",
        "failed_step": result.failed_step,
        "reason": result.reason,
        "seconds": result.seconds,
        "revision": result.revision,
        "changes": result.changes,
        "patch": result.patch,
        **({"proven_by": result.proven_by} if result.proven_by else {}),
    }
