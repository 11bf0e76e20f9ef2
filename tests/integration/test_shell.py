"""What is around a run: shells in boxes, on a real terminal too, and what looks after the machine."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from rig import HELLO_13, PATIENCE, ROOT, Person, boxes, hello

BREAK = ("--patch", "breaks/missing-header.patch")
HUNDRED_YEARS = "5000w"


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    home = tmp_path_factory.mktemp("around")
    return Person(hello(home / "hello"), home)


@pytest.fixture(scope="module")
def kept(person: Person, engine: Any) -> Iterator[str]:
    """The box of a run that failed."""
    run = person.runs(HELLO_13, *BREAK, "--keep")
    assert run.code == 1, run.told
    yield run.result["box"]
    engine.api.remove_container(run.result["box"], force=True)
    assert f"ciforge shell {HELLO_13}\n" in run.out, "the command that is printed leads elsewhere"


@pytest.mark.parametrize("name", [HELLO_13, "debian-13/default"])
def test_shell_enters_a_kept_container_as_it_is(person: Person, kept: str, name: str) -> None:
    shell = person.types("shell", name, text="pwd; id -un; ls config.status; exit 7\n")
    assert (shell.code, shell.out) == (7, "/ciforge/src\nciforge\nconfig.status\n")
    assert kept in shell.err


def test_kept_container_still_has_its_files(person: Person, kept: str) -> None:
    assert person.types("shell", HELLO_13, text="echo mine >note\n").code == 0
    assert person.types("shell", HELLO_13, "--root", text="id -u; cat note\n").out == "0\nmine\n"


def test_step_can_be_repeated_in_a_kept_container(person: Person, kept: str) -> None:
    shell = person.types("shell", HELLO_13, text="sh -e /ciforge/steps/build.sh\n")
    assert shell.code == 2
    assert "event.h: No such file" in shell.err


def test_shell_keeps_standard_output_and_error_apart(person: Person, kept: str) -> None:
    text = "echo one; echo two >&2; ls /nowhere; seq 50000\n"
    shell = person.types("shell", HELLO_13, text=text)
    assert shell.out.splitlines() == ["one", *map(str, range(1, 50001))]
    assert "two\n" in shell.err
    assert "/nowhere" in shell.err


def test_shell_opens_a_new_container_at_the_failed_step(person: Person, kept: str) -> None:
    shell = person.types("shell", HELLO_13, *BREAK, text="ls config.status src/hello 2>/dev/null\n")
    assert "build  exit 2" in shell.err
    assert shell.out == "config.status\n"
    assert kept not in shell.err


def test_shell_opens_after_the_last_step(person: Person, kept: str) -> None:
    shell = person.types(
        "shell", HELLO_13, "--fresh", text="stat -c '%a %G' /usr/local/bin/hello\n"
    )
    assert (shell.code, shell.out) == (0, "2555 _hello\n")
    assert "expect" in shell.err


@pytest.mark.parametrize(
    ("step", "there", "missing"),
    [("prepare", "bootstrap", "configure"), ("bootstrap", "configure", "config.status")],
)
def test_shell_opens_after_the_named_step(
    person: Person, kept: str, step: str, there: str, missing: str
) -> None:
    text = f"test -e {there} && ! test -e {missing}\n"
    shell = person.types("shell", HELLO_13, "--after", step, text=text)
    assert (shell.code, shell.out) == (0, ""), shell.told


def test_shell_adds_no_run_to_the_history(person: Person, kept: str) -> None:
    before = person.types("history").out
    assert person.types("shell", HELLO_13, "--after", "prepare").code == 0
    assert person.types("history").out == before
    assert len(before.splitlines()) == 1


def test_shell_names_the_step_that_timed_out(person: Person, tmp_path: Path) -> None:
    file = person.here / "slow.yml"
    text = (person.here / "ciforge.yml").read_text()
    slow = "steps: {configure: {run: sleep 60, timeout: 2}}"
    file.write_text(text.replace("steps: {check: true}", slow))
    shell = person.types("shell", HELLO_13, "--file", file, "--fresh", text="echo no\n")
    file.unlink()
    assert (shell.code, shell.out) == (1, ""), shell.told
    assert f"hint: ciforge shell {HELLO_13} --after bootstrap" in shell.err


@attrs.define
class Terminal:
    """`ciforge shell` as a person has it, on a terminal of their own."""

    pid: int
    fd: int
    before: list[Any]

    @classmethod
    def open(cls, person: Person, *words: str) -> "Terminal":
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(person.here)
            command = person.command("shell", *words)
            os.execve(command[0], command, person.env(TERM="xterm"))
        before = termios.tcgetattr(fd)
        return cls(pid, fd, before)

    def resize(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def types(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def hears(self, wanted: str, seconds: float = 60) -> str:
        """What is printed up to and with that."""
        heard, end = "", time.monotonic() + seconds
        while not re.search(wanted, heard) and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.2)[0]:
                heard += self._read()
        assert re.search(wanted, heard), heard
        return heard

    def _read(self) -> str:
        return os.read(self.fd, 65536).decode()

    def ends(self, seconds: float = 30) -> int:
        """Its exit code; what it still prints is read, as a terminal does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            if self.fd >= 0 and select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self._read()
                except OSError:  # the other side is closed
                    time.sleep(0.1)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError("it did not end")

    def close(self) -> None:
        os.close(self.fd)
        self.fd = -1


