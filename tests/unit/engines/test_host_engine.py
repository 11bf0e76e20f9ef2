"""Several machines of one system share jobs, one at a time on each; ssh is a stand-in that runs here."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest
from projects import plan

from ciforge.engines.host_engine import HostEngine, HostFolders, HostScripts
from ciforge.engines.host_lease import HostLease
from ciforge.engines.host_preparation import read_facts
from ciforge.engines.host_transport import HostTransport
from ciforge.engines.protocol import (
    Deadline,
    EngineUnreachable,
    MachineSpec,
    PrepareFailed,
    Stop,
    Stopped,
)
from ciforge.errors import EngineError
from ciforge.model.host_machine import HostMachine, PackagePolicy, RootCommand
from ciforge.model.job import Job
from ciforge.render.host_scripts import HOST
from ciforge.render.wrapper import STEP_OF_LOGIN

pytestmark = pytest.mark.slow

TEXT = "project: p\nrepos: {t: {path: ., recipe: make}}\njobs: [t/debian-13/default]\n"
PROBE = """\
echo user somebody; echo home /nowhere; echo os linux; echo processor x86_64
echo system debian-13; echo processors 2
"""
SSH = """\
#!/bin/sh
for word; do [ "$word" != -O ] || exit 0; host=$command command=$word; done
[ "$host" != away ] || { echo 'ssh: connect to host away port 22: No route to host' >&2; exit 255; }
exec sh -c "$command"
"""
PLAN = MachineSpec(job="j", run="r", project="p", life=600, memory=1)


def job_of(versions: str = "echo gcc 1", **changes: object) -> Job:
    """A job that needs nothing, on a system whose package manager says this."""
    (job,) = plan(TEXT).jobs
    manager = attrs.evolve(job.manager, versions=versions, refresh="", install="echo {packages}")
    return attrs.evolve(job, manager=manager, **{"packages": (), **changes})


def engine_of(folder: Path, *names: str, **more: object) -> HostEngine:
    """An engine of machines with these names, which run any job."""
    machines = {
        name: HostMachine(ssh=name, system="debian-13", directory=f"{folder}/{name}", **more)  # type: ignore[arg-type]
        for name in names
    }
    scripts = HostScripts(host=HOST, probe=PROBE, wrapper=STEP_OF_LOGIN)
    return HostEngine(
        machines,
        {job_of().id: frozenset(names)},
        scripts,
        HostFolders(sockets=folder, scratch=folder, own=folder),
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for machines, with the stand-in for ssh."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(SSH)
    (tmp_path / "bin" / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return tmp_path


def used(engine: HostEngine, job: Job, seconds: float = 0.0) -> str:
    """The name of the machine that a job has for so long."""
    image = engine.prepare(job, lambda _: None, Stop())
    with engine.open(image, job, PLAN) as machine:
        time.sleep(seconds)
        return machine.id


def test_machines_of_one_system_share_the_jobs_and_run_one_at_a_time(folder: Path) -> None:
    engine, job = engine_of(folder, "a", "b"), job_of()
    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(lambda _: used(engine, job, 0.5), range(4)))
    engine.close()
    assert sorted(set(names)) == ["a", "b"]
    assert (engine.processors(), list((folder / "a").iterdir())) == (2, [])


def test_machine_that_is_away_leaves_its_jobs_to_the_others(folder: Path) -> None:
    engine, job = engine_of(folder, "away", "b"), job_of()
    assert [used(engine, job) for _ in range(2)] == ["b", "b"]
    engine.close()


def test_run_waits_for_another_one_that_has_the_machine_until_it_is_stopped(folder: Path) -> None:
    engine, job, heard, stop = engine_of(folder, "a"), job_of(), bytearray(), Stop()
    machine = HostMachine(ssh="a", system="debian-13")
    other = HostLease(HostTransport("a", machine, folder), HOST, f"{folder}/a/job")
    other.take("the/other/job")
    threading.Timer(1, stop.ask, ["enough"]).start()
    with pytest.raises(Stopped):
        engine.prepare(job, heard.extend, stop)
    assert b"waiting for a, which the/other/job has\n" in heard
    other.release()
    engine.close()


def test_job_that_no_machine_was_free_for_did_not_reach_its_time_limit(folder: Path) -> None:
    engine, job = engine_of(folder, "a"), job_of()
    image = engine.prepare(job, lambda _: None, Stop())
    with (
        engine.open(image, job, PLAN),
        pytest.raises(EngineUnreachable, match="no machine was free"),
    ):
        engine.prepare(job, lambda _: None, Deadline(Stop(), 0.5))
    engine.close()


def test_image_of_a_machine_has_its_packages_and_its_log_what_it_lacks(folder: Path) -> None:
    engine, heard = engine_of(folder, "a"), bytearray()
    image = engine.prepare(job_of(), heard.extend, Stop())
    engine.close()
    assert (image.packages, image.base) == ({"gcc": "1"}, "a (debian-13, amd64)")
    assert b"does not promise: clean, isolated network, memory limit" in heard


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"packages": ("bison",)}, "a lacks bison"),
        ({"users": {"_nobody_here": "/"}}, "a has no user _nobody_here"),
        ({"sources": {"libressl": None}}, "a builds no libraries from `sources`: libressl"),
    ],
)
def test_machine_without_what_a_job_needs_is_given_back_with_advice(
    folder: Path, changes: dict[str, object], said: str
) -> None:
    engine = engine_of(folder, "a")
    with pytest.raises(EngineError, match=said):
        engine.prepare(job_of(**changes), lambda _: None, Stop())
    assert used(engine, job_of()) == "a"
    engine.close()


def test_packages_are_installed_where_the_owner_allows_it(folder: Path) -> None:
    (folder / "bin" / "sudo").write_text('#!/bin/sh\n[ "$1" = -n ] && shift && exec "$@"\n')
    (folder / "bin" / "sudo").chmod(0o755)
    more = {"root": RootCommand.SUDO, "packages": PackagePolicy.INSTALL}
    engine, heard = engine_of(folder, "a", **more), bytearray()
    job = job_of(packages=("bison",))
    engine.prepare(job, heard.extend, Stop())
    engine.close()
    assert b"bison\n" in heard
    failing = attrs.evolve(job.manager, install="false {packages}")
    engine = engine_of(folder, "a", **more)
    with pytest.raises(PrepareFailed, match="the packages cannot be installed"):
        engine.prepare(attrs.evolve(job, manager=failing), lambda _: None, Stop())
    engine.close()


@pytest.mark.parametrize(("text", "processors"), [("4", 4), ("undefined", 1), ("", 1)])
def test_machine_that_counts_no_processors_has_one(
    folder: Path, text: str, processors: int
) -> None:
    transport = HostTransport("a", HostMachine(ssh="a", system="debian-13"), folder)
    facts = read_facts(transport, PROBE.replace("processors 2", f"processors {text}"))
    assert facts.processors == processors


def test_machine_whose_login_shell_says_nothing_of_use_is_named(folder: Path) -> None:
    transport = HostTransport("a", HostMachine(ssh="a", system="debian-13"), folder)
    with pytest.raises(EngineError, match="a does not say what it is"):
        read_facts(transport, "echo Welcome!")
