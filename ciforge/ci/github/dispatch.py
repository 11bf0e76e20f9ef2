"""Workflow runs that a person starts by hand on a branch, in GitHub's API.

https://docs.github.com/en/rest/actions/workflows, …/workflow-runs; https://docs.github.com/en/rest/checks/runs
"""

import re
from collections.abc import Mapping, Sequence

from ciforge.ci.github.api import GitHub, HostedJob, HostedRun, run_of, text_of
from ciforge.ci.github.http_client import HostedError
from ciforge.ci.workflow_dispatch import jobs_by_workflow, pushable_repository
from ciforge.errors import UsageError

LARGEST_INPUT = 60_000
"""Characters of the list of jobs; the service takes inputs of 65,535."""
_ROW = re.compile(r"^ +build(?:-[0-9]+)? (?P<job>[^ /\n]+/[^ /\n]+/[^ /\n]+) \S+ \S+$", re.M)
_FILE = re.compile(r"\.github/workflows/(?P<name>[^/]+\.yml)")
_FORBIDDEN, _MISSING, _INVALID = 403, 404, 422


def jobs_by_file(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The names of generated workflows to the jobs that each of them can run by hand."""
    return jobs_by_workflow(texts, _FILE, _ROW)


class Dispatcher(GitHub):
    """A repository in which workflows are started and cancelled. It is a `StartsRuns`."""

    def require(self, files: Sequence[str]) -> None:
        """Raises UsageError if the token may not push, or the service cannot start these workflows."""
        url = self._base.removesuffix("/actions")
        entry = pushable_repository(self._client, url, "Actions")
        for file in files:
            self._require_workflow(file, text_of(entry, "default_branch"))

    def _require_workflow(self, file: str, default_branch: str) -> None:
        try:
            entry = self._client.get(f"{self._base}/workflows/{file}", {}).document()
        except HostedError as error:
            if error.code != _MISSING:
                raise
            raise UsageError(
                f"{file} is not on {default_branch or 'the default branch'} of the repository, "
                "so the service cannot start it",
                hint="`ciforge generate`, commit its files there, and push them once",
            ) from None
        state = text_of(entry, "state")
        if state != "active":
            raise UsageError(
                f"{file} is disabled on the service: {state}",
                hint=f"enable it on the page of the workflow, or: gh workflow enable {file}",
            )

    def dispatch(self, file: str, branch: str, jobs: Sequence[str]) -> None:
        """Starts the workflow on a branch, for these jobs. Raises UsageError if it is refused."""
        document = {"ref": branch, "inputs": {"job": " ".join(jobs)}}
        try:
            self._client.send("POST", f"{self._base}/workflows/{file}/dispatches", document)
        except HostedError as error:
            if error.code not in (_FORBIDDEN, _MISSING, _INVALID) or error.limit:
                raise
            raise UsageError(
                str(error),
                hint="the token needs the permission to write Actions of this repository",
            ) from None

    def runs_on(self, branch: str) -> list[HostedRun]:
        """The runs that were started by hand on a branch, the oldest first."""
        query = {"branch": branch, "event": "workflow_dispatch", "per_page": "100"}
        found = map(run_of, self._list("runs", query, "workflow_runs"))
        return sorted((run for run in found if run.branch == branch), key=lambda run: run.id)

    def run(self, number: int) -> HostedRun:
        """A run as it is now."""
        return run_of(self._client.get(f"{self._base}/runs/{number}", {}).document())

    def cancel(self, number: int) -> None:
        """Asks the service to end a run."""
        self._client.send("POST", f"{self._base}/runs/{number}/cancel", {})

    def remark(self, job: HostedJob) -> str:
        """What the service says about a job that left no result: a lost runner, a quota; else empty."""
        url = f"{self._base.removesuffix('/actions')}/check-runs/{job.id}/annotations"
        entries = self._client.get(url, {"per_page": "10"}).objects()
        failures = (entry for entry in entries if text_of(entry, "annotation_level") == "failure")
        return next((text_of(failure, "message", 300) for failure in failures), "")
