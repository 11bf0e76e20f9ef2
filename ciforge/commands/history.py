"""`ciforge history`: past runs of a project."""

import json
from pathlib import Path

import click

from ciforge.commands import options
from ciforge.commands.opening import open_project, state_folder
from ciforge.history.index import Index
from ciforge.history.rows import RunRow


@click.command("history")
@click.argument("job", required=False, metavar="[JOB]")
@options.FILE
@options.STATE
@click.option("-n", "limit", type=click.IntRange(min=1), default=20, show_default=True,
              help="How many runs to list, the newest first.")  # fmt: skip
@click.option("--rebuild", is_flag=True, help="Make the index anew from the runs on disk.")
@options.JSON
def command(
    job: str | None,
    file: Path | None,
    state_dir: Path | None,
    limit: int,
    rebuild: bool,
    as_json: bool,
) -> None:
    """List past runs, or those of one JOB (its whole id)."""
    project = open_project(file, Path.cwd().resolve()).project.project
    with Index.open(state_folder(project, state_dir), _say) as index:
        done = index.rebuild() if rebuild else index.catch_up()
        if rebuild:
            _say(f"{done.runs} runs are in the index")
        for damage in done.damaged:
            _say(f"{damage.folder}: {damage.reason}")
        runs = index.runs(limit, job)
        if job and not runs:
            known = ", ".join(index.known_jobs()) or "none yet"
            _say(f"no run of {job} (there are runs of: {known})")
    for run in runs:
        click.echo(json.dumps(_as_json(run)) if as_json else _as_line(run))


def _say(text: str) -> None:
    click.echo(text, err=True)


def _as_line(run: RunRow) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in _counts(run).items())
    state = f"{run.seconds:.0f} s" if run.finished else "did not finish"
    return f"{run.id}  {run.started[:19]}  {counts}  ({state})"


def _counts(run: RunRow) -> dict[str, int]:
    """Statuses by name; jobs without a result are `unknown`."""
    return {status.value if status else "unknown": n for status, n in run.counts.items()}


def _as_json(run: RunRow) -> dict[str, object]:
    return {
        "v": 1,
        "run": run.id,
        "started": run.started,
        "finished": run.finished,
        "seconds": run.seconds,
        "exit_code": run.exit_code,
        "results": _counts(run),
    }
