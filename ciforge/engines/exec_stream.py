"""The raw stream of an exec: frames of eight bytes of head and what they carry."""

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

_HEAD = struct.Struct(">B3sL")
_KINDS = range(4)
"""Standard input, output and error, and the engine's own troubles."""
_MOST = 65536
_TO_TAKE = 30.0
"""Seconds in which the engine takes what is written."""

_ERROR = 2


class Frames:
    """Takes bytes as they come and gives the payloads, in pieces that may end anywhere.

    Raises ValueError for what is no frame.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._left = 0
        self._kind = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payload bytes in `data`, however frames are cut."""
        return (piece for _, piece in self.marked(data))

    def marked(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """The same, each piece with whether it is standard error's."""
        self._buffer += data
        while self._buffer:
            if not self._left:
                if len(self._buffer) < _HEAD.size:
                    return
                self._kind, padding, self._left = _HEAD.unpack_from(self._buffer)
                if self._kind not in _KINDS or any(padding):
                    raise ValueError("the stream is not the output of a step")
                del self._buffer[: _HEAD.size]
            piece = bytes(self._buffer[: self._left])
            del self._buffer[: len(piece)]
            self._left -= len(piece)
            if piece:
                yield self._kind == _ERROR, piece

    @property
    def whole(self) -> bool:
        """Whether the stream could end here; False in the middle of a frame."""
        return not self._left and not self._buffer


def opened(handle: Any) -> tuple[socket.socket, bytes]:
    """The socket that `exec_start(socket=True)` of docker-py stands for, and the first bytes of its stream.

    docker-py reads the head of the engine's answer through a buffer and returns the socket below it: what
    came together with the head is only in that buffer. That happens when the engine is quicker than we are.
    """
    plug: socket.socket = getattr(handle, "_sock", handle)
    early = b""
    if response := getattr(handle, "_response", None):
        plug.setblocking(False)  # an empty buffer is filled with what is there
        with suppress(OSError):  # TLS says so where nothing is there
            early = response.raw._fp.fp.peek()
    plug.setblocking(True)
    return plug, early


class Stream:
    """The socket behind an exec, read with a limit of time."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._socket, self._early = opened(handle)
        self._frames = Frames()

    def read(self, seconds: float) -> bytes | None:
        """The bytes that arrived within `seconds`, perhaps none; None at the end of the stream.

        Raises OSError where the connection broke, ValueError where it carries something else.
        """
        data, self._early = self._early, b""
        if not data:
            self._socket.settimeout(seconds)
            try:
                data = self._socket.recv(_MOST)
            except TimeoutError:
                return b""
        if data:
            return b"".join(self._frames.feed(data))
        if not self._frames.whole:
            raise ConnectionError("the stream ended in the middle of a frame")
        return None

    def send(self, data: bytes) -> None:
        """Writes to the standard input of an exec that has one. Raises OSError."""
        self._socket.settimeout(_TO_TAKE)
        self._socket.sendall(data)

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        self._handle.close()
        self._socket.close()
