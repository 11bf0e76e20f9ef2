"""Failures that the build went on after: what ended it is a later one, or nothing did."""

import enum
from collections import deque

import attrs

from ciforge.diagnose.scan.log_progress import (
    ALTERNATIVE,
    ANSWERS,
    CARRIED_ON,
    CONFIGURE_ERROR,
    CONFIGURED,
    ENTERING,
    GREEN,
    INSTALLS,
    KEEPING_GOING,
    KEPT_GOING,
    NESTED,
    PHASE,
    PLAIN_COMMAND,
    PROMPTS,
    STILL_RUNNING,
    TOLERATED,
    VERDICT,
    WENT_ON,
    is_next_command,
)

BEYOND_MAKE = -1
"""The level of what runs make: a packager, a service."""
BELOW_MAKE = 100
"""The level of what make runs: a linker, configure."""
_KEPT = 100
_TOLERANT = 400
"""Lines of output of a command whose failure does not count."""
_NEAR = 3
"""Lines within which make repeats the failure of a make that it ran."""

_PROBE = 8
"""Lines of output of such a command, at most, whose errors are an answer; its next command ends them sooner."""


class Recovered(enum.IntEnum):
    """The certainty that a failure did not end the build."""

    NO = 0
    LIKELY = 1
    """The build went on; it may have failed for this in the end, where nothing else explains that."""
    CERTAIN = 2


@attrs.define(eq=False)
class Failure:
    """A line that shows that something failed."""

    number: int
    level: int
    """Of the make that printed it."""
    recovered: Recovered = Recovered.NO
    tolerated: bool = False
    """Whether the command itself says that its failure does not count."""
    by_configure: bool = False


