"""What a step read and made, as a script of root inside the container lists it.

The lines come from a machine that may be hostile: a list that is not as the script writes it is
no list, and the step counts as not observed.
"""

import io
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

import attrs

from ciforge.engines.helper_exec import HelperExec

_SOURCE = "/ciforge/src/"
_OBSERVE = "/ciforge/bin/observe"
_MADE = "/ciforge/records/root/observed/made.tar"
_LARGEST = 48 * 1024 * 1024
"""Bytes of the files that a step may make."""
_MOST = 10_000
"""The same for their number."""
_FILE = re.compile(r"([0-9a-f]+) \d+ (\d+) (\d+) ([^|]+\|[^|]+)\|[^|]+\|(.+)", re.DOTALL)
_FOLDER = re.compile(r"([0-9a-f]+) \d+ (.+)", re.DOTALL)
_TIME = re.compile(r"(\d+)\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.(\d{9})(?: [+-]\d{4})?")
_LATEST = 8**11
"""Seconds since 1970: the year 2242."""
_REGULAR, _LINK = 0o10, 0o12


class _Unlisted(ValueError):
    """The list is not complete, or names what cannot be laid in again."""


@attrs.frozen(kw_only=True)
class MadeFile:
    """A file, link or folder that a step made or changed. `path` is relative to the source."""

    path: str
    type: bytes
    """REGTYPE, SYMTYPE or DIRTYPE of `tarfile`."""
    mode: int
    mtime: int = 0
    """Nanoseconds since 1970."""
    data: bytes = b""
    target: str = ""


@attrs.frozen(kw_only=True)
class StepObservation:
    """What a step did with the source; it changed nothing else."""

    read: frozenset[str]
    """Paths, relative to the source, of files that it read or changed; they may be new."""
    made: tuple[MadeFile, ...]
    began: int
    """Nanoseconds since 1970, by the clock of the machine."""
    ended: int


class StepObserver:
    """Observes the steps of one container; `read` returns a file of it, `scripts` are those laid in."""

    def __init__(
        self,
        helper: HelperExec,
        scripts: Mapping[str, str],
        read: Callable[[str, int], bytes | None],
    ) -> None:
        self._helper = helper
        self._scripts = scripts
        self._read = read

    def begin(self) -> bool:
        """Before the step: whether reads are recorded here. Raises EngineError."""
        return self._run("before").strip() == "ready"

    def end(self) -> StepObservation | None:
        """After the step: None if it did what cannot be repeated by files alone. Raises EngineError."""
        try:
            return self._observation(self._run("after").removesuffix("\n").split("\n"))
        except (ValueError, KeyError, tarfile.TarError):
            return None

    def _run(self, argument: str) -> str:
        script = f"set -- {argument}\n{self._scripts[_OBSERVE]}"
        output = self._helper.output(script, patient=True)
        return output.decode("utf-8", "surrogateescape")

    def _observation(self, lines: list[str]) -> StepObservation:
        if not lines or lines.pop() != "end":
            raise _Unlisted("the list is not complete")
        found: dict[str, list[str]] = {}
        for line in lines:
            word, _, rest = line.partition(" ")
            found.setdefault(word, []).append(rest)
        if set(found) - {"began", "ended", "read", "made", "folder"}:
            raise _Unlisted("it removed a file, or changed one outside of the source")
        folders = [_folder(line) for line in found.get("folder", ())]
        return StepObservation(
            read=frozenset(map(_below, found.get("read", ()))),
            made=(*folders, *self._files(found.get("made", []))),
            began=_time(found["began"][0]), ended=_time(found["ended"][0]),
        )  # fmt: skip

    def _files(self, lines: list[str]) -> Iterator[MadeFile]:
        listed = dict(map(_listed, lines))
        if not listed:
            return
        if len(listed) > _MOST or sum(size for _, size, _ in listed.values()) > _LARGEST:
            raise _Unlisted("it made too much")
        packed = self._read(_MADE, _LARGEST + 2048 * _MOST)
        with tarfile.open(fileobj=io.BytesIO(packed or b""), mode="r:") as tar:
            for entry in tar:
                mode, size, mtime = listed.pop(entry.name.removeprefix("./"))
                yield _made(tar, entry, mode, size, mtime)
        if listed:
            raise _Unlisted("a file is missing")


def _made(
    tar: tarfile.TarFile, entry: tarfile.TarInfo, mode: int, size: int, mtime: int
) -> MadeFile:
    kind = {_REGULAR: tarfile.REGTYPE, _LINK: tarfile.SYMTYPE}.get(mode >> 12)
    path = entry.name.removeprefix("./")
    if kind != entry.type:
        raise _Unlisted("a file of another kind")
    if entry.issym():
        return MadeFile(path=path, type=kind, mode=0o777, mtime=mtime, target=entry.linkname)
    stream = tar.extractfile(entry)
    data = stream.read() if stream else b""
    if len(data) != size:
        raise _Unlisted("a file changed while it was packed")
    return MadeFile(path=path, type=kind, mode=mode & 0o7777, mtime=mtime, data=data)


def _listed(line: str) -> tuple[str, tuple[int, int, int]]:
    """Path to mode, size and time of a file of one name."""
    match = _FILE.fullmatch(line)
    if not match or match[3] != "1":
        raise _Unlisted("a file of several names")
    return _below(match[5]), (int(match[1], 16), int(match[2]), _time(match[4]))


def _folder(line: str) -> MadeFile:
    match = _FOLDER.fullmatch(line)
    if not match:
        raise _Unlisted("no folder")
    mode = int(match[1], 16) & 0o7777
    return MadeFile(path=_below(match[2]), type=tarfile.DIRTYPE, mode=mode)


def _below(name: str) -> str:
    """The path relative to the source; GNU tar would take a backslash in it for an escape."""
    path = name.removeprefix(_SOURCE)
    parts = PurePosixPath(path).parts
    if path == name or ".." in parts or "\\" in path or str(PurePosixPath(path)) != path:
        raise _Unlisted("a name that leads out of the source")
    return path


def _time(text: str) -> int:
    """Nanoseconds since 1970, of `SECONDS|DATE TIME.NANOSECONDS`."""
    match = _TIME.fullmatch(text)
    if not match or int(match[1]) > _LATEST:
        raise _Unlisted("no time")
    return int(match[1]) * 10**9 + int(match[2])
