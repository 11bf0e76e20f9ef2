"""tools/cross_faults.py, and the files that it is about."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "cross_faults.py"
FAULTS = ROOT / "tests" / "cross_faults"
LOG = """\
fault link-math refused 31
| ld: error: undefined symbol: fmod
| clang: error: linker command failed with exit code 1
fault header-error refused 12
| header-error.c:3:10: fatal error: 'error.h' file not found
fault control accepted 40
"""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cross_faults", TOOL)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_cross_faults_all_say_what_is_wrong() -> None:
    files = sorted(FAULTS.glob("*.c"))
    assert files
    assert all(re.match(r"/\* \S.* \*/\n", file.read_text()) for file in files)


def test_cross_fault_log_becomes_a_row_with_its_cause(tool: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LOG)
    columns = {"gcc": tool.Column(tmp_path / "log"), "BSD": tool.Column(log)}
    columns["gcc"].became["link-math"] = "accepted"
    found = {row[0]: row[2:] for row in tool.rows(columns)}
    assert found["`link-math`"][:3] == ("takes it", "refuses, 0.0 s", "undefined-symbol: fmod")
    assert found["`header-error`"][1:3] == ("refuses, 0.0 s", "missing-header: error.h")
    assert found["`header-error`"][3]
    assert found["`include-wait`"][:2] == ("not run", "not run")
    assert tool.caught(columns, "gcc") == (2, 1)


def test_cross_fault_logs_become_the_table_and_leave_the_rest_of_the_page(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{tool.BEGIN}\nold\n{tool.END}\nafter\n")
    monkeypatch.setattr(tool, "PAGE", page)
    (tmp_path / "log").write_text(LOG)
    assert tool.main([f"gcc={tmp_path / 'log'}", f"BSD={tmp_path / 'log'}"]) == 1
    text = page.read_text()
    assert text.startswith(f"before\n{tool.BEGIN}\n\n2 of ") and text.endswith(
        f"{tool.END}\nafter\n"
    )
    assert "old" not in text and "| `link-math` | -lm was dropped | refuses, 0.0 s |" in text


def test_cross_fault_argument_that_names_no_column_is_refused(tool: ModuleType) -> None:
    assert tool.main(["LOG"]) == 2


def test_cross_fault_jobs_are_cross_checks_beside_gcc(tool: ModuleType) -> None:
    assert tool.JOBS["gcc"] == "faults/debian-12/default"
    assert {job.rpartition("/")[2] for name, job in tool.JOBS.items() if name != "gcc"} == {"cross"}


def test_cross_fault_table_in_the_documents_has_every_fault() -> None:
    text = (ROOT / "docs" / "proof" / "cross-checks.md").read_text()
    assert {file.stem for file in FAULTS.glob("*.c")} == set(
        re.findall(r"^\| `([^`]+)` \|", text, re.M)
    )
