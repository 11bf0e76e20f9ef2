"""The frames in which an engine sends what a step prints."""

import itertools
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker import APIClient
from hypothesis import given
from hypothesis import strategies as st

from ciforge.engines.exec_stream import Frames, Stream
from tests.tables import each


def frame(payload: bytes, kind: int = 1) -> bytes:
    return struct.pack(">BxxxL", kind, len(payload)) + payload


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """`data` in pieces that end at these places."""
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


@given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.integers(0, 999), max_size=20))
def test_stream_payloads_are_complete_however_frames_are_cut(
    payloads: list[bytes], cuts: list[int]
) -> None:
    frames = Frames()
    stream = b"".join(frame(payload, 1 + n % 2) for n, payload in enumerate(payloads))
    heard = b"".join(b"".join(frames.feed(piece)) for piece in pieces(stream, cuts))
    assert heard == b"".join(payloads)
    assert frames.whole


@given(st.lists(st.integers(0, 999), max_size=20))
def test_stream_piece_says_whether_it_is_standard_error(cuts: list[int]) -> None:
    frames, stream = Frames(), frame(b"out one ") + frame(b"error", 2) + frame(b"out two")
    heard = [one for piece in pieces(stream, cuts) for one in frames.marked(piece)]
    assert b"".join(text for is_error, text in heard if not is_error) == b"out one out two"
    assert b"".join(text for is_error, text in heard if is_error) == b"error"


@each("cut", [1, 7, 8, 9, 11])
def test_stream_that_ends_inside_a_frame_is_incomplete(cut: int) -> None:
    frames = Frames()
    list(frames.feed(frame(b"four")[:cut]))
    assert not frames.whole


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400 Bad Request", b"\x01\x01\0\0\0\0\0\x01x", b"\x09\0\0\0\0\0\0\x01x"]
)
def test_bytes_that_are_no_stream_frame_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not the output of a step"):
        list(Frames().feed(data))


@contextmanager
def joined() -> Iterator[tuple[socket.socket, Stream]]:
    """The engine's end of a stream, and ours."""
    far, near = socket.socketpair()
    stream = Stream(near)
    try:
        yield far, stream
    finally:
        stream.close()
        far.close()


def test_stream_without_data_returns_empty_bytes_after_the_time() -> None:
    with joined() as (_, stream):
        assert stream.read(0.01) == b""


def test_stream_frames_that_arrive_together_are_read_together() -> None:
    with joined() as (far, stream):
        far.sendall(frame(b"a") + frame(b"b") + frame(b"cd")[:9])
        assert stream.read(1) == b"abc"


def test_a_stream_ends_between_frames() -> None:
    with joined() as (far, stream):
        far.sendall(frame(b"all"))
        far.close()
        assert (stream.read(1), stream.read(1)) == (b"all", None)


def test_a_stream_that_is_cut_in_a_frame_is_broken() -> None:
    with joined() as (far, stream):
        far.sendall(frame(b"all")[:-1])
        far.close()
        assert stream.read(1) == b"al"
        with pytest.raises(ConnectionError, match="in the middle of a frame"):
            stream.read(1)


_HEAD = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"


@each(
    "sent",
    [[_HEAD + frame(b"all"), b""], [_HEAD, frame(b"all")], [_HEAD + frame(b"all")[:9], b"ll"]],
)
def test_output_that_comes_with_the_head_of_the_answer_is_not_lost(
    tmp_path: Path, sent: list[bytes]
) -> None:
    """An engine that is quicker than docker-py reads its answer."""
    engine = tmp_path / f"engine-{len(list(tmp_path.iterdir()))}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(engine))
        listening.listen()
        answering = threading.Thread(target=answer, args=(listening, sent))
        answering.start()
        client = APIClient(f"unix://{engine}", version="1.41", timeout=5)
        stream = Stream(client.exec_start("x", socket=True))
        heard = b""
        while (data := stream.read(5)) is not None:
            heard += data
        stream.close()
        answering.join()
    assert heard == b"all"


def answer(listening: socket.socket, pieces: list[bytes]) -> None:
    """Answers one request: the second piece is sent when the first has been read."""
    near, _ = listening.accept()
    with near:
        near.recv(65536)
        for piece in pieces:
            near.sendall(piece)
            threading.Event().wait(0.05)
        near.shutdown(socket.SHUT_WR)
        while near.recv(65536):
            pass
