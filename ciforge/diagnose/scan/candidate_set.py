"""The errors of a log that are kept, and which of them a failure confirms as its causes."""

import re
from collections import deque
from collections.abc import Sequence

import attrs

from ciforge.diagnose.rules.rule import Weight
from ciforge.diagnose.scan.candidate import LIMITS, Candidate
from ciforge.diagnose.scan.recovery import BELOW_MAKE, Failure, Recovered
from ciforge.diagnose.scan.ruleset import Match
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
FLOOD = 100
"""Lines after an error for which more errors are taken for granted, once `MOST` are kept."""
NOT_THERE = frozenset(
    {
        FindingKind.DEPS_NOT_FOUND,
        FindingKind.MISSING_TOOL,
        FindingKind.OTHER,
        FindingKind.MISSING_PACKAGE,
    }
)
"""Kinds that a failed mirror causes later."""
_OF_TESTS = (FindingKind.TEST_FAILURE, FindingKind.TIMEOUT)
"""Kinds that are printed long before the end: after a test come others, and a summary."""
_PASSING = (Weight.WEAK, Weight.VAGUE)
_ERROR = b"error"
_INCLUDED = re.compile(r"(?:In file included| {10,})\s*from \S+:\d+")
"""Lines of gcc and clang that lead to a note; the note says more."""


