"""The observer of steps, run for real in a folder that stands for a container."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pytest
from projects import EVERY_SHELL

from ciforge.engines.step_observer import StepObservation, StepObserver
from ciforge.render.observer import MADE, OBSERVE, OBSERVE_PATH

pytestmark = pytest.mark.slow


_PLACES = re.compile(r"(?<![\w/.])/(ciforge|tmp|var/tmp|dev/shm)\b|(?<=find )/(?= -xdev)")
"""The folders that the script names."""


@attrs.define
class Folder:
    """A folder with the folders of a container in it."""

    root: Path
    shell: tuple[str, ...] = ("sh",)

    @property
    def source(self) -> Path:
        return self.root / "ciforge/src"

    def output(self, script: str, *, patient: bool = False) -> bytes:
        """Runs a script there; what it prints has the paths of a container."""
        here = _PLACES.sub(lambda found: f"{self.root}{found[0]}", script)
        done = subprocess.run([*self.shell, "-c", here], capture_output=True, check=False)
        return done.stdout.replace(str(self.root).encode(), b"")

    def read(self, path: str, limit: int) -> bytes | None:
        file = self.root / path.lstrip("/")
        return file.read_bytes()[:limit] if file.is_file() else None

    def sees(self, command: str) -> StepObservation | None:
        """A step that runs a command in the source."""
        helper: Any = self
        observer = StepObserver(helper, {OBSERVE_PATH: OBSERVE}, self.read)
        assert observer.begin()
        subprocess.run(["sh", "-ec", command], cwd=self.source, check=True)
        return observer.end()


@pytest.mark.parametrize("link", ["symlink", "fifo"])
def test_observer_writes_through_nothing_that_a_step_left(folder: "Folder", link: str) -> None:
    target = folder.root / "usr/lib/theirs"
    target.write_text("theirs")
    for name in (".ciforge-probe", ".ciforge-probe.copy", "probe", "probe.copy"):
        place = folder.source / name
        place.symlink_to(target) if link == "symlink" else os.mkfifo(place)
    helper: Any = folder
    observer = StepObserver(helper, {OBSERVE_PATH: OBSERVE}, folder.read)
    assert observer.begin()
    assert target.read_text() == "theirs"
    assert not [
        one for one in folder.source.iterdir() if one.name.startswith(".ciforge-") and one.is_dir()
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    found = Folder(tmp_path / "box")
    for name in ("ciforge/src/sub", "ciforge/home", "ciforge/records/root", "tmp", "var/tmp", "dev/shm", "usr/lib"):  # fmt: skip
        (found.root / name).mkdir(parents=True)
    for name in ("configure.ac", "main.c", "sub/probe.c", "name with spaces"):
        (found.source / name).write_text(f"{name}\n")
    return found


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_observer_lists_what_a_step_read_and_made(folder: Folder, shell: tuple[str, ...]) -> None:
    folder.shell = shell
    seen = folder.sees("cat configure.ac 'name with spaces' >made; mkdir new; ln -s made new/link")
    assert seen is not None
    assert seen.read & {"configure.ac", "main.c", "sub/probe.c"} == {"configure.ac"}
    assert "name with spaces" in seen.read
    found = {file.path: (file.mode, file.data, file.target) for file in seen.made}
    assert found["made"][1] == b"configure.ac\nname with spaces\n"
    assert found["new/link"][2] == "made"
    assert set(found) == {"made", "new", "new/link"}
    times = [file.mtime for file in seen.made if file.path == "made"]
    assert seen.began <= times[0] <= seen.ended


@pytest.mark.parametrize(
    "command",
    [
        "cp sub/probe.c copy.c",
        "sed -i s/x/y/ sub/probe.c",
        "cat sub/*.c >/dev/null",
        "read -r line <sub/probe.c",
        "(cd sub && cat probe.c) >copy",
    ],
)
def test_observer_sees_every_way_to_read_a_file(folder: Folder, command: str) -> None:
    seen = folder.sees(command)
    assert seen is not None
    assert "sub/probe.c" in seen.read
    assert "main.c" not in seen.read


@pytest.mark.parametrize(
    "command",
    [
        "rm main.c",
        "mv main.c other.c",
        "ln main.c other.c",
        "echo lib >../../usr/lib/libfoo.a",
        "echo x >../../tmp/x",
        "echo x >../home/.cache",
        "chmod 700 sub",
        "mkfifo pipe",
        "echo x >'back\\slash'",
        "touch 'two\nlines'",
    ],
)
def test_step_that_does_more_than_make_files_is_not_observed(folder: Folder, command: str) -> None:
    assert folder.sees(command) is None


def test_step_that_made_nothing_is_observed(folder: Folder) -> None:
    seen = folder.sees("echo nothing")
    assert seen is not None
    assert (seen.made, folder.read(MADE, 1)) == ((), None)


def test_observer_has_configure_run_without_earlier_results(folder: Folder) -> None:
    answers = folder.root / "ciforge/bin/answers"
    answers.parent.mkdir()
    answers.write_text("")
    answers.chmod(0o755)
    assert folder.sees("test ! -x ../bin/answers") is not None
    assert answers.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_observer_has_no_syntax_error_in_any_shell(shell: tuple[str, ...]) -> None:
    done = subprocess.run([*shell, "-n"], input=OBSERVE.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_accepts_the_observer() -> None:
    # Its functions are called by the name that it is given.
    words = ["shellcheck", "--shell=sh", "--exclude=SC2329,SC2317", "-"]
    done = subprocess.run(words, input=OBSERVE.encode(), capture_output=True, check=False)
    assert done.stdout.decode() == ""
