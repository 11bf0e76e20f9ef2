"""Rules: what a line of a log means. Rows of tables; see the files of each family of tools."""

import enum
import re

import attrs

from ciforge.model.finding import FindingKind, Severity

AT = r"(?:^|(?<=[\s(]))(?P<file>(?:[A-Za-z]:(?=[\\/]))?(?!\d+:)[^\s:()]+):(?P<line>\d+)(?:[:.][\d.-]+)*:? "
"""`file.c:12:3: `, also on a drive; begins where a word does, so that no line is searched twice."""
BROKEN = r"^:\d+:\d+: "
"""The rest of a place where the output of two parallel compilers is mixed in one line."""
ERROR = rf"(?:{AT}|{BROKEN})(?:fatal )?error: "
"""The same, with the word that compilers and generators put behind it."""
WARNING = AT + r"warning: "
PCC = r"^(?P<file>[^\s,:\"]+), line (?P<line>\d+): "
"""`file.c, line 12: `, of pcc."""
ANY = r"(?:^|(?<=[\s(]))(?:(?P<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:()<>]+):(?P<line>\d+)(?::\d+)?|:\d+:\d+|<[\w -]+>(?::\d+(?::\d+)?)?|cc1\w*|[\w+.-]+): (?:fatal )?error: "
"""An error that may stand outside any file: `<command-line>`, `cc1`, `gcc`."""
QUOTED = r"(?:^|(?<=\s))\"(?P<file>[^\"]+)\", line (?P<line>\d+)(?:\.\d+)?: "
"""`"file.c", line 12: `, of the compilers of Sun, IBM, HP and SGI."""
MSVC = r"(?:^|(?<=\s))(?P<file>[^\s(]+)\((?P<line>\d+)(?:,\d+)?\): "
"""`file.c(12): `, of Microsoft's."""
TOOL = r"(?:^|(?<=[\s/]))"
"""The name of a program may begin here, with or without its folder."""
DRIVER_WORDS = (
    "make", "gmake", "Error", "Stop", "Killed", "Terminated", "Segmentation", "Aborted", "Interrupt", "Bus",
    "Hangup", "Trace", "Signal", "core", "Alarm", "Illegal", "Floating", "SIGKILL", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS",
)  # fmt: skip
"""Words of which a line of make with `*** ` has one."""


QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u201a\u201b`\u00b4\u2032", "'"))
"""Patterns see every single quote as `'`."""


class Weight(enum.IntEnum):
    """The weight of a match as evidence of the cause; the lowest weight of a log comes first."""

    RESOURCE = 0
    """Memory, disk, time: other errors are its consequences."""
    FATAL = 1
    """Ends what printed it."""
    WEAK = 2
    """Ends what printed it, or is printed by successful builds too: it counts if a failure follows."""
    VAGUE = 3
    """Shows that something failed, not what."""
    ALONE = 4
    """A piece of a table without its head: counts only in logs of a few lines."""


def _compiled(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(pattern)


@attrs.frozen
class Rule:
    """The meaning of a line: the groups `subject`, `file` and `line` of the pattern are the finding's.

    Raises ValueError where nothing could match; `rule_check` finds the other mistakes of a row.
    """

    kind: FindingKind
    needs: str
    """A piece of every line that matches, compared without case; its words are whole words of it."""
    pattern: re.Pattern[str] = attrs.field(converter=_compiled)
    advice: str = ""
    """One sentence; `{subject}`, `{file}` and other groups are filled in."""
    example: str = attrs.field(kw_only=True)
    """A line that this row decides."""
    counterexample: str = attrs.field(kw_only=True)
    """A line that looks alike and that the pattern does not match."""
    words: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Whole words of which every line that matches has one, where `needs` has none."""
    subject: str = attrs.field(default="", kw_only=True)
    """The subject where the line does not have one."""
    weight: Weight = attrs.field(default=Weight.FATAL, kw_only=True)
    severity: Severity = attrs.field(default=Severity.ERROR, kw_only=True)
    then: re.Pattern[str] | None = attrs.field(
        default=None, kw_only=True, converter=attrs.converters.optional(_compiled)
    )
    """What one of the next lines adds about subject, file or line; it has the last word."""
    earlier: re.Pattern[str] | None = attrs.field(
        default=None, kw_only=True, converter=attrs.converters.optional(_compiled)
    )
    """Where one of the three lines before has the subject: a pattern with that group."""
    within: int = attrs.field(default=25, kw_only=True)
    """How many lines ahead `then` is searched."""
    followed: bool = attrs.field(default=False, kw_only=True)
    """Whether a test follows the advice until the build is green; other advice is from manuals."""
    lasting: bool = attrs.field(default=False, kw_only=True)
    """Whether a later fatal error may be its consequence, however weak this one is."""
    inside: str = attrs.field(default="", kw_only=True)
    """The section in which the line must be; such a row has no `needs`."""

    def __attrs_post_init__(self) -> None:
        if self.pattern.search(self.example.translate(QUOTES)) is None:
            raise ValueError(f"{self.pattern.pattern}: does not match its example: {self.example}")
        if not self.inside and self.needs.lower() not in self.example.translate(QUOTES).lower():
            raise ValueError(f"{self.needs!r} is not in the example: {self.example}")


@attrs.frozen
class Section:
    """A head that gives the next lines their meaning; its groups `file` and `line` hold for them."""

    name: str
    needs: str
    pattern: re.Pattern[str] = attrs.field(converter=_compiled)
    lines: int = 8
    """How many lines it holds for, at most."""
    blank: bool = False
    """Whether it continues after an empty line."""
    once: bool = False
    """Whether the first line that a rule matches ends it."""
    words: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """As those of a rule."""
