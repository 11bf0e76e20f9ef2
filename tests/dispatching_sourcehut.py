"""builds.sr.ht's API in GraphQL, on loopback, with a real git repository behind it.

The answers have the fields of its schema: docs.sourcehut.org/builds.sr.ht. A build clones the commit that its
manifest names, files of a build are kept only if it passed, and a task that fails prints the result of its job.
"""

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import yaml

from tests.dispatching import HostedRun, Service, _git

FIELDS = frozenset(
    [
        "query",
        "mutation",
        "me",
        "version",
        "major",
        "jobs",
        "job",
        "submit",
        "cancel",
        "results",
        "cursor",
        "id",
        "status",
        "note",
        "manifest",
        "tags",
        "secrets",
        "execute",
        "created",
        "updated",
        "tasks",
        "name",
        "log",
        "fullURL",
        "artifacts",
        "path",
        "size",
        "url",
        "jobId",
        "true",
        "false",
        "Int",
        "String",
        "Cursor",
    ]
)
"""Words of the schema that a request may have."""
_STATUS = {
    "success": "SUCCESS",
    "failure": "FAILED",
    "cancelled": "CANCELLED",
    "timed_out": "TIMEOUT",
}


@attrs.define
class SourcehutService(Service):
    """builds.sr.ht; `refusals` has operations to messages of GraphQL, with code 200."""

    manifests: dict[int, str] = attrs.field(factory=dict)
    notes: dict[int, str] = attrs.field(factory=dict)
    printed: dict[str, bytes] = attrs.field(factory=dict)
    """Jobs to what their failed task printed, instead of what their artifact has."""

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[int, Any]:
        if found := re.fullmatch(r"/log/(\d+)/(\w+)", path):
            return 200, self._log(int(found[1]), found[2])
        if found := re.fullmatch(r"/artifact/(\d+)", path):
            return 200, _tar(self._end(int(found[1])).archive or b"")
        if method != "POST" or path != "/query":
            return 404, {"message": "Not Found"}
        unknown = set(re.findall(r"[A-Za-z]\w*", re.sub(r"\$\w+", "", body["query"]))) - FIELDS
        if unknown:
            return 422, {"errors": [{"message": f"Cannot query field {sorted(unknown)[0]}"}]}
        operation = body["query"].split()[1].partition("(")[0]
        if operation in self.refusals:
            code, message = self.refusals[operation]
            return code, {"data": None, "errors": [{"message": message}]}
        return 200, {"data": self._data(operation, body["variables"], body["query"])}

    def _data(self, operation: str, given: Mapping[str, Any], text: str) -> Mapping[str, Any]:
        if operation == "me":
            return {"version": {"major": 0}, "jobs": {"cursor": None}}
        if operation == "jobs":
            at = int(given["cursor"] or 0)
            newest = self.runs[::-1]
            more = str(at + 25) if len(newest) > at + 25 else None
            listed = [self._build(run) for run in newest[at : at + 25]]
            return {"jobs": {"results": listed, "cursor": more}}
        if operation == "submit":
            assert "secrets: false" in text
            return {"submit": {"id": self._submitted(given)}}
        run = next(run for run in self.runs if run.number == given["id"])
        if operation == "cancel":
            run.cancelled = True
            return {"cancel": {"id": run.number}}
        run.looks += not self.stays
        return {"job": self._build(run)}

    def _submitted(self, given: Mapping[str, Any]) -> int:
        manifest = yaml.safe_load(given["manifest"])
        address, _, commit = manifest["sources"][0].partition("#")
        assert address == "https://git.sr.ht/~example/hello"
        assert _git(self.remote, "cat-file", "-t", commit).strip() == "commit"
        self._dispatched_commit(commit, manifest["environment"]["CIFORGE_JOB"])
        number = self.runs[-1].number
        self.manifests[number], self.notes[number] = given["manifest"], given["note"]
        return number

    def _dispatched_commit(self, commit: str, job: str) -> None:
        (branch,) = [name for name in self.branches() if name.startswith("ciforge/try/")]
        assert _git(self.remote, "rev-parse", f"refs/heads/{branch}").strip() == commit
        self._dispatched({"ref": branch, "inputs": {"job": job}})

    def _end(self, number: int) -> Any:
        run = next(run for run in self.runs if run.number == number)
        return next(iter(run.jobs.values()))

    def _build(self, run: HostedRun) -> dict[str, Any]:
        status = "RUNNING" if run.looks else "QUEUED"
        if run.over:
            own = "cancelled" if run.cancelled else self._end(run.number).conclusion
            status = _STATUS[self.conclusion or own]
        kept = [*self._kept(run)] if status == "SUCCESS" else []
        tasks = [*self._tasks(run, status)]
        return {
            "id": run.number, "status": status, "note": self.notes.get(run.number, ""),
            "manifest": self.manifests.get(run.number, ""), "created": "2026-11-01T00:00:00Z",
            "updated": "2026-11-01T00:00:00Z", "tasks": tasks, "artifacts": kept,
        }  # fmt: skip

    def _kept(self, run: HostedRun) -> Iterator[dict[str, Any]]:
        data = self._end(run.number).archive
        if data is not None:
            url = f"{self.address}/artifact/{run.number}"
            path = "ciforge-result.tar.gz"
            yield {"id": run.number, "path": path, "size": len(_tar(data)), "url": url}

    def _tasks(self, run: HostedRun, status: str) -> Iterator[dict[str, Any]]:
        url = f"{self.address}/log/{run.number}"
        begun = "PENDING" if status == "QUEUED" else "RUNNING" if status == "RUNNING" else "SUCCESS"
        yield {"name": "unpack", "status": begun, "log": {"fullURL": f"{url}/unpack"}}
        ends = {"SUCCESS": "SUCCESS", "FAILED": "FAILED"}
        yield {
            "name": "build", "status": ends.get(status, "PENDING"),
            "log": {"fullURL": f"{url}/build"} if status in ends else None,
        }  # fmt: skip

    def _log(self, number: int, task: str) -> bytes:
        """The log of a task; that of one that fails ends with the result."""
        job = self.notes[number].split()[2]
        data = self._end(number).archive
        if task != "unpack" and job in self.printed:
            return self.printed[job]
        if task == "unpack" or data is None:
            return b"+ sh task.sh\n"
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            found = json.loads(packed.read("result.json"))
            printed = json.dumps({"v": found.pop("v"), **found}, indent=1) + "\n"
            return packed.read("log.txt") + printed.encode()


def _tar(archive: bytes) -> bytes:
    """The files of a zip archive, as `tar -czf` packs a folder."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as packed,
        tarfile.open(fileobj=target, mode="w:gz") as made,
    ):
        for name in packed.namelist():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(packed.read(name))
            made.addfile(info, io.BytesIO(packed.read(name)))
    return target.getvalue()
