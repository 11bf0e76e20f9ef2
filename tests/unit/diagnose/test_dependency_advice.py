"""Advice about some package names the dependency that the table knows."""

import attrs
import pytest

from ciforge.diagnose.dependency_advice import with_dependencies
from ciforge.diagnose.scan.findings import diagnose
from ciforge.load.dependencies import dependency_index
from ciforge.model.finding import Basis


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("x.c:1:10: fatal error: event2/event.h: No such file or directory",
         "Add `libevent` to `dependencies` if it is not there, or include it only where it exists."),
        ("/usr/bin/ld: cannot find -lssl: No such file or directory",
         "Add `openssl` to `dependencies` if it is not there, or do not link it here."),
        ("meson.build:2:0: ERROR: Dependency \"zlib\" not found, tried pkgconfig and cmake", "Add `zlib` to `dependencies` if it is not there"),
        ("configure: error: Package requirements (libtls) were not met:", "Add `libtls` to `dependencies` if it is not there"),
        ("make: bison: Command not found", "Add `bison` to `dependencies` if it is not there"),
        ("configure.ac:5: error: possibly undefined macro: PKG_CHECK_MODULES", "Add `pkg-config` to `dependencies` if it is not there"),
    ],
)  # fmt: skip
def test_advice_names_the_dependency(line: str, advice: str) -> None:
    (found,) = with_dependencies(diagnose([line], failed=True), dependency_index())
    assert found.advice.startswith(advice)


def test_advice_about_what_the_table_does_not_have_stays() -> None:
    found = diagnose(["x.c:1:10: fatal error: nope/frob.h: No such file or directory"], failed=True)
    assert with_dependencies(found, dependency_index()) == found


def test_advice_that_was_checked_stays() -> None:
    found = diagnose(["x.c:1:10: fatal error: event.h: No such file or directory"], failed=True)
    checked = tuple(attrs.evolve(one, basis=Basis.ASKED) for one in found)
    assert with_dependencies(checked, dependency_index()) == checked
