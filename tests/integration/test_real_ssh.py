"""Jobs on a machine over ssh: a real OpenSSH server, and all that may go wrong between."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import HELLO_13, Ended, Person, add_to_project, trial
from sshd import SMALL, Machine, ssh_machine

JOB = "tree/debian-13/default"
ERROR = "$PWD/sub/f.c:3:1: error: unknown type name 'x'"
ENDS = {"ends": {"run": "true", "after": "build"}}
WAITS = {"wait": {"run": "echo begun; sleep 600", "after": "build"}}


@pytest.fixture(scope="module")
def machine(
    engine: Any, hello_run: Ended, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    image = hello_run.results[HELLO_13]["image"]
    with ssh_machine(engine, image, tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture
def person(tmp_path: Path, machine: Machine) -> Iterator[Person]:
    """Somebody with a project of one job, on a machine that has nothing of a job before and after."""
    machine.allows()
    yield Person(trial(tmp_path / "project", WAITS, repo={"users": {}}), tmp_path)
    assert machine.is_clean


def begun(person: Person, machine: Machine, **env: str) -> "subprocess.Popen[str]":
    """A run whose step waits."""
    running = person.begins("--engine", "ssh", **machine.env, **env)
    assert running.stdout
    assert any('"begun"' in line for line in running.stdout)
    return running


def test_hello_passes_on_a_disposable_machine(
    tmp_path: Path, hello_run: Ended, machine: Machine
) -> None:
    machine.allows(root="sudo", disposable="true")
    tree = hello_run.state.parent / "tree"
    ended = Person(tree, tmp_path).runs("--engine", "ssh", HELLO_13, **machine.env)
    assert ended.code == 0, ended.told
    usual = [step["name"] for step in hello_run.results[HELLO_13]["steps"]]
    assert [step["name"] for step in ended.result["steps"]] == usual
    assert ended.result["lacks"] == [
        "clean", "isolated network", "memory limit", "process limit", "disk limit",
    ]  # fmt: skip
    assert machine.does("stat -c '%a %G' /usr/local/bin/hello").split() == ["2555", "_hello"]
    assert machine.is_clean


def test_hello_passes_where_sh_awk_and_tar_are_those_of_the_bsds(
    tmp_path: Path, hello_run: Ended, machine: Machine
) -> None:
    machine.allows(root="sudo", disposable="true")
    tree = hello_run.state.parent / "tree"
    (manifest,) = hello_run.folder.glob("*debian-13,default/artifacts/manifest.txt")
    with machine.userland_of_a_bsd():
        machine.does("rm -f /usr/local/bin/hello; rm -rf /usr/local/share/man/man1")
        assert "mksh" in machine.does("readlink -f /bin/sh")
        ended = Person(tree, tmp_path).runs("--engine", "ssh", HELLO_13, **machine.env)
    assert ended.code == 0, ended.told
    found = (ended.job(HELLO_13) / "artifacts/manifest.txt").read_text()
    installed = {line for line in manifest.read_text().splitlines() if line.startswith("file")}
    assert installed <= set(found.splitlines())
    assert machine.is_clean


def test_failure_and_time_limit_are_those_of_the_step(person: Person, machine: Machine) -> None:
    add_to_project(
        person.here,
        variants={
            "fails": {"steps": {"wait": {"run": f'sleep 601 & echo "{ERROR}"; exit 7'}}},
            "hangs": {"steps": {"wait": {"timeout": "1s"}}},
            "passes": {"steps": {"wait": {"run": "true"}}},
        },
    )
    ended = person.runs("--engine", "ssh", "debian-13/{fails,hangs,passes}", **machine.env)
    found = {job.rpartition("/")[2]: one for job, one in ended.results.items()}
    assert ended.code == 1, ended.told
    assert {name: one["status"] for name, one in found.items()} == {
        "fails": "failed", "hangs": "timed-out", "passes": "passed",
    }  # fmt: skip
    assert found["fails"]["steps"][-1]["exit_code"] == 7
    assert found["hangs"]["limit"] == "time"
    causes = json.loads((ended.folder / "diagnosis.json").read_text())["causes"]
    files = [one["file"] for cause in causes for one in cause["findings"].values()]
    assert "sub/f.c" in files


@pytest.mark.parametrize("step", ["wait", "install"])
def test_connection_lost_in_a_step_is_no_failure_of_the_source(
    person: Person, machine: Machine, step: str
) -> None:
    steps = {"install": WAITS["wait"]} if step == "install" else WAITS
    trial(person.here, steps, repo={"users": {}})
    running = begun(person, machine)
    machine.does("pkill -KILL -u builder sshd")
    running.communicate(timeout=120)
    assert running.returncode == 3
    assert machine.is_clean


def test_machine_that_falls_asleep_is_no_failure_of_the_source(
    person: Person, machine: Machine
) -> None:
    running = begun(person, machine, SSH_OPTIONS="-oServerAliveInterval=2 -oConnectTimeout=8")
    machine.container.pause()
    try:
        running.communicate(timeout=120)
    finally:
        machine.container.unpause()
    assert running.returncode == 3
    assert machine.is_clean


def test_full_disk_of_a_machine_is_no_failure_of_the_source(
    person: Person, machine: Machine
) -> None:
    machine.allows(directory=f"{SMALL}/jobs")
    fills = {"fill": {"run": "dd if=/dev/zero of=big bs=1024 count=30000", "after": "build"}}
    trial(person.here, fills, repo={"users": {}})
    ended = person.runs("--engine", "ssh", **machine.env)
    assert ended.code == 3, ended.told
    assert (ended.result["status"], ended.result["limit"]) == ("infrastructure", "engine-disk")
    assert "the disk of box is full" in ended.result["reason"]
    (person.here / "tree" / "big").write_bytes(bytes(30_000_000))
    ended = person.runs("--engine", "ssh", **machine.env)
    assert (ended.code, ended.result["status"]) == (3, "infrastructure"), ended.told
    assert "copying the source on box" in ended.result["reason"]


def test_second_user_of_a_login_waits_for_the_machine(
    person: Person, machine: Machine, tmp_path: Path
) -> None:
    first = begun(person, machine)
    other = Person(trial(tmp_path / "other", ENDS, repo={"users": {}}), tmp_path / "home")
    second = other.begins("--engine", "ssh", **machine.env)
    assert second.stdout
    assert any(f"waiting for box, which {JOB} has" in line for line in second.stdout)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=120)
    second.communicate(timeout=120)
    assert (first.returncode, second.returncode) == (130, 0)


def test_stopped_run_leaves_nothing_on_the_machine(person: Person, machine: Machine) -> None:
    running = begun(person, machine)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=120)
    assert running.returncode == 130
    assert machine.is_clean


def test_killed_run_leaves_nothing_on_the_machine(person: Person, machine: Machine) -> None:
    running = begun(person, machine)
    running.kill()
    running.communicate(timeout=120)
    assert machine.is_clean


def test_leftovers_of_a_dead_run_are_removed_by_the_next_one(
    person: Person, machine: Machine
) -> None:
    running = begun(person, machine)
    machine.does("pkill -KILL -u builder -f 'host [0-9a-f]+ *hold'; pkill -KILL -u builder sshd")
    running.communicate(timeout=120)
    assert running.returncode == 3
    assert machine.does("ls /home/builder/.cache/ciforge").split() == ["job", "lock"]
    trial(person.here, ENDS, repo={"users": {}})
    ended = person.runs("--engine", "ssh", **machine.env)
    assert ended.code == 0, ended.told
    assert f"removed what a run of {JOB} left there" in ended.log(JOB)


def test_changed_host_key_is_refused(person: Person, machine: Machine) -> None:
    keys = machine.host_keys
    machine.knows((machine.folder / "key.pub").read_text())
    try:
        ended = person.runs("--engine", "ssh", **machine.env)
    finally:
        machine.knows(keys)
    assert ended.code == 3, ended.told
    assert ended.result["status"] == "infrastructure"
    assert "Host key verification failed" in ended.result["reason"]


def test_another_system_than_the_configured_one_runs_nothing(
    person: Person, machine: Machine
) -> None:
    machine.does("sed -i 's/13/12/; s/trixie/bookworm/' /etc/os-release")
    try:
        ended = person.runs("--engine", "ssh", **machine.env)
    finally:
        machine.does("sed -i 's/12/13/; s/bookworm/trixie/' /etc/os-release")
    assert ended.code == 3, ended.told
    assert "box runs debian-12, not debian-13" in ended.result["reason"]


def test_source_that_nobody_trusts_does_not_run_on_a_machine(
    person: Person, machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "fix.diff").write_text("--- /dev/null\n+++ b/NEWS\n@@ -0,0 +1 @@\n+x\n")
    ended = person.runs("--engine", "ssh", "--patch", tmp_path / "fix.diff", **machine.env)
    assert ended.code == 1, ended.told
    assert ended.result["status"] == "skipped"
    assert "box does not run untrusted sources: it has a patch" in ended.result["reason"]


def test_package_that_the_machine_lacks_is_named_and_not_installed(
    person: Person, machine: Machine
) -> None:
    machine.allows(root="sudo")
    repo = {"users": {}, "dependencies": ["bison"]}
    trial(person.here, WAITS, repo=repo)
    ended = person.runs("--engine", "ssh", **machine.env)
    assert ended.code == 3, ended.told
    assert "box lacks bison" in ended.result["reason"]
    assert "no" in machine.does("command -v bison || echo no")


def test_checkout_cannot_name_a_machine(person: Person, machine: Machine) -> None:
    (person.here / "machines.yml").write_text("evil: {ssh: -oProxyCommand=x, system: debian-13}\n")
    (person.here / "ciforge").mkdir()
    (person.here / "ciforge" / "machines.yml").write_text("evil: {ssh: a@b, system: debian-13}\n")
    ended = person.runs("--engine", "ssh", **{**machine.env, "XDG_CONFIG_HOME": os.devnull})
    assert (ended.code, ended.out) == (2, "")
    assert "has no machine" in ended.err
