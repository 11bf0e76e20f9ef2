"""A socket between ciforge and the daemon, at which connections can be hurt."""

import contextlib
import random
import re
import socket
import threading
import time
from pathlib import Path

_MOST = 65536
_NEXT = 10.0
"""Seconds in which a step that was begun has to have its stream."""
_EXEC = re.compile(rb"POST [^ ]*/exec/[0-9a-f]+/start ")
_ATTACHED = b"101 "
"""A step's exec is upgraded to a raw stream; small commands of ciforge's own are not."""


class _Pair:
    """One connection, both ways; `fault` is what happens to it from now on."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.fault = ""
        self.stream = False
        """Whether it carries the output of a step."""
        self.ended = False
        """Whether one side has closed it."""
        self._asked = False

    def up(self, proxy: "Proxy") -> None:
        """From ciforge to the daemon."""
        self._pump(self.near, self.far, proxy, down=False)

    def down(self, proxy: "Proxy") -> None:
        """From the daemon to ciforge."""
        self._pump(self.far, self.near, proxy, down=True)

    def _pump(
        self, source: socket.socket, sink: socket.socket, proxy: "Proxy", *, down: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_MOST):
                self._look(data, down=down)
                self._carry(data, sink, proxy, down=down)
        self.ended = True
        self.cut() if self.fault or proxy.fault else self._half(sink)

    def _look(self, data: bytes, *, down: bool) -> None:
        """Notices when this connection becomes a step's stream."""
        if not down and _EXEC.search(data):
            self._asked = True
        elif down and self._asked and _ATTACHED in data[:32]:
            self.stream = True

    def _carry(self, data: bytes, sink: socket.socket, proxy: "Proxy", *, down: bool) -> None:
        match proxy.fault or self.fault:
            case "stall":
                threading.Event().wait(1200)
            case "slow":
                for at in range(0, len(data), 512):
                    time.sleep(0.01)
                    sink.sendall(data[at : at + 512])
            case "middle" if down and len(data) > 9:
                sink.sendall(data[: proxy.chance.randrange(1, len(data))])
                self.cut()
            case "garbage" if down:
                sink.sendall(proxy.chance.randbytes(proxy.chance.randrange(20, 4000)))
            case "cut":
                self.cut()
            case _:
                sink.sendall(data)

    def cut(self) -> None:
        """Ends the connection on both sides."""
        for end in (self.near, self.far):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _half(self, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class Proxy:
    """Listens at `path` and hands everything on to `target`; `fault` befalls every connection."""

    def __init__(self, path: Path, target: Path, chance: random.Random) -> None:
        self.path, self._target, self.chance = path, target, chance
        self.fault = ""
        self._pairs: list[_Pair] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def host(self) -> str:
        """The value of DOCKER_HOST."""
        return f"unix://{self.path}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                self._join(near)

    def _join(self, near: socket.socket) -> None:
        if self.fault == "cut":
            near.close()
            return
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(str(self._target))
        except OSError:
            near.close()
            return
        pair = _Pair(near, far)
        self._pairs.append(pair)
        for pump in (pair.up, pair.down):
            threading.Thread(target=pump, args=(self,), daemon=True).start()

    def hurt_all(self, fault: str) -> None:
        """`cut`, `stall`, `slow`, `garbage` or `middle`, for what is open and whatever comes."""
        self.fault = fault
        if fault == "cut":
            self.cut()

    def hurt_streams(self, fault: str) -> None:
        """The same, only for the output of steps that is being carried just now, or comes next."""
        until = time.monotonic() + _NEXT
        while not (streams := [pair for pair in self._pairs if pair.stream and not pair.ended]):
            if time.monotonic() > until:
                return
            time.sleep(0.01)
        for pair in streams:
            pair.fault = fault
            if fault == "cut":
                pair.cut()

    def cut(self) -> None:
        """Every open connection ends; new ones are welcome."""
        for pair in self._pairs:
            pair.cut()

    def close(self) -> None:
        """Ends everything."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()
        self.path.unlink(missing_ok=True)