@attrs.define(eq=False)
class Failures:
    """The failures of a log so far, and what became of them."""

    all: deque[Failure] = attrs.field(factory=lambda: deque(maxlen=_KEPT))
    _live: int = 0
    """How many of them may have ended the build."""
    _checked: int = 0
    """The line of the last check of configure."""
    _running: bool = False
    """Whether a make with a failure still prints what other jobs do, or keeps going."""
    _tolerant: int = -_TOLERANT
    """The line of the last command whose failure does not count."""
    _tolerant_level: int = BEYOND_MAKE
    _probe: int = -_PROBE
    """The line of the last command with `|| true` or the like, while no other command was shown."""
    _alternative: int = -_PROBE
    """The line of the last command with an alternative, while no other command was shown."""
    asked: int = -_PROBE
    """The line of the last check whose answer is not printed yet."""

    @property
    def live(self) -> bool:
        """Whether any failure may have ended the build."""
        return self._live > 0

    def add(self, number: int, line: str, level: int) -> Failure:
        """A failure that the line shows."""
        self._probe = -_PROBE
        for earlier in reversed(self.all):
            if number - earlier.number > _NEAR:
                break
            if (
                earlier.tolerated
                and level < earlier.level
                and earlier.recovered is Recovered.LIKELY
            ):
                self._set(earlier, Recovered.NO)
        failure = Failure(number, level, by_configure=CONFIGURE_ERROR in line)
        if number - self._tolerant <= _TOLERANT and level > self._tolerant_level:
            failure.recovered, failure.tolerated = Recovered.LIKELY, True
            if level <= self._tolerant_level + 1:
                self._tolerant = -_TOLERANT  # that was the end of the command
        elif level == 0 and not self._running and "Stop." not in line:
            self._earlier_make(number)
        elif failure.by_configure and not self._running:
            self._earlier_configure()
        if len(self.all) == _KEPT and self.all[0].recovered is Recovered.NO:
            self._live -= 1
        self.all.append(failure)
        self._live += failure.recovered is Recovered.NO
        return failure

    def _set(self, failure: Failure, how: Recovered) -> None:
        self._live += (how is Recovered.NO) - (failure.recovered is Recovered.NO)
        failure.recovered = how

    def _earlier_make(self, number: int) -> None:
        """A make without -k prints one failure and ends: earlier ones are of other makes."""
        for failure in reversed(self.all):
            if failure.level == 0 and number - failure.number > _NEAR:
                if failure.recovered:
                    break  # then those before it are, too
                self._recover(failure, Recovered.LIKELY)

    def _earlier_configure(self) -> None:
        """A configure prints one error and ends: those before later checks are of others, whose loss was accepted."""
        for failure in reversed(self.all):
            if not failure.by_configure:
                break
            if failure.number < self._checked:
                self._recover(failure, Recovered.LIKELY)

    def heard(self, number: int, line: str, level: int) -> Recovered:
        """Read what a line says about earlier failures; NO if it says nothing.

        `level` is that of the innermost make that is running.
        """
        if line.startswith("checking "):
            self._checked = number
        if number - self.asked <= _PROBE and line in ANSWERS:
            self.asked = -_PROBE
            return self.recover(Recovered.LIKELY)
        if STILL_RUNNING in line:
            self._running = True
        elif KEPT_GOING in line:
            self._none_recovered()
            self._running = (
                NESTED.search(line) is not None
            )  # the outermost make ends with this line
        elif "||" in line and TOLERATED.search(line):
            shown = line.startswith(("$ ", "% ", "+ ", "##[group]"))
            self._tolerant, self._tolerant_level = number, BEYOND_MAKE if shown else max(level, 0)
            self._probe = number
        elif "||" in line and ALTERNATIVE.match(line):
            self._tolerant, self._probe, self._alternative = -_TOLERANT, -_PROBE, number
        elif number - max(self._probe, self._alternative) <= _PROBE and PLAIN_COMMAND.match(line):
            self._probe = self._alternative = -_PROBE
        elif is_next_command(line):
            self._tolerant, self._probe, self._alternative = -_TOLERANT, -_PROBE, -_PROBE
        if (
            self.live
            and not self._running
            and self.all[-1].level > BEYOND_MAKE
            and CONFIGURED.match(line)
        ):
            return self.recover(Recovered.LIKELY)
        return self._progress(number, line)

    def _progress(self, number: int, line: str) -> Recovered:
        if not self.live:
            return Recovered.NO
        last = self.all[-1]
        if last.level > BEYOND_MAKE:
            if line[:1] in PROMPTS and CARRIED_ON.match(line) and number - last.number <= _NEAR:
                return self.recover(Recovered.CERTAIN)
            if is_next_command(line) or PHASE.match(line):
                self._running = KEEPING_GOING.search(line) is not None
                return self.recover(Recovered.LIKELY)
            entered = ENTERING.search(line) if "Entering directory" in line else None
            if entered and not self._running:
                return self._recover_nested(int(entered["level"] or 0))
            below = last.level == BELOW_MAKE and number == last.number + 1
            went_on = (last.level <= 0 and WENT_ON.match(line)) or (below and VERDICT.match(line))
            if not self._running and (went_on or INSTALLS.match(line)):
                return self.recover(Recovered.LIKELY)
        return self.recover(Recovered.CERTAIN) if GREEN.match(line) else Recovered.NO

    def _recover_nested(self, level: int) -> Recovered:
        """A make that runs another one after a failure of the first did not fail with it."""
        if not 0 < level <= self.all[-1].level < BELOW_MAKE:
            return Recovered.NO
        for failure in self.all:
            if failure.level >= level:
                self._recover(failure, Recovered.LIKELY)
        return Recovered.LIKELY

    def recover(self, how: Recovered) -> Recovered:
        """None of the failures so far ended the build."""
        for failure in self.all:
            if failure.level > BEYOND_MAKE or how is Recovered.CERTAIN:
                self._recover(failure, how)
        return how

    def _recover(self, failure: Failure, how: Recovered) -> None:
        self._set(failure, max(failure.recovered, how))

    def _none_recovered(self) -> None:
        for failure in reversed(self.all):
            if failure.recovered is Recovered.CERTAIN or failure.tolerated:
                break
            self._set(failure, Recovered.NO)

    def waits(self, number: int) -> bool:
        """Whether the next lines may say what became of a failure."""
        return (
            self.live
            or number - self._tolerant <= _TOLERANT
            or number - max(self.asked, self._alternative) <= _PROBE
        )

    def tolerates(self, number: int) -> bool:
        """Whether the line is among the first that a command prints whose failure does not count."""
        return 0 < number - self._tolerant <= _NEAR - 1

    def expects_errors(self, number: int) -> bool:
        """Whether the line is output of a command whose failure does not count: an error in it is an answer."""
        return 0 < number - self._probe <= _PROBE

    def has_alternative(self, number: int) -> bool:
        """Whether the line is output of a command that names another one for the case that it fails."""
        return 0 < number - self._alternative <= _PROBE

    def drop(self, since: int) -> None:
        """Forgets the failures after a line."""
        while self.all and self.all[-1].number > since:
            self._live -= self.all.pop().recovered is Recovered.NO
