"""One job on one engine, from its image to its artifacts."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import attrs

from ciforge.engines.base import (
    Box,
    BoxPlan,
    Engine,
    Image,
    OutOfTime,
    PrepareFailed,
    Stop,
    Stopped,
)  # fmt: skip
from ciforge.errors import EngineError
from ciforge.history.store import RunFolder
from ciforge.model.event import Event, JobEnded, JobStarted, Line, StepEnded, StepStarted
from ciforge.model.job import Job, Step
from ciforge.model.result import Result, SourceUsed, Status, StepResult
from ciforge.render.dockerfile import dockerfile
from ciforge.render.places import BIN, RECORDS, SOURCE, STEPS
from ciforge.render.steps import step_script, step_user
from ciforge.render.wrapper import MANIFEST, STEP
from ciforge.report.safe import LineSplitter, safe_line
from ciforge.run.clock import stamp
from ciforge.run.log import LogFile
from ciforge.run.share import Share

PREPARE = "prepare"
_LARGEST_ARTIFACT = 16 * 1024 * 1024
_TAIL = 25
"""Lines of a failed step that are shown."""
_SPARE = 600
"""Seconds that a box lives beyond its job's limit."""


@attrs.frozen(kw_only=True)
class Archive:
    """The source of one repository, ready to be unpacked in a box."""

    file: Path
    used: SourceUsed


@attrs.frozen(kw_only=True)
class Settings:
    """What holds for every job of a run."""

    run: str
    project: str
    engine: Engine
    folder: RunFolder
    sources: Mapping[str, Archive]
    share: Share
    emit: Callable[[Event], None]
    stop: Stop
    timeout: int
    """Seconds for a whole job."""
    keep: bool = False
    ccache: bool = True


def run_job(job: Job, settings: Settings) -> Result:
    """Runs it to its end and keeps its log, result and artifacts. Never raises for a failed job."""
    if job.skipped or settings.stop.asked:
        return _end_unrun(job, settings)
    settings.emit(JobStarted(run=settings.run, time=stamp(), job=job.id))
    folder = settings.folder.job_folder(job.id)
    (folder / "artifacts").mkdir(exist_ok=True)
    with LogFile(folder / "log.txt") as log:
        result = _Runner(job, settings, log, folder).result()
    settings.folder.write_result(result)
    _emit_end(result, settings, str(folder / "log.txt"))
    return result


def _end_unrun(job: Job, settings: Settings) -> Result:
    """A job that never began: it cannot run here, or somebody asked to stop first."""
    status = Status.SKIPPED if job.skipped else Status.CANCELLED
    reason = job.skipped or settings.stop.reason
    result = Result(job=job.id, status=status, reason=reason, allow_failure=job.allow_failure)
    settings.folder.write_result(result)
    _emit_end(result, settings, "")
    return result


def _emit_end(result: Result, settings: Settings, log: str) -> None:
    settings.emit(
        JobEnded(
            run=settings.run,
            time=stamp(),
            job=result.job,
            status=result.status,
            seconds=result.seconds,
            result=result,
            log=log,
        )
    )


