"""Limits that podman without root claims and cannot set. The answers are those of podman 4.3 on Debian 12."""

import pytest

from ciforge.engines.engine_facts import ROOTLESS, with_podman_limits

INFO = {
    "MemoryLimit": True, "PidsLimit": True, "SwapLimit": True, "NCPU": 2, "CgroupVersion": "1",
    "SecurityOptions": ["name=seccomp,profile=default"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("controllers", "memory", "processes"),
    [([], False, False), (["memory", "pids"], True, True), (["cpu", "pids"], False, True)],
)
def test_podman_without_root_has_the_limits_that_were_delegated_to_it(
    controllers: list[str], memory: bool, processes: bool
) -> None:
    own = {"host": {"cgroupControllers": controllers, "security": {"rootless": True}}}
    found = with_podman_limits(INFO, own)
    assert (found["MemoryLimit"], found["PidsLimit"]) == (memory, processes)
    assert ROOTLESS in found["SecurityOptions"]
    assert found["NCPU"] == 2


def test_podman_without_root_has_no_limit_that_its_kernel_lacks() -> None:
    own = {"host": {"cgroupControllers": ["memory"], "security": {"rootless": True}}}
    assert not with_podman_limits({**INFO, "MemoryLimit": False}, own)["MemoryLimit"]


@pytest.mark.parametrize("own", [{"host": {"security": {"rootless": False}}}, {}])
def test_podman_of_root_has_the_limits_of_the_kernel(own: dict[str, object]) -> None:
    assert with_podman_limits(INFO, own) == INFO
