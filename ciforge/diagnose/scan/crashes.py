"""Failures that are consequences of a crash whose backtrace is in the log."""

import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from ciforge.diagnose.scan.candidate import Candidate
from ciforge.model.finding import FindingKind
from ciforge.model.log_marks import BACKTRACE

_ENDED = re.compile(
    r"Segmentation [Ff]ault|Aborted|Bus error|Illegal instruction|Floating point exception"
)
"""What makes and shells print of a program that a signal ended."""


def crashed_programs(found: Iterable[Candidate]) -> frozenset[str]:
    """The names of the programs that have a backtrace."""
    return frozenset(
        candidate.subject.rpartition(" in ")[2]
        for candidate in found
        if candidate.root_line.startswith(BACKTRACE)
    )


def is_consequence(candidate: Candidate, programs: Collection[str]) -> bool:
    """Whether a finding says without a place what a backtrace of one of the programs explains."""
    if not programs or candidate.file or candidate.root_line.startswith(BACKTRACE):
        return False
    if candidate.kind is FindingKind.TEST_FAILURE:
        return PurePosixPath(candidate.subject).name in programs
    return candidate.kind is FindingKind.OTHER and _ENDED.search(candidate.root_line) is not None
