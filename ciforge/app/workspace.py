"""Reads the project file and the catalogue, and makes the plan."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ciforge.app.project_files import catalogue_folders, find_project, read_catalogue
from ciforge.errors import InputError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from ciforge.model.distro import Catalogue
    from ciforge.model.flaw import Flaw
    from ciforge.model.job import Job
    from ciforge.model.project import Project
    from ciforge.plan.planner import Plan


class Workspace(NamedTuple):
    """A project without flaws, and its plan."""

    file: Path
    project: "Project"
    plan: "Plan"


def open_selected(
    file: Path | None, here: Path, selectors: Sequence[str], *, unlisted: bool = False
) -> tuple[Workspace, tuple["Job", ...]]:
    """The workspace and the jobs that the selectors name, reading only systems that these can mean.

    A job is skipped if one that it needs is.
    In case of a mistake all descriptors are read, so that messages are complete.
    Raises as `open_workspace` and `select` do."""
    found = file if file is not None else find_project(here)
    with suppress(UsageError):
        if (narrow := _narrow_workspace(found, selectors)) is not None:
            return narrow, _selected(narrow.plan, selectors, unlisted=unlisted)
    return open_whole(found, here, selectors, unlisted=unlisted)


def open_whole(
    file: Path | None, here: Path, selectors: Sequence[str], *, unlisted: bool = False
) -> tuple[Workspace, tuple["Job", ...]]:
    """The workspace with all jobs, and the jobs that the selectors name.

    Raises as `open_workspace` and `select` do."""
    opened = open_workspace(file, here, selectors)
    return opened, _selected(opened.plan, selectors, unlisted=unlisted)


def _selected(plan: "Plan", selectors: Sequence[str], *, unlisted: bool) -> tuple["Job", ...]:
    """The jobs that the selectors name; one is skipped if one that it needs is."""
    from ciforge.plan.selection import select, skipped_with_needed

    return skipped_with_needed(plan, select(plan, selectors, unlisted=unlisted))


def _narrow_workspace(file: Path, selectors: Sequence[str]) -> Workspace | None:
    """The workspace with only the systems that matter; None if they are not known. Raises UsageError."""
    from ciforge.load.project_file import load_project
    from ciforge.plan.planner import make_plan

    project = load_project(file).value
    catalogue = _narrow_catalogue(list(catalogue_folders(file)), project, selectors)
    if catalogue is None:
        return None
    catalogue = _with_tabled(catalogue, project, selectors)
    catalogue, flaws = _with_locked(file, catalogue, project)
    if flaws or any(_links_that_lead_out(file, project)):
        return None
    return Workspace(file=file, project=project, plan=make_plan(project, catalogue))


def _narrow_catalogue(
    folders: Sequence[Path], project: "Project", selectors: Sequence[str]
) -> "Catalogue | None":
    """Descriptors of ciforge that the jobs can mean, and all beside the project, which may refer to them."""
    from ciforge.load.catalogue import load_catalogue
    from ciforge.load.release_index import OwnDescriptors, ReleaseIndex
    from ciforge.load.toolchain_table import toolchain
    from ciforge.plan.named_systems import named_systems

    index = ReleaseIndex(folders[0])
    own = [OwnDescriptors(folder) for folder in folders[1:]]
    if any((folder / "managers").exists() for folder in folders[1:]):
        return None
    references = {name for selector in own for name in selector.references}
    named = {*named_systems(project, selectors, index.ids), *references & index.ids.keys()}
    machine = index.owner(toolchain().machine)
    if index.crosses(named) or any(selector.cross for selector in own):
        named.add(machine)
    names = index.with_parents(named)
    catalogue = load_catalogue(folders, names | index.managers(names) | references)
    unread = index.without(names)
    for distribution in catalogue.distributions.values():
        ids = {distribution.release_id(release) for release in distribution.releases}
        taken = not ids.isdisjoint((*unread, *(id_ for each in unread.values() for id_ in each)))
        crosses = any(release.cross for release in distribution.releases)
        foreign = any(distribution.distribution in selector.names for selector in own)
        if taken or (foreign and distribution.bootstrap) or (crosses and machine not in names):
            return None
    import attrs  # slow to import, and `status` and tab completion do without it

    return attrs.evolve(catalogue, unread=unread)


def open_workspace(file: Path | None, here: Path, selectors: Sequence[str] = ()) -> Workspace:
    """Reads and checks everything. Raises InputError with all problems, and UsageError.

    Dependencies of ready variants that are not listed are known if `selectors` name these."""
    from ciforge.plan.planner import make_plan

    found = file if file is not None else find_project(here)
    catalogue = read_catalogue(found)
    problems, project, catalogue = check_project(found, catalogue, selectors)
    if problems:
        raise InputError(problems)
    return Workspace(file=found, project=project, plan=make_plan(project, catalogue))


def _with_tabled(
    catalogue: "Catalogue", project: "Project", selectors: Sequence[str]
) -> "Catalogue":
    """The catalogue with dependencies of the project that only the table of packages has."""
    from ciforge.plan.overlay_checks import lacking_names

    if not (names := lacking_names(project, catalogue, selectors)):
        return catalogue
    from ciforge.load.package_table import supplemented  # only projects with such a name need it

    return supplemented(catalogue, names)


def _with_locked(
    file: Path, catalogue: "Catalogue", project: "Project", *, answered: bool = True
) -> "tuple[Catalogue, tuple[Flaw, ...]]":
    """The catalogue with the answers of `ciforge.lock`, and the flaws of the project.

    Without `answered`, a name that the lock does not answer is no flaw. Raises InputError for a broken lock."""
    from ciforge.plan.index_names import index_needs, unanswered
    from ciforge.plan.project_checks import check

    names = {need.name for _, need in index_needs(project)}
    if not names:
        return catalogue, check(project, catalogue)
    from ciforge.load.lock_file import load_lock, with_lock  # few projects have one
    from ciforge.model.package_lock import PackageLock

    lock = load_lock(file) if answered else PackageLock()
    catalogue = with_lock(catalogue, lock, sorted(names))
    flaws = check(project, catalogue)
    return catalogue, flaws or (tuple(unanswered(project, catalogue)) if answered else ())


def check_project(
    file: Path, catalogue: "Catalogue", selectors: Sequence[str] = (), *, answered: bool = True
) -> tuple[list[str], "Project", "Catalogue"]:
    """The problems that depend on the catalogue, the project, and the catalogue with all that it uses.

    Without `answered`, a name that `ciforge.lock` does not answer is no problem.
    Raises InputError for all other problems."""
    from ciforge.load.project_file import load_project

    loaded = load_project(file)
    catalogue = _with_tabled(catalogue, loaded.value, selectors)
    catalogue, found = _with_locked(file, catalogue, loaded.value, answered=answered)
    flaws = (*found, *_links_that_lead_out(file, loaded.value))
    return loaded.document.problems(flaws), loaded.value, catalogue


def project_warnings(file: Path, today: "date") -> list[str]:
    """Warnings: releases at their end of life, and settings that change no listed job.

    Empty where the project has problems. Raises UsageError where there is no file."""
    from ciforge.load.project_file import load_project
    from ciforge.plan.ended_releases import ended_entries
    from ciforge.plan.idle_settings import idle_settings

    try:
        loaded, catalogue = load_project(file), read_catalogue(file)
        problems, _, catalogue = check_project(file, catalogue)
    except InputError:
        return []
    if problems:
        return []
    project = loaded.value
    found = (*ended_entries(project, catalogue, today), *idle_settings(project, catalogue))
    return loaded.document.problems(found)


def _links_that_lead_out(file: Path, project: "Project") -> "Iterator[Flaw]":
    """Flaws for folders that are links out of the project."""
    from ciforge.load.validators import OUTSIDE
    from ciforge.model.flaw import Flaw

    paths = {name: repo.path for name, repo in project.repos.items()}
    for name in paths_that_lead_out(file, paths):
        message = f"{paths[name]!r} is a link that leads out of this folder; {OUTSIDE}"
        yield Flaw(("repos", name, "path"), message)


def paths_that_lead_out(file: Path, paths: Mapping[str, str]) -> Iterator[str]:
    """The repositories whose folder is a link out of the folder of the project file."""
    home = file.parent.resolve()
    for name, path in paths.items():
        place = (home / path).resolve()
        if path and (not place.is_relative_to(home) or ".git" in place.relative_to(home).parts):
            yield name


def state_folder(project: str, chosen: Path | None) -> Path:
    """The state folder of the project."""
    return state_root(chosen) / project


def state_root(chosen: Path | None) -> Path:
    """`--state-dir`, else $CIFORGE_STATE, else $XDG_STATE_HOME/ciforge. Raises UsageError."""
    if chosen is None and os.environ.get("CIFORGE_STATE"):
        chosen = Path(os.environ["CIFORGE_STATE"])
    if chosen is None:
        chosen = Path(os.environ.get("XDG_STATE_HOME") or _state_home()) / "ciforge"
    return chosen.absolute()


def _state_home() -> Path:
    try:
        return Path.home() / ".local" / "state"
    except RuntimeError:
        hint = "use --state-dir DIR"
        raise UsageError("there is no home folder to keep runs in", hint=hint) from None
