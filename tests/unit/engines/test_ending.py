"""The mark by which a whole output is told from one that was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.engines.ending import Ending

MARK = b"\x1eciforge:0123\x1e"
_TEXT = st.text(alphabet="\x1ecifo:01\n", max_size=30).map(str.encode)


def fed(ending: Ending, data: bytes, size: int) -> bytes:
    """What comes out of `data`, fed in pieces of that size."""
    parts = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(ending.feed(part) for part in parts)


@given(_TEXT, _TEXT, st.integers(1, 40))
def test_the_mark_is_taken_out_however_it_is_cut(before: bytes, after: bytes, size: int) -> None:
    ending = Ending(MARK)
    assert fed(ending, before + MARK + after, size) + ending.flush() == before + after
    assert ending.seen


@given(_TEXT, st.integers(1, 40))
def test_without_the_mark_everything_comes_out(text: bytes, size: int) -> None:
    ending = Ending(MARK)
    assert fed(ending, text, size) + ending.flush() == text
    assert not ending.seen


@pytest.mark.parametrize("cut", range(len(MARK)))
def test_a_mark_that_is_cut_is_none(cut: int) -> None:
    ending = Ending(MARK)
    assert ending.feed(b"text" + MARK[:cut]) == b"text"
    assert not ending.seen
    assert ending.flush() == MARK[:cut]


def test_ordinary_output_is_not_held_back() -> None:
    assert Ending(MARK).feed(b"checking for cc... ") == b"checking for cc... "
