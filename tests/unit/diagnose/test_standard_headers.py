"""The header that is named for a name of the C library declares it, with the compiler of this machine."""

import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from ciforge.diagnose.names.c_names import C_NAMES
from ciforge.diagnose.names.posix_names import POSIX_NAMES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "proof" / "headers.md"
TABLE = {**C_NAMES, **POSIX_NAMES}


def uses(name: str, *, as_type: bool, number: int) -> list[str]:
    if name.startswith("struct:"):
        return [f"int f{number}(void) {{ return sizeof(struct {name[7:]}); }}"]
    if as_type:
        return [f"extern {name} *f{number};"]
    return [f"#ifndef {name}", f"int f{number}(void) {{ return sizeof({name}); }}", "#endif"]


def refused(
    header: str, names: Sequence[str], *, as_type: bool = False, gnu: bool = False
) -> list[str]:
    """The names that a program with only this header cannot use."""
    lines, places = [f"#include <{header}>"], {}
    for number, name in enumerate(names):
        for line in uses(name, as_type=as_type, number=number):
            lines.append(line)
            places[len(lines)] = name
    words = [
        "cc",
        "-w",
        "-fsyntax-only",
        "-Werror=implicit-function-declaration",
        *["-D_GNU_SOURCE"] * gnu,
        "-x",
        "c",
        "-",
    ]
    done = subprocess.run(
        words, input="\n".join(lines) + "\n", capture_output=True, text=True, check=False
    )
    if "fatal error" in done.stderr:
        return list(names)
    wrong = {
        places.get(int(found[1])) for found in re.finditer(r"<stdin>:(\d+):\d+: error", done.stderr)
    }
    return [name for name in names if name in wrong]


def absent(header: str) -> list[str]:
    """Names that are neither a function, constant or macro nor a type of the header, nor with _GNU_SOURCE."""
    left: Sequence[str] = TABLE[header].split()
    for gnu in (False, True):
        for as_type in (False, True):
            left = refused(header, left, as_type=as_type, gnu=gnu) if left else left
    return list(left)


def listed() -> set[str]:
    """Names that the page says are not there."""
    return {
        name
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `<")
        for name in re.findall(r"`([\w:]+)`", line)
    }


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the page is about glibc")
def test_standard_name_is_declared_by_its_header() -> None:
    missing = {name for header in TABLE for name in absent(header)}
    assert missing <= listed()


def test_page_on_headers_lists_names_of_the_tables() -> None:
    assert listed() <= {name for names in TABLE.values() for name in names.split()}
    assert 10 < len(listed()) < 80
