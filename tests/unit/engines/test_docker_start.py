"""A container starts with ::1 where the kernel of the engine has IPv6, and without it elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from docker.errors import APIError
from projects import plan

from ciforge.engines.docker import DockerEngine
from ciforge.engines.protocol import Image, MachineSpec
from ciforge.errors import EngineError

JOB = plan("project: p\nrepos: {r: {path: ., recipe: make}}\njobs: [debian-13]\n").jobs[0]
PLAN = MachineSpec(
    job=JOB.id, run="r", project="p", life=60, memory=1 << 28, env={"CIFORGE_DATE": ""}
)
LOOPBACK = {"net.ipv6.conf.all.disable_ipv6": "0"}


@attrs.define
class FakeDaemon:
    """Starts containers, but none with a sysctl that `refuses` is about."""

    refuses: str = ""
    made: list[dict[str, Any]] = attrs.field(factory=list)
    removed: list[str] = attrs.field(factory=list)
    calls: list[str] = attrs.field(factory=list)

    def create_host_config(self, **words: Any) -> dict[str, Any]:
        return {"Sysctls": {}, **words}

    def create_container_config(self, *words: Any, **more: Any) -> dict[str, Any]:
        return {"HostConfig": more["host_config"], "Environment": more["environment"]}

    def create_container_from_config(self, config: dict[str, Any], platform: str) -> dict[str, str]:
        self.made.append(config)
        return {"Id": f"{len(self.made)}"}

    def disconnect_container_from_network(self, *words: Any, **more: Any) -> None:
        self.calls.append("disconnect")

    def start(self, container: str) -> None:
        self.calls.append("start")
        sysctls: Mapping[str, str] = self.made[int(container) - 1]["HostConfig"]["Sysctls"]
        if self.refuses and sysctls:
            raise APIError(self.refuses)

    def remove_container(self, container: str, **more: Any) -> None:
        self.removed.append(container)


@attrs.define
class FakeConnection:
    daemon: FakeDaemon
    is_podman: bool = False

    def client(self) -> FakeDaemon:
        return self.daemon

    quick = client


@pytest.mark.parametrize(
    ("privileges", "is_podman", "options"),
    [
        ("", False, ["no-new-privileges"]),
        ("privileges: setuid", False, ["no-new-privileges:false"]),
        ("privileges: setuid", True, []),
    ],
)
def test_container_says_whether_programs_gain_rights_whatever_the_daemon_defaults_to(
    privileges: str,
    is_podman: bool,
    options: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "project: p\nrepos: {r: {path: ., recipe: make, steps: {x: {after: build, run: a, %s}}}}\njobs: [debian-13]\n"
    (job,) = plan(text % (privileges or "timeout: 1m")).jobs
    engine = DockerEngine(dockerfile=lambda _: "", bases={}, bucket="", scratch=tmp_path)
    daemon = FakeDaemon()
    monkeypatch.setattr(engine, "_connection", FakeConnection(daemon, is_podman=is_podman))
    engine._started(Image(id="i", base="b"), job, PLAN, [])
    assert daemon.made[0]["HostConfig"]["security_opt"] == options


def started(daemon: FakeDaemon, tmp_path: Path, times: int = 1) -> list[Mapping[str, str]]:
    engine = DockerEngine(dockerfile=lambda _: "", bases={}, bucket="", scratch=tmp_path)
    engine._connection = FakeConnection(daemon)  # type: ignore[assignment]
    for _ in range(times):
        engine._started(Image(id="i", base="b"), JOB, PLAN, [])
    return [config["HostConfig"]["Sysctls"] for config in daemon.made]


def test_container_has_the_ipv6_loopback_and_the_version_of_the_source(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    assert started(daemon, tmp_path) == [LOOPBACK]
    assert daemon.made[0]["Environment"]["CIFORGE_DATE"] == ""


def test_container_starts_without_ipv6_where_the_kernel_has_none(tmp_path: Path) -> None:
    daemon = FakeDaemon(refuses="open /proc/sys/net/ipv6/conf/all/disable_ipv6: no such file")
    assert started(daemon, tmp_path, times=2) == [LOOPBACK, {}, {}]
    assert daemon.removed == ["1"]


def test_container_that_cannot_start_for_another_reason_is_removed(tmp_path: Path) -> None:
    daemon = FakeDaemon(refuses="no space left on device")
    with pytest.raises(EngineError, match="no space left"):
        started(daemon, tmp_path)
    assert daemon.removed == ["1"]


@pytest.mark.parametrize(
    ("network", "is_podman", "mode", "calls"),
    [
        (False, False, "bridge", ["disconnect", "start"]),
        (True, False, "bridge", ["disconnect", "start"]),
        (False, True, "none", ["start"]),
        (True, True, "bridge", ["start", "disconnect"]),
    ],
)
def test_container_is_without_a_network_before_its_first_step_and_has_a_loopback_interface(
    network: bool,
    is_podman: bool,
    mode: str,
    calls: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "project: p\nrepos: {r: {path: ., recipe: make, steps: {x: {after: build, run: a, network: %s}}}}\njobs: [debian-13]\n"
    (job,) = plan(text % str(network).lower()).jobs
    daemon = FakeDaemon()
    engine = DockerEngine(dockerfile=lambda _: "", bases={}, bucket="", scratch=tmp_path)
    monkeypatch.setattr(engine, "_connection", FakeConnection(daemon, is_podman))
    engine._started(Image(id="i", base="b", packages=""), job, PLAN, [])
    assert [config["HostConfig"]["network_mode"] for config in daemon.made] == [mode]
    assert daemon.calls == calls
