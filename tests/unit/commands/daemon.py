"""A Docker daemon that holds containers, images and volumes in memory, and speaks by its socket."""

import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs

from ciforge.run.clock import stamp

Thing = dict[str, Any]
GIB = 1024**3


@attrs.define
class Daemon:
    """What it holds, and what it was told to remove."""

    containers: list[Thing] = attrs.field(factory=list)
    images: list[Thing] = attrs.field(factory=list)
    volumes: list[Thing] = attrs.field(factory=list)
    info: Thing = attrs.field(factory=dict)
    components: list[str] = attrs.field(factory=list)
    """Their names: an engine lists what it consists of."""
    built_upon: set[str] = attrs.field(factory=set)
    """Images that cannot go before another one, volumes that a box uses."""
    removed: list[str] = attrs.field(factory=list)
    cached: int = -1
    """Bytes of each volume; -1 if it is not known, as Docker says it."""

    def box(self, id_: str, created: float, **labels: str) -> None:
        marks = {f"org.ciforge.{key}": value for key, value in labels.items()}
        self.containers.append(
            {"Id": id_ * 8, "Created": created, "Labels": marks | {"org.ciforge.box": "1"},
             "ImageID": "sha256:used", "Command": "sleep 7800", "State": "running"}
        )  # fmt: skip

    def image(self, name: str, created: float, id_: str = "") -> None:
        marks = {"org.ciforge.image": "dependencies"}
        self.images.append(
            {"Id": id_ or f"sha256:{name}", "Created": created, "Labels": marks, "RepoTags": [name],
             "Size": 400 * 1024**2}
        )  # fmt: skip

    def cache(self, name: str, project: str, trust: str = "branch") -> None:
        marks = {"ccache": project, "trust": trust, "job": "daemon/debian-13/default"}
        self.volumes.append(
            {
                "Name": name,
                "CreatedAt": "2026-01-02T03:04:05Z",
                "Labels": {f"org.ciforge.{key}": value for key, value in marks.items()},
            }
        )

    def get(self, path: str, filters: dict[str, list[str]]) -> Any:
        labels, states = filters.get("label", []), filters.get("status", [])
        if path == "/version":
            parts = [{"Name": name} for name in self.components]
            known = {"Version": "20.10", "ApiVersion": "1.41", "Os": "linux", "Arch": "amd64"}
            return known | {"Components": parts}
        if path == "/info":
            return _HEALTHY | {"SystemTime": stamp()} | self.info
        kinds = {"/containers/json": self.containers, "/images/json": self.images}
        if path == "/system/df":
            return {"Volumes": [one | {"UsageData": {"Size": self.cached}} for one in self.volumes]}
        if path == "/volumes":
            return {"Volumes": [one for one in self.volumes if _has(one, labels)]}
        found = [one for one in kinds.get(path, []) if _has(one, labels)]
        there = [one for one in found if not states or one["State"] in states]
        return there if path in kinds else None

    def remove(self, name: str) -> bool:
        if name in self.built_upon:
            return False
        self.removed.append(name)
        return True


_HEALTHY = {
    "Driver": "overlay2", "CgroupVersion": "2", "MemoryLimit": True, "PidsLimit": True, "NCPU": 4,
    "MemTotal": 8 * GIB, "DockerRootDir": "/",
}  # fmt: skip


def _has(thing: Thing, labels: list[str]) -> bool:
    wanted = (label.partition("=") for label in labels)
    marks = thing["Labels"]
    return all(
        key in marks and (not equals or marks[key] == value) for key, equals, value in wanted
    )


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    daemon: Daemon

    def do_GET(self) -> None:
        path, query = self._asked()
        if path == "/_ping":
            self._say(200, "OK")
            return
        filters = json.loads(query.get("filters", ["{}"])[0])
        answer = self.daemon.get(path, filters)
        self._say(404 if answer is None else 200, {"message": "no"} if answer is None else answer)

    def do_HEAD(self) -> None:
        self._say(200, "")

    def do_DELETE(self) -> None:
        _, kind, name = self._asked()[0].split("/", 2)
        done = self.daemon.remove(name)
        gone = 200 if kind == "images" else 204
        self._say(gone if done else 409, [] if done else {"message": "it is used"})

    def do_POST(self) -> None:
        self._say(204, "")

    def _asked(self) -> tuple[str, dict[str, list[str]]]:
        url = urlsplit(self.path)
        return re.sub(r"^/v[0-9.]+", "", url.path), parse_qs(url.query)

    def _say(self, code: int, what: Any) -> None:
        body = (
            b"" if code == 204 else (what if isinstance(what, str) else json.dumps(what)).encode()
        )
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Api-Version", "1.41")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "here"

    def log_message(self, *_: object) -> None:
        return


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@contextmanager
def serving(daemon: Daemon, socket: Path) -> Iterator[str]:
    """The DOCKER_HOST at which it answers until the block ends."""
    handler: Callable[..., Any] = type("Answers", (_Answers,), {"daemon": daemon})
    with _Server(str(socket), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"unix://{socket}"
        finally:
            server.shutdown()
            thread.join()
