"""Base images: from the local engine, else from their registry, else made from the package mirror."""

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from docker.errors import ImageNotFound

from ciforge.engines import labels
from ciforge.engines.base import Hear, Stop
from ciforge.engines.connect import Client, Connection, last_line, translated
from ciforge.engines.foreign_image import load
from ciforge.engines.patience import heeding
from ciforge.errors import EngineError, EngineLost
from ciforge.model.distro import Bootstrap
from ciforge.model.job import Job
from ciforge.model.platform import Platform
from ciforge.private import shared_umask

_OWN = "ciforge/base"
"""Bootstrapped images have a name of our own, never a public one."""
_PULL_SECONDS = 1800
_ERROR = (b"E: ", b"Err:", b"error: ")
"""How programs that make base images begin a line that says what is wrong."""


@attrs.frozen
class BaseImage:
    """A base image that the engine has."""

    name: str
    id: str


def base_image(
    connection: Connection, job: Job, override: str, scratch: Path, hear: Hear, stop: Stop
) -> BaseImage:
    """The image that the job's Dockerfile begins with; `override` is another one's name.

    Raises EngineError where it is not to be had, saying every way that was tried.
    """
    client = connection.client()
    name = override or job.release.image
    own = f"{_OWN}/{job.release_id.lower()}:{job.platform.arch}"
    for candidate in [override] if override else [name, own]:
        found = find(client, candidate, job.platform)
        if found:
            return BaseImage(candidate, found["Id"])
    stop.check()
    pulled, trouble = _pull(connection, name, job.platform, hear, stop)
    if pulled:
        return BaseImage(name, pulled["Id"])
    bootstrap = job.distribution.bootstrap
    if override or bootstrap is None or str(job.platform) not in bootstrap.architectures:
        raise EngineError(f"no base image {name}: {trouble}", hint=_pull_hint(job))
    hear(f"{name} cannot be pulled ({trouble}); making {own} from the mirror\n".encode())
    _bootstrap(client, job, bootstrap, own, scratch, hear, stop)
    made = find(client, own, job.platform)
    if made is None:
        raise EngineError(f"{own} was made, but the engine does not have it for {job.platform}")
    return BaseImage(own, made["Id"])


def find(client: Client, name: str, platform: Platform) -> dict[str, Any] | None:
    """A local image, if it is for that platform: an engine would use another one without a word."""
    try:
        with translated(f"looking for the image {name}"):
            found: dict[str, Any] = client.inspect_image(name)
    except EngineError as error:
        if isinstance(error.__cause__, ImageNotFound):
            return None
        raise
    here = Platform(found.get("Os", ""), found.get("Architecture", ""), found.get("Variant", ""))
    return found if _same(here, platform) else None


def _same(here: Platform, wanted: Platform) -> bool:
    """Whether an image fits; images of 64-bit arm say `v8` or nothing."""
    if (here.os, here.cpu) != (wanted.os, wanted.cpu):
        return False
    return wanted.cpu != "arm" or not here.version or here.version == wanted.version


def _pull(
    connection: Connection, name: str, platform: Platform, hear: Hear, stop: Stop
) -> tuple[dict[str, Any] | None, str]:
    """The image after a pull, or what the registry said."""
    hear(f"pulling {name} for {platform}\n".encode())
    try:
        for line in heeding(stop, _pulling(connection, name, platform), connection.check):
            if "error" in line:
                return None, str(line["error"]).splitlines()[-1]
    except EngineLost as error:
        return None, last_line(error.__cause__ or error)
    found = find(connection.client(), name, platform)
    return found, "" if found else f"there is none for {platform}"


def _pulling(connection: Connection, name: str, platform: Platform) -> Iterator[dict[str, Any]]:
    """What the daemon says; it may take its time even to begin."""
    yield from connection.slow().pull(name, platform=str(platform), stream=True, decode=True)


def _pull_hint(job: Job) -> str:
    return (
        f"load one (`docker load`, `docker import`) as {job.release.image}, "
        f"or name another by {base_variable(job.release_id)}=IMAGE"
    )


def base_variable(release_id: str) -> str:
    """The variable that names another base image: `CIFORGE_BASE_DEBIAN_13`."""
    letters = (letter if letter.isalnum() else "_" for letter in release_id.upper())
    return "CIFORGE_BASE_" + "".join(letters)


def _bootstrap(
    client: Client, job: Job, bootstrap: Bootstrap, own: str, scratch: Path, hear: Hear, stop: Stop
) -> None:
    """Runs the descriptor's command and imports the tar file that it writes."""
    if shutil.which(bootstrap.program) is None:
        raise EngineError(
            f"no base image for {job.release_id}: its registry does not answer, "
            f"and {bootstrap.program} is not here to make one",
            hint=bootstrap.hint,
        )
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        archive = Path(folder, "base.tar")
        words = {
            "{suite}": job.release.suite or job.release.codename,
            "{arch}": bootstrap.architectures[str(job.platform)],
            "{archive}": str(archive),
        }
        command = [_replace(word, words) for word in shlex.split(bootstrap.command)]
        for chunk in _output(command, stop):
            hear(chunk)
        _import(client, archive, own, job.platform)
        if find(client, own, job.platform) is None:
            hear(f"the engine took {own} for its own processor; loading it anew\n".encode())
            load(client, archive, own, job.platform, {labels.BASE: own})


def _replace(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _output(command: list[str], stop: Stop) -> Iterator[bytes]:
    """A program's output, line by line; it ends when somebody asks to stop.

    Raises EngineError when it fails, with the first of its lines that names an error.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        umask=shared_umask(),
    ) as process:
        assert process.stdout is not None
        said = b""
        try:
            for line in heeding(stop, process.stdout, lambda: None):
                if line.strip() and not said.startswith(_ERROR):
                    said = line.strip()
                yield line
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise EngineError(f"{command[0]} failed: {said.decode(errors='replace')}")


def _import(client: Client, archive: Path, own: str, platform: Platform) -> None:
    name, _, tag = own.rpartition(":")
    params = {"fromSrc": "-", "repo": name, "tag": tag, "platform": str(platform)}
    changes = [f"LABEL {labels.BASE}={own}"]
    url = client._url("/images/create")
    with archive.open("rb") as data, translated(f"importing {own}"):
        answer = client.post(
            url, data=data, params={**params, "changes": changes}, timeout=_PULL_SECONDS,
            headers={"Content-Type": "application/tar"},
        )  # fmt: skip
        answer.raise_for_status()
