"""Failures that the build went on after: what ended it is a later one, or nothing did.

Sources: what GNU make, bmake, sh -x, configure, CMake, ninja, packagers and CI services print, as
their manuals and real logs have it.
"""

import enum
import re
from collections import deque

import attrs

BEYOND_MAKE = -1
"""The level of what runs make: a packager, a service."""
BELOW_MAKE = 100
"""The level of what make runs: a linker, configure."""
_KEPT = 100
_TOLERANT = 400
"""Lines of output of a command whose failure does not count."""
_NEAR = 3
"""Lines within which make repeats the failure of a make that it ran."""

_COMMAND = (
    r"(?:\w+=\S* )*(?:(?:g|b|d|p|re)?make|ninja|samu|cmake|ctest|meson|muon|scons|waf|cargo|go|gcc|clang|cc|c99|tcc"
    r"|\S*(?:configure|autogen\.sh|bootstrap(?:\.sh)?|buildconf)|autoreconf|aclocal|autoconf|automake|libtoolize"
    r"|pip3?|git|patch|tar|bats|prove|\S+ (?:-\S+ )*(?:install|add|update)"
    r"|python3?|perl|sh|bash|ksh|zsh|\./\S+)(?: |$)"
)
_SHELL = r"(?:\+{1,3}|\$|%) "
_NEXT = re.compile(rf"^{_SHELL}(?:(?:sudo|doas|time|env|nice|cd \S+ &&) )*{_COMMAND}")
"""A shell shows its next command: none that only shows what is left of a failure."""
_CARRIED_ON = re.compile(rf"^{_SHELL}(?::|true)$")
_TOLERATED = re.compile(r"\|\| *(?:true|:|exit 0|echo\b.*|/bin/true)\s*\)*;?$")
_ALTERNATIVE = re.compile(
    r"^(?:[$%] |##\[group\]).*\|\| *(?!exit|false|return|die|fail|abort|error|[({]|\|)\S"
)
"""A shown command that names another one for the case that it fails."""
_PROBE = 8
"""Lines of output of such a command, at most, whose errors are an answer; its next command ends them sooner."""
_PLAIN_COMMAND = re.compile(
    rf"^(?:{_COMMAND}|(?:\S*/)?(?:[\w.]+-)*(?:cc|gcc|g\+\+|c\+\+|clang|clang\+\+|ld|ar|ranlib|libtool)(?:-[\d.]+)? "
    r"|(?:rm|mkdir|echo|cp|mv|ln|sed|awk|test|printf|if|for|cd|install|touch|\./\S+) "
    r"|  (?:CC|CXX|CCLD|CXXLD|LD|AR|AS|LINK|GEN)\s|\[\d+/\d+\] )"
)
"""A make shows its next command."""
_PHASE = re.compile(
    r"^==> Starting \w+\(\)|^Executing\(%\w+\): |^=> \S+: running do_|^>>> (?:Install|Test|Source (?:compil|configur))"
    r"|^ *dh_\w+(?: |$)|^##\[group\]Run |^::group::Run "
)
"""A packager or service begins a phase that only follows success."""
_GREEN = re.compile(
    r"^Finished: SUCCESS$|^Job succeeded$|^BUILD SUCCESS(?:FUL)?\b|^Build succeeded\b|^Done\. Your build exited with 0\.$"
    r"|^The command \".*\" exited with 0\.$|^==> Finished making: |^\+ exit 0$|^build (?:complete|finished successfully|succeeded)\.?$",
    re.IGNORECASE,
)
_WENT_ON = re.compile(
    r"^config\.status: creating |^configure: creating |^checking (?:for|whether|build system) |^-- Configuring done"
    r"|^-- Build files have been written|^# FAIL:  0$|^100% tests passed|^All \d+ tests? passed|^OK(?: \(\d+ tests?.*\))?$"
    r"|^(?:libtool: (?:compile|link): )?(?:\S*/)?(?:[\w.]+-)*(?:cc|gcc|g\+\+|c\+\+|clang|clang\+\+|c99)(?:-[\d.]+)? (?=.* -[co] )"
    r"|^  (?:CC|CXX|CCLD|CXXLD|LD|AR|AS|LINK)\s+\S+$|^\[\d+/\d+\] \S|^\[ *\d+%\] (?:Building|Linking|Built)"
)
"""Output of a command that succeeded, or of one that could not have begun otherwise."""
_TEST_RESULT = re.compile(r"^(?P<passed>PASS(?:ED)?|XFAIL|SKIP)?(?:FAIL|XPASS|ERROR)?: \S")
_TAP = re.compile(r"^(?P<not>not )?ok \d+\b")
_OTHER_RESULT = re.compile(
    r"^(?:\[ +(?P<passed>OK|PASSED|SKIPPED)?(?:FAILED|ERROR)? +\]|--- (?P<go>PASS|SKIP)?(?:FAIL)?: \S"
    r"|\[[\w.-]{1,40}\] .{1,120}: *\t+(?P<mark>OK)?(?:FAILED)?$"
    r"|\s*\d+/\d+ Test +#\d+: .*?(?:(?P<ctest> Passed )|\*\*\*))"
)
"""Results of gtest and cmocka, Go and CTest."""
_PROMPTS = frozenset("+$%")
"""With what a shell begins the lines that show commands."""
_RESULTS = frozenset("noPXSFE[- \t0123456789")
"""With what results of tests begin."""
_LOADED = re.compile(
    r"\bretrying\b|\b[Rr]etry(?:ing)? in \d|^saved |\bsaved \[\d|^Fetched .* in |^Receiving objects: 100%|100%.*\bdone\b|^Setting up \S"
)
"""A download that is tried again, or arrived: errors of it before this line do not count."""
_ENTERING = re.compile(r"make(?:\[(?P<level>\d+)\])?: Entering directory")
_ENDS_WELL = re.compile(
    r"^\W*(?:(?:all|\d+)(?: the| \d+)? (?:tests?|checks?|is|are)?\s*(?:passed|ok|well|good|fine)|built|linked|installed|passed|ok|done"
    r"|build (?:ok|done|succeeded|successful|complete)|.*\b(?:built|installed|completed|finished) successfully|success(?:ful)?)[.!]?$",
    re.IGNORECASE,
)
"""The last line of a script that came to its end."""
_CONFIGURED = re.compile(
    r"^config\.status: creating |^configure: creating |^-- Build files have been written"
)
_INSTALLED = re.compile(
    r"^(?:/\S*/)?(?:install|mkdir) -\w|^-- Installing: |^Installing \S+ to |^Ok: +[1-9]|^Fail: +0$|^saved "
)
_CONFIGURE_ERROR = "configure: error: "
_STILL_RUNNING = "Waiting for unfinished jobs"
_NESTED = re.compile(r"make\[\d+\]: ")
_KEPT_GOING = "not remade because of errors"
_KEEPING_GOING = re.compile(r"make\b.* (?:-[a-zA-Z]*k|--keep-going)\b")

