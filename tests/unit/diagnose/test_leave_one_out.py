"""Without the rules of its tool a log is still diagnosed by the words that all tools share."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[3] / "tools" / "leave_one_out.py"


@pytest.fixture(scope="module")
def leave_one_out() -> ModuleType:
    found = importlib.util.spec_from_file_location("leave_one_out", TOOL)
    assert found is not None
    assert found.loader is not None
    module = sys.modules["leave_one_out"] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def outcome(module: ModuleType, family: str, *, right: bool, held: bool = False) -> object:
    return module.Outcome(family, "a.log", "expected", "got", True, right, held)


def test_table_has_a_row_for_each_family_and_the_sums(leave_one_out: ModuleType) -> None:
    rows = leave_one_out.table(
        [
            outcome(leave_one_out, "b", right=True),
            outcome(leave_one_out, "a", right=False, held=True),
        ]
    )
    assert rows[2:] == [
        "| a | 1 | 0 (0 %) | 1 (100 %) |",
        "| b | 1 | 1 (100 %) | 1 (100 %) |",
        "| held back | 1 | 0 (0 %) | 1 (100 %) |",
        "| all | 2 | 1 (50 %) | 2 (100 %) |",
    ]


def test_families_leave_tables_of_words_out(leave_one_out: ModuleType) -> None:
    tables = [table for found in leave_one_out.families().values() for table in found]
    assert len(tables) == len(set(tables)) > 50
    assert not set(tables) & set(leave_one_out.GENERAL)


@pytest.mark.slow
def test_messages_of_an_unknown_tool_get_kind_and_subject(leave_one_out: ModuleType) -> None:
    outcomes = leave_one_out.measure(["linkers"])
    assert len(outcomes) > 100
    assert sum(one.right for one in outcomes) > 0.7 * len(outcomes)
