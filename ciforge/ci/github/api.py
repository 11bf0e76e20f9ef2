"""Workflow runs in GitHub's API: reading, a page at a time, with regard to rate limits.

Every text of an answer is one printable line before anything is done with it.
https://docs.github.com/en/rest/actions/workflow-runs, …/artifacts, …/workflow-jobs;
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import requests

from ciforge.ci.github.http_client import Client, HostedError, split
from ciforge.ci.github.pages import Pages
from ciforge.ci.workflow_dispatch import downloaded
from ciforge.sanitize import safe_line

REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
REVISION = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
EVENTS = frozenset({"push", "schedule", "workflow_dispatch"})
"""Events whose runs are a branch's own; a pull request may come from anybody."""
ENDED = "completed"
"""The status of a run or a job that has a conclusion."""
PULLS = frozenset({"pull_request"})
"""Events of runs that only answer their pull request."""
_PAGES = 50
"""Pages of one list; a hundred entries each."""
_LARGEST_ID = 10**18


@attrs.frozen(kw_only=True)
class HostedRun:
    """One attempt of one workflow run."""

    id: int
    attempt: int
    branch: str
    revision: str
    event: str
    started: str
    """RFC 3339, UTC."""
    ended: str
    conclusion: str
    page: str
    """The address of its web page; empty if the service names none."""
    status: str = ENDED
    """`queued`, `in_progress`, `completed` and others."""
    file: str = ""
    """The name of its workflow file."""


@attrs.frozen(kw_only=True)
class HostedJob:
    """A job of an attempt, ended or not."""

    name: str
    conclusion: str
    """`success`, `failure`, `cancelled`, `skipped`, `timed_out`; empty where it has not ended."""
    started: str
    ended: str = ""
    id: int = 0
    status: str = ENDED
    step: str = ""
    """The step that runs now, or the last one that ran; empty where none did."""


@attrs.frozen(kw_only=True)
class Artifact:
    """An artifact of a job; the service gives its time, but not the attempt."""

    id: int
    name: str
    size: int
    expired: bool
    created: str


