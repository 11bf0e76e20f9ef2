"""A step is not run if all that it read is as it was; otherwise it runs, and so does a failed job without it."""

import io
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
from fakes import FakeBox, FakeEngine, prints
from projects import plan
from test_job_runner import BRANCH, TREE, Bench, Ran

from ciforge.engines.protocol import Image, Machine, MachineSpec, OutputHandler, Stop
from ciforge.engines.step_observer import MadeFile, StepObservation
from ciforge.model.job import Job
from ciforge.model.result import Status
from ciforge.model.source_version import SourceVersion
from ciforge.run.saved_steps import SavedSteps
from ciforge.run.scheduler import run_all
from ciforge.sources.tar_writer import pack
from ciforge.sources.tree_entry import Entry, EntryKind
from ciforge.store.saved_step_files import SavedStepFiles, saved_step_files
from tests.tables import each

TEXT = """
project: p
repos:
  tree:
    path: .
    recipe: autotools
    steps: {install: false}
jobs: [tree/debian-13]
"""
(JOB,) = plan(TEXT).jobs
SECOND = 10**9
BEGAN = 2_000 * SECOND
FILES = {"configure.ac": b"AC_INIT", "Makefile.am": b"SUBDIRS", "main.c": b"int main;"}


def made(path: str, data: bytes = b"made", at: int = BEGAN, **more: Any) -> MadeFile:
    return MadeFile(path=path, **{"type": tarfile.REGTYPE, "mode": 0o644, "mtime": at, "data": data} | more)  # fmt: skip


CONFIGURE = (
    made("configure", b"#!/bin/sh", BEGAN + 1, mode=0o755),
    made("Makefile.in", at=BEGAN + 2),
)
RESULTS = (made("config.h", at=BEGAN + 4), made("config.status", at=BEGAN + 3), made("obj", b"", type=tarfile.DIRTYPE))  # fmt: skip


def saw(read: tuple[str, ...], files: tuple[MadeFile, ...]) -> StepObservation:
    return StepObservation(read=frozenset(read), made=files, began=BEGAN, ended=BEGAN + SECOND)


@attrs.define
class Script:
    """What each step of the job is seen to do; None: it cannot be repeated."""

    seen: dict[str, StepObservation | None] = attrs.field(
        factory=lambda: {
            "bootstrap": saw(("configure.ac", "Makefile.am"), CONFIGURE),
            "configure": saw(("configure", "Makefile.in"), RESULTS),
        }
    )


@attrs.define
class ObservedBox(FakeBox):
    """A machine that is observed, and keeps what was laid in."""

    script_of_steps: Script = attrs.field(factory=Script)
    laid: list[tuple[str, float]] = attrs.field(factory=list)

    def put(self, archive: Path, folder: str) -> None:
        if archive.name == "steps.tar":
            with tarfile.open(archive) as tar:
                self.laid += [(entry.name, float(entry.mtime)) for entry in tar]

    def observer(self) -> Any:
        return self

    def begin(self) -> bool:
        return True

    def end(self) -> StepObservation | None:
        return self.script_of_steps.seen[self.ran[-1]]


@attrs.define
class ObservedEngine(FakeEngine):
    """An engine whose machines are observed."""

    script: Script = attrs.field(factory=Script)
    name: str = "docker"
    image: str = "sha256:1"

    def prepare(self, job: Job, hear: OutputHandler, stop: Stop) -> Image:
        return Image(id=self.image, base="base@sha256:2")

    def identity(self) -> str:
        return self.name

    @contextmanager
    def open(self, image: Image, job: Job, plan: MachineSpec) -> Iterator[Machine]:
        box = ObservedBox(self.acts, self.files, plan=plan, script_of_steps=self.script)
        self.opened.append(box)
        yield box


