"""Dependency images: the base, packages and users of a job, built once for all jobs that need the same."""

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

from docker.types import Ulimit

from ciforge.engines import labels
from ciforge.engines.base_image import BaseImage
from ciforge.engines.build_output import BuildOutput
from ciforge.engines.client import Client, Connection, translated
from ciforge.engines.interruptible import interruptible
from ciforge.engines.limits import ulimits
from ciforge.engines.local_image import days_over, find
from ciforge.engines.named_locks import NamedLocks
from ciforge.engines.preparation_failure import preparation_failure
from ciforge.engines.protocol import Image, OutOfTime, OutputHandler, Stop, Stopped
from ciforge.engines.sweep import remove_build
from ciforge.errors import EngineError
from ciforge.model.distro import Manager
from ciforge.model.job import Job

_FORMAT = "2"
"""Increased when the content of an image changes although its Dockerfile does not."""
_REPOSITORY = "ciforge/deps"
_VERSIONS = 600
"""Seconds for the list of installed packages, which is long on a busy disk."""
_SETTLE = 5.0
"""Seconds that the daemon has to end an abandoned build."""
_RUNTIME = re.compile(r"while running runtime: exit status (\d+)")
"""The end of buildah's error when a command failed (buildah builds for podman)."""
_UNSTARTED = re.compile(r"^error running container: (.{1,300})", re.MULTILINE)
"""Buildah's words when the runtime cannot start a container; the error looks like that of a command."""
_MOST_OUTPUT = 256 * 1024
"""Bytes of the build's output that are searched for the cause of a failure."""


