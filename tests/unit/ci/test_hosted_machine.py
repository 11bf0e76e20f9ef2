"""The hosted scripts on a machine that is no container: with the programs of a BSD, in every shell, without a virtual machine.

`ssh` is a stand-in that runs the command here, as are the programs that need root, and the package manager.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from job_trees import in_tree
from projects import SHELLS, jobs, real_catalogue

from ciforge.app.project_templates import shipped_workflows
from ciforge.ci.hosted_machines import with_machines
from ciforge.ci.job_files import job_files
from ciforge.model.result import Result
from ciforge.render.wrapper import SYSTEM_PATH
from ciforge.store.documents import from_document

pytestmark = pytest.mark.slow

EVERY = (*SHELLS, *((name,) for name in ("oksh", "yash") if shutil.which(name)))
JOB = "r/freebsd-15/default"
PROJECT = """
project: p
repos:
  r:
    path: .
    recipe: make
    users: {_daemon: /var/empty}
    steps:
      build: {run: "sh build.sh", timeout: TIMES}
      install: false
      check: true
jobs: [r/freebsd-15/default]
"""

# Each program, and what it does in place of that of a BSD.
PROGRAMS = {
    # Options, host, command: the login shell of the guest runs the command.
    "ssh": """while [ "$1" = -o ]; do shift 2; done
[ ! -f "$HOME/lost" ] || { echo 'ssh: connect to host freebsd port 22: Connection refused' >&2; exit 255; }
[ "$1" = freebsd ] || exit 9
PATH=$PROGRAMS:/usr/bin:/bin exec csh_or_sh -c "$2" """,
    "csh_or_sh": 'exec sh "$@"',
    "su": """# su -m USER -c COMMAND
[ "$1 $3" = '-m -c' ] || exit 9
echo "$2" >>"$HOME/accounts"
exec sh -c "$(echo "$4" | sed "s/^env -i /env -i LOGIN=$2 /")" """,
    "id": """case "$*" in
-u) echo 0 ;;
-un) echo "${LOGIN:-root}" ;;
*) grep -q "^$2$" "$HOME/users" ;;
esac""",
    "pw": """[ "$1" != useradd ] || echo "$2" >>"$HOME/users" """,
    "chown": ":",
    "uname": """case $1 in -s) echo FreeBSD ;; -r) echo "$(cat "$HOME/release")" ;; -m) echo amd64 ;; *) echo FreeBSD ;; esac""",
    "pkg": """case $1 in
query) echo 'gmake 4.4.1' ;;
install) cat "$HOME/said"; exit "$(cat "$HOME/code")" ;;
esac""",
}


# What a BSD has in place of GNU's programs.
USERLAND = {
    "stat": """case $1 in
-f) case $2 in %m) exec /usr/bin/stat -c %Y "$3" ;; %Lp) exec /usr/bin/stat -c %a "$3" ;; esac ;;
esac
echo 'stat: illegal option' >&2
exit 1""",
    "date": """case "$*" in
'-u -r '*) exec /bin/date -u -d "@$3" "$4" ;;
*' -d '*) echo 'date: illegal option -- d' >&2; exit 1 ;;
esac
exec /bin/date "$@" """,
    "sort": """case $1 in -z*) echo 'sort: unknown option -- z' >&2; exit 2 ;; esac
exec /usr/bin/sort "$@" """,
    "head": """case $1 in -c*) echo 'usage: head [-count | -n count] [file ...]' >&2; exit 1 ;; esac
exec /usr/bin/head "$@" """,
    "cpio": """[ "$1" = -pdm ] || exit 1
