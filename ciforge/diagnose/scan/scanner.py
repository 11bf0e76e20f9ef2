"""One pass through a log: possible causes, failure markers, and lines that revoke a failure."""

import re
from collections import deque
from collections.abc import Iterable, Sequence

import attrs

from ciforge.diagnose.scan import failure_markers
from ciforge.diagnose.scan.candidate_set import BEFORE, FAR, NEAR, CandidateSet
from ciforge.diagnose.scan.languages import in_english, is_foreign
from ciforge.diagnose.scan.log_lines import bare, folded_quotes, unprefixed
from ciforge.diagnose.scan.log_progress import (
    ends_well,
    is_next_command,
    is_output_of_check,
    result_of_test,
    shows_success,
    was_loaded,
)
from ciforge.diagnose.scan.make_folders import MakeFolders
from ciforge.diagnose.scan.open_section import OpenSection
from ciforge.diagnose.scan.prefilter import words_of, words_of_each
from ciforge.diagnose.scan.recovery import BELOW_MAKE, BEYOND_MAKE, Failures, Recovered
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
    named_earlier,
)
from ciforge.model import log_marks

PIECE = 3
"""Lines, at most, of an excerpt of a log."""
_UNDONE = 200
"""Lines, at most, whose errors an ignored failure revokes."""
_SPOKEN = ("\tOK", "+ ", "$ ", "% ", "PASS", "FAIL", "ok ", " OK ]", "Passed")
"""Pieces of lines that may say what became of an error."""
_SHELL = re.compile(
    r"(?:^|[\s>|])(?:\+{1,3}|\$|%) \S|\b(?:PASS|FAIL)|\bok \d| OK \]|\tOK$|\bPassed\b"
)


