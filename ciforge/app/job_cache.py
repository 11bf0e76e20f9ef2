"""A cache of the jobs that a project lists, because reading all descriptors is slow.

The key is a hash of `ciforge.yml`, the descriptors and the code that reads them.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import attrs

import ciforge
from ciforge.app.workspace import catalogue_folders, find_project, open_workspace
from ciforge.untrusted import read_file

LIMIT = 1 << 20
"""Maximum size of a file, in bytes; larger ones are refused elsewhere."""
_CODE = ("load", "model", "plan")
"""Folders of this package whose code decides which jobs there are."""


@attrs.frozen
class CachedJob:
    """One listed job."""

    id: str
    repo: str
    skipped: bool


@attrs.frozen(kw_only=True)
class CachedJobs:
    """The name of a project and its jobs, in the order of the list."""

    project: str
    jobs: tuple[CachedJob, ...]


def cached_jobs(file: Path | None, here: Path, root: Path) -> CachedJobs:
    """The jobs of a project; `root` is the folder of all state folders. Raises what `open_project`
    raises.
    """
    found = file if file is not None else find_project(here)
    key = _key(found)
    name = hashlib.sha256(os.fsencode(found.absolute())).hexdigest()[:16]
    place = root / f".listing-{name}.json"
    if key and (cached := _remembered(place, key)):
        return cached
    workspace = open_workspace(found, here)
    jobs = tuple(CachedJob(job.id, job.repo, bool(job.skipped)) for job in workspace.plan.jobs)
    listed = CachedJobs(project=workspace.project.project, jobs=jobs)
    if key and root.is_dir():
        _remember(place, key, listed)
    return listed


def _key(file: Path) -> str:
    """A hash of everything that the list depends on; empty if something cannot be read."""
    whole = hashlib.sha256(ciforge.__version__.encode())
    try:
        for part in (*_code(), *_texts(file)):
            whole.update(b"%d\0" % len(part) + part)
    except OSError:
        return ""
    return whole.hexdigest()


def _code() -> Iterator[bytes]:
    """The time of change and the size of each module."""
    for folder in _CODE:
        for path in _sorted(Path(ciforge.__file__).parent / folder):
            stat = path.stat()
            yield f"{path.name} {stat.st_mtime_ns} {stat.st_size}".encode()


def _texts(file: Path) -> Iterator[bytes]:
    yield read_file(file, LIMIT)
    for folder in catalogue_folders(file):
        for path in (*_sorted(folder), *_sorted(folder / "managers")):
            yield os.fsencode(path)
            yield read_file(path, LIMIT)


def _sorted(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else ()


def _remembered(place: Path, key: str) -> CachedJobs | None:
    try:
        cached = json.loads(place.read_bytes())
        if cached["key"] != key:
            return None
        jobs = tuple(
            CachedJob(str(id_), str(repo), bool(skip)) for id_, repo, skip in cached["jobs"]
        )
        return CachedJobs(project=str(cached["project"]), jobs=jobs)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _remember(place: Path, key: str, listed: CachedJobs) -> None:
    """Writes the cache; a failure is ignored."""
    rows = [(job.id, job.repo, job.skipped) for job in listed.jobs]
    text = json.dumps({"key": key, "project": listed.project, "jobs": rows})
    new = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        new.write_text(text)
        new.replace(place)
