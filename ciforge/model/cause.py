"""Causes: the same finding across jobs, one thing to fix."""

import enum
from collections.abc import Mapping

import attrs

from ciforge.model.finding import Finding, FindingKind


class Trouble(enum.Enum):
    """The party at fault."""

    SOURCE = "source"
    DISTRIBUTION = "distribution"
    """A dead mirror, a package that is gone, a full disk, a machine without memory."""


@attrs.frozen(kw_only=True)
class Cause:
    """One thing to fix, with every job that it broke."""

    key: str
    """Identifies the cause across runs, jobs and compilers: stable text, at most 200 characters."""
    kind: FindingKind
    subject: str = ""
    title: str = ""
    """`setgroups undeclared`: the text of a subject, without project, job and place."""
    trouble: Trouble = Trouble.SOURCE
    findings: Mapping[str, Finding] = attrs.field(factory=dict)
    """By the job's id, in the order of the jobs; the first is the one that is shown."""
    shared: str = ""
    """The common factor of its jobs that passing jobs lack: `musl only`, `gcc 14 and later`."""

    @property
    def jobs(self) -> tuple[str, ...]:
        """Ids of the jobs that have it."""
        return tuple(self.findings)