def image_key(job: Job, dockerfile: str, base: BaseImage, bucket: str) -> str:
    """A hash of everything that goes into the image; `bucket` is a period of time for rolling releases."""
    when = bucket if job.release.rolling else ""
    # The command that asks for the versions decides what the image's label says of them.
    parts = (_FORMAT, dockerfile, base.id, str(job.platform), job.manager.versions, when)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class DependencyImages:
    """Finds or builds images; several jobs that need the same image build it once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locks = NamedLocks()
        self._kept_old: set[str] = set()
        """Old images that could not be rebuilt: they are tried once per run."""

    def get(
        self,
        job: Job,
        dockerfile: str,
        base: BaseImage,
        bucket: str,
        on_output: OutputHandler,
        stop: Stop,
    ) -> Image:
        """The image. Raises PrepareFailed if the job is at fault, else EngineError."""
        key = image_key(job, dockerfile, base, bucket)
        tag = f"{_REPOSITORY}:{key}"
        with self._locks.of(key):
            stop.check()
            client = self._connection.client()
            found = find(client, tag, job.platform)
            if found and (tag in self._kept_old or not days_over(found, time.time())):
                on_output(f"using {tag}, with the packages of {job.release_id}\n".encode())
                return _image(found, base, fresh=False)
            if found:
                return self._again(job, dockerfile, base, tag, found, on_output, stop)
            built = _build(self._connection, job, dockerfile, base, tag, on_output, stop)
            return _image(built, base, fresh=True)

    def existing(
        self, job: Job, dockerfile: str, base: BaseImage, bucket: str, now: float
    ) -> Image | None:
        """The image that `get` would return without a build; None if it would build one."""
        tag = f"{_REPOSITORY}:{image_key(job, dockerfile, base, bucket)}"
        found = find(self._connection.client(), tag, job.platform)
        return _image(found, base, fresh=False) if found and not days_over(found, now) else None

    def _again(
        self,
        job: Job,
        dockerfile: str,
        base: BaseImage,
        tag: str,
        old: Mapping[str, Any],
        on_output: OutputHandler,
        stop: Stop,
    ) -> Image:
        """Rebuilds an image that is too old; returns the old one if the engine or a mirror fails.

        Raises PrepareFailed if the job is at fault: a package that the release no longer has.
        """
        days = days_over(old, time.time())
        on_output(f"{tag} is {days} days old: building it again\n".encode())
        try:
            built = _build(self._connection, job, dockerfile, base, tag, on_output, stop)
        except EngineError as error:
            self._kept_old.add(tag)
            on_output(f"{tag} cannot be built again ({error}): using the old image\n".encode())
            return _image(old, base, fresh=False)
        return _image(built, base, fresh=True)


def _image(found: Mapping[str, Any], base: BaseImage, *, fresh: bool) -> Image:
    image_labels = (found.get("Config") or {}).get("Labels") or {}
    packages = json.loads(image_labels.get(labels.PACKAGES, "{}"))
    return Image(id=found["Id"], base=f"{base.name}@{base.id}", packages=packages, fresh=fresh)


def _build(
    connection: Connection,
    job: Job,
    dockerfile: str,
    base: BaseImage,
    tag: str,
    on_output: OutputHandler,
    stop: Stop,
) -> dict[str, Any]:
    """Builds, reads the versions of what was installed, and gives the image its name."""
    half = {labels.IMAGE: "half"}
    image = run_build(connection, job, _dated(dockerfile), {"BASE": base.id}, half, on_output, stop)
    client = connection.client()
    limits = ulimits(is_podman=connection.is_podman)
    versions = _versions(client, image, job.manager, limits)
    whole = {labels.IMAGE: "dependencies", labels.BASE: base.name, labels.PACKAGES: versions}
    image = run_build(connection, job, f"FROM {image}\n", {}, whole, lambda _: None, stop)
    name, _, key = tag.rpartition(":")
    with translated(f"naming the image {tag}"):
        client.tag(image, name, key)
        found: dict[str, Any] = client.inspect_image(tag)
    return found


def _dated(dockerfile: str) -> str:
    """The Dockerfile with the day as a label, so that the daemon's cache of layers lasts for a day.

    That cache knows commands and not what a mirror answers: it would give back old packages. Stages
    before the last one are pinned, and last.
    """
    day = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    *_, last = re.finditer(r"(?m)^FROM .*\n", dockerfile)
    end = last.end()
    return f"{dockerfile[:end]}LABEL {labels.CREATED}={day}\n{dockerfile[end:]}"


def run_build(
    connection: Connection,
    job: Job,
    dockerfile: str,
    arguments: Mapping[str, str],
    marks: Mapping[str, str],
    on_output: OutputHandler,
    stop: Stop,
    *,
    stage: str = "",
    files: Mapping[str, bytes] | None = None,
) -> str:
    """One build by the daemon, of the whole Dockerfile or up to the end of a stage; the image's id.

    `files` are what it can copy. Raises PrepareFailed if the job is at fault, else EngineError."""
    context = _context({"Dockerfile": dockerfile.encode(), **(files or {})})
    name, over = labels.builder(secrets.token_hex(4)), threading.Event()
    # podman ends a build with its connection, lists no container of it, and reads hosts as JSON.
    hosts = {} if connection.is_podman else {"extra_hosts": {name: labels.NOWHERE}}
    output = _messages(
        connection, over, fileobj=context, buildargs=dict(arguments), target=stage,
        labels=dict(marks), platform=str(job.platform), **hosts,
    )  # fmt: skip
    try:
        with translated(f"building the image of {job.id}"):
            image = _image_id(interruptible(stop, output, connection.check), job.manager, on_output)
    except (Stopped, OutOfTime):
        _end(connection, name, over)
        raise
    if not image:
        raise EngineError(f"the build of {job.id} ended without an image")
    return image


def _messages(
    connection: Connection, over: threading.Event, **how: object
) -> Iterator[dict[str, Any]]:
    """Messages of the daemon, whose first one may take long; `over` is set at the end."""
    try:
        yield from connection.slow().build(
            custom_context=True, decode=True, rm=True, forcerm=True, **how
        )
    finally:
        over.set()


def _image_id(
    messages: Iterable[Mapping[str, Any]], manager: Manager, on_output: OutputHandler
) -> str:
    """The id of the built image, or nothing. Raises PrepareFailed, EngineError."""
    image, output, lines = "", bytearray(), BuildOutput()
    for message in messages:
        text = lines.add(str(message.get("stream", "")))
        if "error" in message:
            text += lines.rest()
        on_output(text)
        output += text
        del output[:-_MOST_OUTPUT]
        if "error" in message:
            raise _failure(message, output.decode(errors="replace"), manager)
        image = str((message.get("aux") or {}).get("ID", "")) or image
    on_output(lines.rest())
    return image


def _end(connection: Connection, name: str, over: threading.Event) -> None:
    """Ends an abandoned build by removing its container."""
    until = time.monotonic() + _SETTLE
    while not over.wait(0.05) and time.monotonic() < until:
        with suppress(EngineError):
            remove_build(connection.brief(), name)


def _context(files: Mapping[str, bytes]) -> io.BytesIO:
    """A build context with these files, the Dockerfile among them."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    file.seek(0)
    return file


def _failure(message: Mapping[str, Any], output: str, manager: Manager) -> Exception:
    """The error of a failed build: the fault of the mirror, the engine or the job."""
    error = str(message["error"])
    if unstarted := _UNSTARTED.search(output):
        return EngineError(f"no container of the build can be started: {unstarted[1]}")
    return preparation_failure(manager, output, error, _exit_code(message, error))


def _exit_code(message: Mapping[str, Any], error: str) -> int | None:
    """That of the command that failed; None where no command did. podman says it in a sentence alone."""
    code = (message.get("errorDetail") or {}).get("code")
    if isinstance(code, int):
        return code
    match = _RUNTIME.search(error)
    return int(match[1]) if match else None


def _versions(client: Client, image: str, manager: Manager, limits: list[Ulimit]) -> str:
    """Package names to versions, as JSON, read in the image; `{}` if it has none."""
    with translated("reading the versions of installed packages"):
        container = client.create_container(
            image, command=["sh", "-c", manager.versions], labels=labels.passing(2 * _VERSIONS),
            network_disabled=True, host_config=client.create_host_config(ulimits=limits),
        )["Id"]  # fmt: skip
        try:
            client.start(container)
            client.wait(container, timeout=_VERSIONS)
            text = client.logs(container, stdout=True, stderr=False).decode(errors="replace")
        finally:
            client.remove_container(container, force=True, v=True)
    return json.dumps(dict(_pairs(text)), sort_keys=True)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, _, version = line.strip().partition(" ")
        if name and version:
            yield name, version
