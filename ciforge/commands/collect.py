"""`ciforge collect`: results of hosted runs, into the same history as those of this machine."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.app.session import print_progress
from ciforge.app.workspace import Workspace, open_workspace, state_folder
from ciforge.cli import options
from ciforge.errors import CiforgeError, UsageError
from ciforge.run.exit_status import worst
from ciforge.sanitize import safe_line

if TYPE_CHECKING:
    from ciforge.notify.hosted_import import Collected
    from ciforge.sources.branch_file import BranchFile

_GITHUB = "github:"
_NUMBERED = re.compile(r"github-([0-9]{1,19})-([0-9]{1,19})")
_LAST = 10**20
_AWAY = 3
"""The exit code where a service cannot be asked."""


@click.command("collect")
@click.argument("places", metavar="DIR|github:OWNER/REPO...", nargs=-1, required=True)
@click.option("--since", metavar="DATE",
              help="With github:OWNER/REPO, import runs created on or after DATE (2026-11-22); default: the last 7 days.")  # fmt: skip
@click.option("--jobs", "expected", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE|-",
              help="With DIR, a list of all jobs that should have left a result, one id per line.")  # fmt: skip
@click.option(
    "--no-notify", is_flag=True, help="Add the runs to the history, and do not update incidents."
)
@click.option("--state-branch", metavar="BRANCH",
              help="Keep the state of incidents and mail in this branch of the checkout's remote, and "
              "deliver mail; for hosted runners, whose disk does not outlive the run.")  # fmt: skip
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    places: tuple[str, ...],
    since: str | None,
    expected: Path | None,
    no_notify: bool,
    state_branch: str | None,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Import runs of a hosted service: add results and logs to the history, update incidents, and
    queue mail. `ciforge notify` sends it.

    \b
      ciforge collect github:OWNER/REPO && ciforge notify      from cron, on your own machine
      ciforge collect artifacts                                from a folder of artifacts

    From GitHub, each finished run of a branch is imported once; runs of pull requests are not. The
    token, which needs permission to read Actions, is read from $GITHUB_TOKEN, $GH_TOKEN or the file
    named by $CIFORGE_GITHUB_TOKEN_FILE. It is sent to the host of the service only. A public
    repository needs no token, but GitHub allows only few requests without one. A job that vanished,
    was cancelled or never started does not count as passed; neither does a job that passed by its
    result but not according to the service. An artifact counts only for the attempt that made it.

    Exits 3 if GitHub cannot be reached; with --state-branch, 4 if mail was not delivered.
    """
    if no_notify and state_branch:
        raise UsageError("--no-notify and --state-branch cannot be combined")
    opened = open_workspace(file, Path.cwd().resolve())
    state = state_folder(opened.project.project, state_dir)
    shelf = _shelf(state_branch, state) if state_branch else None
    runs, code = _all(_collected(opened, state, places, since, expected))
    if not runs and not code:
        print_progress("no new runs")
    if shelf:
        code = worst(code, _follow_on(shelf, opened, state, runs))
    elif not no_notify:
        _follow(opened, state, runs)
    ctx.exit(code)


def _all(collected: "Iterator[Collected]") -> tuple[list[str], int]:
    """The runs that were taken, and 3 where a service broke off: what came before it counts."""
    runs = list[str]()
    try:
        for one in collected:
            _tell(one)
            runs += [one.run] if one.run else []
    except CiforgeError as error:
        if error.exit_code != _AWAY:
            raise
        print_progress(str(error))
        if error.hint:
            print_progress(f"hint: {error.hint}")
        return runs, _AWAY
    return runs, 0


def _collected(
    opened: Workspace, state: Path, places: Sequence[str], since: str | None, expected: Path | None
) -> "Iterator[Collected]":
    from ciforge.app.import_runs import check, of_artifacts, of_github

    folders = [place for place in places if not place.startswith(_GITHUB)]
    if expected and len(folders) != 1:
        raise UsageError(
            "--jobs needs exactly one folder; GitHub itself lists the jobs of its runs"
        )
    if since and len(folders) == len(places):
        raise UsageError("--since needs github:OWNER/REPO")
    for place in places:
        if place not in folders:
            check(opened, place.removeprefix(_GITHUB), since)
    for place in folders:
        yield from of_artifacts(opened, state, Path(place), expected)
    for place in places:
        if place not in folders:
            yield from of_github(opened, state, place.removeprefix(_GITHUB), since)


def _tell(one: "Collected") -> None:
    if one.run:
        click.echo(f"{one.run}  {len(one.jobs)} jobs")
    for sentence in one.told:
        print_progress(f"  {safe_line(sentence, 500)}")


def _follow(opened: Workspace, state: Path, runs: Sequence[str]) -> None:
    from ciforge.app.notification import flow_of, tell
    from ciforge.notify.pipeline import import_run
    from ciforge.store.incidents.incident_database import Incidents

    with Incidents.open(state) as incidents:
        for run in _in_order(runs):
            tell(import_run(flow_of(opened, state), incidents, run, time.time()))


def _shelf(branch: str, state: Path) -> "BranchFile":
    from ciforge.app.state_branch import state_branch_of

    return state_branch_of(branch, state, Path.cwd().resolve())


def _follow_on(shelf: "BranchFile", opened: Workspace, state: Path, runs: Sequence[str]) -> int:
    from ciforge.app.notification import flow_of
    from ciforge.app.state_branch import follow_on

    return follow_on(shelf, flow_of(opened, state), _in_order(runs))


def _in_order(runs: Sequence[str]) -> list[str]:
    """Those of a service by its numbers, so that what broke is known before what repaired it; then
    the others as they came."""

    def place(run: str) -> tuple[int, int]:
        found = _NUMBERED.fullmatch(run)
        return (int(found[1]), int(found[2])) if found else (_LAST, 0)

    return sorted(runs, key=place)
