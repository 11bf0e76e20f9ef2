"""Hosted runs to runs on disk, which look like local ones; what vanished is never green."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.collect.files import ArtifactError, Piece, write
from ciforge.history.atomic import SCRATCH, new_folder, write_atomically
from ciforge.history.documents import HistoryProblem, dump, to_document
from ciforge.history.store import RunFolder, read_result, run_path
from ciforge.model.result import Result, Run, SourceUsed, Status


@attrs.frozen(kw_only=True)
class Hosted:
    """What a service says of one run of it."""

    id: str
    """The run's id here, the same whenever it is collected: `github-123-1`."""
    started: str
    """RFC 3339, UTC."""
    ended: str = ""
    repos: tuple[str, ...]
    """Repositories of the project whose jobs it may bring results of."""
    origin: str = ""
    branch: str = ""
    revision: str = ""
    missing: Mapping[str, str] = attrs.field(factory=dict)
    """Jobs that should have left something, to what the service says became of them."""


@attrs.frozen(kw_only=True)
class Collected:
    """One run that was written, and what could not be taken of it."""

    run: str
    jobs: tuple[str, ...]
    told: tuple[str, ...] = ()


def is_there(state: Path, hosted: Hosted) -> bool:
    """Whether it was collected before, to its end."""
    return (run_path(state, hosted.id) / "run.json").is_file()


def keep(
    state: Path, project: str, version: str, hosted: Hosted, artifacts: Iterable[Sequence[Piece]]
) -> Collected:
    """Writes the run whole or not at all. Raises HistoryProblem, OSError."""
    with new_folder(run_path(state, hosted.id), state / SCRATCH) as making:
        results, told = _results(RunFolder(making), hosted, artifacts)
        record = _record(project, version, hosted, results)
        write_atomically(making / "run.json", dump(to_document(record)))
    return Collected(run=hosted.id, jobs=record.jobs, told=tuple(told))


def _results(
    making: RunFolder, hosted: Hosted, artifacts: Iterable[Sequence[Piece]]
) -> tuple[list[Result], list[str]]:
    """Those of the artifacts, then those of jobs that left none; and what is wrong with some."""
    results, told = dict[str, Result](), list[str]()
    for pieces in artifacts:
        try:
            result = _result(making, hosted, pieces)
            results[result.job] = result
        except (ArtifactError, HistoryProblem) as problem:
            told.append(str(problem))
    for job, said in hosted.missing.items():
        if job not in results:
            results[job] = _lost(job, said)
            making.write_result(results[job])
    return list(results.values()), told


def _result(making: RunFolder, hosted: Hosted, pieces: Sequence[Piece]) -> Result:
    """One job's files, written to its folder. Raises ArtifactError, HistoryProblem."""
    place = making.path / ".unpacked"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    write(list(pieces), place)
    result = read_result(place / "result.json")
    if result.job.partition("/")[0] not in hosted.repos:
        raise ArtifactError(f"{hosted.id}: {result.job} is no job of {', '.join(hosted.repos)}")
    folder = making.job_folder(result.job)
    folder.rmdir()
    place.rename(folder)
    return result


def _lost(job: str, said: str) -> Result:
    status = Status.CANCELLED if said == "cancelled" else Status.INFRASTRUCTURE
    return Result(job=job, status=status, reason=f"it left no result; the service says: {said}")


def _record(project: str, version: str, hosted: Hosted, results: Sequence[Result]) -> Run:
    used = tuple(
        SourceUsed(
            repo=repo, origin=hosted.origin, revision=hosted.revision, branch=hosted.branch
        )
        for repo in hosted.repos
    )  # fmt: skip
    return Run(
        id=hosted.id, project=project, started=hosted.started, version=version,
        command=("ciforge", "collect", hosted.id), sources=used,
        jobs=tuple(result.job for result in results), ended=hosted.ended or hosted.started,
    )  # fmt: skip
