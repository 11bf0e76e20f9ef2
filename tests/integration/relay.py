"""What lies between ciforge and a mail server: a line that is slow, or that breaks.

It passes bytes on and understands none of them, so that TLS goes from one end to the other.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator

import attrs

_MAIL = 1_000
"""Bytes without an answer that no command is, and that each of our mails has."""
_HELLO = 5
"""Answers after which a client has sent its part of TLS, which may be as long."""


@attrs.frozen(kw_only=True)
class Line:
    """How a line behaves."""

    pause: float = 0.0
    """Seconds between two bytes of what the server says; 0: as they come."""
    cut: str = ""
    """`answer`: once the server has answered to a whole mail, which nobody hears. `mail`: within it."""


@contextlib.contextmanager
def relay(port: int, line: Line) -> Iterator[int]:
    """A port of this machine whose connections lead to that one."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        worker = threading.Thread(target=_serve, args=(listening, port, line, over))
        worker.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            worker.join()


def _serve(listening: socket.socket, port: int, line: Line, over: threading.Event) -> None:
    """One connection after the other, as ciforge opens them."""
    while not over.is_set():
        with contextlib.suppress(OSError):
            client, _ = listening.accept()
            with client, socket.create_connection(("127.0.0.1", port), 10) as server:
                _pass_on(client, server, line, over)


def _pass_on(
    client: socket.socket, server: socket.socket, line: Line, over: threading.Event
) -> None:
    """Both directions, until one end closes, or the line breaks."""
    answers = unanswered = 0
    while not over.is_set():
        for end in select.select([client, server], [], [], 0.05)[0]:
            data = end.recv(65536)
            unanswered += len(data) if end is client else 0
            mail = answers > _HELLO and unanswered > _MAIL
            if not data or (mail and line.cut == ("mail" if end is client else "answer")):
                return
            if end is client:
                server.sendall(data)
            else:
                answers, unanswered = answers + 1, 0
                _say(client, data, line.pause)


def _say(client: socket.socket, data: bytes, pause: float) -> None:
    if not pause:
        client.sendall(data)
        return
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in data:
        client.sendall(bytes([byte]))
        time.sleep(pause)
