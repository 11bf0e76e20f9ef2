"""GitHub's API for pull requests, checks, statuses and comments, on loopback, as its documentation shows it.

https://docs.github.com/en/rest/pulls/pulls, …/checks/runs, …/commits/statuses, …/issues/comments
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

import attrs

from tests.loopback import loopback_server

BASE = "/repos/example/portable"
APP_ONLY = {
    "message": "You must authenticate via a GitHub App.",
    "documentation_url": "https://docs.github.com/rest/checks/runs#create-a-check-run",
    "status": "403",
}
FORBIDDEN = {"message": "Resource not accessible by personal access token", "status": "403"}


@attrs.define
class PullsApi:
    """A repository with open pull requests, and what was written to it."""

    pulls: dict[int, str] = attrs.field(factory=dict)
    """Numbers to commits."""
    closed: set[int] = attrs.field(factory=set)
    moves: dict[int, str] = attrs.field(factory=dict)
    """Commits that are pushed as soon as the pull requests were listed."""
    checks_allowed: bool = False
    writes_allowed: bool = True
    login: str = "bot"
    comments: dict[int, dict[str, Any]] = attrs.field(factory=dict)
    """By id: `issue`, `login`, `body`."""
    checks: list[dict[str, Any]] = attrs.field(factory=list)
    statuses: list[tuple[str, dict[str, Any]]] = attrs.field(factory=list)
    asked: list[tuple[str, str, Mapping[str, str]]] = attrs.field(factory=list)
    """Method, path and headers."""
    unchanged: int = 0
    refusal: tuple[int, Mapping[str, str], object] | None = None
    link: str = ""
    prefix: str = ""
    """What is before the paths of GitHub: `/api/v1` for Forgejo."""
    address: str = ""

    def pull(self, number: int) -> dict[str, Any]:
        state = "closed" if number in self.closed else "open"
        head = {"ref": "topic", "sha": self.pulls[number], "label": "stranger:topic"}
        return {"number": number, "state": state, "title": "@everyone <b>", "head": head}

    def comment(self, id_: int) -> dict[str, Any]:
        kept = self.comments[id_]
        return {"id": id_, "body": kept["body"], "user": {"login": kept["login"]}}

    def add_comment(self, issue: int, login: str, body: str) -> int:
        id_ = 1000 + len(self.comments)
        self.comments[id_] = {"issue": issue, "login": login, "body": body}
        return id_

    def get(self, path: str) -> Any:
        if path == "/user":
            return {"login": self.login} if self.login else None
        if path == f"{BASE}/pulls":
            listed = [self.pull(one) for one in self.pulls if one not in self.closed]
            self.pulls.update(self.moves)
            return listed
        if found := re.fullmatch(rf"{BASE}/pulls/(\d+)", path):
            return self.pull(int(found[1])) if int(found[1]) in self.pulls else None
        if found := re.fullmatch(rf"{BASE}/issues/(\d+)/comments", path):
            own = [id_ for id_, one in self.comments.items() if one["issue"] == int(found[1])]
            return [self.comment(id_) for id_ in own]
        return None

    def write(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if (method, path) == ("POST", f"{BASE}/check-runs"):
            if not self.checks_allowed:
                return 403, APP_ONLY
            self.checks.append(body)
            return 201, {"id": 4}
        if not self.writes_allowed:
            return 403, FORBIDDEN
        if method == "POST" and (found := re.fullmatch(rf"{BASE}/statuses/(\w+)", path)):
            self.statuses.append((found[1], body))
            return 201, {"id": 1, "state": body["state"]}
        if method == "POST" and (found := re.fullmatch(rf"{BASE}/issues/(\d+)/comments", path)):
            return 201, self.comment(self.add_comment(int(found[1]), self.login, body["body"]))
        found = re.fullmatch(rf"{BASE}/issues/comments/(\d+)", path)
        if method == "PATCH" and found and int(found[1]) in self.comments:
            self.comments[int(found[1])]["body"] = body["body"]
            return 200, self.comment(int(found[1]))
        return 404, {"message": "Not Found", "status": "404"}


class _Handler(BaseHTTPRequestHandler):
    api: PullsApi
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self._refused():
            return
        found = self.api.get(self._path())
        data = json.dumps(found).encode()
        etag = f'"{hash(data) & 0xFFFFFFFF:x}"'
        if found is not None and self.headers.get("If-None-Match") == etag:
            self.api.unchanged += 1
            self._give(304, b"", {"ETag": etag})
            return
        headers = {"ETag": etag} | ({"Link": self.api.link} if self.api.link else {})
        self._give(404 if found is None else 200, data, headers)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._refused():
            return
        code, document = self.api.write(self.command, self._path(), body)
        self._give(code, json.dumps(document).encode(), {})

    def do_PATCH(self) -> None:
        self.do_POST()

    def _path(self) -> str:
        """The path as GitHub has it; none of its own outside of the prefix."""
        path = self.path.partition("?")[0]
        return path.removeprefix(self.api.prefix) if path.startswith(self.api.prefix) else ""

    def _refused(self) -> bool:
        self.api.asked.append((self.command, self.path, dict(self.headers)))
        if not self.api.refusal:
            return False
        code, headers, document = self.api.refusal
        self._give(code, json.dumps(document).encode(), headers)
        return True

    def _give(self, code: int, data: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextlib.contextmanager
def serving_pulls(api: PullsApi) -> Iterator[PullsApi]:
    """The API, at a port of its own."""
    with loopback_server(_Handler, api=api) as api.address:
        yield api
