"""What a box is asked, and what its answers make of a finding."""

import attrs
import pytest

from ciforge.diagnose.probes import answered, answers, ending, left_out, questions, unanswered
from ciforge.diagnose.scan.findings import diagnose
from ciforge.load.dependencies import dependency_index
from ciforge.model.finding import Basis, Finding, FindingKind
from tests.tables import each


def finding(kind: str, subject: str, file: str = "smtpd/dispatcher.c") -> Finding:
    return Finding(kind=FindingKind(kind), subject=subject, file=file, advice="deduced")


@each(
    ("one", "question"),
    [
        (finding("implicit-declaration", "setgroups"), "function setgroups"),
        (finding("undeclared", "AF_INET"), "name AF_INET"),
        (finding("undefined-symbol", "deflate"), "symbol deflate"),
        (finding("unknown-type", "u_int"), "type u_int"),
        (finding("incomplete-type", "EVP_MD_CTX"), "complete EVP_MD_CTX"),
        (finding("implicit-declaration", "_exit"), "function _exit"),
        (finding("undeclared", "_SC_PAGESIZE"), "name _SC_PAGESIZE"),
        (finding("undefined-symbol", "_deflate"), "symbol deflate"),
        (finding("incomplete-type", "struct stat"), "struct stat"),
        (attrs.evolve(finding("undeclared", "O_CREAT"), header="fcntl.h"), "name O_CREAT fcntl.h"),
        (attrs.evolve(finding("undeclared", "O_CREAT"), header="$(x).h"), "name O_CREAT"),
        (finding("missing-header", "event2/event.h"), "header event2/event.h"),
        (finding("missing-header", "../log.h"), "header log.h"),
        (finding("missing-library", "-levent"), "library event"),
        (finding("missing-package", "lmdb"), "module lmdb"),
        (finding("missing-tool", "bison"), "tool bison"),
        (finding("yacc-lex", "/usr/bin/byacc"), "tool byacc"),
    ],
)
def test_probe_asks_the_container_what_it_can_know(one: Finding, question: str) -> None:
    assert questions([one, one]) == (question,)


@each(
    "one",
    [
        finding("syntax-error", "x"),
        finding("yacc-lex", "quota"),
        finding("yacc-lex", "missing quote"),
        finding("disk-full", "/"),
        finding("missing-header", "$(reboot).h"),
        finding("missing-header", "a;b.h"),
        finding("missing-header", "x/../../etc/passwd"),
        finding("missing-library", "--help"),
        finding("missing-header", "x" * 999),
        finding("implicit-declaration", ""),
    ],
)
def test_probe_leaves_out_hostile_and_unanswerable_names(one: Finding) -> None:
    assert questions([one]) == ()


def test_probe_has_a_bounded_number_of_questions() -> None:
    assert len(questions([finding("undefined-symbol", f"f{at}") for at in range(99)])) == 24


