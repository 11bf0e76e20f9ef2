"""Artifacts that lie in a folder, as one run: of the service whose runner this is, or of nobody's."""

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
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.notify.hosted_import import Collected, HostedRunRecord, JobArtifacts, is_there, keep
from ciforge.sanitize import safe_line
from ciforge.store.documents import from_document
from ciforge.store.runs.run_folder import run_path
from ciforge.store.runs.run_reader import read_whole_run
from ciforge.timestamp import rfc3339, seconds_of

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@attrs.frozen(kw_only=True)
class _Found:
    """One artifact, and its result as it claims it."""

    left: JobArtifacts
    data: bytes
    result: Result


def of_folder_of_artifacts(
    opened: Workspace, state: Path, top: Path, expected: Sequence[str]
) -> Iterator[Collected]:
    """What lies there; nothing where it was collected before. Raises UsageError."""
    if not top.is_dir():
        raise UsageError(f"{top}: no such folder")
    found, told = _readable(top)
    _refuse_doubles(found)
    if not found and not expected:
        why = told[0] if told else f"{top}: no result.json in this folder or its subfolders"
        raise UsageError(why)
    hosted, others = _of_attempt(_hosted(opened, top, found, expected), found)
    if any(_is_known(state, id_, others) for id_ in _ids(hosted, found)):
        return
    left = [one.left for one in others]
    done = keep(state, opened.project.project, __version__, hosted, left, time.time())
    if not done.run:
        raise UsageError("\n".join((*told, *done.told)) or f"{top}: no results of this attempt")
    yield attrs.evolve(done, told=(*told, *done.told))


def _readable(top: Path) -> tuple[list[_Found], list[str]]:
    """The artifacts with a result, and what is wrong with others."""
    found, told = list[_Found](), list[str]()
    for folder in folders(top):
        try:
            pieces = of_folder(folder)
            data = head(pieces)
            result = from_document(data, Result)
        except (ArtifactError, OSError, ValueError) as error:
            told.append(
                safe_line(f"{folder}: {error}".replace(f"{folder}: {folder}: ", f"{folder}: "), 300)
            )
            continue
        found.append(
            _Found(left=JobArtifacts(name=str(folder), pieces=pieces), data=data, result=result)
        )
    return found, told


def _refuse_doubles(found: Sequence[_Found]) -> None:
    seen: dict[str, str] = {}
    for one in found:
        job = one.result.job
        if job in seen:
            raise UsageError(
                f"two results of {safe_line(job, 200)!r}: in {seen[job]} and in {one.left.name}",
                hint="collect each attempt or run from a folder of its own",
            )
        seen[job] = one.left.name


def _hosted(
    opened: Workspace, top: Path, found: Sequence[_Found], expected: Sequence[str]
) -> HostedRunRecord:
    """A run by what the service says in the environment; elsewhere by what lies in the folder."""
    repos = {job.partition("/")[0] for job in (*expected, *(one.result.job for one in found))}
    ours = tuple(repo for repo in opened.project.repos if repo in repos)
    common = HostedRunRecord(
        id=_by_content(found), started=_started(found), sources=(), expected=tuple(expected),
        allowed=allowed(opened),
    )  # fmt: skip
    run = _number("GITHUB_RUN_ID")
    if not run:
        return attrs.evolve(common, sources=tuple(_claimed(repo, top, found) for repo in ours))
    attempt = _number("GITHUB_RUN_ATTEMPT") or 1
    revision, branch = _commit_and_branch()
    origin = next((one.result.source.origin for one in found if one.result.source), str(top))
    return attrs.evolve(
        common, id=f"github-{run}-{attempt}", attempt=attempt, certain=revision != "",
        sources=tuple(
            SourceUsed(repo=repo, origin=safe_line(origin, 300), revision=revision, branch=branch)
            for repo in ours
        ),
    )  # fmt: skip


def allowed(opened: Workspace) -> frozenset[str]:
    """The jobs that may fail, as the project says."""
    return frozenset(job.id for job in opened.plan.jobs if job.allow_failure)


def _number(variable: str) -> int:
    """Of the runner's environment; 0 where it is none."""
    text = os.environ.get(variable, "")
    return int(text) if _NUMBER.fullmatch(text) else 0


def _commit_and_branch() -> tuple[str, str]:
    """What the runner says was built. Raises UsageError where that speaks for no branch."""
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
    """What the results of a repository say was built; nothing where they do not agree."""
    sources = [one.result.source for one in found if one.result.job.startswith(f"{repo}/")]
    revisions = {source.revision for source in sources if source}
    revision = revisions.pop() if len(revisions) == 1 else ""
    origin = next((source.origin for source in sources if source), str(top))
    return SourceUsed(
        repo=repo, origin=safe_line(origin, 300),
        revision=revision if REVISION.fullmatch(revision) else "",
    )  # fmt: skip


def _started(found: Sequence[_Found]) -> str:
    """The earliest time that a result names, if it has passed; else now."""
    times = (seconds_of(one.result.started) for one in found)
    now = time.time()
    return rfc3339(min((at for at in times if at is not None and at <= now), default=now))


def _of_attempt(
    hosted: HostedRunRecord, found: Sequence[_Found]
) -> tuple[HostedRunRecord, list[_Found]]:
    """The results of this attempt: those of an earlier one were collected with it, or are forged."""
    if hosted.attempt <= 1:
        return hosted, list(found)
    others = [one for one in found if one.result.attempt == hosted.attempt]
    earlier = {one.result.job for one in found if 0 < one.result.attempt < hosted.attempt}
    for one in found:
        if one not in others:
            which = (
                f"of attempt {one.result.attempt}" if one.result.attempt else "of no known attempt"
            )
            print_progress(f"{one.left.name}: {which}, not {hosted.attempt}: ignored")
    expected = tuple(job for job in hosted.expected if job not in earlier)
    silence = f"no artifact of attempt {hosted.attempt}"
    return attrs.evolve(hosted, expected=expected, silence=silence), others


def _ids(hosted: HostedRunRecord, found: Sequence[_Found]) -> list[str]:
    """The run's id, and the one that an older ciforge gave to a folder without a service."""
    if hosted.attempt:
        return [hosted.id]
    words = "".join(sorted(f"{one.result.job} {one.result.started}" for one in found))
    digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
    return [hosted.id, f"folder-{digest[:16]}"]


def _by_content(found: Sequence[_Found]) -> str:
    """The same folder is one run whenever it is collected; another status makes another run."""
    digest = hashlib.sha256()
    for one in sorted(found, key=lambda one: one.result.job):
        digest.update(hashlib.sha256(one.data).digest())
        for piece in sorted(one.left.pieces, key=lambda piece: piece.name):
            digest.update(f"{piece.name} {piece.size}\n".encode())
    return f"folder-{digest.hexdigest()[:16]}"


def _is_known(state: Path, id_: str, found: Sequence[_Found]) -> bool:
    """Whether this was collected before; with other results, that is said where an id is a service's."""
    if not is_there(state, id_):
        return False
    kept = _statuses(read_whole_run(run_path(state, id_))[1])
    same = all(kept.get(one.result.job) is one.result.status for one in found)
    if not same and id_.startswith("github-"):
        print_progress(
            f"{id_} was imported before with other results; the stored run is not changed"
        )
    return same or id_.startswith("github-")


def _statuses(results: Sequence[Result]) -> Mapping[str, Status]:
    return {result.job: result.status for result in results}
