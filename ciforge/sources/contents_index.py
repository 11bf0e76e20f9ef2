"""Downloads package indexes of a distribution's mirror; one process at a time, once a day."""

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
"""Seconds between attempts to lock, and the minimum timeout of a request."""


def fetch_index(address: str, folder: Path, until: float) -> Path:
    """The local index, downloaded before `until` of the monotonic clock. Raises OSError,
    ValueError.
    """
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise ValueError(address)
    file = folder / f"{hashlib.sha256(address.encode()).hexdigest()[:24]}.gz"
    if _fresh(file):
        return file
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    # Several failed jobs need the same index: one downloads it, the others wait.
    lock = file.with_suffix(".lock")
    with locked(lock, between_tries=lambda: _pause(lock, until)):
        if not _fresh(file):
            _fetch(address, file.with_suffix(".part"), until)
            file.with_suffix(".part").replace(file)
    return file


def _fresh(file: Path) -> bool:
    return file.exists() and time.time() - file.stat().st_mtime < DAY


def _pause(lock: Path, until: float) -> None:
    """Waits. Raises TimeoutError after `until`."""
    if time.monotonic() > until:
        raise TimeoutError(str(lock))
    time.sleep(_PAUSE)


def _fetch(address: str, part: Path, until: float) -> None:
    """Continues an incomplete download if the mirror still has the same file."""
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
        # The mirror cannot continue this file: the next attempt starts again.
        mark.unlink(missing_ok=True)
        raise
    with answer, part.open("r+b" if goes_on else "wb") as out:
        begun = out.seek(0, os.SEEK_END)
        _mark(mark, answer.headers.get("ETag", ""))
        # Reads what has arrived, so that a slow mirror does not block.
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
    """Whether the answer continues the incomplete file. Raises ValueError for another part."""
    if answer.status != HTTPStatus.PARTIAL_CONTENT:
        return False
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {has}-"):
        answer.close()
        raise ValueError(answer.headers.get("Content-Range"))
    return True


def _mark(mark: Path, tag: str) -> None:
    """Stores the validator by which the mirror recognises the file; weak ETags are ignored."""
    mark.unlink(missing_ok=True)
    if tag.startswith('"') and tag.isascii() and tag.isprintable():
        mark.write_text(tag)


def _sweep(folder: Path) -> None:
    """Removes incomplete downloads that are older than a day."""
    for file in (*folder.glob("*.part"), *folder.glob("*.mark")):
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > DAY:
                file.unlink()
