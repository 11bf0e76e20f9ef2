"""Writes runs of CI services to disk in the form of local ones; a missing result never passes."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.ci.artifact_files import ArtifactError, ArtifactFile, write
from ciforge.model.job import Job
from ciforge.model.result import Result, Run, SourceUsed
from ciforge.notify.hosted_result import (
    missing_result,
    sanitized,
    with_conclusion,
    with_proof,
    with_source,
)
from ciforge.notify.logged_facts import logged_facts
from ciforge.store.atomic import SCRATCH, new_folder, write_atomically
from ciforge.store.documents import dump, to_document
from ciforge.store.history_problem import HistoryProblem, StorageProblem
from ciforge.store.runs.run_folder import RunFolder, read_result, run_path
from ciforge.store.sequence import next_sequence
from ciforge.store.storage_errors import explained
from ciforge.timestamp import LEEWAY, rfc3339, seconds_of


@attrs.frozen(kw_only=True)
class HostedRunRecord:
    """One attempt of a run, as a service reports it or as a folder of artifacts has it."""

    id: str
    """The run's id here, the same whenever it is collected: `github-123-1`."""
    started: str
    """RFC 3339, UTC."""
    ended: str = ""
    conclusion: str = ""
    """The service's conclusion for the whole run."""
    attempt: int = 0
    """From 1; 0 without a service."""
    sources: tuple[SourceUsed, ...]
    """A source for each repository whose results it may contain."""
    certain: bool = False
    """Whether the service reports the commit; else each result names it."""
    expected: tuple[str, ...] = ()
    """Jobs that should have a result."""
    conclusions: Mapping[str, str] = attrs.field(factory=dict)
    """Jobs to the conclusions of the service."""
    silence: str = "no artifact"
    """The reason for a job without a result and without a conclusion."""
    allowed: frozenset[str] = frozenset()
    """Jobs that may fail."""
    jobs: Mapping[str, Job] = attrs.field(factory=dict)
    """The jobs of the project, by id."""


@attrs.frozen(kw_only=True)
class JobArtifacts:
    """An artifact, by its name, and the files of it."""

    name: str
    pieces: Sequence[ArtifactFile]
    job: str = ""
    """The job that the artifact's name belongs to; empty if unknown."""


@attrs.frozen(kw_only=True)
class CollectedRun:
    """One imported run, and what of it could not be imported."""

    run: str
    """Empty if it had no job of this project; then nothing was written."""
    jobs: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


def is_imported(state: Path, id_: str) -> bool:
    """Whether the run is already imported completely."""
    return (run_path(state, id_) / "run.json").is_file()


def store_run(
    state: Path,
    project: str,
    version: str,
    hosted: HostedRunRecord,
    artifacts: Iterable[JobArtifacts],
    now: float,
) -> CollectedRun:
    """Writes the run whole or not at all; one without any job is not written. `now` is in seconds
    since 1970. Raises HistoryProblem."""
    target = run_path(state, hosted.id)
    messages: Sequence[str] = ()
    with explained(target), suppress(_NoJob), new_folder(target, state / SCRATCH) as making:
        results, messages = _results(RunFolder(making), hosted, artifacts, now)
        if not results:
            raise _NoJob
        record, remarks = _record(project, version, hosted, results, next_sequence(state), now)
        write_atomically(making / "run.json", dump(to_document(record)))
        return CollectedRun(run=hosted.id, jobs=record.jobs, messages=(*messages, *remarks))
    return CollectedRun(run="", messages=tuple(messages))


class _NoJob(Exception):
    """No artifact is a job of this project: the new folder is discarded."""


def _results(
    making: RunFolder, hosted: HostedRunRecord, artifacts: Iterable[JobArtifacts], now: float
) -> tuple[list[Result], list[str]]:
    """The results in the artifacts, then those of jobs without one; and a sentence per problem."""
    results, messages = dict[str, Result](), list[str]()
    for left in artifacts:
        try:
            result = import_job(making, hosted, left, results, now)
            results[result.job] = result
        except ArtifactError as problem:
            messages.append(str(problem))
    for job in hosted.expected:
        if job not in results:
            results[job] = missing_result(job, hosted.conclusions.get(job, ""), hosted.silence)
            making.write_result(results[job])
    return list(results.values()), messages