class _Runner:
    """The state of one job while it runs."""

    def __init__(self, job: Job, settings: Settings, log: LogFile, folder: Path) -> None:
        self._job = job
        self._settings = settings
        self._log = log
        self._folder = folder
        self._began = time.monotonic()
        self._step = PREPARE
        self._splitter = LineSplitter()
        self._tail: list[str] = []
        self._steps: list[StepResult] = []
        source = settings.sources[job.repo].used
        self._result = Result(
            job=job.id, status=Status.INFRASTRUCTURE, started=stamp(), source=source,
            allow_failure=job.allow_failure,
        )  # fmt: skip

    def result(self) -> Result:
        """Runs the job; whatever the engine raises becomes a status."""
        status, reason = self._outcome()
        passed = status is Status.PASSED
        return attrs.evolve(
            self._result,
            status=status,
            reason=reason,
            failed_step=None if passed else self._step,
            seconds=round(time.monotonic() - self._began, 3),
            steps=tuple(self._steps),
            tail=() if passed else tuple(self._tail),
            artifacts=tuple(sorted(file.name for file in (self._folder / "artifacts").iterdir())),
        )

    def _outcome(self) -> tuple[Status, str]:
        try:
            return self._run()
        except PrepareFailed as error:
            return Status.FAILED, str(error)
        except OutOfTime:
            return Status.TIMED_OUT, f"{self._step} was still running at its limit"
        except Stopped:
            return Status.CANCELLED, self._settings.stop.reason
        except EngineError as error:
            return Status.INFRASTRUCTURE, f"{error}" + (f" ({error.hint})" if error.hint else "")

    def _run(self) -> tuple[Status, str]:
        image = self._prepare()
        with self._settings.engine.open(image, self._job, self._plan()) as box:
            try:
                status, reason = self._in(box)
            except OutOfTime:
                self._keep(box)
                raise
            finally:
                self._collect(box)
            if status is not Status.PASSED:
                self._keep(box)
        return status, reason

    def _keep(self, box: Box) -> None:
        if self._settings.keep:
            box.keep()
            self._result = attrs.evolve(self._result, box=box.id[:12])

    def _prepare(self) -> Image:
        with self._timed(PREPARE) as ended:
            try:
                image = self._settings.engine.prepare(
                    self._job, dockerfile(self._job), self._hear, self._settings.stop
                )
            except PrepareFailed as error:
                ended(error.exit_code)
                raise
            ended(0)
        self._result = attrs.evolve(
            self._result, image=image.id, base=image.base, packages=image.packages
        )
        return image

    def _plan(self) -> BoxPlan:
        settings = self._settings
        return BoxPlan(
            job=self._job.id, run=settings.run, project=settings.project,
            life=settings.timeout + _SPARE, memory=settings.share.memory,
            make_jobs=settings.share.make_jobs, keep=settings.keep,
            ccache=_ccache_volume(self._job) if settings.ccache and self._job.ccache else "",
        )  # fmt: skip

    def _in(self, box: Box) -> tuple[Status, str]:
        scripts = {
            f"{STEPS}/{step.name}.sh": step_script(self._job, step) for step in self._job.steps
        }
        box.script({f"{BIN}/step": STEP, f"{BIN}/manifest": MANIFEST, **scripts})
        box.put(self._settings.sources[self._job.repo].file, SOURCE)
        for step in self._job.steps:
            code = self._run_step(box, step)
            if code:
                return Status.FAILED, _exit_sentence(step.name, code)
        return Status.PASSED, ""

    def _run_step(self, box: Box, step: Step) -> int:
        left = self._settings.timeout - (time.monotonic() - self._began)
        with self._timed(step.name) as ended:
            seconds = max(0.0, min(step.timeout, left))
            user = step_user(step)
            code = box.run(step, user, self._hear, seconds=seconds, stop=self._settings.stop)
            ended(code)
        return code

    @contextmanager
    def _timed(self, name: str) -> Iterator[Callable[[int | None], None]]:
        """Brackets a step with its events; the exit code stays None unless it is told."""
        self._step, self._splitter, self._tail = name, LineSplitter(), []
        run, job = self._settings.run, self._job.id
        began, started = time.monotonic(), stamp()
        codes: list[int | None] = []
        self._settings.emit(StepStarted(run=run, time=started, job=job, step=name))
        self._log.write(f"--- ciforge: {name} ---\n".encode())
        try:
            yield codes.append
        finally:
            self._lines(self._splitter.flush())
            seconds = round(time.monotonic() - began, 3)
            code = codes[-1] if codes else None
            self._steps.append(
                StepResult(name=name, exit_code=code, seconds=seconds, started=started)
            )
            self._settings.emit(
                StepEnded(
                    run=run, time=stamp(), job=job, step=name, exit_code=code, seconds=seconds
                )
            )

    def _hear(self, data: bytes) -> None:
        self._log.write(data)
        self._lines(self._splitter.feed(data))

    def _lines(self, lines: list[bytes]) -> None:
        for line in lines:
            text = safe_line(line)
            self._tail = [*self._tail[-_TAIL + 1 :], text]
            self._settings.emit(
                Line(
                    run=self._settings.run,
                    time=stamp(),
                    job=self._job.id,
                    step=self._step,
                    text=text,
                )
            )

    def _collect(self, box: Box) -> None:
        """Brings config.log and its like home, whatever became of the job."""
        place = PurePosixPath(SOURCE, self._job.builddir)
        wanted = [str(place / name) for name in self._job.artifacts]
        for path in (*wanted, f"{RECORDS}/manifest.txt"):
            try:
                data = box.read(path, _LARGEST_ARTIFACT)
            except EngineError:
                return
            if data is not None:
                (self._folder / "artifacts" / PurePosixPath(path).name).write_bytes(data)


def _exit_sentence(step: str, code: int) -> str:
    if code > 128:
        return f"{step} was ended by signal {code - 128}"
    return f"{step} ended with exit code {code}"


def _ccache_volume(job: Job) -> str:
    """One volume a project, repository, release, variant and platform: nobody poisons another's."""
    key = "\0".join((job.project, job.id, str(job.platform)))
    return f"ciforge-ccache-{hashlib.sha256(key.encode()).hexdigest()[:24]}"
