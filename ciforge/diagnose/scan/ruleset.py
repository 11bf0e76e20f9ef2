"""All tables in one, and a quick way past the lines that no rule is about."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

import attrs

from ciforge.diagnose.rules import (
    apk,
    apt,
    autotools,
    autotools_setup,
    between_programs,
    bsd_make,
    build_drivers,
    c_identifiers,
    c_syntax,
    c_test_libraries,
    c_types,
    cargo,
    cmake_meson,
    compiler_errors,
    compiler_options,
    configure_probes,
    configure_reasons,
    container_images,
    container_limits,
    documentation,
    downloads,
    error_numbers,
    expectations,
    foreign_makes,
    general_wordings,
    golang,
    hosted_services,
    install_tools,
    language_versions,
    linkers,
    linters,
    machine_limits,
    make,
    memory_checkers,
    missing_declarations,
    old_gcc,
    opaque_structures,
    other_managers,
    packing_lists,
    platform_linkers,
    port_managers,
    ports_trees,
    posix_shell,
    preprocessor,
    program_loaders,
    rpm_managers,
    script_languages,
    shells,
    small_compilers,
    source_generators,
    test_libraries,
    test_runners,
    tool_releases,
    type_mismatches,
    unknown_options,
    vendor_compilers,
    version_control,
    warnings_as_errors,
    yacc_lex,
)
from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.diagnose.scan import languages
from ciforge.diagnose.scan.failure_markers import (
    CODE,
    FAILURE_MARKERS,
    GARBLED,
    MARKS,
    NOT_OURS,
    FailureMarker,
)
from ciforge.diagnose.scan.prefilter import needed_words
from ciforge.model.finding import FindingKind

RULES: tuple[Rule, ...] = (
    *tool_releases.RULES, *container_limits.RULES, *container_images.RULES, *ports_trees.RULES, *documentation.RULES, *version_control.RULES, *hosted_services.RULES, *memory_checkers.RULES, *script_languages.RULES, *program_loaders.RULES, *opaque_structures.RULES,
    *language_versions.RULES, *machine_limits.RULES, *expectations.RULES,
    *linters.RULES, *c_test_libraries.RULES, *test_libraries.RULES, *golang.RULES, *port_managers.RULES,
    *apk.RULES, *apt.RULES, *rpm_managers.RULES, *other_managers.RULES, *downloads.RULES, *cargo.RULES,
    *source_generators.RULES, *yacc_lex.RULES, *build_drivers.RULES, *between_programs.RULES, *configure_probes.RULES, *configure_reasons.RULES,
    *autotools_setup.RULES, *autotools.RULES, *cmake_meson.RULES, *platform_linkers.RULES, *linkers.RULES,
    *missing_declarations.RULES, *warnings_as_errors.RULES, *c_types.RULES, *c_identifiers.RULES, *old_gcc.RULES,
    *small_compilers.RULES, *type_mismatches.RULES, *preprocessor.RULES, *c_syntax.RULES, *compiler_options.RULES, *vendor_compilers.RULES, *packing_lists.RULES, *compiler_errors.RULES, *general_wordings.RULES,
    *foreign_makes.RULES, *make.RULES, *bsd_make.RULES, *test_runners.RULES, *install_tools.RULES, *posix_shell.RULES, *shells.RULES,
    *unknown_options.RULES, *error_numbers.RULES,
)  # fmt: skip
"""The first that matches a line decides: specific families come before general ones."""
SECTIONS: tuple[Section, ...] = (
    *linters.SECTIONS, *ports_trees.SECTIONS, *documentation.SECTIONS, *port_managers.SECTIONS, *apk.SECTIONS, *apt.SECTIONS, *cargo.SECTIONS, *configure_probes.SECTIONS, *configure_reasons.SECTIONS,
    *cmake_meson.SECTIONS, *platform_linkers.SECTIONS, *linkers.SECTIONS, *golang.SECTIONS, *test_runners.SECTIONS, *test_libraries.SECTIONS,
    *autotools.SECTIONS, *install_tools.SECTIONS, *packing_lists.SECTIONS, *shells.SECTIONS,
)  # fmt: skip


@attrs.frozen
class Match:
    """The values that a rule finds in a line; a value that the line lacks is empty."""

    rule: Rule
    subject: str = ""
    file: str = ""
    line: int | None = None
    groups: Mapping[str, str] = attrs.field(factory=dict)
    """Other groups of the pattern."""


_PLACE = re.compile(r"\{(\w+)\}")
_VERSION = re.compile(r"(?<=\w)@@?[A-Za-z][\w.]*$")
"""What follows a symbol that is bound to a version of its library."""
_Row = Rule | Section | FailureMarker
Rows = tuple[Sequence[FailureMarker], Sequence[Section], Sequence[Rule]]
"""Rules to try on a line."""
_TYPES = (FailureMarker, Section, Rule)
_ROWS: tuple[_Row, ...] = (
    *FAILURE_MARKERS, *SECTIONS,
    *(rule for rule in RULES if not rule.inside and rule.weight is not Weight.ALONE),
)  # fmt: skip
_INSIDE = {
    section.name: tuple(rule for rule in RULES if rule.inside == section.name)
    for section in SECTIONS
}
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
_SYMBOLS = frozenset(
    {FindingKind.UNDEFINED_SYMBOL, FindingKind.MULTIPLE_DEFINITION, FindingKind.MISSING_DSO}
)  # fmt: skip
_VERSIONED = _SYMBOLS - {FindingKind.MULTIPLE_DEFINITION}
_MARKS = frozenset(word.lower().encode() for word in (*MARKS, *languages.MARKS))
WORDS = frozenset((*_BY_WORD, *_MARKS))
"""Words in lower case, of which a line has one if any row could be about it."""
_ERROR = b"error"
_URGENT = _MARKS | frozenset(
    word.encode()
    for row in _ROWS
    if not isinstance(row, Rule) or row.weight is Weight.RESOURCE
    for word in needed_words(row.needs, row.words)
    if word.encode() != _ERROR
)
"""The same for markers, sections and limits of the machine alone."""
NO_ROWS: Rows = ((), (), ())


def is_irrelevant(line: str, words: Sequence[bytes]) -> bool:
    """Whether no row can be about a line, which has these words; false where that takes a closer look."""
    rule_words = WORDS.intersection(words)
    if not _MARKS.isdisjoint(rule_words):
        return False
    if rule_words and not (
        words[0] == b"ok" and line.startswith("ok ") and words[1].isdigit()
    ):  # TAP
        folded = line.lower()
        if any([needs in folded for needs in _needs(rule_words)]):  # noqa: C419 - in half the time
            return False
        if "`" in line:
            return False
    return line.isascii() or not (_quoted(rule_words) or languages.has_foreign_letter(line))


@lru_cache(maxsize=4096)
def _quoted(words: frozenset[bytes]) -> bool:
    """Whether a row that needs one of the words needs a quote, which may be of another kind."""
    return any("'" in needs for needs in _needs(words))


@lru_cache(maxsize=4096)
def _needs(words: frozenset[bytes]) -> tuple[str, ...]:
    """Returns the rows one of whose words is in a line."""
    return tuple(needs for needs, _ in _rows(words))


def is_one_more_error(line: str, words: Sequence[bytes]) -> bool:
    """Whether a line in a flood of errors can be passed by: no marker, section or limit of the machine."""
    return _URGENT.isdisjoint(words) and "***" not in line and "ERROR" not in line


def is_about_log(words: frozenset[bytes]) -> bool:
    """Whether a line with these words may be about the log itself, or in another language."""
    return not words.isdisjoint(_MARKS)


@lru_cache(maxsize=4096)
def _rows(words: frozenset[bytes]) -> tuple[tuple[str, tuple[tuple[int, int, _Row], ...]], ...]:
    """The rows that need one of the words, by their `needs` in lower case; each with its place and type."""
    places = sorted(set(chain.from_iterable(_BY_WORD.get(word, ()) for word in words)))
    found: dict[str, list[tuple[int, int, _Row]]] = {}
    for place in places:
        row = _ROWS[place]
        found.setdefault(row.needs.lower(), []).append((place, _TYPES.index(type(row)), row))
    return tuple((needs, tuple(rows)) for needs, rows in found.items())


@lru_cache(maxsize=4096)
def _sorted_rows(words: frozenset[bytes], texts: frozenset[str]) -> Rows:
    """The rows that need one of the words and one of the texts, in the order of the tables."""
    rows = sorted(chain.from_iterable(rows for needs, rows in _rows(words) if needs in texts))
    markers, sections, rules = (
        tuple(row for _, index, row in rows if index == at) for at in range(3)
    )
    return markers, sections, rules  # type: ignore[return-value]


def candidate_rows(line: str, words: frozenset[bytes]) -> Rows:
    """The markers, sections and rules that are to be tried on a line that has these words."""
    folded = line.lower()
    texts = [needs for needs, _ in _rows(words) if needs in folded]
    return _sorted_rows(words, frozenset(texts)) if texts else NO_ROWS


def is_code(line: str) -> bool:
    """Whether a line is source or a command that is only shown."""
    return CODE.match(line) is not None


def is_of_check(line: str) -> bool:
    """Whether CMake names a file that it made itself, to find out whether something is there."""
    return line.startswith("CMake Error at ") and NOT_OURS.search(line) is not None


def match(line: str, rules: Sequence[Rule]) -> Match | None:
    """The match of the first rule whose pattern is in the line; None if there is none."""
    for rule in rules:
        found = rule.pattern.search(line)
        if found is not None:
            groups = {name: value or "" for name, value in found.groupdict().items()}
            if NOT_OURS.search(groups.get("file", "")):
                return None
            described_match = described(rule, groups)
            return None if _is_garbled(described_match) else described_match
    return None


def _is_garbled(match: Match) -> bool:
    """Whether a symbol is none: linkers side by side wrote into each other's lines."""
    return match.rule.kind in _SYMBOLS and GARBLED.search(match.subject) is not None


