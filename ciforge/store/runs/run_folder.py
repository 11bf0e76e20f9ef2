"""Runs on disk, the source of truth: `STATE/runs/RUN/run.json`, and a folder for each job.

The folder of a job has `log.txt` (bytes as they came), `result.json` and `artifacts/`, and `kept.json`
if its container was kept.
"""

import datetime
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ciforge.model.identifiers import file_name, is_id
from ciforge.model.kept_state import KeptState
from ciforge.model.result import Result, Run
from ciforge.store.atomic import SCRATCH, new_folder, write_atomically
from ciforge.store.documents import dump, from_document, to_document
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.storage_errors import of_system

if TYPE_CHECKING:
    from ciforge.model.diagnosis import Diagnosis

_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]*(?:/[A-Za-z0-9][A-Za-z0-9._+@-]*){2}")
_LARGEST = 32 * 1024 * 1024
"""Maximum size of a document in bytes; real ones have some thousands."""

DIAGNOSIS = "diagnosis.json"
"""The diagnosis of a run, beside its `run.json`; it can be computed again."""

KEPT = "kept.json"
"""The source and the steps of a kept container, beside the `result.json` of its job."""

T = TypeVar("T")


def new_run_id(now: datetime.datetime, entropy: str) -> str:
    """`20261122T144057Z-1f3a9c`: the time in UTC and six hex digits (of `entropy`'s hash, unless it is six)."""
    if now.tzinfo is None:
        raise ValueError("a run's time needs a time zone")
    moment = now.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    if not re.fullmatch(r"[0-9a-f]{6}", entropy):
        entropy = hashlib.sha256(entropy.encode("utf-8", "surrogateescape")).hexdigest()[:6]
    return f"{moment}-{entropy}"


def result_to_json(result: Result) -> dict[str, Any]:
    """`result.json` as an object: `v` first, then the attributes in their order."""
    return to_document(result)


def run_path(state: Path, run_id: str) -> Path:
    """The folder of one run, whether or not it exists. Raises HistoryProblem for an invalid id."""
    if not is_id(run_id):
        raise HistoryProblem(f"{run_id!r} is not the id of a run")
    return state / "runs" / run_id


def job_path(run_folder: Path, job_id: str) -> Path:
    """The folder of one job, whether or not it exists. Raises HistoryProblem for an invalid id."""
    name = file_name(job_id)
    if not _JOB.fullmatch(job_id) or len(name) > 250:
        raise HistoryProblem(f"{job_id!r} is not the id of a job")
    return run_folder / name


@attrs.frozen
class RunFolder:
    """The folder of one run, readable by its owner only."""

    path: Path

    @classmethod
    def create(cls, state: Path, run: Run) -> "RunFolder":
        """Creates the folder with its `run.json`, both or neither. Raises HistoryProblem."""
        path = run_path(state, run.id)
        if path.exists():
            raise HistoryProblem(f"{path}: this run already exists")
        with _explained(path), new_folder(path, state / SCRATCH) as making:
            write_atomically(making / "run.json", dump(to_document(run)))
        return cls(path)

    @property
    def _scratch(self) -> Path:
        """The folder of incomplete documents."""
        return self.path.parent.parent / SCRATCH

    def job_folder(self, job_id: str) -> Path:
        """The job's folder, created if it does not exist. Raises HistoryProblem."""
        folder = job_path(self.path, job_id)
        with _explained(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def write_result(self, result: Result) -> None:
        """Writes the job's `result.json` atomically. Raises HistoryProblem."""
        file = self.job_folder(result.job) / "result.json"
        with _explained(file):
            write_atomically(file, dump(result_to_json(result)), self._scratch)

    def write_diagnosis(self, diagnosis: "Diagnosis") -> None:
        """Writes the run's `diagnosis.json` atomically. Raises HistoryProblem."""
        file = self.path / DIAGNOSIS
        if diagnosis.run != self.path.name:
            raise HistoryProblem(f"a diagnosis of run {diagnosis.run} has no place in {self.path}")
        with _explained(file):
            write_atomically(file, dump(to_document(diagnosis)), self._scratch)

    def write_kept(self, job_id: str, kept: KeptState) -> None:
        """Writes what a kept container of the job was given, atomically. Raises HistoryProblem."""
        file = self.job_folder(job_id) / KEPT
        with _explained(file):
            write_atomically(file, dump(to_document(kept)), self._scratch)

    def finish(self, run: Run) -> None:
        """Writes `run.json` again, with `ended`, `seconds` and `exit_code`. Raises HistoryProblem."""
        file = self.path / "run.json"
        if run.id != self.path.name:
            raise HistoryProblem(f"run {run.id} cannot finish in {self.path}")
        with _explained(file):
            write_atomically(file, dump(to_document(run)), self._scratch)


def read_run(folder: Path) -> Run:
    """A run's `run.json`. Raises HistoryProblem if it is missing, damaged or of another folder."""
    file = folder / "run.json"
    run = _read(file, Run)
    if run.id != folder.name:
        raise HistoryProblem(f"{file}: belongs to run {run.id!r}")
    if foreign := [job for job in run.jobs if not _JOB.fullmatch(job)]:
        raise HistoryProblem(f"{file}: {foreign[0]!r} is not the id of a job")
    return run


def read_diagnosis(folder: Path) -> "Diagnosis | None":
    """A run's `diagnosis.json`; None if it is missing. Raises HistoryProblem if it is damaged."""
    from ciforge.model.diagnosis import Diagnosis

    file = folder / DIAGNOSIS
    if not file.is_file():
        return None
    diagnosis = _read(file, Diagnosis)
    if diagnosis.run != folder.name:
        raise HistoryProblem(f"{file}: belongs to run {diagnosis.run!r}")
    return diagnosis


def read_kept(folder: Path, job_id: str) -> KeptState | None:
    """What the kept container of a job was given; None if none was kept. Raises HistoryProblem if it
    is damaged."""
    file = job_path(folder, job_id) / KEPT
    return _read(file, KeptState) if file.is_file() else None


def read_result(file: Path) -> Result:
    """A `result.json`. Raises HistoryProblem if it is missing, damaged or names other files."""
    result = _read(file, Result)
    if not _JOB.fullmatch(result.job):
        raise HistoryProblem(f"{file}: {result.job!r} is not the id of a job")
    for name in result.artifacts:
        if not name or "\0" in name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise HistoryProblem(f"{file}: {name!r} does not name an artifact")
    return result


def _read(file: Path, model: type[T]) -> T:
    with _explained(file):
        if file.stat().st_size > _LARGEST:
            raise HistoryProblem(f"{file}: damaged: larger than {_LARGEST} bytes")
        data = file.read_bytes()
    try:
        return from_document(data, model)
    except ValueError as error:
        raise HistoryProblem(f"{file}: damaged: {error}") from None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise of_system(error, path) from None
