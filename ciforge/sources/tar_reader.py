"""A strict reader of tar files: a truncated or damaged file is an error, not an end.

Python's tarfile takes a damaged header for the end of the archive, and could loop endlessly on
hostile sizes. Formats: POSIX.1-2017 pax, and GNU tar's manual, "Basic Tar Format".
"""

from collections.abc import Iterator
from typing import BinaryIO

import attrs

BLOCK = 512
_HEADER_LIMIT = 1 << 20
_DIGITS = 20
_SPARSE = b"GNU.sparse"
"""The beginning of the keys of a file with holes."""
_KEYS = frozenset({b"path", b"linkpath", b"size", b"mtime", _SPARSE})
_PAX, _GLOBAL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"


class TarError(ValueError):
    """The file is not a valid tar file; the text says where."""


@attrs.frozen(kw_only=True)
class Member:
    """One member of the archive, as written."""

    name: bytes
    type: bytes
    mode: int
    mtime: int
    size: int
    link: bytes
    offset: int
    """The offset of its contents in the file."""


def members(file: BinaryIO, end: int) -> Iterator[Member]:
    """Every member of a tar file of `end` bytes. Raises BadTar."""
    common: dict[bytes, bytes] = {}
    own: dict[bytes, bytes] = {}
    at = 0
    while (header := _block(file, at, end)).strip(b"\0"):
        _check_sum(header, at)
        kind, size = header[156:157], _number(header[124:136], at)
        if kind in (_PAX, _GLOBAL, _LONG_NAME, _LONG_LINK):
            text = _text(file, at + BLOCK, size, end)
            _remember(kind, text, own, common, at)
            at += BLOCK + _padded(size)
            continue
        member = _member(header, at, common | own)
        yield member
        own = {}
        at = member.offset + _padded(member.size)
        if at > end:
            raise TarError("it is truncated in the middle of a file")


def _block(file: BinaryIO, at: int, end: int) -> bytes:
    if at + BLOCK > end:
        raise TarError("it is truncated: the end marker is missing")
    file.seek(at)
    return file.read(BLOCK)


def _check_sum(header: bytes, at: int) -> None:
    rest = header[:148] + b" " * 8 + header[156:]
    signed = sum(byte - 256 if byte > 127 else byte for byte in rest)
    if _number(header[148:156], at) not in (sum(rest), signed):
        raise TarError(f"the header at byte {at} is damaged" if at else "it is not a tar file")


def _number(field: bytes, at: int) -> int:
    if field[0] >= 0x80:
        # GNU tar's base 256, for numbers that do not fit into octal digits.
        negative = field[0] == 0xFF
        return int.from_bytes(
            field if negative else bytes([field[0] & 0x7F]) + field[1:], signed=negative
        )
    digits = field.strip(b" \0")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise TarError(
            f"the header at byte {at} is damaged" if at else "it is not a tar file"
        ) from None


def _text(file: BinaryIO, at: int, size: int, end: int) -> bytes:
    if not 0 <= size <= _HEADER_LIMIT:
        raise TarError(f"the header at byte {at - BLOCK} gives a size of {size} bytes")
    if at + size > end:
        raise TarError("it is truncated in the middle of a header")
    file.seek(at)
    return file.read(size)


def _remember(
    kind: bytes, text: bytes, own: dict[bytes, bytes], common: dict[bytes, bytes], at: int
) -> None:
    if kind in (_LONG_NAME, _LONG_LINK):
        own[b"path" if kind == _LONG_NAME else b"linkpath"] = text.split(b"\0")[0]
        return
    text, start = text.rstrip(b"\0"), 0
    while start < len(text):
        length = text[start : start + _DIGITS].partition(b" ")[0]
        if not length.isdigit() or not len(length) < int(length) <= len(text) - start:
            raise TarError(f"the header at byte {at} is damaged")
        end = start + int(length)
        key, _, value = text[start + len(length) + 1 : end - 1].partition(b"=")
        key = _SPARSE if key.startswith(_SPARSE) else key
        if key in _KEYS:
            (own if kind == _PAX else common)[key] = value
        start = end


def _member(header: bytes, at: int, pax: dict[bytes, bytes]) -> Member:
    name, prefix = header[:100].split(b"\0")[0], b""
    if header[257:263] == b"ustar\0":
        prefix = header[345:500].split(b"\0")[0]
    name = pax.get(b"path", prefix + b"/" + name if prefix else name)
    kind = header[156:157]
    if _SPARSE in pax:
        kind = b"S"
    if kind in (b"\0", b"7"):
        # Before POSIX, a trailing slash marked a folder.
        kind = b"5" if name.endswith(b"/") else b"0"
    size = _decimal(pax[b"size"], at) if b"size" in pax else _number(header[124:136], at)
    if size < 0:
        raise TarError(f"the header at byte {at} gives a size of {size} bytes")
    mtime = _decimal(pax[b"mtime"], at) if b"mtime" in pax else _number(header[136:148], at)
    return Member(
        name=name,
        type=kind,
        mode=_number(header[100:108], at) & 0o777,
        mtime=mtime,
        # Links have no contents, whatever size old archives state; GNU tar ignores it too.
        size=size if kind not in (b"1", b"2", b"5") else 0,
        link=pax.get(b"linkpath", header[157:257].split(b"\0")[0]),
        offset=at + BLOCK,
    )


def _decimal(text: bytes, at: int) -> int:
    whole = text.partition(b".")[0]
    if not whole.lstrip(b"-").isdigit() or len(whole) > 20:
        raise TarError(f"the header at byte {at} is damaged")
    return int(whole)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
