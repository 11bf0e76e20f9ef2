"""A base image made from the package mirror, by the command of a descriptor."""

import hashlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ciforge.engines import labels
from ciforge.engines.client import Client, translated
from ciforge.engines.cross_arch_image import load
from ciforge.engines.interruptible import interruptible
from ciforge.engines.local_image import find
from ciforge.engines.protocol import OutputHandler, Stop
from ciforge.errors import EngineError
from ciforge.model.distro import Bootstrap
from ciforge.model.job import Job
from ciforge.model.platform import Platform
from ciforge.private import shared_umask

_OWN = "ciforge/base"
"""Bootstrapped images have a name of our own, never a public one."""
_IMPORT_SECONDS = 1800
_ERROR = (b"E: ", b"Err:", b"error: ")
"""Beginnings of error lines of programs that make base images."""


def base_name(job: Job) -> str:
    """The name of the job's own base image, with a hash of all that it is made from.

    A descriptor of another project may give the same release another suite or another command.
    """
    made_from: list[str] = [str(job.platform), _suite(job)]
    if bootstrap := job.distribution.bootstrap:
        arch = bootstrap.architectures.get(str(job.platform), "")
        made_from += [bootstrap.program, bootstrap.command, arch]
    key = hashlib.sha256("\0".join(made_from).encode()).hexdigest()[:16]
    return f"{_OWN}/{job.machine_id.lower()}:{job.platform.arch}-{key}"


def _suite(job: Job) -> str:
    return job.release.suite or job.release.codename


def bootstrap_image(
    client: Client,
    job: Job,
    bootstrap: Bootstrap,
    own: str,
    scratch: Path,
    on_output: OutputHandler,
    stop: Stop,
) -> None:
    """Runs the descriptor's command and imports the tar file that it writes."""
    if shutil.which(bootstrap.program) is None:
        raise EngineError(
            f"no base image for {job.machine_id}: its registry does not answer, "
            f"and {bootstrap.program} is not installed to make one",
            hint=bootstrap.hint,
        )
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        archive = Path(folder, "base.tar")
        values = {
            "{suite}": _suite(job),
            "{arch}": bootstrap.architectures[str(job.platform)],
            "{archive}": str(archive),
        }
        command = [_replace(word, values) for word in shlex.split(bootstrap.command)]
        for chunk in _output(command, stop):
            on_output(chunk)
        _import(client, archive, own, job.platform)
        if find(client, own, job.platform) is None:
            on_output(f"the engine loaded {own} for its own processor; loading it again\n".encode())
            load(client, archive, own, job.platform, {labels.BASE: own})


def _replace(text: str, values: dict[str, str]) -> str:
    for word, value in values.items():
        text = text.replace(word, value)
    return text


def _output(command: list[str], stop: Stop) -> Iterator[bytes]:
    """A program's output, line by line; it ends when a stop is requested.

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
        error = b""
        try:
            for line in interruptible(stop, process.stdout, lambda: None):
                if line.strip() and not error.startswith(_ERROR):
                    error = line.strip()
                yield line
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise EngineError(f"{command[0]} failed: {error.decode(errors='replace')}")


def _import(client: Client, archive: Path, own: str, platform: Platform) -> None:
    name, _, tag = own.rpartition(":")
    params = {"fromSrc": "-", "repo": name, "tag": tag, "platform": str(platform)}
    changes = [f"LABEL {labels.BASE}={own}"]
    url = client._url("/images/create")
    with archive.open("rb") as data, translated(f"importing {own}"):
        answer = client.post(
            url, data=data, params={**params, "changes": changes}, timeout=_IMPORT_SECONDS,
            headers={"Content-Type": "application/tar"},
        )  # fmt: skip
        answer.raise_for_status()
