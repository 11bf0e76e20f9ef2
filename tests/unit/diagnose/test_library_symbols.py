"""Advice about undefined symbols and names that are missing for a known reason."""

import pytest

from ciforge.diagnose.names.library_symbols import advice_of_symbol, name_without_64
from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Basis


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ("__atomic_fetch_add_8", "-latomic"),
        ("floor", "-lm"),
        ("_floor", "-lm"),
        ("pthread_create", "-pthread"),
        ("dlopen", "-ldl"),
        ("backtrace_symbols", "-lexecinfo"),
        ("fts_open", "-lfts"),
        ("res_query", "-lresolv"),
        ("__res_init", "-lresolv"),
        ("libiconv_open", "-liconv"),
        ("libintl_gettext", "-lintl"),
        ("getaddrinfo", "-lsocket"),
        ("__asan_init", "-fsanitize="),
        ("__isoc23_strtol", "glibc 2.38"),
        ("__sprintf_chk", "_FORTIFY_SOURCE"),
        ("main", "No object has main()"),
        ("openpty", "-lutil"),
    ],
)
def test_advice_names_what_brings_a_symbol(symbol: str, words: str) -> None:
    assert words in advice_of_symbol(symbol)


@pytest.mark.parametrize(
    "symbol", ["frob_init", "sink", "mainloop", "socket_pair_of_frob", "powder"]
)
def test_symbol_of_the_project_has_no_such_advice(symbol: str) -> None:
    assert advice_of_symbol(symbol) == ""


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("fstat64", "fstat"),
        ("struct stat64", "stat"),
        ("off64_t", "off_t"),
        ("lseek64", "lseek"),
        ("uint64_t", ""),
        ("strtoq64", ""),
        ("base64", ""),
    ],
)
def test_large_file_name_of_glibc_has_a_plain_name(name: str, plain: str) -> None:
    assert name_without_64(name) == plain


def test_advice_of_a_known_symbol_is_marked_as_from_manuals() -> None:
    log = "s.c:(.text+0x14): undefined reference to `__atomic_load_8'\ncollect2: error: ld returned 1 exit status"
    first = diagnose(log.splitlines())[0]
    assert ("-latomic" in first.advice, first.basis) == (True, Basis.MANUAL)
