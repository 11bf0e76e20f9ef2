"""Reads the patches of `sources`: files beside the project file, which may only change what is in the source."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import attrs

from ciforge.model.flaw import Flaw
from ciforge.model.project import Patch, Project, Source
from ciforge.sanitize import escaped
from ciforge.untrusted import read_below

LIMIT = 64 << 10
"""Bytes of a patch: it is a word of a command in the Dockerfile, of which Linux takes 128 KiB."""

_HUNK = re.compile(rb"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@", re.MULTILINE)
_NAMED = re.compile(
    rb"(?:--- |\+\+\+ |\*\*\* |Index: |rename (?:from|to) |copy (?:from|to) )(?P<name>[^\t]*)"
)
_GIT = re.compile(rb"diff --git (?P<name>.*)")
_NOT_A_FILE = re.compile(rb"(?:new|old|deleted)(?: file)? mode (?!100)|index \S+ (?!100)")


def with_patches(project: Project, folder: Path) -> tuple[Project, list[Flaw]]:
    """Returns the project with the contents of its patches, which are below `folder`, and the flaws.

    No part of their path may be a link."""
    flaws: list[Flaw] = []
    sources = {
        id_: attrs.evolve(source, patches=tuple(_read(id_, source, folder, flaws)))
        for id_, source in project.sources.items()
    }
    return attrs.evolve(project, sources=sources), flaws


def _read(id_: str, source: Source, folder: Path, flaws: list[Flaw]) -> Iterator[Patch]:
    for place, patch in enumerate(source.patches):
        try:
            data = read_below(folder, patch.file, LIMIT)
            reason = next(_refusals(data), "")
        except OSError as error:
            data, reason = b"", (error.strerror or str(error)).lower()
        if reason:
            message = f"the patch {patch.file} cannot be used: {reason}"
            flaws.append(Flaw(("sources", id_, "patches", place), message))
        yield attrs.evolve(patch, data=base64.b64encode(data).decode())


def _refusals(data: bytes) -> Iterator[str]:
    """Reasons why a patch is refused: it is none, or it could write elsewhere than into the source."""
    if b"\0" in data or not _HUNK.search(data):
        yield "it is no unified diff, which `diff -u` and `git diff` write"
    for number, line in enumerate(data.split(b"\n"), 1):
        if _NOT_A_FILE.match(line):
            yield f"line {number}: it makes or changes a link or a submodule"
        found = _NAMED.match(line) or _GIT.match(line)
        if found and any(_leads_out(name) for name in found["name"].split(b" ")):
            name = escaped(found["name"].decode(errors="replace"))
            yield f"line {number}: {name} is outside of the source"


def _leads_out(name: bytes) -> bool:
    """Whether a name, of which `patch -p1` takes the first part away, is absolute or has `..`."""
    name = name.strip(b'"\r')
    return name != b"/dev/null" and (name.startswith(b"/") or b".." in name.split(b"/"))
