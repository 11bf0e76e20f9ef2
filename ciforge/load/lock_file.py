"""Reads and writes `ciforge.lock`, the committed answers of package indexes beside a project file."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from ciforge.errors import InputError, UsageError
from ciforge.load import validators
from ciforge.load.converter import closed, structure
from ciforge.load.package_places import PackagePlace
from ciforge.load.value_readers import mapping, sequence, text
from ciforge.load.yaml_document import Document
from ciforge.model.distro import Catalogue, Dependency, Distribution, Provision
from ciforge.model.flaw import Flaw
from ciforge.model.lock_path import lock_path
from ciforge.model.package_lock import FORMAT, PackageLock
from ciforge.untrusted import read_start

UPDATE = "ciforge packages --update"
ABSENT = "none"
"""The answer that no package has a name."""

_HEAD = (
    f"# Written by `{UPDATE}`: the packages of the names in the project file. Commit this file.\n"
)
_MARK = _HEAD[: _HEAD.index(":")].encode()
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+/-]*")
_PACKAGES = sequence(text(validators.locked_package))


def _answer(value: object) -> tuple[str, ...] | None:
    return None if value == ABSENT else _PACKAGES(value)


def _known_format(value: Mapping[str, Any]) -> list[Flaw]:
    if value.get("lock") in (None, str(FORMAT)):
        return []
    message = (
        f"this form of the file is not known to this ciforge; run `{UPDATE}` to write it again"
    )
    return [Flaw(("lock",), message)]


_LOCK = closed(
    PackageLock,
    {"packages": mapping(validators.identifier, mapping(validators.index_name, _answer))},
    across=_known_format,
)


def load_lock(project_file: Path) -> PackageLock:
    """Returns the lock beside a project file; an empty one if there is none.

    Raises InputError with all problems. A link is not followed, since messages quote what they read."""
    file = lock_path(project_file)
    if file.is_symlink():
        raise InputError([f"{file}:1:1: this is a symbolic link, which is not followed"])
    if not file.exists():
        return PackageLock()
    lock: PackageLock = structure(_document(file), _LOCK)
    return lock


def refuse_foreign(project_file: Path) -> None:
    """Checks that the lock of a project file is one, or is not there yet. Raises UsageError.

    A link is replaced, whatever it points to."""
    file = lock_path(project_file)
    if file == project_file:
        raise UsageError(
            f"{file}: a project file cannot be called like its lock",
            hint="rename it to end in .yml",
        )
    if file.is_symlink() or not os.path.lexists(file):
        return
    try:
        own = read_start(file, len(_MARK)) == _MARK
    except OSError:
        own = False
    if not own:
        raise UsageError(
            f"{file}: ciforge did not write this file, and does not replace it",
            hint="move it away, or rename the project file",
        )


def _document(file: Path) -> Document:
    return Document.read(file, hint=f"`{UPDATE}` writes it")


def lock_text(lock: PackageLock) -> str:
    """Returns the text of the file, in the order of the alphabet."""
    lines = [f"{_HEAD}lock: {lock.lock}\npackages:\n"]
    for release, answers in sorted(lock.packages.items()):
        lines.append(f"  {release}:\n")
        lines += (
            f"    {json.dumps(name)}: {_written(answers[name])}\n" for name in sorted(answers)
        )
    return "".join(lines)


def _written(packages: tuple[str, ...] | None) -> str:
    if packages is None:
        return ABSENT
    quoted_names = (name if _PLAIN.fullmatch(name) else json.dumps(name) for name in packages)
    return f"[{', '.join(quoted_names)}]"


def with_lock(catalogue: Catalogue, lock: PackageLock, names: Iterable[str]) -> Catalogue:
    """Returns the catalogue in which each distribution has `names` as dependencies, by the lock."""
    names = tuple(names)
    distributions = {
        key: attrs.evolve(
            distribution,
            packages={
                **distribution.packages,
                **{name: _dependency(name, distribution, lock) for name in names},
            },
        )
        for key, distribution in catalogue.distributions.items()
    }
    return attrs.evolve(catalogue, distributions=distributions, locked=lock.packages)


def _dependency(name: str, distribution: Distribution, lock: PackageLock) -> Dependency:
    """The answers for the releases of a distribution; the others have none."""
    answers = {
        release.release: lock.packages[distribution.release_id(release)]
        for release in distribution.releases
        if distribution.release_id(release) in lock.packages
    }
    return Dependency(
        missing=f"the lock of the project file has no answer for it; run `{UPDATE}`",
        releases={key: _provision(each[name]) for key, each in answers.items() if name in each},
    )


def _provision(packages: tuple[str, ...] | None) -> Provision:
    if packages is None:
        return Provision(
            missing="no package of its index has it", source="the lock of the project file"
        )
    if not packages:
        return Provision(provided="base", source="the lock of the project file")
    return Provision(packages=packages, source="the lock of the project file")


def locked_places(
    project_file: Path, release_id: str, packages: Iterable[str]
) -> list[PackagePlace]:
    """Returns the places in the lock of those of `packages` that it has for a release."""
    file = lock_path(project_file)
    answers = load_lock(project_file).packages.get(release_id, {})
    if not answers:
        return []
    document, wanted = _document(file), frozenset(packages)
    return [
        PackagePlace(name, package, document.place(("packages", release_id, name, index)))
        for name, found in answers.items()
        for index, package in enumerate(found or ())
        if package in wanted
    ]
