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
    assert len(files) > 40
    assert all(re.match(r"/\* \S.* \*/\n", file.read_text()) for file in files)


def test_cross_fault_log_becomes_a_row_with_its_cause(tool: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LOG)
    columns = {"gcc": tool.Column(tmp_path / "log"), "BSD": tool.Column(log)}
    columns["gcc"].became["link-math"] = "accepted"
    found = {row[0]: row[2:] for row in tool.rows(columns)}
    assert found["`link-math`"] == ("takes it", "refuses", "undefined-symbol: fmod")
    assert found["`header-error`"] == ("refuses", "refuses", "missing-header: error.h")
    assert found["`include-wait`"][:2] == ("not run", "not run")
    assert tool.caught(columns, "gcc") == (2, 1)


def test_cross_fault_table_in_the_documents_has_every_fault() -> None:
    text = (ROOT / "docs" / "proof" / "cross-checks.md").read_text()
    assert {file.stem for file in FAULTS.glob("*.c")} == set(
        re.findall(r"^\| `([^`]+)` \|", text, re.M)
    )
