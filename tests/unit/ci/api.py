"""GitHub's API as its documentation shows it, on loopback: pages, ETags, redirects, limits, refusals."""

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
from pulls_api import PullsApi

from tests.loopback import loopback_server

ROOT = "/repos/example/portable/actions"


@attrs.define
class Api:
    """What is answered, and what was asked."""

    runs: list[dict[str, Any]] = attrs.field(factory=list)
    jobs: dict[int, list[dict[str, Any]]] = attrs.field(factory=dict)
    artifacts: dict[int, list[dict[str, Any]]] = attrs.field(factory=dict)
    archives: dict[int, bytes] = attrs.field(factory=dict)
    page: int = 100
    refusal: tuple[int, Mapping[str, str], object] | None = None
    asked: list[tuple[str, Mapping[str, str]]] = attrs.field(factory=list)
    unchanged: int = 0
    """How often 304 was the answer."""
    address: str = ""
    storage: str = ""
    """Where archives really lie: another port."""
    body: bytes | None = None
    """What is answered instead of any page."""
    location: str = ""
    """Where archives are said to lie, instead."""
    link: str = ""
    """The `Link` header of every page."""
    pulls: PullsApi = attrs.field(factory=PullsApi)
    """Pull requests, and what is written to them."""

    def add(self, number: int, results: Mapping[str, str | None], **more: Any) -> None:
        """A run with these jobs, each with the status of its result; None left no artifact."""
        self.runs.insert(0, run(number, **more))
        self.jobs[number] = [job(name, conclusion(status)) for name, status in results.items()]
        kept = {name: status for name, status in results.items() if status}
        self.artifacts[number] = [
            artifact(number * 100 + place, name.replace("/", ","))
            for place, name in enumerate(kept)
        ]
        for place, (name, status) in enumerate(kept.items()):
            self.archives[number * 100 + place] = archive(name, status)


def run(number: int, **more: Any) -> dict[str, Any]:
    """One of `workflow_runs`."""
    return {
        "id": number, "name": "ciforge", "head_branch": "master", "head_sha": f"{number:040x}",
        "path": ".github/workflows/ciforge.yml", "run_number": number, "event": "push",
        "status": "completed", "conclusion": "success", "run_attempt": 1,
        "created_at": f"2026-11-20T10:{number % 60:02}:00Z",
        "run_started_at": f"2026-11-20T10:{number % 60:02}:00Z",
        "updated_at": f"2026-11-20T10:{number % 60:02}:50Z",
        "html_url": f"https://github.com/example/portable/actions/runs/{number}",
    } | more  # fmt: skip


def conclusion(status: str | None) -> str:
    return {"passed": "success", None: "cancelled"}.get(status, "failure")


def job(name: str, ended: str) -> dict[str, Any]:
    return {
        "name": name,
        "status": "completed",
        "conclusion": ended,
        "started_at": "2026-11-20T10:00:00Z",
    }


def artifact(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "name": name, "size_in_bytes": 1000, "expired": False,
        "created_at": "2026-11-20T10:00:00Z",
    } | more  # fmt: skip


def result(job: str, status: str) -> dict[str, Any]:
    """`result.json` as a runner leaves it."""
    failed = status == "failed"
    return {
        "v": 1, "job": job, "status": status, "failed_step": "build" if failed else None,
        "started": "2026-11-20T10:00:00Z", "seconds": 12.0,
        "steps": [
            {"name": "build", "exit_code": 2 if failed else 0, "seconds": 3.0,
             "started": "2026-11-20T10:00:00Z"}
        ],
        "tail": ["make: *** [all] Error 2"] if failed else [], "artifacts": ["config.log"],
    }  # fmt: skip


def archive(name: str, status: str, **files: bytes) -> bytes:
    """What a job left, packed as the service does."""
    whole = {
        "result.json": json.dumps(result(name, status)).encode(),
        "log.txt": b"--- ciforge: build ---\nhello.c:3:10: fatal error: event.h: No such file or directory\n"
        if status == "failed" else b"--- ciforge: build ---\nmake\n",
        "artifacts/config.log": b"config\n",
    } | files  # fmt: skip
    return packed(whole)


def packed(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packing:
        for path, data in files.items():
            packing.writestr(path, data)
    return stream.getvalue()


@contextlib.contextmanager
def serving(api: Api) -> Iterator[Api]:
    """The API and its storage, each at a port of its own."""
    with loopback_server(_Handler, api=api) as front, loopback_server(_Storage, api=api) as back:
        api.address, api.storage = front, back
        yield api


class _Quiet(BaseHTTPRequestHandler):
    api: Api
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def give(self, code: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Storage(_Quiet):
    """No question to it may carry a token."""

    def do_GET(self) -> None:
        self.api.asked.append((self.path, dict(self.headers)))
        self.give(200, self.api.archives[int(self.path.strip("/"))])


class _Handler(_Quiet):
    def do_GET(self) -> None:
        api, parts = self.api, urlsplit(self.path)
        api.asked.append((self.path, dict(self.headers)))
        if api.refusal:
            code, headers, document = api.refusal
            self.give(code, json.dumps(document).encode(), headers)
            return
        if api.body is not None:
            self.give(200, api.body)
            return
        if not parts.path.startswith(ROOT):
            found_pulls = api.pulls.get(parts.path)
            self.give(404 if found_pulls is None else 200, json.dumps(found_pulls).encode())
            return
        path = parts.path.removeprefix(ROOT).strip("/").split("/")
        if path[0] == "artifacts":
            self.give(302, b"", {"Location": api.location or f"{api.storage}/{path[1]}"})
            return
        if path == ["runs"]:
            found: list[dict[str, Any]] = api.runs
            key = "workflow_runs"
        else:
            key = path[-1]
            found = {"jobs": api.jobs, "artifacts": api.artifacts}[key].get(int(path[1]), [])
        self._listed(parts.query, key, found)

    def do_POST(self) -> None:
        self.api.asked.append((self.path, dict(self.headers)))
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        code, document = self.api.pulls.write(self.command, self.path, body)
        self.give(code, json.dumps(document).encode())

    def do_PATCH(self) -> None:
        self.do_POST()

    def _listed(self, query: str, key: str, found: list[dict[str, Any]]) -> None:
        api, words = self.api, parse_qs(query)
        number = int(words.get("page", ["1"])[0])
        some = found[(number - 1) * api.page : number * api.page]
        data = json.dumps({"total_count": len(found), key: some}).encode()
        etag = f'"{hash(data) & 0xFFFFFFFF:x}"'
        headers = {"ETag": etag}
        if number * api.page < len(found):
            here = f"{api.address}{urlsplit(self.path).path}"
            headers["Link"] = f'<{here}?page={number + 1}>; rel="next", <{here}?page=9>; rel="last"'
        if api.link:
            headers["Link"] = api.link
        if self.headers.get("If-None-Match") == etag:
            api.unchanged += 1
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        self.give(200, data, headers)
