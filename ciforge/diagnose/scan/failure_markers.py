"""Lines that show that a build failed, not why; and lines that show that a failure did not count."""

import re

import attrs

from ciforge.diagnose.rules.rule import DRIVER_WORDS
from ciforge.model import log_marks


def _compiled(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(pattern)


@attrs.frozen
class FailureMarker:
    """A line that only a failed command prints; the group `target` is what it was building."""

    needs: str
    pattern: re.Pattern[str] = attrs.field(converter=_compiled)
    heads: bool = False
    """Whether the output of the failed command follows, not precedes, this line."""
    final: bool = attrs.field(default=False, kw_only=True)
    """Whether only consequences of a failure follow such a line."""
    words: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """As those of a rule."""


@attrs.define(eq=False)
class MarkerContext:
    """The first of several failure markers, with the lines before it."""

    number: int
    line: str
    target: str
    step: str
    before: tuple[str, ...]


_MARKERS = (
    # make, ninja and other drivers
    FailureMarker("*** ", r"(?:^|\s)\S*make\S*: \*\*\* (?!Waiting for)(?!.*\(ignored\))(?:\[(?:(?:\S+:\d+|<builtin>): )?(?P<target>[^\]]+)\])?", words=DRIVER_WORDS),
    FailureMarker("*** ", r"^\S+:\d+: \*\*\* .*Stop\.$", words=("Stop",)),
    FailureMarker("*** ", r"^\*\*\* (?:\[(?P<target>[^\]]+)\] )?(?:Error code|Signal|Error) (?:\d+|SIG[A-Z]+)(?!.*\(ignored\))", words=DRIVER_WORDS),
    FailureMarker("stopped in ", r"make(?:\[\d+\])?: stopped (?:making \S+ )?in "),
    FailureMarker("*** Parse error", r"^\*\*\* Parse error.*\(\S+:\d+\)$"),
    FailureMarker("ninja: fatal: ", r"^ninja: fatal: "),
    FailureMarker("Fatal error: Command failed", r"^\S*make: Fatal error: Command failed for target '(?P<target>[^']+)'"),
    FailureMarker("exit code ", r"^mamake(?: \[\S+\])?: \*\*\* exit code \d+ making (?P<target>\S+)"),
    FailureMarker("don't know how to make", r"make\S*: don't know how to make"),
    FailureMarker("ninja: build stopped", r"ninja: build stopped"),
    FailureMarker("FAILED: ", r"^FAILED: (?:\[code=\d+\] )?(?P<target>\S*[./]\S*)", True),
    FailureMarker("samu: ", r"^samu: (?:subcommands? failed|cannot make progress due to previous errors)$"),
    FailureMarker("complete log in ", r"^\(complete log in .*/config\.log\)$"),
    FailureMarker("failed with return value", r"^ \*\*\* Command ID=\d+ failed with return value "),
    FailureMarker("...failed updating", r"^\.\.\.failed updating \d+ targets?\.\.\.$"),
    FailureMarker("scons: *** ", r"^scons: \*\*\* (?:\[(?P<target>[^\]]+)\])?"),
    FailureMarker("The configuration failed", r"^The configuration failed$"),
    FailureMarker("Meson encountered an error", r"^Meson encountered an error in file ", True),
    FailureMarker("building terminated", r"scons: building terminated because of errors"),
    FailureMarker("Build failed", r"^(?:Build failed|BUILD FAILED|\*\* BUILD FAILED \*\*)"),
    FailureMarker("BUILD FAILED", r"^(?:\*\* )?BUILD FAILED"),
    FailureMarker("did NOT complete successfully", r"Build did NOT complete successfully"),
    FailureMarker("gmake: *** ", r"gmake: \*\*\* "),
    # configure and its like
    FailureMarker("error:", r"(?:^|[\s./])configure(?:\.\w+)?:(?:\d+:)? error:(?: |$)", words=("configure",)),
    FailureMarker("CMake ", r"^CMake (?:Deprecation )?Error(?: \(\w+\))?(?: at | in |:)", True),
    FailureMarker("configure made a mistake", r"^If you think configure made a mistake"),
    FailureMarker("Configuring incomplete", r"^-- Configuring incomplete, errors occurred"),
    FailureMarker("A full log can be found", r"^A full log can be found at "),
    FailureMarker("autoreconf: ", r"^autoreconf: (?:failed to run|error: )"),
    FailureMarker("failed with exit status", r"^(?:autoreconf|aclocal|automake|autom4te)(?:-[\d.]+)?: .*failed with exit status"),
    FailureMarker("returned 1 exit status", r"collect2: (?:fatal )?error: ld returned \d+ exit status"),
    FailureMarker("linker command failed", r"linker command failed with exit code"),
    FailureMarker("error: could not compile", r"^error: could not compile"),
    FailureMarker("# FAIL: ", r"^# FAIL: +[1-9]"),
    FailureMarker("# ERROR: ", r"^# ERROR: +[1-9]"),
    FailureMarker("tests failed out of", r"^\d+% tests passed, [1-9]\d* tests? failed out of"),
    FailureMarker("Errors while running", r"^Errors while running CTest"),
    FailureMarker("Fail: ", r"^Fail: +[1-9]\d*\s*$"),
    FailureMarker("Unexpected Pass: ", r"^Unexpected Pass: +[1-9]\d*\s*$"),
    FailureMarker("Timeout: ", r"^Timeout: +[1-9]\d*\s*$"),
    FailureMarker("hunk", r"^\d+ out of \d+ hunks? FAILED"),
    FailureMarker("computed checksum", r"WARNING: \d+ computed checksums? did NOT match"),
    FailureMarker("error: command '", r"^\s*error: command '.*' failed"),
    FailureMarker("FAIL", r"^FAIL(?:\t\S+.*)?$"),
    FailureMarker(log_marks.CRASHED, rf"^{log_marks.CRASHED}$"),
)  # fmt: skip
_LAST = (
    # packagers
    FailureMarker("dpkg-buildpackage: error", r"dpkg-buildpackage: (?:error|failure): "),
    FailureMarker("returned exit code", r"^dh_\w+: error: .* returned exit code"),
    FailureMarker("Bad exit status from ", r"^(?:error: )?Bad exit status from "),
    FailureMarker("RPM build errors", r"^RPM build errors:"),
    FailureMarker("A failure occurred in ", r"==> ERROR: A failure occurred in (?P<target>\w+)\("),
    FailureMarker("ERROR: ", r">>> ERROR: \S+: (?P<target>\w+) failed"),
    FailureMarker("failed (", r"^ ?\* ERROR: \S+ failed \((?P<target>\w+) phase\)"),
    FailureMarker("exited with ", r"=> ERROR: \S+: .* exited with \d+"),
    FailureMarker("failed with exit code", r"(?:builder for|Cannot build) .*failed with exit code|Task .* failed with exit code"),
    FailureMarker("oe_runmake failed", r"ERROR: oe_runmake failed"),
    FailureMarker("=> ERROR: ", r"^=> ERROR: (?:\S+: |Please see above)"),
    FailureMarker("no packages were upgraded", r"^Errors occurred, no packages were upgraded"),
    FailureMarker("build failure encountered", r"^!!! build failure encountered !!!"),
    FailureMarker("phase '", r"error: in phase '(?P<target>[^']+)'"),
    FailureMarker("failed unexpectedly", r"^===> +(?:Compilation|Script \"[^\"]+\") failed unexpectedly"),
    FailureMarker("did not complete successfully", r"did not complete successfully: exit code"),
    FailureMarker("returned a non-zero code", r"returned a non-zero code: \d+"),
    FailureMarker("Sub-process /usr/bin/dpkg returned", r"E: Sub-process /usr/bin/dpkg returned an error code"),
    # services
    FailureMarker("completed with exit code", r"Process completed with exit code [1-9]"),
    FailureMarker("exited with code", r"(?:Bash|Cmd|Command|Script|Process) exited with code '?[1-9]"),
    FailureMarker("Job failed", r"^(?:ERROR: )?Job failed"),
    FailureMarker("exited with ", r"^The command \".*\" (?:failed and )?exited with [1-9]"),
    FailureMarker("marked build as failure", r"marked build as failure"),
    FailureMarker("Finished: FAILURE", r"^Finished: FAILURE"),
    FailureMarker("command exited with status", r"The command exited with status [1-9]"),
    FailureMarker("Exited with code exit status", r"Exited with code exit status [1-9]"),
    FailureMarker(log_marks.LIMIT_WORDS, log_marks.LIMIT),
)  # fmt: skip
FAILURE_MARKERS = (*_MARKERS, *(attrs.evolve(marker, final=True) for marker in _LAST))

MARKS = ("ciforge", "ignored", "Entering", "Leaving", "messages", "upgraded", "remade", "unfinished", "retrying", "retry", "saved", "fetched", "receiving", "passed", "Complete", "exit",
    "CMakeError", "CMakeOutput", "CMakeCache", "CMakeConfigureLog", "meson",
)  # fmt: skip
"""Words of lines about the log itself."""
SHOWN_LOG = re.compile(
    r"^==> \S*(?:CMake(?:Error|Output|Cache|ConfigureLog)\.\w+|meson-log\.txt) <==$"
)
"""Logs of CMake and Meson that packagers show after a failure: what they tried, and why it failed."""
SHOWN_LOG_ENDS = re.compile(
    r"^(?:dh_\w+: |g?make(?:\[\d+\])?: |dpkg-|error: Bad exit|==> |ninja: )"
)
GAVE_UP = re.compile(r"^\++ exit [1-9]\d*$")
"""A shell shows that a script ends itself with a failure."""
IGNORED = re.compile(
    r"make(?:\[(?P<level>\d+)\])?: \[.*\] Error \d+ \(ignored\)"
    r"|^\*\*\* (?:\[[^\]]+\] )?Error (?:code )?\d+(?: in .*)? \(ignored\)"
)
WENT_WELL = re.compile(
    r"^\d+ (?:upgraded|packages upgraded), \d+ |^Complete!$|^100% tests passed|^All \d+ tests? passed"
)
"""Lines that are not printed after a failure that counts."""
LEVEL = re.compile(
    r"(?:make(?:\[(?P<level>\d+)\])?|^ciforge): (?P<what>Entering|Leaving) directory(?: '(?P<folder>[^']+)')?"
    r"|^ninja: (?P<ninja>Entering) directory '(?P<into>[^']+)'"
)
MAKE_LEVEL = re.compile(
    r"(?:make|^ninja)(?:\[(?P<level>\d+)\])?: (?:\*\*\* |stopped |build stopped)"
)
CONFIG_LOG_BEGINS = "messages produced by compilers while"
CONFIG_LOG_ERROR = re.compile(r"^configure:\d+: error: (?!in ')")
CONFIG_LOG_ENDS = re.compile(r"^configure: exit \d+")

ERROR_WORDS = re.compile(
    r"(?i)\b(?:errors?|fail(?:ed|ure|s)?|fatal|cannot|can't|could not|couldn't|unable|not found|"
    r"no such|invalid|denied|missing|abort(?:ed)?|exception|panic|fault|undefined|unknown|unexpected|"
    r"unsupported|mismatch|refus\w+|broken|bad|too (?:old|few|many)|not permitted|exceeded|required)\b"
)
"""Words of lines that describe an error."""
UNINFORMATIVE = re.compile(
    r"^\s*$|^\s*\S*make(?:\[\d+\])?: |^\*\*\* |^Stop\.$|^--- ciforge|^ninja: |^\s*(?:\+|\$) |"
    r"Process completed with exit|recipe for target .* failed$|another branch of the parallel make|^The configuration failed$|^scons: |^For full logs|not remade because of errors|^\d+ errors?$|^collect2|^collect2: |^\d+ (?:warnings? and )?\d* ?errors? generated|compilation terminated|"
    r"^(?:Please report the problem to |\"?/\S+/config\.log\"|including the output|of the failure of your make|a good idea to provide|an overview of all packages)"
)
"""Lines that say no more than that something failed."""
CODE = re.compile(
    r"^\s+\d*\s*\| |^\s*\d+ \| |^\s*\+{1,3} |^(?:echo|printf|if|for) |^test (?!\S+ \.\.\. |'|.*:\d+: (?:ERROR|error): )|^\s*#\s?(?:define|include)\b|^\|\s*#\s?(?:define|include)"
)
"""Source that a compiler shows, commands that a shell shows, the macros of config.log."""
NOT_OURS = re.compile(
    r"(?:^|/)conftest\w*\.|CMakeFiles/(?:CMakeTmp|CMakeScratch)|CMakeScratch/|TryCompile|"
    r"meson-private/tmp|/testfile\.c|^cmTC_"
)
"""Files that configure makes to find out whether something is there: what fails there is an answer."""
GARBLED = re.compile(
    r"^[^\w.$@~<*?-]|^\d|^\.text|\+0x|\(\.text|undefined reference|multiple definition|\b\w+\.(?:c|cc|cpp|o):|/ld:|: ?$"
)
"""Characters that no symbol has in its name."""