def import_job(
    making: RunFolder, hosted: HostedRunRecord, left: JobArtifacts, others: Mapping[str, Result], now: float
) -> Result:  # fmt: skip
    """Writes the files of one job to its folder, with the checks of every import; its result.

    `others` are the results that the run has already, `now` is in seconds since 1970. Raises ArtifactError
    for an artifact that cannot be used, StorageProblem for a disk that cannot.
    """
    place = making.path / ".unpacked"
    try:
        return _written(making, hosted, left, place, others, now)
    except StorageProblem:
        raise
    except (ArtifactError, HistoryProblem) as problem:
        message = str(problem).removeprefix(f"{place}/")
        raise ArtifactError(f"{left.name}: {message}") from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _written(
    making: RunFolder, hosted: HostedRunRecord, left: JobArtifacts, place: Path, others: Mapping[str, Result],
    now: float,
) -> Result:  # fmt: skip
    """One job's files, written to its folder. Raises ArtifactError, HistoryProblem, OSError."""
    place.mkdir(mode=0o700)
    write(list(left.pieces), place)
    found = read_result(place / "result.json")
    source = _belongs(hosted, left, found, others)
    result = with_conclusion(
        with_source(sanitized(found, place, now), source if hosted.certain else None),
        hosted.conclusions.get(found.job, ""),
        allowed=found.job in hosted.allowed,
    )
    result = with_proof(result, hosted.jobs.get(found.job))
    result = attrs.evolve(result, built_with=logged_facts(place / "log.txt"))
    folder = making.job_folder(result.job)
    folder.rmdir()
    place.rename(folder)
    making.write_result(result)
    return result


def _belongs(
    hosted: HostedRunRecord, left: JobArtifacts, result: Result, others: Mapping[str, Result]
) -> SourceUsed:
    """The source of a result. Raises ArtifactError if it does not belong to this run and artifact."""
    repos = {source.repo: source for source in hosted.sources}
    repo = result.job.partition("/")[0]
    if repo not in repos:
        raise ArtifactError(f"{result.job} is not a job of {', '.join(repos) or 'this project'}")
    if left.job and result.job != left.job:
        raise ArtifactError(f"contains the result of another job: {result.job}")
    if result.job in others:
        raise ArtifactError(f"is a second result of {result.job}")
    _is_of_attempt(hosted, result)
    claimed = result.source.revision if result.source else ""
    if hosted.certain and claimed and claimed != repos[repo].revision:
        raise ArtifactError(f"{result.job} was built from another commit than the run: {claimed!r}")
    return repos[repo]


def _is_of_attempt(hosted: HostedRunRecord, result: Result) -> None:
    """Checks the attempt that the result names. Raises ArtifactError."""
    if hosted.attempt and result.attempt > hosted.attempt:
        raise ArtifactError(
            f"{result.job} belongs to attempt {result.attempt}, not {hosted.attempt}"
        )


def _record(
    project: str,
    version: str,
    hosted: HostedRunRecord,
    results: Sequence[Result],
    sequence: int,
    now: float,
) -> tuple[Run, tuple[str, ...]]:
    """The run, and a sentence if its start time is invalid."""
    at = seconds_of(hosted.started)
    fine = at is not None and at <= now + LEEWAY
    started = hosted.started if fine else rfc3339(now)
    ended = hosted.ended if seconds_of(hosted.ended) else started
    run = Run(
        id=hosted.id, project=project, started=started, version=version,
        command=("ciforge", "collect", hosted.id), sources=hosted.sources,
        jobs=tuple(result.job for result in results), ended=ended, sequence=sequence,
        conclusion=hosted.conclusion,
    )  # fmt: skip
    remark = f"{hosted.id}: invalid start time {hosted.started!r}; using {started}"
    return run, () if fine else (remark,)