tar -cf - --no-recursion -T - | tar -xf - -C "$2" """,
    **dict.fromkeys(("sha256sum", "timeout", "stdbuf"), "exit 127"),
}
OF_BSD = {"awk": "original-awk", "cpio": "bsdcpio", "tar": "bsdtar"}
"""Programs of the BSDs that Debian has, which take the place of stand-ins where they are installed."""
USERLAND |= {name: f'exec {real} "$@"' for name, real in OF_BSD.items() if shutil.which(real)}


class Guest:
    """A job's files, a source, and a machine that is reached by the stand-in of ssh."""

    def __init__(
        self,
        root: Path,
        shell: Sequence[str],
        build: str,
        seconds: int = 60,
        *,
        boots: bool = True,
        installs: bool = False,
    ) -> None:
        self.root, self.shell = root, shell
        self.tree, self.programs = root / "tree", root / "programs"
        (self.programs).mkdir(parents=True)
        for name, text in PROGRAMS.items():
            self.has(name, text)
        for name, text in (
            ("release", "15.1-RELEASE\n"),
            ("said", ""),
            ("code", "0\n"),
            ("users", ""),
        ):
            (root / name).write_text(text)
        text = PROJECT.replace("TIMES", str(seconds))
        if installs:
            text = text.replace("install: false", 'install: {run: "true"}')
        listed = jobs(text, real_catalogue())
        (job,) = with_machines(tuple(listed.values()), lambda _: True)
        self.steps = tuple(step.name for step in job.steps)
        files = dict(
            job_files((job,), shipped_workflows().scripts_for("github"), "ci", boots=boots)
        )
        # No folder at the top of this machine, and the programs above before those of the system.
        place = f"place={root}/guest/job\n"
        files = {
            name: re.sub("(?m)^place=.*\n", place, text) if "/systems/" in name else text
            for name, text in files.items()
        }
        for name in ("ci/bin/host", "ci/bin/probe", "ci/bin/machine-step"):
            files[name] = files[name].replace(SYSTEM_PATH, f"{self.programs}:{SYSTEM_PATH}")
        in_tree({**files, "build.sh": build, "Makefile": "check:\n\t@echo tested\n"}, self.tree)
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "x")

    def has(self, name: str, text: str) -> None:
        (self.programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.programs / name).chmod(0o755)

    def git(self, *words: str) -> None:
        names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", "-C", self.tree, *names, *words], check=True)

    def script(self, *words: str) -> int:
        """Runs a script as a step of the service does; its exit status."""
        done = subprocess.run(
            [*self.shell, f"ci/{words[0]}", *words[1:]], cwd=self.tree, check=False, timeout=120,
            env={
                "PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": str(self.root), "CIFORGE_JOB": JOB,
                "PROGRAMS": str(self.programs), "RUNNER_TEMP": str(self.root / "temp"),
            },
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.said = done.stdout.decode()
        return done.returncode

    def runs(self) -> Result:
        """The result after all steps, of which the first that fails is the last."""
        if self.script("prepare-machine.sh") == 0:
            for name in self.steps:
                if self.script("step.sh", name):
                    break
        self.script("finish.sh")
        return self.result

    @property
    def result(self) -> Result:
        text = (self.root / "temp/ciforge/result/result.json").read_bytes()
        return from_document(text, Result)

    @property
    def log(self) -> str:
        return (self.root / "temp/ciforge/result/log.txt").read_text()


@pytest.fixture(params=EVERY, ids=lambda words: words[0])
def shell(request: pytest.FixtureRequest) -> Sequence[str]:
    found: Sequence[str] = request.param
    return found


def test_job_on_a_machine_passes_with_its_packages_and_account(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    guest = Guest(
        tmp_path, shell, 'echo "built by $(id -un) in $PWD"\ntest "$HOME" != "${HOME%/job/home}"\n'
    )
    result = guest.runs()
    assert (result.status.value, result.reason) == ("passed", ""), guest.log
    assert [step.name for step in result.steps] == ["prepare", "build", "check"]
    assert result.packages == {"gmake": "4.4.1"}
    assert result.base == "freebsd (freebsd-15.1-release, amd64)" or "freebsd" in result.base
    assert result.lacks == ("isolated network", "memory limit", "process limit", "disk limit")
    assert (tmp_path / "accounts").read_text() == "ciforge\nciforge\n"
    assert (tmp_path / "users").read_text() == "ciforge\n_daemon\n"
    assert "built by ciforge in /ciforge/src" in guest.log


def test_failed_step_on_a_machine_has_its_exit_code_and_last_lines(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    result = Guest(tmp_path, shell, "echo wrong\nexit 3\n").runs()
    assert (result.status.value, result.failed_step) == ("failed", "build")
    assert result.reason == "build ended with exit code 3"
    assert [step.exit_code for step in result.steps] == [0, 3]
    assert result.tail == ("wrong",)


def test_step_on_a_machine_ends_at_its_time_limit_with_its_processes(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    guest = Guest(tmp_path, shell, "echo begins\nsleep 321 &\nsleep 321\n", seconds=2)
    began = time.monotonic()
    result = guest.runs()
    assert (result.status.value, result.failed_step) == ("timed-out", "build")
    assert result.limit is not None and result.limit.value == "time"
    assert "build is at its limit; its processes:" in guest.log
    assert "sleep 321" in guest.log
    assert time.monotonic() - began < 60


def test_package_that_the_manager_does_not_know_fails_the_job(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    guest = Guest(tmp_path, shell, "")
    (tmp_path / "said").write_text(
        "pkg: No packages available to install matching 'gmake' have been found in the repositories\n"
    )
    (tmp_path / "code").write_text("1\n")
    result = guest.runs()
    assert (result.status.value, result.reason) == ("failed", "there is no package 'gmake'")
    assert [step.exit_code for step in result.steps] == [1]


def test_dead_mirror_is_tried_again_and_is_no_failure_of_the_source(tmp_path: Path) -> None:
    guest = Guest(tmp_path, ("sh",), "")
    (tmp_path / "said").write_text("Unable to update repository FreeBSD\n")
    (tmp_path / "code").write_text("1\n")
    result = guest.runs()
    assert result.status.value == "infrastructure"
    assert (
        result.reason == "the package mirror does not answer: Unable to update repository FreeBSD"
    )
    assert "once more in 3 s" in guest.log


def test_machine_of_another_release_is_refused(tmp_path: Path) -> None:
    guest = Guest(tmp_path, ("sh",), "")
    (tmp_path / "release").write_text("14.3-RELEASE\n")
    result = guest.runs()
    assert result.status.value == "infrastructure"
    assert result.reason.startswith("this machine runs ")
    assert result.reason.endswith(", not freebsd-15")


def test_lost_connection_makes_no_job_green_or_failed(tmp_path: Path) -> None:
    guest = Guest(tmp_path, ("sh",), f"touch {tmp_path}/lost\n")
    result = guest.runs()
    assert result.status.value == "infrastructure"
    assert "its own record says nothing" in result.reason


def test_daemon_that_a_step_left_running_is_ended(tmp_path: Path) -> None:
    guest = Guest(tmp_path, ("sh",), "sleep 654 &\n")
    assert guest.runs().status.value == "passed"
    assert "processes that build left running: 1; they were ended" in guest.log


def test_manifest_of_a_machine_has_what_the_install_changed(tmp_path: Path) -> None:
    guest = Guest(tmp_path, ("sh",), "", installs=True)
    # Lists the files of the system: the second time there is another one.
    guest.has(
        "find",
        """case "$*" in
*printf*-type*) ;;
*) exit 0 ;;
esac
echo '1.0 1 1 file 755 root wheel /usr/bin/cc'
if [ -f "$HOME/listed" ]; then echo '2.0 2 2 file 755 root wheel /usr/local/bin/p'; fi
touch "$HOME/listed" """,
    )
    result = guest.runs()
    assert (result.status.value, result.reason) == ("passed", ""), guest.log
    assert "install" in guest.steps
    manifest = tmp_path / "temp/ciforge/result/artifacts/manifest.txt"
    assert manifest.read_text() == "file 755 root wheel /usr/local/bin/p\n"


def test_job_on_the_machine_of_the_scripts_needs_no_program_of_gnu(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    guest = Guest(tmp_path, shell, "test -x build.sh || echo built\nexit 3\n", boots=False)
    for name, text in USERLAND.items():
        guest.has(name, text)
    result = guest.runs()
    assert (result.status.value, result.reason) == ("failed", "build ended with exit code 3")
    assert "built" in guest.log
    assert result.source is not None
    assert re.fullmatch("[0-9a-f]{64}", result.source.digest)
