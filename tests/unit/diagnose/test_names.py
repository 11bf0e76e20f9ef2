"""What takes more than the line of an error to tell."""

import pytest

from ciforge.diagnose.causes.grouping import causes
from ciforge.diagnose.names.c_names import C_NAMES
from ciforge.diagnose.names.posix_names import POSIX_NAMES
from ciforge.diagnose.names.standard_headers import header_of, macro_header_of
from ciforge.diagnose.scan.findings import diagnose
from ciforge.load.dependencies import dependency_index
from ciforge.model.cause import Cause
from ciforge.model.finding import Finding, Severity
from tests.tables import each

END = "make: *** [Makefile:3: f.o] Error 1\n"


def errors(log: str) -> list[Finding]:
    return [one for one in diagnose((log + END).splitlines()) if one.severity is Severity.ERROR]


def grouped(*logs: str) -> tuple[Cause, ...]:
    found = {
        f"p/r-{at}/default": diagnose((log + END).splitlines(), failed=True)
        for at, log in enumerate(logs)
    }
    return causes(found, {}, (), dependency_index())


OPEN = (
    "f.c:8:19: error: implicit declaration of function 'open' [-Wimplicit-function-declaration]\n"
)
FLAGS = "".join(
    f"f.c:{at}:30: error: '{name}' undeclared (first use in this function); did you mean 'X_{name}'?\n"
    for at, name in enumerate(("O_RDONLY", "O_WRONLY", "O_CREAT", "O_TRUNC", "O_RDWR"), 8)
)


def test_undeclared_names_of_one_header_are_one_cause() -> None:
    (cause,) = grouped(OPEN + FLAGS)
    assert cause.title == "open, O_RDONLY and 4 more undeclared"
    (shown,) = cause.findings.values()
    assert shown.header == "fcntl.h"
    assert shown.advice.startswith(
        "`#include <fcntl.h>` in f.c, for open, O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC and O_RDWR."
    )


def test_undeclared_names_of_one_header_have_the_same_cause_if_one_is_a_warning() -> None:
    old = OPEN.replace("error:", "warning:") + FLAGS
    (cause,) = grouped(OPEN + FLAGS, old)
    assert list(cause.jobs) == ["p/r-0/default", "p/r-1/default"]


def test_undeclared_names_of_two_headers_are_two_causes_in_log_order() -> None:
    stat = "f.c:9:3: error: implicit declaration of function 'umask' [-Wimplicit-function-declaration]\n"
    assert [cause.subject for cause in grouped(stat + OPEN)] == ["umask", "open"]
    assert [cause.subject for cause in grouped(OPEN + stat)] == ["open", "umask"]


def test_undeclared_names_in_two_files_are_two_causes() -> None:
    other = "g.c:1:1: error: 'F_SETFD' undeclared (first use in this function)\n"
    assert [cause.subject for cause in grouped(OPEN + other)] == ["open", "F_SETFD"]


def test_fingerprint_of_a_missing_include_is_that_of_one_of_its_names() -> None:
    (cause,) = grouped(OPEN + FLAGS)
    assert cause.key == "p:symbol:O_CREAT"


@each(
    ("name", "header"),
    [
        ("O_CREAT", "fcntl.h"), ("errno", "errno.h"), ("printf", "stdio.h"), ("select", "sys/select.h"),
        ("ioctl", ""), ("stat", "sys/stat.h"), ("struct stat", "sys/stat.h"), ("times", "sys/times.h"),
        ("signal", "signal.h"), ("SIGALRM", "signal.h"), ("WIFEXITED", "sys/wait.h"), ("CMSG_SPACE", "sys/socket.h"),
        ("htobe64", "endian.h"), ("size_t", "stddef.h"), ("ssize_t", "sys/types.h"), ("uint32_t", "stdint.h"),
        ("struct sockaddr_in", "netinet/in.h"), ("sockaddr_in", "netinet/in.h"), ("htons", "arpa/inet.h"),
        ("strlcpy", "string.h"), ("bool", "stdbool.h"), ("struct timespec", "time.h"), ("nanosleep", "time.h"),
        ("smtpd_log", ""), ("TAILQ_INIT", ""),
    ],
)  # fmt: skip
def test_undeclared_name_belongs_to_its_posix_header(name: str, header: str) -> None:
    assert header_of(name) == header


def test_standard_name_is_in_one_header_only() -> None:
    names = [
        name for table in (C_NAMES, POSIX_NAMES) for one in table.values() for name in one.split()
    ]
    assert len(names) == len(set(names)) > 2500


@each("name", ["WIFEXITED", "htobe64", "major", "b64_ntop", "timerclear", "CMSG_LEN"])
def test_undefined_macro_needs_its_header_and_no_library(name: str) -> None:
    (found,) = errors(
        f"/usr/bin/ld: proc.o: in function `f':\nproc.c:(.text+0x1c): undefined reference to `{name}'\n"
    )
    assert found.kind.value == "undefined-symbol"
    assert f"`#include <{macro_header_of(name)}>` in proc.c" in found.advice
    assert "no library has it" in found.advice


