"""Files of a distribution's mirror that say what there is: kept for a day, got by one at a time."""

import hashlib
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPResponse
from pathlib import Path

from ciforge.file_lock import locked

DAY = 24 * 3600
_LARGEST = 128 * 1024 * 1024
_PIECE = 1 << 20
_PAUSE = 0.05
"""Seconds between two looks at a lock; the shortest time that a mirror is given."""


def fetched(address: str, folder: Path, until: float) -> Path:
    """The index on this disk, got before `until` (by the monotonic clock). Raises OSError, ValueError."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise ValueError(address)
    file = folder / f"{hashlib.sha256(address.encode()).hexdigest()[:24]}.gz"
    if _fresh(file):
        return file
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    # Jobs that fail together ask together: one fetches, the others wait for what it gets.
    lock = file.with_suffix(".lock")
    with locked(lock, between_tries=lambda: _pause(lock, until)):
        if not _fresh(file):
            _fetch(address, file.with_suffix(".part"), until)
            file.with_suffix(".part").replace(file)
    return file


def _fresh(file: Path) -> bool:
    return file.exists() and time.time() - file.stat().st_mtime < DAY


def _pause(lock: Path, until: float) -> None:
    """Raises TimeoutError past `until`."""
    if time.monotonic() > until:
        raise TimeoutError(str(lock))
    time.sleep(_PAUSE)


def _fetch(address: str, part: Path, until: float) -> None:
    """Goes on where the last try had to end, if the mirror has the same file still."""
    mark = part.with_suffix(".mark")
    request = urllib.request.Request(address)  # noqa: S310 - only http and https come here
    has = part.stat().st_size if part.exists() and mark.exists() else 0
    if has:
        request.add_header("Range", f"bytes={has}-")
        request.add_header("If-Range", mark.read_text())
    left = max(_PAUSE, until - time.monotonic())
    try:
        answer = urllib.request.urlopen(request, timeout=left)  # noqa: S310 - as above
        goes_on = _goes_on(answer, has)
    except (urllib.error.HTTPError, ValueError):
        # It has nothing behind what is here, or something else: the next attempt starts again.
        mark.unlink(missing_ok=True)
        raise
    with answer, part.open("r+b" if goes_on else "wb") as out:
        begun = out.seek(0, os.SEEK_END)
        _mark(mark, answer.headers.get("ETag", ""))
        # One that comes drop by drop is not waited for to fill a piece.
        while piece := answer.read1(_PIECE):
            if out.tell() + len(piece) > _LARGEST:
                mark.unlink(missing_ok=True)
                raise ValueError(address)
            out.write(piece)
            if time.monotonic() > until:
                raise TimeoutError(address)
        if out.tell() - begun < int(answer.headers.get("Content-Length", 0)):
            raise ConnectionError(address)
    mark.unlink(missing_ok=True)


def _goes_on(answer: HTTPResponse, has: int) -> bool:
    """Whether it is the rest of what is here. Raises ValueError where it is another part."""
    if answer.status != HTTPStatus.PARTIAL_CONTENT:
        return False
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {has}-"):
        answer.close()
        raise ValueError(answer.headers.get("Content-Range"))
    return True


def _mark(mark: Path, tag: str) -> None:
    """Keeps by what a mirror knows a file again; a weak tag does not vouch for every byte."""
    mark.unlink(missing_ok=True)
    if tag.startswith('"') and tag.isascii() and tag.isprintable():
        mark.write_text(tag)


def _sweep(folder: Path) -> None:
    """Removes incomplete downloads that are older than a day."""
    for file in (*folder.glob("*.part"), *folder.glob("*.mark")):
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > DAY:
                file.unlink()
