"""Warnings of a log that are new, and those that a later compiler makes errors."""

import re
from collections.abc import Collection, Iterable

import attrs

from ciforge.diagnose.causes.fingerprint import base_name, bounded, normalized
from ciforge.model.diagnosis import Warned

_MOST = 100
"""Warnings of one log that are reported."""
_KEPT = 20000
"""Different warnings of one log that are remembered."""
_LONGEST = 500
_WARNING = re.compile(
    r"(?:^|(?<=\s))(?P<file>[^\s:()]+):(?P<line>\d+)(?::\d+)*: warning: (?P<text>.*?)"
    r"(?: \[-W(?P<option>[\w+-]+)=?[^\]]*\])?$"
)
_QUOTED = re.compile("['\u2018`](?P<name>[^'\u2019`]+)['\u2019`]")


@attrs.frozen
class _Fatal:
    """A warning, and the compiler versions that make it an error by default."""

    option: str
    compilers: str
    source: str
    text: str = ""
    """Text that the warning must contain, where the option alone is not enough."""


_PLAIN = str.maketrans("\u2018\u2019`", "'''")
_GCC_14 = "gcc-14/porting_to.html of GCC"
_FATAL = (
    _Fatal("implicit-function-declaration", "gcc 14 and clang 16", f"{_GCC_14}; LLVM 16 release notes"),
    _Fatal("implicit-int", "gcc 14 and clang 16", f"{_GCC_14}; LLVM 16 release notes"),
    _Fatal("int-conversion", "gcc 14 and clang 15", f"{_GCC_14}; LLVM 15 release notes"),
    _Fatal("incompatible-function-pointer-types", "gcc 14 and clang 16", f"{_GCC_14}; LLVM 16 release notes"),
    _Fatal("incompatible-pointer-types", "gcc 14 and clang 22", f"{_GCC_14}; llvm-project commit b24769855d97"),
    _Fatal("return-mismatch", "gcc 14", _GCC_14),
    _Fatal("return-type", "gcc 14", f"{_GCC_14}; gcc 12 calls it so", text="'return' with"),
    _Fatal("declaration-missing-parameter-type", "gcc 14", _GCC_14),
)  # fmt: skip
"""The first that applies counts."""


def warned(lines: Iterable[str]) -> tuple[Warned, ...]:
    """Every different warning of a log, in the order of the log; lines as they are, quotes folded."""
    found: dict[str, Warned] = {}
    for number, line in enumerate(lines, 1):
        if ": warning: " not in line:
            continue
        match = _WARNING.search(line[:_LONGEST])
        if match is None:
            continue
        warning = _read(match, number, line[:_LONGEST])
        if (earlier := found.get(warning.key)) is not None:
            found[warning.key] = attrs.evolve(earlier, times=earlier.times + 1)
        elif len(found) < _KEPT:
            found[warning.key] = warning
    return tuple(found.values())


def _read(match: "re.Match[str]", number: int, line: str) -> Warned:
    text, option = match["text"], match["option"] or ""
    quoted = _QUOTED.search(text)
    return Warned(
        key=bounded(f"{base_name(match['file'])}:{option}:{normalized(text)}"),
        option=option,
        subject=quoted["name"] if quoted else "",
        file=match["file"],
        line=int(match["line"][:9]),
        log_line=number,
        text=line.strip(),
        fatal=_fatal(option, text),
    )


def _fatal(option: str, text: str) -> str:
    text = text.translate(_PLAIN)
    for row in _FATAL:
        if row.option == option and row.text in text:
            return f"an error with {row.compilers}"
    return ""


def worth_telling(
    now: Iterable[Warned], green: Collection[str] | None, most: int = _MOST
) -> tuple[Warned, ...]:
    """Warnings that will be errors, then those that are new; at most `most`.

    `green` are the keys of the job's last green run, None where there is none.
    """
    marked = [
        attrs.evolve(warning, new=green is not None and warning.key not in green) for warning in now
    ]
    reported = [warning for warning in marked if warning.fatal or warning.new]
    return tuple(
        sorted(
            reported, key=lambda warning: (not warning.fatal, not warning.new, warning.log_line)
        )[:most]
    )
