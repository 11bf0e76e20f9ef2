"""The tool that makes bad merges of projects of Debian: what it breaks, what it follows, and what its table says."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SOURCE = "#include <stdio.h>\n#include <fcntl.h>\n\n#ifdef A\nint a;\n#endif\n"
INCLUDE = {"kind": "undeclared", "subject": "O_RDONLY", "file": "src/a.c", "line": 9,
           "advice": "`#include <fcntl.h>` in a.c: it defines O_RDONLY."}  # fmt: skip
LINUX = {"kind": "missing-header", "subject": "sys/x.h", "file": "a.c", "line": 8,
         "advice": "sys/x.h is a header of Linux: check for it in configure, and build a.c without it elsewhere."}  # fmt: skip


@pytest.fixture
def merges(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool as a module."""
    monkeypatch.syspath_prepend(TOOLS)
    return importlib.import_module("debian_merges")


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Its table as a module."""
    monkeypatch.syspath_prepend(TOOLS)
    return importlib.import_module("debian_merges_table")


def test_every_project_has_one_bad_merge_of_each_sort(rows: ModuleType) -> None:
    projects = importlib.import_module("debian_projects")
    assert set(rows.PROJECTS) == set(projects.PROJECTS)
    for project in rows.PROJECTS.values():
        assert [merge.sort for merge in project.merges] == list(rows.SORTS)
        assert all(
            (merge.job != rows.HERE) == (merge.sort == rows.LINUX) for merge in project.merges
        )


def test_advice_about_a_header_is_followed_in_the_file_that_it_names(
    merges: ModuleType, rows: ModuleType
) -> None:
    merge = rows._include("src/a.c", "#include <fcntl.h>", "undeclared", "O_RDONLY")
    broken = merge.broken(SOURCE)
    assert "fcntl.h" not in broken
    assert "#include <fcntl.h>" in merges.followed(merge, SOURCE, broken, INCLUDE)
    assert merges.followed(merge, SOURCE, broken, INCLUDE | {"file": "b.c"}) == ""
    assert merges.followed(merge, SOURCE, broken, INCLUDE | {"advice": "Look at the log."}) == ""


def test_advice_to_leave_something_out_puts_the_merged_lines_between_if_and_endif(
    merges: ModuleType, rows: ModuleType
) -> None:
    merge = rows._with_header("a.c", "freebsd-14", "sys/x.h", "x()")
    text = merges.followed(merge, SOURCE, merge.broken(SOURCE), LINUX)
    assert text.startswith(f"{SOURCE}\n#if __has_include(<sys/x.h>)\n#include <sys/x.h>\n")
    assert text.endswith("#endif\n")
    assert merges.followed(merge, SOURCE, "", LINUX | {"advice": "Add its package."}) == ""


def test_damaged_conditional_is_put_right_only_at_the_line_that_the_cause_names(
    merges: ModuleType, rows: ModuleType
) -> None:
    merge = rows._directive("a.c", "int a;\n#endif\n", "int a;\n", "#ifdef", "#ifdef A")
    broken = merge.broken(SOURCE)
    found = {"kind": "syntax-error", "subject": "#ifdef", "file": "a.c", "line": 4, "advice": "x"}
    assert merges.followed(merge, SOURCE, broken, found) == SOURCE
    assert merges.followed(merge, SOURCE, broken, found | {"line": 5}) == ""
    with pytest.raises(LookupError, match=r"a\.c has no"):
        merge.broken("int b;\n")


def test_row_says_what_does_not_hold(merges: ModuleType, rows: ModuleType) -> None:
    merge = rows._include("src/a.c", "#include <fcntl.h>", "undeclared", "O_RDONLY")
    cause = {"title": "O_RDONLY undeclared", "findings": {"j": INCLUDE}}
    failed: dict[str, Any] = {"status": "failed", "step": "build", "causes": [cause]}
    good = merges.Outcome(before=failed, finding=INCLUDE, after={"status": "passed", "step": None})
    assert merges.flaw(merge, good) == ""
    assert merges.row("p", merge, good).endswith("| O_RDONLY undeclared | green | yes |")
    for outcome, why in (
        (
            merges.Outcome(before=failed | {"causes": [cause, cause]}, finding={}, after={}),
            "2 causes",
        ),
        (merges.Outcome(before=failed | {"status": "passed"}, finding={}, after={}), "passed"),
        (merges.Outcome(before=failed, finding=INCLUDE | {"subject": "x"}, after={}), "'x'"),
        (merges.Outcome(before=failed, finding=INCLUDE, after={}), "names no change"),
        (merges.Outcome(before=failed, finding=INCLUDE, after=failed), "failed in build"),
    ):
        assert why in merges.flaw(merge, outcome)
        assert "| no: " in merges.row("p", merge, outcome)
