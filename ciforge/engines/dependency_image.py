"""Dependency images: the base, the packages and the users of a job, built once for all that need the same."""

import datetime
import hashlib
import io
import json
import re
import secrets
import tarfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ciforge.engines import labels
from ciforge.engines.base_image import BaseImage
from ciforge.engines.client import Client, Connection, translated
from ciforge.engines.interruptible import interruptible
from ciforge.engines.local_image import days_over, find
from ciforge.engines.named_locks import NamedLocks
from ciforge.engines.protocol import (
    EngineExhausted,
    Image,
    OutOfTime,
    OutputHandler,
    PrepareFailed,
    Stop,
    Stopped,
)
from ciforge.engines.sweep import remove_build
from ciforge.errors import EngineError
from ciforge.model.distro import Manager
from ciforge.model.job import Job
from ciforge.model.result import Limit

_FORMAT = "2"
"""Raised when what we put into an image changes without its Dockerfile changing."""
_REPOSITORY = "ciforge/deps"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What the classic builder puts around whatever comes on standard error."""
_SETTLE = 5.0
"""Seconds that the daemon has to end a build which is given up."""
_FULL = "No space left on device"
_MOST_OUTPUT = 256 * 1024
"""Bytes of the build's output that are searched for the cause of a failure."""


def image_key(job: Job, dockerfile: str, base: BaseImage, bucket: str) -> str:
    """A hash of all that goes into the image; `bucket` is a stretch of time for rolling releases."""
    when = bucket if job.release.rolling else ""
    # The command that asks for the versions decides what the image's label says of them.
    parts = (_FORMAT, dockerfile, base.id, str(job.platform), job.manager.versions, when)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class DependencyImages:
    """Finds or builds; several jobs that need the same image build it once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locks = NamedLocks()
        self._kept_old: set[str] = set()
        """Those that could not be made again: one attempt a run is enough."""

    def get(
        self,
        job: Job,
        dockerfile: str,
        base: BaseImage,
        bucket: str,
        hear: OutputHandler,
        stop: Stop,
    ) -> Image:
        """The image. Raises PrepareFailed where the job is to blame, else EngineError."""
        key = image_key(job, dockerfile, base, bucket)
        tag = f"{_REPOSITORY}:{key}"
        with self._locks.of(key):
            stop.check()
            client = self._connection.client()
            found = find(client, tag, job.platform)
            if found and (tag in self._kept_old or not days_over(found, time.time())):
                hear(f"{tag} is there, with the packages of {job.release_id}\n".encode())
                return _image(found, base, fresh=False)
            if found:
                return self._again(job, dockerfile, base, tag, found, hear, stop)
            built = _build(self._connection, job, dockerfile, base, tag, hear, stop)
            return _image(built, base, fresh=True)

    def _again(
        self,
        job: Job,
        dockerfile: str,
        base: BaseImage,
        tag: str,
        old: Mapping[str, Any],
        hear: OutputHandler,
        stop: Stop,
    ) -> Image:
        """A new image for one that is too old; the old one where nobody knows the source's part.

        Raises PrepareFailed where the job is to blame: a package that the release no longer has.
        """
        days = days_over(old, time.time())
        hear(f"{tag} is {days} days old: made again\n".encode())
        try:
            built = _build(self._connection, job, dockerfile, base, tag, hear, stop)
        except EngineError as error:
            self._kept_old.add(tag)
            hear(f"{tag} cannot be made again ({error}): the old image is used\n".encode())
            return _image(old, base, fresh=False)
        return _image(built, base, fresh=True)


def _image(found: Mapping[str, Any], base: BaseImage, *, fresh: bool) -> Image:
    known = (found.get("Config") or {}).get("Labels") or {}
    packages = json.loads(known.get(labels.PACKAGES, "{}"))
    return Image(id=found["Id"], base=f"{base.name}@{base.id}", packages=packages, fresh=fresh)


def _build(
    connection: Connection,
    job: Job,
    dockerfile: str,
    base: BaseImage,
    tag: str,
    hear: OutputHandler,
    stop: Stop,
) -> dict[str, Any]:
    """Builds, reads the versions of what was installed, and gives the image its name."""
    half = {labels.IMAGE: "half"}
    image = _run_build(connection, job, _dated(dockerfile), {"BASE": base.id}, half, hear, stop)
    client = connection.client()
    versions = _versions(client, image, job.manager)
    whole = {labels.IMAGE: "dependencies", labels.BASE: base.name, labels.PACKAGES: versions}
    image = _run_build(connection, job, f"FROM {image}\n", {}, whole, lambda _: None, stop)
    name, _, key = tag.rpartition(":")
    with translated(f"naming the image {tag}"):
        client.tag(image, name, key)
        found: dict[str, Any] = client.inspect_image(tag)
    return found


def _dated(dockerfile: str) -> str:
    """The Dockerfile with the day as a label, so that the daemon's cache of layers lasts for a day.

    That cache knows commands and not what a mirror answers: it would give back old packages.
    """
    day = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    return re.sub(r"(?m)^(FROM .*\n)", rf"\g<1>LABEL {labels.CREATED}={day}\n", dockerfile, count=1)


def _run_build(
    connection: Connection,
    job: Job,
    dockerfile: str,
    arguments: Mapping[str, str],
    marks: Mapping[str, str],
    hear: OutputHandler,
    stop: Stop,
) -> str:
    """One build by the daemon; the image's id."""
    name, over = labels.builder(secrets.token_hex(4)), threading.Event()
    output = _messages(
        connection, over, fileobj=_context(dockerfile), buildargs=dict(arguments),
        labels=dict(marks), platform=str(job.platform), extra_hosts={name: labels.NOWHERE},
    )  # fmt: skip
    try:
        with translated(f"building the image of {job.id}"):
            image = _image_id(interruptible(stop, output, connection.check), job.manager, hear)
    except (Stopped, OutOfTime):
        _end(connection, name, over)
        raise
    if not image:
        raise EngineError(f"the engine ended the build of {job.id} without an image")
    return image


