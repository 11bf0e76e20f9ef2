"""All tables in one, and a quick way past the lines that no rule is about."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

import attrs

from ciforge.diagnose.rules import (
    autotools,
    bsd_make,
    cargo,
    cmake_meson,
    compilers,
    configure_probes,
    expectations,
    golang,
    install_tools,
    language_versions,
    linkers,
    machine_limits,
    make,
    opaque_structures,
    package_managers,
    platform_linkers,
    port_managers,
    posix_shell,
    program_loaders,
    shells,
    test_libraries,
    test_runners,
    unknown_options,
    yacc_lex,
)
from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.diagnose.scan import languages
from ciforge.diagnose.scan.failure_markers import (
    CODE,
    FAILURE_MARKERS,
    MARKS,
    NOT_OURS,
    FailureMarker,
)
from ciforge.diagnose.scan.prefilter import needed_words, words_of

RULES: tuple[Rule, ...] = (
    *program_loaders.RULES, *opaque_structures.RULES, *language_versions.RULES, *machine_limits.RULES, *expectations.RULES,
    *test_libraries.RULES, *golang.RULES, *port_managers.RULES, *package_managers.RULES, *cargo.RULES,
    *yacc_lex.RULES, *configure_probes.RULES,
    *autotools.RULES, *cmake_meson.RULES, *platform_linkers.RULES, *linkers.RULES, *compilers.RULES,
    *make.RULES, *bsd_make.RULES, *test_runners.RULES, *install_tools.RULES, *posix_shell.RULES, *shells.RULES,
    *unknown_options.RULES,
)  # fmt: skip
"""The first that matches a line decides: specific families come before general ones."""
SECTIONS: tuple[Section, ...] = (
    *port_managers.SECTIONS, *package_managers.SECTIONS, *cargo.SECTIONS, *configure_probes.SECTIONS,
    *cmake_meson.SECTIONS, *linkers.SECTIONS, *golang.SECTIONS, *test_runners.SECTIONS, *test_libraries.SECTIONS,
    *autotools.SECTIONS, *install_tools.SECTIONS, *shells.SECTIONS,
)  # fmt: skip


@attrs.frozen
class Match:
    """What a rule finds in a line; values that the line does not have are empty."""

    rule: Rule
    subject: str = ""
    file: str = ""
    line: int | None = None
    groups: Mapping[str, str] = attrs.field(factory=dict)
    """Other groups of the pattern."""


_PLACE = re.compile(r"\{(\w+)\}")
_Row = Rule | Section | FailureMarker
_Rows = tuple[Sequence[FailureMarker], Sequence[Section], Sequence[Rule]]
_TYPES = (FailureMarker, Section, Rule)
_ROWS: tuple[_Row, ...] = (
    *FAILURE_MARKERS, *SECTIONS,
    *(rule for rule in RULES if not rule.inside and rule.weight is not Weight.ALONE),
)  # fmt: skip
_INSIDE = {one.name: tuple(rule for rule in RULES if rule.inside == one.name) for one in SECTIONS}
ALONE = tuple(rule for rule in RULES if rule.weight is Weight.ALONE)
"""Rules for logs of one or two lines."""


def _places() -> dict[bytes, tuple[int, ...]]:
    """For each word the places of the rows that need it."""
    found: dict[bytes, list[int]] = {}
    for place, row in enumerate(_ROWS):
        for word in needed_words(row.needs, row.words):
            found.setdefault(word.encode(), []).append(place)
    return {word: tuple(places) for word, places in found.items()}


_BY_WORD = _places()
_MARKS = frozenset(word.lower().encode() for word in (*MARKS, *languages.MARKS))
_WORDS = frozenset((*_BY_WORD, *_MARKS))
_NONE: frozenset[bytes] = frozenset()


def relevant_words(line: str) -> frozenset[bytes]:
    """Words of a line that any row needs, in lower case; empty for most lines of most logs."""
    words = _WORDS.intersection(words_of(line))
    if not words or not words.isdisjoint(_MARKS):
        return words
    # Quotes may be of another kind before they are folded.
    folded = line.lower()
    likely = any("'" in needs or needs in folded for needs, _, _ in _rows(words))
    return words if likely else _NONE


@lru_cache(maxsize=4096)
def _rows(words: frozenset[bytes]) -> tuple[tuple[str, int, _Row], ...]:
    """The rows that need one of the words, each with its `needs` in lower case and its type."""
    places = sorted(set(chain.from_iterable(_BY_WORD.get(word, ()) for word in words)))
    rows = (_ROWS[place] for place in places)
    return tuple((row.needs.lower(), _TYPES.index(type(row)), row) for row in rows)


def candidate_rows(line: str, words: frozenset[bytes]) -> _Rows:
    """The markers, sections and rules that are to be tried on a line that has these words."""
    folded = line.lower()
    found: tuple[list[FailureMarker], list[Section], list[Rule]] = ([], [], [])
    for needs, place, row in _rows(words):
        if needs in folded:
            found[place].append(row)  # type: ignore[arg-type]
    return found


def is_code(line: str) -> bool:
    """Whether a line is source or a command that is only shown."""
    return CODE.match(line) is not None


def match(line: str, rules: Sequence[Rule]) -> Match | None:
    """The match of the first rule whose pattern is in the line; None if there is none."""
    for rule in rules:
        found = rule.pattern.search(line)
        if found is not None:
            groups = {name: value or "" for name, value in found.groupdict().items()}
            if NOT_OURS.search(groups.get("file", "")):
                return None
            return described(rule, groups)
    return None


def match_inside(line: str, section: str) -> Match | None:
    """The match of a line below the head of a section; None if there is none."""
    return match(line, _INSIDE.get(section, ()))


def described(rule: Rule, groups: dict[str, str]) -> Match:
    """A match from the named groups of a pattern."""
    file = groups.get("file", "")
    number = groups.get("line", "")
    subject = groups.get("subject", "") or filled(rule.subject, groups)
    if not subject and file and rule.kind.value == "internal-compiler-error":
        subject = file
    return Match(
        rule=rule, subject=subject.strip(), file=file, groups=groups,
        line=int(number) if number and len(number) < 9 else None,
    )  # fmt: skip


def advice(one: Match) -> str:
    """What to do, in a sentence; `it` stands for names that the log does not have."""
    place = f"{one.file}:{one.line}" if one.line else one.file
    text = one.rule.advice.replace("{file}:{line}", "{place}")
    values = {
        "subject": one.subject or "it",
        "file": one.file or "the file",
        "place": place or "it",
    }
    return filled(text, {**one.groups, **values})


def filled(text: str, groups: Mapping[str, str]) -> str:
    """A sentence with the groups' values in one go, so that values stay text."""
    return _PLACE.sub(lambda found: groups.get(found[1], found[0]), text)
