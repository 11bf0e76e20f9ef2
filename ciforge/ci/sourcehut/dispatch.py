"""Builds that a person submits to builds.sr.ht: one manifest for each job, by its GraphQL API.

There is no workflow on a branch that is started: the manifest itself is submitted, and names the commit
that its machine clones. A build is a run with one job, and its note says of which branch, file, job and commit.
https://docs.sourcehut.org/builds.sr.ht; https://man.sr.ht/builds.sr.ht/manifest.md
"""

import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from ciforge.ci.artifact_files import LARGEST, ArtifactError
from ciforge.ci.github.api import ENDED, Artifact, HostedJob, HostedRun, text_of
from ciforge.ci.github.http_client import HostedError, ResponseTooLarge
from ciforge.ci.sourcehut.graphql import GraphQL, number_of, object_of, objects_of
from ciforge.ci.sourcehut.result_files import TaskLog, archive_of_logs, archive_of_tar
from ciforge.ci.sourcehut.workflow import FOLDER
from ciforge.errors import UsageError

RESULT = "ciforge-result.tar.gz"
"""The artifact of a manifest, in the home folder of its machine."""
_FILE = re.compile(rf"{re.escape(FOLDER)}/(ciforge-[^/]+\.yml)")
_JOB = re.compile(r'^environment: .*"CIFORGE_JOB": "([^"\\]+)"', re.M)
_NOTE = re.compile(
    r"(?P<branch>\S+) (?P<file>\S+) (?P<job>\S+) (?P<commit>[0-9a-f]{40}|[0-9a-f]{64})"
)
_ENDS = {
    "SUCCESS": "success",
    "FAILED": "failure",
    "TIMEOUT": "timed_out",
    "CANCELLED": "cancelled",
}
_PAGES, _FEWEST = 40, 4
"""Pages of the list of jobs, of 25 each, that are read at most, and also if none of them is ours."""
LARGEST_LOGS = 128 * 1024 * 1024
"""Bytes of all logs of a build; the steps of a job print at most 64 MiB."""
_MOST_LOGS = 200

_ME = "query me { version { major } jobs { cursor } }"
_SUBMIT = """mutation submit($manifest: String!, $note: String, $tags: [String!]) {
 submit(manifest: $manifest, note: $note, tags: $tags, secrets: false, execute: true) { id } }"""
_CANCEL = "mutation cancel($id: Int!) { cancel(jobId: $id) { id } }"
_LIST = (
    "query jobs($cursor: Cursor) { jobs(cursor: $cursor) { results { id status note } cursor } }"
)
_LOOK = """query job($id: Int!) { job(id: $id) { id status note manifest created updated
 tasks { name status log { fullURL } } artifacts { id path size url } } }"""


