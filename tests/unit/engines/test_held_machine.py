"""A machine that is no container, held for a job: here, by the same scripts as over ssh."""

import getpass
import os
import signal
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import attrs
import pytest

from ciforge.engines.held_machine import HeldMachine
from ciforge.engines.host_lease import HostFacts, HostLease, MachineBusy, relocate
from ciforge.engines.host_step import HostStep
from ciforge.engines.host_transport import HostTransport
from ciforge.engines.protocol import EngineExhausted, Machine, OutOfTime, Stop, Stopped
from ciforge.errors import EngineError, EngineLost
from ciforge.model.host_machine import HostMachine
from ciforge.model.job import Step
from ciforge.model.log_marks import NOTHING_INSTALLED
from ciforge.model.promise import Promise
from ciforge.render.host_scripts import HOST
from ciforge.render.wrapper import SCRIPTS, STEP_OF_LOGIN

pytestmark = pytest.mark.slow

ME = getpass.getuser()
FACTS = HostFacts(
    user=ME, home="/nowhere", os="linux", processor="amd64", systems=("debian-13",), processors=2
)


@attrs.frozen
class Here:
    """This machine, with its folder for jobs."""

    folder: Path
    machine: HostMachine = attrs.field(factory=HostMachine)

    def lease(self) -> HostLease:
        transport = HostTransport("here", self.machine, self.folder)
        return HostLease(transport, HOST, f"{self.folder}/job")

    def held(self, lease: HostLease) -> HeldMachine:
        return HeldMachine(lease, FACTS, wrapper=STEP_OF_LOGIN, env={"CIFORGE_JOBS": "2"})


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path / "jobs")


@pytest.fixture
def lease(here: Here) -> Iterator[HostLease]:
    one = here.lease()
    one.take("the/first/job")
    yield one
    one.release()
    assert [path.name for path in here.folder.iterdir()] == []


def run(
    machine: Machine,
    text: str,
    *,
    name: str = "build",
    seconds: float = 30,
    stop: Stop | None = None,
) -> tuple[int, str]:
    """The exit code and the output of a step."""
    step, output = Step(name=name, run=text), bytearray()
    machine.script(
        {f"/ciforge/steps/{name}.sh": text, "/ciforge/bin/supervise": SCRIPTS["supervise"]}
    )
    code = machine.run(step, "ciforge", output.extend, seconds=seconds, stop=stop or Stop())
    return code, output.decode()