@attrs.define(eq=False)
class Scanner:
    """Reads the lines of a log one by one; its memory does not grow with the log."""

    step: str = ""
    number: int = 0
    candidates: CandidateSet = attrs.field(factory=CandidateSet)
    config_log: deque[str] = attrs.field(factory=lambda: deque(maxlen=2000))
    marker: failure_markers.MarkerContext | None = None
    failures: Failures = attrs.field(factory=Failures)
    folders: MakeFolders = attrs.field(factory=MakeFolders)
    nearby: deque[str] = attrs.field(factory=lambda: deque(maxlen=40))
    _section: OpenSection = attrs.field(factory=OpenSection)
    _levels: dict[int, int] = attrs.field(factory=dict)
    _in_config_log: bool = False
    _in_other_log: bool = False

    def read(self, batches: Iterable[Sequence[str]]) -> None:
        """All lines of a log, safe to print, some at a time."""
        for lines in batches:
            self._read_batch(lines)
        for line in reversed(self.nearby):
            if line.strip():
                break
            self.number -= 1
        if self.number <= PIECE and not self.candidates.errors:
            self._read_piece()

    def _read_batch(self, lines: Sequence[str]) -> None:
        """Passes by the lines that no row can be about."""
        text = "\n".join(lines)
        plain, shown = text.isascii(), "||" in text
        shell = any([mark in text for mark in _SPOKEN])  # noqa: C419 - in half the time
        last = self.nearby[-1] if self.nearby else None
        attentive, flood = self._attentive(shell=shell), self.candidates.is_flooded(self.number)
        for raw, words in zip(lines, words_of_each(lines), strict=True):
            if raw == last or attentive or (shown and "||" in raw):
                passed_by = False
            elif flood and is_one_more_error(raw, words):
                passed_by = True
                self.candidates.pass_by(self.number + 1, words)
            else:
                passed_by = (plain and WORDS.isdisjoint(words)) or is_irrelevant(raw, words)
            if passed_by:
                self.number += 1
                self.nearby.append(raw)
            else:
                self._take(raw, words, same=raw == last)
                attentive = self._attentive(shell=shell)
                flood = self.candidates.is_flooded(self.number)
            last = raw

    def _attentive(self, *, shell: bool) -> bool:
        """Whether any line may matter; `shell` if the next lines may show commands."""
        return bool(
            self._unfinished or self.failures.waits(self.number) or self._in_config_log or self._in_other_log
            or (shell and self.candidates.since)
        )  # fmt: skip

    @property
    def _unfinished(self) -> bool:
        """Whether the next line may belong to what earlier lines began."""
        return bool(self.candidates.incomplete or self._section.section)

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
            self.candidates.repeat(raw, self.number)
            return
        if self._in_config_log:
            self._take_config_log(raw)
        elif not self._in_other_log or failure_markers.SHOWN_LOG_ENDS.match(bare(raw)):
            self._in_other_log = False
            text, rule_words = raw, WORDS.intersection(words)
            if is_foreign(raw, rule_words) and (text := in_english(raw)) is not raw:
                rule_words = WORDS.intersection(words_of(text))
            if not ("ing directory" in text and self._take_folder(raw, text)):
                self._consider(raw, text, rule_words)
        self.nearby.append(raw)

    def _take_folder(self, raw: str, text: str) -> bool:
        """Whether the line only says where a make works, which logs say often."""
        line = bare(text)
        if self._unfinished or not (match := failure_markers.LEVEL.search(line)):
            return False
        if self.failures.waits(self.number):
            self._hear(raw, line)
        self._mark_folder(match)
        return True

    def _consider(self, raw: str, text: str, rule_words: frozenset[bytes]) -> None:
        """Looks at a line if any row may be about it, or if any line may matter."""
        quoted = folded_quotes(text)
        rows = candidate_rows(quoted, rule_words) if rule_words else NO_ROWS
        marked = is_about_log(rule_words)
        waits = marked or self.failures.waits(self.number)
        hearing = waits or "||" in text or (self.candidates.since and _SHELL.search(text))
        if marked or rows is not NO_ROWS or self._unfinished or hearing:
            line = unprefixed(quoted)
            if hearing and self._hear(raw, line):
                return
            self._look(raw, line, rows, marked=marked)

    def _take_config_log(self, raw: str) -> None:
        line = bare(raw)
        self.config_log.append(line)
        if failure_markers.CONFIG_LOG_ERROR.match(line):
            rule_words = WORDS.intersection(words_of(line))
            self._look(raw, line, candidate_rows(line, rule_words), marked=False)
        elif failure_markers.CONFIG_LOG_ENDS.match(line):
            self._in_config_log = False

    def _hear(self, raw: str, line: str) -> bool:
        """Reads what a line says about earlier failures. True if it says that something failed."""
        if "*** " in line and "Waiting" not in line:
            return False  # says that something failed, and nothing about what failed before
        if failure_markers.GAVE_UP.match(line):
            self._add_marker(raw, line, "", heads=False, final=True)
            return True
        if how := self.failures.heard(self.number, line, self.folders.level):
            self.candidates.recover(how)
            if not self.failures.live:
                self.marker = None
        elif self.candidates.since and is_next_command(line):
            self.candidates.recover(Recovered.LIKELY)
        elif (passed := result_of_test(line)) is not None:
            self.candidates.end_test(self.number, passed=passed)
        elif self.candidates.downloads and was_loaded(line):
            self.candidates.finish_download()
        return False

    def _look(self, raw: str, line: str, rows: Rows, *, marked: bool) -> None:
        if self.candidates.incomplete:
            self.candidates.complete(raw, line, self.number)
        inside, found = self._section.match(line, self.number)
        if found is not None:
            self._keep(found, raw)
        if inside or not (marked or rows is not NO_ROWS) or is_code(line):
            return
        if marked and self._mark(line):
            return
        markers, sections, rules = rows
        if markers and is_of_check(line):
            return
        if found := match(line, rules):
            self._keep(found, raw)
        self._section.open(sections, line, self.number)
        for marker in markers:
            if shown := marker.pattern.search(line):
                target = shown.groupdict().get("target") or ""
                self._add_marker(raw, line, target, heads=marker.heads, final=marker.final)
                break

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
            self.candidates.succeed()
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
            self.candidates.place(level, folder)
            self.folders.leave(level, folder)
        else:
            self.folders.enter(level, folder)

    def _mark_step(self, line: str) -> bool:
        """Whether the line begins a step, or the same step again."""
        step = log_marks.STEP.match(line)
        if step or log_marks.RETRY.match(line):
            self._begin(step["step"] if step else self.step)
            return True
        return False

    def _begin(self, step: str) -> None:
        """A step begins only after the steps before it succeeded."""
        self.step, self.marker = step, None
        self.candidates.begin_step()
        self.failures = Failures()
        self.folders = MakeFolders()
        self._section.close()

    def _take_back(self, level: int) -> None:
        """Drops the errors of a command whose failure is ignored."""
        begins = (at for deep, at in self._levels.items() if deep <= level)
        since = max(max(begins, default=0), self.number - _UNDONE)
        self.candidates.drop(since)
        self.failures.drop(since)
        if self.marker and self.marker.number > since:
            self.marker = None

    def _keep(self, found: Match, raw: str) -> None:
        """Keeps what a rule found in a line."""
        found = named_earlier(found, map(bare, reversed(tuple(self.nearby)[-BEFORE - 1 :])))
        self.candidates.add(
            found, raw, self.number, step=self.step, folder=self.folders.current,
            before=tuple(self.nearby)[-BEFORE:], tolerated=self.failures.tolerates(self.number),
            probe=self.failures.expects_errors(self.number),
        )  # fmt: skip
        if self.failures.has_alternative(self.number):
            self.candidates.pass_line(self.number)
        if is_output_of_check(bare(raw)):
            self.failures.asked = self.number

    def _add_marker(self, raw: str, line: str, target: str, *, heads: bool, final: bool) -> None:
        level = BEYOND_MAKE if final else BELOW_MAKE
        if not final and (made := failure_markers.MAKE_LEVEL.search(line)):
            level = int(made["level"] or 0)
        failure = self.failures.add(self.number, line, level)
        late = self.marker is None or self.number - self.marker.number > FAR
        if late and not heads and not failure.recovered:
            before = tuple(self.nearby)
            self.marker = failure_markers.MarkerContext(self.number, raw, target, self.step, before)
        self.candidates.confirm(failure, self.number, near=NEAR, far=FAR)

    def recover_at_end(self) -> None:
        """Errors that the last lines of the log go on after did not end the build."""
        lines = list(self.nearby)
        while lines and not lines[-1].strip():
            lines.pop()
        numbered = enumerate(lines, self.number - len(lines) + 1)
        at = max((n for n, line in numbered if shows_success(bare(line))), default=0)
        if lines and ends_well(bare(lines[-1])):
            self.failures.recover(Recovered.LIKELY)
            self.candidates.recover(Recovered.LIKELY)
            at = self.number
        self.candidates.recover_before(at)
