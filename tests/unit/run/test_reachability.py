"""Whether ciforge reaches what a step could not reach."""

import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
import pytest
from projects import plan

from ciforge.diagnose.endpoints import Endpoint
from ciforge.run.reachability import Reach, accepts, lost_endpoint, reach

TEXT = """
project: p
repos: {tree: {path: ., recipe: make, steps: {fetch: {run: ./fetch.sh, network: true}}}}
jobs: ["tree/debian-13"]
"""
(JOB,) = plan(TEXT).jobs
LOG = "--- ciforge: fetch ---\ncurl: (7) Failed to connect to mirror.example.org port 443: Connection refused\n"


@pytest.fixture
def port() -> Iterator[int]:
    """A port of the loopback interface that accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def to(*addresses: str):  # type: ignore[no-untyped-def]
    def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


def fails(error: Exception):  # type: ignore[no-untyped-def]
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise error

    return resolve


def test_address_that_listens_accepts(port: int) -> None:
    assert accepts(Endpoint("127.0.0.1", port), 5)


def test_address_that_refuses_does_not_accept() -> None:
    assert not accepts(Endpoint("127.0.0.1", closed_port()), 5)


def test_address_is_not_asked_without_time(port: int) -> None:
    assert not accepts(Endpoint("127.0.0.1", port), 0)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "try again"), Reach.LOST),
        (socket.gaierror(socket.EAI_FAIL, "failed"), Reach.LOST),
        (socket.gaierror(socket.EAI_NONAME, "no such name"), Reach.UNKNOWN),
        (UnicodeError("label too long"), Reach.UNKNOWN),
    ],
)
def test_name_that_does_not_exist_is_no_loss_of_the_network(
    error: Exception, answer: Reach
) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        if host == "example.com":
            return ["192.0.2.1"]
        raise error

    assert reach(Endpoint("mirror.example.org", 443), resolve=resolve) is answer


def test_resolver_that_knows_no_name_at_all_is_a_loss_of_the_network() -> None:
    error = socket.gaierror(socket.EAI_NONAME, "no such name")
    assert reach(Endpoint("mirror.example.org", 443), resolve=fails(error)) is Reach.LOST


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "fe80::1%eth0", "0.0.0.0", "224.0.0.1", "x"])  # fmt: skip
def test_address_that_a_container_means_otherwise_is_never_connected_to(
    address: str, port: int
) -> None:
    assert reach(Endpoint("evil.example.org", port), resolve=to(address)) is Reach.UNKNOWN


def test_resolver_that_hangs_is_a_loss_of_the_network() -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        time.sleep(5)
        return ()

    assert reach(Endpoint("mirror.example.org", 443), seconds=0.05, resolve=resolve) is Reach.LOST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "log.txt").write_text(LOG)
    return tmp_path


def test_step_with_network_loses_what_ciforge_cannot_reach(folder: Path) -> None:
    asked: list[Endpoint] = []

    def test(endpoint: Endpoint) -> Reach:
        asked.append(endpoint)
        return Reach.LOST

    assert lost_endpoint(JOB, folder, "fetch", test) == Endpoint("mirror.example.org", 443)
    assert asked == [Endpoint("mirror.example.org", 443)]


@pytest.mark.parametrize("answer", [Reach.REACHED, Reach.UNKNOWN])
def test_line_of_a_log_alone_is_no_loss_of_the_network(folder: Path, answer: Reach) -> None:
    assert lost_endpoint(JOB, folder, "fetch", lambda _: answer) is None


def test_step_without_network_loses_none(folder: Path) -> None:
    steps = tuple(attrs.evolve(step, network=False) for step in JOB.steps)
    assert (
        lost_endpoint(attrs.evolve(JOB, steps=steps), folder, "fetch", lambda _: Reach.LOST) is None
    )


def test_other_root_cause_is_no_loss_of_the_network(folder: Path) -> None:
    (folder / "log.txt").write_text(
        "--- ciforge: fetch ---\nx.c:1:1: error: unknown type name 'y'\n"
    )
    assert lost_endpoint(JOB, folder, "fetch", lambda _: Reach.LOST) is None


def test_log_that_is_gone_is_no_loss_of_the_network(tmp_path: Path) -> None:
    assert lost_endpoint(JOB, tmp_path, "fetch", lambda _: Reach.LOST) is None