@each(
    ("one", "line", "advice"),
    [
        (
            finding("implicit-declaration", "setgroups"),
            "function setgroups in grp.h",
            "`#include <grp.h>` in dispatcher.c: it declares setgroups.",
        ),
        (
            finding("implicit-declaration", "strlcpy"),
            "function strlcpy nowhere",
            "No header of this system declares strlcpy, and its libc does not have it: it needs a "
            "replacement, or a check in configure.",
        ),
        (
            finding("undeclared", "MAP_POPULATE"),
            "name MAP_POPULATE absent",
            "No header of this system has MAP_POPULATE: leave out what needs it where it is missing, "
            "by #ifdef or a check in configure.",
        ),
        (
            finding("missing-header", "event.h"),
            "header event.h owner libevent-dev",
            "Add `libevent` to `dependencies`: libevent-dev owns event.h.",
        ),
        (
            finding("missing-header", "rarely.h"),
            "header rarely.h nowhere\nheader rarely.h owner librarely-dev",
            "Add its package to `dependencies`: librarely-dev owns rarely.h.",
        ),
        (
            finding("missing-header", "log.h"),
            "header log.h source usr.sbin/smtpd/log.h",
            "log.h is in the source, as usr.sbin/smtpd/log.h: fix the `#include` in "
            "dispatcher.c, or add `-Iusr.sbin/smtpd`.",
        ),
        (
            finding("undefined-symbol", "b64_ntop"),
            "symbol b64_ntop macro resolv.h",
            "`#include <resolv.h>` in dispatcher.c: b64_ntop is a macro there, and no library has it.",
        ),
        (
            finding("implicit-declaration", "major"),
            "function major in sys/sysmacros.h",
            "`#include <sys/sysmacros.h>` in dispatcher.c (the BSDs and Darwin have it in <sys/types.h>): it declares major.",
        ),
        (
            finding("unknown-type", "u_int"),
            "type u_int in sys/types.h",
            "`#include <sys/types.h>` in dispatcher.c: it defines u_int.",
        ),
        (
            attrs.evolve(finding("missing-package", "libcrypto"), basis=Basis.MANUAL),
            "module libcrypto at /usr/lib/x86_64-linux-gnu/pkgconfig/libcrypto.pc",
            "libcrypto.pc is installed, as /usr/lib/x86_64-linux-gnu/pkgconfig/libcrypto.pc: the check failed for another reason, see "
            "config.log. If pkg-config does not look in /usr/lib/x86_64-linux-gnu/pkgconfig, set PKG_CONFIG_PATH.",
        ),
        (
            finding("missing-library", "-lpam"),
            "library pam at /usr/lib/x86_64-linux-gnu/libpam.so",
            "The library pam is installed, as /usr/lib/x86_64-linux-gnu/libpam.so, where linkers look: a static link needs libpam.a, and "
            "another architecture a library of its own.",
        ),
        (
            finding("missing-library", "-lev"),
            "library ev at /opt/ev/lib/libev.so",
            "The library ev is installed, as /opt/ev/lib/libev.so: add its folder to LDFLAGS, or install the file without a version in "
            "its name.",
        ),
        (
            finding("missing-header", "event.h"),
            "header event.h at /usr/include/event.h",
            "event.h is installed, as /usr/include/event.h, where compilers look: see config.log, and the command for another target, "
            "-nostdinc or --sysroot.",
        ),
        (finding("undefined-symbol", "deflate"), "symbol deflate library z", "Link with `-lz`, which has deflate."),
        (
            finding("missing-tool", "bison"),
            "tool bison owner bison",
            "Add `bison` to `dependencies`: bison owns bison.",
        ),
    ],
)  # fmt: skip
def test_probe_answer_makes_advice_a_fact(one: Finding, line: str, advice: str) -> None:
    (told,) = answered([one], answers(line), dependency_index())
    assert (told.advice, told.basis) == (advice, Basis.ASKED)


def test_probe_answer_mentions_the_standard_that_hides_a_name() -> None:
    one = attrs.evolve(
        finding("implicit-declaration", "nanosleep"), excerpt=("cc -std=c99 -O2 -c dispatcher.c",)
    )
    (strict,) = answered([one], answers("function nanosleep in time.h"), dependency_index())
    plain = attrs.evolve(one, excerpt=("cc -std=gnu99 -O2 -c dispatcher.c",))
    (relaxed,) = answered([plain], answers("function nanosleep in time.h"), dependency_index())
    assert "the standard that the command asks for hides it" in strict.advice
    assert relaxed.advice == "`#include <time.h>` in dispatcher.c: it declares nanosleep."


def test_probe_without_a_match_repeats_the_suggestion_of_the_compiler() -> None:
    one = attrs.evolve(
        finding("implicit-declaration", "strlpcy"),
        root_line="a.c:1:2: error: implicit declaration of function 'strlpcy'; did you mean 'strlcpy'?",
    )
    (nowhere,) = answered([one], answers("function strlpcy nowhere"), dependency_index())
    (there,) = answered([one], answers("function strlpcy in x.h"), dependency_index())
    assert nowhere.advice.endswith("in configure. The compiler suggests `strlcpy`.")
    assert "suggests" not in there.advice


@each(
    "text",
    [
        "",
        "header event.h nowhere",
        "header event.h not asked",
        "header other.h owner other-dev",
        "header event.h owner",
        "function event.h in x.h",
        "header event.h owner $(reboot)",
        "sh: 1: cc: not found",
        "\0\x1b[31m",
    ],
)
def test_advice_without_a_probe_answer_stays_deduced(text: str) -> None:
    one = finding("missing-header", "event.h")
    (told,) = answered([one], answers(text), dependency_index())
    assert told == one


def test_probe_answer_changes_only_the_advice() -> None:
    one = finding("implicit-declaration", "setgroups")
    (told,) = answered([one], answers("function setgroups in grp.h"), dependency_index())
    assert (told.kind, told.subject, told.file, told.severity) == (
        one.kind, one.subject, one.file, one.severity,
    )  # fmt: skip


