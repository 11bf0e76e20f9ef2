"""Jobs in containers of podman, of root and of a user, by its Docker API. Its own service is started; it has Docker's images."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from loopback_server import JOB, with_service
from rig import HELLO_13, Ended, Person, boxes, trial

CONFIGURATION = """\
[engine]
exit_command_delay = 30
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "netavark"
"""
LIMIT = """\
for file in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do
    if [ -r $file ]; then cat $file; fi
done
"""
STEPS = {
    "limit": {"run": LIMIT, "after": "build"},
    "who": {"run": "id -un; ! getent hosts example.org", "after": "limit"},
    "end": {"run": "exit 7", "after": "who"},
}
BASE = "docker.io/library/debian:trixie-slim"


@pytest.fixture(scope="module", params=["root", "user"])
def podman(engine: Any, hello_run: Ended, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a service whose storage is its own, with the images of the first run."""
    program = shutil.which("podman")
    assert program, (
        "these tests need podman: apt-get install podman catatonit netavark runc uidmap slirp4netns fuse-overlayfs"
    )
    # podman refuses a path of more than 50 characters, so it is not the folder of the tests.
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "containers.conf").write_text(CONFIGURATION)
        own = {"CONTAINERS_CONF": f"{name}/containers.conf"}
        graph = f"{name}/graph"
        storage = ["--root", graph, "--runroot", f"{name}/run"]
        by: list[str] = []
        if request.param == "user":
            by = _user(folder)
            own |= {"HOME": f"{name}/home", "XDG_RUNTIME_DIR": f"{name}/home"}
            graph = f"{name}/home/graph"
            storage = ["--storage-driver", "overlay", "--root", graph]
        address = f"unix://{name}/home/podman.sock"
        (folder / "home").mkdir(exist_ok=True)
        with (folder / "log").open("wb") as log:
            service = subprocess.Popen(
                [*by, program, *storage, "system", "service", "--time", "0", address], cwd=folder / "home",
                env=os.environ | own, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            assert _answers(address), (folder / "log").read_text()
            _fill(address, engine, hello_run)
            yield address
        finally:
            service.terminate()
            service.wait(30)
            subprocess.run(["umount", f"{graph}/overlay"], check=False, capture_output=True)
            if by:
                subprocess.run(["pkill", "-KILL", "-u", by[2]], check=False)
                subprocess.run(["userdel", "--force", by[2]], check=False, capture_output=True)


def _user(folder: Path) -> list[str]:
    """The words that run a command as a new user, who has the folder `home` and a range of ids."""
    assert os.geteuid() == 0, "this test needs root, to add a user"
    name = f"ciforge-{secrets.token_hex(4)}"
    words = [
        "useradd",
        "--no-create-home",
        "--home-dir",
        str(folder / "home"),
        "--shell",
        "/bin/sh",
    ]
    subprocess.run([*words, name], check=True)
    assert f"{name}:" in Path("/etc/subuid").read_text(), "useradd gave no range of ids"
    folder.chmod(0o711)
    (folder / "home").mkdir(mode=0o700)
    shutil.chown(folder / "home", name)
    return ["runuser", "-u", name, "--"]


def _fill(address: str, engine: Any, hello_run: Ended) -> None:
    """The images of hello on Debian 13, by the names under which they are looked for."""
    client = _connected(address)
    result = hello_run.results[HELLO_13]
    base = result["base"].partition("@")[2]
    for image, names in (
        (base, [BASE]),
        (result["image"], engine.images.get(result["image"]).tags),
    ):
        archive = engine.images.get(image).save(named=True)
        client.api.load_image(b"".join(archive))
        for name in names:
            repository, _, tag = name.removeprefix("docker.io/").rpartition(":")
            client.api.tag(image, f"docker.io/{repository}", tag)
    client.close()


def _answers(address: str) -> bool:
    """Whether the service answers within some seconds."""
    for _ in range(100):
        try:
            _connected(address).close()
        except Exception:
            time.sleep(0.1)
        else:
            return True
    return False


def _connected(address: str) -> Any:
    client = docker.DockerClient(address, timeout=600)
    client.ping()
    return client


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(trial(tmp_path / "project", STEPS), tmp_path)


def test_job_in_podman_fails_as_in_docker_without_a_network(person: Person, podman: str) -> None:
    ended = person.runs(DOCKER_HOST=podman)
    assert ended.code == 1, ended.told
    result = ended.result
    assert (result["status"], result["failed_step"]) == ("failed", "end")
    assert ended.step("tree/debian-13/default", "who") == ["ciforge"]
    assert result["steps"][-1]["exit_code"] == 7
    limits = [
        float(line) for line in ended.step("tree/debian-13/default", "limit") if line != "max"
    ]
    limited = bool(limits) and min(limits) < os.sysconf("SC_PHYS_PAGES") * os.sysconf(
        "SC_PAGE_SIZE"
    )
    assert result["lacks"] == ([] if limited else ["memory limit", "process limit"])


def test_hello_passes_in_podman_and_nothing_is_left(
    tmp_path: Path, hello_run: Ended, podman: str
) -> None:
    tree = hello_run.state.parent / "tree"
    ended = Person(tree, tmp_path).runs(HELLO_13, DOCKER_HOST=podman)
    assert ended.code == 0, ended.told
    assert ended.result["image"] == hello_run.results[HELLO_13]["image"]
    client = _connected(podman)
    assert boxes(client) == []
    client.close()


def test_stopped_run_leaves_no_container_in_podman(tmp_path: Path, podman: str) -> None:
    steps = {"wait": {"run": "echo begun; sleep 600", "after": "build"}}
    person = Person(trial(tmp_path / "project", steps), tmp_path)
    running = person.begins(DOCKER_HOST=podman)
    assert running.stdout
    for line in running.stdout:
        if '"begun"' in line:
            running.send_signal(signal.SIGINT)
            break
    running.communicate(timeout=120)
    assert running.returncode == 130
    client = _connected(podman)
    assert boxes(client) == []
    client.close()


def test_service_beside_a_job_in_podman_is_reached_and_has_no_network(
    tmp_path: Path, podman: str
) -> None:
    ended = with_service(tmp_path).runs(DOCKER_HOST=podman)
    assert ended.code == 0, ended.told
    assert ended.step(JOB, "talk") == ["served", "routes 0"], ended.told
    log = (ended.job(JOB) / "artifacts" / "service,server.log").read_text()
    assert log.splitlines()[:2] == ["routes 0", "waits"]
    client = _connected(podman)
    assert boxes(client) == []
    client.close()


def test_service_that_ends_fails_its_job_in_podman(tmp_path: Path, podman: str) -> None:
    ended = with_service(tmp_path, run="echo no such port; exit 3").runs(DOCKER_HOST=podman)
    result = ended.results[JOB]
    assert result["status"] == "failed", ended.told
    assert result["reason"] == "the service server ended; its last line: no such port"
    client = _connected(podman)
    assert boxes(client) == []
    client.close()


def test_network_of_podman_is_there_in_a_step_that_asks_for_it_and_loopback_always(
    tmp_path: Path, podman: str
) -> None:
    interfaces = "ls /sys/class/net; cat /sys/class/net/lo/flags"
    names = ("before", "with", "afterwards")
    steps = {
        name: {"run": interfaces, "after": above, "network": name == "with"}
        for above, name in zip(("build", *names), names, strict=False)
    }
    ended = Person(trial(tmp_path / "tree", steps), tmp_path).runs(DOCKER_HOST=podman)
    assert ended.code == 0, ended.told
    seen = [ended.step(JOB, name) for name in names]
    assert seen == [["lo", "0x9"], ["eth0", "lo", "0x9"], ["lo", "0x9"]]
