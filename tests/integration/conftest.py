"""The engine, the sources and the people that the tests share, and who may work beside whom."""

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from exclusive import Turn
from mailserver import MailServer, mail_server
from rig import HELLO_13, ROOT, Ended, Person, boxes, hello, kept, locked, runs_below

sys.path += [str(ROOT / "tools"), *(str(ROOT / "tests" / "unit" / name) for name in ("ci", "mail"))]
# `tests` as a package; last, so that the installed ciforge is the one that is tested.
sys.path.append(str(ROOT))


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers of this session; with one worker, its own."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


_TURN = Turn()


def _alone(item: pytest.Item | None) -> bool:
    return item is not None and item.get_closest_marker("alone") is not None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Beside a test that is marked `alone` no other one runs, nor is a fixture set up."""
    with _TURN.taken(alone=_alone(item), next_alone=_alone(nextitem)):
        return (yield)


LONG = (
    "test_injected_faults",
    "test_real_generate",
    "test_real_opensmtpd",
    "test_random_edits",
    "test_real_mail",
    "test_real_init",
    "test_containers",
    "test_example_patches",
    "test_real_cross",
    "test_real_managers",
    "test_real_diagnosis",
    "test_check_tools",
)
"""The modules that take longest, so that no worker begins one of them last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that must be alone come first, so that workers wait for each other only then; those of a
    module stay together."""
    waits = {item.path for item in items if _alone(item)}
    modules = list(dict.fromkeys(item.path for item in items))

    def place(item: pytest.Item) -> tuple[bool, int, int, bool]:
        name = item.path.stem
        long = LONG.index(name) if name in LONG else len(LONG)
        return item.path not in waits, long, modules.index(item.path), not _alone(item)

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def engine(common: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The Docker engine; at the end no box of this worker's tests may be left in it."""
    try:
        client = docker.from_env()
        client.ping()
    except Exception as error:
        told = f"these tests need a Docker engine (`sh tools/engine.sh` brings one up): {error}"
        pytest.fail(told, pytrace=False)
    yield client
    runs = {*runs_below(tmp_path_factory.getbasetemp()), *runs_below(common / "first")}
    left = [box["Id"] for box in boxes(client) if box["Labels"].get("org.ciforge.run") in runs]
    client.close()
    assert left == [], "boxes are left behind"


@pytest.fixture(scope="session", autouse=True)
def hello_run(engine: Any, common: Path) -> Ended:
    """The example on both releases of Debian: the first run, which makes the base images, once."""

    def run() -> Ended:
        folder = common / "first"
        return Person(hello(folder / "tree"), folder).runs("hello/debian/{default,objdir}")

    ended = kept(common / "first.json", run)
    assert ended.code == 0, ended.told
    return ended


@pytest.fixture(scope="session")
def opensmtpd(
    engine: Any, hello_run: Ended, common: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MailServer]:
    """OpenSMTPD on the base image of Debian 13, which the first run has made."""
    base = hello_run.results[HELLO_13]["base"].partition("@")[0]
    with mail_server(engine, base, tmp_path_factory.mktemp("mail"), common) as running:
        yield running


@pytest.fixture(scope="module")
def server(opensmtpd: MailServer) -> MailServer:
    """The same, without the mails of other files' tests."""
    opensmtpd.forgets()
    return opensmtpd


@pytest.fixture(scope="session")
def tarball(common: Path) -> Callable[[str], Path]:
    """Upstream's newest tarball of one of Debian's source packages, fetched once."""
    folder = common / "tarballs"
    folder.mkdir(exist_ok=True)

    def fetch(name: str) -> Path:
        with locked(common / "tarballs.lock"):
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
