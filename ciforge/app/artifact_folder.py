"""Results of hosted jobs from a folder of artifacts, as one run."""

import hashlib
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge import __version__
from ciforge.app.session import print_progress
from ciforge.app.workspace import Workspace
from ciforge.ci.artifact_files import ArtifactError, folders, head, of_folder
from ciforge.ci.github.api import EVENTS, REVISION
from ciforge.errors import UsageError
from ciforge.load import validators
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.notify.hosted_import import (
    CollectedRun,
    HostedRunRecord,
    JobArtifacts,
    is_imported,
    store_run,
)
from ciforge.sanitize import safe_line
from ciforge.store.documents import from_document
from ciforge.store.runs.run_folder import run_path
from ciforge.store.runs.run_reader import read_whole_run
from ciforge.timestamp import rfc3339, seconds_of

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@attrs.frozen(kw_only=True)
class _Found:
    """One artifact, and the result that it contains."""

    artifacts: JobArtifacts
    data: bytes
    result: Result


def read_artifact_folder(
    workspace: Workspace, state: Path, top: Path, expected: Sequence[str], branch: str = ""
) -> Iterator[CollectedRun]:
    """The run in a folder; nothing if it was collected before. Raises UsageError.

    `branch` is named by the person; empty if the runner names it, or if it is unknown.
    """
    _check_branch(branch)
    if not top.is_dir():
        raise UsageError(f"{top}: no such folder")
    found, messages = _readable(top)
    _refuse_doubles(found)
    if not found and not expected:
        why = messages[0] if messages else f"{top}: no result.json in this folder or its subfolders"
        raise UsageError(why)
    hosted, others = _of_attempt(_hosted(workspace, top, found, expected, branch), found)
    if any(_is_known(state, id_, others) for id_ in _ids(hosted, found)):
        return
    left = [artifact.artifacts for artifact in others]
    done = store_run(state, workspace.project.project, __version__, hosted, left, time.time())
    if not done.run:
        raise UsageError(
            "\n".join((*messages, *done.messages)) or f"{top}: no results of this attempt"
        )
    yield attrs.evolve(done, messages=(*messages, *done.messages))


def _check_branch(branch: str) -> None:
    """Raises UsageError if it is not the name of a branch, or if the runner names the branch."""
    if not branch:
        return
    if _number("GITHUB_RUN_ID"):
        raise UsageError("--branch: GITHUB_REF_NAME of this runner names the branch already")
    try:
        validators.branch(branch)
    except ValueError as error:
        raise UsageError(f"--branch: {error}") from None


def _readable(top: Path) -> tuple[list[_Found], list[str]]:
    """The artifacts with a valid result, and a sentence for each of the others."""
    found, messages = list[_Found](), list[str]()
    for folder in folders(top):
        try:
            pieces = of_folder(folder)
            data = head(pieces)
            result = from_document(data, Result)
        except (ArtifactError, OSError, ValueError) as error:
            messages.append(
                safe_line(f"{folder}: {error}".replace(f"{folder}: {folder}: ", f"{folder}: "), 300)
            )
            continue
        found.append(
            _Found(
                artifacts=JobArtifacts(name=str(folder), pieces=pieces), data=data, result=result
            )
        )
    return found, messages


def _refuse_doubles(found: Sequence[_Found]) -> None:
    seen: dict[str, str] = {}
    for artifact in found:
        job = artifact.result.job
        if job in seen:
            raise UsageError(
                f"two results of {safe_line(job, 200)!r}: in {seen[job]} and in {artifact.artifacts.name}",
                hint="use a separate folder for each attempt or run",
            )
        seen[job] = artifact.artifacts.name


def _hosted(
    workspace: Workspace, top: Path, found: Sequence[_Found], expected: Sequence[str], named: str
) -> HostedRunRecord:
    """The run as described by the runner's environment, or without one by the folder."""
    repos = {
        job.partition("/")[0] for job in (*expected, *(artifact.result.job for artifact in found))
    }
    ours = tuple(repo for repo in workspace.project.repos if repo in repos)
    common = HostedRunRecord(
        id=_by_content(found), started=_started(found), sources=(), expected=tuple(expected),
        allowed=allowed(workspace), jobs={job.id: job for job in workspace.plan.jobs},
    )  # fmt: skip
    run = _number("GITHUB_RUN_ID")
    if not run:
        claimed = (_claimed(repo, top, found) for repo in ours)
        return attrs.evolve(
            common, sources=tuple(attrs.evolve(source, branch=named) for source in claimed)
        )
    attempt = _number("GITHUB_RUN_ATTEMPT") or 1
    revision, branch = _commit_and_branch()
    origin = next(
        (artifact.result.source.origin for artifact in found if artifact.result.source), str(top)
    )
    return attrs.evolve(
        common, id=f"github-{run}-{attempt}", attempt=attempt, certain=revision != "",
        sources=tuple(
            SourceUsed(repo=repo, origin=safe_line(origin, 300), revision=revision, branch=branch)
            for repo in ours
        ),
    )  # fmt: skip


