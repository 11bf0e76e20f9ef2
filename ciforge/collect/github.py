"""GitHub's API, as far as it tells of workflow runs: read only, a page at a time, patient with limits.

https://docs.github.com/en/rest/actions/workflow-runs, …/artifacts, …/workflow-jobs;
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import json
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import attrs
import requests

from ciforge.collect.files import LARGEST, ArtifactError
from ciforge.errors import CiforgeError
from ciforge.safe import safe_line

REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_PAGES = 50
"""Pages of one list; a hundred entries each."""
_PATIENCE = (10, 60)
"""Seconds for a connection, and between two pieces of an answer."""
_EVENTS = frozenset({"push", "schedule", "workflow_dispatch"})
"""Events whose runs are a branch's own; a pull request may come from anybody."""


class HostedError(CiforgeError):
    """The service cannot be asked now; nothing is lost, the next call asks again."""

    exit_code = 3


@attrs.frozen(kw_only=True)
class HostedRun:
    """One attempt of one workflow run, which has ended."""

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
    """Where a person reads of it."""


@attrs.frozen(kw_only=True)
class HostedJob:
    """A job of it, ended or not."""

    name: str
    conclusion: str
    """`success`, `failure`, `cancelled`, `skipped`, `timed_out`; empty where it has not ended."""
    started: str


@attrs.frozen(kw_only=True)
class Artifact:
    """What a job left."""

    id: int
    name: str
    size: int
    expired: bool
    created: str


class GitHub:
    """A repository's runs. Every method raises HostedError."""

    def __init__(
        self, repository: str, *, token: str = "", api: str = "https://api.github.com",
        pages: Path | None = None,
    ) -> None:  # fmt: skip
        self._base = f"{api.rstrip('/')}/repos/{repository}/actions"
        self._session = requests.Session()
        self._session.headers["Accept"] = "application/vnd.github+json"
        self._session.headers["X-GitHub-Api-Version"] = "2022-11-28"
        self._session.headers["User-Agent"] = "ciforge"
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._known = _Pages(pages)

    def runs(self, since: str) -> Iterator[HostedRun]:
        """Ended runs of our workflows that were created since (`2026-11-22`), the newest first."""
        query = {"status": "completed", "per_page": "100", "created": f">={since}"}
        for entry in self._list("runs", query, "workflow_runs"):
            file = str(entry.get("path", "")).partition("@")[0].rpartition("/")[2]
            if file.startswith("ciforge") and entry.get("event") in _EVENTS:
                yield _run(entry)

    def jobs(self, run: HostedRun) -> list[HostedJob]:
        """All jobs of that attempt."""
        path = f"runs/{run.id}/attempts/{run.attempt}/jobs"
        return [
            HostedJob(
                name=str(entry.get("name", "")), conclusion=str(entry.get("conclusion") or ""),
                started=str(entry.get("started_at") or ""),
            )
            for entry in self._list(path, {"per_page": "100"}, "jobs")
        ]  # fmt: skip

    def artifacts(self, run: HostedRun) -> list[Artifact]:
        """What is there of the run, of each name the newest."""
        newest: dict[str, Artifact] = {}
        for entry in self._list(f"runs/{run.id}/artifacts", {"per_page": "100"}, "artifacts"):
            one = _artifact(entry)
            known = newest.get(one.name)
            if known is None or known.created <= one.created:
                newest[one.name] = one
        return list(newest.values())

    def download(self, artifact: Artifact) -> zipfile.ZipFile:
        """The artifact; close it. Raises ArtifactError, too. It lies in a file without a name, which goes with it."""
        if artifact.size > LARGEST:
            raise ArtifactError(f"{artifact.name}: larger than {LARGEST} bytes")
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the archive closes it
        url = f"{self._base}/artifacts/{artifact.id}/zip"
        try:
            with self._get(url, {}, stream=True) as answer:
                _copy(answer, file)
            return zipfile.ZipFile(file)
        except zipfile.BadZipFile as error:
            file.close()
            raise ArtifactError(f"{artifact.name}: damaged: {error}") from None

    def _list(self, path: str, query: Mapping[str, str], key: str) -> Iterator[dict[str, Any]]:
        url, asked = f"{self._base}/{path}", dict(query)
        for _ in range(_PAGES):
            document, following = self._page(url, asked)
            entries = document.get(key)
            if not isinstance(entries, list):
                raise HostedError(f"{url}: the answer has no {key!r}")
            yield from (entry for entry in entries if isinstance(entry, dict))
            if not following:
                return
            if not following.startswith(self._base.partition("/repos/")[0] + "/"):
                raise HostedError(f"{url}: the next page is elsewhere: {safe_line(following)}")
            url, asked = following, {}

    def _page(self, url: str, query: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """One page and the address of the next; an unchanged one costs nothing of the limit."""
        name = requests.Request("GET", url, params=dict(query)).prepare().url or url
        etag, known = self._known.of(name)
        with self._get(url, query, etag=etag) as answer:
            if answer.status_code == requests.codes.not_modified and known:
                return known["document"], known["next"]
            try:
                document = answer.json()
            except ValueError:
                raise HostedError(f"{url}: the answer is no JSON") from None
            if not isinstance(document, dict):
                raise HostedError(f"{url}: the answer is no object")
            following = answer.links.get("next", {}).get("url", "")
            self._known.keep(name, answer.headers.get("ETag", ""), document, following)
            return document, following

    def _get(
        self, url: str, query: Mapping[str, str], *, etag: str = "", stream: bool = False
    ) -> requests.Response:
        headers = {"If-None-Match": etag} if etag else {}
        try:
            answer = self._session.get(
                url, params=dict(query), headers=headers, timeout=_PATIENCE, stream=stream
            )
        except requests.RequestException as error:
            raise HostedError(f"{url.partition('?')[0]}: {_short(error)}") from None
        if answer.status_code in (200, 304):
            return answer
        try:
            raise _refusal(answer)
        finally:
            answer.close()


def _short(error: Exception) -> str:
    """What lies at the bottom of it: `Connection refused`."""
    while (inner := error.__cause__ or error.__context__) and isinstance(inner, Exception):
        error = inner
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return safe_line(words, 200)


def _refusal(answer: requests.Response) -> HostedError:
    code, headers = answer.status_code, answer.headers
    said = safe_line(_message(answer), 200)
    where = answer.url.partition("?")[0]
    if code in (403, 429) and (
        headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in headers
    ):
        return HostedError(f"{where}: asked too often: {said}", hint=_again(headers))
    if code == 401:
        return HostedError(f"{where}: the token is not accepted: {said}")
    if code in (403, 404):
        hint = "a private repository needs a token that may read Actions: GITHUB_TOKEN"
        return HostedError(f"{where}: {code} {said}", hint=hint)
    return HostedError(f"{where}: {code} {said}")


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("message", answer.reason))
    except (ValueError, AttributeError):
        return str(answer.reason)


