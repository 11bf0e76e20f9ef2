"""The scripts of every box, run for real in a folder that stands for the box."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from projects import EVERY_SHELL

from ciforge.render.wrapper import SCRIPTS, SUPERVISE, SYSTEM_PATH

Shell = tuple[str, ...]
SHELLCHECK = shutil.which("shellcheck")


class Box:
    """A folder with the folders of a box in it, and the scripts made for it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.etc = "/etc"
        """Where it has the names of users and groups."""
        self.is_run_as = subprocess.check_output(["id", "-un"], text=True).strip()
        for name in ("bin", "steps", "records", "src", "home", "lib/ccache"):
            (root / "ciforge" / name).mkdir(parents=True)
        for user in {self.is_run_as, "root", "ciforge", "_smtpd"}:
            (root / "ciforge/records" / user).mkdir()
        (root / "proc").mkdir()
        self.programs = root / "programs"
        self.programs.mkdir()
        for name, text in SCRIPTS.items():
            self._program(root / "ciforge/bin" / name, self._moved(text))

    def _moved(self, text: str) -> str:
        moved = text.replace("/ciforge", f"{self.root}/ciforge")
        # Of the machine that the tests run on, only processes of a test's own are in this list.
        moved = moved.replace("/proc/", f"{self.root}/proc/").replace('"/etc/', f'"{self.etc}/')
        moved = moved.replace(f"PATH={SYSTEM_PATH}", f"PATH={self.programs}:{SYSTEM_PATH}")
        return moved.replace("find / ", f"find {self.root} ")

    def _program(self, file: Path, text: str) -> None:
        file.write_text(text)
        file.chmod(0o755)

    def is_run_by(self, user: str) -> None:
        """`id -un` says that we are `user`."""
        self.is_run_as = user
        self._program(self.programs / "id", f"#!/bin/sh\necho {user}\n")

    def supervise(
        self, *words: str, shell: Shell = ("sh",), **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        """What root does around a step, by a script from outside of the box."""
        command = [*shell, "-c", self._moved(SUPERVISE), "supervise", *words]
        return subprocess.run(command, env=self.env | env, capture_output=True, check=False)

    def install(
        self, text: str, shell: Shell = ("sh",), **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        """The install step between the two lists of files; nothing else is ended."""
        self.supervise("before", "install", shell=shell)
        done = self.step("install", text, shell, **env)
        self.supervise("after", "install", self.is_run_as, shell=shell)
        return done

    def shows(self, process: str) -> None:
        """Lists a process in the box, as one that can be ended."""
        (self.root / "proc" / process).symlink_to(f"/proc/{process}")

    def step(
        self, name: str, text: str, shell: Shell = ("sh",), **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self.command(name, text, shell), env=self.env | env, capture_output=True, check=False
        )

    def command(self, name: str, text: str, shell: Shell) -> list[str]:
        (self.root / "ciforge/steps" / f"{name}.sh").write_text(text)
        return [*shell, str(self.root / "ciforge/bin/step"), name]

    @property
    def env(self) -> dict[str, str]:
        return {"PATH": f"{self.programs}:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nowhere"}

    def record(self, name: str) -> str:
        return (self.root / "ciforge/records" / self.is_run_as / name).read_text()

    def manifest(self) -> list[str]:
        text = (self.root / "ciforge/records/manifest.txt").read_text()
        return text.replace(str(self.root), "").splitlines()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize("name", SCRIPTS)
def test_step_wrapper_has_no_syntax_error_in_any_shell(name: str, shell: Shell) -> None:
    done = subprocess.run(
        [*shell, "-n"], input=SCRIPTS[name].encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_accepts_the_step_wrapper(name: str) -> None:
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "-"], input=SCRIPTS[name].encode(), capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.stdout.decode() == ""


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("text", "code", "output"),
    [
        ("echo out; echo err >&2", 0, b"out\nerr\n"),
        ("echo a\nfalse\necho b", 1, b"a\n"),
        ("exit 7", 7, b""),
        ("cat", 0, b""),
        ("no-such-program 2>/dev/null", 127, b""),
        ("trap 'echo bye' EXIT\nexit 3", 3, b"bye\n"),
        ("printf '\\303\\050\\000end'", 0, b"\xc3(\x00end"),
    ],
)
def test_step_wrapper_keeps_the_exit_code_and_writes_a_record(
    text: str, code: int, output: bytes, shell: Shell, box: Box
) -> None:
    done = box.step("build", text, shell)
    assert (done.returncode, done.stdout) == (code, output)
    assert box.record("build.exit") == f"{code}\n"


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(("sent", "code"), [("TERM", 143), ("KILL", 137), ("SEGV", 139)])
def test_step_wrapper_names_the_signal_that_ended_a_step(
    sent: str, code: int, shell: Shell, box: Box
) -> None:
    assert box.step("build", f"kill -{sent} $$", shell).returncode == code
    assert box.record("build.exit") == f"{code}\n"


def test_step_wrapper_starts_in_the_source_with_a_clean_environment(box: Box) -> None:
    done = box.step(
        "build", 'pwd; umask; echo "$LC_ALL $TZ $HOME"', LC_ALL="de_DE", TZ="Asia/Tokyo"
    )
    assert done.stdout.decode() == f"{box.root}/ciforge/src\n0022\nC UTC /nowhere\n"


def test_step_wrapper_without_a_source_reports_an_uncertain_exit_code(box: Box) -> None:
    (box.root / "ciforge/src").rmdir()
    assert box.step("build", "echo never").returncode == 125
    assert not list((box.root / "ciforge/records").rglob("build.exit"))


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_step_wrapper_writes_its_record_when_its_group_is_killed(
    box: Box, sent: signal.Signals
) -> None:
    command = box.command("build", "echo ready\nsleep 60 & wait", ("sh",))
    with subprocess.Popen(
        command, env=box.env, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, sent)
        assert process.wait(timeout=10) == 128 + sent
    assert box.record("build.exit") == f"{128 + sent}\n"


def path_and_home(box: Box, user: str, cache: Path | None) -> list[str]:
    box.is_run_by(user)
    env = {"CCACHE_DIR": str(cache)} if cache else {}
    done = box.step("build", 'echo "${PATH%%:*}"; echo "$HOME"', ("sh",), **env)
    return done.stdout.decode().splitlines()


def test_step_wrapper_uses_ccache_for_the_unprivileged_user(box: Box) -> None:
    links, home = f"{box.root}/ciforge/lib/ccache", f"{box.root}/ciforge/home"
    assert path_and_home(box, "ciforge", box.root) == [links, home]


@pytest.mark.parametrize("user", ["root", "_smtpd"])
def test_step_wrapper_uses_no_ccache_for_other_users(user: str, box: Box) -> None:
    assert path_and_home(box, user, box.root) == [str(box.programs), "/nowhere"]


@pytest.mark.parametrize("cache", [None, Path("/no/such/folder")])
def test_step_wrapper_works_without_a_usable_ccache(cache: Path | None, box: Box) -> None:
    assert path_and_home(box, "ciforge", cache)[0] == str(box.programs)


INSTALL = """\
mkdir -p "$ROOT/usr/local/sbin" "$ROOT/etc"
echo x >"$ROOT/usr/local/sbin/tool"
chmod 2555 "$ROOT/usr/local/sbin/tool"
ln -s tool "$ROOT/usr/local/sbin/alias"
echo y >"$ROOT/usr/local/sbin/a file"
chmod 640 "$ROOT/there/changed-mode"
echo longer >"$ROOT/there/changed-text"
mv "$ROOT/there/moved" "$ROOT/there/here"
rm "$ROOT/there/gone"
mkdir "$ROOT/there/new"
chmod 700 "$ROOT/there/folder"
mkfifo "$ROOT/there/fifo"
"""


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_install_manifest_lists_new_and_changed_files(shell: Shell, box: Box) -> None:
    there = box.root / "there"
    (there / "folder").mkdir(parents=True)
    for name in ("kept", "changed-mode", "changed-text", "moved", "gone"):
        (there / name).write_text("x\n")
    done = box.install(INSTALL, shell, ROOT=str(box.root))
    assert (done.returncode, done.stderr) == (0, b"")
    who = f"{there.owner()} {there.group()}"
    assert box.manifest() == [
        f"dir 755 {who} /etc",
        f"file 640 {who} /there/changed-mode",
        f"file 644 {who} /there/changed-text",
        f"dir 700 {who} /there/folder",
        f"file 644 {who} /there/here",
        f"dir 755 {who} /there/new",
        f"dir 755 {who} /usr",
        f"dir 755 {who} /usr/local",
        f"dir 755 {who} /usr/local/sbin",
        f"file 644 {who} /usr/local/sbin/a file",
        f"link 777 {who} /usr/local/sbin/alias",
        f"file 2555 {who} /usr/local/sbin/tool",
    ]


PASSWD = """\
&bad name:x:71:71::/:/bin/sh
first:x:71:1::/:/bin/sh
second:x:71:1::/:/bin/sh
72:x:99:99::/:/bin/sh
"""


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_install_manifest_has_the_first_name_of_a_number_and_numbers_without_a_name(
    shell: Shell, box: Box
) -> None:
    (box.root / "etc").mkdir()
    (box.root / "etc/passwd").write_text(PASSWD)
    (box.root / "etc/group").write_text("wheel:x:0:root,first\ndaemons:x:71:\n")
    lines = "1.5 9 9 file 644 71 0 /a\n1.5 9 9 file 644 72 71 /b 71 71 c\n1.5 9 9 dir 755 0 99 /d"
    box._program(
        box.programs / "find", f"#!/bin/sh\n[ ! -e {box.root}/installed ] || echo '{lines}'\n"
    )
    box.supervise("before", "install", shell=shell)
    (box.root / "installed").touch()
    box.etc = str(box.root / "etc")
    box.supervise("after", "install", box.is_run_as, shell=shell)
    assert box.manifest() == [
        "file 644 first wheel /a",
        "file 644 72 daemons /b 71 71 c",
        "dir 755 0 99 /d",
    ]


def test_install_manifest_is_written_after_a_failed_install(box: Box) -> None:
    done = box.install('echo x >"$ROOT/half"\nexit 2', ROOT=str(box.root))
    assert done.returncode == 2
    assert [line.split()[-1] for line in box.manifest()] == ["/half"]


def test_install_manifest_is_not_written_by_other_steps(box: Box) -> None:
    box.supervise("before", "build")
    box.step("build", "true")
    box.supervise("after", "build", "ciforge")
    assert not (box.root / "ciforge/records/manifest.txt").exists()


def test_install_manifest_leaves_no_temporary_lists(box: Box) -> None:
    box.install("true")
    assert list((box.root / "ciforge/records").glob("files.*")) == []
    assert box.manifest() == []


def test_install_manifest_is_not_made_by_programs_that_the_install_added(box: Box) -> None:
    local = box.root / "local"
    local.mkdir()
    for name in ("find", "sort", "comm", "sed", "id", "sh"):
        (local / name).write_text("#!/bin/sh\necho file 4755 root root /forged\n")
        (local / name).chmod(0o755)
    path = f"{local}:{box.programs}:/usr/bin:/bin"
    shell = ("/bin/sh",)
    box.supervise("before", "install", PATH=path, shell=shell)
    box.step("install", 'echo x >"$ROOT/real"', shell, ROOT=str(box.root), PATH=path)
    box.supervise("after", "install", box.is_run_as, PATH=path, shell=shell)
    assert [line.split()[-1] for line in box.manifest()] == ["/real"]


LEAVES = """
exec >/dev/null 2>&1
sleep 300.5 &
(trap '' TERM; sleep 301.5) &
sh -c 'while :; do sleep 302.5 & wait; done' &
sleep 0.3
"""


def running(mark: str) -> list[str]:
    """Processes of that command line that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, state = (folder / "cmdline").read_bytes(), (folder / "stat").read_text()
        except OSError:
            continue
        if mark.encode() in command and state.rpartition(")")[2].split()[0] not in "ZX":
            found.append(folder.name)
    return found


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_step_wrapper_ends_and_counts_background_processes(shell: Shell, box: Box) -> None:
    mark = f"30{os.getpid()}"
    box.step("build", LEAVES.replace("30", mark), shell)
    left = running(mark)
    assert len(left) >= 3
    for process in left:
        box.shows(process)
    own = left[0]
    done = box.supervise("after", "build", box.is_run_as, own, shell=shell)
    assert running(mark) == [own]
    os.kill(int(own), signal.SIGKILL)
    said = done.stdout.decode().splitlines()
    assert said[0] == f"left {len(left) - 1}"
    assert "exit 0" in said
    assert said[-1].startswith("disk ")


@pytest.mark.parametrize("made", ["ln -s /etc/passwd", "mkfifo", "mkdir"])
def test_step_record_that_is_no_file_is_ignored(made: str, box: Box) -> None:
    record = box.root / "ciforge/records" / box.is_run_as / "build.exit"
    subprocess.run(f"{made} {record}", shell=True, check=True)
    done = box.supervise("after", "build", box.is_run_as)
    assert [line for line in done.stdout.decode().splitlines() if line.startswith("exit")] == []
    assert not os.path.lexists(record)


def test_step_scripts_are_removed_after_a_step_of_root(box: Box) -> None:
    box.supervise("after", "build", "ciforge")
    assert (box.root / "ciforge/bin/step").exists()
    box.supervise("after", "build", "root")
    assert not (box.root / "ciforge/bin").exists()
    assert not (box.root / "ciforge/steps").exists()


def test_step_wrapper_knows_the_processes_of_the_container_before_the_first_step(box: Box) -> None:
    box.shows(str(os.getpid()))
    said = box.supervise("open").stdout.decode().splitlines()
    assert f"pid {os.getpid()}" in said
    assert said[-1].startswith("disk ")
