"""One option for all tests, and the signals that they send."""

import functools
import gc
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, Phase, settings

from ciforge.load import catalogue, yaml_document
from ciforge.resources import data_folder

# A busy machine makes any example slow: no test judges a time.
settings.register_profile(
    "without a clock",
    parent=settings(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("without a clock")
# What `make check` takes, by --hypothesis-profile; every number of `examples` becomes a tenth.
settings.register_profile("quick", parent=settings(), max_examples=10, database=None)
# To search for longer, by hand: ten times as many examples, and none is made smaller.
settings.register_profile(
    "long",
    parent=settings(),
    max_examples=1000,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        default=False,
        help="write what came out into the files of tests/golden, instead of comparing",
    )


def folder_in_memory() -> Path | None:
    """Where quick tests put temporary files: thousands of them are faster in memory than on a disk."""
    folder = Path("/dev/shm")
    try:
        system = os.statvfs(folder)
    except OSError:
        return None
    programs = not system.f_flag & getattr(os, "ST_NOEXEC", 0)
    room = system.f_bavail * system.f_frsize > 2 << 30
    return folder if programs and room and os.access(folder, os.W_OK | os.X_OK) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Three workers on two processors, for tests that start programs or wait; the quick ones do neither."""
    quick = config.getoption("--hypothesis-profile") == "quick"
    return None if quick else max(1, (os.cpu_count() or 1) * 3 // 2)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--hypothesis-profile") == "quick" and (folder := folder_in_memory()):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))
    heed_signals()


def heed_signals() -> None:
    """Signals as a terminal has them: what runs in the background under nohup may ignore some, its
    children too, and tests send them."""
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_finish() -> None:
    """The garbage collector need not look through thousands of collected tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A temporary folder for this process: others may have thousands of files in theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("tmp")))
        yield


@pytest.fixture(autouse=True, scope="session")
def compiled_templates() -> Iterator[None]:
    """Templates of equal text are compiled once; that takes longer than to render them."""
    compile_anew = jinja2.Environment.compile

    @functools.cache
    def code(text: str, name: str | None, file: str | None, settings: tuple[Any, ...]) -> Any:
        return compile_anew(environments[settings], text, name, file)

    environments: dict[tuple[Any, ...], jinja2.Environment] = {}

    def compiled(
        self: jinja2.Environment, source: Any, name: str | None = None, filename: str | None = None,
        raw: bool = False, defer_init: bool = False,
    ) -> Any:  # fmt: skip
        if raw or not isinstance(source, str):
            return compile_anew(self, source, name, filename, raw, defer_init)
        settings = (
            type(self),
            self.block_start_string,
            self.trim_blocks,
            self.autoescape,
            *self.filters,
        )
        environments.setdefault(settings, self)
        return code(source, name, filename, settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", compiled)
        yield


@pytest.fixture(autouse=True, scope="session")
def shipped_nodes() -> Iterator[None]:
    """The text of each of ciforge's own descriptors and tables is parsed once a process, also beside those of a test."""
    texts = {file.read_text() for file in data_folder("distros").rglob("*.yml")}
    compose = yaml_document.compose
    cached = functools.cache(compose)

    def composed(text: str) -> Any:
        return cached(text) if text in texts else compose(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_document, "compose", composed)
        yield


@pytest.fixture(autouse=True, scope="session")
def shipped_catalogue() -> Iterator[None]:
    """Ciforge's own descriptors are read once a process, not once a test; others each time."""
    read = catalogue._read
    shipped = [data_folder("distros")]
    cached = functools.cache(lambda only: read(shipped, only))

    def catalogue_of(folders: Any, only: frozenset[str] | None = None) -> Any:
        return cached(only) if list(folders) == shipped else read(folders, only)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "_read", catalogue_of)
        yield
