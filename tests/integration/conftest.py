"""The engine, the sources and the people that the tests share."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from mailserver import MailServer, mail_server
from rig import HELLO_13, ROOT, Ended, Person, boxes, hello, runs_below

sys.path += [str(ROOT / "tools"), str(ROOT / "tests" / "unit" / "mail")]


@pytest.fixture(scope="session", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The Docker engine; at the end no box of any test may be left in it."""
    try:
        client = docker.from_env()
        client.ping()
    except Exception as error:
        told = f"these tests need a Docker engine (`sh tools/engine.sh` brings one up): {error}"
        pytest.fail(told, pytrace=False)
    yield client
    runs = set(runs_below(tmp_path_factory.getbasetemp()))
    left = [box["Id"] for box in boxes(client) if box["Labels"].get("org.ciforge.run") in runs]
    client.close()
    assert left == [], "boxes are left behind"


@pytest.fixture(scope="session", autouse=True)
def hello_run(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The example on both releases of Debian: the first run, which makes the base images."""
    folder = tmp_path_factory.mktemp("first")
    ended = Person(hello(folder / "tree"), folder).runs("hello/debian/{default,objdir}")
    assert ended.code == 0, ended.told
    return ended


@pytest.fixture(scope="session")
def opensmtpd(
    engine: Any, hello_run: Ended, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MailServer]:
    """OpenSMTPD on the base image of Debian 13, which the first run has made."""
    base = hello_run.results[HELLO_13]["base"].partition("@")[0]
    with mail_server(engine, base, tmp_path_factory.mktemp("mail")) as running:
        yield running


@pytest.fixture(scope="module")
def server(opensmtpd: MailServer) -> MailServer:
    """The same, without the mails of other files' tests."""
    opensmtpd.forgets()
    return opensmtpd


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Upstream's newest tarball of one of Debian's source packages, fetched once."""
    folder = tmp_path_factory.mktemp("tarballs")

    def fetch(name: str) -> Path:
        done = subprocess.run(
            [sys.executable, ROOT / "tools" / "debian_source.py", name, folder],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    return fetch


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody in an empty folder."""
    here = tmp_path / "here"
    here.mkdir()
    return Person(here, tmp_path / "home")


@pytest.fixture
def in_hello(tmp_path: Path) -> Person:
    """Somebody in a checkout of the example."""
    return Person(hello(tmp_path / "hello"), tmp_path / "home")
