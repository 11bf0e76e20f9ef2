"""Attribute a failed installation of packages to the mirror, the engine or the job."""

import re
from collections.abc import Iterable

from ciforge.engines.protocol import EngineExhausted, PrepareFailed
from ciforge.errors import EngineError
from ciforge.model.distro import Manager
from ciforge.model.result import Limit
from ciforge.sanitize import without_colours

_UNFIT_PATCH = r"^sources/\S+: the patch .+ does not apply$"
"""The words of the Dockerfile's command that applies a patch."""
_FULL = "No space left on device"


def preparation_failure(
    manager: Manager,
    output: str,
    error: str,
    code: int | None,
    what: str = "a command of the Dockerfile failed",
) -> Exception:
    """The error for commands that failed; `error` is the engine's own message, where it has one.

    `code` is the exit code of the command, None where no command failed; `what` says what failed
    where nothing more is known.
    """
    output = without_colours(output)
    if elsewhere := _not_of_the_job(manager, output, error):
        return elsewhere
    if code is None:
        return EngineError("the image cannot be built: " + error.partition("\n")[0])
    unknown = _first(manager.unknown_package, output)
    if unknown:
        return PrepareFailed(f"there is no package {unknown['package']!r}", code)
    if unfit := re.search(_UNFIT_PATCH, output, re.MULTILINE):
        return PrepareFailed(unfit[0], code)
    return PrepareFailed(what, code)


def _not_of_the_job(manager: Manager, output: str, error: str) -> EngineError | None:
    """The error of a failure that says nothing about the job."""
    barred = _first(manager.restricted, output)
    if barred:
        reason = f"the package manager lacks a right in this container: {barred[0].strip()}"
        return EngineError(reason, hint="its descriptor must call it without its own sandbox")
    dead = _first(manager.unreachable, f"{output}\n{error}")
    if dead:
        return EngineError(f"the package mirror does not answer: {dead[0].strip()}")
    if _FULL in output or _FULL in error or _first(manager.full, output):
        return EngineExhausted(
            "the image cannot be built: the disk of the engine is full", Limit.ENGINE_DISK
        )
    hole = _first(manager.incomplete, output)
    if hole:
        return EngineError(
            f"the package index is incomplete: {_line_of(hole)}",
            hint="its mirror is between two states, or a repository is missing: run again later",
        )
    return None


def _line_of(found: re.Match[str]) -> str:
    """The whole line in which a match ends, as it names both the package and what it needs."""
    begin = found.string.rfind("\n", 0, found.end() - 1) + 1
    return found.string[begin:].partition("\n")[0].strip()


def _first(patterns: Iterable[str], text: str) -> re.Match[str] | None:
    found = (re.search(pattern, text, re.MULTILINE) for pattern in patterns)
    return next(filter(None, found), None)