_OUTPUT_OF_CHECK = re.compile(
    r"^(?:[Cc]hecking|[Ll]ooking for|[Tt]esting) .*(?:\.\.\.|:) *(?:\S*/)?(?:[\w.]+-)*"
    r"(?:cc|gcc|g\+\+|c\+\+|clang|clang\+\+|c99|tcc|ld|lld|mold|collect2)(?:[.-][\w.-]+)?: "
)
"""A script that checks by a compiler prints what that says behind its question."""
_ANSWERS = frozenset(
    ["no", "yes", "not found", "found", "none", "failed", "ok", "missing", "unsupported"]
)
"""Answers of such a check."""
_INSTALLS = re.compile(r"^(?:/\S*/)?install (?:-\S+ )+\S")
"""Files are installed: what had to be built before is built."""


def is_next_command(line: str) -> bool:
    """Whether a shell shows the next command of a build."""
    return line[:1] in _PROMPTS and _NEXT.match(line) is not None


def result_of_test(line: str) -> bool | None:
    """Whether a line says that a test passed, or not; None if it says neither."""
    if line[:1] not in _RESULTS:
        return None
    if found := _TAP.match(line):
        return found["not"] is None
    if found := _OTHER_RESULT.match(line):
        return any(found.groups())
    found = _TEST_RESULT.match(line)
    return None if found is None or found.end() < 6 else found["passed"] is not None


def is_output_of_check(line: str) -> bool:
    """Whether a line has the question of a check, and what a compiler says behind it."""
    return _OUTPUT_OF_CHECK.match(line) is not None


def was_loaded(line: str) -> bool:
    """Whether a download arrived after all, or is tried again."""
    return _LOADED.search(line) is not None


def shows_success(line: str) -> bool:
    """Whether a line would not be there if what was printed shortly before had ended the build."""
    went_on = _WENT_ON.match(line) or _GREEN.match(line) or _INSTALLED.match(line)
    return went_on is not None or result_of_test(line) is True


