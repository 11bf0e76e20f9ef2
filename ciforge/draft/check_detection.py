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
_TARGETS = ("check", "test", "regress")
"""Targets that run tests, as GNU's and BSD's makefiles call them; the recipe calls the first."""
_NAME = r"(?P<name>(?:\w+[-_])?(?i:unit[-_]?)?(?i:tests?|testing))"
_SWITCHES: Mapping[str, tuple[tuple[str, ...], "re.Pattern[str]"]] = {
    "cmake": (
        ("CMakeLists.txt",),
        re.compile(
            rf'(?m)^[ \t]*(?i:option)[ \t]*\(\s*{_NAME}\s+"[^"]*"(?:\s+(?:OFF|NO|FALSE|0))?\s*\)'
        ),
    ),
    "meson": (
        ("meson.options", "meson_options.txt"),
        re.compile(
            rf"(?m)^[ \t]*option\(\s*'{_NAME}',(?=[^)]*type\s*:\s*'boolean')[^)]*value\s*:\s*false"
        ),
    ),
}
"""Recipes to the files that declare options, and an option for tests that is off by default."""
_VALUES = {"cmake": "ON", "meson": "true"}


def hints(ground: TreeReader, recipe: str) -> Iterator[str]:
    """A sentence for the first declaration of a test, if there is one."""
    patterns, declaration = _TESTS[recipe]
    names = [name for name in ground.named(*patterns, depth=6) if not is_bundled(name)]
    for name in names[:_MANY]:
        file = ground.read(name)
        if file and (match := declaration.search(file.text)):
            switch = _switch(ground, recipe)
            also = f" and configure: [{switch}] run" if switch else " runs"
            yield f"steps: {{check: true}}{also} its tests ({file.clue(match.start())})"
            return


def _switch(ground: TreeReader, recipe: str) -> str:
    """The argument for configure that enables tests which are off by default; empty without such an option."""
    names, option = _SWITCHES.get(recipe, ((), None))
    file = ground.first(*names)
    found = option.search(file.text) if option and file else None
    return f"-D{found['name']}={_VALUES[recipe]}" if found else ""


def makefile_hints(files: Iterable[TextFile], command: str) -> Iterator[str]:
    """The same for makefiles with a target that runs tests; `command` is that of make."""
    there = list(files)
    for target in _TARGETS:
        usual = (target, command) == ("check", "make")
        change = "true" if usual else f"{{run: {command} {target}}}"
        for file in there:
            if (found := makefile_reader.target(file, target)) is not None:
                yield f"steps: {{check: {change}}} runs its tests ({file.clue(found)})"
                return