def test_package_index_is_asked_only_for_files_that_the_container_lacks() -> None:
    asked = ("function f", "header a.h", "header b.h", "library c", "module d")
    known = answers("function f nowhere\nheader a.h nowhere\nheader b.h at /opt/b.h\n")
    assert unanswered(asked, known) == ("header a.h", "library c", "module d")
    assert [ending(one) for one in asked] == [
        "", "include/a.h", "include/b.h", "libc.so", "pkgconfig/d.pc",
    ]  # fmt: skip


def test_names_of_one_header_have_one_verified_advice() -> None:
    several = [
        finding("implicit-declaration", "open"),
        finding("undeclared", "O_CREAT"),
        finding("undeclared", "PATH_MAX"),
    ]
    text = "function open in fcntl.h\nname O_CREAT in fcntl.h\nname PATH_MAX in limits.h\n"
    told = answered(several, answers(text), dependency_index())
    both = "`#include <fcntl.h>` in dispatcher.c: it declares open and O_CREAT."
    assert [one.advice for one in told] == [
        both,
        both,
        "`#include <limits.h>` in dispatcher.c: it defines PATH_MAX.",
    ]
    assert [one.header for one in told] == ["fcntl.h", "fcntl.h", "limits.h"]


def test_step_without_network_that_needs_it_is_not_a_mirror_failure() -> None:
    log = "--- ciforge: build ---\nfatal: unable to access 'https://git.example.org/l.git/': Could not resolve host: git.example.org\nmake: *** [x] Error 128\n"
    findings = diagnose(log.splitlines(), failed=True)
    (offline,) = answered(findings, answers("step build offline"), dependency_index())
    assert (offline.kind, offline.basis) == (FindingKind.OTHER, Basis.ASKED)
    assert (
        "The step build has no network: write `steps: {build: {network: true}}`" in offline.advice
    )
    (online,) = answered(findings, {}, dependency_index())
    assert online.kind is FindingKind.DEPS_NETWORK
    (other,) = answered(findings, answers("step check offline"), dependency_index())
    assert other.kind is FindingKind.DEPS_NETWORK


@pytest.mark.parametrize(
    ("one", "line", "advice"),
    [
        (finding("missing-macro", "AX_FROB"), "macro AX_FROB ignored m4/ax_frob.m4", "m4/ax_frob.m4 is in the working tree, but git ignores it"),
        (finding("missing-header", "../common.h"), "file common.h outside common/common.h", "common/common.h is in the repository, but outside of `path`"),
        (finding("make-rule", "xml.c"), "file xml.c ignored src/xml.c", "src/xml.c is in the working tree, but git ignores it"),
        (finding("make-rule", "new.c"), "file new.c uncommitted src/new.c", "src/new.c is in the working tree, but not in the commit"),
        (finding("make-rule", "dep/x.c"), "file dep/x.c submodule lib/dep", "dep/x.c seems to belong to the submodule lib/dep"),
        (finding("make-rule", "x.conf"), "file x.conf archive x-1.tar.gz", "The source is the archive x-1.tar.gz, which does not have x.conf there"),
    ],
)  # fmt: skip
def test_advice_names_a_file_that_was_not_copied(one: Finding, line: str, advice: str) -> None:
    (told,) = answered([one], answers(line), dependency_index())
    assert told.advice.startswith(advice)
    assert left_out(one) == " ".join(line.split()[:2])


def test_header_of_a_system_is_not_said_to_be_left_out_of_an_archive() -> None:
    known = answers("file event.h archive x-1.tar.gz")
    (told,) = answered([finding("missing-header", "event.h")], known, dependency_index())
    assert "archive" not in told.advice
    own = attrs.evolve(
        finding("missing-header", "event.h"), excerpt=('    1 | #include "event.h"',)
    )
    (told,) = answered([own], known, dependency_index())
    assert "archive x-1.tar.gz" in told.advice


def test_file_that_is_elsewhere_in_the_source_is_not_said_to_be_left_out_of_an_archive() -> None:
    own = attrs.evolve(
        finding("missing-header", "event.h"), excerpt=('    1 | #include "event.h"',)
    )
    known = answers("file event.h archive x-1.tar.gz\nheader event.h source compat/event.h")
    (told,) = answered([own], known, dependency_index())
    assert "compat/event.h" in told.advice
