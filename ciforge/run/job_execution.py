"""One job in its machine: the image, the steps in their order, and what they leave."""

import time
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.engines.protocol import (
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
from ciforge.model.job import Job, Step
from ciforge.model.log_marks import mark, retry_mark
from ciforge.model.result import (
    Limit,
    Result,
    Status,
    StopSignal,
    green_status,
)
from ciforge.render.configure_cache import AGAIN, BEGAN, OUTCOME, UNSEEN
from ciforge.render.paths import RECORDS, SOURCE
from ciforge.render.step_script import step_user
from ciforge.run.clock import stamp
from ciforge.run.job_artifacts import collect
from ciforge.run.job_caches import JobCaches, UnreliableCache
from ciforge.run.job_settings import Settings, machine_spec
from ciforge.run.kept_source import kept_state
from ciforge.run.log_file import LogFile
from ciforge.run.machine_files import machine_files
from ciforge.run.replayed_steps import ReplayedSteps
from ciforge.run.saved_steps import LARGEST_LOG
from ciforge.run.step_record import StepRecord
from ciforge.sources.tar_reader import TarError
from ciforge.store.history_problem import HistoryProblem

PREPARE = "prepare"
_PAUSE = 3
"""Seconds before preparing is tried again."""


@attrs.frozen(kw_only=True)
class _Outcome:
    """The outcome of a job, as its result records it."""

    status: Status
    reason: str = ""
    limit: Limit | None = None
    signal: StopSignal | None = None


class JobExecution:
    """The state of one job while it runs."""

    def __init__(self, job: Job, settings: Settings, log: LogFile, folder: Path) -> None:
        self._job = job
        self._settings = settings
        self._log = log
        self._folder = folder
        self._began = time.monotonic()
        self._until = self._began + self._limit
        self._record = StepRecord(job.id, settings, log, PREPARE)
        self._late: list[str] = []
        """Steps that passed, but not at once: sentences."""
        self._replayed = ReplayedSteps(job, settings.saved_steps, self._record, folder)
        self._caches = JobCaches(job, settings, self._record)
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
            failed_step=None if passed else self._record.step,
            seconds=round(time.monotonic() - self._began, 3),
            steps=tuple(self._record.steps),
            tail=() if passed else self._record.tail,
            built_with=self._record.built_with,
            replayed=tuple(step.step for step in self._replayed.used),
            cache_hits=self._caches.use.hits,
            cache_problems=tuple(self._caches.problems),
            proves=self._job.statement(self._result.packages) if passed else "",
            artifacts=tuple(sorted(file.name for file in (self._folder / "artifacts").iterdir())),
        )

    def _outcome(self) -> _Outcome:
        try:
            return self._run()
        except PrepareFailed as error:
            return _Outcome(status=Status.FAILED, reason=str(error))
        except OutOfTime as error:
            reason = f"{self._record.step} was still running at its limit: {error}"
            return _Outcome(status=Status.TIMED_OUT, reason=reason, limit=Limit.TIME)
        except LimitReached as error:
            reason = f"{self._record.step} failed: {error}"
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
        """Whether every step ran, once, and no cache was wrong: then a success proves the inputs."""
        return not (self._result.restarted or self._replayed.used or self._caches.problems)

    def _run(self) -> _Outcome:
        image, plan = self._prepare(), machine_spec(self._job, self._settings)
        self._report_cache()
        self._caches.begin(plan)
        try:
            outcome = self._on(image, plan)
        except UnreliableCache as doubt:
            outcome = self._repeat(image, plan, doubt)
        except EngineExhausted as error:
            if error.limit is Limit.ENGINE_DISK:
                self._caches.evict(plan)
            raise
        self._caches.settle(plan)
        return outcome

    def _repeat(self, image: Image, plan: MachineSpec, doubt: UnreliableCache) -> _Outcome:
        """Runs the job again without caches: only that counts. Names and removes what was wrong."""
        self._result = attrs.evolve(
            self._result, restarted=str(doubt), unconfirmed_step=doubt.failed_step
        )
        self._until = time.monotonic() + self._limit  # the repetition has all of the job's time
        used = self._replayed.used
        self._discard_steps(mark(f"{doubt}; starting again without the cache"))
        outcome = self._on(image, attrs.evolve(plan, ccache=""))
        if outcome.status.green:
            self._caches.problems += self._replayed.drop(used)
            self._caches.blame(doubt)
        return outcome

    def _report_cache(self) -> None:
        domain = self._settings.sources[self._job.repo].domain
        if self._settings.ccache and self._job.ccache:
            about = domain.about if domain.shares else f"none, {domain.about}"
            self._record.on_output(f"cache: {about}\n".encode())

    def _discard_steps(self, text: str) -> None:
        """Discards the results of the steps so far, except for the log."""
        self._record.discard_steps(text)
        self._late = []
        for file in (self._folder / "artifacts").iterdir():
            file.unlink()

    def _on(self, image: Image, plan: MachineSpec) -> _Outcome:
        """Runs the job in its own machine. Raises UnreliableCache if it must be run again."""
        with self._settings.engine.open(image, self._job, plan) as machine:
            lacks = tuple(promise.value for promise in machine.lacks)
            self._result = attrs.evolve(self._result, lacks=lacks)
            try:
                outcome = self._in(image, machine, plan)
                if plan.ccache:
                    self._caches.ask(machine)
            except (OutOfTime, LimitReached) as error:
                if isinstance(error, LimitReached) and self._replayed.used:
                    raise self._caches.unconfirmed(self._replayed.used) from error
                self._keep(machine, plan)
                raise
            finally:
                collect(machine, self._job, self._folder / "artifacts", self._record.note)
            if outcome.status is Status.FAILED and self._may_be_wrong(plan):
                raise self._caches.unconfirmed(self._replayed.used)
            if outcome.status is Status.FAILED:
                indexes = self._settings.folder.path.parent.parent / "indexes"
                from ciforge.run.probe import ask  # slow to import, and only failures need it

                used = self._settings.sources[self._job.repo].used
                ask(
                    machine, self._job, self._folder, indexes, self._record.step, used.origin,
                    committed=not used.changes,
                )  # fmt: skip
                outcome = self._without_network(outcome)
            if self._settings.visit:
                self._settings.visit(machine)
            if not outcome.status.green:
                self._keep(machine, plan)
        return outcome

    def _may_be_wrong(self, plan: MachineSpec) -> bool:
        """Whether a cache had a part in what the machine of that plan did, so that a failure is confirmed first."""
        answered = plan.ccache and self._settings.confirms and self._caches.involved
        return bool(self._replayed.used or answered)

    def _without_network(self, failed: _Outcome) -> _Outcome:
        """The outcome of a failed step: infrastructure if ciforge cannot reach either what it could not reach."""
        from ciforge.run.reachability import lost_endpoint  # slow to import, as above

        if lost := lost_endpoint(self._job, self._folder, self._record.step):
            reason = f"{self._record.step} could not reach {lost}, and ciforge cannot reach it from this machine either"
            return _Outcome(status=Status.INFRASTRUCTURE, reason=reason)
        return failed

    def _keep(self, machine: Machine, plan: MachineSpec) -> None:
        if not self._settings.keep:
            return
        machine.keep()
        self._result = attrs.evolve(self._result, kept_machine=machine.id[:12])
        archive = self._settings.sources[self._job.repo].file
        if not self._job.needs:  # else it also has the install of another source
            with suppress(
                OSError, TarError, HistoryProblem
            ):  # `ciforge retry` then begins with the first step
                kept = kept_state(
                    self._job, archive, first=self._record.step, image=self._result.image, cache=plan.ccache
                )  # fmt: skip
                self._settings.folder.write_kept(self._job.id, kept)

    def _prepare(self) -> Image:
        with self._record.timed(PREPARE) as ended:
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
            return engine.prepare(self._job, self._record.on_output, stop)
        except EngineUnreachable:
            raise
        except EngineError as error:
            self._record.on_output(f"{retry_mark(str(error), _PAUSE)}\n".encode())
            stop.wait(_PAUSE)
            stop.check()
            return engine.prepare(self._job, self._record.on_output, stop)

    def _in(self, image: Image, machine: Machine, plan: MachineSpec) -> _Outcome:
        machine.script(machine_files(self._job, cached=bool(plan.ccache), tokens=plan.make_tokens))
        source = self._settings.sources[self._job.repo]
        for archive in filter(None, (source.file, source.git)):
            machine.put(archive, SOURCE)
        if self._settings.installs:
            self._settings.installs.lay_in(self._job, machine)
        replays = self._replayed.begin(image, machine, plan, source)
        if plan.ccache:
            machine.script({BEGAN: ""})
        for step in self._job.steps:
            replay = replays.get(step.name) or self._replayed.later(machine, step)
            if replay:
                self._replayed.show(step, replay)
                continue
            code = self._run_step(machine, step)
            if step.tries > 1 and not code:
                self._note_tries(machine, step)
            if plan.ccache and step.name == "configure":
                self._check_cached_answers(machine, code)
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

    def _check_cached_answers(self, machine: Machine, code: int) -> None:
        """Raises UnreliableCache if cached answers led configure, which ended with `code`, to other results."""
        outcome = (machine.read(OUTCOME, 16) or b"").strip()
        if outcome == AGAIN:
            raise self._caches.refused(failed=bool(code))
        if outcome == UNSEEN:
            text = "results of configure are not cached: file access times are not recorded here"
            self._log.write(f"{mark(text)}\n".encode())

    def _run_step(self, machine: Machine, step: Step) -> int:
        left = self._until - time.monotonic()
        with self._record.timed(step.name) as ended:
            seconds = max(0.0, min(step.timeout, left))
            user, log = step_user(step), bytearray()
            saved = self._replayed.saved
            observed = saved is not None and saved.begin(step)

            def on_output(data: bytes) -> None:
                self._record.on_output(data)
                if observed and len(log) <= LARGEST_LOG:
                    log.extend(data)

            code = machine.run(step, user, on_output, seconds=seconds, stop=self._settings.stop)
            if observed and saved and not code:
                saved.end(step, bytes(log), self._settings.run)
            ended(code)
        return code


def _exit_sentence(step: str, code: int) -> str:
    if code > 128:
        return f"{step} was ended by signal {code - 128}"
    return f"{step} ended with exit code {code}"
