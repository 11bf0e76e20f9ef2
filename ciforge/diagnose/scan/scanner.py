"""One pass through a log: possible causes, failure markers, and lines that revoke a failure."""

import re
from collections import deque
from collections.abc import Iterable, Sequence

import attrs

from ciforge.diagnose.rules.rule import Section, Weight
from ciforge.diagnose.scan import failure_markers
from ciforge.diagnose.scan.candidate import LIMITS, Candidate
from ciforge.diagnose.scan.languages import in_english, is_foreign
from ciforge.diagnose.scan.log_lines import bare, folded_quotes, unprefixed
from ciforge.diagnose.scan.make_folders import MakeFolders
from ciforge.diagnose.scan.prefilter import words_of, words_of_each
from ciforge.diagnose.scan.recovery import (
    BELOW_MAKE,
    BEYOND_MAKE,
    Failure,
    Failures,
    Recovered,
    ends_well,
    is_next_command,
    result_of_test,
    shows_success,
    was_loaded,
)
from ciforge.diagnose.scan.ruleset import (
    ALONE,
    NO_ROWS,
    WORDS,
    Match,
    Rows,
    candidate_rows,
    is_about_log,
    is_code,
    is_irrelevant,
    is_of_check,
    is_one_more_error,
    match,
    match_inside,
    named_earlier,
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
_FLOOD = 100
"""Lines after an error for which more errors are taken for granted, once `MOST` are kept."""
_SPOKEN = ("+ ", "$ ", "% ", "PASS", "FAIL", "ok ")
"""Pieces of lines that may say what became of an error."""
_SHELL = re.compile(r"(?:^|[\s>|])(?:\+{1,3}|\$|%) \S|\b(?:PASS|FAIL)|\bok \d")


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
    failures: Failures = attrs.field(factory=Failures)
    folders: MakeFolders = attrs.field(factory=MakeFolders)
    nearby: deque[str] = attrs.field(factory=lambda: deque(maxlen=16))
    _since: list[Candidate] = attrs.field(factory=list)
    """Candidates since the last marker."""
    _open: list[Candidate] = attrs.field(factory=list)
    """Those whose excerpt or subject is not complete."""
    _section: Section | None = None
    _section_at: int = 0
    _section_place: tuple[str, int | None] = ("", None)
    _levels: dict[int, int] = attrs.field(factory=dict)
    _unplaced: list[tuple[int, Candidate]] = attrs.field(factory=list)
    """Candidates of makes side by side, with the level of the make that failed."""
    _in_config_log: bool = False
    _in_other_log: bool = False
    _result_at: int = 0
    """The last line that says how a test ended."""
    _error_at: int = 0
    """The last line that an error rule matched."""
    _tidy_at: int = 0
    """The line from which on old errors are looked through again."""

    def read(self, batches: Iterable[Sequence[str]]) -> None:
        """All lines of a log, safe to print, some at a time."""
        for lines in batches:
            self._read_batch(lines)
        for line in reversed(self.nearby):
            if line.strip():
                break
            self.number -= 1
        if self.number <= PIECE and not self.errors:
            self._read_piece()

    def _read_batch(self, lines: Sequence[str]) -> None:
        """Passes by the lines that no row can be about."""
        text = "\n".join(lines)
        plain, shown = text.isascii(), "||" in text
        shell = any([mark in text for mark in _SPOKEN])  # noqa: C419 - in half the time
        last = self.nearby[-1] if self.nearby else None
        attentive, flood = self._attentive(shell=shell), self._flood
        for raw, words in zip(lines, words_of_each(lines), strict=True):
            if (
                raw != last
                and not (attentive or (shown and "||" in raw))
                and ((plain and WORDS.isdisjoint(words)) or (flood and is_one_more_error(raw, words))
                     or is_irrelevant(raw, words))
            ):  # fmt: skip
                self.number += 1
                self.nearby.append(raw)
            else:
                self._take(raw, words, same=raw == last)
                attentive, flood = self._attentive(shell=shell), self._flood
            last = raw

    def _attentive(self, *, shell: bool) -> bool:
        """Whether any line may matter; `shell` if the next lines may show commands."""
        return bool(
            self._open or self._section or self.failures.waits(self.number) or self._in_config_log or self._in_other_log
            or (shell and self._since)
        )  # fmt: skip

    @property
    def _flood(self) -> bool:
        """Whether so many errors came that one more says nothing."""
        return len(self.errors) >= MOST and self.number - self._error_at < _FLOOD

    def _read_piece(self) -> None:
        """Tries the rules for excerpts of one or two lines."""
        pieces = list(self.nearby)[: self.number]
        for self.number, raw in enumerate(pieces, 1):
            if found := match(bare(raw), ALONE):
                self._keep(found, raw)

    def _take(self, raw: str, words: Sequence[bytes], *, same: bool) -> None:
        """The next line, safe to print; `same` as the one before it."""
        self.number += 1
        if same:
            self._again(raw)
            return
        if self._in_config_log:
            self._take_config_log(raw)
        elif not self._in_other_log or failure_markers.SHOWN_LOG_ENDS.match(bare(raw)):
            self._in_other_log = False
            text, known = raw, WORDS.intersection(words)
            if is_foreign(raw, known) and (text := in_english(raw)) is not raw:
                known = WORDS.intersection(words_of(text))
            if not ("ing directory" in text and self._take_folder(raw, text)):
                self._consider(raw, text, known)
        self.nearby.append(raw)

    def _take_folder(self, raw: str, text: str) -> bool:
        """Whether the line only says where a make works, which logs say often."""
        line = bare(text)
        if self._open or self._section or not (found := failure_markers.LEVEL.search(line)):
            return False
        if self.failures.waits(self.number):
            self._hear(raw, line)
        self._mark_folder(found)
        return True

    def _consider(self, raw: str, text: str, known: frozenset[bytes]) -> None:
        """Looks at a line if any row may be about it, or if any line may matter."""
        quoted = folded_quotes(text)
        rows = candidate_rows(quoted, known) if known else NO_ROWS
        marked = is_about_log(known)
        hearing = (
            marked
            or self.failures.waits(self.number)
            or "||" in text
            or (self._since and _SHELL.search(text))
        )
        if marked or rows is not NO_ROWS or self._open or self._section or hearing:
            line = unprefixed(quoted)
            if hearing and self._hear(raw, line):
                return
            self._look(raw, line, rows, marked=marked)

    def _again(self, raw: str) -> None:
        """The same line again: it is as late as this, but not a new error."""
        if self._since and self._since[-1].root_line == raw:
            self._since[-1].last = self.number

    def _take_config_log(self, raw: str) -> None:
        line = bare(raw)
        self.config_log.append(line)
        if failure_markers.CONFIG_LOG_ERROR.match(line):
            self._look(
                raw, line, candidate_rows(line, WORDS.intersection(words_of(line))), marked=False
            )
        elif failure_markers.CONFIG_LOG_ENDS.match(line):
            self._in_config_log = False

    def _hear(self, raw: str, line: str) -> bool:
        """What a line says about failures before it; whether it says that something failed."""
        if failure_markers.GAVE_UP.match(line):
            self._add_marker(raw, line, "", heads=False, final=True)
            return True
        if how := self.failures.heard(self.number, line, self.folders.level):
            self._pass(how)
            if not self.failures.live:
                self.marker = None
        elif self._since and is_next_command(line):
            self._pass(Recovered.LIKELY)
        elif (passed := result_of_test(line)) is not None:
            self._take_result(passed=passed)
        elif was_loaded(line):
            for one in self._since:
                if one.kind is FindingKind.DEPS_NETWORK:
                    one.passed = Recovered.CERTAIN
        return False

    def _take_result(self, *, passed: bool) -> None:
        """What a test printed that passed is no error."""
        for one in self._since:
            if (
                passed
                and one.log_line > max(self._result_at, self.number - NEAR)
                and one.kind not in _OF_TESTS
            ):
                one.passed = max(one.passed, Recovered.LIKELY)
        self._result_at = self.number

    def _pass(self, how: Recovered) -> None:
        """The build went on after what was printed so far."""
        for one in self._since:
            if one.kind not in LIMITS and one.weight is not Weight.RESOURCE:
                one.passed = max(one.passed, how)

    def _look(self, raw: str, line: str, rows: Rows, *, marked: bool) -> None:
        if self._open:
            self._complete(raw, line)
        if self._section is not None and self._inside(raw, line):
            return
        if not (marked or rows is not NO_ROWS) or is_code(line) or (marked and self._mark(line)):
            return
        markers, sections, rules = rows
        if markers and is_of_check(line):
            return
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
                target = shown.groupdict().get("target") or ""
                self._add_marker(raw, line, target, heads=marker.heads, final=marker.final)
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
            self._mark_folder(level)
            return True
        if failure_markers.SHOWN_LOG.match(line):
            self._in_other_log = True
            return True
        if failure_markers.WENT_WELL.match(line):
            for one in self._since:
                one.passed = Recovered.LIKELY
            self._since.clear()
        elif failure_markers.CONFIG_LOG_BEGINS in line:
            self._in_config_log = True
            self.config_log.clear()
            return True
        return False

    def _mark_folder(self, found: re.Match[str]) -> None:
        """A make enters or leaves a folder: that is where its errors were."""
        level = min(int(found["level"] or 0), 99)
        self._levels[level] = self.number
        folder = found["folder"] or found["into"] or ""
        if found["what"] == "Leaving":
            for at, one in self._unplaced:
                if at == level:
                    one.folder = folder
            self._unplaced = [pair for pair in self._unplaced if pair[0] != level]
            self.folders.leave(level, folder)
        else:
            self.folders.enter(level, folder)

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
        self.failures = Failures()
        self.folders = MakeFolders()
        self._unplaced.clear()
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
        self.failures.drop(since)
        if self.marker and self.marker.number > since:
            self.marker = None

    def _keep(self, found: Match, raw: str) -> None:
        found = named_earlier(found, map(bare, reversed(tuple(self.nearby)[-BEFORE - 1 :])))
        bad = found.rule.severity is Severity.ERROR
        kept = self.errors if bad else self.warnings
        key = (found.rule.kind, found.subject or (found.file, found.line))
        before = kept.get(key)
        self._error_at = self.number if bad else self._error_at
        if before is not None and not self._later_counts(before, found):
            before.last = self.number
            self._touch(before)
            return
        if before is None and len(kept) >= MOST and not self._has_room(found):
            if bad and self._since:
                self._since[-1].last = self.number
            return
        if found.rule.weight >= Weight.WEAK and self.failures.tolerates(self.number):
            return
        candidate = Candidate(
            match=found, subject=found.subject, file=found.file, line=found.line,
            log_line=self.number, root_line=raw, step=self.step, last=self.number,
            folder=self.folders.current, before=tuple(self.nearby)[-BEFORE:],
        )  # fmt: skip
        kept.pop(key, None)
        kept[key] = candidate
        self._open.append(candidate)
        if bad:
            self._touch(candidate)

    def _has_room(self, found: Match) -> bool:
        """Whether an error may be kept beyond `MOST`; those that did not matter make room for it."""
        if found.rule.severity is Severity.ERROR and self.number >= self._tidy_at:
            self._tidy_at = self.number + _FLOOD
            over = not self._since or self.number - self._since[-1].last > FAR
            stale = [
                key
                for key, one in self.errors.items()
                if one.recovered or (over and one.failure is None)
            ]
            for key in stale[: MOST // 2]:
                self._forget(self.errors.pop(key))
        return len(self.errors) < (2 * MOST if found.rule.weight is Weight.RESOURCE else MOST)

    def _forget(self, one: Candidate) -> None:
        if one in self._since:
            self._since.remove(one)

    def _later_counts(self, before: Candidate, found: Match) -> bool:
        """Whether a repeated error is shown at its new line."""
        if before.recovered:
            return True
        if before.confirmed or before.weight < found.rule.weight:
            return False
        return before.weight > found.rule.weight or (
            before.weight >= Weight.WEAK and self.number - before.last > NEAR
        )

    def _touch(self, candidate: Candidate) -> None:
        self._forget(candidate)
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
                one.complete_with(more.groupdict())
            if (then and looking and not one.complete) or len(one.after) < AFTER:
                still.append(one)
        self._open = still[-MOST:]

    def _add_marker(self, raw: str, line: str, target: str, *, heads: bool, final: bool) -> None:
        level = BEYOND_MAKE if final else BELOW_MAKE
        if not final and (made := failure_markers.MAKE_LEVEL.search(line)):
            level = int(made["level"] or 0)
        failure = self.failures.add(self.number, line, level)
        late = self.marker is None or self.number - self.marker.number > FAR
        if late and not heads and not failure.recovered:
            before = tuple(self.nearby)
            self.marker = MarkerContext(self.number, raw, target, self.step, before)
        self.confirm(failure, near=NEAR, far=FAR)

    def passed_at_end(self) -> None:
        """Errors that the last lines of the log go on after did not end the build."""
        lines = list(self.nearby)
        while lines and not lines[-1].strip():
            lines.pop()
        numbered = enumerate(lines, self.number - len(lines) + 1)
        at = max((n for n, line in numbered if shows_success(bare(line))), default=0)
        if lines and ends_well(bare(lines[-1])):
            self.failures.recover(Recovered.LIKELY)
            self._pass(Recovered.LIKELY)
            at = self.number
        for one in self._since:
            if one.last < at:
                one.passed = max(one.passed, Recovered.LIKELY)

    def confirm(self, failure: Failure, near: int, far: int, *, proven: bool = True) -> bool:
        """Confirms the errors shortly before a failure, and those before them, as its causes; whether any is."""
        reach, fatal, any_found = self.number, None, False
        for one in reversed(self._since):
            passing = one.weight in _PASSING and not (proven and one.kind in _OF_TESTS)
            mirror = fatal in NOT_THERE and one.kind is FindingKind.DEPS_NETWORK
            mirror = mirror or (fatal is not None and one.rule.lasting)
            gap = (self.number if passing and not mirror else reach) - one.last
            if (
                not one.passed
                and gap <= (near if passing and not mirror else far)
                and (fatal is None or mirror or not passing)
            ):
                one.failure, any_found = failure, True
                if not one.folder and failure.level < BELOW_MAKE:
                    self._unplaced.append((failure.level, one))
                reach = min(reach, one.log_line)
                fatal = one.kind if one.weight is Weight.FATAL else fatal
        del self._unplaced[:-MOST]
        self._since.clear()
        return any_found
