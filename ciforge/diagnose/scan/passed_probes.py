"""Answers of probes that configure went past, although they read like errors, and that a later error has nothing to do with."""

import re
from collections.abc import Sequence

from ciforge.diagnose.rules.rule import Weight
from ciforge.diagnose.scan.candidate import Candidate
from ciforge.diagnose.scan.candidate_set import NEAR
from ciforge.model.finding import FindingKind

_LACKS = frozenset(
    {
        FindingKind.CMAKE_ERROR,
        FindingKind.MISSING_HEADER,
        FindingKind.MISSING_LIBRARY,
        FindingKind.MISSING_PACKAGE,
        FindingKind.MISSING_TOOL,
    }
)
"""Kinds of errors that name what was not there."""
_ANY_LIBRARY = ("PKG_", "AM_GNU_GETTEXT", "AM_ICONV")
"""Macros that look for libraries whose name is not theirs."""
_OF_CMAKE = re.compile(r"\s*--  ")
_OF_AUTOCONF = re.compile(r"\S+\.(?:ac|in|am|m4):\d+: error: ")
_MESSAGE = 6
"""Lines of pkg-config about one module, and of configure about its answer, at most."""
_PIECE = re.compile(r"[a-z]{3,}")


def without_passed_first(found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, first the one that ended the build where those before it are answers about something else."""
    ended = next((candidate for candidate in found if _ends(candidate)), None)
    if ended is None:
        return list(found)
    at = found.index(ended)
    passed = [candidate for candidate in found[:at] if _is_unrelated(candidate, ended)]
    if len(passed) < at:
        return list(found)
    return [ended, *passed, *found[at + 1 :]]


def _ends(candidate: Candidate) -> bool:
    return (
        candidate.weight is Weight.FATAL and candidate.confirmed and candidate.kind in _LACKS
    ) and not (candidate.rule.lasting or _OF_CMAKE.match(candidate.root_line))


def _is_unrelated(probe: Candidate, to: Candidate) -> bool:
    """Whether configure went past the probe, and the later error names something else."""
    gap = to.log_line - probe.last
    if probe.kind is FindingKind.MISSING_PACKAGE and _OF_CMAKE.match(probe.root_line):
        passed = to.kind is FindingKind.CMAKE_ERROR
    elif probe.kind is FindingKind.MISSING_PACKAGE:
        passed = probe.rule.lasting and gap > (_MESSAGE if _is_of_configure(to) else NEAR)
    else:
        passed = gap > NEAR and _is_of_bootstrap(probe)
    return passed and not _share_name(probe.subject.lower(), to.subject.lower())


def _is_of_configure(candidate: Candidate) -> bool:
    """Whether configure itself ended there, on an error of its own."""
    return any("configure: error" in line for line in candidate.excerpt)


def _is_of_bootstrap(probe: Candidate) -> bool:
    """Whether autoconf failed and configure ran all the same, or a macro was left in it as a command."""
    if probe.subject.startswith(_ANY_LIBRARY):
        return False
    left = probe.kind is FindingKind.MISSING_MACRO and "command not found" in probe.root_line
    return left or _OF_AUTOCONF.match(probe.root_line) is not None


def _share_name(first: str, second: str) -> bool:
    """Whether a piece of one name, without `lib`, is in the other: `libevent-2.1` and `event2/event.h`."""
    names = [name.replace("lib", "") for name in (first, second)]
    return any(
        piece in other for name, other in (names, reversed(names)) for piece in _PIECE.findall(name)
    )
