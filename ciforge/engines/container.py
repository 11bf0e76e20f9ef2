"""One container: a clean machine for one job."""

import http
import io
import shlex
import tarfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path, PurePosixPath

from docker.errors import APIError, NotFound

from ciforge.engines.client import Client, Connection, last_line, translated
from ciforge.engines.exec_stream import Stream
from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.make_tokens import MakeTokens
from ciforge.engines.protocol import SERVICES, MachineSpec, OutputHandler, Stop
from ciforge.engines.root_shell import RootShell
from ciforge.engines.step_exec import StepExec
from ciforge.engines.step_observer import StepObserver
from ciforge.engines.step_tokens import StepTokens
from ciforge.engines.supervisor import INSTALL, Supervisor
from ciforge.engines.unpacking import LARGE, unpacked
from ciforge.errors import EngineError, EngineLost
from ciforge.model.job import Step
from ciforge.model.log_marks import NOTHING_INSTALLED
from ciforge.model.promise import Promise
from ciforge.model.token_pipe import MAKE_JOBS

NETWORK = "bridge"
"""The network of a step that asks for one; podman takes this name for its own default network, too."""
_ANSWER = 64 * 1024
"""Bytes of an answer that are read."""
_RENEWED = ("/ciforge/bin/", "/ciforge/steps/")
"""Folders that are removed after a step that may have been root, and laid in again."""
_MANIFEST = "/ciforge/records/manifest.txt"
_LARGEST_MANIFEST = 16 * 1024 * 1024
"""Bytes."""
_LONGEST_COMMAND = 100_000
"""Bytes of an argument; Linux takes 128 KiB."""
_TO_WRITE = 120.0
"""Seconds in which files are written on a busy disk."""


