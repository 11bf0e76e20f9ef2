"""`ciforge collect`: imports results of hosted runs into the local history."""

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
    from ciforge.notify.hosted_import import CollectedRun
    from ciforge.sources.branch_file import BranchFile

_GITHUB = "github:"
_NUMBERED = re.compile(r"github-([0-9]{1,19})-([0-9]{1,19})")
_BY_FOLDER = ("forgejo", "gitea", "codeberg", "gitlab", "sourcehut")
_PULLS = "`ciforge watch --pulls --answer` builds and answers pull requests of Forgejo and Gitea"
_LAST = 10**20
_UNREACHABLE = 3
"""The exit status if a service cannot be reached."""


@click.command("collect")
@click.argument("places", metavar="DIR|github:OWNER/REPO...", nargs=-1, required=True)
@click.option("--since", metavar="DATE",
              help="With github:OWNER/REPO, import runs created on or after DATE (2026-11-22); default: the last 7 days.")  # fmt: skip
@click.option("--jobs", "expected", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE|-",
              help="With DIR, a list of all jobs that should have left a result, one id per line.")  # fmt: skip
@click.option("--branch", metavar="BRANCH",
              help="With DIR, the branch that was built; artifacts do not name it reliably.")  # fmt: skip
@click.option(
    "--no-notify", is_flag=True, help="Add the runs to the history, and do not update incidents."
)
@click.option("--state-branch", metavar="BRANCH",
              help="Keep the state of incidents and mail in this branch of the checkout's remote, and "
              "deliver mail; for hosted runners, whose disk does not outlive the run.")  # fmt: skip
