"""`ciforge clean`: removes old runs, kept containers, caches and images."""

import datetime
import math
import re
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

from ciforge.app.scratch import is_in_use, scratch_folder
from ciforge.app.session import open_engine, print_progress, stopping
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.cli import options
from ciforge.engines.protocol import CleanupRequest
from ciforge.errors import UsageError
from ciforge.model.quantities import plural
from ciforge.run.clock import now
from ciforge.store.hosted_tries import tries
from ciforge.store.past_verdicts import old_verdicts, remove_verdicts, verdict_files
from ciforge.store.runs.query_rows import RunRow
from ciforge.store.runs.run_index import Index
from ciforge.store.saved_step_files import file_size, old_saved_steps, saved_step_files
from ciforge.timestamp import seconds_of

_UNITS = {"h": 1 / 24, "d": 1, "w": 7}
_MIB = 1024**2
_LONGEST = 36500.0
"""Maximum number of days that can be subtracted from a date."""


@click.command("clean")
@click.option("--older-than", "age", metavar="AGE", show_default="30d; 0d with --kept",
              help="Remove only what is older than AGE: 12h, 30d, 8w; 0d is everything.")  # fmt: skip
@click.option("--kept", is_flag=True, help="Remove only kept containers of the project.")
@click.option(
    "--caches",
    is_flag=True,
    help="Remove all caches of the project, too, its proofs and saved steps.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be removed, and remove nothing.")
@options.FILE
@options.STATE
def command(
    file: Path | None,
    state_dir: Path | None,
    age: str | None,
    kept: bool,
    caches: bool,
    dry_run: bool,
) -> None:
    """Remove old runs, kept containers, caches, proofs and saved steps of the project, and old dependency
    images; and branches that a `ciforge try` left on a service when it was killed, of any age.

    Never removed: the last run in which a job passed, runs in progress, base images, and images and
    caches that a container uses. Dependency images are shared by all projects on this engine; a run
    rebuilds the images that it needs.

    \b
      ciforge clean --dry-run                   print what would be removed
      ciforge clean --older-than 7d
      ciforge clean --kept                      containers of `ciforge run --keep`, of any age
      ciforge clean --older-than 0d --caches    remove as much as possible
    """
    if kept and caches:
        raise UsageError("--kept removes only kept containers", hint="omit --kept or --caches")
    age = age if age is not None else "0d" if kept else "30d"
    project = open_workspace(file, Path.cwd().resolve()).project.project
    state = state_folder(project, state_dir)
    before = now() - datetime.timedelta(days=_days(age))
    # What needs no engine comes first.
    refused = list[str]()
    branches = iter(()) if kept else _clean_branches(state, dry_run=dry_run)
    runs = iter(()) if kept else _clean_runs(state, before, refused, dry_run=dry_run)
    wanted = CleanupRequest(caches=caches, images=not kept)
    others = _clean_engine(project, state, before, wanted, dry_run=dry_run)
    verdicts = (
        iter(()) if kept else _clean_verdicts(state, before, everything=caches, dry_run=dry_run)
    )
    steps = iter(()) if kept else _clean_steps(state, before, everything=caches, dry_run=dry_run)
    anything = False
    verb = "would remove" if dry_run else "removed"
    for thing in chain(branches, runs, verdicts, steps, others):
        click.echo(f"{verb} {thing}")
        anything = True
    if not anything:
        print_progress(
            "no container is kept" if kept and not _days(age) else f"nothing is older than {age}"
        )
    if refused:
        raise UsageError("\n".join(refused), hint="remove it by hand")


def _days(text: str) -> float:
    match = re.fullmatch(r"([0-9]{1,5})([hdw])", text)
    if not match:
        raise UsageError(f"--older-than: {text!r} is not an age", hint="use 12h, 30d or 8w")
    return min(int(match[1]) * _UNITS[match[2]], _LONGEST)


def _clean_runs(
    state: Path, before: datetime.datetime, refused: list[str], *, dry_run: bool
) -> Iterator[str]:
    """Removes the folders of runs, a line for each; what cannot be removed goes to `refused`."""
    with Index.open(state) as index:
        index.catch_up()
        for run in _old_runs(index, before, in_use=is_in_use(state)):
            if why := _removed(state / "runs" / run, dry_run=dry_run):
                refused.append(why)
            else:
                yield f"run {run}"
        index.catch_up()


def _clean_branches(state: Path, *, dry_run: bool) -> Iterator[str]:
    """Removes the branches that a `ciforge try` left when it was killed; a line for each."""
    if not tries(state):
        return
    from ciforge.app.try_leftovers import remove_leftovers

    with scratch_folder(state) as scratch:
        yield from remove_leftovers(state, scratch / "empty", print_progress, dry_run=dry_run)


def _clean_verdicts(
    state: Path, before: datetime.datetime, *, everything: bool, dry_run: bool
) -> Iterator[str]:
    """Removes the verdicts that prove jobs: old ones, those of removed runs, or all of them."""
    files = verdict_files(state) if everything else old_verdicts(state, before.timestamp())
    if not dry_run:
        remove_verdicts(files)
    if files:
        yield plural(len(files), "verdict") + " by which jobs are proven"


def _clean_steps(
    state: Path, before: datetime.datetime, *, everything: bool, dry_run: bool
) -> Iterator[str]:
    """Removes saved steps that were not used since `before`, or all of them."""
    files = tuple(
        saved_step_files(state) if everything else old_saved_steps(state, before.timestamp())
    )
    size = sum(map(file_size, files)) // _MIB
    for file in files if not dry_run else ():
        file.unlink(missing_ok=True)
    if files:
        yield f"{plural(len(files), 'saved step')}, {size} MiB"


def _removed(folder: Path, *, dry_run: bool) -> str:
    """Removes the folder of a run; the reason if it cannot be removed, else empty. Links are kept."""
    if folder.is_symlink():
        return f"{folder}: is a symbolic link, not removed"
    try:
        if not dry_run:
            shutil.rmtree(folder)
    except OSError as error:
        return f"{error.filename or folder}: {error.strerror or error}"
    return ""


def _old_runs(index: Index, before: datetime.datetime, *, in_use: bool) -> list[str]:
    """Runs that began before `before`, except the last passed one of each job.

    While another process uses the state folder, runs without an end may be in progress and are
    kept.
    """
    greens = {green.run for job in index.known_jobs() if (green := index.last_green(job))}
    return [
        run.id
        for run in index.runs(None)
        if _began(run) < before.timestamp()
        and run.id not in greens
        and (run.finished or not in_use)
    ]


def _began(run: RunRow) -> float:
    """The start of a run by its record, else by its id; without either, in the future."""
    found = (seconds_of(text) for text in (run.started, run.id.partition("-")[0]))
    return next((at for at in found if at is not None), math.inf)


def _clean_engine(
    project: str, state: Path, before: datetime.datetime, wanted: CleanupRequest, *, dry_run: bool
) -> Iterator[str]:
    with scratch_folder(state) as scratch, stopping() as stop, open_engine(scratch, stop) as engine:
        yield from engine.clean(project, before.timestamp(), wanted, only_say=dry_run)