class DockerContainer:
    """A started container. Its folders are those that `render.dockerfile` makes.

    With `setuid`, programs may gain rights; one that is `used` had jobs before.
    """

    def __init__(
        self,
        connection: Connection,
        container: str,
        plan: MachineSpec,
        lacks: tuple[Promise, ...] = (),
        *,
        setuid: bool = False,
        used: bool = False,
        tokens: MakeTokens | None = None,
    ) -> None:
        self.id = container
        self.lacks = lacks
        self._plan = plan
        self._connection = connection
        self._setuid = setuid
        self._tokens = tokens if plan.make_tokens else None
        self._kept = False
        self.many_files = False
        """Whether it has so many files that its removal takes long."""
        self._scripts: dict[str, str] = {}
        self._manifest: bytes | None = None
        self._had_root = used
        """Whether a process of a job may have been root: it may have changed every file."""
        self._stale = False
        """Whether the scripts have to be laid in again before they are used."""
        self._log_of: Callable[[str], bytes | None] = lambda _: None
        # A program that gains rights could make a process of any step one of root.
        self._shell = None if setuid else RootShell(connection, container)
        self._supervisor = Supervisor(
            connection, container, plan.processes, self._scripts, self._shell
        )

    @property
    def _client(self) -> Client:
        return self._connection.client()

    @property
    def kept(self) -> bool:
        """Whether it stays when its `with` block ends."""
        return self._kept

    def keep(self) -> None:
        self._kept = True
        with suppress(EngineError):  # what a container has that is gone does not matter
            self._renew()

    def serve(self, log_of: Callable[[str], bytes | None]) -> None:
        """From now on `read` finds the log of a service, by its name in the folder SERVICES."""
        self._log_of = log_of

    def close(self) -> None:
        """Ends what ciforge itself runs in it."""
        if self._shell:
            self._shell.close()

    def helper(self) -> HelperExec:
        """Runs commands of ciforge in it, as root."""
        return HelperExec(self._connection, self.id, self._plan.processes, self._shell)

    def put(self, archive: Path, folder: str) -> None:
        """Unpacks a tar file and gives its files to the unprivileged user."""
        if archive.stat().st_size >= LARGE:
            self.many_files = True
            if not self._had_root and unpacked(self._connection, self.id, archive, folder):
                return
        with translated(f"copying {archive.name} into the container"), archive.open("rb") as data:
            self._client.put_archive(self.id, folder, data)
        self.helper().do(["chown", "-R", "-h", "ciforge:ciforge", folder])

    def script(self, files: Mapping[str, str]) -> None:
        """Writes executable files by their absolute paths: by the shell of root, else as an archive.

        The engine starts a program of its own to unpack an archive.
        """
        self._scripts.update(files)
        command = ["/bin/sh", "-c", laying_in(files)]
        if self._shell and not self._had_root and len(command[-1]) < _LONGEST_COMMAND:
            until = time.monotonic() + _TO_WRITE
            if self._shell.ask(command, until, 0) is not None:
                return
        self._write({path: text.encode() for path, text in files.items()})

    def _write(self, files: Mapping[str, bytes]) -> None:
        """Writes files that root owns and all may execute, and the folders above them.

        What has the name of such a folder and is none, a link for instance, is replaced.
        """
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for folder in sorted({str(parent) for path in files for parent in _parents(path)}):
                entry = tarfile.TarInfo(folder)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
            for path, data in files.items():
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.size, entry.mode = len(data), 0o755
                tar.addfile(entry, io.BytesIO(data))
        packed.seek(0)
        with translated("copying the scripts into the container"):
            self._client.put_archive(self.id, "/", packed)

    def run(
        self, step: Step, user: str, on_output: OutputHandler, *, seconds: float, stop: Stop
    ) -> int:
        """Runs one step by the wrapper and returns its exit code, which is certain."""
        self._renew()
        root = user == "root" or self._setuid
        self._had_root = self._had_root or root
        if step.network:
            self._network(connected=True)
        try:
            tokens = self._step_tokens(step.name, user)
            follow = StepExec(self._connection, self.id, self._plan, self._supervisor, tokens)
            with tokens.given() if tokens else nullcontext():
                code = follow.run(step.name, user, on_output, seconds=seconds, stop=stop)
        finally:
            if step.network:
                self._network(connected=False)
        if step.name == INSTALL:
            self._manifest = follow.manifest
            if self._manifest is None:
                self._manifest = self.read(_MANIFEST, _LARGEST_MANIFEST)
            if not (code or self._manifest):
                on_output(f"{NOTHING_INSTALLED}\n".encode())
        self._stale = self._stale or root
        return code

    def _step_tokens(self, name: str, user: str) -> StepTokens | None:
        """The tokens of a step; None for one that calls no make which could take them."""
        calls = MAKE_JOBS in self._scripts.get(f"/ciforge/steps/{name}.sh", "")
        if self._tokens is None or user == "root" or not calls:
            return None
        return StepTokens(self._tokens, self.helper(), self.id, user, self._plan.memory)

    def observer(self) -> StepObserver:
        """An observer of its steps, which need the script `observe`."""
        self._renew()
        return StepObserver(self.helper(), self._scripts, self.read)

    def _renew(self) -> None:
        """Lays in again what root may have changed and the next steps are run and checked by.

        A file elsewhere keeps its time, which says when the first step began.
        """
        if not self._stale:
            return
        files = {
            path: text.encode() for path, text in self._scripts.items() if path.startswith(_RENEWED)
        }
        if self._manifest is not None:
            files[_MANIFEST] = self._manifest
        self._write(files)
        self._stale = False

    def read(self, path: str, limit: int) -> bytes | None:
        """A regular file's content, cut at `limit`; None where there is none.

        The install manifest is the one that was read after the install.
        """
        if path == _MANIFEST and self._manifest is not None:
            return self._manifest[:limit]
        if path.startswith(f"{SERVICES}/"):
            log = self._log_of(PurePosixPath(path).stem.removeprefix("service,"))
            return None if log is None else log[-limit:]
        try:
            chunks, _ = self._client.get_archive(self.id, path)
            packed = _at_most(chunks, limit + 10240)
        except NotFound:
            return None
        except Exception as error:
            raise EngineLost(f"reading {path} from the container: {last_line(error)}") from error
        return _only_file(packed, limit)

    def ask(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
        """The output of a command within `seconds`; a command that takes longer is abandoned."""
        until = time.monotonic() + seconds
        hasty, heard = self._connection.hasty, bytearray()
        with translated("running a command in the container"):
            made = hasty(seconds).exec_create(
                self.id, list(command), user="ciforge", workdir="/", environment=dict(env)
            )["Id"]
            left = until - time.monotonic()
            stream = Stream(hasty(left).exec_start(made, socket=True))
            try:
                while (left := until - time.monotonic()) > 0 and len(heard) < _ANSWER:
                    data = stream.read(left)
                    if data is None:
                        break
                    heard += data
            finally:
                stream.close()
        return heard[:_ANSWER].decode("utf-8", "replace")

    def _network(self, *, connected: bool) -> None:
        with translated("switching the network of the container"):
            if connected:
                self._client.connect_container_to_network(self.id, NETWORK)
            else:
                self._client.disconnect_container_from_network(self.id, NETWORK, force=True)


def laying_in(files: Mapping[str, str]) -> str:
    """A script that writes files that root owns and all may execute, and the folders above them."""
    lines = ["set -e", "umask 022"]
    for path, text in files.items():
        folder, name = shlex.quote(str(PurePosixPath(path).parent)), shlex.quote(path)
        lines += [
            f"mkdir -p {folder}",
            f"rm -f {name}",
            f"printf %s {shlex.quote(text)} >{name}",
            f"chmod 755 {name}",
        ]
    return "\n".join(lines)


def _parents(path: str) -> Sequence[PurePosixPath]:
    """The folders above a file, relative to the root, without the root."""
    return PurePosixPath(path.lstrip("/")).parents[:-1]


def _at_most(chunks: Iterable[bytes], size: int) -> bytes:
    """A little more than `size` bytes, of which there may be any number."""
    packed = bytearray()
    for chunk in chunks:
        packed += chunk
        if len(packed) > size:
            break
    return bytes(packed)


def _only_file(packed: bytes, limit: int) -> bytes | None:
    """The first member of a tar, which may be cut; None unless it is a regular file."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r|") as tar:
            entry = tar.next()
            if entry is None or not entry.isreg():
                return None
            data = tar.extractfile(entry)
            return data.read(limit) if data else None
    except tarfile.ReadError:
        return packed[512 : 512 + limit] if len(packed) > limit else None


def remove(client: Client, container: str) -> None:
    """Removes a container and its nameless volumes; one that is gone, or just going, is gone."""
    try:
        with translated("removing a container"):
            client.remove_container(container, force=True, v=True)
    except EngineError as error:
        cause = error.__cause__
        going = isinstance(cause, APIError) and cause.status_code == http.HTTPStatus.CONFLICT
        if not (isinstance(cause, NotFound) or (going and "already in progress" in str(cause))):
            raise
