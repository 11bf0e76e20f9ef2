"""Reads regular files of limited size as text that is safe to parse."""

import codecs
import re
from pathlib import Path

from ciforge.errors import InputError, UsageError
from ciforge.untrusted import read_start

LIMIT = 1 << 20
"""Maximum size in bytes; larger files are not handwritten."""

UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""NUL, control characters, surrogates, and line ends that do not look like one."""

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def read_text(file: Path, *, hint: str = "") -> str:
    """The text of `file`. Raises UsageError (with `hint`) if unreadable, InputError if not text."""
    try:
        data = read_start(file, LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}", hint=hint) from None
    except ValueError as error:
        raise UsageError(f"{str(file)!r}: {error}", hint=hint) from None
    if len(data) > LIMIT:
        raise InputError([f"{file}:1:1: larger than 1 MiB; this is not a file for ciforge"])
    return _decode(data, file)


def _decode(data: bytes, file: Path) -> str:
    if data.startswith(_WIDE):
        raise InputError([f"{file}:1:1: this is UTF-16 or UTF-32; save it as UTF-8"])
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = place_in(before.decode(), error.start)
        offset = len(data) - len(error.object) + error.start
        wrong = f"byte 0x{error.object[error.start]:02x} at offset {offset}"
        raise InputError([f"{file}:{line}:{column}: this is not UTF-8 ({wrong})"]) from None


def place_in(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at `offset`."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def refuse_unsafe(text: str, file: Path) -> None:
    """Raises InputError if `text` has characters that editors do not show."""
    found = list(UNSAFE.finditer(text))
    if not found:
        return
    line, column = place_in(text, found[0].start())
    rest = f" (and {len(found) - 1} more of the kind)" if len(found) > 1 else ""
    code = f"U+{ord(found[0].group()):04X}"
    raise InputError([f"{file}:{line}:{column}: the character {code} is not allowed{rest}"])
