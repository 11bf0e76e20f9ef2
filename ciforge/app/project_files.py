"""Finds the project file, and reads the descriptors of ciforge and those beside it."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ciforge.errors import InputError, UsageError
from ciforge.resources import data_folder

if TYPE_CHECKING:
    from ciforge.model.distro import Catalogue

FILE_NAME = "ciforge.yml"


def find_project(here: Path) -> Path:
    """`ciforge.yml` in this folder or the nearest one above it. Raises UsageError."""
    for folder in (here, *here.parents):
        file = folder / FILE_NAME
        if file.is_file():
            return file
    raise UsageError(
        f"no {FILE_NAME} here or in any folder above",
        hint="`ciforge init` writes one for this source tree; or use --file FILE",
    )


def read_catalogue(project_file: Path) -> "Catalogue":
    """The descriptors of ciforge, then those in `distros/` beside the project file.

    Commands in the latter never run on this machine, because a checkout is untrusted. Raises
    InputError.
    """
    from ciforge.load.catalogue import load_catalogue

    shipped, *beside = catalogue_folders(project_file)
    own = _shipped_catalogue(shipped, _file_states(shipped))
    if not beside:
        return own
    catalogue = load_catalogue([shipped, *beside])
    if foreign := list(_host_commands(catalogue, own, beside[0])):
        raise InputError(
            foreign,
            hint="remove the key; load or pull the images, or set CIFORGE_BASE_RELEASE=IMAGE",
        )
    return catalogue


def catalogue_here(file: Path | None, here: Path) -> "Catalogue":
    """The descriptors of ciforge, and those beside the project file where there is one.

    Raises InputError."""
    try:
        found = file if file is not None else find_project(here)
    except UsageError:
        shipped = data_folder("distros")
        return _shipped_catalogue(shipped, _file_states(shipped))
    return read_catalogue(found)


def descriptor_folders(file: Path | None, here: Path) -> list[Path]:
    """The folders that `catalogue_here` reads, in its order."""
    try:
        return list(catalogue_folders(file if file is not None else find_project(here)))
    except InputError:
        raise
    except UsageError:
        return [data_folder("distros")]


@functools.lru_cache(maxsize=1)
def _shipped_catalogue(folder: Path, _states: tuple[tuple[str, int, int], ...]) -> "Catalogue":
    """The descriptors of ciforge, which are read again only after a file was changed."""
    from ciforge.load.catalogue import load_catalogue

    return load_catalogue([folder])


def _file_states(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """The name, the time of change in nanoseconds and the size of each descriptor."""
    files = sorted((*folder.glob("*.y*ml"), *folder.glob("managers/*.y*ml")))
    states = ((str(file), file.stat()) for file in files)
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _host_commands(catalogue: "Catalogue", own: "Catalogue", folder: Path) -> Iterator[str]:
    """Problems for descriptors of a project that would run commands on this machine."""
    for id_, distribution in catalogue.distributions.items():
        if distribution.bootstrap and distribution != own.distributions.get(id_):
            message = "bootstrap runs on this machine, so only descriptors shipped with ciforge may have it"
            yield f"{folder / id_}.yml:1:1: {message}"
    for id_, manager in catalogue.managers.items():
        if manager.file_index and manager != own.managers.get(id_):
            message = "file_index makes this machine fetch addresses, so only those shipped with ciforge may have it"
            yield f"{folder / 'managers' / id_}.yml:1:1: {message}"


def catalogue_folders(project_file: Path) -> Iterator[Path]:
    """The folders of descriptors, in the order in which they are read.

    Raises InputError if descriptors of a checkout are links, since a message would quote their
    target.
    """
    shipped = data_folder("distros")
    yield shipped
    beside = project_file.parent / "distros"
    if beside.is_dir() and not beside.samefile(shipped):
        found = (
            beside,
            beside / "managers",
            *beside.glob("*.y*ml"),
            *beside.glob("managers/*.y*ml"),
        )
        message = "this is a symbolic link, which is not followed; put the file itself here"
        if links := [f"{path}:1:1: {message}" for path in found if path.is_symlink()]:
            raise InputError(links)
        yield beside
