"""Reads C files: headers that are included unconditionally."""

import re
from collections.abc import Iterable, Iterator

from ciforge.draft.evidence import Requirement, RequirementKind, TextFile
from ciforge.draft.tree_reader import TreeReader, is_aside

MANY = 3000
"""Maximum number of files that are read."""
_BYTES = 1 << 18
_SOURCES = ("*.c", "*.h", "*.cc", "*.cpp", "*.cxx", "*.y", "*.l")
_DIRECTIVE = re.compile(
    r"(?m)^[ \t]*#[ \t]*(?:include[ \t]*<([^>\n]{1,200})>|(if|ifdef|ifndef|endif|define)\b([^\n]*))"
)


def requirements(tree: TreeReader, names: Iterable[str]) -> Iterator[Requirement]:
    """Each header that `known` contains, by its name or its folder with a `/`, once."""
    wanted, reported = frozenset(names), set()
    own = {end for name in tree.named("*.h", depth=9) for end in _ends(name)}
    for name in list(tree.named(*_SOURCES, depth=5))[:MANY]:
        file = None if is_aside(name) else tree.read(name, _BYTES)
        if file is None:
            continue
        for header, offset in always_included(file):
            folder = header.partition("/")[0] + "/"
            if header in reported or header in own or not {header, folder} & wanted:
                continue
            reported.add(header)
            yield Requirement(
                kind=RequirementKind.HEADER, name=header, clue=file.clue(offset), firm=False
            )


def _ends(name: str) -> list[str]:
    """`src/fido/err.h`, `fido/err.h`, `err.h`."""
    parts = name.split("/")
    return ["/".join(parts[place:]) for place in range(len(parts))]


def always_included(file: TextFile) -> Iterator[tuple[str, int]]:
    """Headers in angle brackets outside of any `#if`, apart from include guards."""
    depth, guard = 0, ""
    for match in _DIRECTIVE.finditer(file.text):
        word, rest = match[2], (match[3] or "").split()
        if match[1]:
            if depth == 0:
                yield match[1], match.start()
        elif word == "define":
            # An include guard: `#ifndef X` and `#define X` around the whole file.
            depth -= 1 if guard and rest[:1] == [guard] else 0
        elif word == "endif":
            depth = max(0, depth - 1)
        else:
            depth += 1
        guard = rest[0] if word == "ifndef" and rest and depth == 1 else ""
