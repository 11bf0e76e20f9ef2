"""The script around the steps on a machine that is no container, in every shell."""

import secrets
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from bsd_tools import BSD, BSD_HEAD, DARWIN_PS
from projects import SHELLS

from ciforge.render.host_scripts import HOST, PROBE
from ciforge.render.wrapper import STEP, STEP_OF_LOGIN, SYSTEM_PATH

pytestmark = pytest.mark.slow

Shell = tuple[str, ...]
SHELLCHECK = shutil.which("shellcheck")
KORN = tuple((name,) for name in ("oksh", "yash") if shutil.which(name))
EVERY_SHELL = (
    SHELLS[0],
    *(pytest.param(one, marks=pytest.mark.slow) for one in (*SHELLS[1:], *KORN)),
)
"""Those of a container, and others that are `/bin/sh` of a BSD: oksh is that of OpenBSD."""
SCRIPTS = {"host": HOST, "probe": PROBE, "step": STEP_OF_LOGIN}


class Place:
    """A folder for jobs, and programs that come before those of the system."""

    def __init__(self, root: Path) -> None:
        self.job = root / "job"
        self.programs = root / "programs"
        self.token = secrets.token_hex(8)
        self.programs.mkdir()
        (self.job / "records").mkdir(parents=True)
        (self.job / "src").mkdir()

    def runs(self, shell: Shell, *words: str, proc: str = "/proc") -> str:
        """What the script prints; it has to succeed. `proc` is where it looks for processes first."""
        text = HOST.replace("/ciforge", str(self.job)).replace("/proc/", f"{proc}/")
        text = text.replace(f"PATH={SYSTEM_PATH}", f"PATH={self.programs}:{SYSTEM_PATH}")
        done = subprocess.run(
            [*shell, "-c", text, "host", self.token, "", *words], capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return done.stdout

    def has(self, name: str, text: str) -> None:
        """A program of that name."""
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    @property
    def manifest(self) -> list[str]:
        """What was installed: type, mode and path."""
        lines = (self.job / "records/manifest.txt").read_text().splitlines()
        return [" ".join((line.split(" ", 4))[index] for index in (0, 1, 4)) for line in lines]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize("name", SCRIPTS)
def test_host_script_is_sh_for_every_shell(name: str, shell: Shell) -> None:
    done = subprocess.run(
        [*shell, "-n"], input=SCRIPTS[name].encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_has_nothing_to_say_about_a_host_script(name: str) -> None:
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "-"], input=SCRIPTS[name].encode(), capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.stdout.decode() == ""


def test_step_wrapper_of_a_machine_differs_by_its_user_alone() -> None:
    changed = [
        (old, new)
        for old, new in zip(STEP.splitlines(), STEP_OF_LOGIN.splitlines(), strict=True)
        if old != new
    ]
    assert changed == [('if [ "$user" = ciforge ]; then', 'if [ "$user" != root ]; then')]


FIND_OF_ROOT = """#!/bin/sh
# Two files of a folder as GNU find prints them by numbers, of a user that has a name and of one that has none.
[ "$2" != -prune ] || exit 0
printf '1.5 7 0 file 644 0 0 %s/0 0 a\\n1.5 8 0 file 644 71 72 %s/b\\n' "$1" "$1"
"""
CALLED = (
    "awk", "cat", "comm", "cut", "dd", "df", "find", "grep", "head", "id", "mkdir", "mv", "ps", "rm", "sed",
    "sort", "stat", "tr",
)  # fmt: skip


def in_one(program: str, listing: str) -> object:
    """The programs that a real one has in itself, which is the case for systems with busybox or toybox."""
    if not shutil.which(program):
        return pytest.param({}, marks=pytest.mark.skip(f"{program} is not installed"))
    done = subprocess.run([program, *listing.split()], capture_output=True, text=True, check=True)
    names = {*done.stdout.split()}.intersection(CALLED)
    return {name: f'#!/bin/sh\nexec {program} {name} "$@"\n' for name in names}


AWK = shutil.which("original-awk")
"""The awk of all BSDs and of macOS; the scripts are run with it where it is installed."""
OF_BSD = {**BSD, **({"awk": f'#!/bin/sh\nexec {AWK} "$@"\n'} if AWK else {})}
TOOLS = [{}, OF_BSD, in_one("busybox", "--list"), in_one("toybox", "")]


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize("tools", TOOLS, ids=["gnu", "bsd", "busybox", "toybox"])
def test_install_manifest_is_the_same_with_every_kind_of_tools(
    place: Place, shell: Shell, tools: dict[str, str], tmp_path: Path
) -> None:
    for name, text in tools.items():
        place.has(name, text)
    installed = tmp_path / "destdir"
    place.runs(shell, "install-begins", str(installed))
    (installed / "usr/bin").mkdir(parents=True)
    (installed / "usr/bin/a").write_text("x")
    (installed / "usr/bin/a").chmod(0o2555)
    (installed / "usr/bin/b c").symlink_to("a")
    said = place.runs(shell, "after", "install", "somebody", str(installed))
    assert said.startswith("left 0\n")
    assert "\ndisk " in said
    assert place.manifest == [
        "dir 755 /usr", "dir 755 /usr/bin", "file 2555 /usr/bin/a", "link 777 /usr/bin/b c",
    ]  # fmt: skip


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_install_manifest_has_names_of_owners_and_numbers_where_there_is_none(
    place: Place, shell: Shell, tmp_path: Path
) -> None:
    known = {"passwd 0": "first", "group 0": "wheel"}
    cases = "".join(f"'{words}') echo {name}:x ;; " for words, name in known.items())
    place.has("getent", f'#!/bin/sh\ncase "$1 $2" in {cases}esac\n')
    place.has("find", FIND_OF_ROOT)
    installed = tmp_path / "destdir"
    installed.mkdir()
    (installed / "0 0 a").touch()
    place.runs(shell, "after", "install", "somebody", str(installed))
    found = (place.job / "records/manifest.txt").read_text()
    assert found == "file 644 first wheel /0 0 a\nfile 644 71 72 /b\n"


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("proc", "ps"), [("/proc", ""), ("/no/proc", ""), ("/no/proc", DARWIN_PS)],
    ids=["linux", "bsd", "darwin"],
)  # fmt: skip
def test_processes_of_a_job_are_found_by_their_mark_and_ended(
    place: Place, shell: Shell, proc: str, ps: str
) -> None:
    if ps:
        place.has("ps", ps)
    if proc != "/proc" and AWK:
        place.has("awk", OF_BSD["awk"])
    mine = subprocess.Popen(["sleep", "100"], env={"CIFORGE_TOKEN": place.token, "PATH": "/bin"})
    other = subprocess.Popen(
        ["sleep", "100"], env={"CIFORGE_TOKEN": place.token[:-1], "PATH": "/bin"}
    )
    try:
        assert str(mine.pid) in place.runs(shell, "processes", proc=proc)
        ended = place.runs(shell, "after", "build", "somebody", "", proc=proc)
        assert ended.startswith("left 1\n")
        assert mine.wait(10) < 0
        assert other.poll() is None
    finally:
        mine.kill()
        other.kill()
        mine.wait()
        other.wait()


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_exit_code_of_a_step_is_that_of_its_record_once(place: Place, shell: Shell) -> None:
    place.has("head", BSD_HEAD)
    (place.job / "records/me").mkdir()
    (place.job / "records/me/build.exit").write_text("7\n")
    assert "\nexit 7\n" in place.runs(shell, "after", "build", "me", "")
    assert "exit" not in place.runs(shell, "after", "build", "me", "")


