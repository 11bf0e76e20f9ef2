"""Builds of a working tree on a hosted service that are under way: `STATE/tries/ID.json`.

A file is written before anything is pushed, and removed once the branch of the build is gone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from ciforge.errors import UsageError
from ciforge.file_lock import locked
from ciforge.model.identifiers import is_id
from ciforge.store.atomic import write_atomically
from ciforge.store.document_file import read_document
from ciforge.store.documents import dump, to_document
from ciforge.store.storage_errors import explained

_LARGEST = 4 << 20
"""Bytes of a file; a real one has some thousands."""


@attrs.frozen(kw_only=True)
class HostedTry:
    """One build of a working tree on a service."""

    id: str
    """That of its run here."""
    service: str
    """The name of the service: `github`."""
    repository: str
    """`OWNER/NAME` on it."""
    remote: str
    """The name of the remote in the checkout."""
    checkout: str
    """The top folder of the checkout."""
    address: str
    """The address that was pushed to, without secrets."""
    branch: str
    commit: str
    """The commit of the working tree."""
    head: str
    """The commit that it is based on."""
    changes: int
    """Files that differ from `head`."""
    repos: tuple[str, ...]
    workflows: Mapping[str, tuple[str, ...]]
    """Workflow files to the jobs that they run."""
    started: float
    """In seconds since 1970."""
    runs: Mapping[str, int] = attrs.field(factory=dict)
    """Workflow files to the numbers of their runs on the service."""
    manifests: Mapping[str, str] = attrs.field(factory=dict)
    """Workflow files to their texts, for a service to which the text itself is sent."""
    detached: bool = False
    """Whether the person let it go on without this program."""


def write_try(state: Path, record: HostedTry) -> None:
    """Writes the file. Raises HistoryProblem."""
    file = _file(state, record.id)
    with explained(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(file, dump(to_document(record)))


def read_try(state: Path, id_: str) -> HostedTry:
    """Reads the file. Raises UsageError if there is none, HistoryProblem if it is damaged."""
    if not is_id(id_) or not (file := _file(state, id_)).is_file():
        under_way = ", ".join(tries(state)) or "none"
        raise UsageError(
            f"no build {id_!r} is under way on a service (there are: {under_way})",
            hint="`ciforge history` lists the runs that have ended",
        )
    return read_document(file, HostedTry, _LARGEST, "remove it by hand")


def remove_try(state: Path, id_: str) -> None:
    """Removes the file, if it exists. Raises HistoryProblem."""
    file = _file(state, id_)
    with explained(file):
        file.unlink(missing_ok=True)
        file.with_suffix(".lock").unlink(missing_ok=True)


def tries(state: Path) -> list[str]:
    """The ids of all builds under way, the oldest first."""
    return sorted(file.stem for file in (state / "tries").glob("*.json") if is_id(file.stem))


class TryInUse(UsageError):
    """Another process follows this build."""


@contextmanager
def held(state: Path, id_: str) -> Iterator[None]:
    """Keeps other processes from this build during the block. Raises TryInUse, HistoryProblem."""
    lock = _file(state, id_).with_suffix(".lock")

    def give_up() -> None:
        raise TryInUse(f"another process follows {id_}")

    with explained(lock):
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        holding = locked(lock, between_tries=give_up)
    with holding:
        yield


def _file(state: Path, id_: str) -> Path:
    return state / "tries" / f"{id_}.json"
