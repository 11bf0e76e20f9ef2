"""Any byte of ciforge's own files is another ciforge."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ciforge.run import code_digest as module
from ciforge.run.code_digest import code_digest, digest_of, settled_digest
from tests.tables import each


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "package" / "inner").mkdir(parents=True)
    (tmp_path / "package" / "code.py").write_text("x = 1\n")
    (tmp_path / "package" / "inner" / "data.yml").write_text("a: 1\n")
    return tmp_path / "package"


@each(
    "edit",
    [
        lambda at: (at / "code.py").write_text("x = 2\n"),
        lambda at: (at / "inner" / "data.yml").write_text("a: 2\n"),
        lambda at: (at / "inner" / "data.yml").rename(at / "inner" / "other.yml"),
        lambda at: (at / "inner" / "data.yml").unlink(),
        lambda at: (at / "new").write_text(""),
    ],
)
def test_each_change_of_a_file_changes_the_digest(
    edit: Callable[[Path], object], package: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(package, tmp_path / "copy")
    assert digest_of([package], "3") == digest_of([copy], "3")
    edit(copy)
    assert digest_of([package], "3") != digest_of([copy], "3")
    shutil.rmtree(copy)


def test_version_of_python_counts_and_compiled_files_do_not(package: Path) -> None:
    before = digest_of([package], "3.11")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "code.pyc").write_bytes(b"compiled")
    assert digest_of([package], "3.11") == before != digest_of([package], "3.12")


def test_digest_of_ciforge_is_the_same_each_time() -> None:
    assert code_digest() == code_digest()


def test_files_that_did_not_change_for_a_while_are_read_once(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(module, "_known", {})
    monkeypatch.setattr(module, "digest_of", lambda *_: read.append("") or f"{len(read)}")
    # Just written: a second change could have the same time.
    assert [settled_digest([package], "3") for _ in range(2)] == ["1", "2"]
    monkeypatch.setattr(module, "_SETTLED", -(10**9))
    assert [settled_digest([package], "3") for _ in range(2)] == ["3", "3"]
    (package / "code.py").write_text("x = 3\n")
    assert settled_digest([package], "3") == "4"
    (package / "new").write_text("")
    assert settled_digest([package], "3") == "5"
