"""Servers that speak SMTP on loopback, well or badly."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import attrs

Reply = Callable[[str], bytes | None]
"""A command to what is answered; None cuts the connection."""


@attrs.define
class Heard:
    """What a server was told."""

    commands: list[str] = attrs.field(factory=list)
    mails: list[bytes] = attrs.field(factory=list)


@contextlib.contextmanager
def server(
    replies: dict[str, bytes | None] | None = None,
    greeting: bytes = b"220 here\r\n",
    pause: float = 0,
) -> Iterator[tuple[int, Heard]]:
    """Port and what was heard. `replies` are for the beginnings of commands, `.` for a mail's end."""
    heard = Heard()
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        worker = threading.Thread(
            target=_serve, args=(listening, replies or {}, greeting, pause, heard, over)
        )
        worker.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            over.set()
            worker.join()


def _serve(
    listening: socket.socket, replies: dict[str, bytes | None], greeting: bytes, pause: float,
    heard: Heard, over: threading.Event,
) -> None:  # fmt: skip
    while not over.is_set():
        try:
            client, _ = listening.accept()
        except TimeoutError:
            continue
        with client, contextlib.suppress(OSError):
            client.settimeout(10)
            _talk(client, replies, greeting, pause, heard, over)


def _talk(
    client: socket.socket, replies: dict[str, bytes | None], greeting: bytes, pause: float,
    heard: Heard, over: threading.Event,
) -> None:  # fmt: skip
    def say(data: bytes) -> None:
        for byte in data if pause else ():
            if over.is_set():
                return
            client.sendall(bytes([byte]))
            time.sleep(pause)
        if not pause:
            client.sendall(data)

    stream = client.makefile("rb")
    say(greeting)
    while line := stream.readline().decode().rstrip("\r\n"):
        heard.commands.append(line)
        answer = _answer(line, replies)
        if answer is None:
            return
        say(answer)
        if line.upper() == "DATA" and answer.startswith(b"354"):
            heard.mails.append(_data(stream))
            end = replies.get(".", b"250 taken\r\n")
            if end is None:
                return
            say(end)
        if line.upper() == "QUIT":
            return


def _answer(line: str, replies: dict[str, bytes | None]) -> bytes | None:
    for beginning, reply in replies.items():
        if beginning != "." and line.upper().startswith(beginning.upper()):
            return reply
    defaults = {"EHLO": b"250 here\r\n", "DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}
    return defaults.get(line[:4].upper(), b"250 fine\r\n")


def _data(stream: object) -> bytes:
    lines = []
    while (line := stream.readline()) not in (b".\r\n", b""):  # type: ignore[attr-defined]
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
