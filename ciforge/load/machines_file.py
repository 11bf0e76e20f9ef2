"""Reads `machines.yml` of the user's configuration: machines that are no containers."""

import enum
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ciforge.load.converter import closed, structure
from ciforge.load.shown_values import kind
from ciforge.load.validators import identifier, must, one_of
from ciforge.load.value_readers import FlawsFound, Reader, mapping, sequence, text, whole_number
from ciforge.load.yaml_document import Document
from ciforge.model.flaw import Flaw
from ciforge.model.host_machine import LOCAL, HostMachine, PackagePolicy, RootCommand
from ciforge.model.trust_domain import Trust

FILE_NAME = "machines.yml"

_HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_][A-Za-z0-9_.:-]*")
"""One word that can be no option, and nothing that ssh(1) would read as more than a host."""
_DIRECTORY = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9_.+-]*){2,}")


def load_machines(file: Path) -> Mapping[str, HostMachine]:
    """The machines by their names; none where there is no file. Raises InputError, UsageError."""
    if not file.exists():
        return {}
    machines: dict[str, HostMachine] = structure(Document.read(file), _MACHINES)
    return machines


def _host(word: str) -> None:
    must(_HOST.fullmatch(word), word, "is not a host (write user@host, or a name of ssh_config)")


def _directory(word: str) -> None:
    fine = _DIRECTORY.fullmatch(word) and posixpath.normpath(word) == word
    must(fine, word, "is not an absolute path of a folder for jobs, such as /var/tmp/ciforge")


def _port(value: object, _: object = None) -> int:
    number: int = whole_number(value)
    if not 0 < number < 65536:
        raise ValueError(f"expected a port from 1 to 65535, found {number}")
    return number


def _word(words: type[enum.Enum]) -> Reader:
    """One of the values of an enum."""
    read = text(one_of(str(each.value) for each in words))
    return lambda value, _=None: words(read(value))


def _whole(value: Mapping[str, Any]) -> list[Flaw]:
    """What a machine lacks that ssh reaches."""
    return [
        Flaw((key,), f"{key!r} is missing", key=True)
        for key in ("ssh", "system")
        if not value.get(key)
    ]


_KEYS: Mapping[str, Reader] = {
    "ssh": text(_host),
    "port": _port,
    "system": text(identifier),
    "arch": text(identifier),
    "root": _word(RootCommand),
    "packages": _word(PackagePolicy),
    "trust": sequence(_word(Trust), empty="no trust domain: it would run nothing"),
    "directory": text(_directory),
}
_MACHINE = closed(HostMachine, _KEYS)


def _machines(value: object, _: object = None) -> dict[str, HostMachine]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a mapping of names to machines, found {kind(value)}")
    read: dict[str, HostMachine] = mapping(identifier, _MACHINE)(value)
    flaws = [
        Flaw((name, *flaw.path), flaw.message, flaw.key)
        for name, machine in value.items()
        for flaw in ([] if name == LOCAL else _whole(machine))
    ]
    if LOCAL in read and read[LOCAL].ssh:
        flaws.append(Flaw((LOCAL, "ssh"), "local is this machine, which has no address", key=True))
    if flaws:
        raise FlawsFound(flaws)
    return read


_MACHINES: Reader = _machines
