"""GitHub's API for workflows that are started by hand, on loopback, with a real git repository behind it.

The answers have the keys and codes of its manual: docs.github.com/en/rest/actions/workflows, …/workflow-runs,
…/workflow-jobs, …/artifacts, and …/checks/runs for annotations. A run exists only for a branch that was pushed. How
its jobs end is decided by a `Runner`.
"""

import contextlib
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs

from tests.loopback import loopback_server

ROOT = "/repos/example/hello"


@attrs.frozen
class JobEnd:
    """How a job ends: the conclusion, the artifact, and what the service says of it."""

    conclusion: str
    archive: bytes | None = None
    remark: str = ""


Runner = Callable[[str, Sequence[str]], Mapping[str, JobEnd]]
"""A commit and the jobs asked for to how each of them ends."""


@attrs.define
class HostedRun:
    number: int
    branch: str
    commit: str
    jobs: Mapping[str, JobEnd]
    """Empty before its runner has ended."""
    patience: int
    """How often it must be asked for until it ends."""
    looks: int = 0
    """How often it was asked for; it goes on a little each time."""
    cancelled: bool = False

    @property
    def over(self) -> bool:
        return self.cancelled or (bool(self.jobs) and self.looks > self.patience)

    @property
    def conclusion(self) -> str | None:
        if not self.over:
            return None
        ends = {end.conclusion for end in self.jobs.values()}
        return "cancelled" if self.cancelled else "success" if ends <= {"success"} else "failure"


