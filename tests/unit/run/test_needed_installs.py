"""Jobs that need the install of another one: laid in if it passed, else not tried."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import attrs
import pytest
from fakes import FakeBox, FakeEngine, prints, raises
from projects import plan

from ciforge.engines.protocol import Stop
from ciforge.model.event import Event, RunEnded
from ciforge.model.job import Job
from ciforge.model.result import Run, SourceUsed, Status
from ciforge.plan.needed_repos import FOLDER, PACKED
from ciforge.run.allocation import share
from ciforge.run.exit_status import exit_code
from ciforge.run.job_settings import Archive, Settings
from ciforge.run.scheduler import run_all
from ciforge.store.runs.run_folder import RunFolder

TEXT = """
project: p
repos:
  filter: {recipe: make, needs: [lib], steps: {build: {run: make filter}}}
  lib: {recipe: make, steps: {build: {run: make lib}}}
jobs: [debian-13]
"""
FILTER, LIB = plan(TEXT).jobs


class Recording(FakeBox):
    """A machine that notes which archives it was given, and where."""

    put_files: ClassVar[list[str]] = []

    def put(self, archive: Path, folder: str) -> None:
        if folder == FOLDER:
            assert archive.is_file()
            self.put_files.append(archive.name)


def run(
    folder: Path, engine: FakeEngine, jobs: Sequence[Job] = (FILTER, LIB), parallel: int = 1
) -> tuple[RunEnded, Settings]:
    info = Run(id="20260101T000000Z-000000", project="p", started="", version="0")
    (folder / "scratch").mkdir()
    events: list[Event] = []
    sources = {
        repo: Archive(
            file=folder / "scratch" / f"{repo}.tar", used=SourceUsed(repo=repo, origin="here")
        )
        for repo in ("filter", "lib")
    }
    settings = Settings(
        run=info.id, project="p", engine=engine, folder=RunFolder.create(folder / "state", info),
        sources=sources, emit=events.append, share=share(2, 8 * 1024**3, jobs=parallel, wanted=2),
        stop=Stop(), timeout=60,
    )  # fmt: skip
    return run_all(jobs, settings), settings


@pytest.mark.parametrize("parallel", [1, 2])
def test_needed_job_runs_first_and_its_install_is_put_into_the_machine(
    parallel: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakes.FakeBox", Recording)
    Recording.put_files.clear()
    engine = FakeEngine(files={PACKED: b"a tar file"})
    ended, _ = run(tmp_path, engine, parallel=parallel)
    assert [result.status for result in ended.results] == [Status.PASSED, Status.PASSED]
    assert [box.ran[0] for box in engine.opened] == ["build", "install-needed"]
    assert Recording.put_files == ["put,needed,filter,debian-13,default.tar"]
    packed = tmp_path / "scratch" / "installs" / "needed,lib,debian-13,default.tar"
    assert packed.read_bytes() == b"a tar file"


@pytest.mark.parametrize("parallel", [1, 2])
def test_job_whose_needed_job_failed_is_not_tried_and_fails_nothing_itself(
    parallel: int, tmp_path: Path
) -> None:
    engine = FakeEngine(acts={"build": prints("bad\n", 2)})
    ended, _ = run(tmp_path, engine, parallel=parallel)
    needing, needed = ended.results
    assert needed.status is Status.FAILED
    assert needing.status is Status.CANCELLED
    assert (
        needing.result.reason == "not tried: it needs lib/debian-13/default, which ended as failed"
    )
    assert needing.result.not_tried_for == LIB.id
    assert len(engine.opened) == 1
    assert exit_code([needing.result, needed.result], interrupted=False) == 1


def test_job_without_the_packed_install_is_infrastructure(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, FakeEngine())
    needing, needed = ended.results
    assert needed.status is Status.INFRASTRUCTURE
    assert "what it hands on is missing or larger than 128 MiB" in needed.result.reason
    assert needing.result.reason.endswith("which ended as infrastructure")


def test_job_whose_needed_job_is_no_part_of_the_run_is_not_tried(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, FakeEngine(), [FILTER])
    (only,) = ended.results
    assert (
        only.result.reason
        == "not tried: it needs lib/debian-13/default, which is no part of this run"
    )


@pytest.mark.parametrize("parallel", [1, 2])
def test_mistake_in_a_needed_job_ends_the_wait_and_is_raised(parallel: int, tmp_path: Path) -> None:
    engine = FakeEngine(acts={"build": raises(ZeroDivisionError())})
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, engine, parallel=parallel)
    assert len(engine.opened) == 1


def test_allowed_job_is_not_tried_after_an_allowed_failure_and_the_run_is_green(
    tmp_path: Path,
) -> None:
    jobs = [attrs.evolve(job, allow_failure=True) for job in (FILTER, LIB)]
    ended, _ = run(tmp_path, FakeEngine(acts={"build": prints("bad\n", 2)}), jobs)
    assert [one.status for one in ended.results] == [Status.CANCELLED, Status.FAILED]
    assert exit_code([one.result for one in ended.results], interrupted=False) == 0


class Verdicts:
    """Verdicts that know every job."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, job: Job, settings: Settings) -> None:
        self.asked.append(job.id)

    def record(self, job: Job, result: object, settings: Settings, *, proves: bool) -> None:
        self.asked.append(job.id)


def test_verdict_stands_for_no_job_that_needs_an_install_or_hands_one_on(tmp_path: Path) -> None:
    engine = FakeEngine(files={PACKED: b""})
    _, settings = run(tmp_path, engine)
    verdicts = Verdicts()
    run_all((FILTER, LIB), attrs.evolve(settings, verdicts=verdicts))
    assert verdicts.asked == []
    run_all((LIB,), attrs.evolve(settings, verdicts=verdicts))
    assert verdicts.asked == [LIB.id, LIB.id]