def _messages(
    connection: Connection, over: threading.Event, **how: object
) -> Iterator[dict[str, Any]]:
    """What the daemon says, which may take its time even to begin; `over` is set at the end."""
    try:
        yield from connection.slow().build(
            custom_context=True, decode=True, rm=True, forcerm=True, **how
        )
    finally:
        over.set()


def _image_id(messages: Iterable[Mapping[str, Any]], manager: Manager, hear: OutputHandler) -> str:
    """The image that was built, if any. Raises PrepareFailed, EngineError."""
    image, heard = "", bytearray()
    for message in messages:
        text = str(message.get("stream", "")).encode(errors="replace")
        hear(text)
        heard += text
        del heard[:-_MOST_OUTPUT]
        if "error" in message:
            raise _failure(message, heard.decode(errors="replace"), manager)
        image = str((message.get("aux") or {}).get("ID", "")) or image
    return image


def _end(connection: Connection, name: str, over: threading.Event) -> None:
    """Ends a build that nobody waits for: it is over when the container is gone that it works in."""
    until = time.monotonic() + _SETTLE
    while not over.wait(0.05) and time.monotonic() < until:
        with suppress(EngineError):
            remove_build(connection.brief(), name)


def _context(dockerfile: str) -> io.BytesIO:
    """A build context that holds the Dockerfile alone."""
    data = dockerfile.encode()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    file.seek(0)
    return file


def _failure(message: Mapping[str, Any], heard: str, manager: Manager) -> Exception:
    """Whose fault a failed build is: the mirror's, the engine's or the job's."""
    detail = message.get("errorDetail") or {}
    code = detail.get("code")
    said, heard = str(message["error"]), _COLOUR.sub("", heard)
    dead = _first(manager.unreachable, f"{heard}\n{said}")
    if dead:
        return EngineError(f"the package mirror does not answer: {dead[0].strip()}")
    if _FULL in heard or _FULL in said:
        return EngineExhausted(
            "the image cannot be built: the disk of the engine is full", Limit.ENGINE_DISK
        )
    if not isinstance(code, int):
        return EngineError("the image cannot be built: " + said.partition("\n")[0])
    unknown = _first(manager.unknown_package, heard)
    if unknown:
        return PrepareFailed(f"there is no package {unknown['package']!r}", code)
    return PrepareFailed("a command of the Dockerfile failed", code)


def _first(patterns: Iterable[str], text: str) -> re.Match[str] | None:
    found = (re.search(pattern, text, re.MULTILINE) for pattern in patterns)
    return next(filter(None, found), None)


def _versions(client: Client, image: str, manager: Manager) -> str:
    """Package names to versions, as JSON, asked inside the image; `{}` where it does not say."""
    with translated("reading the versions of installed packages"):
        box = client.create_container(
            image, command=["sh", "-c", manager.versions], labels=labels.passing(120),
            network_disabled=True,
        )["Id"]  # fmt: skip
        try:
            client.start(box)
            client.wait(box, timeout=60)
            text = client.logs(box, stdout=True, stderr=False).decode(errors="replace")
        finally:
            client.remove_container(box, force=True, v=True)
    return json.dumps(dict(_pairs(text)), sort_keys=True)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, _, version = line.strip().partition(" ")
        if name and version:
            yield name, version
