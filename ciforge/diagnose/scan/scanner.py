"""One pass through a log: possible causes, failure markers, and lines that revoke a failure."""

from collections import deque
from collections.abc import Iterable

import attrs

from ciforge.diagnose.rules.rule import Rule, Section, Weight
from ciforge.diagnose.scan import failure_markers
from ciforge.diagnose.scan.languages import in_english, is_foreign
from ciforge.diagnose.scan.log_lines import bare
from ciforge.diagnose.scan.ruleset import (
    ALONE,
    Match,
    candidate_rows,
    is_code,
    match,
    match_inside,
    relevant_words,
)
from ciforge.model import log_marks
from ciforge.model.finding import FindingKind, Severity

BEFORE = 2
AFTER = 4
"""Lines of an excerpt around the root line."""
MOST = 100
"""Findings that are kept, and warnings besides."""
NEAR = 15
"""Lines within which a failure must follow an error that successful builds print too."""
FAR = 400
"""Lines within which a failure follows its cause; parallel jobs may print in between."""
PIECE = 3
"""Lines, at most, of an excerpt of a log."""
_OF_TESTS = (FindingKind.TEST_FAILURE, FindingKind.TIMEOUT)
"""Kinds that are printed long before the end: after a test come others, and a summary."""
_PASSING = (Weight.WEAK, Weight.VAGUE)
NOT_THERE = frozenset(
    {
        FindingKind.DEPS_NOT_FOUND,
        FindingKind.MISSING_TOOL,
        FindingKind.OTHER,
        FindingKind.MISSING_PACKAGE,
    }
)
"""Kinds that a failed mirror causes later."""
_UNDONE = 200
"""Lines, at most, whose errors an ignored failure revokes."""


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
    before: tuple[str, ...]
    after: list[str] = attrs.field(factory=list)
    last: int = 0
    """The last log line that repeats it."""
    confirmed: bool = False
    """Whether a failure followed."""
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


@attrs.define(eq=False)
class MarkerContext:
    """The first of several failure markers, with the lines before it."""

    number: int
    line: str
    target: str
    step: str
    before: tuple[str, ...]


