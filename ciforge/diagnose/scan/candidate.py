"""Errors of a log that may have caused its failure."""

import attrs

from ciforge.diagnose.rules.rule import Rule, Weight
from ciforge.diagnose.scan.recovery import Failure, Recovered
from ciforge.diagnose.scan.ruleset import Match
from ciforge.model.finding import FindingKind

LIMITS = (FindingKind.DEPS_NETWORK, FindingKind.DEPS_NOT_FOUND)
"""Kinds whose consequences may come much later, whatever a script does in between."""


@attrs.define(kw_only=True, eq=False)
class Candidate:
    """An error that may have caused the failure."""

    match: Match
    subject: str
    file: str
    line: int | None
    log_line: int
    root_line: str
    step: str
    folder: str
    """The folder of the make that printed it; empty if unknown."""
    before: tuple[str, ...]
    after: list[str] = attrs.field(factory=list)
    last: int = 0
    """The last log line that repeats it."""
    failure: Failure | None = None
    """The failure that followed."""
    passed: Recovered = Recovered.NO
    """Whether the build went on before any failure followed."""
    probe: bool = False
    """Whether a command printed it whose failure does not count."""
    complete: bool = False
    """Whether what the rule looks ahead for was found."""

    @property
    def rule(self) -> Rule:
        return self.match.rule

    @property
    def weight(self) -> Weight:
        return self.rule.weight

    @property
    def kind(self) -> FindingKind:
        return self.rule.kind

    @property
    def excerpt(self) -> tuple[str, ...]:
        return (*self.before, self.root_line, *self.after)

    @property
    def confirmed(self) -> bool:
        """Whether a failure followed that may have ended the build."""
        return self.failure is not None and self.failure.recovered is Recovered.NO

    @property
    def recovered(self) -> Recovered:
        """The certainty that the build continued after it."""
        if self.failure is not None:
            return self.failure.recovered
        return self.passed

    def complete_with(self, groups: dict[str, str | None]) -> None:
        """Add the subject and the place that a later line names."""
        self.complete = True
        if subject := groups.get("subject") or groups.get("other"):
            self.subject = subject
        if file := groups.get("file"):
            self.file = file
        if number := groups.get("line"):
            self.line = int(number) if len(number) < 9 else None