def ends_well(line: str) -> bool:
    """Whether the last line of a log says that all is well."""
    return _ENDS_WELL.match(line) is not None or _GREEN.match(line) is not None


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
    """The line of the last such command, while no other command was shown."""
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
        for one in reversed(self.all):
            if number - one.number > _NEAR:
                break
            if one.tolerated and level < one.level and one.recovered is Recovered.LIKELY:
                self._set(one, Recovered.NO)
        failure = Failure(number, level, by_configure=_CONFIGURE_ERROR in line)
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

    def _set(self, one: Failure, how: Recovered) -> None:
        self._live += (how is Recovered.NO) - (one.recovered is Recovered.NO)
        one.recovered = how

    def _earlier_make(self, number: int) -> None:
        """A make without -k prints one failure and ends: earlier ones are of other makes."""
        for one in reversed(self.all):
            if one.level == 0 and number - one.number > _NEAR:
                if one.recovered:
                    break  # then those before it are, too
                self._recover(one, Recovered.LIKELY)

    def _earlier_configure(self) -> None:
        """A configure prints one error and ends: those before later checks are of others, whose loss was accepted."""
        for one in reversed(self.all):
            if not one.by_configure:
                break
            if one.number < self._checked:
                self._recover(one, Recovered.LIKELY)

    def heard(self, number: int, line: str, level: int) -> Recovered:
        """Read what a line says about earlier failures; NO if it says nothing.

        `level` is that of the innermost make that is running.
        """
        if line.startswith("checking "):
            self._checked = number
        if number - self.asked <= _PROBE and line in _ANSWERS:
            self.asked = -_PROBE
            return self.recover(Recovered.LIKELY)
        if _STILL_RUNNING in line:
            self._running = True
        elif _KEPT_GOING in line:
            self._none_recovered()
            self._running = (
                _NESTED.search(line) is not None
            )  # the outermost make ends with this line
        elif "||" in line and _TOLERATED.search(line):
            shown = line.startswith(("$ ", "% ", "+ ", "##[group]"))
            self._tolerant, self._tolerant_level = number, BEYOND_MAKE if shown else max(level, 0)
            self._probe = number
        elif "||" in line and _ALTERNATIVE.match(line):
            self._tolerant, self._probe, self._alternative = -_TOLERANT, -_PROBE, number
        elif number - max(self._probe, self._alternative) <= _PROBE and _PLAIN_COMMAND.match(line):
            self._probe = self._alternative = -_PROBE
        elif is_next_command(line):
            self._tolerant, self._probe, self._alternative = -_TOLERANT, -_PROBE, -_PROBE
        if (
            self.live
            and not self._running
            and self.all[-1].level > BEYOND_MAKE
            and _CONFIGURED.match(line)
        ):
            return self.recover(Recovered.LIKELY)
        return self._progress(number, line)

    def _progress(self, number: int, line: str) -> Recovered:
        if not self.live:
            return Recovered.NO
        last = self.all[-1]
        if last.level > BEYOND_MAKE:
            if line[:1] in _PROMPTS and _CARRIED_ON.match(line) and number - last.number <= _NEAR:
                return self.recover(Recovered.CERTAIN)
            if is_next_command(line) or _PHASE.match(line):
                self._running = _KEEPING_GOING.search(line) is not None
                return self.recover(Recovered.LIKELY)
            entered = _ENTERING.search(line) if "Entering directory" in line else None
            if entered and not self._running:
                return self._recover_nested(int(entered["level"] or 0))
            went_on = last.level <= 0 and _WENT_ON.match(line)
            if not self._running and (went_on or _INSTALLS.match(line)):
                return self.recover(Recovered.LIKELY)
        return self.recover(Recovered.CERTAIN) if _GREEN.match(line) else Recovered.NO

    def _recover_nested(self, level: int) -> Recovered:
        """A make that runs another one after a failure of the first did not fail with it."""
        if not 0 < level <= self.all[-1].level < BELOW_MAKE:
            return Recovered.NO
        for one in self.all:
            if one.level >= level:
                self._recover(one, Recovered.LIKELY)
        return Recovered.LIKELY

    def recover(self, how: Recovered) -> Recovered:
        """None of the failures so far ended the build."""
        for one in self.all:
            if one.level > BEYOND_MAKE or how is Recovered.CERTAIN:
                self._recover(one, how)
        return how

    def _recover(self, one: Failure, how: Recovered) -> None:
        self._set(one, max(one.recovered, how))

    def _none_recovered(self) -> None:
        for one in reversed(self.all):
            if one.recovered is Recovered.CERTAIN or one.tolerated:
                break
            self._set(one, Recovered.NO)

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
