"""A file on a branch: whoever comes second is told, and nothing is lost."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from ciforge.errors import EngineError
from ciforge.sources.branch_file import BranchFile


@pytest.fixture
def shelf(tmp_path: Path) -> BranchFile:
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "remote.git"], check=True)
    return BranchFile(
        remote=str(tmp_path / "remote.git"), branch="ciforge-state", name="incidents.db",
        scratch=tmp_path / "scratch",
    )  # fmt: skip


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "new"
    path.write_text(text)
    return path


def test_state_branch_file_of_an_empty_remote_has_no_commit(
    shelf: BranchFile, tmp_path: Path
) -> None:
    assert shelf.take(tmp_path / "taken") == ""
    assert not (tmp_path / "taken").exists()


def test_state_branch_file_is_read_back_and_the_branch_has_one_commit(
    shelf: BranchFile, tmp_path: Path
) -> None:
    commit = shelf.take(tmp_path / "taken")
    for text in ("one", "two", "three"):
        put = shelf.put(file(tmp_path, text), commit, "why")
        assert put
        commit = put
    assert shelf.take(tmp_path / "taken") == commit
    assert (tmp_path / "taken").read_text() == "three"
    log = ["git", "-C", shelf.remote, "rev-list", "--count", "ciforge-state"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout == "1\n"


def test_state_branch_file_refuses_the_second_of_two_writers(
    shelf: BranchFile, tmp_path: Path
) -> None:
    other = attrs.evolve(shelf, scratch=tmp_path / "other")
    mine, his = shelf.take(tmp_path / "mine"), other.take(tmp_path / "his")
    assert shelf.put(file(tmp_path, "mine"), mine, "why")
    assert other.put(file(tmp_path, "his"), his, "why") is None
    again = other.take(tmp_path / "his")
    assert (tmp_path / "his").read_text() == "mine"
    assert other.put(file(tmp_path, "both"), again, "why")


@pytest.mark.slow
def test_state_branch_file_keeps_each_of_many_concurrent_changes(
    shelf: BranchFile, tmp_path: Path
) -> None:
    def adds(number: int) -> None:
        own = attrs.evolve(shelf, scratch=tmp_path / f"scratch{number}")
        here = tmp_path / f"file{number}"
        while True:
            commit = own.take(here)
            before = here.read_text() if commit else ""
            here.write_text(f"{before}{number}\n")
            if own.put(here, commit, "why"):
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(adds, range(8)))
    shelf.take(tmp_path / "taken")
    assert sorted((tmp_path / "taken").read_text().split()) == sorted(map(str, range(8)))


def test_state_branch_file_of_a_missing_remote_is_an_error(
    shelf: BranchFile, tmp_path: Path
) -> None:
    gone = attrs.evolve(shelf, remote=str(tmp_path / "nowhere"))
    with pytest.raises(EngineError, match="cannot fetch branch ciforge-state"):
        gone.take(tmp_path / "taken")


def test_state_branch_error_does_not_show_the_token(shelf: BranchFile, tmp_path: Path) -> None:
    far = attrs.evolve(shelf, remote="https://127.0.0.1:1/x.git", token="s3cret")
    with pytest.raises(EngineError) as caught:
        far.take(tmp_path / "taken")
    assert "s3cret" not in str(caught.value)
