"""A step with network that cannot reach a host: whose fault it is, is tried from outside."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rig import Ended, Person, commit, hello, load

FETCH = """\
if [ "$PRETEND" ] || ! timeout 5 bash -c ": <>/dev/tcp/$MIRROR/$PORT"; then
    echo "curl: (7) Failed to connect to $MIRROR port $PORT after 0 ms: Could not connect to server"
    exit 7
fi
"""


@pytest.fixture(scope="module")
def gateway(engine: Any) -> str:
    """The address of this machine that containers and ciforge have in common."""
    config = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]
    # Docker 20.10 leaves it out of a bridge that it has just made: then it is the first address.
    return str(config.get("Gateway") or ipaddress.ip_network(config["Subnet"])[1])


@pytest.fixture(scope="module")
def ports(gateway: str) -> Iterator[tuple[int, int]]:
    """A port of that address that accepts connections, and one that does not."""
    with socket.create_server((gateway, 0)) as other:
        closed = other.getsockname()[1]
    with socket.create_server((gateway, 0)) as server:
        yield server.getsockname()[1], closed


@pytest.fixture(scope="module")
def run(gateway: str, ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Three jobs that differ in what their step `fetch` wants to reach, and whether it tries."""
    home = tmp_path_factory.mktemp("network")
    tree = hello(home / "hello")
    accepting, closed = map(str, ports)
    project = load(tree / "ciforge.yml")
    project["repos"]["hello"].setdefault("steps", {})["fetch"] = {
        "run": FETCH, "network": True, "after": "bootstrap",
    }  # fmt: skip
    project["variants"] = {
        "lost": {"env": {"MIRROR": gateway, "PORT": closed}},
        "pretends": {"env": {"MIRROR": gateway, "PORT": accepting, "PRETEND": "1"}},
        "itself": {"env": {"MIRROR": "127.0.0.1", "PORT": closed}},
    }
    project["jobs"] = ["hello/debian-13/{lost,pretends,itself}"]
    (tree / "ciforge.yml").write_text(yaml.safe_dump(project))
    commit(tree, "Fetch something")
    return Person(tree, Path(home)).runs("--no-cache")


def test_host_that_ciforge_cannot_reach_either_is_infrastructure(
    run: Ended, gateway: str, ports: tuple[int, int]
) -> None:
    assert run.code == 3, run.told
    result = run.results["hello/debian-13/lost"]
    assert (result["status"], result["failed_step"]) == ("infrastructure", "fetch")
    assert f"fetch could not reach {gateway}:{ports[1]}" in result["reason"]


@pytest.mark.parametrize("variant", ["pretends", "itself"])
def test_a_step_that_only_says_so_failed(run: Ended, variant: str) -> None:
    result = run.results[f"hello/debian-13/{variant}"]
    assert (result["status"], result["failed_step"]) == ("failed", "fetch")
