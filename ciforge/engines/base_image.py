"""Base images: from the local engine, else from their registry, else made from the package mirror."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ciforge.engines.bootstrap import base_name, bootstrap_image
from ciforge.engines.client import Connection, last_line
from ciforge.engines.interruptible import interruptible
from ciforge.engines.local_image import days_over, find
from ciforge.engines.protocol import OutputHandler, Stop
from ciforge.errors import EngineError, EngineLost
from ciforge.model.job import Job
from ciforge.model.platform import Platform


@attrs.frozen
class BaseImage:
    """A base image that the engine has."""

    name: str
    id: str
    days: int = 0
    """Its age, where it is too old and could not be made again."""


def base_image(
    connection: Connection,
    job: Job,
    override: str,
    scratch: Path,
    on_output: OutputHandler,
    stop: Stop,
    now: float,
) -> BaseImage:
    """The image that the job's Dockerfile begins with; `override` is another one's name.

    One that ciforge made is made again when it is too old, and used as it is where that fails.
    Raises EngineError where there is none, naming every way that was tried.
    """
    if existing := existing_base(connection, job, override, now):
        return existing
    own = base_name(job)
    old = None if override else find(connection.client(), own, job.platform)
    if not old:
        return _new_base(connection, job, override, scratch, on_output, stop)
    days = days_over(old, now)
    on_output(f"{own} is {days} days old: building it again\n".encode())
    try:
        return _new_base(connection, job, override, scratch, on_output, stop)
    except EngineError as error:
        on_output(f"{own} cannot be built again ({error}): using the old image\n".encode())
        return BaseImage(own, old["Id"], days)


def existing_base(connection: Connection, job: Job, override: str, now: float) -> BaseImage | None:
    """The image that `base_image` would return without a pull or a build; None if it needs one."""
    client = connection.client()
    name, own = override or job.release.image, base_name(job)
    if found := find(client, name, job.platform):
        return BaseImage(name, found["Id"])
    old = None if override else find(client, own, job.platform)
    return BaseImage(own, old["Id"]) if old and not days_over(old, now) else None


def _new_base(
    connection: Connection,
    job: Job,
    override: str,
    scratch: Path,
    on_output: OutputHandler,
    stop: Stop,
) -> BaseImage:
    """The image from its registry, else from the package mirror."""
    name, own = override or job.release.image, base_name(job)
    stop.check()
    pulled, trouble = _pull(connection, name, job.platform, on_output, stop)
    if pulled:
        return BaseImage(name, pulled["Id"])
    bootstrap = job.distribution.bootstrap
    if override or bootstrap is None or str(job.platform) not in bootstrap.architectures:
        raise EngineError(f"no base image {name}: {trouble}", hint=_pull_hint(job))
    on_output(f"{name} cannot be pulled ({trouble}); making {own} from the mirror\n".encode())
    client = connection.client()
    bootstrap_image(client, job, bootstrap, own, scratch, on_output, stop)
    made = find(client, own, job.platform)
    if made is None:
        raise EngineError(f"{own} was made, but the engine does not have it for {job.platform}")
    return BaseImage(own, made["Id"])


def pulled_image(
    connection: Connection, name: str, platform: Platform, on_output: OutputHandler, stop: Stop
) -> str:
    """The id of an image by its name, pulled if the engine does not have it. Raises EngineError."""
    if found := find(connection.client(), name, platform):
        return str(found["Id"])
    pulled, trouble = _pull(connection, name, platform, on_output, stop)
    if pulled is None:
        raise EngineError(
            f"no image {name}: {trouble}", hint="load it by `docker load`, or correct its name"
        )
    return str(pulled["Id"])


def _pull(
    connection: Connection, name: str, platform: Platform, on_output: OutputHandler, stop: Stop
) -> tuple[dict[str, Any] | None, str]:
    """The image after a pull, or the registry's error."""
    on_output(f"pulling {name} for {platform}\n".encode())
    try:
        for line in interruptible(stop, _pulling(connection, name, platform), connection.check):
            if "error" in line:
                return None, str(line["error"]).splitlines()[-1]
    except EngineLost as error:
        return None, last_line(error.__cause__ or error)
    found = find(connection.client(), name, platform)
    return found, "" if found else f"there is none for {platform}"


def _pulling(connection: Connection, name: str, platform: Platform) -> Iterator[dict[str, Any]]:
    """The messages of the daemon, whose first one may come late."""
    yield from connection.slow().pull(name, platform=str(platform), stream=True, decode=True)


def _pull_hint(job: Job) -> str:
    return (
        f"load one (`docker load`, `docker import`) as {job.release.image}, "
        f"or name another by {base_variable(job.machine_id)}=IMAGE"
    )


def base_variable(release_id: str) -> str:
    """The variable that names another base image: `CIFORGE_BASE_DEBIAN_13`."""
    letters = (letter if letter.isalnum() else "_" for letter in release_id.upper())
    return "CIFORGE_BASE_" + "".join(letters)
