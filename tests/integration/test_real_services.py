"""Servers beside a job, in containers of a real engine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rig import Ended, Person, boxes, trial

JOB = "tree/debian-13/default"
PORT = 4017
SERVER = (
    "exec perl -MIO::Socket::INET -e '$| = 1; "
    f"$s = IO::Socket::INET->new(Listen => 5, LocalAddr => q(127.0.0.1), LocalPort => {PORT});"
    " print STDOUT qq(waits\\n); while ($c = $s->accept) { print $c qq(served\\n); close $c }'"
)
CLIENT = f"perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(q(127.0.0.1:{PORT}))->getline'"
NETWORK = "echo routes $(grep -vc Iface /proc/net/route)"
PACKAGES = ["autoconf", "automake", "cc", "ccache", "libc", "make", "pkg-config"]
"""Those of the job, so that its image is that of the service."""


def with_service(folder: Path, **changes: Any) -> Person:
    """Somebody in a tree whose job has a server beside it."""
    service: Mapping[str, Any] = {
        "dependencies": PACKAGES, "run": f"{NETWORK}\n{SERVER}", "healthy": CLIENT, **changes,
    }  # fmt: skip
    steps = {"talk": {"after": "build", "run": f"{CLIENT}\n{NETWORK}"}}
    return Person(trial(folder / "tree", steps, repo={"services": {"server": service}}), folder)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return with_service(tmp_path_factory.mktemp("service")).runs()


def test_service_is_reached_at_127_0_0_1_and_has_no_other_network(ended: Ended) -> None:
    assert ended.step(JOB, "talk") == ["served", "routes 0"], ended.told
    log = (ended.job(JOB) / "artifacts" / "service,server.log").read_text()
    assert log.splitlines()[:2] == ["routes 0", "waits"]
    assert ended.results[JOB]["given"] == {"*": "services: server"}


def test_services_end_with_their_job(ended: Ended, engine: Any) -> None:
    assert ended.code == 0, ended.told
    assert boxes(engine, run=ended.folder.name) == []


def test_service_that_ends_fails_its_job(tmp_path: Path, engine: Any) -> None:
    ended = with_service(tmp_path, run="echo no such port; exit 3").runs()
    result = ended.results[JOB]
    assert result["status"] == "failed", ended.told
    assert result["reason"] == "the service server ended; its last line: no such port"
    assert boxes(engine, run=ended.folder.name) == []
