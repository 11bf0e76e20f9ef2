"""The hosted scripts on a machine that ssh reaches as root, as an action's virtual machine: a real OpenSSH server.

The machine is Debian, which no action boots: files of a FreeBSD job are changed where they name FreeBSD's tools.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import HELLO_13, PATIENCE, Document, Ended, Person, commit, hello, load, manifest
from sshd import Machine, ssh_machine

JOB = "hello/freebsd-15/default"
PLACE = "/srv/ciforge"
FILES = {
    "systems/freebsd-15.sh": [("systems=freebsd-15", "systems=debian-13"), ("place=/ciforge", f"place={PLACE}")],
    "machines/freebsd-15.sh": [(r"(?s)\npkg .*", "\necho no package is missing\n")],
    "users/default.sh": [
        (r'pw groupadd "\$1"', 'groupadd "$1"'),
        (r"pw useradd.*\)", 'useradd -g "$1" -d "$2" -s /bin/sh "$1")'),
    ],
    "managers/pkg.versions": [("(?s).*", "dpkg-query -W -f '${Package} ${Version}\\\\n'\n")],
}  # fmt: skip
"""Files of the job, with the texts that take the place of FreeBSD's."""


@pytest.fixture(scope="module")
def machine(
    engine: Any, hello_run: Ended, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A machine whose root knows the key of the tests, under the name that the action gives it."""
    image = hello_run.results[HELLO_13]["image"]
    folder = tmp_path_factory.mktemp("ssh")
    # Outside of a container, root reads the environment of all processes.
    with ssh_machine(engine, image, folder, capabilities=["SYS_PTRACE"]) as running:
        running.does("mkdir -p -m 700 ~root/.ssh; cp ~builder/.ssh/authorized_keys ~root/.ssh")
        # Scripts of the machine begin without what the image prepared.
        running.does(
            "userdel _hello; userdel ciforge; rm -rf /ciforge; echo 'PATH=$PATH' >/etc/profile"
        )
        config = running.folder / "config"
        config.write_text(
            f"Host freebsd\nHostName 127.0.0.1\nPort {running.port}\nUser root\n{config.read_text()}"
        )
        yield running


class Hosted:
    """A tree with generated files, and a runner that runs them step by step: all of the example's, or only `build`."""

    def __init__(self, folder: Path, machine: Machine, build: Document | None = None) -> None:
        self.folder, self.machine = folder, machine
        machine.does(f"rm -rf {PLACE}")  # a service boots a new machine for each job
        self.tree = hello(folder / "tree")
        document = load(self.tree / "ciforge.yml")
        document["jobs"] = [JOB]
        if build:
            steps = {"build": build, "install": False}
            document["repos"]["hello"] |= {"recipe": "make", "steps": steps, "expect": {}}
        (self.tree / "ciforge.yml").write_text(json.dumps(document))
        done = Person(self.tree, folder).types("generate")
        assert done.code == 0, done.told
        self.home = self.tree / ".github" / "ciforge"
        for name, changes in FILES.items():
            text = (self.home / name).read_text()
            for pattern, new in changes:
                text, count = re.subn(pattern, new, text, count=1)
                assert count, f"{name} has no {pattern}"
            (self.home / name).write_text(text)
        commit(self.tree, "The files of a service")

    def does(self, *words: str) -> int:
        """One step of the workflow; its exit status."""
        env = os.environ | self.machine.env
        env |= {"CIFORGE_JOB": JOB, "RUNNER_TEMP": str(self.folder / "temp")}
        done = subprocess.run(
            ["sh", self.home / words[0], *words[1:]], cwd=self.tree, env=env, timeout=PATIENCE, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode

    def runs(self) -> Document:
        """The result after all steps, of which the first that fails is the last."""
        if self.does("prepare-machine.sh") == 0:
            steps = (self.folder / "temp/ciforge/step-list").read_text().splitlines()
            any(self.does("step.sh", line.split()[0]) for line in steps)
        self.does("finish.sh")
        result: Document = json.loads((self.results / "result.json").read_text())
        return result

    @property
    def results(self) -> Path:
        """The artifact of the job."""
        return self.folder / "temp" / "ciforge" / "result"

    @property
    def log(self) -> str:
        """What the job printed."""
        return (self.results / "log.txt").read_text()


def sleepers(machine: Machine) -> str:
    """Programs of a step that still run there."""
    return machine.does("pgrep -u ciforge sleep").strip()


def test_hosted_job_passes_on_a_machine_that_ssh_reaches(
    tmp_path: Path, machine: Machine, hello_run: Ended
) -> None:
    hosted = Hosted(tmp_path, machine)
    result = hosted.runs()
    assert (result["status"], result["reason"]) == ("passed", ""), hosted.log
    usual = hello_run.results[HELLO_13]
    assert [step["name"] for step in result["steps"]] == [step["name"] for step in usual["steps"]]
    assert result["source"]["digest"]
    assert result["packages"].keys() >= {"autoconf", "gcc"}
    assert result["base"].startswith("freebsd (debian-13")
    assert machine.does("stat -c '%a %G' /usr/local/bin/hello").split() == ["2555", "_hello"]
    installed = manifest((hosted.results / "artifacts" / "manifest.txt").read_text())
    assert "/usr/local/bin/hello" in installed
    assert PLACE not in hosted.log


def test_hosted_failure_and_time_limit_on_a_machine_are_those_of_the_step(
    tmp_path: Path, machine: Machine
) -> None:
    fails = {"run": "sleep 601 & echo wrong; exit 7"}
    failed = Hosted(tmp_path / "fails", machine, fails).runs()
    assert (failed["status"], failed["failed_step"]) == ("failed", "build")
    assert "wrong" in failed["tail"]
    assert "processes that build left running: 1; they were ended" in failed["tail"][-1]
    assert failed["steps"][-1]["exit_code"] == 7
    assert sleepers(machine) == ""
    hangs = {"run": "echo begins; sleep 602 & sleep 602", "timeout": "3s"}
    hosted = Hosted(tmp_path / "hangs", machine, hangs)
    ended = hosted.runs()
    assert (ended["status"], ended["limit"]) == ("timed-out", "time"), hosted.log
    assert "sleep 602" in hosted.log
    assert sleepers(machine) == ""


def test_hosted_connection_lost_in_a_step_is_no_failure_of_the_source(
    tmp_path: Path, machine: Machine
) -> None:
    waits = {"run": "echo begun; sleep 603"}
    hosted = Hosted(tmp_path, machine, waits)
    lost = "while ! pgrep -u ciforge sleep >/dev/null; do sleep 0.2; done; pkill -KILL -f 'sshd-session: root'"
    machine.container.exec_run(["sh", "-c", lost], detach=True)
    result = hosted.runs()
    assert result["status"] == "infrastructure", hosted.log
    assert result["failed_step"] == "build"
