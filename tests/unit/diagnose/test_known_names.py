"""Advice about libraries and headers that no package brings."""

import pytest

from ciforge.diagnose.scan.findings import diagnose

ZIG = 'error: unable to find dynamic system library "{}" using strategy paths_first. searched paths: none'
LINES = (ZIG, "ld.lld: error: unable to find library -l{}", "/usr/bin/ld: cannot find -l{}")


def advice(line: str) -> str:
    (found,) = diagnose([line], failed=True, step="build")
    return found.advice


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("library", ["dl", "resolv", "rt", "util"])
def test_library_that_only_some_systems_have_need_not_be_linked(library: str, line: str) -> None:
    said = advice(line.format(library))
    assert said.startswith(f"Not every system has a library {library}: ")
    assert "or do not link it here" in said and "`libc`" in said


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("library", ["m", "pthread"])
def test_library_that_every_system_has_comes_with_libc(library: str, line: str) -> None:
    said = advice(line.format(library))
    assert said.startswith(f"{library} is of the C library or the compiler: add `libc`")
    assert "do not link" not in said


@pytest.mark.parametrize(
    ("header", "systems"),
    [
        ("byteswap.h", "Linux and some BSDs"),
        ("sys/random.h", "Linux, Darwin and some BSDs"),
        ("features.h", "glibc and musl"),
        ("sys/timerfd.h", "Linux and some BSDs"),
        ("sys/epoll.h", "Linux"),
    ],
)
def test_advice_about_a_header_names_the_systems_that_have_it(header: str, systems: str) -> None:
    said = advice(f"a.c:3:10: fatal error: '{header}' file not found")
    assert said.startswith(f"{header} is a header of {systems}: ")
