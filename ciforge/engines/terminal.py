"""A terminal or a pipe connected to a shell in a container."""

import os
import select
import signal
import socket
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ciforge.engines.client import Client
from ciforge.engines.exec_stream import Frames, opened

_MOST = 65536


def converse(client: Client, container: str, command: list[str], user: str) -> int:
    """Runs `command` in the container with our standard input and output; returns its exit code."""
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    made = client.exec_create(
        container, command, user=user, workdir="/ciforge/src", tty=on_terminal, stdin=True,
        environment={"TERM": os.environ.get("TERM", "dumb")},
    )["Id"]  # fmt: skip
    handle = client.exec_start(made, socket=True, tty=on_terminal)
    plug, early = opened(handle)
    with _raw(on_terminal), _resizing(on_terminal, client, made):
        write = _writer(on_terminal)
        write(early)
        _relay(plug, write)
    code = client.exec_inspect(made)["ExitCode"]
    return 255 if code is None else int(code)


def _writer(on_terminal: bool) -> Callable[[bytes], None]:
    """Writes the engine's bytes to standard output; without a terminal, frames name the stream."""
    frames = Frames()

    def write(data: bytes) -> None:
        for is_error, piece in [(False, data)] if on_terminal else frames.marked(data):
            _write_all((sys.stderr if is_error else sys.stdout).fileno(), piece)

    return write


def _write_all(descriptor: int, data: bytes) -> None:
    """All of it: a pipe may take less at once."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _relay(plug: socket.socket, write: Callable[[bytes], None]) -> None:
    """Both ways, until the engine closes its side."""
    sources: list[Any] = [plug, sys.stdin.fileno()]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if plug in ready:
            data = plug.recv(_MOST)
            if not data:
                return
            write(data)
        if sys.stdin.fileno() in ready:
            typed = os.read(sys.stdin.fileno(), _MOST)
            if typed:
                plug.sendall(typed)
            else:
                sources.remove(sys.stdin.fileno())
                plug.shutdown(socket.SHUT_WR)


@contextmanager
def _raw(on_terminal: bool) -> Iterator[None]:
    """The terminal in raw mode; restored afterwards."""
    if not on_terminal:
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


@contextmanager
def _resizing(on_terminal: bool, client: Client, made: str) -> Iterator[None]:
    """Sends the window size to the container, now and after each change."""
    if not on_terminal:
        yield
        return

    def resize(*_: object) -> None:
        size = os.get_terminal_size(sys.stdin.fileno())  # LINES and COLUMNS may be of another one
        client.exec_resize(made, height=size.lines, width=size.columns)

    before = signal.signal(signal.SIGWINCH, resize)
    try:
        resize()
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
