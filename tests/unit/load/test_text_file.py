"""Only text of a sane size is read, and whatever else there is gets told in one sentence."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ciforge.errors import InputError, UsageError
from ciforge.load.text_file import LIMIT, read_text
from ciforge.load.yaml_document import Document


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a: \xff\n", "1:4: this is not UTF-8 (byte 0xff at offset 3)"),
        (b"a: 1\n\xc3\xa4: \xe4\n", "2:4: this is not UTF-8 (byte 0xe4 at offset 9)"),
        (b"\xef\xbb\xbfa: \xff", "1:4: this is not UTF-8 (byte 0xff at offset 6)"),
        ("a: 1\n".encode("utf-16"), "1:1: this is UTF-16 or UTF-32; save it as UTF-8"),
        (b"\xfe\xff\x00a", "1:1: this is UTF-16 or UTF-32; save it as UTF-8"),
        ("a: 1\n".encode("utf-32"), "1:1: this is UTF-16 or UTF-32; save it as UTF-8"),
        (b"a: 1\nb: \0\0\n", "2:4: the character U+0000 is not allowed (and 1 more of the kind)"),
        (b"a: \x1b[31m\n", "1:4: the character U+001B is not allowed"),
        (b"a: \xc2\x85\n", "1:4: the character U+0085 is not allowed"),
        ("a: \u2028b: 1\n".encode(), "1:4: the character U+2028 is not allowed"),
        (b"\r\n\r\na: \x07\r\n", "3:4: the character U+0007 is not allowed"),
        (b"", "1:1: the file is empty"),
        (b" " * (LIMIT + 1), "1:1: larger than 1 MiB; this is not a file for ciforge"),
    ],
)
def test_input_file_that_is_no_utf8_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    file = tmp_path / "x.yml"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        Document.read(file)
    assert caught.value.problems == (f"{file}:{told}",)


def test_input_file_may_have_a_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = Document.read(file)
    assert document.value == {"a": "1", "b": "2"}
    assert document.place(("b",)) == f"{file}:2:4"


def test_missing_input_file_has_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_text(tmp_path / "absent.yml", hint="write one")
    assert str(caught.value) == f"{tmp_path / 'absent.yml'}: No such file or directory"
    assert (caught.value.hint, caught.value.exit_code) == ("write one", 2)


def test_folder_as_input_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="this is a folder, not a file"):
        read_text(tmp_path)


def test_pipe_as_input_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="a device, a pipe or a socket"):
        read_text(tmp_path / "pipe")


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    file = tmp_path / "x.yml"
    file.touch(mode=0)
    return file


@pytest.fixture
def nobody(unreadable: Path) -> Iterator[None]:
    """Root may read everything, so it becomes somebody else for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


@pytest.mark.usefixtures("nobody")
def test_unreadable_input_file_is_reported(unreadable: Path) -> None:
    with pytest.raises(UsageError, match="Permission denied"):
        read_text(unreadable)


def test_impossible_name_of_an_input_file_is_reported() -> None:
    with pytest.raises(UsageError, match="null"):
        read_text(Path("a\0b"))
