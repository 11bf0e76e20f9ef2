"""What nearly every command begins with: the project file, the catalogue, the plan, the tree we are in."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ciforge.errors import InputError, UsageError
from ciforge.places import data_folder

if TYPE_CHECKING:
    from ciforge.model.distro import Bootstrap, Catalogue
    from ciforge.model.project import Project
    from ciforge.plan.jobs import Plan

FILE_NAME = "ciforge.yml"


@attrs.frozen(kw_only=True)
class Opened:
    """A project without flaws, and its plan."""

    file: Path
    project: "Project"
    plan: "Plan"


def open_project(file: Path | None, here: Path) -> Opened:
    """Reads and checks everything. Raises InputError with all problems at once, UsageError."""
    from ciforge.plan.jobs import make_plan

    found = file if file is not None else find_project(here)
    catalogue = read_catalogue(found)
    problems, project = check_project(found, catalogue)
    if problems:
        raise InputError(problems)
    return Opened(file=found, project=project, plan=make_plan(project, catalogue))


def check_project(file: Path, catalogue: "Catalogue") -> tuple[list[str], "Project"]:
    """The problems that only show beside the catalogue. Raises InputError for all others."""
    from ciforge.load.project import load_project
    from ciforge.plan.check import check

    loaded = load_project(file)
    flaws = check(loaded.value, catalogue)
    return loaded.document.problems(flaws), loaded.value


def find_project(here: Path) -> Path:
    """`ciforge.yml` here or in the nearest folder above. Raises UsageError."""
    for folder in (here, *here.parents):
        file = folder / FILE_NAME
        if file.is_file():
            return file
    raise UsageError(
        f"no {FILE_NAME} here or in any folder above",
        hint="`ciforge init` drafts one for the tree that lies here; or name one: --file FILE",
    )


def read_catalogue(project_file: Path) -> "Catalogue":
    """The descriptors that travel with ciforge, then those in `distros/` beside the project file.

    A bootstrap runs on this machine, so only descriptors of ciforge may say how: a checkout that
    somebody else wrote cannot. Raises InputError.
    """
    from ciforge.load.catalogue import load_catalogue

    shipped, *beside = catalogue_folders(project_file)
    own = load_catalogue([shipped])
    if not beside:
        return own
    catalogue = load_catalogue([shipped, *beside])
    foreign = [
        f"{beside[0] / one.distribution}.yml:1:1: bootstrap runs on this machine, so only a "
        f"descriptor of ciforge may have one; copy that of {one.distribution} unchanged, or drop it"
        for one in catalogue.distributions.values()
        if one.bootstrap and one.bootstrap not in _bootstraps(own)
    ]
    if foreign:
        raise InputError(foreign)
    return catalogue


def _bootstraps(catalogue: "Catalogue") -> "list[Bootstrap | None]":
    return [one.bootstrap for one in catalogue.distributions.values()]


def catalogue_folders(project_file: Path) -> Iterator[Path]:
    """Where descriptors lie, in the order in which they are read."""
    shipped = data_folder("distros")
    yield shipped
    beside = project_file.parent / "distros"
    if beside.is_dir() and not beside.samefile(shipped):
        yield beside


def state_folder(project: str, chosen: Path | None) -> Path:
    """The project's folder in the one of all states."""
    return state_root(chosen) / project


def state_root(chosen: Path | None) -> Path:
    """`--state-dir`, else CIFORGE_STATE, else $XDG_STATE_HOME/ciforge. Raises UsageError."""
    if chosen is None and os.environ.get("CIFORGE_STATE"):
        chosen = Path(os.environ["CIFORGE_STATE"])
    if chosen is None:
        chosen = Path(os.environ.get("XDG_STATE_HOME") or _state_home()) / "ciforge"
    return chosen.absolute()


def _state_home() -> Path:
    try:
        return Path.home() / ".local" / "state"
    except RuntimeError:
        hint = "name a folder for runs: --state-dir DIR"
        raise UsageError("there is no home folder to keep runs in", hint=hint) from None
