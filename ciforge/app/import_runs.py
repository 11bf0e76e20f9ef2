"""Imports hosted runs: from a folder of artifacts, or from GitHub."""

import datetime
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from ciforge import __version__
from ciforge.app.artifact_folder import allowed, read_artifact_folder
from ciforge.app.input_file import read_input
from ciforge.app.service_access import api_address, token
from ciforge.app.session import print_progress
from ciforge.app.workspace import Workspace
from ciforge.ci.artifact_files import ArtifactError, of_archive
from ciforge.ci.github.api import REPOSITORY, Artifact, GitHub, HostedJob, HostedRun
from ciforge.ci.started_runs import StartsRuns
from ciforge.errors import UsageError
from ciforge.model.result import SourceUsed
from ciforge.notify.hosted_import import (
    CollectedRun,
    HostedRunRecord,
    JobArtifacts,
    is_imported,
    store_run,
)
from ciforge.sources import same_address
from ciforge.timestamp import seconds_of

DAYS = 7
"""Days for which runs are imported by default."""
_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]*(?:/[A-Za-z0-9][A-Za-z0-9._+@-]*){2}")


_LARGEST = 16 * 1024 * 1024
"""Maximum size of a list of jobs, in bytes."""
_SLACK = 60.0
"""Seconds after the end of a job within which the service may register its artifact."""


def collect_folder(
    workspace: Workspace, state: Path, top: Path, expected: Path | None, branch: str = ""
) -> Iterator[CollectedRun]:
    """The run in a folder; nothing if it was collected before."""
    yield from read_artifact_folder(workspace, state, top, _expected(expected), branch)


