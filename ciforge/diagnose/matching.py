"""All tables in one, and a quick way past the lines that no rule is about."""

from functools import lru_cache
from itertools import chain

import attrs

from ciforge.diagnose import (
    autotools,
    cargo,
    cmake_meson,
    compilers,
    expectations,
    golang,
    install,
    linkers,
    make,
    packages,
    resources,
    shell,
    tests,
    yacc_lex,
)
from ciforge.diagnose.proofs import CODE, NOT_OURS, PROOFS, Proof
from ciforge.diagnose.rule import Rule, Section

RULES: tuple[Rule, ...] = (
    *resources.RULES, *expectations.RULES, *packages.RULES, *cargo.RULES, *yacc_lex.RULES,
    *autotools.RULES, *cmake_meson.RULES, *linkers.RULES, *compilers.RULES, *golang.RULES,
    *make.RULES, *tests.RULES, *install.RULES, *shell.RULES,
)  # fmt: skip
"""The first that matches a line decides: from what is said in one way only to what may be anything."""
SECTIONS: tuple[Section, ...] = (
    *packages.SECTIONS, *cargo.SECTIONS, *cmake_meson.SECTIONS, *linkers.SECTIONS,
    *golang.SECTIONS, *tests.SECTIONS, *autotools.SECTIONS,
)  # fmt: skip

_FRAGMENTS = [
    "rror: ", "rror[", "rror:", "Error", "ot found", "ndefined", "annot ", "ailed", "AIL", "*** ",
    "No such", "No ", "atal", "No space", "illed", "implicit", "ultiple", "recompile", "duplicate",
    "referenced", "don't know", "Need an", "issing", "ermission", "nvalid", "expect: ", "ould not",
    "nable to", "ot ok", "ssertion", "ciforge", "timed out", ".go:", "mismatch", "oft limit",
    "ollowing", "config", "(ignored)", "ing directory", "nmet", "Depends", "exited with",
]  # fmt: skip


@attrs.frozen
class Match:
    """What a rule says about a line; values that the line does not have are empty."""

    rule: Rule
    subject: str = ""
    file: str = ""
    line: int | None = None
    advice: str = ""


_Row = Rule | Section | Proof
_ROWS: tuple[_Row, ...] = (*PROOFS, *SECTIONS, *(rule for rule in RULES if not rule.inside))
_INSIDE = {one.name: tuple(rule for rule in RULES if rule.inside == one.name) for one in SECTIONS}
_NEEDS = tuple(dict.fromkeys(row.needs for row in _ROWS))
_FIRST = (
    *_FRAGMENTS,
    *(need for need in _NEEDS if not any(piece in need for piece in _FRAGMENTS)),
)
_BY_NEED = {
    need: tuple(place for place, row in enumerate(_ROWS) if row.needs == need) for need in _NEEDS
}


def may_matter(line: str) -> bool:
    """Whether any row of the tables could be about a line; quick, and never wrong about a no."""
    return any(map(line.__contains__, _FIRST))


@lru_cache(maxsize=1024)
def _rows(
    needs: tuple[str, ...],
) -> tuple[tuple[Proof, ...], tuple[Section, ...], tuple[Rule, ...]]:
    places = sorted(set(chain.from_iterable(_BY_NEED[need] for need in needs)))
    rows = [_ROWS[place] for place in places]
    return (
        tuple(row for row in rows if isinstance(row, Proof)),
        tuple(row for row in rows if isinstance(row, Section)),
        tuple(row for row in rows if isinstance(row, Rule)),
    )


def rows_about(line: str) -> tuple[tuple[Proof, ...], tuple[Section, ...], tuple[Rule, ...]]:
    """The rows that are to be tried on a line."""
    return _rows(tuple(filter(line.__contains__, _NEEDS)))


def is_code(line: str) -> bool:
    """Whether a line is source or a command that is only shown."""
    return CODE.match(line) is not None


def match(line: str, rules: tuple[Rule, ...]) -> Match | None:
    """What the first rule that knows the line says; None where none does."""
    for rule in rules:
        found = rule.pattern.search(line)
        if found is not None:
            groups = {name: value or "" for name, value in found.groupdict().items()}
            if NOT_OURS.search(groups.get("file", "")):
                return None
            return described(rule, groups)
    return None


def match_inside(line: str, section: str) -> Match | None:
    """What a line means below the head of a section."""
    return match(line, _INSIDE.get(section, ()))


def described(rule: Rule, groups: dict[str, str]) -> Match:
    """A match from the named groups of a pattern."""
    file = groups.get("file", "")
    number = groups.get("line", "")
    subject = groups.get("subject", "") or filled(rule.subject, groups)
    if not subject and file and rule.kind.value == "internal-compiler-error":
        subject = file
    return Match(
        rule=rule, subject=subject.strip(), file=file,
        line=int(number) if number and len(number) < 9 else None,
        advice=filled(rule.advice, {**groups, "subject": subject.strip()}),
    )  # fmt: skip


def filled(text: str, groups: dict[str, str]) -> str:
    """A sentence with the groups' values; one place after the other, so that values stay text."""
    for name, value in groups.items():
        if "{" + name + "}" in text:
            text = text.replace("{" + name + "}", value)
    return text
