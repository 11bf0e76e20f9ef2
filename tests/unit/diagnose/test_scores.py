"""The diagnosis is as right as benchmarks/diagnosis.py asks for, on all that there is."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    place = ROOT / "benchmarks" / "diagnosis.py"
    found = importlib.util.spec_from_file_location("diagnosis", place)
    assert found is not None
    assert found.loader is not None
    module = sys.modules["diagnosis"] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_score_of_single_root_lines_is_above_its_bar(benchmark: ModuleType) -> None:
    for score in benchmark.roots():
        assert score.met, "\n".join(score.misses)
        assert score.of >= 75


def test_score_of_whole_logs_is_above_its_bar(benchmark: ModuleType) -> None:
    score = benchmark.logs()
    assert score.met, "\n".join(score.misses)


def test_score_of_successful_logs_is_above_its_bar(benchmark: ModuleType) -> None:
    score = benchmark.green()
    assert score.met, "\n".join(score.misses)


def test_score_of_formats_of_other_systems_is_above_its_bar(benchmark: ModuleType) -> None:
    fitted, held = benchmark.formats()
    assert fitted.met, "\n".join(fitted.misses)
    assert held.met
    assert fitted.of + held.of >= 90


def test_score_of_logs_from_outside_is_above_its_bar(benchmark: ModuleType) -> None:
    for score in benchmark.outside():
        assert score.met, "\n".join(score.misses)


def test_held_out_logs_are_chosen_by_name(benchmark: ModuleType) -> None:
    assert benchmark.held("bmake-prerequisite.log") == benchmark.held("bmake-prerequisite")
    assert 20 <= sum(benchmark.held(str(number)) for number in range(100)) <= 46


def row(**changes: object) -> dict[str, object]:
    line = "x.c:1:10: fatal error: event.h: No such file or directory"
    return {
        "log": "x.log",
        "kind": "missing-header",
        "subject": "event.h",
        "root_line": line,
    } | changes


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, 1),
        ({"subject": "event2.h", "also": ["event.h"]}, 1),
        ({"root_line": "something else", "also_lines": [row()["root_line"]]}, 1),
        ({"subject": "event2.h"}, 0),
        ({"kind": "undeclared"}, 0),
        ({"root_line": "something else"}, 0),
        ({"log": "not-there.log"}, 0),
    ],
)
def test_score_counts_a_log_with_right_kind_subject_and_line(
    benchmark: ModuleType, tmp_path: Path, changes: dict[str, object], right: int
) -> None:
    (tmp_path / "x.log").write_text(
        f"\x1b[1m{row()['root_line']}\x1b[0m\nmake: *** [x.o] Error 1\n"
    )
    (tmp_path / "index.jsonl").write_text(json.dumps(row(**changes)) + "\n")
    score = benchmark.logs(tmp_path)
    assert (score.right, score.of) == (right, 1)


def test_score_counts_a_green_log_without_a_cause(benchmark: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("all is well\n")
    (tmp_path / "b.log").write_text("configure: error: libevent not found\n")
    score = benchmark.green(tmp_path)
    assert (score.right, score.of, score.met) == (1, 2, False)


def test_score_table_marks_rows_below_their_bar(
    benchmark: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index.jsonl").write_text(json.dumps(row()) + "\n")
    assert benchmark.main(["--logs", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "whole logs" in shown
    assert "BELOW" in shown
