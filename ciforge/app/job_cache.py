"""The jobs that a project lists, remembered: to read all descriptors takes longer than to say what is known.

What is remembered holds for exactly these bytes of `ciforge.yml` and of the descriptors, read by
exactly this code; else it is made anew.
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
"""Bytes of a file; a larger one is refused anyway."""
_CODE = ("load", "model", "plan")
"""Folders of this package that have a say in which jobs there are."""


@attrs.frozen
class CachedJob:
    """One job."""

    id: str
    repo: str
    skipped: bool


@attrs.frozen(kw_only=True)
class CachedJobs:
    """A project's name and its jobs, in the order of the list."""

    project: str
    jobs: tuple[CachedJob, ...]


def cached_jobs(file: Path | None, here: Path, root: Path) -> CachedJobs:
    """The jobs of a project; `root` is the folder of all states. Raises as `open_project` does."""
    found = file if file is not None else find_project(here)
    key = _key(found)
    name = hashlib.sha256(os.fsencode(found.absolute())).hexdigest()[:16]
    place = root / f".listing-{name}.json"
    if key and (known := _remembered(place, key)):
        return known
    opened = open_workspace(found, here)
    jobs = tuple(CachedJob(job.id, job.repo, bool(job.skipped)) for job in opened.plan.jobs)
    made = CachedJobs(project=opened.project.project, jobs=jobs)
    if key and root.is_dir():
        _remember(place, key, made)
    return made


def _key(file: Path) -> str:
    """A hash of all that the list depends on; empty where something cannot be read."""
    whole = hashlib.sha256(ciforge.__version__.encode())
    try:
        for part in (*_code(), *_texts(file)):
            whole.update(b"%d\0" % len(part) + part)
    except OSError:
        return ""
    return whole.hexdigest()


def _code() -> Iterator[bytes]:
    """When each module was written, and how long it is."""
    for folder in _CODE:
        for one in _sorted(Path(ciforge.__file__).parent / folder):
            stat = one.stat()
            yield f"{one.name} {stat.st_mtime_ns} {stat.st_size}".encode()


def _texts(file: Path) -> Iterator[bytes]:
    yield read_file(file, LIMIT)
    for folder in catalogue_folders(file):
        for one in (*_sorted(folder), *_sorted(folder / "managers")):
            yield os.fsencode(one)
            yield read_file(one, LIMIT)


def _sorted(folder: Path) -> Iterable[Path]:
    return sorted(one for one in folder.iterdir() if one.is_file()) if folder.is_dir() else ()


def _remembered(place: Path, key: str) -> CachedJobs | None:
    try:
        known = json.loads(place.read_bytes())
        if known["key"] != key:
            return None
        jobs = tuple(
            CachedJob(str(id_), str(repo), bool(skip)) for id_, repo, skip in known["jobs"]
        )
        return CachedJobs(project=str(known["project"]), jobs=jobs)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _remember(place: Path, key: str, made: CachedJobs) -> None:
    """An aid: whoever cannot write it reads everything again."""
    rows = [(job.id, job.repo, job.skipped) for job in made.jobs]
    text = json.dumps({"key": key, "project": made.project, "jobs": rows})
    new = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        new.write_text(text)
        new.replace(place)