@click.option("--answer", is_flag=True,
              help="With github:OWNER/REPO, report on open pull requests whose run has ended; needs a token. "
              "For Forgejo and Gitea: `ciforge watch --pulls --answer`.")  # fmt: skip
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    places: tuple[str, ...],
    since: str | None,
    expected: Path | None,
    branch: str | None,
    no_notify: bool,
    state_branch: str | None,
    answer: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Import runs of a hosted service: add results and logs to the history, update incidents, and
    queue mail. `ciforge notify` sends it.

    \b
      ciforge collect github:OWNER/REPO && ciforge notify      from cron, on your own machine
      ciforge collect artifacts                                from a folder of artifacts
      ciforge collect ciforge-results --branch main            of GitLab, Forgejo or SourceHut

    From GitHub, each finished run of a branch is imported once; runs of pull requests are not. With
    --answer, these are read to report on the pull request, by a check or a commit status, and by one comment
    that is updated, once it fails; its number and commit are those that GitHub names. The token
    must then be able to write checks or statuses, and pull requests. The
    token, which needs permission to read Actions, is read from $GITHUB_TOKEN, $GH_TOKEN or the file
    named by $CIFORGE_GITHUB_TOKEN_FILE. It is sent to the host of the service only. A public
    repository needs no token, but GitHub allows only few requests without one. A job that vanished,
    was cancelled or never started does not count as passed; neither does a job that passed by its
    result but not according to the service. An artifact counts only for the attempt that made it.

    Exits 3 if GitHub cannot be reached; with --state-branch, 4 if mail was not delivered.
    """
    if no_notify and state_branch:
        raise UsageError("--no-notify and --state-branch cannot be combined")
    _refuse_services(places)
    if answer:
        _check_answer(places)
    workspace = open_workspace(file, Path.cwd().resolve())
    state = state_folder(workspace.project.project, state_dir)
    branch_file = _branch_file(state_branch, state) if state_branch else None
    runs, code = _import_all(_collected(workspace, state, places, since, expected, branch or ""))
    if not runs and not code:
        print_progress("no new runs")
    if answer and not code:
        code = _answer_pulls(workspace, state, places, since)
    if branch_file:
        code = worst(code, _process_on_branch(branch_file, workspace, state, runs))
    elif not no_notify:
        _update_incidents(workspace, state, runs)
    ctx.exit(code)


def _refuse_services(places: Sequence[str]) -> None:
    """Raises UsageError for a service whose runs are imported from a folder only."""
    for place in places:
        service, colon, _ = place.partition(":")
        if colon and service in _BY_FOLDER and not Path(place).exists():
            raise UsageError(
                f"{place}: of the services, collect asks only GitHub for its runs",
                hint=f"download the artifacts: `ciforge collect DIR --branch BRANCH`; {_PULLS}",
            )


def _check_answer(places: Sequence[str]) -> None:
    from ciforge.app.pull_answers import require_token

    if not any(place.startswith(_GITHUB) for place in places):
        raise UsageError("--answer needs github:OWNER/REPO", hint=_PULLS)
    require_token()


def _answer_pulls(
    workspace: Workspace, state: Path, places: Sequence[str], since: str | None
) -> int:
    """0, or 3 if the service failed."""
    from ciforge.app.collected_pulls import answer_pulls

    try:
        for place in places:
            if place.startswith(_GITHUB):
                answer_pulls(workspace, state, place.removeprefix(_GITHUB), since)
    except CiforgeError as error:
        return _reported(error)
    return 0


def _reported(error: CiforgeError) -> int:
    """Prints a failure of a service; its exit status. Raises any other error."""
    if error.exit_code != _UNREACHABLE:
        raise error
    print_progress(str(error))
    if error.hint:
        print_progress(f"hint: {error.hint}")
    return _UNREACHABLE


def _import_all(collected: "Iterator[CollectedRun]") -> tuple[list[str], int]:
    """The imported runs, and 3 if a service failed; runs imported before that count."""
    runs = list[str]()
    try:
        for imported in collected:
            _print_run(imported)
            runs += [imported.run] if imported.run else []
    except CiforgeError as error:
        return runs, _reported(error)
    return runs, 0


def _collected(
    workspace: Workspace,
    state: Path,
    places: Sequence[str],
    since: str | None,
    expected: Path | None,
    branch: str,
) -> "Iterator[CollectedRun]":
    from ciforge.app.import_runs import check, collect_folder, collect_github

    folders = [place for place in places if not place.startswith(_GITHUB)]
    if expected and len(folders) != 1:
        raise UsageError(
            "--jobs needs exactly one folder; GitHub itself lists the jobs of its runs"
        )
    if branch and not folders:
        raise UsageError("--branch needs a folder; GitHub itself names the branch of its runs")
    if since and len(folders) == len(places):
        raise UsageError("--since needs github:OWNER/REPO")
    for place in places:
        if place not in folders:
            check(workspace, place.removeprefix(_GITHUB), since)
    for place in folders:
        yield from collect_folder(workspace, state, Path(place), expected, branch)
    for place in places:
        if place not in folders:
            yield from collect_github(workspace, state, place.removeprefix(_GITHUB), since)


def _print_run(imported: "CollectedRun") -> None:
    if imported.run:
        click.echo(f"{imported.run}  {len(imported.jobs)} jobs")
    for sentence in imported.messages:
        print_progress(f"  {safe_line(sentence, 500)}")


def _update_incidents(workspace: Workspace, state: Path, runs: Sequence[str]) -> None:
    from ciforge.app.notification import pipeline_context, print_result
    from ciforge.notify.pipeline import import_run
    from ciforge.store.incidents.incident_database import Incidents

    with Incidents.open(state) as incidents:
        for run in _by_number(runs):
            print_result(
                import_run(pipeline_context(workspace, state), incidents, run, time.time())
            )


def _branch_file(branch: str, state: Path) -> "BranchFile":
    from ciforge.app.state_branch import open_state_branch

    return open_state_branch(branch, state, Path.cwd().resolve())


def _process_on_branch(
    branch_file: "BranchFile", workspace: Workspace, state: Path, runs: Sequence[str]
) -> int:
    from ciforge.app.notification import pipeline_context
    from ciforge.app.state_branch import process_on_branch

    return process_on_branch(branch_file, pipeline_context(workspace, state), _by_number(runs))


def _by_number(runs: Sequence[str]) -> list[str]:
    """Sorts the runs of a service by number, so that a failure comes before its fix; other runs
    keep their order, after those.
    """

    def place(run: str) -> tuple[int, int]:
        match = _NUMBERED.fullmatch(run)
        return (int(match[1]), int(match[2])) if match else (_LAST, 0)

    return sorted(runs, key=place)
