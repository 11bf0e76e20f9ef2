"""`ciforge watch`: builds new commits of followed branches and tags as they come."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.cli import completers, options
from ciforge.errors import InputError, UsageError

if TYPE_CHECKING:
    from ciforge.app.watch_loop import Emit
    from ciforge.app.watch_options import WatchOptions
    from ciforge.model.watch_state import WatchDecision, WatchState

_LISTED = 20


@click.command("watch")
@click.argument("repos", metavar="[REPO]...", nargs=-1, shell_complete=completers.repos)
@click.option("--interval", type=options.seconds, default=300, metavar="TIME",
              help="Ask for new commits every TIME: 60s, 5m (default), 1h.")  # fmt: skip
@click.option("--budget", type=options.seconds, metavar="TIME",
              help="Start no build after builds took TIME in the last 24 hours: 30m, 4h.")  # fmt: skip
@click.option("--no-tags", is_flag=True, help="Do not build new tags.")
@click.option("--pulls", is_flag=True,
              help="Build open pull requests on GitHub, too: in containers only, with no cache and no mail.")  # fmt: skip
@click.option("--answer", is_flag=True,
              help="With --pulls, report on them by a check or status, and a comment where they fail.")  # fmt: skip
@click.option("--once", is_flag=True, help="Ask once, build what is new, and exit; for cron.")
@click.option("--list", "listing", is_flag=True,
              help="Print what waits and what became of the last commits, and exit.")  # fmt: skip
@options.ENGINE
@options.JSON
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    repos: tuple[str, ...],
    interval: int,
    budget: int | None,
    no_tags: bool,
    pulls: bool,
    answer: bool,
    once: bool,
    listing: bool,
    engine: str,
    as_json: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Follow the branches of `branches:` and new tags of these repositories, by default of all that have a
    git address, and build what is new with `ciforge run --notify`.

    The newest commit of a branch is built first. If it opens an incident, the commits since the last good
    build are searched by `ciforge bisect`, when nothing else waits. Commits between that were not built
    belong to the newer one. Each commit that is seen is built or has a reason, which --list prints. Jobs
    with `schedule:` are not run, and the project file is the one here.

    \b
      ciforge watch                                 in the foreground; SIGTERM ends it
      ciforge watch --interval 2m --budget 6h portable
      ciforge watch --once                          from cron

    With --pulls, a pull request that is opened or changed is built, after branches and tags. With
    --answer it gets a check, or a commit status where the token may add no check, and one comment that is
    updated, once it fails. The token is read as by `ciforge collect`, for Forgejo and Gitea it is
    $FORGEJO_TOKEN, of $FORGEJO_SERVER_URL; builds of pull requests do not have it.

    It may be killed at any time: the next start continues. One process per state folder watches. A
    repository that does not answer is asked less and less often, at least once an hour.

    Exits 0 when SIGTERM or SIGHUP ended it; 130 after Ctrl-C. With --once 0 if all that was new passed,
    1 if a job failed, 3 if the engine or a repository could not be reached, 4 if mail was not delivered.
    """
    from ciforge.app.watch_options import WatchOptions

    _check(engine, pulls=pulls, answer=answer)
    watch_options = WatchOptions(
        repos=repos, interval=interval, budget=budget, tags=not no_tags, pulls=pulls, answer=answer, once=once, engine=engine,
        file=file, state_dir=state_dir,
    )  # fmt: skip
    if listing:
        _list(_listed_project(watch_options), state_dir, as_json=as_json)
    else:
        ctx.exit(_watched(watch_options, as_json=as_json))


def _listed_project(watch_options: "WatchOptions") -> str:
    """The name of the project, also of one whose file has mistakes."""
    from ciforge.app.project_files import find_project
    from ciforge.app.watch_project import WatchedProject
    from ciforge.load.project_file import project_name

    file = watch_options.file
    try:
        return WatchedProject(file, watch_options.repos).name
    except InputError as error:
        click.echo(f"{error}\nnothing is built until the project file is corrected", err=True)
        return project_name(file or find_project(Path.cwd().resolve()))


def _watched(watch_options: "WatchOptions", *, as_json: bool) -> int:
    """Watches until a signal comes, or once; the exit status."""
    from ciforge.app.notification import check_transport
    from ciforge.app.watch_child import stopper
    from ciforge.app.watch_loop import Watcher
    from ciforge.app.watch_project import WatchedProject
    from ciforge.app.workspace import state_folder

    project = WatchedProject(watch_options.file, watch_options.repos)
    check_transport(state_folder(project.name, watch_options.state_dir))
    with stopper() as stop:
        code = Watcher(watch_options, project, stop, _emitter(as_json=as_json)).run()
    return stop.exit_code(code)


def _check(engine: str, *, pulls: bool, answer: bool) -> None:
    """Raises UsageError for options that cannot be combined, and for an answer without a token."""
    from ciforge.app.pull_answers import require_token

    if pulls and engine != "docker":
        hint = "watch them by a second process, with another --state-dir"
        raise UsageError("--pulls builds in containers only, not with --engine", hint=hint)
    if answer and not pulls:
        raise UsageError("--answer needs --pulls")
    if answer:
        require_token()


def _emitter(*, as_json: bool) -> "Emit":
    from ciforge.watch.watch_events import watch_events

    def emit(before: "WatchState", after: "WatchState") -> None:
        for event in watch_events(before, after):
            click.echo(json.dumps(event) if as_json else _event_line(event))

    return emit


def _event_line(event: dict[str, object]) -> str:
    about = event.get("reason", "")
    line = f"{event['time']}  {event['event']}  {event['repo']} {event['ref']} {str(event['commit'])[:12]}"
    return f"{line}  {about}" if about else line


def _list(project: str, state_dir: Path | None, *, as_json: bool) -> None:
    from ciforge.app.workspace import state_folder
    from ciforge.store.documents import to_document
    from ciforge.store.watch_files import read_watch_state

    watched = read_watch_state(state_folder(project, state_dir))
    if as_json:
        click.echo(json.dumps(to_document(watched)))
        return
    for line in _listed(watched):
        click.echo(line)


def _listed(watched: "WatchState") -> Iterator[str]:
    if started := watched.started:
        waiting = started.waiting
        yield f"building  {waiting.repo} {waiting.ref} {waiting.commit[:12]}"
    building = started.waiting if (started := watched.started) else None
    for waiting in watched.waiting:
        if waiting != building:
            tried = (
                f"  tried {waiting.attempts} times: {waiting.trouble}" if waiting.attempts else ""
            )
            yield f"waits     {waiting.repo} {waiting.ref} {waiting.commit[:12]}{tried}"
    for decision in reversed(watched.decisions[-_LISTED:]):
        yield _decision_line(decision)
    if not (watched.waiting or watched.decisions):
        yield "no commit was seen yet"


def _decision_line(decision: "WatchDecision") -> str:
    from ciforge.timestamp import minute_text

    since = f"{decision.before[:12]}.." if decision.before else ""
    place = f"{decision.repo} {decision.ref} {since}{decision.commit[:12]}"
    return f"{decision.outcome.value:<9} {place}  {minute_text(decision.at)}  {decision.reason}"
