"""tools/record_proofs.py: what results of runs prove, and that the table is not edited by hand."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "record_proofs.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record_proofs", TOOL)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def result(
    state: Path,
    job: str,
    status: str,
    started: str = "2026-11-29T10:00:00Z",
    base: str = "image@sha256:0",
) -> None:
    run = state / "p" / "runs" / "20261129-100000-aaaa"
    folder = run / job.replace("/", ",")
    folder.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"id": run.name, "project": "p", "version": "1"}))
    (folder / "result.json").write_text(
        json.dumps(
            {
                "job": job,
                "status": status,
                "started": started,
                "base": base,
                "packages": {"gcc": "14"},
            }
        )
    )


def words(rows: list[dict[str, str]]) -> dict[str, str]:
    return {f"{row['release']} {row['platform']}": row["proof"] for row in rows}


def test_only_jobs_that_passed_prove_something(tool: ModuleType, tmp_path: Path) -> None:
    result(tmp_path, "r/debian-13/default", "passed")
    result(tmp_path, "r/debian-12/default", "failed")
    result(tmp_path, "r/fedora-44/default@s390x", "passed")
    result(tmp_path, "r/freebsd-15/cross", "passed")
    result(tmp_path, "r/nowhere-1/default", "passed")
    result(tmp_path, "r/debian-11/default", "passed", base="")
    assert words(list(tool.passed([tmp_path], userland=False))) == {
        "debian-13 linux/amd64": "tested",
        "fedora-44 linux/s390x": "tested",
        "freebsd-15 freebsd/amd64": "cross",
    }


def test_run_with_another_toolchain_proves_the_userland(tool: ModuleType, tmp_path: Path) -> None:
    result(tmp_path, "r/alpine-3.23/default", "passed")
    rows = list(tool.passed([tmp_path], userland=True))
    assert words(rows) == {"alpine-3.23 linux/amd64": "userland"}


def test_stronger_proof_wins_and_of_equal_ones_the_newest(tool: ModuleType) -> None:
    def row(proof: str, started: str) -> dict[str, str]:
        return {"release": "x-1", "platform": "linux/amd64", "proof": proof, "started": started}

    old, new, weak = row("tested", "1"), row("tested", "2"), row("userland", "3")
    assert tool.merged([old], [weak]) == [old]
    assert tool.merged([weak], [old]) == [old]
    assert tool.merged([new], [old]) == [new]


def test_edited_table_is_noticed(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "proofs.json"
    monkeypatch.setattr(tool, "TABLE", table)
    monkeypatch.setattr("sys.argv", ["record_proofs.py", "--check"])
    rows = [{"release": "x-1", "platform": "linux/amd64", "proof": "rendered", "started": "1"}]
    table.write_text(tool.written(rows))
    monkeypatch.setattr(tool, "known", lambda: json.loads(table.read_text())["proofs"])
    assert tool.main() == 0
    table.write_text(table.read_text().replace("rendered", "tested"))
    assert tool.main() == 1
