"""Nothing half-written is left: not by a second signal in the middle, not after the next start."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ciforge.app.scratch import scratch_folder
from ciforge.store.atomic import new_folder, remove_unfinished, write_atomically

pytestmark = pytest.mark.slow

WRITES = """
import os, sys, threading, time
from pathlib import Path
from ciforge.app.session import stopping
from ciforge.store import atomic
from ciforge.store.runs.run_folder import RunFolder
from ciforge.model.result import Result, Run, Status

state = Path(sys.argv[1])
run = Run(id="20260101T000000Z-000000", project="p", started="", version="0")
folder = None if sys.argv[2] == "run" else RunFolder.create(state, run)

def stuck(_descriptor):
    print("writing", flush=True)
    time.sleep(600)

def write():
    if folder:
        folder.write_result(Result(job="a/b-1/c", status=Status.PASSED))
    else:
        RunFolder.create(state, run)

with stopping():
    os.fsync = stuck
    if sys.argv[3] == "main":
        write()
    else:
        threading.Thread(target=write, daemon=True).start()
        while True:
            time.sleep(1)
"""
KINDS = pytest.mark.parametrize("what", ["run", "result"])


@contextmanager
def writing(state: Path, what: str, thread: str = "main") -> Iterator["subprocess.Popen[str]"]:
    """A process that is in the middle of writing that."""
    words = [sys.executable, "-c", WRITES, str(state), what, thread]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
            yield process
        finally:
            process.kill()


def half_made(state: Path) -> list[str]:
    """All but the run's folder and its document."""
    found = (str(path.relative_to(state)) for path in state.rglob("*"))
    whole = {"runs", "runs/20260101T000000Z-000000", "runs/20260101T000000Z-000000/run.json", "tmp"}
    job = "runs/20260101T000000Z-000000/a,b-1,c"
    return [name for name in found if name not in whole | {job}]


@KINDS
@pytest.mark.slow
@pytest.mark.parametrize("thread", ["main", "other"])
def test_atomic_write_interrupted_by_a_second_signal_leaves_nothing(
    what: str, thread: str, tmp_path: Path
) -> None:
    with writing(tmp_path, what, thread) as process:
        assert len(half_made(tmp_path)) >= 1
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 130
    assert half_made(tmp_path) == []


@KINDS
def test_temporary_files_of_a_killed_process_are_removed_at_the_next_start(
    what: str, tmp_path: Path
) -> None:
    with writing(tmp_path, what) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    assert len(half_made(tmp_path)) >= 1
    with scratch_folder(tmp_path):
        pass
    assert half_made(tmp_path) == []


@pytest.mark.slow
@KINDS
def test_temporary_files_of_a_running_process_stay(what: str, tmp_path: Path) -> None:
    with writing(tmp_path, what):
        before = half_made(tmp_path)
        remove_unfinished(tmp_path / "tmp")
        assert half_made(tmp_path) == before != []


def test_atomic_write_that_cannot_rename_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="file"):
        write_atomically(tmp_path / "file", b"x", tmp_path / "tmp")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "tmp"]


def test_run_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "runs" / "one"
    with pytest.raises(ValueError, match="no"), new_folder(target, tmp_path / "tmp"):
        raise ValueError("no")
    assert not target.exists()
    with new_folder(target, tmp_path / "tmp") as making:
        (making / "x").write_text("y")
        assert not target.exists()
    assert (target / "x").read_text() == "y"
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.slow
def test_atomic_writes_and_cleanups_may_run_at_the_same_time(tmp_path: Path) -> None:
    scratch, over = tmp_path / "tmp", threading.Event()
    scratch.mkdir()

    def sweep() -> None:
        while not over.is_set():
            remove_unfinished(scratch)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for number in range(200):
            write_atomically(tmp_path / "file", b"%d" % number, scratch)
    finally:
        over.set()
        sweeper.join()
    assert (tmp_path / "file").read_bytes() == b"199"
    assert list(scratch.iterdir()) == []