def named_earlier(found: Match, before: Iterable[str]) -> Match:
    """The match with the subject of the first of these lines that has it, if its rule looks there."""
    if found.rule.earlier is not None:
        for line in before:
            if named := found.rule.earlier.search(line):
                return attrs.evolve(found, subject=named["subject"])
    return found


def match_inside(line: str, section: str) -> Match | None:
    """The match of a line below the head of a section; None if there is none."""
    return match(line, _INSIDE.get(section, ()))


def described(rule: Rule, groups: dict[str, str]) -> Match:
    """A match from the named groups of a pattern."""
    file = groups.get("file", "")
    number = groups.get("line", "") or groups.get("other_line", "")
    subject = groups.get("subject", "") or filled(rule.subject, groups)
    if "@" in subject and rule.kind in _VERSIONED:
        subject = _VERSION.sub("", subject)
    if not subject and file and rule.kind.value == "internal-compiler-error":
        subject = file
    return Match(
        rule=rule, subject=subject.strip(), file=file, groups=groups,
        line=int(number) if number and len(number) < 9 else None,
    )  # fmt: skip


def advice(match: Match) -> str:
    """The advice, in a sentence; `it` stands for names that the log lacks."""
    place = f"{match.file}:{match.line}" if match.line else match.file
    text = match.rule.advice.replace("{file}:{line}", "{place}")
    values = {
        "subject": match.subject or "it",
        "file": match.file or "the file",
        "place": place or "it",
    }
    return filled(text, {**match.groups, **values})


def filled(text: str, groups: Mapping[str, str]) -> str:
    """A sentence with the groups' values in one go, so that values stay text."""
    return _PLACE.sub(lambda found: groups.get(found[1], found[0]), text)
