"""Findings of all jobs to causes."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.diagnose.causes.grouping import causes
from ciforge.diagnose.causes.titles import title
from ciforge.load.dependencies import dependency_index
from ciforge.model.cause import Cause, Trouble
from ciforge.model.finding import Finding, FindingKind, Severity
from ciforge.model.job_traits import Traits
from tests.tables import each

GLIBC_12 = {
    "libc6": "2.36-9",
    "gcc": "4:12.2.0-3",
    "clang": "1:14.0-55.7",
    "libssl-dev": "3.0.15-1",
}
GLIBC_13 = {"libc6": "2.41-12", "gcc": "4:14.2.0-1", "clang": "1:19.0-63", "libssl-dev": "3.5.1-1"}


def job(text: str, libc: str = "glibc", **packages: str) -> tuple[str, Traits]:
    """A job by its id, with what its system has installed."""
    repo, release, variant = text.split("/")
    distribution = release.partition("-")[0]
    compiler = "clang" if variant == "clang" else "gcc"
    return text, Traits(
        repo=repo, distribution=distribution, release=release, variant=variant, libc=libc,
        compiler=compiler, packages=packages,
    )  # fmt: skip


JOBS = dict(
    [
        job("p/debian-11/default", gcc="4:10.2.1-1", **{"libssl-dev": "1.1.1w-0"}),
        job("p/debian-12/default", **GLIBC_12),
        job("p/debian-12/clang", **GLIBC_12),
        job("p/debian-13/default", **GLIBC_13),
        job("p/debian-13/clang", **GLIBC_13),
        job("p/alpine-3.23/default", "musl", gcc="15.2.0-r2", **{"openssl-dev": "3.5.4-r0"}),
    ]
)
D11, D12, C12, D13, C13, ALPINE = JOBS
CROSS = dict(
    [
        job("p/freebsd-14/cross", "bsd"),
        job("p/netbsd-10/cross", "bsd"),
        job("p/openbsd-7.9/cross", "bsd"),
        job("p/alpine-3.23/cross", "musl"),
    ]
)
FREEBSD, NETBSD, OPENBSD, MUSL = CROSS
JOBS |= CROSS


def finding(
    kind: str, subject: str = "", file: str = "", line: int | None = None, **more: object
) -> Finding:
    return Finding(kind=FindingKind(kind), subject=subject, file=file, line=line, **more)  # type: ignore[arg-type]


def of(found: Mapping[str, Sequence[Finding]], *green: str) -> tuple[Cause, ...]:
    return causes(found, JOBS, green, dependency_index())


@each(
    ("one", "other"),
    [
        (finding("missing-header", "event.h", "a.c", 3), finding("missing-header", "event.h", "b.c", 9)),
        (finding("missing-header", "event.h"), finding("missing-library", "-levent")),
        (finding("missing-header", "event2/event.h"), finding("missing-package", "libevent_core")),
        (finding("missing-package", "libevent >= 2.0"), finding("configure-check", "libevent")),
        (finding("configure-check", "event_init"), finding("missing-library", "libevent.so")),
        (finding("missing-header", "openssl/ssl.h"), finding("missing-package", "openssl")),
        (finding("missing-library", "ssl"), finding("missing-library", "crypto")),
        (finding("implicit-declaration", "setgroups"), finding("undefined-symbol", "setgroups")),
        (finding("undefined-symbol", "_clock_gettime"), finding("missing-dso", "clock_gettime")),
        (finding("undefined-symbol", "inflateEnd"), finding("missing-dso", "inflateEnd")),
        (finding("missing-dso", "inflateEnd"), finding("missing-dso", "gzdopen")),
        (finding("missing-dso", "inflateEnd"), finding("missing-library", "z")),
        (finding("undefined-symbol", "fcntl64@GLIBC_2.28"), finding("undefined-symbol", "fcntl64")),
        (finding("undefined-symbol", "foo@@VERS_1"), finding("implicit-declaration", "foo")),
        (finding("undeclared", "setgroups"), finding("implicit-declaration", "setgroups")),
        (finding("missing-tool", "autoreconf"), finding("missing-tool", "/usr/bin/autoconf")),
        (finding("yacc-lex", "yacc"), finding("missing-tool", "bison")),
        (finding("missing-macro", "PKG_CHECK_MODULES"), finding("missing-tool", "pkg-config")),
        (finding("missing-macro", "LT_INIT"), finding("missing-tool", "libtoolize")),
        (finding("make-rule", "../../smtpd/aliases.c"), finding("make-rule", "../smtpd/aliases.c")),
        (finding("unknown-type", "struct x"), finding("incomplete-type", "x")),
        (finding("syntax-error", "end of input", "a.c", 99), finding("syntax-error", "{", "a.c", 7)),
        (finding("incomplete-type", "w", "a.c", 7), finding("incomplete-type", "struct winsize", "../a.c", 7)),
        (finding("multiple-definition", "_f"), finding("redefinition", "f")),
        (finding("syntax-error", "git", "a.c", 7), finding("unknown-type", "git", "../a.c", 7)),
        (finding("syntax-error", ";", "a.c", 7), finding("undeclared", "git", "./a.c", 7)),
        (
            finding("other", root_line="[7/81] ld: /tmp/ccAb12.o:(.text+0x1f): bad thing at 0x77"),
            finding("other", root_line="[9/99] ld: /tmp/ccZz99.o:(.text+0x2a): bad thing at 0x12"),
        ),
        (finding("werror", "format-truncation", "a.c", 2), finding("werror", "format-truncation", "a.c", 9)),
        (finding("werror", "incompatible-pointer-types", "a.c", 2), finding("type-conflict", "incompatible-pointer-types", "src/a.c", 2)),
        (finding("type-conflict", "incompatible-function-pointer-types", "a.c"), finding("type-conflict", "incompatible-pointer-types", "a.c")),
    ],
)  # fmt: skip
def test_differently_worded_findings_are_one_cause(one: Finding, other: Finding) -> None:
    (cause,) = of({D12: [one], D13: [other]})
    assert cause.findings == {D12: one, D13: other}


@each(
    ("one", "other"),
    [
        (finding("missing-header", "event.h"), finding("missing-header", "zlib.h")),
        (finding("missing-header", "foo.h"), finding("missing-library", "foo")),
        (finding("implicit-declaration", "setgroups"), finding("implicit-declaration", "strlcpy")),
        (finding("undefined-symbol", "__x"), finding("undefined-symbol", "x")),
        (finding("syntax-error", "x", "a.c", 7), finding("undeclared", "y", "a.c", 8)),
        (finding("syntax-error", "x", "a.c", 7), finding("undeclared", "y", "b.c", 7)),
        (finding("other", root_line="one thing"), finding("other", root_line="another thing")),
        (finding("werror", "format", "a.c", 2), finding("werror", "unused", "a.c", 2)),
        (
            finding("type-conflict", "int-conversion", "a.c", 2),
            finding("type-conflict", "int-conversion", "b.c", 2),
        ),
        (finding("undefined-symbol", "git"), finding("unknown-type", "git")),
    ],
)
def test_findings_of_different_subjects_are_different_causes(one: Finding, other: Finding) -> None:
    assert len(of({D12: [one], D13: [other]})) == 2
    assert len(of({D12: [one, other]})) >= 1


@each(
    ("root", "consequence"),
    [
        (finding("missing-header", "event.h", "a.c", 1), finding("undeclared", "x", "a.c", 9)),
        (finding("syntax-error", "<<<<<<<", "a.c", 1), finding("unknown-type", "t", "a.c", 9)),
        (finding("syntax-error", "<<<<<<<", "a.h", 1), finding("undeclared", "t", "b.c", 9)),
        (finding("unknown-type", "u_char", "a.c", 1), finding("undeclared", "t", "a.c", 9)),
        (finding("missing-tool", "bison"), finding("make-rule", "parse.c")),
        (finding("missing-macro", "PKG_CHECK_MODULES"), finding("syntax-error", "E,libevent")),
        (finding("deps-network", "mirror"), finding("deps-not-found", "libevent-dev")),
        (finding("disk-full", "/"), finding("internal-compiler-error", "a.c")),
        (finding("out-of-memory", "cc1"), finding("make-rule", "a.o")),
        (finding("undefined-symbol", "x"), finding("other", root_line="it all went wrong")),
        (finding("implicit-declaration", "f", "a.c", 3), finding("type-conflict", "f", "a.c", 9)),
    ],
)
def test_consequence_of_a_finding_is_no_cause(root: Finding, consequence: Finding) -> None:
    (cause,) = of({D12: [root, consequence]})
    assert cause.findings == {D12: root}


def test_independent_causes_in_one_log_are_several() -> None:
    found = [
        finding("missing-header", "event.h", "a.c", 1, log_line=5),
        finding("implicit-declaration", "setgroups", "b.c", 7, log_line=9),
        finding("make-rule", "../c.c", log_line=12),
    ]
    assert len(of({D12: found})) == 3


def test_two_syntax_errors_of_one_log_are_two_causes() -> None:
    both = [finding("syntax-error", word, f"{word}.c", 7, log_line=7) for word in "ab"]
    assert len(of({D12: both, D13: both})) == 2


def test_causes_of_jobs_are_compared_as_sets_under_parallel_make() -> None:
    header = finding("missing-header", "event.h", "a.c", 1, log_line=5)
    symbol = finding("implicit-declaration", "setgroups", "b.c", 7, log_line=9)
    swapped = [finding("implicit-declaration", "setgroups", "b.c", 7, log_line=4), header]
    first, second = of({D12: [header, symbol], D13: swapped})
    assert set(first.jobs) == set(second.jobs) == {D12, D13}


def test_compiler_warning_gives_the_place_of_a_linker_error() -> None:
    warned = finding("implicit-declaration", "setgroups", "a.c", 7, severity=Severity.WARNING)
    linked = finding("undefined-symbol", "setgroups", log_line=99)
    refused = finding("implicit-declaration", "setgroups", "a.c", 7)
    (cause,) = of({D12: [warned, linked], D13: [refused]})
    assert (cause.kind, cause.title) == (FindingKind.IMPLICIT_DECLARATION, "setgroups undeclared")
    assert cause.findings[D12].file == "a.c"


def test_warning_beside_an_error_is_no_cause() -> None:
    warned = finding("implicit-declaration", "setgroups", "a.c", 7, severity=Severity.WARNING)
    (cause,) = of({D12: [warned, finding("missing-library", "event")]})
    assert cause.kind is FindingKind.MISSING_LIBRARY


def test_symbol_may_break_for_another_reason_with_another_libc() -> None:
    found = {
        D13: [finding("implicit-declaration", "fts_open", "a.c", 3)],
        ALPINE: [finding("undefined-symbol", "fts_open")],
    }
    assert [cause.jobs for cause in of(found)] in ([(D13,), (ALPINE,)], [(ALPINE,), (D13,)])


def test_unlinked_library_is_one_cause_however_many_symbols_linkers_name() -> None:
    names = ["inflateInit2_", "inflateEnd", "deflate", "gzdopen", "gzread", "gzeof", "gzclose"]
    every = [finding("undefined-symbol", name) for name in names]
    (cause,) = of({D12: every, D13: [finding("missing-dso", "inflateEnd")]})
    assert cause.key == "p:dependency:zlib"


def test_unlinked_library_is_one_cause_with_any_number_of_functions() -> None:
    gone = [
        finding("undefined-symbol", name) for name in ("event_init", "evbuffer_new", "event_add")
    ]
    (cause,) = of({D12: gone, D13: [finding("missing-library", "event")]})
    assert cause.jobs == (D12, D13)


def test_unlinked_file_is_one_cause() -> None:
    found = [finding("undefined-symbol", name) for name in ("aliases_get", "aliases_virtual_get")]
    assert len(of({D12: found, D13: found[:1]})) == 1


def test_several_undefined_functions_are_an_unlinked_file_and_two_are_two_causes() -> None:
    gone = [finding("undefined-symbol", name) for name in ("color", "getcharset", "linedraw")]
    assert len(of({D12: gone, D13: gone[::-1]})) == 1
    assert len(of({D12: gone[:2]})) == 2


def test_causes_of_two_repositories_are_separate() -> None:
    one = finding("implicit-declaration", "setgroups", "a.c", 3)
    keys = [cause.key for cause in of({D12: [one], "extras/debian-12/default": [one]})]
    assert len(set(keys)) == 2


def test_unreachable_mirror_is_one_cause_for_all_its_jobs() -> None:
    found = {
        D12: [finding("deps-network", "libevent-dev")],
        D13: [finding("deps-network", "zlib1g-dev")],
    }
    (cause,) = of(found)
    assert cause.trouble is Trouble.DISTRIBUTION


@each("kind", ["deps-network", "deps-not-found", "disk-full", "out-of-memory"])
def test_problem_of_a_distribution_is_a_separate_cause(kind: str) -> None:
    symbol = finding("undefined-symbol", "x")
    first, second = of({D12: [finding(kind, "x")], D13: [symbol]})
    assert (first.trouble, second.trouble) == (Trouble.SOURCE, Trouble.DISTRIBUTION)


SETGROUPS = finding("implicit-declaration", "setgroups", "a.c", 7)


@each(
    ("kind", "subject", "broken", "green", "words"),
    [
        ("implicit-declaration", "setgroups", [ALPINE], [D11, D12, D13], "musl only"),
        ("missing-header", "sys/queue.h", [ALPINE], [D11, D12, C13], "musl only"),
        ("implicit-declaration", "setgroups", [D13], [D11, D12], "gcc 14 and later"),
        ("implicit-declaration", "setgroups", [D13, C13], [D11, D12, C12], "gcc 14 and clang 19 and later"),
        ("implicit-declaration", "setgroups", [D13, C13], [D11, D12], "debian-13 only"),
        ("undefined-symbol", "SSL_load_error_strings", [D12, D13, C13], [D11], "OpenSSL 3"),
        ("syntax-error", "x", [C12, C13], [D11, D12, D13], "variant clang"),
        ("syntax-error", "x", [C13], [C12, D12, D13], "clang 19 and later"),
        ("missing-header", "foo.h", [D13, C13], [D11, D12, C12], "debian-13 only"),
        ("missing-header", "foo.h", [D12, C12, D13], [D11], "debian-12 and debian-13 only"),
        ("test-failure", "t1", [D11, D12], [ALPINE], "glibc only"),
        ("make-rule", "x.c", [D11, D12], [ALPINE], "debian only"),
        ("multiple-definition", "x", [D12, D13], [D11], "gcc 12 and later"),
        ("multiple-definition", "x", [D11], [D12, D13], "gcc 10 and earlier"),
        ("missing-header", "error.h", [FREEBSD, NETBSD, OPENBSD], [D13, MUSL], "the BSDs"),
        ("missing-header", "error.h", [FREEBSD, OPENBSD], [D13], "the BSDs"),
        ("missing-header", "error.h", [FREEBSD, OPENBSD, MUSL], [D12, D13], "all but glibc"),
        ("missing-header", "error.h", [ALPINE, FREEBSD, NETBSD, OPENBSD, MUSL], [D13], "all but glibc"),
        ("missing-header", "sys/random.h", [OPENBSD], [D13, FREEBSD, NETBSD], "openbsd only"),
        ("missing-header", "sys/random.h", [OPENBSD], [D13], "variant cross"),
        ("undefined-symbol", "setproctitle", [D13, MUSL], [FREEBSD, NETBSD], "all but the BSDs"),
        # Nothing separates these.
        ("missing-header", "foo.h", [D12, C13], [D13, C12], ""),
        ("implicit-declaration", "setgroups", [D12], [], ""),
        ("implicit-declaration", "setgroups", [D12, D13, ALPINE], [], ""),
    ],
)  # fmt: skip
def test_common_factor_is_shared_by_broken_jobs_and_lacking_in_green_ones(
    kind: str, subject: str, broken: list[str], green: list[str], words: str
) -> None:
    found = {name: [finding(kind, subject, "a.c", 7)] for name in broken}
    (cause,) = of(found, *green)
    assert cause.shared == words


def test_common_factor_ignores_green_jobs_of_another_repository() -> None:
    green = "extras/debian-12/default"
    (cause,) = causes({D13: [SETGROUPS]}, JOBS | dict([job(green)]), [green], dependency_index())
    assert cause.shared == ""


@each(
    ("one", "words"),
    [
        (SETGROUPS, "setgroups undeclared"),
        (finding("missing-header", "event.h"), "event.h not found"),
        (finding("missing-library", "-levent"), "library event not found"),
        (finding("type-conflict", "f"), "conflicting types for f"),
        (finding("type-conflict", "int-conversion"), "int-conversion"),
        (finding("disk-full"), "disk full"),
        (finding("other", root_line="boom  went\tit"), "boom went it"),
        (finding("other", root_line="x" * 500), "x" * 71 + "…"),
        (finding("syntax-error", "<<<", "../smtpd/lka.c", 7), "syntax error in lka.c"),
    ],
)
def test_title_of_a_cause_is_short(one: Finding, words: str) -> None:
    (cause,) = of({D12: [one]})
    assert cause.title == words


def test_job_with_an_empty_log_has_a_cause() -> None:
    first, second = of({D12: [], D13: []})
    assert {first.kind, second.kind} == {FindingKind.OTHER}
    assert {*first.jobs, *second.jobs} == {D12, D13}
    assert all("does not say why" in cause.title for cause in (first, second))


@each("kind", list(FindingKind))
def test_finding_kinds_all_have_a_title_and_a_fingerprint(kind: FindingKind) -> None:
    (cause,) = of({D12: [Finding(kind=kind, subject="x" * 400, file="a.c")]})
    assert cause.title
    assert 0 < len(cause.key) <= 200


WORDS = st.sampled_from(["", "x", "event.h", "SSL_new", "event_add", "-lz", "setgroups", "a" * 300])
FINDINGS = st.builds(
    Finding,
    kind=st.sampled_from(FindingKind),
    subject=WORDS,
    file=st.sampled_from(["", "a.c", "../a.c", "b.h"]),
    line=st.sampled_from([None, 1, 2]),
    log_line=st.integers(0, 4),
    severity=st.sampled_from(Severity),
)
FOUND = st.dictionaries(st.sampled_from(list(JOBS)), st.lists(FINDINGS, max_size=6))


@given(FOUND)
def test_failed_jobs_are_all_in_a_cause(found: dict[str, list[Finding]]) -> None:
    made = of(found)
    assert {name for cause in made for name in cause.jobs} == set(found)
    assert len({cause.key for cause in made}) == len(made)


@given(FOUND, st.randoms())
def test_causes_do_not_depend_on_the_order_of_jobs_and_findings(
    found: dict[str, list[Finding]], random: object
) -> None:
    names = list(found)
    random.shuffle(names)  # type: ignore[attr-defined]
    mixed = {name: random.sample(found[name], len(found[name])) for name in names}  # type: ignore[attr-defined]
    jobs = dict(reversed(JOBS.items()))
    known = dependency_index()
    assert causes(mixed, jobs, [D12], known) == causes(found, JOBS, [D12], known)


@given(st.lists(FINDINGS, min_size=1, max_size=4))
def test_fingerprint_does_not_depend_on_other_failures(findings: list[Finding]) -> None:
    alone = {cause.key for cause in of({D12: findings})}
    again = {cause.key for cause in of({D12: findings, D13: findings})}
    assert alone <= again
    assert all(D13 in key for key in again - alone), "only what has no words is a job's own"


@pytest.mark.slow
def test_causes_of_many_jobs_and_findings_need_no_quadratic_work() -> None:
    many = [finding("undefined-symbol", f"f{at}_x", log_line=at) for at in range(300)]
    found = {f"p/debian-{at}/default": many for at in range(40)}
    assert len(of(found)) == 1


@pytest.mark.parametrize(
    ("root", "subject", "words"),
    [
        ("FAIL: no locale en_US.UTF-8", "no locale en_US.UTF-8", "FAIL: no locale en_US.UTF-8"),
        ("FAIL: t.sh", "t.sh", "test t.sh failed"),
        ("FAIL: t.sh (exit status: 1)", "t.sh", "test t.sh failed"),
        ("not ok 3 - delivers mail", "delivers mail", "test delivers mail failed"),
    ],
)
def test_title_names_a_test_only_where_the_line_does(root: str, subject: str, words: str) -> None:
    one = Finding(kind=FindingKind.TEST_FAILURE, subject=subject, root_line=root)
    assert title(one) == words
