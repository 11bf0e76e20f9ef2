"""Verdicts of jobs by their inputs, one file each: `STATE/verdicts/INPUTS.json`.

A record that is damaged, a link, or of another user is ignored with a message. Only the folder of
runs has results: a verdict whose run was removed, or does not say the same, is no verdict.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ciforge.model.past_verdict import PastVerdict
from ciforge.model.result import Result
from ciforge.store.atomic import SCRATCH, write_atomically
from ciforge.store.documents import dump, from_document, to_document
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import job_path, read_result, run_path
from ciforge.timestamp import seconds_of
from ciforge.untrusted import open_below

FOLDER = "verdicts"
LIMIT = 2000
"""The largest number of records; the oldest are removed."""
_LARGEST = 4096
_NAME = re.compile(r"[0-9a-f]{64}\.json")


class PastVerdicts:
    """The records of one state folder; `on_message` is called with a sentence about one that is ignored."""

    def __init__(
        self, state: Path, on_message: Callable[[str], None], *, limit: int = LIMIT
    ) -> None:
        self._state = state
        self._on_message = on_message
        self._limit = limit

    def find(self, inputs: str, job: str) -> PastVerdict | None:
        """The record of these inputs; None if there is none that can be used."""
        file = f"{FOLDER}/{inputs}.json"
        try:
            found = from_document(_read(self._state, file), PastVerdict)
            if (found.inputs, found.job) != (inputs, job):
                raise ValueError("it is about other inputs")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or error
            self._on_message(f"{self._state / file}: ignored: {reason}")
            return None
        return found

    def result_of(self, verdict: PastVerdict) -> Result | None:
        """The result of the run that passed; None if it was removed or says something else."""
        try:
            folder = job_path(run_path(self._state, verdict.run), verdict.job)
            result = read_result(folder / "result.json")
        except HistoryProblem:
            return None
        same = result.job == verdict.job and result.status.green
        return result if same and verdict.passed and not result.proven_by else None

    def keep(self, verdict: PastVerdict) -> None:
        """Writes a record, in one step. Raises OSError."""
        file = self._state / FOLDER / f"{verdict.inputs}.json"
        file.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomically(file, dump(to_document(verdict)), self._state / SCRATCH)
        for old in _oldest_first(self._state)[: -self._limit]:
            old.unlink(missing_ok=True)


def verdict_files(state: Path) -> tuple[Path, ...]:
    """The records of a state folder; other files are not listed."""
    folder = state / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return ()
    return tuple(file for file in folder.iterdir() if _NAME.fullmatch(file.name))


def verdicts_of(state: Path, job: str) -> Iterator[tuple[Path, PastVerdict]]:
    """The records of a job with their files; those that cannot be read are left out."""
    for file in verdict_files(state):
        with suppress(OSError, ValueError):
            found = from_document(_read(state, f"{FOLDER}/{file.name}"), PastVerdict)
            if found.job == job:
                yield file, found


def old_verdicts(state: Path, before: float) -> tuple[Path, ...]:
    """Records from before a time, in seconds since 1970, and those whose run was removed."""
    return tuple(file for file in verdict_files(state) if _is_old(state, file, before))


def _is_old(state: Path, file: Path, before: float) -> bool:
    try:
        found = from_document(_read(state, f"{FOLDER}/{file.name}"), PastVerdict)
        return (seconds_of(found.ended) or 0.0) < before or not run_path(state, found.run).is_dir()
    except (OSError, ValueError, HistoryProblem):
        return True


def _read(state: Path, name: str) -> bytes:
    """The bytes of a record. Raises OSError for a link, ValueError for the file of another user."""
    with os.fdopen(open_below(state, name), "rb") as file:
        info = os.fstat(file.fileno())
        if info.st_uid != os.geteuid() or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ValueError("another user can write it")
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    return data


def _oldest_first(state: Path) -> list[Path]:
    times = dict[Path, float]()
    for file in verdict_files(state):
        with suppress(FileNotFoundError):  # removed by another process
            times[file] = file.stat().st_mtime
    return sorted(times, key=lambda file: times[file])


def remove_verdicts(files: Iterable[Path]) -> None:
    """Removes records. Raises OSError."""
    for file in files:
        file.unlink(missing_ok=True)
