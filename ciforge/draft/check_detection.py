"""Finds the tests that a source tree has, wherever they are, as hints for the draft."""

import re
from collections.abc import Iterable, Iterator, Mapping

from ciforge.draft import makefile_reader
from ciforge.draft.evidence import TextFile
from ciforge.draft.tree_reader import TreeReader, is_bundled

_MANY = 200
_TESTS: Mapping[str, tuple[tuple[str, ...], "re.Pattern[str]"]] = {
    "autotools": (("Makefile.am", "*.at"), re.compile(r"(?m)^(?:TESTS|check_PROGRAMS|AT_INIT)\b")),
    "cmake": (
        ("CMakeLists.txt", "*.cmake"),
        re.compile(r"(?mi)^[ \t]*(?:add_test|gtest_discover_tests|catch_discover_tests)[ \t]*\("),
    ),
    "meson": (("meson.build",), re.compile(r"(?m)^[ \t]*test[ \t]*\(")),
    "go": (("*_test.go",), re.compile(r"(?m)^func (?:Test|Example)\w*\(")),
}
"""Recipes to the files that declare tests, and the lines that do so."""


def hints(ground: TreeReader, recipe: str) -> Iterator[str]:
    """A sentence for the first declaration of a test, if there is one."""
    patterns, declaration = _TESTS[recipe]
    names = [name for name in ground.named(*patterns, depth=6) if not is_bundled(name)]
    for name in names[:_MANY]:
        file = ground.read(name)
        if file and (found := declaration.search(file.text)):
            yield f"steps: {{check: true}} runs its tests ({file.clue(found.start())})"
            return


def makefile_hints(files: Iterable[TextFile], command: str) -> Iterator[str]:
    """The same for makefiles with a target `check` or `test`; `command` is that of make."""
    there = list(files)
    for target, change in (("check", "true"), ("test", f"{{run: {command} test}}")):
        for file in there:
            if (found := makefile_reader.target(file, target)) is not None:
                yield f"steps: {{check: {change}}} runs its tests ({file.clue(found)})"
                return
