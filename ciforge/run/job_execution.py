"""One job in its machine: the image, the steps in their order, and what they leave."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import attrs

from ciforge.engines.protocol import (
    SERVICES,
    Deadline,
    EngineExhausted,
    EngineUnreachable,
    Image,
    LimitReached,
    Machine,
    MachineSpec,
    OutOfTime,
    PrepareFailed,
    Stopped,
)  # fmt: skip
from ciforge.errors import EngineError
from ciforge.model.event import OutputLine, StepEnded, StepStarted
from ciforge.model.job import Job, Step
from ciforge.model.log_marks import mark, retry_mark, step_mark
from ciforge.model.result import (
    Limit,
    Result,
    Status,
    StepResult,
    StopSignal,
    green_status,
)
from ciforge.model.saved_step import SavedStep
from ciforge.render.configure_cache import AGAIN, BEGAN, OUTCOME, UNSEEN
from ciforge.render.paths import RECORDS, SOURCE
from ciforge.render.step_script import step_user
from ciforge.run.clock import stamp
from ciforge.run.job_settings import Settings, machine_spec
from ciforge.run.kept_files import keep_files
from ciforge.run.kept_source import kept_state
from ciforge.run.log_file import LogFile
from ciforge.run.machine_files import machine_files
from ciforge.run.output_lines import Lines
from ciforge.run.saved_steps import LARGEST_LOG, JobSteps, Replay, write_archive
from ciforge.sanitize import safe_line
from ciforge.sources.tar_reader import TarError
from ciforge.store.history_problem import HistoryProblem

PREPARE = "prepare"
_LARGEST_ARTIFACT = 16 * 1024 * 1024
_SHOWN = 6
"""Lines of a failure that is not confirmed."""
_PAUSE = 3
"""Seconds before preparing is tried again."""


@attrs.frozen(kw_only=True)
class _Outcome:
    """The outcome of a job, as its result records it."""

    status: Status
    reason: str = ""
    limit: Limit | None = None
    signal: StopSignal | None = None


class _UnreliableCache(Exception):
    """A job whose outcome may be due to a cache; the text says why."""


class JobExecution:
    """The state of one job while it runs."""

    def __init__(self, job: Job, settings: Settings, log: LogFile, folder: Path) -> None:
        self._job = job
        self._settings = settings
        self._log = log
        self._folder = folder
        self._began = time.monotonic()
        self._until = self._began + self._limit
        self._step = PREPARE
        self._lines = Lines(self._show)
        self._tail: tuple[str, ...] = ()
        self._steps: list[StepResult] = []
        self._late: list[str] = []
        """Steps that passed, but not at once: sentences."""
        self._restarted = False
        """Whether it ran again without its cache."""
        self._saved: JobSteps | None = None
        """The steps that need not run in the machine of the moment, and those that it saves."""
        source = settings.sources[job.repo].used
        self._result = Result(
            job=job.id, status=Status.INFRASTRUCTURE, started=stamp(), source=source,
            allow_failure=job.allow_failure, proof=job.proof.value, given=job.given,
        )  # fmt: skip

    def result(self) -> Result:
        """Runs the job; errors of the engine become a status."""
        outcome = self._outcome()
        passed = outcome.status.green
        return attrs.evolve(
            self._result,
            **attrs.asdict(outcome, recurse=False),
            failed_step=None if passed else self._step,
            seconds=round(time.monotonic() - self._began, 3),
            steps=tuple(self._steps),
            tail=() if passed else self._tail,
            proves=self._job.statement(self._result.packages) if passed else "",
            artifacts=tuple(sorted(file.name for file in (self._folder / "artifacts").iterdir())),
        )

    def _outcome(self) -> _Outcome:
        try:
            return self._run()
        except PrepareFailed as error:
            return _Outcome(status=Status.FAILED, reason=str(error))
        except OutOfTime as error:
            reason = f"{self._step} was still running at its limit: {error}"
            return _Outcome(status=Status.TIMED_OUT, reason=reason, limit=Limit.TIME)
        except LimitReached as error:
            reason = f"{self._step} failed: {error}"
            return _Outcome(status=Status.FAILED, reason=reason, limit=error.limit)
        except Stopped:
            stop = self._settings.stop
            return _Outcome(status=Status.CANCELLED, reason=stop.reason, signal=stop.signal)
        except EngineError as error:
            return _Outcome(
                status=Status.INFRASTRUCTURE,
                reason=f"{error}" + (f" ({error.hint})" if error.hint else ""),
                limit=error.limit if isinstance(error, EngineExhausted) else None,
            )

    @property
    def proves(self) -> bool:
        """Whether every step ran, once: then a success proves the inputs."""
        return not (self._restarted or (self._saved and self._saved.used))

    def _run(self) -> _Outcome:
        image, plan = self._prepare(), machine_spec(self._job, self._settings)
        self._report_cache()
        try:
            return self._on(image, plan)
        except _UnreliableCache as error:
            self._restarted = True
            self._until = time.monotonic() + self._limit  # the repetition has all of the job's time
            used = self._saved.used if self._saved else []
            self._discard_steps(mark(f"{error}; starting again without the cache"))
            outcome = self._on(image, attrs.evolve(plan, ccache=""))
            if outcome.status.green:
                self._drop(used)
            return outcome

    def _drop(self, used: Sequence[SavedStep]) -> None:
        """Removes saved steps with which the job failed, although it passes without them."""
        steps = self._settings.saved_steps
        if not steps:
            return
        for saved in used:
            text = f"the saved step {saved.step} of run {saved.run} was wrong: removed {steps.files.drop(saved)}"
            self._note(text)
            steps.on_message(f"{self._job.id}: {text}")

    def _report_cache(self) -> None:
        domain = self._settings.sources[self._job.repo].domain
        if self._settings.ccache and self._job.ccache:
            about = domain.about if domain.shares else f"none, {domain.about}"
            self._on_output(f"cache: {about}\n".encode())

    def _discard_steps(self, text: str) -> None:
        """Discards the results of the steps so far, except for the log."""
        self._log.write(f"{text}\n".encode())
        self._show(text)
        self._steps, self._late = self._steps[:1], []
        for file in (self._folder / "artifacts").iterdir():
            file.unlink()

    def _on(self, image: Image, plan: MachineSpec) -> _Outcome:
        """Runs the job in its own machine. Raises _UnreliableCache if it must be run again."""
        with self._settings.engine.open(image, self._job, plan) as machine:
            lacks = tuple(promise.value for promise in machine.lacks)
            self._result = attrs.evolve(self._result, lacks=lacks)
            try:
                outcome = self._in(image, machine, plan)
            except (OutOfTime, LimitReached) as error:
                if isinstance(error, LimitReached) and self._saved and self._saved.used:
                    raise _UnreliableCache(self._unconfirmed()) from error
                self._keep(machine, plan)
                raise
            finally:
                self._collect(machine)
            if outcome.status is Status.FAILED and self._saved and self._saved.used:
                raise _UnreliableCache(self._unconfirmed())
            if outcome.status is Status.FAILED:
                indexes = self._settings.folder.path.parent.parent / "indexes"
                from ciforge.run.probe import ask  # slow to import, and only failures need it

                used = self._settings.sources[self._job.repo].used
                ask(
                    machine, self._job, self._folder, indexes, self._step, used.origin,
                    committed=not used.changes,
                )  # fmt: skip
                outcome = self._without_network(outcome)
            if self._settings.visit:
                self._settings.visit(machine)
            if not outcome.status.green:
                self._keep(machine, plan)
        return outcome

    def _unconfirmed(self) -> str:
        """Says at once what failed after steps that did not run; whether it counts is known later."""
        text = f"{self._step} failed, unconfirmed, after saved steps"
        shown = [safe_line(line, 300) for line in self._tail if line.strip()][-_SHOWN:]
        if steps := self._settings.saved_steps:
            steps.on_message("\n    | ".join([f"{self._job.id}: {text}; repeating it", *shown]))
        return text

    def _without_network(self, failed: _Outcome) -> _Outcome:
        """The outcome of a failed step: infrastructure if ciforge cannot reach either what it could not reach."""
        from ciforge.run.reachability import lost_endpoint  # slow to import, as above

        if lost := lost_endpoint(self._job, self._folder, self._step):
            reason = f"{self._step} could not reach {lost}, and ciforge cannot reach it from this machine either"
            return _Outcome(status=Status.INFRASTRUCTURE, reason=reason)
        return failed

    def _keep(self, machine: Machine, plan: MachineSpec) -> None:
        if not self._settings.keep:
            return
        machine.keep()
        self._result = attrs.evolve(self._result, kept_machine=machine.id[:12])
        archive = self._settings.sources[self._job.repo].file
        if not self._job.needs:  # else it also has the install of another source
            with suppress(OSError, TarError, HistoryProblem):  # `ciforge retry` then starts anew
                kept = kept_state(
                    self._job, archive, first=self._step, image=self._result.image, cache=plan.ccache
                )  # fmt: skip
                self._settings.folder.write_kept(self._job.id, kept)

    def _prepare(self) -> Image:
        with self._timed(PREPARE) as ended:
            try:
                image = self._image()
            except PrepareFailed as error:
                ended(error.exit_code)
                raise
            ended(0)
        self._result = attrs.evolve(
            self._result, image=image.id, base=image.base, packages=image.packages
        )
        return image

    @property
    def _limit(self) -> int:
        """Seconds for the whole job."""
        return self._settings.limit(self._job)

    def _image(self) -> Image:
        """The dependency image; tried again once if a mirror, registry or engine fails."""
        engine = self._settings.engine
        stop = Deadline(self._settings.stop, self._limit)
        try:
            return engine.prepare(self._job, self._on_output, stop)
        except EngineUnreachable:
            raise
        except EngineError as error:
            self._on_output(f"{retry_mark(str(error), _PAUSE)}\n".encode())
            stop.wait(_PAUSE)
            stop.check()
            return engine.prepare(self._job, self._on_output, stop)

    def _in(self, image: Image, machine: Machine, plan: MachineSpec) -> _Outcome:
        machine.script(machine_files(self._job, cached=bool(plan.ccache)))
        source = self._settings.sources[self._job.repo]
        for archive in filter(None, (source.file, source.git)):
            machine.put(archive, SOURCE)
        if self._settings.installs:
            self._settings.installs.lay_in(self._job, machine)
        replays = self._leading_steps(image, machine, plan)
        if plan.ccache:
            machine.script({BEGAN: ""})
        for step in self._job.steps:
            replay = replays.get(step.name) or self._later_step(machine, step)
            if replay:
                self._show_replay(step, replay)
                continue
            code = self._run_step(machine, step)
            if step.tries > 1 and not code:
                self._note_tries(machine, step)
            if plan.ccache and step.name == "configure":
                self._check_cached_answers(machine)
            if code:
                return _Outcome(status=Status.FAILED, reason=_exit_sentence(step.name, code))
        if self._settings.installs:
            self._settings.installs.take(self._job, machine)
        if self._late:
            return _Outcome(status=Status.FLAKY, reason="; ".join(self._late))
        return _Outcome(status=green_status(self._job.id))

    def _note_tries(self, machine: Machine, step: Step) -> None:
        """Remembers that a step passed, if it did not at once."""
        record = machine.read(f"{RECORDS}/{step_user(step)}/{step.name}.tries", 8)
        tries = (record or b"").strip().decode("ascii", "replace")
        if tries.isdigit():
            self._late.append(f"{step.name} passed at try {tries} of {step.tries}")

    def _leading_steps(
        self, image: Image, machine: Machine, plan: MachineSpec
    ) -> Mapping[str, Replay]:
        """Lays in the results of the first steps that need not run; the steps by their names."""
        source, steps = self._settings.sources[self._job.repo], self._settings.saved_steps
        self._saved = None
        if steps and not source.git and not self._job.needs:  # what git answers is not observed
            self._saved = steps.of(self._job, image, machine, plan, source.file)
        replays = self._saved.leading(self._job.steps) if self._saved else {}
        self._lay_in(machine, tuple(replays.values()))
        return replays

    def _later_step(self, machine: Machine, step: Step) -> Replay | None:
        """Lays in the results of a step that need not run after one that ran; None if it has to run."""
        replay = self._saved.find(step) if self._saved else None
        if replay:
            self._lay_in(machine, (replay,))
        return replay

    def _lay_in(self, machine: Machine, replays: Sequence[Replay]) -> None:
        if replays:
            archive = self._folder / "steps.tar"
            try:
                write_archive(replays, archive)
                machine.put(archive, SOURCE)
            finally:
                archive.unlink(missing_ok=True)

    def _show_replay(self, step: Step, replay: Replay) -> None:
        """The events and the log of a step as if it ran again."""
        with self._timed(step.name) as ended:
            text = f"not run: all that it reads is as it was in run {replay.saved.run}, of which this is the output"
            self._on_output(f"{mark(text)}\n".encode() + replay.log)
            ended(0)

    def _check_cached_answers(self, machine: Machine) -> None:
        """Raises _UnreliableCache if cached answers led configure to other results."""
        outcome = (machine.read(OUTCOME, 16) or b"").strip()
        if outcome == AGAIN:
            raise _UnreliableCache("configure had other results with its cache")
        if outcome == UNSEEN:
            text = "results of configure are not cached: file access times are not recorded here"
            self._log.write(f"{mark(text)}\n".encode())

    def _run_step(self, machine: Machine, step: Step) -> int:
        left = self._until - time.monotonic()
        with self._timed(step.name) as ended:
            seconds = max(0.0, min(step.timeout, left))
            user, log = step_user(step), bytearray()
            observed = self._saved is not None and self._saved.begin(step)

            def on_output(data: bytes) -> None:
                self._on_output(data)
                if observed and len(log) <= LARGEST_LOG:
                    log.extend(data)

            code = machine.run(step, user, on_output, seconds=seconds, stop=self._settings.stop)
            if observed and self._saved and not code:
                self._saved.end(step, bytes(log), self._settings.run)
            ended(code)
        return code

    @contextmanager
    def _timed(self, name: str) -> Iterator[Callable[[int | None], None]]:
        """Emits the events around a step; the exit code stays None unless it is given."""
        self._step, self._lines, self._tail = name, Lines(self._show), ()
        run, job = self._settings.run, self._job.id
        began, started = time.monotonic(), stamp()
        codes: list[int | None] = []
        self._settings.emit(StepStarted(run=run, time=started, job=job, step=name))
        self._log.write(f"{step_mark(name)}\n".encode())
        try:
            yield codes.append
        finally:
            self._tail = self._lines.end()
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

    def _on_output(self, data: bytes) -> None:
        self._log.write(data)
        if self._log.full:
            self._lines.mute()
        self._lines.feed(data)

    def _show(self, text: str) -> None:
        run, job = self._settings.run, self._job.id
        self._settings.emit(OutputLine(run=run, time=stamp(), job=job, step=self._step, text=text))

    def _collect(self, machine: Machine) -> None:
        """Copies config.log and the other artifacts, however the job ended."""
        place = PurePosixPath(SOURCE, self._job.folder, self._job.builddir)
        wanted = [str(place / name) for name in self._job.artifacts]
        for path in (*wanted, f"{RECORDS}/manifest.txt"):
            try:
                data = machine.read(path, _LARGEST_ARTIFACT)
            except EngineError:
                return
            if data is not None:
                (self._folder / "artifacts" / PurePosixPath(path).name).write_bytes(data)
        for service in self._job.services:
            name = f"service,{service.name}.log"
            with suppress(EngineError):
                data = machine.read(f"{SERVICES}/{name}", _LARGEST_ARTIFACT)
                (self._folder / "artifacts" / name).write_bytes(data or b"")
        with suppress(EngineError):
            keep_files(machine, self._job, self._folder / "artifacts", self._note)

    def _note(self, text: str) -> None:
        """Adds a line of ciforge to the log."""
        self._log.write(f"{mark(safe_line(text, 300))}\n".encode())


def _exit_sentence(step: str, code: int) -> str:
    if code > 128:
        return f"{step} was ended by signal {code - 128}"
    return f"{step} ended with exit code {code}"
