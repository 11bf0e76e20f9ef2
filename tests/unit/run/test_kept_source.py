"""A kept container is given what changed since, and nothing of another trust domain."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import attrs
from projects import plan

from ciforge.model.job import Job
from ciforge.model.kept_state import KeptState
from ciforge.run.kept_source import (
    changed_paths,
    first_step,
    in_between,
    kept_state,
    obstacle,
    write_changes,
)
from tests.tables import each

TEXT = """
project: p
repos: {tree: {path: ., recipe: autotools}}
jobs: [tree/debian-13]
"""
(JOB,) = plan(TEXT).jobs


def _archive(file: Path, files: Mapping[str, str], folder_mode: int = 0o755) -> Path:
    with tarfile.open(file, "w") as tar:
        folder = tarfile.TarInfo("sub")
        folder.type, folder.mode = tarfile.DIRTYPE, folder_mode
        tar.addfile(folder)
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return file


def _state(job_: Job, archive: Path) -> KeptState:
    return kept_state(job_, archive, first="build", image="sha256:1", cache="volume")


def test_changed_files_are_laid_in_after_those_that_are_gone_are_removed(tmp_path: Path) -> None:
    old = _state(JOB, _archive(tmp_path / "old.tar", {"a": "1", "b": "1", "sub/c": "1"}))
    archive = _archive(tmp_path / "new.tar", {"a": "2", "sub/c": "1", "d": "1"}, 0o700)
    changed, removed = changed_paths(old, _state(JOB, archive))
    assert (sorted(changed), sorted(removed)) == (["a", "d", "sub"], ["a", "b"])
    assert write_changes(archive, changed, tmp_path / "changes.tar", now=1_700_000_000)
    with tarfile.open(tmp_path / "changes.tar") as tar:
        found = {info.name: (info.size, int(info.mtime)) for info in tar}
    assert found == {name: (size, 1_700_000_000) for name, size in (("a", 1), ("d", 1), ("sub", 0))}


def test_files_of_an_interrupted_repetition_are_laid_in_again(tmp_path: Path) -> None:
    old = _state(JOB, _archive(tmp_path / "old.tar", {"a": "1", "b": "1", "same": "1"}))
    new = _state(JOB, _archive(tmp_path / "new.tar", {"a": "2", "c": "1", "same": "1"}))
    between = in_between(old, new)
    changed, removed = changed_paths(between, old)
    assert (sorted(changed), sorted(removed)) == (["a", "b"], ["a", "b", "c"])


def test_repetition_begins_at_the_failed_step_or_at_an_earlier_one_that_changed(
    tmp_path: Path,
) -> None:
    archive, known = _archive(tmp_path / "old.tar", {}), JOB
    last = known.steps[-1].name
    old = attrs.evolve(_state(known, archive), first=last)
    assert first_step(known, old, old) == len(known.steps) - 1
    edited = attrs.evolve(known.steps[0], run="false")
    changed = attrs.evolve(known, steps=(edited, *known.steps[1:]))
    assert first_step(changed, old, _state(changed, archive)) == 0
    gone = attrs.evolve(known, steps=known.steps[:-1])
    assert first_step(gone, old, _state(gone, archive)) is None


@each(
    ("image", "cache", "reason"),
    [
        ("sha256:1", "volume", ""),
        ("sha256:2", "volume", "its image is another one"),
        ("sha256:1", "other", "the source is of another trust domain"),
        ("sha256:1", "", "the source is of another trust domain"),
    ],
)
def test_container_with_the_cache_of_another_domain_is_not_used(
    image: str, cache: str, reason: str
) -> None:
    old = KeptState(files={}, steps={}, first="build", image="sha256:1", cache="volume")
    assert obstacle(old, image=image, cache=cache) == reason