def allowed(workspace: Workspace) -> frozenset[str]:
    """The jobs that may fail according to the project."""
    return frozenset(job.id for job in workspace.plan.jobs if job.allow_failure)


def _number(variable: str) -> int:
    """A number in the runner's environment; 0 without one."""
    text = os.environ.get(variable, "")
    return int(text) if _NUMBER.fullmatch(text) else 0


def _commit_and_branch() -> tuple[str, str]:
    """The commit and the branch in the runner's environment. Raises UsageError if it is not a
    branch.
    """
    event = os.environ.get("GITHUB_EVENT_NAME", "")
    if event and event not in EVENTS:
        raise UsageError(
            f"GITHUB_EVENT_NAME is {safe_line(event, 40)!r}: results of a pull request are not imported",
            hint="collect in runs of push, schedule and workflow_dispatch",
        )
    revision = os.environ.get("GITHUB_SHA", "")
    branch = safe_line(os.environ.get("GITHUB_REF_NAME", ""), 250)
    return (revision if REVISION.fullmatch(revision) else ""), branch


def _claimed(repo: str, top: Path, found: Sequence[_Found]) -> SourceUsed:
    """The source that all results of a repository name; nothing if they differ."""
    sources = [
        artifact.result.source for artifact in found if artifact.result.job.startswith(f"{repo}/")
    ]
    revisions = {source.revision for source in sources if source}
    revision = revisions.pop() if len(revisions) == 1 else ""
    origin = next((source.origin for source in sources if source), str(top))
    return SourceUsed(
        repo=repo, origin=safe_line(origin, 300),
        revision=revision if REVISION.fullmatch(revision) else "",
    )  # fmt: skip


def _started(found: Sequence[_Found]) -> str:
    """The earliest start in the results that is not in the future; without one, now."""
    times = (seconds_of(artifact.result.started) for artifact in found)
    now = time.time()
    return rfc3339(min((at for at in times if at is not None and at <= now), default=now))


def _of_attempt(
    hosted: HostedRunRecord, found: Sequence[_Found]
) -> tuple[HostedRunRecord, list[_Found]]:
    """The results of this attempt; those of other attempts are ignored."""
    if hosted.attempt <= 1:
        return hosted, list(found)
    others = [artifact for artifact in found if artifact.result.attempt == hosted.attempt]
    earlier = {
        artifact.result.job for artifact in found if 0 < artifact.result.attempt < hosted.attempt
    }
    for artifact in found:
        if artifact not in others:
            which = (
                f"of attempt {artifact.result.attempt}"
                if artifact.result.attempt
                else "of no known attempt"
            )
            print_progress(f"{artifact.artifacts.name}: {which}, not {hosted.attempt}: ignored")
    expected = tuple(job for job in hosted.expected if job not in earlier)
    silence = f"no artifact of attempt {hosted.attempt}"
    return attrs.evolve(hosted, expected=expected, silence=silence), others


def _ids(hosted: HostedRunRecord, found: Sequence[_Found]) -> list[str]:
    """The id of the run, and the id that earlier versions of ciforge gave to such a folder."""
    if hosted.attempt:
        return [hosted.id]
    text = "".join(sorted(f"{artifact.result.job} {artifact.result.started}" for artifact in found))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return [hosted.id, f"folder-{digest[:16]}"]


def _by_content(found: Sequence[_Found]) -> str:
    """An id made of the contents, so that the same folder is always the same run."""
    digest = hashlib.sha256()
    for artifact in sorted(found, key=lambda artifact: artifact.result.job):
        digest.update(hashlib.sha256(artifact.data).digest())
        for piece in sorted(artifact.artifacts.pieces, key=lambda piece: piece.name):
            digest.update(f"{piece.name} {piece.size}\n".encode())
    return f"folder-{digest.hexdigest()[:16]}"


def _is_known(state: Path, id_: str, found: Sequence[_Found]) -> bool:
    """Whether the run was collected before. Prints a message if its results differ from those."""
    if not is_imported(state, id_):
        return False
    kept = _statuses(read_whole_run(run_path(state, id_))[1])
    same = all(kept.get(artifact.result.job) is artifact.result.status for artifact in found)
    if not same and id_.startswith("github-"):
        print_progress(
            f"{id_} was imported before with other results; the stored run is not changed"
        )
    return same or id_.startswith("github-")


def _statuses(results: Sequence[Result]) -> Mapping[str, Status]:
    return {result.job: result.status for result in results}
