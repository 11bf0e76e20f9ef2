"""Which package owns a file, by an index that the distribution's mirror has; kept for a day."""

import gzip
import hashlib
import re
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ciforge.errors import CiforgeError

DAY = 24 * 3600
_LARGEST = 128 * 1024 * 1024
_PIECE = 1 << 20
_LINE = 4096
"""Bytes that a line of an index may have; of longer ones nothing is read."""


class NotAskedError(CiforgeError):
    """No index was to be had in time."""

    exit_code = 3


def owners(
    endings: Sequence[str], addresses: Sequence[str], folder: Path, seconds: float
) -> dict[str, str]:
    """Each ending of a path (`include/event.h`) to the package that owns it, where one does.

    Indexes are lines of a path, blanks, and `section/package` separated by commas, packed by gzip:
    Debian's Contents. They are fetched to `folder` when they are older than a day. Raises
    NotAskedError where none could be read within so many seconds.
    """
    known: list[dict[str, str]] = []
    until = time.monotonic() + seconds
    # In a thread, because nobody can limit the time that a name takes to be resolved.
    asking = threading.Thread(
        target=_ask, args=(endings, addresses, folder, until, known.append), daemon=True
    )
    if seconds > 0:
        asking.start()
        asking.join(seconds)
    if not known:
        raise NotAskedError("no index of files could be read in time")
    return known[-1]


def _ask(
    endings: Sequence[str], addresses: Sequence[str], folder: Path, until: float,
    hear: Callable[[dict[str, str]], None],
) -> None:  # fmt: skip
    """Reads one index after the other; tells after each what is known by then."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for address in addresses:
        # Nobody is there in a thread to take an error, and this one is only a next address.
        with suppress(Exception):
            _search(_fetched(address, folder, until), endings, found, until)
            hear({ending: min(packages)[2] for ending, packages in found.items()})
        if found.keys() >= set(endings):
            return


def _fetched(address: str, folder: Path, until: float) -> Path:
    """The index on this disk. Raises OSError, ValueError."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise ValueError(address)
    file = folder / f"{hashlib.sha256(address.encode()).hexdigest()[:24]}.gz"
    if file.exists() and time.time() - file.stat().st_mtime < DAY:
        return file
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    part = file.with_suffix(f".{time.monotonic_ns()}.part")
    try:
        with (
            urllib.request.urlopen(  # noqa: S310 - only http and https come here
                address, timeout=max(0.1, until - time.monotonic())
            ) as answer,
            part.open("wb") as out,
        ):
            size = 0
            # One that comes drop by drop is not waited for to fill a piece.
            while piece := answer.read1(_PIECE):
                size += len(piece)
                if size > _LARGEST or time.monotonic() > until:
                    raise TimeoutError(address)
                out.write(piece)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file


def _sweep(folder: Path) -> None:
    """Removes what was left half fetched when a process ended."""
    for file in folder.glob("*.part"):
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > DAY:
                file.unlink()


def _search(
    file: Path,
    endings: Iterable[str],
    found: dict[str, list[tuple[int, int, str]]],
    until: float,
) -> None:
    wanted = {ending: _pattern(ending) for ending in endings}
    rest = b""
    with gzip.open(file) as stream:
        while piece := stream.read(_PIECE):
            if time.monotonic() > until:
                raise TimeoutError(str(file))
            whole, _, rest = (rest[-_LINE:] + piece).rpartition(b"\n")
            for ending in [one for one in wanted if one.encode() in whole]:
                for match in wanted[ending].finditer(whole):
                    found.setdefault(ending, []).append(_owner(match))
                if ending in found and min(found[ending])[0] <= _plain_depth(ending):
                    del wanted[ending]
            if not wanted:
                return


def _plain_depth(ending: str) -> int:
    """How deep such a file lies where everybody looks for it: `usr/include/event.h` is 2 deep."""
    return ending.count("/") + (1 if ending.startswith(("include/", "bin/")) else 3)


def _pattern(ending: str) -> "re.Pattern[bytes]":
    return re.compile(
        rb"^(?P<path>(?:[^\s]{0,200}/)?" + re.escape(ending.encode()) + rb")[ \t]+(?P<who>\S+)$",
        re.MULTILINE,
    )


def _owner(match: "re.Match[bytes]") -> tuple[int, int, str]:
    """The nearest to the root is what is meant; of several packages the one with the short name."""
    names = [one.rpartition("/")[2] for one in match["who"].decode("ascii", "replace").split(",")]
    name = min(names, key=lambda one: (len(one), one))
    return match["path"].count(b"/"), len(name), name
