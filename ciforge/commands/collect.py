"""`ciforge collect`: results of hosted runs, into the same history as those of this machine."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.commands import options
from ciforge.commands.opening import Opened, open_project, state_folder
from ciforge.commands.running import say
from ciforge.errors import UsageError

if TYPE_CHECKING:
    from ciforge.follow.collecting import Collected

_GITHUB = "github:"


@click.command("collect")
@click.argument("place", metavar="DIR|github:OWNER/REPO")
@click.option("--since", metavar="DATE",
              help="Of GitHub, runs that were created since (2026-11-22); else the last 7 days.")  # fmt: skip
@click.option("--jobs", "expected", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE|-",
              help="With DIR, the ids of all jobs that should have left a result, one a line.")  # fmt: skip
@click.option("--no-notify", is_flag=True, help="Keep the runs, and change no incident.")
@options.FILE
@options.STATE
def command(
    place: str,
    since: str | None,
    expected: Path | None,
    no_notify: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Take in results of hosted runs: their logs and results become runs of the history, incidents
    change, and mails are queued. `ciforge notify` sends them.

    \b
      ciforge collect github:OWNER/REPO && ciforge notify      from cron, on a machine of your own
      ciforge collect artifacts                                artifacts that lie in a folder

    Of GitHub, each ended run of a branch is taken once; pull requests are not. A token that may read
    Actions is taken from $GITHUB_TOKEN or $GH_TOKEN, or from the file that $CIFORGE_GITHUB_TOKEN_FILE
    names; a public repository needs none, but is asked seldom then. A job that vanished, was
    cancelled or never started is not green.
    """
    from ciforge.commands.hosted import of_artifacts, of_github

    opened = open_project(file, Path.cwd().resolve())
    state = state_folder(opened.project.project, state_dir)
    if place.startswith(_GITHUB):
        if expected:
            raise UsageError("--jobs belongs to a folder: GitHub says itself which jobs there were")
        done = of_github(opened, state, place.removeprefix(_GITHUB), since)
    else:
        if since:
            raise UsageError("--since belongs to github:OWNER/REPO")
        done = of_artifacts(opened, state, Path(place), expected)
    runs = [_told(one) for one in done]
    if not runs:
        say("nothing new")
    elif not no_notify:
        _follow(opened, state, runs)


def _told(one: "Collected") -> str:
    click.echo(f"{one.run}  {len(one.jobs)} jobs")
    for sentence in one.told:
        say(f"  {sentence}")
    return one.run


def _follow(opened: Opened, state: Path, runs: Sequence[str]) -> None:
    """The oldest first, so that what broke is known before what mended it."""
    from ciforge.commands.following import flow_of, tell
    from ciforge.follow.notify import take_in
    from ciforge.history.incidents import Incidents

    with Incidents.open(state) as incidents:
        for run in sorted(runs):
            tell(take_in(flow_of(opened, state), incidents, run, time.time()))