class GitHub:
    """A repository's runs. Every method raises HostedError."""

    def __init__(
        self, repository: str, *, clock: Callable[[], float], token: str = "",
        api: str = "https://api.github.com", pages: Path | None = None,
    ) -> None:  # fmt: skip
        self._client = Client(api, token, clock)
        self._base = f"{self._client.api}/repos/{repository}/actions"
        self._known = Pages(pages)

    def runs(self, since: str, events: Collection[str] = EVENTS) -> Iterator[HostedRun]:
        """Ended runs of our workflows that were created since (`2026-11-22`), the newest first."""
        query = {"status": "completed", "per_page": "100", "created": f">={since}"}
        for entry in self._list("runs", query, "workflow_runs"):
            if _file(entry).startswith("ciforge") and text_of(entry, "event") in events:
                yield run_of(entry)

    def jobs(self, run: HostedRun) -> list[HostedJob]:
        """All jobs of that attempt; those that were not run again are as they were.

        A job of a called workflow is named `CALLER / JOB`.
        """
        path = f"runs/{run.id}/attempts/{run.attempt}/jobs"
        return [_job(entry) for entry in self._list(path, {"per_page": "100"}, "jobs")]

    def artifacts(self, run: HostedRun) -> list[Artifact]:
        """The artifacts of all attempts of the run."""
        entries = self._list(f"runs/{run.id}/artifacts", {"per_page": "100"}, "artifacts")
        return [_artifact(entry) for entry in entries]

    def download(self, artifact: Artifact) -> zipfile.ZipFile:
        """The artifact, in an unnamed temporary file; close it. Raises ArtifactError, too."""
        url = f"{self._base}/artifacts/{artifact.id}/zip"
        return downloaded(self._client, url, artifact.name, artifact.size)

    def _list(self, path: str, query: Mapping[str, str], key: str) -> Iterator[dict[str, Any]]:
        url, asked, seen = f"{self._base}/{path}", dict(query), set[str]()
        while True:
            document, following = self._page(url, asked)
            entries = document.get(key)
            if not isinstance(entries, list):
                raise HostedError(f"{url}: the answer has no {key!r}")
            yield from (entry for entry in entries if isinstance(entry, dict))
            if not following:
                return
            if not following.startswith(f"{self._client.api}/") or split(following) is None:
                raise HostedError(
                    f"{url}: the next page is on another server: {safe_line(following, 200)}"
                )
            seen.add(url if asked == {} else "")
            if following in seen or len(seen) >= _PAGES:
                raise HostedError(
                    f"{self._base}/{path}: more pages than an API lists; stopped",
                    hint="--since takes a later date",
                )
            url, asked = following, {}

    def _page(self, url: str, query: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """A page and the address of the next; an unchanged page does not count against the rate limit."""
        name = requests.Request("GET", url, params=dict(query)).prepare().url or url
        etag, cached = self._known.of(name)
        answer = self._client.get(url, query, etag)
        if answer.code == requests.codes.not_modified:
            if cached is None:
                raise HostedError(
                    f"{url.partition('?')[0]}: answered 304 to a request without a condition"
                )
            return cached["document"], cached["next"]
        document = answer.document()
        self._known.keep(name, answer.headers.get("ETag", ""), document, answer.following)
        return document, answer.following


def text_of(entry: Mapping[str, Any], key: str, limit: int = 250) -> str:
    """A text of the service as one line that may be shown; empty for what is no text."""
    value = entry.get(key)
    return safe_line(value, limit) if isinstance(value, str) else ""


def _number(entry: Mapping[str, Any], key: str, least: int = 1) -> int:
    """A whole number of the service. Raises HostedError."""
    value = entry.get(key)
    if type(value) is not int or not least <= value <= _LARGEST_ID:
        raise HostedError(
            f"the service names {key} {safe_line(repr(value)[:40])}, which is not a valid number"
        )
    return value


def run_of(entry: Mapping[str, Any]) -> HostedRun:
    revision, page = text_of(entry, "head_sha"), text_of(entry, "html_url")
    if not REVISION.fullmatch(revision):
        raise HostedError(f"the service names a run of {revision!r}, which is not a commit id")
    parts = split(page)
    return HostedRun(
        id=_number(entry, "id"), branch=text_of(entry, "head_branch"), revision=revision,
        attempt=_number(entry, "run_attempt") if entry.get("run_attempt") is not None else 1,
        event=text_of(entry, "event"), conclusion=text_of(entry, "conclusion"),
        started=text_of(entry, "run_started_at") or text_of(entry, "created_at"),
        ended=text_of(entry, "updated_at"), page=page if parts and parts.scheme == "https" else "",
        status=text_of(entry, "status"), file=_file(entry),
    )  # fmt: skip


def _file(run: Mapping[str, Any]) -> str:
    return text_of(run, "path").partition("@")[0].rpartition("/")[2]


def _job(entry: Mapping[str, Any]) -> HostedJob:
    number = entry.get("id")
    return HostedJob(
        name=text_of(entry, "name").rpartition(" / ")[2], conclusion=text_of(entry, "conclusion"),
        started=text_of(entry, "started_at"), ended=text_of(entry, "completed_at"),
        id=number if type(number) is int and 0 < number <= _LARGEST_ID else 0,
        status=text_of(entry, "status"), step=_step(entry.get("steps")),
    )  # fmt: skip


def _step(steps: object) -> str:
    """The step that runs, or the last one that has begun."""
    begun = [
        text_of(step, "name", 64)
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict) and step.get("status") in ("in_progress", ENDED)
        and step.get("conclusion") != "skipped"
    ]  # fmt: skip
    return begun[-1] if begun else ""


def _artifact(entry: Mapping[str, Any]) -> Artifact:
    return Artifact(
        id=_number(entry, "id"), name=text_of(entry, "name"), created=text_of(entry, "created_at"),
        size=_number(entry, "size_in_bytes", least=0), expired=entry.get("expired") is not False,
    )  # fmt: skip
