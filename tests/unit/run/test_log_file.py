"""A job's log.txt: every byte, up to a cap that keeps its beginning and its end."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.errors import EngineError
from ciforge.run.log_file import LogFile

FULL = Path("/dev/full")


def written(path: Path, pieces: Sequence[bytes], head: int = 10, tail: int = 4) -> bytes:
    with LogFile(path, head=head, tail=tail) as log:
        for piece in pieces:
            log.write(piece)
    return path.read_bytes()


def left_out(count: int) -> bytes:
    return b"\n--- ciforge: %d bytes are left out here ---\n" % count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", b""),
        (b"\0\xff\x1b[2J", b"\0\xff\x1b[2J"),
        (b"0123456789", b"0123456789"),
        (b"0123456789abcd", b"0123456789abcd"),
        (b"0123456789abcde", b"0123456789" + left_out(1) + b"bcde"),
        (b"0123456789" + b"x" * 90 + b"tail", b"0123456789" + left_out(90) + b"tail"),
    ],
)
def test_long_log_keeps_head_and_tail_with_a_mark_between(
    tmp_path: Path, text: bytes, expected: bytes
) -> None:
    path = tmp_path / "log.txt"
    assert written(path, [text]) == expected
    assert written(path, [text[n : n + 1] for n in range(len(text))]) == expected


@given(pieces=st.lists(st.binary(max_size=30), max_size=30))
def test_short_log_is_kept_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "whole.txt"
    assert written(path, pieces, head=500, tail=500) == b"".join(pieces)


def test_log_says_when_its_head_is_full(tmp_path: Path) -> None:
    with LogFile(tmp_path / "log.txt", head=3, tail=3) as log:
        log.write(b"abc")
        assert not log.full
        log.write(b"d")
        assert log.full


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
def test_log_on_a_full_disk_is_infrastructure() -> None:
    with LogFile(FULL) as log, pytest.raises(EngineError, match="No space left on device"):
        log.write(b"text")


def test_log_in_a_removed_folder_is_infrastructure(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No such file"):
        LogFile(tmp_path / "gone" / "log.txt")
