"""A lock keeps processes and threads apart, and ends with its holder."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ciforge.file_lock import locked, try_lock

HOLDER = """
import sys, time
from pathlib import Path
from ciforge.file_lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def is_free(file: Path) -> bool:
    with file.open("rb") as opened:
        return try_lock(opened.fileno())


def test_file_is_private_and_stays_and_its_lock_ends_with_the_block(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with locked(file):
        assert not is_free(file)
    assert is_free(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, file], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert not is_free(file)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert is_free(file)


def test_lock_does_not_pass_to_a_program_that_is_started(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with locked(file):
        child = subprocess.Popen(["sleep", "600"], close_fds=False)
    assert is_free(file)
    child.kill()
    child.wait()


def test_lock_makes_threads_of_one_process_wait_and_says_so(tmp_path: Path) -> None:
    file, waits, got = tmp_path / "lock", threading.Event(), threading.Event()

    def second() -> None:
        with locked(file, on_wait=waits.set):
            got.set()

    thread = threading.Thread(target=second)
    with locked(file):
        thread.start()
        assert waits.wait(30)
        assert not got.is_set()
    assert got.wait(30)
    thread.join()


def test_waiting_for_a_file_lock_may_be_given_up(tmp_path: Path) -> None:
    tries = []

    def give_up() -> None:
        tries.append(1)
        if len(tries) == 3:
            raise TimeoutError

    with (
        locked(tmp_path / "lock"),
        pytest.raises(TimeoutError),
        locked(tmp_path / "lock", between_tries=give_up),
    ):
        raise AssertionError("two hold one lock")
    assert len(tries) == 3


def test_lock_file_that_is_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="lock"), locked(tmp_path / "lock"):
        pass
    assert not (tmp_path / "other").exists()