@each("name", ["deflate", "strlcpy", "crypt", "mail_open"])
def test_undefined_function_is_no_macro(name: str) -> None:
    (found,) = errors(f"proc.c:(.text+0x1c): undefined reference to `{name}'\n")
    assert "no library has it" not in found.advice


IMPLICIT = "f.c:9:11: warning: {} [-Wimplicit-function-declaration]\n"
INT = {
    "clang": ("call to undeclared function 'reallocarray'; ISO C99 and later do not support implicit function declarations",
        "f.c:9:9: error: incompatible integer to pointer conversion assigning to 'char *' from 'int' [-Wint-conversion]\n"),
    "gcc": ("implicit declaration of function 'reallocarray'",
        "f.c:9:9: error: assignment to 'char *' from 'int' makes pointer from integer without a cast [-Wint-conversion]\n"),
    "-Werror": ("implicit declaration of function 'reallocarray'",
        "f.c:9:9: error: initialization of 'char *' from 'int' makes pointer from integer without a cast [-Werror=int-conversion]\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", INT)
def test_int_from_an_undeclared_function_is_no_separate_error(name: str) -> None:
    (found,) = errors(IMPLICIT.format(INT[name][0]) + INT[name][1])
    assert (found.kind.value, found.subject, found.line) == (
        "implicit-declaration",
        "reallocarray",
        9,
    )


def test_int_error_at_another_line_is_a_separate_error() -> None:
    found = errors(IMPLICIT.format(INT["gcc"][0]) + INT["gcc"][1].replace("f.c:9", "f.c:12"))
    assert found[0].kind.value == "type-conflict"


NOTES = {
    "of gcc": "f.h:12:10: note: previous declaration of 'reset' with type 'int(void)'\n   12 | int reset();\n",
    "of clang": "./f.h:12:5: note: previous declaration is here\n   12 | int reset();\n",
    "of old gcc": "f.h:12:10: note: previous declaration of 'reset' was here\n int reset();\n",
}


@pytest.mark.parametrize("name", NOTES)
def test_conflicting_declaration_is_named(name: str) -> None:
    (found,) = errors(
        f"f.c:8:10: error: conflicting types for 'reset'; have 'int(char *)'\n    8 | int reset(char *p)\n{NOTES[name]}"
    )
    assert "f.h:12 declares reset otherwise than f.c:8" in found.advice
    assert "since C23" in found.advice


def test_declaration_of_a_system_header_is_named_as_such() -> None:
    (found,) = errors(
        "f.c:8:10: error: conflicting types for 'getline'; have 'int(char *)'\n    8 | int getline(char *p)\n"
        "/usr/include/stdio.h:12:10: note: previous declaration of 'getline' with type 'long(char **)'\n"
    )
    assert found.advice.startswith(
        "The system declares getline otherwise, in /usr/include/stdio.h:12: make f.c:8 agree"
    )


@each(
    ("log", "name"),
    [
        (
            "f.c:4:9: error: expected identifier\n    4 | enum { false, true };\n      |        ^\n",
            "false",
        ),
        ("f.c:4:9: error: expected identifier\nenum { true };\n       ^\n", "true"),
        (
            "f.c:4:13: error: expected identifier or '('\n    4 | static int bool(struct node *n)\n      |            ^\n",
            "bool",
        ),
        ("f.c:4:9: error: expected identifier before 'false'\n    4 | enum { false };\n", "false"),
    ],
)
def test_keyword_of_c23_is_named_as_such(log: str, name: str) -> None:
    (found,) = errors(log)
    assert (found.kind.value, found.subject) == ("syntax-error", name)
    assert "C23" in found.advice


def test_missing_identifier_that_is_no_keyword_is_not_blamed_on_c23() -> None:
    (found,) = errors(
        "f.c:4:9: error: expected identifier\n    4 | enum { 12 };\n      |        ^\n"
    )
    assert "C23" not in found.advice


def test_arguments_of_a_function_without_prototype_are_blamed_on_c23() -> None:
    for line in (
        "f.c:4:9: error: too many arguments to function call, expected 0, have 2\n",
        "f.c:4:9: error: too many arguments to function 'run'; expected 0, have 2\n",
    ):
        assert "C23" in errors(line)[0].advice


MERGES = {
    "gcc": "f.c:20:1: error: version control conflict marker in file\n   20 | <<<<<<< HEAD\n",
    "clang, and what follows": "f.c:20:1: error: version control conflict marker in file\n<<<<<<< HEAD\n^\nf.c:22:1: error: unknown type name 'x'\n",
    "an old gcc": "f.c:20:1: error: expected identifier or '(' before '<<' token\n <<<<<<< HEAD\n ^\nf.c:30:1: error: unknown type name 'y'\n",
    "the end of it": "f.c:24:1: error: expected identifier or '(' before '>>' token\n   24 | >>>>>>> topic\n      | ^~\n",
}


@each("name", MERGES)
def test_conflict_markers_are_the_only_cause_of_their_file(name: str) -> None:
    (found,) = errors(MERGES[name])
    assert (found.file, found.subject) == ("f.c", "version control conflict marker in file")
    assert found.advice.startswith("Resolve the merge in f.c")
