"""Which source each selected repository is built from, by where one types and what one says."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.app.workspace import Workspace
from ciforge.errors import UsageError, did_you_mean
from ciforge.model.job import Job
from ciforge.model.project import Project
from ciforge.private import masked_word
from ciforge.run.job_runner import Archive
from ciforge.sources import SourceSpec, checkout_of, remotes_of, same_address, take_snapshot


@attrs.frozen(kw_only=True)
class SourceOptions:
    """What the command line says about sources."""

    sources: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    patch: str = ""


@attrs.frozen
class CurrentCheckout:
    """The checkout that one types in, and the repositories of the project that it is."""

    repos: tuple[str, ...]
    path: Path


def tree_here(opened: Workspace, here: Path) -> CurrentCheckout | None:
    """The repositories whose `path` we are in, else those whose `git` is a remote of this tree."""
    roots = {
        name: (opened.file.parent / repo.path).resolve()
        for name, repo in opened.project.repos.items()
        if repo.path
    }
    inside = [root for root in roots.values() if here.is_relative_to(root)]
    if inside:
        nearest = max(inside, key=lambda root: len(root.parts))
        return CurrentCheckout(
            tuple(name for name, root in roots.items() if root == nearest), nearest
        )
    top = checkout_of(here)
    remotes = remotes_of(top) if top else ()
    repos = tuple(
        name
        for name, repo in opened.project.repos.items()
        if repo.git and any(same_address(repo.git, remote) for remote in remotes)
    )
    return CurrentCheckout(repos, top) if top and repos else None


def jobs_here(
    jobs: Sequence[Job], tree: CurrentCheckout | None, said: SourceOptions
) -> tuple[Job, ...]:
    """In a checkout its repositories alone, and what `--source` names. Raises UsageError for none."""
    if tree is None:
        return tuple(jobs)
    named = {text.partition("=")[0] for text in said.sources}
    kept = tuple(job for job in jobs if job.repo in tree.repos or job.repo in named)
    if not kept:
        other = jobs[0].repo
        raise UsageError(
            f"this is a checkout of {', '.join(tree.repos)}, and no selected job builds it",
            hint=f"to build {other}, use --source {other}=PATH",
        )
    return kept


def wanted_sources(
    opened: Workspace, jobs: Sequence[Job], tree: CurrentCheckout | None, said: SourceOptions
) -> tuple[SourceSpec, ...]:
    """One for each repository of these jobs. Raises UsageError."""
    repos = tuple(dict.fromkeys(job.repo for job in jobs if not job.skipped))
    places = _assignments(said.sources, "--source", opened.project, repos)
    revisions = _assignments(said.revisions, "--rev", opened.project, repos)
    patched = _patched(said, repos)
    return tuple(
        SourceSpec(
            repo=repo,
            place=(place := places.get(repo) or _place(opened, repo, tree)),
            project=_project_of(opened, repo, place) if repo not in places else None,
            named=repo in places and not _same_place(places[repo], opened, repo, tree),
            revision=revisions.get(repo, ""),
            branches=opened.project.repos[repo].branches,
            patch=patched.get(repo, b""),
            patch_name=said.patch if repo in patched else "",
        )
        for repo in repos
    )


def _assignments(
    texts: Sequence[str], option: str, project: Project, repos: Sequence[str]
) -> dict[str, str]:
    """`REPO=VALUE` words by repository; `--rev` may leave REPO= out where there is but one."""
    values: dict[str, str] = {}
    for text in texts:
        repo, equals, value = text.partition("=")
        if not equals or repo not in project.repos:
            if option == "--rev" and len(repos) == 1 and repo not in project.repos:
                repo, value = repos[0], text
            else:
                raise _unknown(repo, option, project)
        if not value:
            raise UsageError(f"{option} {text}: there is nothing after the =")
        values[repo] = value
    return values


def _unknown(repo: str, option: str, project: Project) -> UsageError:
    known = ", ".join(project.repos)
    return UsageError(
        f"{option}: no repository {masked_word(repo)!r}{did_you_mean(repo, project.repos)}",
        hint=f"use {option} REPO=…; the project has {known}",
    )


def _patched(said: SourceOptions, repos: Sequence[str]) -> dict[str, bytes]:
    if not said.patch:
        return {}
    if len(repos) != 1:
        raise UsageError(
            f"--patch: the jobs are of {len(repos)} repositories ({', '.join(repos)})",
            hint="select jobs of the repository that the patch is for",
        )
    if said.patch == "-":
        return {repos[0]: sys.stdin.buffer.read()}
    try:
        return {repos[0]: Path(said.patch).read_bytes()}
    except OSError as error:
        raise UsageError(f"--patch {said.patch}: {error.strerror}") from None


def _place(opened: Workspace, name: str, tree: CurrentCheckout | None) -> str:
    if tree is not None and name in tree.repos:
        return str(tree.path)
    repo = opened.project.repos[name]
    if repo.git:
        return repo.git
    if repo.path:
        return str((opened.file.parent / repo.path).resolve())
    raise UsageError(f"the project does not say where {name} is", hint=f"use --source {name}=PATH")


def _project_of(opened: Workspace, name: str, place: str) -> Path | None:
    """The folder that a place must not leave, where only the project file names it."""
    home = opened.file.parent.resolve()
    path = opened.project.repos[name].path
    return home if path and place == str((home / path).resolve()) else None


def _same_place(given: str, opened: Workspace, repo: str, tree: CurrentCheckout | None) -> bool:
    """Whether `--source` names what would be taken without it."""
    try:
        own = _place(opened, repo, tree)
    except UsageError:
        return False
    return given == own or (Path(given).is_dir() and Path(given).resolve() == Path(own))


def carry_all(
    wanted: Sequence[SourceSpec], folder: Path, mirrors: Path, hear: Callable[[str], None]
) -> Mapping[str, Archive]:
    """Every source as a tar file in `folder`, by repository."""
    archives = {}
    for one in wanted:
        carried = take_snapshot(one, folder, mirrors, hear)
        archives[one.repo] = Archive(file=carried.archive, used=carried.used)
    return archives
