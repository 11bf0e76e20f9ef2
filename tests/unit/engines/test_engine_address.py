"""Where an engine with Docker's API is looked for, and which one is taken."""

import socket
from pathlib import Path

import pytest

from ciforge.engines import client, engine_address
from ciforge.engines.client import Connection, title_of
from ciforge.engines.engine_address import DOCKER, engine_addresses, may_answer
from ciforge.engines.protocol import EngineUnreachable

ROOT_SOCKET = "unix:///run/podman/podman.sock"


def test_docker_host_is_the_only_address() -> None:
    found = engine_addresses({"DOCKER_HOST": "tcp://there:2375", "CONTAINER_HOST": "tcp://b:1"}, 0)
    assert found == ("tcp://there:2375",)


def test_docker_is_asked_before_podman_of_the_user_and_of_root() -> None:
    found = engine_addresses({"XDG_RUNTIME_DIR": "/run/user/7"}, 1000)
    assert found == (DOCKER, "unix:///run/user/7/podman/podman.sock", ROOT_SOCKET)


def test_podman_of_the_user_is_looked_for_without_a_runtime_folder_in_the_environment() -> None:
    assert engine_addresses({}, 1000)[1] == "unix:///run/user/1000/podman/podman.sock"


def test_container_host_comes_before_the_usual_sockets_of_podman() -> None:
    assert engine_addresses({"CONTAINER_HOST": "tcp://there:1"}, 0)[:2] == (DOCKER, "tcp://there:1")


def test_container_host_over_ssh_is_left_out_as_only_podman_itself_speaks_that() -> None:
    assert engine_addresses({"CONTAINER_HOST": "ssh://a@b/run/x"}, 0)[1:] == (
        "unix:///run/user/0/podman/podman.sock", ROOT_SOCKET,
    )  # fmt: skip


def test_a_socket_that_does_not_exist_is_not_tried(tmp_path: Path) -> None:
    assert not may_answer(f"unix://{tmp_path}/none.sock")
    assert may_answer(f"unix://{tmp_path}")
    assert may_answer("tcp://127.0.0.1:1")


def test_an_engine_names_itself_by_its_components() -> None:
    assert title_of({"Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]}) == "podman"
    assert title_of({"Components": [{"Name": "Engine"}]}) == "Docker"
    assert title_of({}) == "Docker"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """No engine answers at Docker's usual place, and none of root's podman is looked for."""
    address = f"unix://{tmp_path}/none.sock"
    for name in ("DOCKER_HOST", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(engine_address, "DOCKER", address)
    monkeypatch.setattr(engine_address, "_ROOT", tmp_path / "root.sock")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return address


def test_error_names_podman_where_its_socket_is_there_and_nobody_answers(
    nowhere: str, tmp_path: Path
) -> None:
    (tmp_path / "podman").mkdir()
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "podman/podman.sock"))
    with pytest.raises(EngineUnreachable) as raised:
        Connection().client()
    assert str(raised.value) == (
        "no Docker engine answers: No such file or directory; "
        f"unix://{tmp_path}/podman/podman.sock: Connection refused"
    )
    assert "podman.socket" in raised.value.hint


def test_docker_that_is_silent_is_not_replaced_by_podman(
    nowhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def silent(address: str, _timeout: int) -> None:
        asked.append(address)
        raise TimeoutError

    (tmp_path / "podman").mkdir()
    (tmp_path / "podman/podman.sock").touch()
    monkeypatch.setattr(client, "_client", silent)
    with pytest.raises(EngineUnreachable, match=r"does not answer in time$"):
        Connection().client()
    assert asked == [nowhere]
