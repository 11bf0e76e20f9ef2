"""Chooses the source of each selected repository, by options and the current folder."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ciforge.app.workspace import Workspace
from ciforge.errors import UsageError, did_you_mean
from ciforge.masking import masked_word
from ciforge.sources import checkout_of, remotes_of, same_address

if TYPE_CHECKING:
    # `ciforge jobs` asks for the checkout alone, and does not wait for what runs jobs.
    from ciforge.model.job import Job
    from ciforge.model.project import Project
    from ciforge.run.job_settings import Archive
    from ciforge.sources import SourceSpec


@attrs.frozen(kw_only=True)
class SourceOptions:
    """The options --source, --rev and --patch."""

    sources: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    patch: str = ""


@attrs.frozen(eq=False, repr=False)
class CurrentCheckout:
    """The checkout of the current folder, and the repositories of the project that it holds."""

    repos: tuple[str, ...]
    path: Path


def current_checkout(workspace: Workspace, here: Path) -> CurrentCheckout | None:
    """The repositories whose `path` is this folder, else those whose `git` is a remote of this
    checkout.
    """
    repos = workspace.project.repos
    return checkout_in(
        here,
        {name: workspace.file.parent / repo.path for name, repo in repos.items() if repo.path},
        {name: repo.git for name, repo in repos.items()},
    )


def checkout_in(
    here: Path, paths: Mapping[str, Path], addresses: Mapping[str, str]
) -> CurrentCheckout | None:
    """The same for the folders and the git addresses of the repositories."""
    roots = {name: path.resolve() for name, path in paths.items()}
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
        for name, address in addresses.items()
        if address and any(same_address(address, remote) for remote in remotes)
    )
    return CurrentCheckout(repos, top) if top and repos else None


def jobs_of_checkout(
    jobs: "Sequence[Job]", checkout: CurrentCheckout | None, options: SourceOptions
) -> "tuple[Job, ...]":
    """In a checkout, the jobs of its repositories and of those named by --source. Raises UsageError
    if there are none.
    """
    if checkout is None:
        return tuple(jobs)
    named = {text.partition("=")[0] for text in options.sources}
    kept = tuple(job for job in jobs if job.repo in checkout.repos or job.repo in named)
    if not kept:
        other = jobs[0].repo
        raise UsageError(
            f"this is a checkout of {', '.join(checkout.repos)}, and no selected job builds it",
            hint=f"to build {other}, use --source {other}=PATH",
        )
    return kept


def source_specs(
    workspace: Workspace,
    jobs: "Sequence[Job]",
    checkout: CurrentCheckout | None,
    options: SourceOptions,
) -> "tuple[SourceSpec, ...]":
    """The source of each repository of these jobs. Raises UsageError."""
    from ciforge.sources import SourceSpec

    repos = tuple(dict.fromkeys(job.repo for job in jobs if not job.skipped))
    places = _assignments(options.sources, "--source", workspace.project, repos)
    revisions = _assignments(options.revisions, "--rev", workspace.project, repos)
    patches = _patched(options, repos)
    return tuple(
        SourceSpec(
            repo=repo,
            place=(place := places.get(repo) or _place(workspace, repo, checkout)),
            project=_project_of(workspace, repo, place) if repo not in places else None,
            named=repo in places and not _same_place(places[repo], workspace, repo, checkout),
            revision=revisions.get(repo, ""),
            branches=workspace.project.repos[repo].branches,
            carry_git=workspace.project.repos[repo].carry_git,
            patch=patches.get(repo, b""),
            patch_name=options.patch if repo in patches else "",
        )
        for repo in repos
    )


def _assignments(
    texts: Sequence[str], option: str, project: "Project", repos: Sequence[str]
) -> dict[str, str]:
    """REPO=VALUE arguments by repository; --rev may omit REPO= if there is only one repository."""
    values: dict[str, str] = {}
    for text in texts:
        repo, equals, value = text.partition("=")
        if not equals or repo not in project.repos:
            if option == "--rev" and len(repos) == 1 and repo not in project.repos:
                repo, value = repos[0], text
            else:
                raise _unknown(repo, option, project)
        if not value:
            raise UsageError(f"{option} {text}: a value is required after the =")
        values[repo] = value
    return values


def _unknown(repo: str, option: str, project: "Project") -> UsageError:
    names = ", ".join(project.repos)
    return UsageError(
        f"{option}: no repository {masked_word(repo)!r}{did_you_mean(repo, project.repos)}",
        hint=f"use {option} REPO=…; the project has {names}",
    )


def _patched(options: SourceOptions, repos: Sequence[str]) -> dict[str, bytes]:
    if not options.patch:
        return {}
    if len(repos) != 1:
        raise UsageError(
            f"--patch: the jobs are of {len(repos)} repositories ({', '.join(repos)})",
            hint="select jobs of the repository that the patch is for",
        )
    if options.patch == "-":
        return {repos[0]: sys.stdin.buffer.read()}
    try:
        return {repos[0]: Path(options.patch).read_bytes()}
    except OSError as error:
        raise UsageError(f"--patch {options.patch}: {error.strerror}") from None


def _place(workspace: Workspace, name: str, checkout: CurrentCheckout | None) -> str:
    if checkout is not None and name in checkout.repos:
        return str(checkout.path)
    repo = workspace.project.repos[name]
    if repo.git:
        return repo.git
    if repo.path:
        return str((workspace.file.parent / repo.path).resolve())
    raise UsageError(f"the project does not say where {name} is", hint=f"use --source {name}=PATH")


def _project_of(workspace: Workspace, name: str, place: str) -> Path | None:
    """The folder that the source must not leave, if only the project file names it."""
    home = workspace.file.parent.resolve()
    path = workspace.project.repos[name].path
    return home if path and place == str((home / path).resolve()) else None


def _same_place(
    given: str, workspace: Workspace, repo: str, checkout: CurrentCheckout | None
) -> bool:
    """Whether --source names the source that is used without it."""
    try:
        own = _place(workspace, repo, checkout)
    except UsageError:
        return False
    return given == own or (Path(given).is_dir() and Path(given).resolve() == Path(own))


def archive_sources(
    specs: "Sequence[SourceSpec]", folder: Path, mirrors: Path, on_message: Callable[[str], None]
) -> "Mapping[str, Archive]":
    """Writes every source to a tar file in `folder`; the archives by repository."""
    from ciforge.run.job_settings import Archive
    from ciforge.sources import take_snapshot

    archives = {}
    for spec in specs:
        snapshot = take_snapshot(spec, folder, mirrors, on_message)
        archives[spec.repo] = Archive(
            file=snapshot.archive, used=snapshot.used, version=snapshot.version, git=snapshot.git,
            order=snapshot.order, newest=snapshot.newest,
        )  # fmt: skip
    return archives