def jobs_by_file(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Returns the names of generated manifests with the job of each."""
    found: dict[str, tuple[str, ...]] = {}
    for path, text in texts.items():
        if (name := _FILE.fullmatch(path)) and (job := _JOB.search(text)):
            found[name[1]] = (job[1],)
    return found


def manifests(texts: Mapping[str, str], address: str, commit: str) -> dict[str, str]:
    """Returns the generated manifests by name, each with the commit that its machine clones."""
    source = f"sources: {json.dumps([f'{address}#{commit}'])}\n"
    named = ((_FILE.fullmatch(path), text) for path, text in texts.items())
    return {name[1]: text + source for name, text in named if name and _JOB.search(text)}


class SourcehutBuilds:
    """The builds of the person whose token it is. It is a `StartsRuns`."""

    def __init__(
        self, manifests: Mapping[str, str], *, api: str, token: str, clock: Callable[[], float]
    ) -> None:
        self._manifests = manifests
        self._api = GraphQL(api, token, clock)
        self._seen: dict[int, Mapping[str, Any]] = {}
        """Builds as they were when last asked for."""

    def require(self, _files: Sequence[str]) -> None:
        """Raises UsageError if the token may not see builds. Only a submission shows more."""
        self._api.ask(_ME)

    def dispatch(self, file: str, branch: str, jobs: Sequence[str]) -> None:
        """Submits a manifest, without the person's secrets. Raises UsageError if it is refused."""
        text = self._manifests.get(file)
        if text is None:
            raise UsageError(f"{file} is not known any more", hint="start a new `ciforge try`")
        commit = text.rpartition("#")[2][:64].partition('"')[0]
        note = f"{branch} {file} {jobs[0]} {commit}"
        self._api.ask(_SUBMIT, manifest=text, note=note, tags=["ciforge-try"])

    def runs_on(self, branch: str) -> list[HostedRun]:
        """Returns the builds that were submitted for a branch, the oldest first."""
        found, cursor = list[HostedRun](), None
        for number in range(1, _PAGES + 1):
            page = object_of(self._api.ask(_LIST, cursor=cursor), "jobs")
            listed = (_run(entry) for entry in objects_of(page, "results"))
            own = [run for run in listed if run and run.branch == branch]
            found, cursor = found + own, page.get("cursor")
            if not isinstance(cursor, str) or (number >= _FEWEST and not own):
                break
        return sorted(found, key=lambda run: run.id)

    def run(self, number: int) -> HostedRun:
        """Returns a build as it is now."""
        entry = self._entry(number, again=True)
        if (found := _run(entry)) is None:
            raise HostedError(f"the service names build {number}, which ciforge did not submit")
        return found

    def jobs(self, run: HostedRun) -> list[HostedJob]:
        """Returns the only job of a build, as `run` saw it."""
        entry = self._entry(run.id)
        note = _NOTE.fullmatch(text_of(entry, "note", 1000))
        begun = [
            t for t in objects_of(entry, "tasks") if t.get("status") not in ("PENDING", "SKIPPED")
        ]
        return [
            HostedJob(
                name=note["job"] if note else "", conclusion=run.conclusion, started="", id=run.id,
                status=run.status, step=text_of(begun[-1], "name", 64) if begun else "",
            )
        ]  # fmt: skip

    def artifacts(self, run: HostedRun) -> list[Artifact]:
        """Returns the result of a build that has ended; of one that failed, what its log ends with."""
        entry = self._entry(run.id)
        note = _NOTE.fullmatch(text_of(entry, "note", 1000))
        if run.status != ENDED or note is None:
            return []
        name, kept = note["job"].replace("/", ","), _kept(entry)
        if kept:
            size, gone = number_of(kept, "size", least=0), not isinstance(kept.get("url"), str)
            return [Artifact(id=run.id, name=name, size=size, expired=gone, created=run.ended)]
        if run.conclusion == "failure":
            return [Artifact(id=run.id, name=name, size=0, expired=False, created=run.ended)]
        return []

    def download(self, artifact: Artifact) -> zipfile.ZipFile:
        """Returns the result as an archive; close it. Raises ArtifactError, too."""
        entry, name = self._entry(artifact.id), artifact.name
        kept = _kept(entry)
        if kept and artifact.size > LARGEST:
            raise ArtifactError(f"{name}: larger than {LARGEST} bytes")
        with tempfile.TemporaryFile() as file:
            try:
                if kept is None:
                    logs = self._logs(entry, file)
                    return archive_of_logs(file, logs, str(entry.get("manifest")), name)
                self._save(kept.get("url"), file, LARGEST)
            except ResponseTooLarge as error:
                raise ArtifactError(f"{name}: {error}") from None
            return archive_of_tar(file, name)

    def cancel(self, number: int) -> None:
        """Asks the service to end a build; it refuses that for one that no machine runs yet."""
        try:
            self._api.ask(_CANCEL, id=number)
        except UsageError as error:
            raise HostedError(str(error), code=400) from None

    def remark(self, _job: HostedJob) -> str:
        """Nothing: the service says no more about a build than its status."""
        return ""

    def _entry(self, number: int, *, again: bool = False) -> Mapping[str, Any]:
        """A build as it was when last asked for, or now."""
        if again or number not in self._seen:
            self._seen[number] = object_of(self._api.ask(_LOOK, id=number), "job")
        return self._seen[number]

    def _logs(self, entry: Mapping[str, Any], file: BinaryIO) -> list[TaskLog]:
        """The logs of the tasks that ran, in their order; `file` gets their text."""
        logs = list[TaskLog]()
        for task in objects_of(entry, "tasks"):
            log = task.get("log")
            if task.get("status") not in ("SUCCESS", "FAILED") or not isinstance(log, dict):
                continue
            if len(logs) == _MOST_LOGS:
                raise ArtifactError(f"the build has more than {_MOST_LOGS} logs")
            offset = file.tell()
            self._save(log.get("fullURL"), file, LARGEST_LOGS - offset)
            logs.append(TaskLog(text_of(task, "name", 64), offset, file.tell() - offset))
        return logs

    def _save(self, address: object, file: BinaryIO, limit: int) -> None:
        self._api.client.download(self._api.file_address(str(address)), file, limit)


def _kept(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """The artifact that a manifest of ciforge names, where the service kept it."""
    listed = objects_of(entry, "artifacts")
    return next(
        (artifact for artifact in listed if text_of(artifact, "path").rpartition("/")[2] == RESULT),
        None,
    )


def _run(entry: Mapping[str, Any]) -> HostedRun | None:
    """A build as a run; None for one that ciforge did not submit."""
    note = _NOTE.fullmatch(text_of(entry, "note", 1000))
    if note is None:
        return None
    status = text_of(entry, "status")
    ended = status in _ENDS
    return HostedRun(
        id=number_of(entry, "id"), attempt=1, branch=note["branch"], revision=note["commit"],
        event="submit", started=text_of(entry, "created"), ended=text_of(entry, "updated"),
        conclusion=_ENDS.get(status, ""), page="", file=note["file"],
        status=ENDED if ended else "in_progress" if status == "RUNNING" else "queued",
    )  # fmt: skip
