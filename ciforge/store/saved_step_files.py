"""Saved steps, one file each: `STATE/steps/KEY-INPUTS.step`.

A file has its SHA-256, a line of JSON, and the log and the contents that this line describes. It is
written in one step, and no machine can write here. A file that is damaged is removed and named.
"""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ciforge.model.saved_step import SavedStep
from ciforge.store.atomic import SCRATCH, write_atomically
from ciforge.store.documents import from_document, to_document
from ciforge.untrusted import open_below

FOLDER = "steps"
LIMIT = 512 * 1024 * 1024
"""Bytes of all files together; those that were used longest ago are removed."""
_EACH = 4
"""Files with the same key, for other contents of the inputs."""
_NAME = re.compile(r"[0-9a-f]{40}-[0-9a-f]{40}\.step")
_LARGEST = 128 * 1024 * 1024
_HEAD = 65
"""Bytes of the SHA-256 and its line end."""


class SavedStepFiles:
    """The saved steps of one state folder; `on_message` is called with a sentence about one that is damaged."""

    def __init__(
        self, state: Path, on_message: Callable[[str], None], *, limit: int = LIMIT
    ) -> None:
        self._state = state
        self._on_message = on_message
        self._limit = limit

    def find(self, key: str, fits: Callable[[SavedStep], bool]) -> tuple[SavedStep, bytes] | None:
        """The newest saved step of that key for which `fits` is true, and its log and contents."""
        for file in reversed(self._oldest_first(f"{key}-")):
            name = f"{FOLDER}/{file.name}"
            try:
                with os.fdopen(open_below(self._state, name), "rb") as stream:
                    _check_owner(stream.fileno())
                    stream.seek(_HEAD)
                    if not fits(from_document(stream.readline(_LARGEST), SavedStep)):
                        continue
                    stream.seek(0)
                    found = _verified(stream.read(_LARGEST + 1))
                # The part that decided may have been the damaged one.
                if found[0].key != key or not fits(found[0]):
                    raise ValueError("it is about other inputs")
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                reason = (error.strerror if isinstance(error, OSError) else None) or error
                self._on_message(f"{self._state / name}: damaged, not used: {reason}")
                self._remove(file)
                continue
            with suppress(OSError):
                os.utime(file)
            return found
        return None

    def keep(self, saved: SavedStep, payload: bytes) -> None:
        """Writes one in one step, and removes what is over the limit. Raises OSError if it cannot be written."""
        head = json.dumps(to_document(saved), separators=(",", ":")).encode("ascii") + b"\n"
        data = head + payload
        if len(data) > min(self._limit, _LARGEST - _HEAD):
            return
        whole = hashlib.sha256(data).hexdigest().encode() + b"\n" + data
        file = self._state / FOLDER / f"{saved.key}-{_inputs(saved)}.step"
        file.parent.mkdir(mode=0o700, exist_ok=True)
        self._make_room(len(whole))
        for old in self._oldest_first(f"{saved.key}-")[: -_EACH + 1]:
            self._remove(old)
        try:
            write_atomically(file, whole, self._state / SCRATCH)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self._make_room(self._limit)
                self._on_message("the disk is full: all saved steps were removed")
            raise

    def drop(self, saved: SavedStep) -> Path:
        """Removes one that was wrong; its file."""
        file = self._state / FOLDER / f"{saved.key}-{_inputs(saved)}.step"
        self._remove(file)
        return file

    def _make_room(self, wanted: int) -> None:
        files = self._oldest_first("")
        sizes = {file: file_size(file) for file in files}
        total = sum(sizes.values()) + wanted
        for file in files:
            if total <= self._limit:
                return
            self._remove(file)
            total -= sizes[file]

    def _oldest_first(self, start: str) -> list[Path]:
        times = dict[Path, int]()
        for file in saved_step_files(self._state):
            if file.name.startswith(start):
                with suppress(FileNotFoundError):  # removed by another process
                    times[file] = file.stat().st_mtime_ns
        return sorted(times, key=lambda file: times[file])

    def _remove(self, file: Path) -> None:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def saved_step_files(state: Path) -> tuple[Path, ...]:
    """The files of a state folder; other files are not listed."""
    folder = state / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return ()
    return tuple(file for file in folder.iterdir() if _NAME.fullmatch(file.name))


def old_saved_steps(state: Path, before: float) -> Iterator[Path]:
    """Those that were last used before a time, in seconds since 1970."""
    for file in saved_step_files(state):
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < before:
                yield file


def total_size(state: Path) -> int:
    """Bytes of all saved steps."""
    return sum(map(file_size, saved_step_files(state)))


def file_size(file: Path) -> int:
    """Bytes of a file; 0 if another process removed it."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _inputs(saved: SavedStep) -> str:
    text = json.dumps([sorted(saved.inputs.items()), saved.order, sorted(saved.env.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _check_owner(descriptor: int) -> None:
    info = os.fstat(descriptor)
    if info.st_uid != os.geteuid() or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError("another user can write it")


def _verified(whole: bytes) -> tuple[SavedStep, bytes]:
    """The description and what follows it. Raises ValueError unless all is as it was written."""
    data = whole[_HEAD:]
    if whole[:_HEAD] != hashlib.sha256(data).hexdigest().encode() + b"\n":
        raise ValueError("its checksum differs")
    head, _, payload = data.partition(b"\n")
    saved = from_document(head, SavedStep)
    if saved.log_size + sum(file.size for file in saved.files) != len(payload):
        raise ValueError("its sizes differ")
    return saved, payload