def _expected(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        data = sys.stdin.buffer.read(_LARGEST) if str(file) == "-" else read_input(file, _LARGEST)
        text = data.decode()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not a text file") from None
    try:
        ids = _of_outputs(json.loads(text)) if text.lstrip().startswith("{") else text.split()
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UsageError(
            f"{file}: contains neither job ids nor the outputs of a workflow job"
        ) from None
    wrong = [id_ for id_ in ids if not _JOB.fullmatch(id_)]
    if wrong:
        raise UsageError(f"{file}: {wrong[0]!r} is not a job id")
    return ids


def _of_outputs(outputs: Mapping[str, str]) -> list[str]:
    """The matrix cells of each part, from the outputs of the generated job `choose`."""
    return [str(cell["job"]) for part in outputs.values() for cell in json.loads(part)]


def collect_github(
    workspace: Workspace, state: Path, repository: str, since: str | None
) -> Iterator[CollectedRun]:
    """Each finished run of a branch that is not imported yet. Raises HostedError."""
    repos, day = project_repos(workspace, repository), first_day(since)
    github = GitHub(repository, token=token(), pages=state, api=api_address(), clock=time.monotonic)
    runs: list[HostedRun] = sorted(github.runs(day), key=lambda run: (run.id, run.attempt))
    for run in runs:
        id_ = github_id(run.id, run.attempt)
        if not is_imported(state, id_):
            print_progress(f"{id_}  {run.page}")
            origin = f"https://github.com/{repository}"
            sources = tuple(
                SourceUsed(repo=repo, origin=origin, revision=run.revision, branch=run.branch)
                for repo in repos
            )
            yield collected_run(workspace, state, github, run, sources)


def github_id(run: int, attempt: int) -> str:
    """The id of a GitHub run; the numbers are unique on one server."""
    return f"github-{run}-{attempt}"


def collected_run(
    workspace: Workspace,
    state: Path,
    github: GitHub,
    run: HostedRun,
    sources: tuple[SourceUsed, ...],
    *,
    whole: bool = False,
) -> CollectedRun:
    """Stores a run of the service. With `whole`, a job that should be built with every commit and was not
    counts as lost, unless nothing was built. Raises HostedError."""
    repos = {source.repo for source in sources}
    ran = [job for job in github.jobs(run) if _JOB.fullmatch(job.name)]
    ours = {job.name: job for job in ran if job.name.partition("/")[0] in repos}
    conclusions = _conclusions(job for job in ran if job.name in ours)
    if not ran and run.conclusion != "success":
        conclusions = dict.fromkeys(
            _of_every_commit(workspace, repos), f"{run.conclusion or 'no end'}"
        )
    hosted = HostedRunRecord(
        id=github_id(run.id, run.attempt), started=run.started, ended=run.ended,
        conclusion=run.conclusion, attempt=run.attempt, sources=sources, certain=True,
        expected=_expected_jobs(workspace, repos, conclusions, whole=whole), conclusions=conclusions, allowed=allowed(workspace),
        jobs={job.id: job for job in workspace.plan.jobs},
    )  # fmt: skip
    with ExitStack() as archives:
        left, messages = _left(github, run, ours, archives)
        done = store_run(state, workspace.project.project, __version__, hosted, left, time.time())
    foreign = sorted({job.name for job in ran} - ours.keys())
    other = (f"{foreign[0]} is not a job of {', '.join(sorted(repos))}",) if foreign else ()
    return CollectedRun(run=done.run, jobs=done.jobs, messages=(*other, *messages, *done.messages))


def _expected_jobs(
    workspace: Workspace, repos: Iterable[str], ran: Iterable[str], *, whole: bool
) -> tuple[str, ...]:
    found = dict.fromkeys(ran)
    more = _of_every_commit(workspace, repos) if whole and found else []
    return tuple(dict.fromkeys((*found, *more)))


def _conclusions(jobs: Iterable[HostedJob]) -> dict[str, str]:
    """The conclusion of each job that was not skipped; of jobs with the same name, a failure wins."""
    found: dict[str, str] = {}
    for job in jobs:
        if job.conclusion != "skipped" and found.get(job.name, "success") == "success":
            found[job.name] = job.conclusion or "it has not ended"
    return found


def _left(
    github: GitHub, run: HostedRun, jobs: Mapping[str, HostedJob], archives: ExitStack
) -> tuple[list[JobArtifacts], list[str]]:
    """The artifacts of this attempt, and a sentence for each that is unusable. Raises HostedError."""
    messages, found = list[str](), list[JobArtifacts]()
    every = github.artifacts(run) if jobs else []
    for job in jobs.values():
        try:
            if own := job_artifact(github, run, job, every, archives):
                found.append(own)
        except ArtifactError as problem:
            messages.append(str(problem))
    return found, messages


def job_artifact(
    github: StartsRuns | GitHub,
    run: HostedRun,
    job: HostedJob,
    every: Iterable[Artifact],
    archives: ExitStack,
) -> JobArtifacts | None:
    """The artifact of `every` that the job left in this attempt; None if it left none.

    Raises HostedError, and ArtifactError if the artifact cannot be used.
    """
    named = [artifact for artifact in every if artifact.name == job.name.replace("/", ",")]
    fitting = [artifact for artifact in named if _is_of(artifact, job, run)]
    if named and not fitting:
        raise ArtifactError(f"{named[0].name}: made by another attempt of the run")
    return _unpacked(github, max(fitting, key=_newness), job.name, archives) if fitting else None


def _newness(artifact: Artifact) -> tuple[float, int]:
    return seconds_of(artifact.created) or 0.0, artifact.id


def _unpacked(
    github: StartsRuns | GitHub, artifact: Artifact, job: str, archives: ExitStack
) -> JobArtifacts:
    if artifact.expired:
        raise ArtifactError(f"{artifact.name}: expired")
    archive = archives.enter_context(github.download(artifact))
    return JobArtifacts(name=artifact.name, pieces=of_archive(archive, artifact.name), job=job)


def _is_of(artifact: Artifact, job: HostedJob, run: HostedRun) -> bool:
    """Whether the service's times show that the job of this attempt made the artifact.

    A job that was not run again has the times of the attempt in which it ran.
    """
    made, began, ended = map(seconds_of, (artifact.created, job.started, job.ended))
    if made is None or began is None:
        return run.attempt == 1  # there was none before
    return began <= made and (ended is None or made <= ended + _SLACK)


def _of_every_commit(workspace: Workspace, repos: Iterable[str]) -> list[str]:
    return [
        job.id
        for job in workspace.plan.jobs
        if job.repo in repos and not job.schedule and not job.skipped
    ]


def check(workspace: Workspace, repository: str, since: str | None) -> None:
    """Checks the arguments before a request is sent. Raises UsageError."""
    project_repos(workspace, repository)
    first_day(since)


def project_repos(workspace: Workspace, repository: str) -> tuple[str, ...]:
    """The project's repositories at this address; all of them if the project has no addresses."""
    if not REPOSITORY.fullmatch(repository):
        raise UsageError(f"{repository!r} is not a repository (expected github:OWNER/REPO)")
    place = f"https://github.com/{repository}"
    repos = workspace.project.repos
    found = tuple(name for name, repo in repos.items() if same_address(repo.git, place))
    if found:
        return found
    nameless = tuple(name for name, repo in repos.items() if not repo.git)
    if not nameless:
        addresses = ", ".join(repo.git for repo in repos.values())
        raise UsageError(f"no repository of the project is at {place} (there are {addresses})")
    return nameless


def first_day(since: str | None) -> str:
    """The first day of the runs to import. Raises UsageError."""
    if since is None:
        return f"{datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=DAYS):%Y-%m-%d}"
    try:
        return datetime.date.fromisoformat(since).isoformat()
    except ValueError:
        raise UsageError(f"--since: {since!r} is not a date (for example 2026-11-22)") from None