@attrs.define
class Service:
    """What it has, what it was asked, and the faults that it has."""

    remote: Path
    runner: Runner
    repository: dict[str, Any] = attrs.field(
        factory=lambda: {"default_branch": "main", "permissions": {"push": True}}
    )
    workflow: dict[str, Any] | None = attrs.field(
        factory=lambda: {"id": 1, "path": ".github/workflows/ciforge.yml", "state": "active"}
    )
    runs: list[HostedRun] = attrs.field(factory=list)
    asked: list[str] = attrs.field(factory=list)
    tokens: set[str] = attrs.field(factory=set)
    cut: frozenset[int] = frozenset()
    """The requests, counted from 0, whose connection is cut before an answer; what they order is done."""
    limited: Mapping[int, Mapping[str, str]] = attrs.field(factory=dict)
    """The requests that are refused with 403 and these headers; what they order is not done."""
    refusals: Mapping[str, tuple[int, str]] = attrs.field(factory=dict)
    """The ends of paths that are refused, with the code and the message."""
    on_request: Callable[[int, str], None] = lambda _number, _line: None
    patience: int = 2
    """How often a run must be asked for until it ends."""
    background: bool = False
    """Whether a runner takes long, so that a request does not wait for it."""
    stays: bool = False
    """Whether runs never end by themselves."""
    conclusion: str = ""
    """The conclusion of every run that has ended, instead of that of its jobs."""
    address: str = ""
    page: str = "https://github.com/example/hello/actions/runs/"

    def branches(self) -> list[str]:
        """The branches in the repository."""
        form = "--format=%(refname:short)"
        return _git(self.remote, "for-each-ref", form, "refs/heads").split()

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[int, Any]:
        """The code and the document for a request."""
        for end, (code, message) in self.refusals.items():
            if path.endswith(end):
                return code, {"message": message}
        if path == ROOT:
            return 200, self.repository
        if path == f"{ROOT}/actions/workflows/ciforge.yml":
            return (200, self.workflow) if self.workflow else (404, {"message": "Not Found"})
        if path == f"{ROOT}/actions/workflows/ciforge.yml/dispatches" and method == "POST":
            return self._dispatched(body)
        if path == f"{ROOT}/actions/runs":
            found = [run for run in self.runs if run.branch == query["branch"]]
            return 200, {"total_count": len(found), "workflow_runs": [*map(self._run, found)][::-1]}
        if found := re.fullmatch(rf"{ROOT}/check-runs/(\d+)/annotations", path):
            return 200, self._annotations(int(found[1]))
        found = re.fullmatch(
            rf"{ROOT}/actions/runs/(\d+)(/cancel|/attempts/1/jobs|/artifacts)?", path
        )
        if not found:
            return 404, {"message": "Not Found"}
        run = next(run for run in self.runs if run.number == int(found[1]))
        if found[2] == "/cancel":
            run.cancelled = True
            return 202, {}
        if found[2] is None:
            run.looks += not self.stays
            return 200, self._run(run)
        if found[2] == "/artifacts":
            return 200, {"artifacts": [*self._artifacts(run)]}
        return 200, {"jobs": [*self._jobs(run)]}

    def _dispatched(self, body: Any) -> tuple[int, Any]:
        if body["ref"] not in self.branches():
            return 422, {"message": f"No ref found for: {body['ref']}"}
        commit = _git(self.remote, "rev-parse", f"refs/heads/{body['ref']}").strip()
        run = HostedRun(len(self.runs) + 1, body["ref"], commit, {}, self.patience)
        self.runs.append(run)
        work = threading.Thread(target=self._work, args=(run, body["inputs"]["job"].split()))
        work.start()
        if not self.background:
            work.join()
        return 204, None

    def _work(self, run: HostedRun, jobs: Sequence[str]) -> None:
        run.jobs = self.runner(run.commit, jobs)

    def _run(self, run: HostedRun) -> dict[str, Any]:
        return {
            "id": run.number, "head_branch": run.branch, "head_sha": run.commit, "run_attempt": 1,
            "path": ".github/workflows/ciforge.yml", "event": "workflow_dispatch",
            "status": "completed" if run.over else "in_progress",
            "conclusion": (self.conclusion or run.conclusion) if run.over else None,
            "run_started_at": _now(), "updated_at": _now(), "html_url": f"{self.page}{run.number}",
        }  # fmt: skip

    def _jobs(self, run: HostedRun) -> Iterator[dict[str, Any]]:
        """Jobs begin with the second look at their run, and end one after the other."""
        done = {"name": "choose jobs", "status": "completed", "conclusion": "success", "steps": []}
        yield {"id": run.number * 100 + 99, "started_at": _now(), **done}
        for place, (name, end) in enumerate(run.jobs.items()):
            over = run.over or run.looks > 1 + place
            conclusion = "cancelled" if run.cancelled else end.conclusion
            yield {
                "id": run.number * 100 + place, "name": name, "started_at": "2026-11-01T00:00:00Z",
                "status": "completed" if over else "in_progress" if run.looks else "queued",
                "conclusion": conclusion if over else None,
                "steps": [{"name": "build", "status": "in_progress", "conclusion": None}] * bool(run.looks),
            }  # fmt: skip

    def _artifacts(self, run: HostedRun) -> Iterator[dict[str, Any]]:
        for place, (name, end) in enumerate(run.jobs.items()):
            if end.archive is not None and not run.cancelled:
                yield {
                    "id": run.number * 100 + place, "name": name.replace("/", ","), "expired": False,
                    "size_in_bytes": len(end.archive), "created_at": "2026-11-01T00:00:01Z",
                }  # fmt: skip

    def _annotations(self, number: int) -> list[dict[str, Any]]:
        remark = self.end(number).remark
        return [{"annotation_level": "failure", "message": remark}] if remark else []

    def end(self, number: int) -> JobEnd:
        """The job of a check run or of an artifact."""
        run = next(run for run in self.runs if run.number == number // 100)
        return list(run.jobs.values())[number % 100]


FORGEJO = "/api/v1/repos/example/hello"


@attrs.define
class ForgejoService(Service):
    """Forgejo 16: statuses are conclusions, lists are arrays, and a run has all jobs of its workflow."""

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[int, Any]:
        for end, (code, message) in self.refusals.items():
            if path.endswith(end):
                return code, {"message": message}
        if path == FORGEJO:
            return 200, self.repository
        if path == f"{FORGEJO}/actions/workflows/ciforge.yml/dispatches" and method == "POST":
            return self._started(body)
        if path == f"{FORGEJO}/actions/runs":
            return 200, {
                "total_count": len(self.runs),
                "workflow_runs": [*map(self._run, self.runs)],
            }
        found = re.fullmatch(rf"{FORGEJO}/actions/runs/(\d+)(/cancel|/jobs|/artifacts)?", path)
        if not found:
            return 404, {"message": "The target couldn't be found."}
        run = next(run for run in self.runs if run.number == int(found[1]))
        if found[2] == "/cancel":
            run.cancelled = True
            return 204, None
        if found[2] is None:
            run.looks += not self.stays
            return 200, self._run(run)
        if found[2] == "/artifacts":
            return 200, [*self._artifacts(run)] if query["page"] == "1" else []
        return 200, [self._plain(job) for job in self._jobs(run)]

    def _started(self, body: Any) -> tuple[int, Any]:
        if body["ref"] not in self.branches():
            return 404, {"message": "ref does not exist"}
        text = _git(self.remote, "show", f"{body['ref']}:.forgejo/workflows/ciforge.yml")
        jobs = re.findall(r'"job": "([^"]+)".*"may_fail"', text)
        self._dispatched({"ref": body["ref"], "inputs": {"job": " ".join(jobs)}})
        run = self.runs[-1]
        return 201, {"id": run.number, "run_number": run.number, "jobs": jobs}

    def _run(self, run: HostedRun) -> dict[str, Any]:
        return {
            "id": run.number, "index_in_repo": run.number, "prettyref": run.branch,
            "commit_sha": run.commit, "workflow_id": "ciforge.yml", "event": "workflow_dispatch",
            "status": (self.conclusion or run.conclusion) if run.over else "running",
            "started": _now(), "stopped": _now(), "html_url": f"{self.page}{run.number}",
        }  # fmt: skip

    def _plain(self, job: Mapping[str, Any]) -> dict[str, Any]:
        waits = {"queued": "waiting", "in_progress": "running"}
        status = job["conclusion"] or waits[job["status"]]
        return {"id": job["id"], "name": job["name"], "status": status, "attempt": 1}


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _git(place: Path, *words: str) -> str:
    command = ["git", "-C", str(place), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def dispatching(service: Service) -> Iterator[Service]:
    """The service at a port of loopback."""
    lock = threading.Lock()
    with loopback_server(_Handler, service=service, lock=lock) as service.address:
        yield service


class _Handler(BaseHTTPRequestHandler):
    service: Service
    lock: Any
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._do("GET")

    def do_POST(self) -> None:
        self._do("POST")

    def _do(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts, service = urlsplit(self.path), self.service
        with self.lock:
            number = len(service.asked)
            service.asked.append(f"{method} {parts.path}")
            service.tokens.add(self.headers.get("Authorization", ""))
            service.on_request(number, f"{method} {parts.path}")
            if number in service.limited:
                self._give(
                    403, json.dumps({"message": "slow down"}).encode(), service.limited[number]
                )
                return
            if found := re.fullmatch(r"/.*/actions/artifacts/(\d+)/zip", parts.path):
                code, data = 200, service.end(int(found[1])).archive or b""
            else:
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                document = json.loads(body) if body else None
                code, answer = service.answer(method, parts.path, query, document)
                data = (
                    answer
                    if isinstance(answer, bytes)
                    else b""
                    if answer is None
                    else json.dumps(answer).encode()
                )
            if number in service.cut:
                self.close_connection = True
                self.connection.close()
                return
            self._give(code, data, {})

    def _give(self, code: int, data: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
