"""The diagnosis of a run: causes, findings, warnings and drift."""

from collections.abc import Mapping

import attrs

from ciforge.model.cause import Cause
from ciforge.model.document_key import KEY
from ciforge.model.finding import Finding


@attrs.frozen(kw_only=True)
class Warned:
    """A warning that is new since the job's last green run, or an error in a later compiler."""

    key: str
    """A key that is stable across runs, lines and compilers; at most 200 characters."""
    option: str = ""
    """`implicit-function-declaration`, without `-W`; empty where the compiler named none."""
    subject: str = ""
    file: str = ""
    line: int | None = None
    log_line: int = 0
    """The first line of the log that has it, from 1."""
    text: str = ""
    """The text of that line, safe to print."""
    times: int = 1
    """How often the log has it."""
    new: bool = False
    """The job's last green run did not have it; False without one to compare with."""
    fatal: str = ""
    """`an error with gcc 14 and clang 16`; empty if no known compiler makes it one."""


@attrs.frozen(kw_only=True)
class Drift:
    """A difference of a job that passed: something in its build or install is missing or changed."""

    name: str
    """`HAVE_STRLCPY`, `/usr/local/sbin/smtpctl`."""
    before: str
    """The earlier or other value: `defined`, `file 2555 root _smtpq`."""
    now: str = ""
    """The value in this run; empty if it is missing."""
    against: str = ""
    """The other side of the comparison: `the last green run, 20261122T…`, or `debian-12`."""

    @property
    def sentence(self) -> str:
        """`HAVE_STRLCPY is missing, was defined (compared with debian-12)`."""
        change = (
            f"is {self.now}, was {self.before}" if self.now else f"is missing, was {self.before}"
        )
        return f"{self.name} {change} (compared with {self.against})"


@attrs.frozen(kw_only=True)
class Diagnosis:
    """The causes and findings of a run; mappings are by job id, in the order of the jobs."""

    run: str
    causes: tuple[Cause, ...] = ()
    """Causes of the source before those of distributions, those of most jobs first."""
    findings: Mapping[str, tuple[Finding, ...]] = attrs.field(factory=dict)
    """For every job that did not pass, its root cause first."""
    warnings: Mapping[str, tuple[Warned, ...]] = attrs.field(factory=dict)
    """For jobs that have any: future errors first, then new ones."""
    drift: Mapping[str, tuple[Drift, ...]] = attrs.field(factory=dict)
    """For jobs that passed."""
    problems: tuple[str, ...] = attrs.field(default=(), metadata={KEY: "told"})
    """A sentence for each thing that could not be read."""
