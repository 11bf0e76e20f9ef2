"""Open pull requests of a repository on GitHub, and answers to them: checks, statuses and one comment.

Number and commit are what the service says. https://docs.github.com/en/rest/pulls/pulls, …/checks/runs,
…/commits/statuses, …/issues/comments
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import requests

from ciforge.ci.github.api import REVISION
from ciforge.ci.github.http_client import ACCESS_HINT, Client, HostedError, split
from ciforge.ci.github.pages import Pages
from ciforge.report.pull_answer import ANNOTATIONS, AnswerState, PullAnnotation, PullAnswer
from ciforge.sanitize import safe_line

_PAGES = 10
"""Pages of open pull requests, of comments; a hundred entries each."""
_REFUSED = (requests.codes.forbidden, requests.codes.not_found, requests.codes.unprocessable)
_COMMENTS = "pull requests"
_CHECKS = {
    AnswerState.SUCCESS: "success",
    AnswerState.FAILURE: "failure",
    AnswerState.UNCERTAIN: "failure",  # `neutral` would count as passed
}


@attrs.frozen(kw_only=True)
class PullRequest:
    """An open pull request."""

    number: int
    revision: str


class PullRequests:
    """The pull requests of a repository. Every method raises HostedError."""

    access_hint = ACCESS_HINT
    """The hint for a request that the service refuses."""

    def __init__(
        self, repository: str, *, clock: Callable[[], float], token: str = "",
        api: str = "https://api.github.com", pages: Path | None = None,
    ) -> None:  # fmt: skip
        self._client = Client(api, token, clock, access_hint=self.access_hint)
        self._may_write = bool(token)
        self._base = f"{self._client.api}/repos/{repository}"
        self._pages = Pages(pages)

    def open(self) -> list[PullRequest]:
        """All that are open; a page that did not change does not count against the rate limit."""
        query = {"state": "open", "per_page": "100"}
        url, found = f"{self._base}/pulls", list[PullRequest]()
        for _ in range(_PAGES):
            entries, following = self._page(url, query)
            found += [pull for entry in entries if (pull := _open_pull(entry))]
            if not following:
                return found
            url, query = following, {}
        return found

    def current(self, number: int) -> PullRequest | None:
        """The pull request as it is now; None if it is not open."""
        return _open_pull(self._client.get(f"{self._base}/pulls/{number}", {}).document())

    def report(self, revision: str, name: str, answer: PullAnswer) -> str:
        """Adds a check with annotations to the commit, or a status if the token may add no check; which."""
        try:
            document = _check(revision, name, answer)
            self._write("POST", f"{self._base}/check-runs", document, "checks")
        except HostedError as error:
            if error.code not in _REFUSED or error.limit:
                raise
        else:
            return "check"
        return self._add_status(revision, name, answer)

    def _add_status(self, revision: str, name: str, answer: PullAnswer) -> str:
        document = {"state": answer.state.value, "context": name, "description": answer.headline}
        self._write("POST", f"{self._base}/statuses/{revision}", document, "commit statuses")
        return "status"

    def comment(self, number: int, text: str, comment_id: int) -> int:
        """Replaces the comment with the id `comment_id`, or writes a new one where there is none; its id."""
        document = {"body": text}
        if comment_id:
            try:
                url = f"{self._base}/issues/comments/{comment_id}"
                return _id(self._write("PATCH", url, document, _COMMENTS))
            except HostedError as error:
                if error.code not in (requests.codes.not_found, requests.codes.gone):
                    raise
        url = f"{self._base}/issues/{number}/comments"
        return _id(self._write("POST", url, document, _COMMENTS))

    def own_comment(self, number: int, first_line: str) -> int:
        """The id of the comment that begins with a line and that the owner of the token wrote; 0 if none.

        Anyone can write the line: what another person wrote is never changed."""
        login = self._login()
        url, query = f"{self._base}/issues/{number}/comments", {"per_page": "100"}
        for _ in range(_PAGES if login else 0):
            answer = self._client.get(url, query)
            for entry in answer.objects():
                user, body = entry.get("user"), entry.get("body")
                own = isinstance(user, dict) and user.get("login") == login
                if own and isinstance(body, str) and body.split("\n")[0].rstrip("\r") == first_line:
                    return _id(entry)
            if not (url := self._same_server(answer.following)):
                break
            query = {}
        return 0

    def _write(
        self, method: str, url: str, document: Mapping[str, object], what: str
    ) -> dict[str, Any]:
        """The document of a request that was granted; a refusal names the permission it needs."""
        if not self._may_write:
            raise HostedError(f"{url}: only written to with a token")
        try:
            return self._client.send(method, url, document).document()
        except HostedError as error:
            if error.code not in (requests.codes.unauthorized, *_REFUSED) or error.limit:
                raise
            hint = f"the token needs write access to {what}"
            raise HostedError(str(error), hint=hint, code=error.code) from None

    def _login(self) -> str:
        """The owner of the token; empty for the token of a workflow, which may not ask."""
        try:
            login = self._client.get(f"{self._client.api}/user", {}).document().get("login")
        except HostedError:
            return ""
        return login if isinstance(login, str) else ""

    def _page(self, url: str, query: Mapping[str, str]) -> tuple[list[dict[str, Any]], str]:
        name = requests.Request("GET", url, params=dict(query)).prepare().url or url
        etag, cached = self._pages.of(name)
        answer = self._client.get(url, query, etag)
        if answer.code == requests.codes.not_modified:
            if cached is None:
                raise HostedError(f"{url}: answered 304 to a request without a condition")
            return cached["document"]["entries"], cached["next"]
        entries, following = answer.objects(), self._same_server(answer.following)
        numbers = [
            {"number": entry.get("number"), "state": entry.get("state"), "head": _head(entry)}
            for entry in entries
        ]
        self._pages.keep(name, answer.headers.get("ETag", ""), {"entries": numbers}, following)
        return numbers, following

    def _same_server(self, address: str) -> str:
        if address and not (address.startswith(f"{self._client.api}/") and split(address)):
            raise HostedError(f"the next page is on another server: {safe_line(address, 200)}")
        return address


def _head(entry: Mapping[str, Any]) -> dict[str, Any]:
    head = entry.get("head")
    return {"sha": head.get("sha")} if isinstance(head, dict) else {}


def _open_pull(entry: Mapping[str, Any]) -> PullRequest | None:
    """The pull request; None if it is closed or no valid one."""
    number, revision = entry.get("number"), _head(entry).get("sha")
    fine = type(number) is int and 0 < number < 10**9 and isinstance(revision, str)
    if not (fine and entry.get("state") == "open" and REVISION.fullmatch(str(revision))):
        return None
    return PullRequest(number=int(str(number)), revision=str(revision))


def _check(revision: str, name: str, answer: PullAnswer) -> dict[str, Any]:
    return {
        "name": name, "head_sha": revision, "status": "completed",
        "conclusion": _CHECKS[answer.state],
        "output": {
            "title": answer.headline, "summary": answer.comment,
            "annotations": [_annotation(annotation) for annotation in answer.annotations[:ANNOTATIONS]],
        },
    }  # fmt: skip


def _annotation(annotation: PullAnnotation) -> dict[str, Any]:
    return {
        "path": annotation.path, "start_line": annotation.line, "end_line": annotation.line, "title": annotation.title,
        "annotation_level": "failure" if annotation.failure else "warning", "message": annotation.text,
    }  # fmt: skip


def _id(document: Mapping[str, Any]) -> int:
    found = document.get("id")
    return found if type(found) is int and 0 < found < 10**18 else 0