class Saver:
    """Runs the job as several runs of one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bench = Bench(folder)
        self.files: dict[str, bytes] = dict(FILES)
        self.times: dict[str, int] = {}
        self.version = SourceVersion(revision="1" * 40, describe="v1", time=86400 * 365)
        self.told: list[str] = []
        self.domain = TREE

    def runs(self, engine: ObservedEngine | None = None, job: Job = JOB, **more: Any) -> "Told":
        self.bench.domain = self.domain
        engine = engine or ObservedEngine()
        number = len(list(self.folder.glob("state/runs/*")))
        settings = self.bench.settings(engine, f"20260101T000000Z-00000{number}")
        file = self.folder / "tree.tar"
        pack([self._entry(path) for path in self.files], file, self.told.append)
        archive = attrs.evolve(settings.sources["tree"], file=file, version=self.version, **more)
        steps = SavedSteps(SavedStepFiles(self.bench.state, self.told.append), engine, self.told.append)  # fmt: skip
        settings = attrs.evolve(
            settings, sources={"tree": archive}, saved_steps=steps, on_message=self.told.append
        )
        ended = run_all([job], settings)
        return Told(Ran(ended, self.bench.events, settings.folder.path), engine)

    def _entry(self, path: str) -> Entry:
        @contextmanager
        def content() -> Iterator[Any]:
            yield len(self.files[path]), io.BytesIO(self.files[path])

        return Entry(
            path=path.encode(), kind=EntryKind.FILE, mode=0o644, mtime=self.times.get(path, 1000),
            open=content,
        )  # fmt: skip


@attrs.frozen
class Told:
    """What became of a run."""

    ran: Ran
    engine: ObservedEngine

    @property
    def boxes(self) -> list[ObservedBox]:
        return [box for box in self.engine.opened if isinstance(box, ObservedBox)]

    @property
    def steps(self) -> list[str]:
        """The steps that really ran in the last machine."""
        return self.boxes[-1].ran

    @property
    def laid(self) -> dict[str, float]:
        return dict(self.boxes[0].laid)


@pytest.fixture
def saver(tmp_path: Path) -> Saver:
    found = Saver(tmp_path)
    assert found.runs().steps == ["bootstrap", "configure", "build"]
    return found


def test_edit_of_a_file_that_no_step_read_runs_only_what_follows(saver: Saver) -> None:
    saver.files["main.c"] = b"int other;"
    told = saver.runs()
    assert told.steps == ["build"]
    result = told.ran.result.result
    assert (result.replayed, result.restarted) == (("bootstrap", "configure"), "")
    assert [(step.name, step.exit_code) for step in result.steps[1:]] == [
        ("bootstrap", 0), ("configure", 0), ("build", 0),
    ]  # fmt: skip
    log = next(told.ran.folder.glob("*/log.txt")).read_text()
    assert "not run: all that it reads is as it was in run 20260101T000000Z-000000" in log
    assert "\nbootstrap\n" in log, "the output of that run"


def test_files_of_a_saved_step_are_newer_than_the_source_and_keep_their_order(saver: Saver) -> None:
    saver.times["main.c"] = int(time.time()) - 5
    laid = saver.runs().laid
    order = ["configure", "Makefile.in", "config.status", "config.h"]
    times = [laid[name] for name in order]
    assert times == sorted(set(times))
    assert saver.times["main.c"] < times[0] < times[-1] < saver.times["main.c"] + 0.01


def test_steps_of_a_source_with_a_time_to_come_run(saver: Saver) -> None:
    saver.times["main.c"] = int(time.time()) + 3600
    assert saver.runs().steps == ["bootstrap", "configure", "build"]


def test_time_that_a_step_set_itself_is_kept(tmp_path: Path) -> None:
    script = Script()
    script.seen["bootstrap"] = saw(("configure.ac",), (made("install-sh", at=77 * SECOND), *CONFIGURE))  # fmt: skip
    saver = Saver(tmp_path)
    saver.runs(ObservedEngine(script=script))
    assert saver.runs().laid["install-sh"] == 77


@each(
    ("change", "ran"),
    [
        ({"configure.ac": b"AC_INIT(2)"}, ["bootstrap", "configure", "build"]),
        ({"new.c": b""}, ["bootstrap", "configure", "build"]),
        ({"main.c": b""}, ["bootstrap", "configure", "build"]),
    ],
)
def test_step_runs_again_if_anything_that_it_read_differs(
    change: Mapping[str, bytes], ran: list[str], saver: Saver
) -> None:
    saver.files |= change
    assert saver.runs().steps == ran


def test_step_runs_again_if_a_file_that_scripts_only_compare_differs(tmp_path: Path) -> None:
    saver = Saver(tmp_path)
    saver.files["limits.def"] = b"1"  # of size and time alone: [ limits.def -nt limits.h ], wc -c
    saver.runs()
    assert saver.runs().steps == ["build"]
    saver.files["limits.def"] = b"2"
    assert saver.runs().steps == ["bootstrap", "configure", "build"]
    saver.times["limits.def"] = 1001
    assert saver.runs().steps == ["bootstrap", "configure", "build"]


@each("at", [1000 * SECOND, 1500 * SECOND])
def test_step_that_made_a_file_with_a_time_of_the_source_is_not_saved(
    tmp_path: Path, at: int
) -> None:
    script = Script()
    script.seen["bootstrap"] = saw(("configure.ac",), (made("m4/x.m4", at=at), *CONFIGURE))
    saver = Saver(tmp_path)
    saver.runs(ObservedEngine(script=script))
    assert "bootstrap" in saver.runs(ObservedEngine(script=script)).steps


def test_step_that_copied_a_file_with_its_time_runs_in_a_source_that_is_older(
    tmp_path: Path,
) -> None:
    script = Script()
    script.seen["bootstrap"] = saw(("configure.ac",), (made("install-sh", at=77 * SECOND), *CONFIGURE))  # fmt: skip
    saver = Saver(tmp_path)
    saver.runs(ObservedEngine(script=script))
    saver.times = dict.fromkeys(saver.files, 60)
    assert "bootstrap" in saver.runs().steps


def test_step_runs_again_where_its_inputs_have_another_order_of_times(saver: Saver) -> None:
    saver.times["configure.ac"] = 1001
    assert "bootstrap" in saver.runs().steps


def test_working_tree_uses_the_saved_steps_of_the_followed_branch_and_no_other_way(
    tmp_path: Path,
) -> None:
    saver = Saver(tmp_path)
    saver.domain = BRANCH
    assert saver.runs().steps == ["bootstrap", "configure", "build"]
    saver.domain = TREE
    assert saver.runs().steps == ["build"]
    saver.files["configure.ac"] = b"AC_INIT(2)"
    saver.runs()
    saver.domain = BRANCH
    assert "bootstrap" in saver.runs().steps


@each("change", [{"image": "sha256:2"}, {"name": "podman"}])
def test_step_runs_again_on_another_engine_or_image(change: dict[str, str], saver: Saver) -> None:
    assert "bootstrap" in saver.runs(ObservedEngine(**change)).steps


def test_commit_counts_only_where_an_input_or_a_result_names_it(saver: Saver) -> None:
    saver.version = SourceVersion(revision="2" * 40, describe="v2", time=86400 * 800)
    assert saver.runs().steps == ["build"]
    saver.files["configure.ac"] = b"m4_esyscmd([echo $CIFORGE_REVISION])"
    assert "bootstrap" in saver.runs().steps
    assert "bootstrap" not in saver.runs().steps
    saver.version = SourceVersion(revision="3" * 40, describe="v3", time=86400 * 900)
    assert "bootstrap" in saver.runs().steps


def test_commit_counts_where_a_result_has_its_date(tmp_path: Path) -> None:
    script = Script()
    script.seen["bootstrap"] = saw(("configure.ac",), (made("hello.1", b'.TH HELLO 1 "January 1971"'),))  # fmt: skip
    saver = Saver(tmp_path)
    saver.runs(ObservedEngine(script=script))
    assert "bootstrap" not in saver.runs(ObservedEngine(script=script)).steps
    saver.version = SourceVersion(revision="3" * 40, describe="v3", time=86400 * 900)
    assert "bootstrap" in saver.runs(ObservedEngine(script=script)).steps


@each(
    "seen",
    [
        None,
        saw((), (made("lib.a", b"!<arch>\n..."),)),
        saw((), (made("prog", b"\x7fELF..."),)),
        saw((), (made("main.c", b"other", mode=0o755),)),
    ],
)
def test_step_that_cannot_be_repeated_by_files_is_not_saved(
    seen: StepObservation | None, tmp_path: Path
) -> None:
    script = Script()
    script.seen["bootstrap"] = seen
    saver = Saver(tmp_path)
    for _ in range(2):
        assert saver.runs(ObservedEngine(script=script)).steps == ["bootstrap", "configure", "build"]  # fmt: skip
    assert saved_step_files(saver.bench.state) == ()


def test_step_of_a_source_with_its_git_is_not_saved(saver: Saver, tmp_path: Path) -> None:
    git = tmp_path / "git.tar"
    pack([], git, saver.told.append)
    assert "bootstrap" in saver.runs(git=git).steps


def test_emulated_step_is_not_saved(saver: Saver) -> None:
    @attrs.define
    class Elsewhere(ObservedEngine):
        def platform(self) -> str:
            return "linux/arm64"

    assert "bootstrap" in saver.runs(Elsewhere()).steps


def test_failure_after_saved_steps_is_told_at_once_and_repeated_without_caches(
    saver: Saver,
) -> None:
    told = saver.runs(ObservedEngine({"build": prints("main.c:1: error: no\n", 1)}))
    assert told.ran.result.status is Status.FAILED
    first, second = told.boxes
    assert (first.ran, second.ran) == (["build"], ["bootstrap", "configure", "build"])
    assert (bool(first.ccache), second.ccache) == (True, "")
    assert "build failed, unconfirmed" in saver.told[-1]
    assert "main.c:1: error: no" in saver.told[-1]
    assert len(saved_step_files(saver.bench.state)) == 2, "they were right"


def test_saved_step_is_named_and_removed_if_the_job_passes_without_it(saver: Saver) -> None:
    codes = iter([1, 0])
    told = saver.runs(ObservedEngine({"build": lambda *_: next(codes)}))
    assert told.ran.result.status is Status.PASSED
    assert saved_step_files(saver.bench.state) == ()
    assert told.ran.result.result.restarted == "build failed, unconfirmed, after saved steps"
    assert [("bootstrap" in text, "was wrong: removed" in text) for text in saver.told[-2:]] == [
        (True, True), (False, True),
    ]  # fmt: skip
    log = next(told.ran.folder.glob("*/log.txt")).read_text()
    assert "the saved step configure of run 20260101T000000Z-000000 was wrong" in log
