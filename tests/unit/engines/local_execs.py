"""An engine whose execs are processes of this machine; it frames what they print."""

import os
import socket
import struct
import subprocess
import threading
from contextlib import suppress
from typing import Any

import attrs


@attrs.define
class LocalExecs:
    """An engine whose execs are processes of this machine, with or without a standard input."""

    shells: list["subprocess.Popen[bytes]"] = attrs.field(factory=list)
    execs: list[list[str]] = attrs.field(factory=list)
    users: list[str] = attrs.field(factory=list)
    inputs: list[bool] = attrs.field(factory=list)
    processes: dict[int, "subprocess.Popen[bytes]"] = attrs.field(factory=dict)
    silent: bool = False
    """Whether shells never say anything."""

    def client(self) -> Any:
        return self

    quick = client

    def exec_create(
        self,
        container: str,
        command: list[str],
        user: str,
        *,
        stdin: bool = False,
        workdir: str = "",
    ) -> dict[str, Any]:
        self.execs.append(command)
        self.users.append(user)
        return {"Id": len(self.execs) - 1, "stdin": self.inputs.append(stdin)}

    def exec_start(self, made: int, *, socket: bool) -> Any:
        command, stdin = self.execs[made], self.inputs[made]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        ours, theirs = _pair()
        threading.Thread(target=self._forward, args=(child, theirs), daemon=True).start()
        self.processes[made] = child
        if stdin:
            self.shells.append(child)
            threading.Thread(target=_feed, args=(child, theirs), daemon=True).start()
        elif child.stdin:
            child.stdin.close()
        return ours

    def exec_inspect(self, made: int) -> dict[str, Any]:
        code = self.processes[made].wait(20)
        return {"Running": False, "ExitCode": code}

    def _forward(self, child: "subprocess.Popen[bytes]", theirs: socket.socket) -> None:
        assert child.stdout
        while data := os.read(child.stdout.fileno(), 4096):
            if not self.silent:
                theirs.sendall(struct.pack(">BxxxL", 1, len(data)) + data)
        child.wait()
        theirs.shutdown(socket.SHUT_WR)


def _feed(child: "subprocess.Popen[bytes]", theirs: socket.socket) -> None:
    assert child.stdin
    with suppress(BrokenPipeError):  # the shell was killed
        while data := theirs.recv(4096):
            child.stdin.write(data)
            child.stdin.flush()
        child.stdin.close()


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()
