"""Workflow runs that a person starts by hand on a branch, in the API of Forgejo 16 or newer.

Its runs have a status that is also their conclusion, its jobs no times and no steps, and a run has all jobs of its
file. https://codeberg.org/forgejo/forgejo/src/branch/forgejo/modules/structs/action.go;
release notes 16.0.0: jobs and artifacts of a run, cancel.
"""

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ciforge.ci.github.api import ENDED, REVISION, Artifact, HostedJob, HostedRun, text_of
from ciforge.ci.github.http_client import Client, HostedError
from ciforge.ci.workflow_dispatch import downloaded, jobs_by_workflow, pushable_repository
from ciforge.errors import UsageError

ACCESS_HINT = "a private repository needs a token that may read and write it: FORGEJO_TOKEN"
"""The hint for a request that the service refuses."""
_ROW = re.compile(r'^ +- \{"job": "(?P<job>[^"\\]+)", "artifact": "[^"\\]+", "may_fail": ', re.M)
_FILE = re.compile(r"\.forgejo/workflows/(?P<name>[^/]+\.yml)")
_ENDS = frozenset({"success", "failure", "cancelled", "skipped"})
_PAGE, _PAGES = 50, 40
_LARGEST_ID = 10**18
_MISSING = 404


def jobs_by_file(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The names of generated workflows to the jobs that each of them runs."""
    return jobs_by_workflow(texts, _FILE, _ROW)


class ForgejoDispatcher:
    """A repository in which workflows are started and cancelled. It is a `StartsRuns`."""

    def __init__(
        self, repository: str, *, api: str, token: str, clock: Callable[[], float]
    ) -> None:
        self._client = Client(api, token, clock, access_hint=ACCESS_HINT)
        self._base = f"{self._client.api}/repos/{repository}"

    def require(self, _files: Sequence[str]) -> None:
        """Raises UsageError if the token may not push. The workflows are those of the branch."""
        pushable_repository(self._client, self._base, "repositories")

    def dispatch(self, file: str, branch: str, _jobs: Sequence[str]) -> None:
        """Starts a workflow on a branch, with all jobs that it has there. Raises UsageError."""
        url = f"{self._base}/actions/workflows/{file}/dispatches"
        try:
            self._client.send("POST", url, {"ref": branch, "return_run_info": True})
        except HostedError as error:
            if not 400 <= error.code < 500 or error.limit:
                raise
            raise UsageError(
                str(error),
                hint="Actions must be enabled in the repository, and the token be allowed to write it",
            ) from None

    def runs_on(self, branch: str) -> list[HostedRun]:
        """The runs that were started by hand on a branch, the oldest first."""
        query = {"event": "workflow_dispatch", "limit": str(_PAGE)}
        entries = self._client.get(f"{self._base}/actions/runs", query).document()
        listed = entries.get("workflow_runs")
        found = (
            [_run(listed_run) for listed_run in listed if isinstance(listed_run, dict)]
            if isinstance(listed, list)
            else []
        )
        return sorted((run for run in found if run.branch == branch), key=lambda run: run.id)

    def run(self, number: int) -> HostedRun:
        """A run as it is now."""
        return _run(self._client.get(f"{self._base}/actions/runs/{number}", {}).document())

    def jobs(self, run: HostedRun) -> list[HostedJob]:
        """All jobs of a run."""
        url = f"{self._base}/actions/runs/{run.id}/jobs"
        try:
            return [_job(entry) for entry in self._client.get(url, {}).objects()]
        except HostedError as error:
            if error.code != _MISSING:
                raise
            raise UsageError(
                f"{url}: the service does not list the jobs of a run",
                hint="Forgejo 16 or newer does; build on GitHub, or push a branch of your own",
            ) from None

    def artifacts(self, run: HostedRun) -> list[Artifact]:
        """The artifacts of a run."""
        url, found = f"{self._base}/actions/runs/{run.id}/artifacts", list[Artifact]()
        for page in range(1, _PAGES + 1):
            some = self._client.get(url, {"limit": str(_PAGE), "page": str(page)}).objects()
            found += map(_artifact, some)
            if len(some) < _PAGE:
                return found
        raise HostedError(f"{url}: more pages than an API lists; stopped")

    def download(self, artifact: Artifact) -> zipfile.ZipFile:
        """The artifact, in an unnamed temporary file; close it. Raises ArtifactError, too."""
        url = f"{self._base}/actions/artifacts/{artifact.id}/zip"
        return downloaded(self._client, url, artifact.name, artifact.size)

    def cancel(self, number: int) -> None:
        """Asks the service to end a run; one that has ended stays as it is."""
        self._client.send("POST", f"{self._base}/actions/runs/{number}/cancel", {})

    def remark(self, _job: HostedJob) -> str:
        """Nothing: the service says no more about a job than its status."""
        return ""


def _number(entry: Mapping[str, Any], key: str, least: int = 1) -> int:
    value = entry.get(key)
    if type(value) is not int or not least <= value <= _LARGEST_ID:
        raise HostedError(f"the service names {key} {value!r:.40}, which is not a valid number")
    return value


def _run(entry: Mapping[str, Any]) -> HostedRun:
    revision, status = text_of(entry, "commit_sha"), text_of(entry, "status")
    if not REVISION.fullmatch(revision):
        raise HostedError(f"the service names a run of {revision!r}, which is not a commit id")
    ended = status in _ENDS
    return HostedRun(
        id=_number(entry, "id"), attempt=1, branch=text_of(entry, "prettyref"), revision=revision,
        event=text_of(entry, "event"), started=text_of(entry, "started"),
        ended=text_of(entry, "stopped"), conclusion=status if ended else "",
        page=text_of(entry, "html_url"), status=ENDED if ended else "in_progress",
        file=text_of(entry, "workflow_id"),
    )  # fmt: skip


def _job(entry: Mapping[str, Any]) -> HostedJob:
    status = text_of(entry, "status")
    ended = status in _ENDS
    return HostedJob(
        name=text_of(entry, "name"), conclusion=status if ended else "", started="",
        status=ENDED if ended else "in_progress" if status == "running" else "queued",
    )  # fmt: skip


def _artifact(entry: Mapping[str, Any]) -> Artifact:
    return Artifact(
        id=_number(entry, "id"), name=text_of(entry, "name"),
        created=text_of(entry, "created_at"), size=_number(entry, "size_in_bytes", least=0),
        expired=entry.get("expired") is True,
    )  # fmt: skip
