"""Reads `machines.yml` of the user's configuration: machines that are no containers."""

import enum
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ciforge.load.converter import closed, structure
from ciforge.load.durations import seconds
from ciforge.load.shown_values import kind
from ciforge.load.url_validators import url
from ciforge.load.validators import identifier, must, one_of
from ciforge.load.value_readers import (
    FlawsFound,
    Reader,
    mapping,
    sequence,
    text,
    truth,
    whole_number,
)
from ciforge.load.yaml_document import Document
from ciforge.model.flaw import Flaw
from ciforge.model.host_machine import LOCAL, HostMachine, PackagePolicy, RootCommand
from ciforge.model.trust_domain import Trust

FILE_NAME = "machines.yml"

_HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_][A-Za-z0-9_.:-]*")
"""One word that can be no option, and nothing that ssh(1) would read as more than a host."""
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
_GUEST_KEYS = ("sha256", "user", "key", "memory", "processors", "network", "boot", "qemu")
"""Keys of virtual machines only."""
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


def _port(value: object) -> int:
    number: int = whole_number(value)
    if not 0 < number < 65536:
        raise ValueError(f"expected a port from 1 to 65535, found {number}")
    return number


def _word(choices: type[enum.Enum]) -> Reader:
    """One of the values of an enum."""
    read = text(one_of(str(each.value) for each in choices))
    return lambda value: choices(read(value))


def _disk(word: str) -> None:
    if "://" in word:
        url(word)
    else:
        _file(word)


def _file(word: str) -> None:
    fine = word.startswith(("/", "~/")) and word.isprintable() and "," not in word
    must(fine, word, "is not the path of a file, from / or ~/ and without a comma")


def _digest(word: str) -> None:
    must(re.fullmatch(r"[0-9a-f]{64}", word), word, "is not a SHA-256 (64 digits from 0 to f)")


def _user(word: str) -> None:
    must(_USER.fullmatch(word), word, "is not the name of a user")
    must(word != "root", word, "is not a login for jobs (make another user, and use `root:`)")


def _between(low: int, high: int) -> Reader:
    def read(value: object) -> int:
        number: int = whole_number(value)
        if not low <= number <= high:
            raise ValueError(f"expected a number from {low} to {high}, found {number}")
        return number

    return read


def _flaws(value: Mapping[str, Any]) -> list[Flaw]:
    """Lists keys that a machine reached by ssh lacks, and keys that exclude each other."""
    guest = bool(value.get("disk"))
    missing = ["system"] if guest else ["ssh", "system"]
    flaws = [Flaw((key,), f"{key!r} is missing", key=True) for key in missing if not value.get(key)]
    wrong = ("ssh", "port") if guest else _GUEST_KEYS
    reason = "is no key of a machine with a disk" if guest else "needs a 'disk'"
    flaws += [Flaw((key,), f"{key!r} {reason}", key=True) for key in wrong if key in value]
    return flaws + (_flaws_of_guest(value) if guest else [])


def _flaws_of_guest(value: Mapping[str, Any]) -> list[Flaw]:
    flaws = []
    if str(value["disk"]).startswith("http:") and not value.get("sha256"):
        flaws.append(Flaw(("disk",), "an http:// address needs a 'sha256'", key=True))
    if value.get("packages") == PackagePolicy.INSTALL.value and value.get("network") != "true":
        flaws.append(
            Flaw(("packages",), "packages are installed only with `network: true`", key=True)
        )
    if value.get("arch", "amd64") != "amd64":
        flaws.append(Flaw(("arch",), "a virtual machine is amd64", key=True))
    return flaws


_KEYS: Mapping[str, Reader] = {
    "ssh": text(_host),
    "port": _port,
    "system": text(identifier),
    "arch": text(identifier),
    "root": _word(RootCommand),
    "packages": _word(PackagePolicy),
    "trust": sequence(_word(Trust), empty="no trust domain: it would run nothing"),
    "directory": text(_directory),
    "disk": text(_disk),
    "sha256": text(_digest),
    "user": text(_user),
    "key": text(_file),
    "memory": _between(64, 1024 * 1024),
    "processors": _between(1, 64),
    "network": truth,
    "boot": seconds,
    "qemu": sequence(text()),
}
MACHINE = closed(HostMachine, _KEYS)


def _machines(value: object) -> dict[str, HostMachine]:
    if not isinstance(value, dict):
        raise ValueError(f"expected a mapping of names to machines, found {kind(value)}")
    read: dict[str, HostMachine] = mapping(identifier, MACHINE)(value)
    flaws = [
        Flaw((name, *flaw.path), flaw.message, flaw.key)
        for name, machine in value.items()
        for flaw in ([] if name == LOCAL else _flaws(machine))
    ]
    if LOCAL in read and (read[LOCAL].ssh or read[LOCAL].disk):
        flaws.append(Flaw((LOCAL,), "local is this machine, which has no address", key=True))
    if flaws:
        raise FlawsFound(flaws)
    return read


_MACHINES: Reader = _machines
