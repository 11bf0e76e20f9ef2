"""Servers beside a job, in containers of a real engine."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from loopback_server import JOB, with_service
from rig import PATIENCE, Document, Ended, boxes


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


@pytest.mark.parametrize("healthy", ["false", "sleep 600"])
def test_wait_for_a_service_ends_when_the_run_is_interrupted(
    tmp_path: Path, engine: Any, healthy: str
) -> None:
    process = with_service(tmp_path, healthy=f"touch /tmp/asked; {healthy}").begins()
    assert process.stdout is not None
    run = json.loads(process.stdout.readline())["run"]
    while not any(map(_is_asked, boxes(engine, run=run))):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    ended = json.loads(out.splitlines()[-1])
    assert (process.returncode, ended["results"][0]["status"]) == (130, "cancelled"), out + err
    assert boxes(engine, run=run) == []


def _is_asked(box: Document) -> bool:
    """Whether the command that tells the health of a service has begun in it."""
    look = ["docker", "exec", box["Id"], "test", "-e", "/tmp/asked"]
    return subprocess.run(look, capture_output=True, check=False).returncode == 0
