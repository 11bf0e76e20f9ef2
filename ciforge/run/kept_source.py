"""Compares the source and the steps of a job with those of a container that was kept."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

import attrs

from ciforge.model.job import Job
from ciforge.model.kept_state import KeptState
from ciforge.render.step_script import step_script
from ciforge.run.source_state import SourceFile, SourceState

_KINDS = (tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE)
_FOLDER = f"{tarfile.DIRTYPE.decode()}:"


def kept_state(job: Job, archive: Path, *, first: str, image: str, cache: str) -> KeptState:
    """Returns what a container of the job has if it was given this archive. Raises OSError, TarError."""
    source = SourceState.of(archive)
    return KeptState(
        files={path: _digest(path, file, source) for path, file in source.files()},
        steps={step.name: _hash(step_script(job, step)) for step in job.steps},
        first=first, image=image, cache=cache,
    )  # fmt: skip


def _digest(path: str, file: SourceFile, source: SourceState) -> str:
    """The kind, a colon, and a hash."""
    kind = file.type.decode()
    return f"{kind}:{_hash(json.dumps([kind, file.mode, file.target, source.digest(path)]))}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def obstacle(old: KeptState, *, image: str, cache: str) -> str:
    """Returns why a source cannot be laid into a container; empty if it can.

    `image` is the id of the job's image, `cache` the volume of the source's trust domain.
    """
    if image != old.image:
        return "its image is another one"
    if old.cache not in ("", cache):
        return "the source is of another trust domain"
    return ""


def first_step(job: Job, old: KeptState, new: KeptState) -> int | None:
    """Returns the index of the step that failed, or of an earlier one that is new or has another script.

    None if the job has no such step.
    """
    for index, step in enumerate(job.steps):
        if step.name == old.first or old.steps.get(step.name) != new.steps[step.name]:
            return index
    return None


def changed_paths(old: KeptState, new: KeptState) -> tuple[list[str], list[str]]:
    """Returns the paths that are new or differ, and those that have to be removed before they are laid in.

    A folder that only has another mode stays, with what the steps made in it.
    """
    changed = [path for path, digest in new.files.items() if old.files.get(path) != digest]
    replaced = [
        path
        for path in changed
        if path in old.files and not _is_folder(old.files[path], new.files[path])
    ]
    return changed, [path for path in old.files if path not in new.files] + replaced


def _is_folder(*digests: str) -> bool:
    return all(digest.startswith(_FOLDER) for digest in digests)


def in_between(old: KeptState, new: KeptState) -> KeptState:
    """Returns the state while files are replaced: of those that change, the contents are unknown."""
    files = {**new.files, **old.files}
    changed = {path for path, digest in files.items() if new.files.get(path) != digest}
    changed |= {path for path in new.files if path not in old.files}
    unknown = {path: f"{files[path][:2]}unknown" for path in changed}
    return attrs.evolve(new, first=old.first, steps=old.steps, files={**files, **unknown})


def write_changes(archive: Path, paths: Iterable[str], file: Path, now: int) -> bool:
    """Writes these members of the archive to a tar file, changed at `now` (seconds since 1970).

    False if one is neither a file nor a link nor a folder. Raises OSError, TarError.
    """
    source = SourceState.of(archive)
    members = dict(source.files())
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(paths):
            member = members[path]
            if member.type not in _KINDS:
                return False
            info = tarfile.TarInfo(path)
            info.type, info.mode, info.linkname = member.type, member.mode, member.target
            info.mtime, info.size = now, member.size
            content = source.content(path) if member.type == tarfile.REGTYPE else b""
            tar.addfile(info, io.BytesIO(content))
    return True
