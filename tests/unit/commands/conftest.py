"""Somebody who types `ciforge` in a folder with a project, without leaving this process."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from ciforge.cli.main import main
from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.resources import data_folder
from ciforge.store.runs.run_folder import RunFolder

sys.path.append(str(Path(__file__).parents[1] / "ci"))  # the service that some tests ask

PROJECT = """\
project: mine
repos:
  daemon: {path: daemon, recipe: autotools}
  filter: {path: filter, recipe: go, branches: [main, stable]}
variants:
  clang: {dependencies: [clang], env: {CC: clang}}
jobs:
  - daemon/debian/{default,clang}
  - filter/debian-13/default
"""


@attrs.frozen
class Typed:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Types = Callable[..., Typed]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project, where we are; its state lies beside it, and no engine answers."""
    folder = tmp_path / "tree"
    for repo in ("daemon", "filter"):
        (folder / repo).mkdir(parents=True)
    (folder / "ciforge.yml").write_text(PROJECT)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CIFORGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    for name in ("NO_COLOR", "COLUMNS", "_CIFORGE_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def state(here: Path) -> Path:
    """The project's state folder."""
    return here.parent / "state" / "mine"


@pytest.fixture
def types(here: Path, capfd: pytest.CaptureFixture[str]) -> Types:
    def typed(*words: object) -> Typed:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Typed(int(ended.value.code or 0), out, err)

    return typed


@attrs.frozen
class Past:
    """Runs that are over: ids to what became of their jobs."""

    state: Path

    def run(
        self,
        id_: str,
        started: str,
        jobs: dict[str, Status],
        *,
        ended: bool = True,
        source: SourceUsed | None = None,
    ) -> Path:
        """One run; its folder."""
        code = 0 if set(jobs.values()) <= {Status.PASSED} else 1
        run = Run(
            id=id_, project="mine", started=started, version="0", jobs=tuple(jobs), seconds=7.4,
            ended=started if ended else "", exit_code=code if ended else None,
        )  # fmt: skip
        folder = RunFolder.create(self.state, run)
        for job, status in jobs.items():
            passed = status is Status.PASSED
            failed = StepResult(name="build", exit_code=0 if passed else 2, seconds=3.0, started="")
            place = folder.job_folder(job)
            (place / "log.txt").write_bytes(f"{id_} {job}\n\x1b[31mred\x1b[0m\n".encode())
            folder.write_result(Result(
                job=job, status=status, failed_step=None if passed else "build", started=started,
                seconds=3.2, steps=(failed,), source=source,
            ))  # fmt: skip
        return self.state / "runs" / id_


@pytest.fixture
def past(state: Path) -> Past:
    shutil.rmtree(state, ignore_errors=True)
    return Past(state)


def own_alpine(folder: Path, eol: str) -> None:
    """A project on Alpine only, whose own descriptor lets 3.23 end on that day."""
    text = (data_folder("distros") / "alpine.yml").read_text()
    text = text.replace("2027-11-01", eol)
    (folder / "distros").mkdir(exist_ok=True)
    (folder / "distros" / "alpine.yml").write_text(text)
    (folder / "ciforge.yml").write_text(
        PROJECT.partition("jobs:")[0] + "jobs: [daemon/alpine/default]\n"
    )
