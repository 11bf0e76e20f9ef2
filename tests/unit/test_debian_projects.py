"""The tool that builds projects of Debian: what it changes in a draft, and what its table says."""

import datetime
import importlib
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
DRAFT = "repos:\n  x:\n    recipe: cmake\n{}    steps:\n      smoke: installed\n{}jobs:\n"
HINT = "    # steps: {check: true} and configure: [-DT=ON] run its tests (a:1: add_test(NAME a))\n"


@pytest.fixture
def projects(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool as a module."""
    monkeypatch.syspath_prepend(TOOLS)
    return importlib.import_module("debian_projects")


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        (DRAFT.format("", ""), ""),
        (
            DRAFT.format("", "    # steps: {check: {run: make test}} runs its tests (Makefile:3: test:)\n"),
            "    steps:\n      check: {run: make test}\n      smoke: installed\n",
        ),
        (DRAFT.format("", HINT), "    configure:\n      - -DT=ON\n    steps:\n      check: true\n"),
        (
            DRAFT.format("    configure:\n      - -DA=1\n", HINT),
            "    configure:\n      - -DT=ON\n      - -DA=1\n    steps:\n      check: true\n",
        ),
    ],
)  # fmt: skip
def test_tests_are_switched_on_as_the_draft_says(
    projects: ModuleType, draft: str, text: str
) -> None:
    changed, found = projects.with_tests(draft)
    assert found is bool(text)
    assert text in changed if text else changed == draft


def test_table_counts_what_was_built_and_says_where_the_others_failed(
    projects: ModuleType,
) -> None:
    good = {"status": "passed", "step": None, "seconds": 9, "starts": ["1", "2"], "causes": []}
    bad = good | {"status": "failed", "step": "check", "starts": None}
    row = {"tests": True, "unedited": good, "version": "1"}
    rows = {"pv": row, "cmark": row | {"unedited": bad, "tests": False}}
    lines = projects.table(rows, datetime.date(2026, 11, 30)).splitlines()
    assert lines[0].startswith("1 of 2 are built with the drafted file.")
    assert lines[-2].startswith("| pv 1 | autoconf, with a makefile of its own | on | built, 9 s |")
    assert lines[-2].endswith("| 1 of 2 |")
    assert "| none found | failed in `check` |" in lines[-1]