def _again(headers: Mapping[str, str]) -> str:
    after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
    if after.isdigit():
        return f"again in {after} s"
    if reset.isdigit():
        return f"again after {time.strftime('%H:%M:%S', time.gmtime(int(reset)))} UTC"
    return "again in some minutes"


def _copy(answer: requests.Response, file: IO[bytes]) -> None:
    size = 0
    try:
        for piece in answer.iter_content(1 << 20):
            size += len(piece)
            if size > LARGEST:
                raise ArtifactError(f"{answer.url.partition('?')[0]}: larger than {LARGEST} bytes")
            file.write(piece)
    except requests.RequestException as error:
        raise HostedError(f"{answer.url.partition('?')[0]}: broken off: {_short(error)}") from None


def _run(entry: Mapping[str, Any]) -> HostedRun:
    try:
        return HostedRun(
            id=int(entry["id"]), attempt=int(entry.get("run_attempt") or 1),
            branch=str(entry.get("head_branch") or ""), revision=str(entry["head_sha"]),
            event=str(entry["event"]),
            started=str(entry.get("run_started_at") or entry["created_at"]),
            ended=str(entry.get("updated_at") or ""),
            conclusion=str(entry.get("conclusion") or ""), page=str(entry.get("html_url") or ""),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise HostedError(f"a run without {error}") from None


def _artifact(entry: Mapping[str, Any]) -> Artifact:
    try:
        return Artifact(
            id=int(entry["id"]), name=str(entry["name"]), size=int(entry["size_in_bytes"]),
            expired=bool(entry["expired"]), created=str(entry.get("created_at") or ""),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise HostedError(f"an artifact without {error}") from None


class _Pages:
    """Pages as they were, by address, each with its ETag."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "github-pages.json" if folder else None
        self._pages: dict[str, Any] = {}
        if self._file and self._file.is_file():
            try:
                found = json.loads(self._file.read_text())
                self._pages = found if isinstance(found, dict) else {}
            except (OSError, ValueError):
                self._pages = {}  # an aid: what is lost is asked for again

    def of(self, name: str) -> tuple[str, dict[str, Any] | None]:
        """The ETag, and what came with it."""
        page = self._pages.get(name)
        fine = isinstance(page, dict) and {"etag", "document", "next"} <= page.keys()
        return (str(page["etag"]), page) if fine and page else ("", None)

    def keep(self, name: str, etag: str, document: dict[str, Any], following: str) -> None:
        """Remembers the page, and of all pages the newest hundred."""
        if not etag or self._file is None:
            return
        self._pages.pop(name, None)
        self._pages[name] = {"etag": etag, "document": document, "next": following}
        self._pages = dict(list(self._pages.items())[-100:])
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._file.with_name(f".{self._file.name}.new")
        new.write_text(json.dumps(self._pages))
        new.replace(self._file)
