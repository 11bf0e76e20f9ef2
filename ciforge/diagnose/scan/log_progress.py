"""Lines that say how a build goes on: the next command, the result of a test, a phase that only follows success.

Sources: what GNU make, bmake, sh -x, configure, CMake, ninja, packagers and CI services print, as their manuals and real logs have
it.
"""

import re

_COMMAND = (
    r"(?:\w+=\S* )*(?:(?:g|b|d|p|re)?make|ninja|samu|cmake|ctest|meson|muon|scons|waf|cargo|go|gcc|clang|cc|c99|tcc"
    r"|\S*(?:configure|autogen\.sh|bootstrap(?:\.sh)?|buildconf)|autoreconf|aclocal|autoconf|automake|libtoolize"
    r"|pip3?|git|patch|tar|bats|prove|\S+ (?:-\S+ )*(?:install|add|update)"
    r"|python3?|perl|sh|bash|ksh|zsh|\./\S+)(?: |$)"
)
_SHELL = r"(?:\+{1,3}|\$|%) "
_NEXT = re.compile(rf"^{_SHELL}(?:(?:sudo|doas|time|env|nice|cd \S+ &&) )*{_COMMAND}")
"""A shell shows its next command: none that only shows what is left of a failure."""
CARRIED_ON = re.compile(rf"^{_SHELL}(?::|true)$")
TOLERATED = re.compile(r"\|\| *(?:true|:|exit 0|echo\b(?! '[^']*'').*|/bin/true)\s*\)*;?$")
"""A command whose failure is passed over; `|| echo './'` in backquotes, here folded, is how automake finds a source."""
ALTERNATIVE = re.compile(
    r"^(?:[$%] |##\[group\]).*\|\| *(?!exit|false|return|die|fail|abort|error|[({]|\|)\S"
)
"""A shown command that names another one for the case that it fails."""
PLAIN_COMMAND = re.compile(
    rf"^(?:{_COMMAND}|(?:\S*/)?(?:[\w.]+-)*(?:cc|gcc|g\+\+|c\+\+|clang|clang\+\+|ld|ar|ranlib|libtool)(?:-[\d.]+)? "
    r"|(?:rm|mkdir|echo|cp|mv|ln|sed|awk|test|printf|if|for|cd|install|touch|\./\S+) "
    r"|  (?:CC|CXX|CCLD|CXXLD|LD|AR|AS|LINK|GEN)\s|\[\d+/\d+\] )"
)
"""A make shows its next command."""
PHASE = re.compile(
    r"^==> Starting \w+\(\)|^Executing\(%\w+\): |^=> \S+: running do_|^>>> (?:Install|Test|Source (?:compil|configur))"
    r"|^ *dh_\w+(?: |$)|^##\[group\]Run |^::group::Run "
)
"""A packager or service begins a phase that only follows success."""
GREEN = re.compile(
    r"^Finished: SUCCESS$|^Job succeeded$|^BUILD SUCCESS(?:FUL)?\b|^Build succeeded\b|^Done\. Your build exited with 0\.$"
    r"|^The command \".*\" exited with 0\.$|^==> Finished making: |^\+ exit 0$|^build (?:complete|finished successfully|succeeded)\.?$",
    re.IGNORECASE,
)
WENT_ON = re.compile(
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
PROMPTS = frozenset("+$%")
"""With what a shell begins the lines that show commands."""
_RESULTS = frozenset("noPXSFE[- \t0123456789")
"""With what results of tests begin."""
_LOADED = re.compile(
    r"\bretrying\b|\b[Rr]etry(?:ing)? in \d|^saved |\bsaved \[\d|^Fetched .* in |^Receiving objects: 100%|100%.*\bdone\b|^Setting up \S"
)
"""A download that is tried again, or arrived: errors of it before this line do not count."""
ENTERING = re.compile(r"make(?:\[(?P<level>\d+)\])?: Entering directory")
_ENDS_WELL = re.compile(
    r"^\W*(?:(?:all|\d+)(?: the| \d+)? (?:tests?|checks?|is|are)?\s*(?:passed|ok|well|good|fine)|built|linked|installed|passed|ok|done"
    r"|build (?:ok|done|succeeded|successful|complete)|.*\b(?:built|installed|completed|finished) successfully|success(?:ful)?)[.!]?$",
    re.IGNORECASE,
)
"""The last line of a script that came to its end."""
CONFIGURED = re.compile(
    r"^config\.status: creating |^configure: creating |^-- Build files have been written"
)
_INSTALLED = re.compile(
    r"^(?:/\S*/)?(?:install|mkdir) -\w|^-- Installing: |^Installing \S+ to |^Ok: +[1-9]|^Fail: +0$|^saved "
)
CONFIGURE_ERROR = "configure: error: "
STILL_RUNNING = "Waiting for unfinished jobs"
NESTED = re.compile(r"make\[\d+\]: ")
KEPT_GOING = "not remade because of errors"
KEEPING_GOING = re.compile(r"make\b.* (?:-[a-zA-Z]*k|--keep-going)\b")

_OUTPUT_OF_CHECK = re.compile(
    r"^(?:[Cc]hecking|[Ll]ooking for|[Tt]esting) .*(?:\.\.\.|:) *(?:\S*/)?(?:[\w.]+-)*"
    r"(?:cc|gcc|g\+\+|c\+\+|clang|clang\+\+|c99|tcc|ld|lld|mold|collect2)(?:[.-][\w.-]+)?: "
)
"""A script that checks by a compiler prints what that says behind its question."""
ANSWERS = frozenset(
    ["no", "yes", "not found", "found", "none", "failed", "ok", "missing", "unsupported"]
)
"""Answers of such a check."""
VERDICT = re.compile(
    r"^(?:no [\w.+-]+|[\w.+-]+ is (?:not (?:in|there|available|usable|supported)|missing)\b.*)$"
)
"""A script says what a link that failed means to it."""
INSTALLS = re.compile(r"^(?:/\S*/)?install (?:-\S+ )+\S")
"""Files are installed: what had to be built before is built."""


def is_next_command(line: str) -> bool:
    """Whether a shell shows the next command of a build."""
    return line[:1] in PROMPTS and _NEXT.match(line) is not None


def result_of_test(line: str) -> bool | None:
    """Whether a line says that a test passed, or not; None if it says neither."""
    if line[:1] not in _RESULTS:
        return None
    if match := _TAP.match(line):
        return match["not"] is None
    if match := _OTHER_RESULT.match(line):
        return any(match.groups())
    match = _TEST_RESULT.match(line)
    return None if match is None or match.end() < 6 else match["passed"] is not None


def is_output_of_check(line: str) -> bool:
    """Whether a line has the question of a check, and what a compiler says behind it."""
    return _OUTPUT_OF_CHECK.match(line) is not None


def was_loaded(line: str) -> bool:
    """Whether a download arrived after all, or is tried again."""
    return _LOADED.search(line) is not None


def shows_success(line: str) -> bool:
    """Whether a line would not be there if what was printed shortly before had ended the build."""
    went_on = WENT_ON.match(line) or GREEN.match(line) or _INSTALLED.match(line)
    return went_on is not None or result_of_test(line) is True


def ends_well(line: str) -> bool:
    """Whether the last line of a log says that all is well."""
    return _ENDS_WELL.match(line) is not None or GREEN.match(line) is not None