@attrs.define(eq=False)
class Scanner:
    """Reads the lines of a log one by one; its memory does not grow with the log."""

    step: str = ""
    number: int = 0
    errors: dict[object, Candidate] = attrs.field(factory=dict)
    warnings: dict[object, Candidate] = attrs.field(factory=dict)
    config_log: deque[str] = attrs.field(factory=lambda: deque(maxlen=2000))
    marker: MarkerContext | None = None
    marker_lines: deque[int] = attrs.field(factory=lambda: deque(maxlen=MOST))
    """Numbers of the log lines that are failure markers."""
    nearby: deque[str] = attrs.field(factory=lambda: deque(maxlen=16))
    _since: list[Candidate] = attrs.field(factory=list)
    """Candidates since the last marker."""
    _open: list[Candidate] = attrs.field(factory=list)
    """Those whose excerpt or subject is not complete."""
    _section: Section | None = None
    _section_at: int = 0
    _section_place: tuple[str, int | None] = ("", None)
    _levels: dict[int, int] = attrs.field(factory=dict)
    _in_config_log: bool = False
    _in_other_log: bool = False
    _last: str = ""

    def read(self, lines: Iterable[str]) -> None:
        """All lines of a log."""
        for line in lines:
            self.take(line)
        for line in reversed(self.nearby):
            if line.strip():
                break
            self.number -= 1
        if self.number <= PIECE and not self.errors:
            self._read_piece()

    def _read_piece(self) -> None:
        """Tries the rules for excerpts of one or two lines."""
        pieces = list(self.nearby)[: self.number]
        for self.number, raw in enumerate(pieces, 1):
            if found := match(bare(raw), ALONE):
                self._keep(found, raw)

    def take(self, raw: str) -> None:
        """The next line, safe to print."""
        self.number += 1
        if raw == self._last:
            self._again()
            return
        self._last = raw
        if self._in_config_log:
            self._take_config_log(raw)
        elif not self._in_other_log or failure_markers.SHOWN_LOG_ENDS.match(bare(raw)):
            self._in_other_log = False
            text, words = raw, relevant_words(raw)
            if is_foreign(raw, words) and (text := in_english(raw)) is not raw:
                words = relevant_words(text)
            if words or self._open or self._section:
                self._look(raw, bare(text), words)
        self.nearby.append(raw)

    def _again(self) -> None:
        """The same line again: it is as late as this, but not a new error."""
        if self._since and self._since[-1].root_line == self._last:
            self._since[-1].last = self.number

    def _take_config_log(self, raw: str) -> None:
        line = bare(raw)
        self.config_log.append(line)
        if failure_markers.CONFIG_LOG_ERROR.match(line):
            self._look(raw, line, relevant_words(line))
        elif failure_markers.CONFIG_LOG_ENDS.match(line):
            self._in_config_log = False

    def _look(self, raw: str, line: str, words: frozenset[bytes]) -> None:
        if self._open:
            self._complete(raw, line)
        if self._section is not None and self._inside(raw, line):
            return
        if not words or is_code(line) or self._mark(line):
            return
        markers, sections, rules = candidate_rows(line, words)
        found = match(line, rules)
        if found is not None:
            self._keep(found, raw)
        for section in sections:
            if head := section.pattern.search(line):
                groups = head.groupdict()
                self._section, self._section_at = section, self.number
                number = groups.get("line")
                self._section_place = (groups.get("file") or "", int(number) if number else None)
                break
        for marker in markers:
            if shown := marker.pattern.search(line):
                self._add_marker(raw, shown.groupdict().get("target") or "", marker.heads)
                break

    def _inside(self, raw: str, line: str) -> bool:
        """Whether the line belongs to the section that is open."""
        assert self._section is not None
        if self.number - self._section_at > self._section.lines:
            self._section = None
            return False
        if not line.strip():
            if not self._section.blank:
                self._section = None
            return True
        found = match_inside(line, self._section.name)
        if found is None:
            return False
        file, number = self._section_place
        if not found.subject:
            found = attrs.evolve(found, subject=file)
        if file and not found.file:
            found = attrs.evolve(found, file=file, line=number)
        if self._section.once:
            self._section = None
        self._keep(found, raw)
        return True

    def _mark(self, line: str) -> bool:
        """Whether the line is about the log itself: a step, an ignored failure, config.log."""
        if line.startswith(log_marks.PREFIX):
            return self._mark_step(line)
        if "(ignored)" in line and (ignored := failure_markers.IGNORED.search(line)):
            self._take_back(int(ignored["level"] or 0))
            return True
        if "ing directory" in line and (level := failure_markers.LEVEL.search(line)):
            self._levels[min(int(level["level"] or 0), 99)] = self.number
            return True
        if failure_markers.SHOWN_LOG.match(line):
            self._in_other_log = True
            return True
        if failure_markers.WENT_WELL.match(line):
            self._since.clear()
        elif failure_markers.CONFIG_LOG_BEGINS in line:
            self._in_config_log = True
            self.config_log.clear()
            return True
        return False

    def _mark_step(self, line: str) -> bool:
        """Whether the line begins a step, or the same step again."""
        if step := log_marks.STEP.match(line):
            self._begin(step["step"])
        elif log_marks.RETRY.match(line):
            self._begin(self.step)
        else:
            return False
        return True

    def _begin(self, step: str) -> None:
        """A step begins only after the steps before it succeeded."""
        self.step, self.marker = step, None
        self.errors.clear()
        self.marker_lines.clear()
        self._since.clear()
        self._open.clear()
        self._section = None

    def _take_back(self, level: int) -> None:
        """Drops the errors of a command whose failure is ignored."""
        known = (at for deep, at in self._levels.items() if deep <= level)
        since = max(max(known, default=0), self.number - _UNDONE)
        for key in [key for key, one in self.errors.items() if one.log_line > since]:
            del self.errors[key]
        self._since = [one for one in self._since if one.log_line <= since]
        while self.marker_lines and self.marker_lines[-1] > since:
            self.marker_lines.pop()
        if self.marker and self.marker.number > since:
            self.marker = None

    def _keep(self, found: Match, raw: str) -> None:
        bad = found.rule.severity is Severity.ERROR
        kept = self.errors if bad else self.warnings
        key = (found.rule.kind, found.subject or (found.file, found.line))
        before = kept.get(key)
        if before is not None and not self._later_counts(before, found):
            before.last = self.number
            self._touch(before)
            return
        if before is None and len(kept) >= MOST and found.rule.weight is not Weight.RESOURCE:
            if bad and self._since:
                self._since[-1].last = self.number
            return
        candidate = Candidate(
            match=found, subject=found.subject, file=found.file, line=found.line,
            log_line=self.number, root_line=raw, step=self.step, last=self.number,
            before=tuple(self.nearby)[-BEFORE:],
        )  # fmt: skip
        kept.pop(key, None)
        kept[key] = candidate
        self._open.append(candidate)
        if bad:
            self._touch(candidate)

    def _later_counts(self, before: Candidate, found: Match) -> bool:
        """Whether a repeated error is shown at its new line."""
        if before.confirmed or before.weight < found.rule.weight:
            return False
        return before.weight > found.rule.weight or (
            before.weight >= Weight.WEAK and self.number - before.last > NEAR
        )

    def _touch(self, candidate: Candidate) -> None:
        if candidate in self._since:
            self._since.remove(candidate)
        self._since.append(candidate)

    def _complete(self, raw: str, line: str) -> None:
        """Adds the line to open excerpts, and offers it to rules that look ahead."""
        still = []
        for one in self._open:
            if len(one.after) < AFTER:
                one.after.append(raw)
            then = one.rule.then
            looking = not one.complete and self.number - one.log_line <= one.rule.within
            if then is not None and looking and (more := then.search(line)):
                groups = more.groupdict()
                self._complete_one(one, groups)
            if (then and looking and not one.complete) or len(one.after) < AFTER:
                still.append(one)
        self._open = still[-MOST:]

    def _complete_one(self, one: Candidate, groups: dict[str, str | None]) -> None:
        one.complete = True
        if subject := groups.get("subject") or groups.get("other"):
            one.subject = subject
        if file := groups.get("file"):
            one.file = file
        if number := groups.get("line"):
            one.line = int(number) if len(number) < 9 else None

    def _add_marker(self, raw: str, target: str, heads: bool) -> None:
        if not heads and (self.marker is None or self.number - self.marker.number > FAR):
            before = tuple(self.nearby)
            self.marker = MarkerContext(self.number, raw, target, self.step, before)
        self.marker_lines.append(self.number)
        self.confirm(near=NEAR, far=FAR)

    def confirm(self, near: int, far: int, *, proven: bool = True) -> None:
        """Confirms the errors shortly before a failure, and those before them, as its causes."""
        reach, fatal = self.number, None
        for one in reversed(self._since):
            passing = one.weight in _PASSING and not (proven and one.kind in _OF_TESTS)
            mirror = fatal in NOT_THERE and one.kind is FindingKind.DEPS_NETWORK
            mirror = mirror or (fatal is not None and one.rule.lasting)
            gap = (self.number if passing and not mirror else reach) - one.last
            if gap <= (near if passing and not mirror else far) and (
                fatal is None or mirror or not passing
            ):
                one.confirmed = True
                reach = min(reach, one.log_line)
                fatal = one.kind if one.weight is Weight.FATAL else fatal
        self._since.clear()
