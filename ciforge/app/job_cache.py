"""A cache of the jobs that a project lists, because reading all descriptors is slow.

Nothing here imports attrs or hashlib, which take longer than all the rest. The key is what the list depends on: the contents of
`ciforge.yml`, the lock and the project's own descriptors, and the times and sizes of ciforge's own files. The one check that depends
on more, whether the folder of a repository is a link out of the project, is repeated.
"""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import ciforge
from ciforge.app.project_files import catalogue_folders, find_project
from ciforge.app.workspace import open_selected, paths_that_lead_out
from ciforge.model.lock_path import lock_path
from ciforge.resources import data_folder
from ciforge.untrusted import read_file

if TYPE_CHECKING:
    from ciforge.model.job import Job

LIMIT = 1 << 20
"""Maximum size of a file, in bytes; larger ones are refused elsewhere."""
_LISTS = ("steps", "packages")
_CODE = ("load", "model", "plan")
"""Folders of this package whose code decides which jobs there are."""


class CachedJob(NamedTuple):
    """The part of a job that `ciforge jobs`, `ciforge status` and tab completion show."""

    id: str
    repo: str
    release_id: str
    distribution: str
    variant: str
    platform: str
    image: str
    steps: tuple[str, ...]
    packages: tuple[str, ...]
    schedule: str
    allow_failure: bool
    timeout: int
    proof: str
    """The word for how far its system is proven."""
    eol: str
    rolling: bool
    prerelease: bool
    skipped: str
    cross: str
    """The libc of a cross check's target; empty for a job that runs on its system."""


class CachedJobs(NamedTuple):
    """The name of a project, its repositories, and its jobs in the order of the list."""

    project: str
    branches: Mapping[str, tuple[str, ...]]
    """Repositories to the branches in the project file."""
    paths: Mapping[str, str]
    """Repositories to their folders, relative to the project file; empty for those elsewhere."""
    addresses: Mapping[str, str]
    """Repositories to their git addresses; empty for those without one."""
    jobs: tuple[CachedJob, ...]


def cached_jobs(file: Path | None, here: Path, root: Path) -> CachedJobs:
    """The jobs of a project; `root` is the folder of all state folders: if it does not exist, nothing
    is cached. Raises what `open_workspace` raises.
    """
    found = file if file is not None else find_project(here)
    key = _key(found)
    # Two projects with the same name of the file replace each other's list; the keys differ.
    place = root / f".listing-{zlib.crc32(os.fsencode(found.absolute())):08x}.json"
    cached = _remembered(place, key) if key else None
    if cached and not any(paths_that_lead_out(found, cached.paths)):
        return cached
    listed, cacheable = _read_all(found, here)
    if key and cacheable and place.parent.is_dir():
        _remember(place, key, listed)
    return listed


def _read_all(file: Path, here: Path) -> tuple[CachedJobs, bool]:
    """The jobs, and whether they depend on no more than the key has: patches of sources are not in it."""
    workspace, jobs = open_selected(file, here, ())
    repos = workspace.project.repos
    patched = any(source.patches for source in workspace.project.sources.values())
    listed = CachedJobs(
        project=workspace.project.project,
        branches={name: tuple(repo.branches) for name, repo in repos.items()},
        paths={name: repo.path for name, repo in repos.items()},
        addresses={name: repo.git for name, repo in repos.items()},
        jobs=tuple(map(summary, jobs)),
    )
    return listed, not patched


def summary(job: "Job") -> CachedJob:
    """Return the part of a job that is cached."""
    release = job.release
    return CachedJob(
        id=job.id, repo=job.repo, release_id=job.release_id, distribution=job.system,
        variant=job.variant, platform=str(job.platform), image=release.image,
        steps=tuple(step.name for step in job.steps), packages=tuple(job.packages),
        schedule=job.schedule, allow_failure=job.allow_failure, timeout=job.timeout,
        proof=job.proof.value, eol=release.eol, rolling=release.rolling,
        prerelease=release.prerelease, skipped=job.skipped,
        cross=job.cross.system.libc if job.cross else "",
    )  # fmt: skip


def _key(file: Path) -> str:
    """Everything that the list depends on; empty if something cannot be read."""
    version = f"{ciforge.__version__} {file.absolute()}"
    try:
        parts = (os.fsencode(version), *_code(), *_texts(file))
    except OSError:
        return ""
    return "".join(f"{len(part)} {part.decode('latin-1')}\n" for part in parts)


def _code() -> Iterator[bytes]:
    """The time of change and the size of each module."""
    package = Path(ciforge.__file__).parent
    for folder in _CODE:
        yield from map(_time_and_size, _sorted(f"{package}/{folder}"))
    yield repr(CachedJob._fields).encode()


def _texts(file: Path) -> Iterator[bytes]:
    yield read_file(file, LIMIT)
    if (lock := lock_path(file)).exists():
        yield read_file(lock, LIMIT)
    shipped = data_folder("distros")
    for folder in catalogue_folders(file):
        for below in ("", "/managers", "/tables"):
            for entry in _sorted(f"{folder}{below}"):
                yield os.fsencode(entry.path)
                yield _time_and_size(entry) if folder == shipped else read_file(entry.path, LIMIT)


def _time_and_size(entry: "os.DirEntry[str]") -> bytes:
    """What changes when one of ciforge's own files is replaced."""
    stat = entry.stat()
    return os.fsencode(f"{entry.name} {stat.st_mtime_ns} {stat.st_size}")


def _sorted(folder: str) -> "list[os.DirEntry[str]]":
    """The files of a folder by their names; none if there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (entry for entry in entries if entry.is_file()), key=lambda each: each.name
            )
    except (FileNotFoundError, NotADirectoryError):
        return []


def _remembered(place: Path, key: str) -> CachedJobs | None:
    """The jobs that were cached under the key; None if there are none, or the file is damaged."""
    try:
        cached = json.loads(place.read_bytes())
        return _structured(cached) if cached["key"] == key else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _structured(cached: Mapping[str, Any]) -> CachedJobs:
    return CachedJobs(
        project=str(cached["project"]),
        branches={name: tuple(map(str, each)) for name, each in cached["branches"].items()},
        paths={name: str(path) for name, path in cached["paths"].items()},
        addresses={name: str(address) for name, address in cached["addresses"].items()},
        jobs=tuple(
            CachedJob(**{**job, **{name: tuple(map(str, job[name])) for name in _LISTS}})
            for job in cached["jobs"]
        ),
    )


def _remember(place: Path, key: str, listed: CachedJobs) -> None:
    """Writes the cache; a failure is ignored."""
    text = json.dumps(
        {"key": key, **listed._asdict(), "jobs": [job._asdict() for job in listed.jobs]}
    )
    new = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        new.write_text(text)
        new.replace(place)
