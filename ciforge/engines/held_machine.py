"""A machine that is no container, while it is held for one job."""

import io
import shlex
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ciforge.engines.host_lease import HostFacts, HostLease, relocate
from ciforge.engines.host_step import HostStep
from ciforge.engines.protocol import OutputHandler, Stop
from ciforge.errors import EngineError
from ciforge.model.host_machine import HostMachine, RootCommand
from ciforge.model.job import Step
from ciforge.model.log_marks import NOTHING_INSTALLED
from ciforge.model.promise import Promise

_INSTALL = "install"
_COPY = 900.0
"""Seconds that the source has to be copied."""
_BLOCK = 64 * 1024
"""Bytes that dd(1) reads at a time; head(1) of OpenBSD counts lines only."""
_ANSWER = 64 * 1024
_ROOT, _LOGIN = "root", "ciforge"
_WRAPPER, _STEPS = "/ciforge/bin/step", "/ciforge/steps/"


class HeldMachine:
    """Runs the steps of one job. The paths that it takes are those of a container; it has its own."""

    def __init__(
        self, lease: HostLease, facts: HostFacts, *, wrapper: str, env: Mapping[str, str]
    ) -> None:
        self.id = lease.transport.name
        self._lease = lease
        self._facts = facts
        self._wrapper = wrapper
        self._env = env
        self._machine = lease.transport.machine
        self.lacks = lacking(self._machine)

    def put(self, archive: Path, folder: str) -> None:
        """Unpacks a tar file. Raises EngineError."""
        place = shlex.quote(self._place(folder))
        with archive.open("rb") as data:
            self._do(
                "copying the source",
                f"umask 022; exec tar -xf - -C {place}",
                stdin=data,
                seconds=_COPY,
            )

    def script(self, files: Mapping[str, str]) -> None:
        """Writes the steps, and the wrapper of such a machine. Raises EngineError.

        What a container has beside them would take everything on the machine for its own.
        """
        files = {path: text for path, text in files.items() if path.startswith(_STEPS)}
        files[_WRAPPER] = self._wrapper
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for path, text in files.items():
                data = relocate(text, self._lease.folder).encode()
                entry = tarfile.TarInfo(path.removeprefix("/ciforge/"))
                entry.size, entry.mode = len(data), 0o755
                tar.addfile(entry, io.BytesIO(data))
        self._do(
            "copying the scripts",
            f"umask 022; exec tar -xf - -C {self._lease.folder}",
            data=packed.getvalue(),
        )

    def run(
        self, step: Step, user: str, on_output: OutputHandler, *, seconds: float, stop: Stop
    ) -> int:
        """Runs one step by the wrapper; its exit code, which is certain.

        The install goes into a folder, as the login user, unless the machine is disposable.
        """
        place = ""
        if step.name == _INSTALL:
            place = "" if self._machine.disposable else f"{self._lease.folder}/destdir"
            begins = self._lease.command("install-begins", place)
            self._lease.transport.do("listing files", begins, seconds=_COPY)
        account, by = (self._facts.user, "") if place else self._account(user)
        env = {**self._env, **({"DESTDIR": place} if place else {})}
        follow = HostStep(self._lease, place)
        code = follow.run(step.name, account, by, env, on_output, seconds=seconds, stop=stop)
        if step.name == _INSTALL and not code and not follow.installed:
            on_output(f"{NOTHING_INSTALLED}\n".encode())
        return code

    def read(self, path: str, limit: int) -> bytes | None:
        """A regular file's content, cut at `limit`; None where there is none. Raises EngineLost."""
        file = shlex.quote(self._place(path))
        blocks = -(-limit // _BLOCK)
        copy = f"exec dd if={file} bs={_BLOCK} count={blocks} 2>/dev/null"
        command = f"[ -f {file} ] && [ ! -h {file} ] && {copy}"
        code, output = self._lease.transport.ask(command, most=limit)
        return output if code == 0 else None

    def ask(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
        """The output of a command; empty if it takes longer than `seconds`. Raises EngineError."""
        arguments = [
            "env",
            f"CIFORGE_TOKEN={self._lease.token}",
            *(f"{key}={value}" for key, value in env.items()),
        ]
        arguments += [relocate(word, self._lease.folder) for word in command]
        command_line = f"{shlex.join(arguments)} | dd bs=1 count={_ANSWER} 2>/dev/null"
        _, output = self._lease.transport.ask(command_line, seconds=seconds)
        return output.decode("utf-8", "replace")

    def keep(self) -> None:
        """Does nothing: a machine that others need is given back."""

    def _do(self, what: str, command: str, **how: object) -> None:
        self._lease.transport.do(what, command, **how)

    def _place(self, path: str) -> str:
        return self._lease.folder + path.removeprefix("/ciforge")

    def _account(self, user: str) -> tuple[str, str]:
        """The account of a step, and the words that run a command as it. Raises EngineError."""
        if user in (_LOGIN, self._facts.user):
            return self._facts.user, ""
        root = self._machine.root.words
        if not root:
            raise EngineError(
                f"{self.id} runs nothing as {user}",
                hint="name the command for it by `root:` in machines.yml",
            )
        return user, root if user == _ROOT else f"{root} -u {user}"


def lacking(machine: HostMachine) -> tuple[Promise, ...]:
    """What a machine does not promise: it is no container, and its owner uses it for other things.

    A virtual machine is thrown away after each job, and reaches nothing unless it is allowed to.
    """
    root = () if machine.root is not RootCommand.NONE else (Promise.ROOT,)
    clean = () if machine.disk else (Promise.CLEAN,)
    network = () if machine.disk and not machine.network else (Promise.NETWORK,)
    return (*clean, *network, Promise.MEMORY, Promise.PROCESSES, Promise.DISK, *root)
