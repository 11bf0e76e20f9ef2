"""What a run's logs and artifacts say: causes, findings, warnings and drift in one value."""

from collections.abc import Mapping

import attrs

from ciforge.model.cause import Cause
from ciforge.model.finding import Finding


@attrs.frozen(kw_only=True)
class Warned:
    """A warning that is new since the job's last green run, or that a later compiler makes an error."""

    key: str
    """The same in another run, on another line, by another compiler; at most 200 characters."""
    option: str = ""
    """`implicit-function-declaration`, without `-W`; empty where the compiler named none."""
    subject: str = ""
    file: str = ""
    line: int | None = None
    log_line: int = 0
    """The first line of the log that has it, from 1."""
    text: str = ""
    """That line, safe to print."""
    times: int = 1
    """How often the log has it."""
    new: bool = False
    """The job's last green run did not have it; False where there is none to compare with."""
    fatal: str = ""
    """`an error with gcc 14 and clang 16`; empty where no known compiler makes it one."""


@attrs.frozen(kw_only=True)
class Drift:
    """Something that a green build, or its install, has no more, or has otherwise."""

    name: str
    """`HAVE_STRLCPY`, `/usr/local/sbin/smtpctl`."""
    before: str
    """What it was there: `defined`, `file 2555 root _smtpq`."""
    now: str = ""
    """What it is here; empty where it is lost."""
    against: str = ""
    """What it is compared with: `the last green run, 20261122T…`, or `debian-12`."""

    @property
    def sentence(self) -> str:
        """`HAVE_STRLCPY is lost, compared with debian-12`."""
        change = f"is {self.now}, was {self.before}" if self.now else f"is lost, was {self.before}"
        return f"{self.name} {change} ({self.against})"


@attrs.frozen(kw_only=True)
class Diagnosis:
    """All that is known of why a run ended as it did; jobs stand by their ids, in their order."""

    run: str
    causes: tuple[Cause, ...] = ()
    """Those of most jobs first, the source's before the distributions'."""
    findings: Mapping[str, tuple[Finding, ...]] = attrs.field(factory=dict)
    """Of every job that did not pass, its root cause first."""
    warnings: Mapping[str, tuple[Warned, ...]] = attrs.field(factory=dict)
    """Of jobs that have any worth telling: future errors first, then new ones."""
    drift: Mapping[str, tuple[Drift, ...]] = attrs.field(factory=dict)
    """Of jobs that passed and yet lost something."""
    told: tuple[str, ...] = ()
    """What could not be read, a sentence each."""