HEAD_OF_OPENBSD = """#!/bin/sh
# head(1) of OpenBSD before it took -c from POSIX of 2024.
case $1 in -c*) echo 'usage: head [-count | -n count] [file ...]' >&2; exit 1 ;; esac
exec /usr/bin/head "$@"
"""


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_exit_code_is_read_without_the_head_of_gnu(place: Place, shell: Shell) -> None:
    place.has("head", HEAD_OF_OPENBSD)
    (place.job / "records/me").mkdir()
    (place.job / "records/me/build.exit").write_text("7\n")
    assert "\nexit 7\n" in place.runs(shell, "after", "build", "me", "")


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_child_of_a_recorded_process_without_mark_or_group_is_ended(
    place: Place, shell: Shell
) -> None:
    starter = subprocess.Popen(
        ["sh", "-c", "setsid sleep 100 & wait; sleep 0"], env={"PATH": "/bin:/usr/bin"}
    )
    try:
        (place.job / "groups").write_text(f"{starter.pid}\n")
        deadline = time.monotonic() + 10
        while "sleep 100" not in place.runs(shell, "processes") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert place.runs(shell, "after", "build", "somebody", "").startswith("left 1\n")
        assert starter.wait(10) == 0
    finally:
        starter.kill()
        starter.wait()


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_machine_says_what_it_is(shell: Shell) -> None:
    said = subprocess.check_output([*shell, "-c", PROBE], text=True).splitlines()
    words = {line.split(" ")[0] for line in said}
    assert words == {"user", "home", "os", "processor", "system", "processors"}
