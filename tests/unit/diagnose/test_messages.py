"""Failures that no rule knows are read by the words and shapes that programs share; the tools here do not exist."""

import pytest

from ciforge.diagnose.messages.classify import MESSAGE_RULES, classify
from ciforge.diagnose.messages.shapes import parse
from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Finding, Severity
from tests.tables import each

SHAPES = {
    "src/conf.frob:12:3: error: it is broken": ("it is broken", "src/conf.frob", 12),
    "frobc: src/conf.frob:12: it is broken": ("it is broken", "src/conf.frob", 12),
    "src/conf.frob(12,3): error F123: it is broken": ("it is broken", "src/conf.frob", 12),
    "src/conf.frob(12): Error! F1011: it is broken": ("it is broken", "src/conf.frob", 12),
    '"src/conf.frob", line 12.3: 1506-045 (S) it is broken': ("it is broken", "src/conf.frob", 12),
    'File "src/conf.frob", line 12, characters 3-9: error: it is broken': ("it is broken", "src/conf.frob", 12),
    "src/conf.frob: line 12: it is broken": ("it is broken", "src/conf.frob", 12),
    "Error on line 12 of src/conf.frob: it is broken": ("it is broken", "src/conf.frob", 12),
    "[src/conf.frob:12]: (error) it is broken": ("it is broken", "src/conf.frob", 12),
    "it is broken at src/conf.frob line 12.": ("it is broken", "src/conf.frob", 12),
    "[ERROR] it is broken (src/conf.frob:12)": ("it is broken", "src/conf.frob", 12),
    "frob.errors.BrokenError: it is broken": ("it is broken", "", None),
    "ERROR - it is broken": ("it is broken", "", None),
    "E: it is broken": ("it is broken", "", None),
    "error[F0425]: it is broken": ("it is broken", "", None),
    "!! Fatal error: it is broken": ("it is broken", "", None),
    "*** it is broken": ("it is broken", "", None),
    "/opt/frob/bin/frobc[4711]: fatal: it is broken": ("it is broken", "", None),
}  # fmt: skip
MEANT = {
    "frobc: a.frob:3: cannot find include file <sys/frob.h>": ("missing-header", "sys/frob.h"),
    "a.frob:3: Error: frob.h: file not found": ("missing-header", "frob.h"),
    "froblink: unable to find library -lfrob": ("missing-library", "frob"),
    "froblink: error: libfrob.so.2 could not be located": ("missing-library", "libfrob.so.2"),
    "froblink: Error: Unresolved external 'frob_init' referenced from main.obj": ("undefined-symbol", "frob_init"),
    "froblink: ERROR: symbol frob_init was not found": ("undefined-symbol", "frob_init"),
    "froblink: error: duplicate definition of symbol frob_init": ("multiple-definition", "frob_init"),
    "a.frob:3: error: undeclared identifier 'O_FROB'": ("undeclared", "O_FROB"),
    "a.frob(3): error: name 'frob_t' is not a known type": ("unknown-type", "frob_t"),
    "a.frob:3: call to undeclared function frob_init": ("implicit-declaration", "frob_init"),
    "a.frob:3: error: identifier frob already declared": ("redefinition", "frob"),
    "a.frob:3: error: unexpected end of file": ("syntax-error", "unexpected end of file"),
    "frob: unknown option '--frobnicate'": ("configure-check", "--frobnicate"),
    "frob: illegal option -- z": ("configure-check", "-z"),
    "frob: no rule to build target 'frob.o'": ("make-rule", "frob.o"),
    "Error: frob requires libfoo >= 2.1, found 1.9": ("missing-package", "libfoo"),
    "[frob] ERROR: Dependency libfoo not found": ("missing-package", "libfoo"),
    "frob: failed to execute program 'frobc': No such file or directory": ("missing-tool", "frobc"),
    "frob: could not resolve host: files.example.org": ("deps-network", "files.example.org"),
    "frob: failed to fetch https://files.example.org/a.tgz: timed out": ("deps-network", "https://files.example.org/a.tgz"),
    "frob: write failed: No space left on device": ("disk-full", "No space left on device"),
    "frob: worker frobc was killed by signal 9": ("out-of-memory", "frobc"),
    "frob: /usr/lib/frob: Permission denied": ("install-error", "/usr/lib/frob"),
    "Test 'parses a table' failed": ("test-failure", "parses a table"),
    "frob-suite/net.frob ... FAILED": ("test-failure", "frob-suite/net.frob"),
}  # fmt: skip


def errors(log: str) -> list[Finding]:
    found = diagnose(log.splitlines(), failed=True)
    return [one for one in found if one.severity is Severity.ERROR]


@each("line", SHAPES)
def test_shape_of_message_gives_text_and_place(line: str) -> None:
    message = parse(line)
    assert (message.text, message.file, message.line) == SHAPES[line]


@each("line", MEANT)
def test_words_of_message_give_kind_and_subject(line: str) -> None:
    found = classify(line)
    assert (found.kind.value, found.subject) == MEANT[line]
    assert "{" not in found.advice
    assert found.advice.endswith(".")


def test_unknown_tool_is_diagnosed_by_the_words_of_its_message() -> None:
    log = "frobc -c a.frob\nfrobc -c b.frob\nb.frob:7:2: error: cannot find header <frob/net.h>\nfrobc: 1 error generated\nBuild failed\n"
    (found,) = errors(log)
    assert (found.kind.value, found.subject, found.file, found.line) == (
        "missing-header", "frob/net.h", "b.frob", 7,
    )  # fmt: skip


def test_line_below_a_head_names_the_subject() -> None:
    (found,) = errors("frob: error: unable to select packages:\n  libfoo-dev: wanted by world\n")
    assert (found.kind.value, found.subject) == ("deps-not-found", "libfoo-dev")


def test_warning_is_not_taken_for_the_cause() -> None:
    (found,) = errors(
        "frobc: warning: cannot find header <a.h>\nfrobc: error: undefined symbol frob_init\n"
    )
    assert found.subject == "frob_init"


def test_words_of_failure_in_a_log_that_shows_none_are_no_cause() -> None:
    log = (
        "frob: no rule to build target 'frob.o'\nTest 'parses a table' failed\nfrob: all is built\n"
    )
    assert diagnose(log.splitlines()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 4000,
        "'" * 4000,
        "x: " * 1300,
        "a.b:1: " * 570,
        "no such " * 500,
        "-l" * 2000,
        "at a line " * 400,
    ],
)
def test_long_lines_are_read_in_time(text: str) -> None:
    assert classify(text).kind


def test_every_rule_of_messages_has_advice() -> None:
    assert all(rule.advice.endswith(".") for rule in MESSAGE_RULES)
