"""Values for tab completion: jobs, releases, steps, runs, repositories; none without a project."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.errors import CiforgeError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ciforge.app.job_cache import CachedJobs
    from ciforge.app.workspace import Workspace


def jobs(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """Ids of jobs, releases, distributions and repositories; with `--any`, every known release."""
    listed = _listed(ctx)
    if listed is None:
        return []
    candidates = [job.id for job in listed.jobs] + [job.release_id for job in listed.jobs]
    candidates += [job.distribution for job in listed.jobs]
    if ctx.params.get("unlisted") and (opened := _open(ctx)):
        candidates += opened.plan.names.release_words
        candidates += _on_processors(begun, opened.plan.names.arches)
    return _plain((*candidates, *listed.branches), begun)


def _on_processors(begun: str, arches: Mapping[str, tuple[str, ...]]) -> list[str]:
    """`debian-13@arm64` and so on, after an @."""
    name, at, _ = begun.partition("@")
    release = name.split("/")[1] if name.count("/") == 2 else name
    return [f"{name}@{arch}" for arch in arches.get(release, ())] if at else []


def steps(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """The steps of the job on the command line; without one, of all jobs."""
    listed = _listed(ctx)
    every = listed.jobs if listed else ()
    named = [job for job in every if job.id == ctx.params.get("job")] or every
    return _plain(["prepare", *(step for job in named for step in job.steps)], begun)


def runs(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """Runs of the project, the newest first."""
    from ciforge.app.workspace import state_folder

    listed = _listed(ctx)
    if listed is None:
        return []
    state = state_folder(listed.project, ctx.params.get("state_dir"))
    found = sorted((path.parent.name for path in state.glob("runs/*/run.json")), reverse=True)
    return _plain(found, begun)


def tries(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """Builds on a service that are under way, the newest first."""
    from ciforge.app.workspace import state_folder
    from ciforge.store.hosted_tries import tries as under_way

    listed = _listed(ctx)
    if listed is None:
        return []
    state = state_folder(listed.project, ctx.params.get("state_dir"))
    return _plain(reversed(under_way(state)), begun)


def mails(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """Ids of mails, the newest first; none for addresses."""
    from ciforge.app.workspace import state_folder
    from ciforge.model.message import short_id
    from ciforge.store.incidents.incident_database import Incidents
    from ciforge.store.incidents.incident_errors import FILE_NAME

    listed = _listed(ctx)
    if listed is None or ctx.params.get("action") == "test":
        return []
    state = state_folder(listed.project, ctx.params.get("state_dir"))
    if not (state / FILE_NAME).exists():
        return []
    with suppress(CiforgeError), Incidents.open(state) as incidents:
        return _plain([short_id(mail.message) for mail in incidents.outbox.all(100)], begun)
    return []


def incidents(
    ctx: click.Context, _param: click.Parameter, begun: str
) -> "list[CompletionItem[str]]":
    """The beginnings of the ids of open incidents, the most important first."""
    import time

    from ciforge.app.workspace import state_folder
    from ciforge.report.priorities import ranked, short
    from ciforge.store.incidents.status_reader import status_view

    listed = _listed(ctx)
    if listed is None:
        return []
    with suppress(CiforgeError):
        state = state_folder(listed.project, ctx.params.get("state_dir"))
        found = ranked(status_view(state, listed.project).causes, time.time())
        return _plain(map(short, found), begun)
    return []


def sources(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """`REPO=`, then folders and files."""
    repo, equals, path = begun.partition("=")
    if equals:
        return _paths(f"{repo}=", path)
    return _repos(ctx, begun)


def revisions(
    ctx: click.Context, _param: click.Parameter, begun: str
) -> "list[CompletionItem[str]]":
    """`REPO=`, then the branches in the project file."""
    listed = _listed(ctx)
    if listed is None:
        return []
    repo, equals, _ = begun.partition("=")
    if equals and repo in listed.branches:
        return _plain([f"{repo}={name}" for name in listed.branches[repo]], begun)
    branches = [name for each in listed.branches.values() for name in each]
    return _repos(ctx, begun) + _plain(branches, begun)


def repos(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """The repositories of the project."""
    listed = _listed(ctx)
    return _plain(listed.branches, begun) if listed else []


def files(_ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """Files, completed by the shell itself."""
    return [_item(begun, "file")]


def _repos(ctx: click.Context, begun: str) -> "list[CompletionItem[str]]":
    listed = _listed(ctx)
    names = listed.branches if listed else ()
    return [_item(f"{name}=", "open") for name in names if name.startswith(begun)]


def _paths(before: str, begun: str) -> "list[CompletionItem[str]]":
    folder, slash, name = begun.rpartition("/")
    place = Path(folder + slash or ".").expanduser()
    try:
        found = sorted(path for path in place.iterdir() if path.name.startswith(name))
    except OSError:
        return []
    shown = [path for path in found if name or not path.name.startswith(".")]
    ends = [path.name + ("/" if path.is_dir() else "") for path in shown]
    return [_item(before + folder + slash + end, "path") for end in ends]


def systems(ctx: click.Context, _param: click.Parameter, begun: str) -> "list[CompletionItem[str]]":
    """Distributions and releases of the catalogue."""
    from ciforge.app.project_files import catalogue_here

    try:
        found = catalogue_here(ctx.params.get("file"), Path.cwd()).distributions
    except (CiforgeError, OSError):
        return []
    ids = (
        distribution.release_id(release)
        for distribution in found.values()
        for release in distribution.releases
    )
    return _plain((*found, *ids), begun)


def _plain(candidates: Iterable[str], begun: str) -> "list[CompletionItem[str]]":
    """Each word that begins with the prefix, once."""
    return [_item(word) for word in dict.fromkeys(candidates) if word.startswith(begun)]


def _listed(ctx: click.Context) -> "CachedJobs | None":
    from ciforge.app.job_cache import cached_jobs
    from ciforge.app.workspace import state_root

    try:
        root = state_root(ctx.params.get("state_dir"))
        return cached_jobs(ctx.params.get("file"), Path.cwd(), root)
    except (CiforgeError, OSError):
        return None


def _open(ctx: click.Context) -> "Workspace | None":
    from ciforge.app.workspace import open_workspace

    try:
        return open_workspace(ctx.params.get("file"), Path.cwd())
    except (CiforgeError, OSError):
        return None


def _item(word: str, kind: str = "plain") -> "CompletionItem[str]":
    from click.shell_completion import CompletionItem  # slow to import, and rarely needed

    return CompletionItem(word, type=kind)