def is_running(word: str) -> bool:
    """Whether a `sleep` of this length runs; other programs may have the number as that of a port."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].rpartition(b"/")[2] == b"sleep" and word.encode() in words:
            return True
    return False


def until(holds: Callable[[], bool]) -> bool:
    """Whether it holds within some seconds."""
    for _ in range(200):
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_step_runs_in_the_source_and_its_exit_code_is_known(here: Here, lease: HostLease) -> None:
    machine = here.held(lease)
    assert run(machine, "pwd; exit 7") == (7, f"{here.folder}/job/src\n")
    assert run(machine, "echo a; echo b >&2") == (0, "a\nb\n")


def test_place_of_a_container_is_that_of_the_machine(here: Here, lease: HostLease) -> None:
    machine = here.held(lease)
    text = "echo x >/ciforge/src/a; echo https://example.org/ciforge /ciforge"
    assert run(machine, text) == (0, f"https://example.org/ciforge {here.folder}/job\n")
    assert machine.read("/ciforge/src/a", 10) == b"x\n"
    assert machine.read("/ciforge/src/a", 1) == b"x"
    assert machine.read("/ciforge/src/none", 10) is None
    assert machine.ask(["sh", "-c", "cat /ciforge/src/a"], {}, 10) == "x\n"


def test_files_and_answers_are_cut_without_a_head_that_counts_bytes(
    here: Here, lease: HostLease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/head").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin/head").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    machine = here.held(lease)
    run(machine, "dd if=/dev/zero of=a bs=1024 count=200 2>/dev/null")
    for limit in (9, 70_000, 150_000):
        assert machine.read("/ciforge/src/a", limit) == bytes(limit)
    assert machine.ask(["sh", "-c", "sleep 0.2; cat /ciforge/src/a"], {}, 10) == "\0" * 65536


def test_link_is_not_read(here: Here, lease: HostLease) -> None:
    machine = here.held(lease)
    run(machine, "ln -s /etc/passwd a")
    assert machine.read("/ciforge/src/a", 10) is None


def test_source_is_unpacked(here: Here, lease: HostLease, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello")
    with tarfile.open(tmp_path / "source.tar", "w") as tar:
        tar.add(tmp_path / "file", "folder/file")
    machine = here.held(lease)
    machine.put(tmp_path / "source.tar", "/ciforge/src")
    assert run(machine, "cat folder/file") == (0, "hello")


def test_script_that_ends_every_process_of_a_container_does_not_get_there(
    here: Here, lease: HostLease
) -> None:
    run(here.held(lease), "true")
    assert not (here.folder / "job/bin/supervise").exists()


def test_process_that_a_step_leaves_is_ended_and_named(here: Here, lease: HostLease) -> None:
    code, output = run(here.held(lease), "(setsid sleep 43210 >/dev/null 2>&1 &)")
    assert code == 0
    assert "processes that build left running: 1; they were ended" in output
    assert not is_running("43210")


def test_process_that_holds_the_output_does_not_hold_the_step(here: Here, lease: HostLease) -> None:
    code, output = run(here.held(lease), "sleep 43211 & echo ok")
    assert (code, output.startswith("ok\n")) == (0, True)
    assert not is_running("43211")


def test_step_at_its_limit_is_ended_with_its_children(here: Here, lease: HostLease) -> None:
    with pytest.raises(OutOfTime):
        run(here.held(lease), "sleep 43212 & sleep 43213", seconds=1)
    assert not (is_running("43212") or is_running("43213"))


def test_step_ends_where_a_stop_is_requested(here: Here, lease: HostLease) -> None:
    stop = Stop()
    threading.Timer(0.5, stop.ask, ["enough"]).start()
    with pytest.raises(Stopped):
        run(here.held(lease), "sleep 43214", stop=stop)
    assert not is_running("43214")


def test_step_that_ends_its_wrapper_failed_by_that_signal(here: Here, lease: HostLease) -> None:
    code, _ = run(here.held(lease), "kill -KILL $PPID")
    assert code == 128 + signal.SIGKILL


@pytest.mark.parametrize(
    "text",
    [
        "kill -KILL -$(tail -n 1 /ciforge/groups); sleep 5",
        f"rm -rf /ciforge/records/{ME}",
        f"mkdir -p /ciforge/records/{ME}/build.exit",
    ],
)
def test_step_whose_end_is_not_certain_is_never_passed(
    here: Here, lease: HostLease, text: str
) -> None:
    with pytest.raises(EngineLost):
        run(here.held(lease), text)


def test_step_as_another_user_needs_root(here: Here, lease: HostLease) -> None:
    step = Step(name="build", run="true", root=True)
    with pytest.raises(EngineError, match="here runs nothing as nobody"):
        here.held(lease).run(step, "nobody", lambda _: None, seconds=9, stop=Stop())


def test_install_goes_into_a_folder_whose_files_are_listed(here: Here, lease: HostLease) -> None:
    machine = here.held(lease)
    text = 'mkdir -p "$DESTDIR/usr/bin"; echo x >"$DESTDIR/usr/bin/a b"; chmod 4755 "$DESTDIR/usr/bin/a b"'
    assert run(machine, text, name="install") == (0, "")
    listed = (machine.read("/ciforge/records/manifest.txt", 9999) or b"").decode().splitlines()
    assert [line.split(" ", 4)[::4] for line in listed] == [
        ["dir", "/usr"], ["dir", "/usr/bin"], ["file", "/usr/bin/a b"],
    ]  # fmt: skip
    assert listed[-1].split()[1] == "4755"


def test_install_into_a_folder_that_stays_empty_says_so(here: Here, lease: HostLease) -> None:
    machine = here.held(lease)
    assert run(machine, "true", name="install") == (0, f"{NOTHING_INSTALLED}\n")
    assert run(machine, "exit 3", name="install") == (3, "")


def test_machine_promises_no_more_than_its_owner_grants(here: Here, lease: HostLease) -> None:
    assert set(here.held(lease).lacks) == {*Promise}


def test_second_job_waits_for_the_first_one(here: Here, lease: HostLease) -> None:
    with pytest.raises(MachineBusy, match="the/first/job"):
        here.lease().take("the/second/job")


def test_machine_is_taken_over_from_a_holder_that_is_dead(here: Here) -> None:
    dead = here.lease()
    dead.take("the/dead/job")
    dead.limit(43217)
    assert until(lambda: is_running("43217"))
    assert dead._process
    (here.folder / "job/src/old").touch()
    os.kill(dead._process.pid, signal.SIGKILL)
    dead._process.wait()
    alive = here.lease()
    alive.take("the/second/job")
    assert alive.leftover == "the/dead/job"
    assert not is_running("43217")
    assert not (here.folder / "job/src/old").exists()
    alive.release()
    assert list(here.folder.iterdir()) == []


def test_machine_ends_the_job_when_its_connection_ends(here: Here) -> None:
    one = here.lease()
    one.take("a/lost/job")
    assert one._process
    assert one._process.stdin
    step = one.transport.start(f"exec env CIFORGE_TOKEN={one.token} sleep 43215")
    assert until(lambda: is_running("43215"))
    one._process.stdin.close()
    assert until(lambda: not (here.folder / "lock").exists())
    assert step.wait(10) == -signal.SIGKILL
    with pytest.raises(EngineLost, match="was lost"):
        one.check()


def test_machine_ends_the_job_at_its_limit(here: Here) -> None:
    one = here.lease()
    one.take("a/long/job")
    one.limit(36217)
    one.limit(1)
    step = one.transport.start(f"exec env CIFORGE_TOKEN={one.token} sleep 43216")
    assert step.wait(20) == -signal.SIGKILL
    assert until(lambda: list(here.folder.iterdir()) == [])
    one.release()
    assert until(lambda: not is_running("36217"))


def test_folder_with_letters_of_the_shell_is_refused() -> None:
    with pytest.raises(EngineError, match="cannot be used"):
        relocate("text", "/var/a b/job")


def test_read_only_folders_are_removed(here: Here) -> None:
    one = here.lease()
    one.take("a/go/job")
    run(here.held(one), "mkdir -p a/b; touch a/b/c; chmod -R a-w a")
    one.release()
    assert list(here.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("disk", "output", "full"),
    [
        ("/dev/sda1 100 100 12 100% /", b"", True),
        ("/dev/sda1 100 100 900000 9% /", b"cc: No space left on device\n", True),
        ("/dev/sda1 100 100 900000 9% /", b"error\n", False),
        ("", b"No space left on device\n", False),
    ],
)
def test_full_disk_of_a_machine_is_no_failure_of_the_source(
    here: Here, disk: str, output: bytes, full: bool
) -> None:
    step = HostStep(here.lease(), "")
    step._take(output)
    with (
        pytest.raises(EngineExhausted, match="the disk of here is full") if full else nullcontext()
    ):
        step._judge(disk)
