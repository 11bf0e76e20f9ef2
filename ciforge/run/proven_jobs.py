"""Jobs that need not run, because a job with the same inputs passed.

docs/security.md says what must hold, and who could make it wrong.
"""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import attrs

from ciforge.engines.protocol import Image, MachineSpec
from ciforge.errors import EngineError
from ciforge.model.job import Job
from ciforge.model.past_verdict import PastVerdict
from ciforge.model.quantities import age
from ciforge.model.result import Result, Status
from ciforge.model.trust_domain import Trust
from ciforge.run.clock import stamp
from ciforge.run.code_digest import code_digest
from ciforge.run.input_digest import SourceInputs, Surroundings, input_digest
from ciforge.run.job_settings import Settings, machine_spec
from ciforge.store.past_verdicts import PastVerdicts
from ciforge.timestamp import seconds_of

LIFE = 7 * 86400
"""Seconds after which a proof expires: certificates and dates of test suites end."""
LIFE_ROLLING = 86400
"""The same for a rolling release, whose packages change every day."""
_FAILED = (Status.FAILED, Status.TIMED_OUT, Status.FLAKY)
"""Statuses that bar a proof of the same inputs."""


class IdentifiedEngine(Protocol):
    """An engine whose images and promises have names that change with their contents."""

    def platform(self) -> str:
        """`linux/amd64`: what runs without emulation."""

    def identity(self) -> str:
        """Everything about the engine that a job could notice. Raises EngineError."""

    def existing_image(self, job: Job) -> Image | None:
        """The image that `prepare` would use without building anything. Raises EngineError."""


class ProvenJobs:
    """Finds and records verdicts by the inputs of jobs.

    With `reads` false, every job runs, and its verdict is recorded.
    """

    def __init__(
        self, store: PastVerdicts, engine: IdentifiedEngine, on_message: Callable[[str], None],
        *, reads: bool,
    ) -> None:  # fmt: skip
        self._store = store
        self._engine = engine
        self._on_message = on_message
        self._reads = reads
        self._code = code_digest()

    def find(self, job: Job, settings: Settings) -> Result | None:
        """The result of a job that is proven; None if it has to run."""
        if not self._reads or not self._may_be_proven(job, settings):
            return None
        with suppress(EngineError, OSError):  # the job runs, and meets the same error
            image = self._engine.existing_image(job)
            return self._found(job, settings, image.id) if image else None
        return None

    def record(self, job: Job, result: Result, settings: Settings, *, proves: bool) -> None:
        """Records the verdict of a job that ran, after its result was written.

        A success proves the inputs if it does not hang on a cache that others fill. After a failure
        nothing proves them until the record of it expires. `proves` is false if a cache was not
        reliable, or stood for a step.
        """
        if not self._may_be_proven(job, settings) or not result.image:
            return
        with suppress(EngineError, OSError):  # without a record, the job runs again
            cold, warm = self._digests(job, settings, result.image)
            if result.status in _FAILED:
                self._keep([cold, warm], job, result, settings)
            elif result.status.green and proves:
                used = warm if machine_spec(job, settings).ccache else cold
                if not self._has_failed(job, cold, warm) and self._code == code_digest():
                    self._keep([used], job, result, settings)

    def _may_be_proven(self, job: Job, settings: Settings) -> bool:
        """Whether everything that the job reads is known before it starts."""
        if job.skipped or job.services or any(step.network for step in job.steps):
            return False
        source = settings.sources[job.repo]
        if not source.used.digest or not source.order or source.newest > time.time():
            return False
        # The engine does not say which emulator it uses.
        return str(job.platform) == self._engine.platform()

    def _found(self, job: Job, settings: Settings, image: str) -> Result | None:
        cold, warm = self._digests(job, settings, image)
        if self._has_failed(job, cold, warm):
            return None
        for inputs in filter(None, (cold, warm)):
            verdict = self._valid(job, inputs)
            earlier = self._store.result_of(verdict) if verdict else None
            if verdict and earlier and earlier.image == image:
                return _proven(job, earlier, verdict, settings)
        return None

    def _has_failed(self, job: Job, *digests: str) -> bool:
        """Whether the job failed with one of these inputs, and that record has not expired."""
        verdicts = [self._valid(job, inputs) for inputs in digests if inputs]
        return any(verdict is not None and not verdict.passed for verdict in verdicts)

    def _valid(self, job: Job, inputs: str) -> PastVerdict | None:
        verdict = self._store.find(inputs, job.id)
        if verdict is None:
            return None
        seconds = time.time() - (seconds_of(verdict.ended) or 0.0)
        life = LIFE_ROLLING if job.release.rolling else LIFE
        return verdict if 0 <= seconds <= life else None

    def _digests(self, job: Job, settings: Settings, image: str) -> tuple[str, str]:
        """The digests of the job without caches, and with those of its own working tree.

        The second is empty where there are none: a cache of a followed branch holds what many
        revisions wrote.
        """
        source = settings.sources[job.repo]
        git = _file_digest(source.git) if source.git else ""
        inputs = SourceInputs(digest=source.used.digest, order=source.order, git=git)
        around = Surroundings(image=image, engine=self._engine.identity(), code=self._code)
        machine = machine_spec(job, settings)
        own = machine.domain is not None and machine.domain.trust is Trust.TREE
        cold = input_digest(job, inputs, _without_caches(machine), around)
        warm = input_digest(job, inputs, machine, around) if machine.ccache and own else ""
        return cold, warm

    def _keep(self, digests: list[str], job: Job, result: Result, settings: Settings) -> None:
        passed = result.status.green
        for inputs in filter(None, digests):
            verdict = PastVerdict(
                inputs=inputs, job=job.id, run=settings.run, ended=stamp(), passed=passed
            )
            try:
                self._store.keep(verdict)
            except OSError as error:
                self._on_message(f"the verdict of {job.id} was not kept: {error}")


def _file_digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _without_caches(machine: MachineSpec) -> MachineSpec:
    return attrs.evolve(machine, ccache="", ccache_reads="", domain=None)


def _proven(job: Job, earlier: Result, verdict: PastVerdict, settings: Settings) -> Result:
    """The result of a job that did not run: that of the earlier run, under its name."""
    seconds = time.time() - (seconds_of(verdict.ended) or 0.0)
    return attrs.evolve(
        earlier, started=stamp(), seconds=0.0, steps=(), tail=(), artifacts=(), kept_machine="",
        reason=f"proven by run {verdict.run}, {age(seconds)} ago", proven_by=verdict.run,
        source=settings.sources[job.repo].used, allow_failure=job.allow_failure,
        proof=job.proof.value,
    )  # fmt: skip
