"""Answers of probes that configure went past, although they read like errors, and that a later error has nothing to do with."""

import re
from collections.abc import Sequence

from ciforge.diagnose.rules.rule import Weight
from ciforge.diagnose.scan.candidate import Candidate
from ciforge.diagnose.scan.candidate_set import NEAR
from ciforge.model.finding import FindingKind

_LACKS = frozenset(
    {
        FindingKind.MISSING_HEADER,
        FindingKind.MISSING_LIBRARY,
        FindingKind.MISSING_PACKAGE,
        FindingKind.MISSING_TOOL,
    }
)
"""Kinds of errors that name what was not there."""
_ANY_LIBRARY = ("PKG_", "AM_GNU_GETTEXT", "AM_ICONV")
"""Macros that look for libraries whose name is not theirs."""
_PIECE = re.compile(r"[a-z]{3,}")


def without_passed_first(found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, first the one that ended the build where the first is the answer of a probe about something else."""
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
        candidate.weight is Weight.FATAL
        and candidate.confirmed
        and candidate.kind in _LACKS
        and not candidate.rule.lasting
    )


def _is_unrelated(probe: Candidate, to: Candidate) -> bool:
    """Whether configure went past the probe, and the later error names something else."""
    if probe.kind is FindingKind.MISSING_MACRO:
        passed = "command not found" in probe.root_line and not probe.subject.startswith(
            _ANY_LIBRARY
        )
    else:
        passed = probe.kind is FindingKind.MISSING_PACKAGE and probe.rule.lasting
    far = to.log_line - probe.last > NEAR
    return passed and far and not _share_name(probe.subject.lower(), to.subject.lower())


def _share_name(first: str, second: str) -> bool:
    """Whether a piece of one name, without `lib`, is in the other: `libevent-2.1` and `event2/event.h`."""
    names = [name.replace("lib", "") for name in (first, second)]
    return any(
        piece in other for name, other in (names, reversed(names)) for piece in _PIECE.findall(name)
    )