@attrs.define(eq=False)
class CandidateSet:
    """Errors and warnings of a log, each once; their number is bounded."""

    errors: dict[object, Candidate] = attrs.field(factory=dict)
    warnings: dict[object, Candidate] = attrs.field(factory=dict)
    since: list[Candidate] = attrs.field(factory=list)
    """Errors since the last failure marker."""
    downloads: bool = False
    """Whether an error of a download is among them."""
    incomplete: list[Candidate] = attrs.field(factory=list)
    """Candidates whose excerpt or subject is not complete."""
    _unplaced: deque[tuple[int, Candidate]] = attrs.field(factory=lambda: deque(maxlen=MOST))
    """Candidates of makes side by side, with the level of the make that failed."""
    _result_at: int = 0
    """The last line that says how a test ended."""
    _error_at: int = 0
    """The last line that an error rule matched."""
    _tidy_at: int = 0
    """The line from which on old errors are looked through again."""

    def is_flooded(self, number: int) -> bool:
        """Whether so many errors came that one more says nothing."""
        return len(self.errors) >= MOST and number - self._error_at < FLOOD

    def begin_step(self) -> None:
        """Forgets the errors of earlier steps, which succeeded."""
        self.errors.clear()
        self._unplaced.clear()
        self.since.clear()
        self.incomplete.clear()

    def add(
        self, found: Match, raw: str, number: int, *, step: str, folder: str, before: Sequence[str], tolerated: bool, probe: bool,
    ) -> None:  # fmt: skip
        """Keeps what a rule found in the line `raw`; `tolerated` if a weak error may not count there, `probe` if none may."""
        bad = found.rule.severity is Severity.ERROR
        kept = self.errors if bad else self.warnings
        key = (found.rule.kind, found.subject or (found.file, found.line))
        same = kept.get(key)
        self._error_at = number if bad else self._error_at
        if same is not None and not _later_counts(same, found, number):
            same.last = number
            self._touch(same)
            return
        if same is None and len(kept) >= MOST and not self._has_room(found, number):
            if bad and self.since:
                self.since[-1].last = number
            return
        if tolerated and found.rule.weight >= Weight.WEAK:
            return
        candidate = Candidate(
            match=found, subject=found.subject, file=found.file, line=found.line, log_line=number,
            root_line=raw, step=step, last=number, folder=folder, before=tuple(before),
        )  # fmt: skip
        if probe and candidate.kind not in LIMITS and candidate.weight is not Weight.RESOURCE:
            candidate.probe, candidate.passed = True, Recovered.LIKELY
        self.downloads = self.downloads or candidate.kind is FindingKind.DEPS_NETWORK
        kept.pop(key, None)
        kept[key] = candidate
        self.incomplete.append(candidate)
        if bad:
            self._touch(candidate)

    def pass_by(self, number: int, words: Sequence[bytes]) -> None:
        """Counts a line of a flood, which has these words, as late as the last error if it is one more."""
        if _ERROR in words and self.since:
            self.since[-1].last = number

    def repeat(self, raw: str, number: int) -> None:
        """The line `raw` again: it is as late as this, but not a new error."""
        if self.since and self.since[-1].root_line == raw:
            self.since[-1].last = number

    def complete(self, raw: str, line: str, number: int) -> None:
        """Adds the line to incomplete excerpts, and offers it to rules that look ahead."""
        still = []
        for candidate in self.incomplete:
            if len(candidate.after) < AFTER and not _INCLUDED.match(line):
                candidate.after.append(raw)
            then = candidate.rule.then
            looking = (
                not candidate.complete and number - candidate.log_line <= candidate.rule.within
            )
            if then is not None and looking and (more := then.search(line)):
                candidate.complete_with(more.groupdict())
            if (then and looking and not candidate.complete) or len(candidate.after) < AFTER:
                still.append(candidate)
        self.incomplete = still[-MOST:]

    def recover(self, how: Recovered) -> None:
        """The build went on after what was printed so far."""
        for candidate in self.since:
            if candidate.kind not in LIMITS and candidate.weight is not Weight.RESOURCE:
                candidate.passed = max(candidate.passed, how)

    def pass_line(self, number: int) -> None:
        """The errors of this line matter only where nothing else explains a failure."""
        for candidate in self.since:
            if candidate.log_line == number:
                candidate.passed = max(candidate.passed, Recovered.LIKELY)

    def recover_before(self, number: int) -> None:
        """The build went on after what was printed before this line."""
        for candidate in self.since:
            if candidate.last < number:
                candidate.passed = max(candidate.passed, Recovered.LIKELY)

    def end_test(self, number: int, *, passed: bool) -> None:
        """End a test; output of a test that passed is not an error."""
        for candidate in self.since:
            if (
                passed
                and candidate.log_line > max(self._result_at, number - NEAR)
                and candidate.kind not in _OF_TESTS
            ):
                candidate.passed = max(candidate.passed, Recovered.LIKELY)
        self._result_at = number

    def finish_download(self) -> None:
        """A download arrived after all, or is tried again."""
        for candidate in self.since:
            if candidate.kind is FindingKind.DEPS_NETWORK:
                candidate.passed = Recovered.CERTAIN

    def succeed(self) -> None:
        """Record that everything that ran so far succeeded."""
        for candidate in self.since:
            candidate.passed = Recovered.LIKELY
        self.since.clear()

    def drop(self, since: int) -> None:
        """Forgets the errors after a line."""
        for key in [key for key, candidate in self.errors.items() if candidate.log_line > since]:
            del self.errors[key]
        self.since = [candidate for candidate in self.since if candidate.log_line <= since]

    def place(self, level: int, folder: str) -> None:
        """The make of this level worked in this folder."""
        for at, candidate in self._unplaced:
            if at == level:
                candidate.folder = folder
        kept = [pair for pair in self._unplaced if pair[0] != level]
        self._unplaced = deque(kept, maxlen=MOST)

    def confirm(
        self, failure: Failure, number: int, near: int, far: int, *, proven: bool = True
    ) -> bool:
        """Confirms the errors shortly before a failure, and those before them, as its causes; whether any is."""
        reach, fatal, any_found = number, None, False
        for candidate in reversed(self.since):
            passing = candidate.weight in _PASSING and not (proven and candidate.kind in _OF_TESTS)
            mirror = fatal in NOT_THERE and candidate.kind is FindingKind.DEPS_NETWORK
            mirror = mirror or (fatal is not None and candidate.rule.lasting)
            gap = (number if passing and not mirror else reach) - candidate.last
            if (
                not candidate.passed
                and gap <= (near if passing and not mirror else far)
                and (fatal is None or mirror or not passing)
            ):
                candidate.failure, any_found = failure, True
                if not candidate.folder and failure.level < BELOW_MAKE:
                    self._unplaced.append((failure.level, candidate))
                reach = min(reach, candidate.log_line)
                fatal = candidate.kind if candidate.weight is Weight.FATAL else fatal
        self.since.clear()
        return any_found

    @property
    def is_explained(self) -> bool:
        """Whether an error that says what failed was confirmed."""
        return any(
            error.confirmed and error.weight < Weight.VAGUE for error in self.errors.values()
        )

    def confirm_tests(self, failure: Failure) -> None:
        """Confirms failed tests that are named after the last failure, as logs of tests have them below their sum."""
        for candidate in self.since:
            if (
                candidate.kind in _OF_TESTS
                and candidate.weight is Weight.WEAK
                and not candidate.passed
            ):
                candidate.failure = failure

    def _has_room(self, found: Match, number: int) -> bool:
        """Whether an error may be kept beyond `MOST`; those that did not matter make room for it."""
        if found.rule.severity is Severity.ERROR and number >= self._tidy_at:
            self._tidy_at = number + FLOOD
            over = not self.since or number - self.since[-1].last > FAR
            stale = [
                key
                for key, candidate in self.errors.items()
                if candidate.recovered or (over and candidate.failure is None)
            ]
            for key in stale[: MOST // 2]:
                self._forget(self.errors.pop(key))
        return len(self.errors) < (2 * MOST if found.rule.weight is Weight.RESOURCE else MOST)

    def _forget(self, candidate: Candidate) -> None:
        if candidate in self.since:
            self.since.remove(candidate)

    def _touch(self, candidate: Candidate) -> None:
        self._forget(candidate)
        self.since.append(candidate)


def _later_counts(before: Candidate, found: Match, number: int) -> bool:
    """Whether a repeated error is shown at its new line."""
    if before.recovered:
        return True
    if before.confirmed or before.weight < found.rule.weight:
        return False
    return before.weight > found.rule.weight or (
        before.weight >= Weight.WEAK and number - before.last > NEAR
    )