def boxes_of(terminal: Terminal, engine: Any) -> list[str]:
    """The boxes that this process has opened: other people's jobs have the same name."""
    found = boxes(engine, job=HELLO_13)
    owned = [
        one for one in found if one["Labels"]["org.ciforge.owner"].startswith(f"{terminal.pid}:")
    ]
    return [one["Id"] for one in owned]


@pytest.mark.alone  # signals of the terminal are given half a second
def test_shell_has_a_terminal(person: Person, kept: str) -> None:
    terminal = Terminal.open(person, HELLO_13)
    terminal.resize(31, 91)
    terminal.hears(r"\$ $")
    terminal.types("stty size; test -t 0 && echo ter\\minal $TERM\n")
    assert "31 91" in terminal.hears("terminal xterm")
    terminal.resize(44, 111)
    time.sleep(0.5)
    terminal.types("stty size\n")
    terminal.hears("44 111")
    terminal.types("sleep 1000\n")
    time.sleep(0.5)
    terminal.types("\x03true; echo still he\\re\n")
    terminal.hears("still here")
    terminal.types("\x04")
    assert terminal.ends() == 0
    assert termios.tcgetattr(terminal.fd) == terminal.before
    terminal.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_terminated_shell_leaves_no_container(
    person: Person, engine: Any, number: signal.Signals
) -> None:
    terminal = Terminal.open(person, HELLO_13, "--after", "prepare")
    terminal.hears(r"\$ $")
    assert len(boxes_of(terminal, engine)) == 1
    os.kill(terminal.pid, number)
    assert terminal.ends() == 130
    assert termios.tcgetattr(terminal.fd) == terminal.before
    terminal.close()
    assert boxes_of(terminal, engine) == []


def test_closed_terminal_leaves_no_container(person: Person, engine: Any) -> None:
    terminal = Terminal.open(person, HELLO_13, "--after", "prepare")
    terminal.hears(r"\$ $")
    assert len(boxes_of(terminal, engine)) == 1
    terminal.close()
    assert terminal.ends() == 130
    assert boxes_of(terminal, engine) == []


def test_clean_dry_run_lists_what_it_would_remove(person: Person, kept: str, engine: Any) -> None:
    run = person.types("history").out.split()[0]
    said = person.types("clean", "--older-than", "0d", "--dry-run")
    assert said.code == 0, said.told
    assert said.out.splitlines()[0] == f"would remove run {run}"
    assert f"would remove container {kept} of {HELLO_13}" in said.out
    assert re.search(r"^would remove image ciforge/deps:\w+, \d+ MiB$", said.out, re.M)
    assert engine.api.inspect_container(kept)["State"]["Running"]
    assert person.types("log", HELLO_13).code == 0


def test_clean_kept_removes_only_kept_containers(
    person: Person, engine: Any, tmp_path: Path
) -> None:
    other = Person(hello(tmp_path / "other"), tmp_path)
    file = other.here / "ciforge.yml"
    file.write_text(file.read_text().replace("project: hello-portable", "project: swept"))
    run = other.runs(HELLO_13, *BREAK, "--keep")
    assert run.code == 1, run.told
    done = other.types("clean", "--kept")
    assert done.out == f"removed container {run.result['box']} of {HELLO_13}\n", done.told
    assert boxes(engine, project="swept") == []
    assert len(other.types("history").out.splitlines()) == 1


def test_clean_removes_nothing_younger_than_its_age(person: Person, kept: str) -> None:
    done = person.types("clean", "--older-than", HUNDRED_YEARS)
    assert (done.code, done.out) == (0, "")
    assert f"nothing is older than {HUNDRED_YEARS}" in done.err


def test_doctor_finds_an_engine_that_jobs_run_on(person: Person) -> None:
    looked = person.types("doctor", "--json")
    found = {one["check"]: one for one in map(json.loads, looked.out.splitlines())}
    assert (looked.code, found["engine"]["verdict"]) == (0, "ok")
    assert found["engine"]["found"].startswith("Docker ")


def test_doctor_without_an_engine_ends_with_3(person: Person) -> None:
    assert person.types("doctor", DOCKER_HOST="unix:///nowhere.sock").code == 3


def test_history_finds_runs_by_selectors(person: Person, kept: str) -> None:
    (line,) = person.types("history", "debian-13").out.splitlines()
    assert f"{HELLO_13}  failed in build" in line
    assert "event.h: No such file" in person.types("log", "debian-13").out


def test_man_pages_are_installed_with_the_wheel(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    words = ["install", "--no-deps", "--no-warn-script-location", "--ignore-installed"]
    done = subprocess.run(
        [*pip, *words, "--prefix", str(tmp_path), str(ROOT)], cwd="/", capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for page in ("man1/ciforge.1", "man5/ciforge.yml.5"):
        there = tmp_path / "share" / "man" / page
        assert there.read_text() == (ROOT / "man" / there.name).read_text()
