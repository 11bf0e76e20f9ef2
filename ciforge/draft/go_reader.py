"""Reads go.mod and Go files: the module's name, the folder of the program, and whether it uses C."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import attrs

from ciforge.draft.evidence import Requirement, RequirementKind, SourceLine, TextFile, whole
from ciforge.draft.tree_reader import TreeReader

_MODULE = re.compile(r"(?m)^module[ \t]+\"?([^\s\"]+)")
_VERSION = re.compile(r"(?m)^go[ \t]+([0-9][0-9.]*)")
_CGO = re.compile(r'(?m)^(?:import[ \t]+|[ \t]+)"C"')
_NEEDS = re.compile(r"(?m)^[ \t/*]*#cgo[ \t]+[^\n:]*(pkg-config|LDFLAGS):([^\n]*)")
_MAIN = re.compile(r"(?m)^package[ \t]+main\b")
_MANY = 300


@attrs.frozen(kw_only=True)
class GoTree:
    """Facts about a tree of Go files."""

    main: str | None
    """The folder of the program, `.` for the top; None if there is none."""
    clue: SourceLine
    cgo: SourceLine | None
    requirements: tuple[Requirement, ...]


def module_name(file: TextFile) -> tuple[str, int] | None:
    """The last part of the module's path that is not a version, and its line."""
    match = _MODULE.search(file.text)
    parts = (
        [part for part in match[1].split("/") if not re.fullmatch(r"v\d+", part)] if match else []
    )
    return (parts[-1], match.start()) if match and parts else None


def enforced_version(file: TextFile) -> tuple[str, int] | None:
    """The Go version in go.mod, and its line; Go ignores it before 1.21."""
    match = _VERSION.search(file.text)
    if not match or tuple(map(int, re.findall(r"\d{1,9}", match[1])[:2])) < (1, 21):
        return None
    return match[1], match.start()


def look(ground: TreeReader) -> GoTree:
    """Reads the Go files near the top, except tests."""
    files = [file for name in _sources(ground) if (file := ground.read(name))]
    mains = {
        str(PurePosixPath(file.name).parent): file for file in files if _MAIN.search(file.text)
    }
    main = "." if "." in mains else min(mains, default=None)
    cgo = next(((file, match) for file in files if (match := _CGO.search(file.text))), None)
    return GoTree(
        main=main,
        clue=mains[main].clue(0)
        if main is not None
        else whole("*.go", "no package main near the top"),
        cgo=cgo[0].clue(cgo[1].start()) if cgo else None,
        requirements=tuple(requirement for file in files for requirement in _requirements(file)),
    )


def _sources(ground: TreeReader) -> list[str]:
    found = [
        name
        for name in ground.named("*.go", depth=2)
        if not name.endswith("_test.go") and (name.count("/") == 0 or name.startswith("cmd/"))
    ]
    return found[:_MANY]


def _requirements(file: TextFile) -> Iterator[Requirement]:
    for match in _NEEDS.finditer(file.text):
        for word in match[2].split():
            if match[1] == "pkg-config" and not word.startswith("-"):
                yield Requirement(
                    kind=RequirementKind.MODULE, name=word, clue=file.clue(match.start())
                )
            elif match[1] == "LDFLAGS" and word.startswith("-l"):
                yield Requirement(
                    kind=RequirementKind.LIBRARY, name=word[2:], clue=file.clue(match.start())
                )
