"""What a command in a box said, where a sentence repeats it."""

import pytest

from ciforge.engines.errand import said_last


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (b"", ""),
        (b"\n \n", ""),
        (b"one\ntwo\n\n", "two"),
        (b"OCI runtime exec failed: no such file\r\n", "OCI runtime exec failed: no such file"),
        (b"\x1b]0;gotcha\x07\x1b[31mred\0", "]0;gotcha[31mred"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_it_is_the_last_line_and_safe_to_print(output: bytes, said: str) -> None:
    assert said_last(output) == said


def test_it_is_short() -> None:
    assert len(said_last(b"x" * 100_000)) == 300
