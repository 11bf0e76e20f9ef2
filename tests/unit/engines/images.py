"""An engine that has images, pulls nothing, imports and builds; and a clock to be set."""

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

import attrs
from docker.errors import ImageNotFound

NOW = 1_800_000_000.0
DAY = 86400


def when(days: float) -> str:
    """A time so many days ago, as the engine writes it."""
    moment = datetime.datetime.fromtimestamp(NOW - days * DAY - 1, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")


@attrs.define
class Images:
    """The client and the connection at once."""

    there: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    imported: list[str] = attrs.field(factory=list)
    built: list[str] = attrs.field(factory=list)
    trouble: dict[str, Any] = attrs.field(factory=dict)
    """What a build that installs packages ends with."""
    is_podman: bool = False
    words: list[dict[str, object]] = attrs.field(factory=list)
    """How each build was asked for."""

    _numbers: Iterator[int] = attrs.field(factory=itertools.count, init=False)

    def client(self) -> "Images":
        return self

    quick = brief = slow = client

    def check(self) -> None:
        """It is there."""

    def add(self, name: str, days: float = 0, **labels: str) -> str:
        """An image of that age; its id."""
        self.there[name] = {
            "Id": f"sha256:{next(self._numbers)}-{name}", "Os": "linux", "Architecture": "amd64",
            "Created": when(days), "Config": {"Labels": labels},
        }  # fmt: skip
        return str(self.there[name]["Id"])

    def inspect_image(self, name: str) -> dict[str, Any]:
        if name not in self.there:
            raise ImageNotFound("no such image")
        return self.there[name]

    def pull(self, name: str, **_: object) -> Iterator[dict[str, Any]]:
        yield {"error": "no such host"}

    def _url(self, path: str) -> str:
        return path

    def post(self, url: str, *, data: Any, params: Any, **_: object) -> "Images":
        self.imported.append(data.read().decode())
        self.add(f"{params['repo']}:{params['tag']}")
        return self

    def raise_for_status(self) -> None:
        """Nothing went wrong."""

    def build(self, *, fileobj: Any, labels: dict[str, str], **words: object) -> Iterator[Any]:
        text = fileobj.read().decode(errors="replace")
        self.built.append(text)
        self.words.append(words)
        if "install" in text and self.trouble:
            yield self.trouble
            return
        yield {"aux": {"ID": self.add(f"built-{len(self.built)}", **labels)}}

    def tag(self, image: str, name: str, key: str) -> None:
        found = next(one for one in self.there.values() if one["Id"] == image)
        self.there[f"{name}:{key}"] = found

    def create_container(self, *_: object, **__: object) -> dict[str, str]:
        return {"Id": "1"}

    def create_host_config(self, **words: object) -> dict[str, object]:
        return words

    def _nothing(self, *_: object, **__: object) -> None:
        """Done."""

    start = wait = remove_container = _nothing

    def logs(self, *_: object, **__: object) -> bytes:
        return b"gcc 1\n"
