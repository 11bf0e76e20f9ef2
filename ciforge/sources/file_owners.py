"""Which package owns a file, by an index that the distribution's mirror has."""

import gzip
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ciforge.errors import CiforgeError
from ciforge.sources.contents_index import fetched

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
    Debian's Contents. They are fetched to `folder` when they are older than a day, by one at a
    time; who comes later goes on with what an earlier one had no time for. Raises NotAskedError
    where none could be read within so many seconds.
    """
    known: list[dict[str, str]] = []
    until = time.monotonic() + seconds
    # In a thread, because name resolution has no time limit.
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
    on_result: Callable[[dict[str, str]], None],
) -> None:  # fmt: skip
    """Reads one index after the other; tells after each what is known by then."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for address in addresses:
        # Nobody is there in a thread to take an error, and this one is only a next address.
        with suppress(Exception):
            _read(fetched(address, folder, until), endings, found, until)
            on_result({ending: min(packages)[2] for ending, packages in found.items()})
        if found.keys() >= set(endings):
            return


def _read(
    file: Path, endings: Iterable[str], found: dict[str, list[tuple[int, int, str]]], until: float
) -> None:
    """Searches, and keeps no file for a day that cannot be read."""
    try:
        _search(file, endings, found, until)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        file.unlink(missing_ok=True)
        raise


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
    """How deep such a file is in its usual place: `usr/include/event.h` is 2 deep."""
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
