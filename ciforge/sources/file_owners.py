"""Finds the package that owns a file, by an index of the distribution's mirror."""

import gzip
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ciforge.errors import CiforgeError
from ciforge.sources.contents_index import fetch_index

_PIECE = 1 << 20
_LINE = 4096
"""Maximum length of a line of an index in bytes; longer lines are ignored."""


class NotAskedError(CiforgeError):
    """No index could be downloaded in time."""

    exit_code = 3


def find_owners(
    endings: Sequence[str], addresses: Sequence[str], folder: Path, seconds: float
) -> dict[str, str]:
    """Path endings (`include/event.h`) to the packages that own them; unknown ones are missing.

    Indexes have lines of a path, blanks, and `section/package` separated by commas, compressed by
    gzip: Debian's Contents files. They are downloaded to `folder` if older than a day, by one
    process at a time; the next one continues an incomplete download. Raises NotAskedError if none
    can be read within so many seconds.
    """
    owners: list[dict[str, str]] = []
    until = time.monotonic() + seconds
    # In a thread, because name resolution has no timeout.
    asking = threading.Thread(
        target=_ask, args=(endings, addresses, folder, until, owners.append), daemon=True
    )
    if seconds > 0:
        asking.start()
        asking.join(seconds)
    if not owners:
        raise NotAskedError("no index of files could be read in time")
    return owners[-1]


def _ask(
    endings: Sequence[str], addresses: Sequence[str], folder: Path, until: float,
    on_result: Callable[[dict[str, str]], None],
) -> None:  # fmt: skip
    """Reads the indexes in order; reports what is known after each."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for address in addresses:
        # An error in the thread is not reported, because the next address is tried.
        with suppress(Exception):
            _read(fetch_index(address, folder, until), endings, found, until)
            on_result({ending: min(packages)[2] for ending, packages in found.items()})
        if found.keys() >= set(endings):
            return


def _read(
    file: Path, endings: Iterable[str], found: dict[str, list[tuple[int, int, str]]], until: float
) -> None:
    """Searches an index; a file that cannot be read is removed."""
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
            for ending in [ending_ for ending_ in wanted if ending_.encode() in whole]:
                for match in wanted[ending].finditer(whole):
                    found.setdefault(ending, []).append(_owner(match))
                if ending in found and min(found[ending])[0] <= _plain_depth(ending):
                    del wanted[ending]
            if not wanted:
                return


def _plain_depth(ending: str) -> int:
    """The depth of such a file in its usual place: `usr/include/event.h` has 2."""
    return ending.count("/") + (1 if ending.startswith(("include/", "bin/")) else 3)


def _pattern(ending: str) -> "re.Pattern[bytes]":
    return re.compile(
        rb"^(?P<path>(?:[^\s]{0,200}/)?" + re.escape(ending.encode()) + rb")[ \t]+(?P<who>\S+)$",
        re.MULTILINE,
    )


def _owner(match: "re.Match[bytes]") -> tuple[int, int, str]:
    """The owner of the file nearest to the root; of several packages the one with the shortest
    name.
    """
    names = [
        package.rpartition("/")[2] for package in match["who"].decode("ascii", "replace").split(",")
    ]
    name = min(names, key=lambda package: (len(package), package))
    return match["path"].count(b"/"), len(name), name
