"""`ciforge run --engine ssh` and `local`: which job may run on which machine, and what is refused."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from command_tests import Types
from projects import plan

from ciforge.app.host_machines import (
    configuration_folder,
    connection_folder,
    machines_of,
    placed,
)
from ciforge.engines.host_engine import HostEngine, HostFolders, HostScripts
from ciforge.engines.host_lease import HostFacts
from ciforge.engines.host_preparation import check_system, is_system
from ciforge.engines.host_transport import HostTransport
from ciforge.engines.protocol import Stop
from ciforge.errors import EngineError, UsageError
from ciforge.model.host_machine import HostMachine
from ciforge.model.trust_domain import Trust, TrustDomain, alone
from ciforge.plan.served_platforms import unserved

TEXT = "project: p\nrepos: {t: {path: ., recipe: make}}\njobs: [t/debian-13/default]\n"
JOB = plan(TEXT).jobs[0]
BOX = HostMachine(ssh="there", system="debian-13")
OWN = TrustDomain(trust=Trust.TREE, about="working tree")
FACTS = HostFacts(
    user="me", home="/home/user", os="linux", processor="amd64", systems=("debian-trixie", "debian-13"),
    processors=4,
)  # fmt: skip


def test_job_runs_on_every_machine_of_its_system() -> None:
    machines = {"a": BOX, "b": BOX, "c": attrs.evolve(BOX, system="debian-12")}
    (job,), allowed = placed([JOB], machines, {"t": OWN})
    assert (job.skipped, job.ccache) == ("", False)
    assert allowed == {JOB.id: frozenset({"a", "b"})}


def test_job_needs_no_package_of_a_cache_that_machines_do_not_have() -> None:
    (job,), _ = placed([attrs.evolve(JOB, ccache=True)], {"a": BOX}, {"t": OWN})
    assert set(JOB.packages) - set(job.packages) == {"ccache-dev"}


def test_job_without_a_machine_is_skipped_with_what_there_is() -> None:
    machines = {"a": attrs.evolve(BOX, arch="arm64")}
    (job,), allowed = placed([JOB], machines, {"t": OWN})
    assert job.skipped == "no machine runs debian-13 on amd64 (there is debian-13 on arm64)"
    assert allowed == {JOB.id: frozenset()}


def test_source_of_another_trust_domain_is_skipped() -> None:
    (job,), allowed = placed([JOB], {"a": BOX}, {"t": alone("it has a patch")})
    assert job.skipped == "a does not run untrusted sources: it has a patch"
    assert not any(allowed.values())


def test_machine_whose_owner_allows_it_runs_any_source() -> None:
    machine = attrs.evolve(BOX, trust=(Trust.ALONE,))
    (job,), allowed = placed([JOB], {"a": machine}, {"t": alone("it has a patch")})
    assert (job.skipped, allowed) == ("", {JOB.id: frozenset({"a"})})


def test_release_without_an_image_is_no_reason_to_skip_on_a_machine_that_has_it() -> None:
    release = attrs.evolve(JOB.release, image="")
    reason = unserved(JOB.distribution, release, JOB.platform)
    for skipped, left in ((reason, ""), (f"{reason}; no package", "no package")):
        named = attrs.evolve(JOB, release=release, skipped=skipped)
        (job,), allowed = placed([named], {"a": BOX}, {"t": OWN})
        assert (job.skipped, allowed) == (left, {JOB.id: frozenset({"a"})})


@pytest.mark.parametrize(
    ("stated", "wanted", "same"),
    [
        ("freebsd-14.3-RELEASE-p1", "freebsd-14.3", True),
        ("freebsd-14.3-RELEASE-p1", "freebsd-14", True),
        ("openbsd-7.9", "openbsd-7.9", True),
        ("openbsd-7.10", "openbsd-7.1", False),
        ("debian-13", "debian-1", False),
        ("debian-13", "debian-13", True),
        ("debian-12", "debian-13", False),
        ("macos-26.1", "macos-26", True),
    ],
)
def test_system_is_known_by_its_own_word(stated: str, wanted: str, same: bool) -> None:
    assert is_system(stated, wanted) is same


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"systems": ("debian-12",)}, "a runs debian-12, not debian-13"),
        ({"processor": "arm64"}, "a has the processor arm64, not amd64"),
        ({"user": "root"}, "the login on a is root"),
    ],
)
def test_machine_that_is_another_one_than_configured_runs_nothing(
    facts: dict[str, Any], said: str
) -> None:
    transport = HostTransport("a", BOX, Path("/nowhere"))
    check_system(transport, FACTS, JOB)
    with pytest.raises(EngineError, match=said):
        check_system(transport, attrs.evolve(FACTS, **facts), JOB)


def test_rolling_release_and_one_with_a_codename_are_known_by_it() -> None:
    transport = HostTransport("a", BOX, Path("/nowhere"))
    facts = attrs.evolve(FACTS, systems=("debian-forky", "debian-debian"))
    for release in ({"codename": "forky"}, {"rolling": True, "codename": ""}):
        check_system(
            transport, facts, attrs.evolve(JOB, release=attrs.evolve(JOB.release, **release))
        )


def test_machines_are_those_of_the_users_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "ciforge").mkdir()
    file = tmp_path / "ciforge" / "machines.yml"
    file.write_text("local: {}\n")
    assert configuration_folder() == tmp_path / "ciforge"
    with pytest.raises(UsageError, match="has no machine"):
        machines_of("ssh", [JOB])
    file.write_text("local: {}\nbox: {ssh: there, system: debian-13}\n")
    assert machines_of("ssh", [JOB]) == {"box": BOX}


def test_local_machine_has_the_system_that_it_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    machines = machines_of("local", [JOB])
    assert machines["local"].system.count("-") >= 1
    assert machines["local"].ssh == ""


def test_without_ssh_nothing_is_known_about_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    scripts = HostScripts(host="", probe="", wrapper="")
    engine = HostEngine(
        {"a": BOX},
        {JOB.id: frozenset({"a"})},
        scripts,
        HostFolders(sockets=tmp_path, scratch=tmp_path, own=tmp_path),
    )
    with pytest.raises(EngineError, match="ssh cannot be started"):
        engine.prepare(JOB, lambda _: None, Stop())


def test_machine_that_cannot_be_reached_is_named_with_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\necho 'Host key verification failed.' >&2; exit 255\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    scripts = HostScripts(host="", probe="", wrapper="")
    engine = HostEngine(
        {"a": BOX},
        {JOB.id: frozenset({"a"})},
        scripts,
        HostFolders(sockets=tmp_path, scratch=tmp_path, own=tmp_path),
    )
    with pytest.raises(EngineError) as raised:
        engine.prepare(JOB, lambda _: None, Stop())
    assert str(raised.value) == "a cannot be reached: Host key verification failed."
    assert "`ssh there true` has to work" in raised.value.hint


def test_engine_of_machines_is_refused_without_any(
    types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    typed = types("run", "--engine", "ssh", "--source", "daemon=daemon", "daemon/debian-13/default")
    assert (typed.code, typed.out) == (2, "")
    assert "machines.yml has no machine" in typed.err


def test_job_that_no_container_runs_has_a_source_on_a_machine(
    types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ciforge").mkdir()
    (tmp_path / "ciforge" / "machines.yml").write_text("box: {ssh: there, system: openbsd-7.9}\n")
    (tmp_path / "ssh").write_text("#!/bin/sh\necho 'No route to host' >&2; exit 255\n")
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    typed = types("run", "--engine", "ssh", "--any", "daemon/openbsd-7.9/default")
    assert typed.code == 3
    assert "box cannot be reached: No route to host" in typed.out


def test_machines_keep_nothing(types: Types) -> None:
    typed = types("run", "--engine", "ssh", "--keep")
    assert (typed.code, typed.out) == (2, "")
    assert "--keep keeps containers" in typed.err


def test_folder_of_connections_outlives_a_killed_process_until_the_next_one_begins() -> None:
    code = (
        "import os; from ciforge.app.host_machines import connection_folder as folder\n"
        "held = folder(); print(held.__enter__(), flush=True); os._exit(9)"
    )
    dead = Path(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        ).stdout.strip()
    )
    assert dead.is_dir()
    with connection_folder() as first, connection_folder():
        assert first.is_dir()
        assert not dead.exists()
