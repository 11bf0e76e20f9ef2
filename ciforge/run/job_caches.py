"""The compiler and configure cache of one job: what it answered, whether that was right, and its removal."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, runtime_checkable

from ciforge.engines.protocol import Machine, MachineSpec
from ciforge.errors import EngineError
from ciforge.model.job import Job
from ciforge.model.saved_step import SavedStep
from ciforge.run.cache_use import CacheUse, cache_use
from ciforge.run.job_settings import Settings
from ciforge.run.output_lines import error_lines
from ciforge.run.step_record import StepRecord
from ciforge.sanitize import safe_line

_SHOWN = 6
"""Lines of a failure that is not confirmed."""


@runtime_checkable
class CachingEngine(Protocol):
    """An engine that keeps caches of jobs."""

    def has_cache(self, volume: str) -> bool:
        """Whether the volume of a cache exists. Raises EngineError."""

    def discard_cache(self, volume: str) -> None:
        """Removes the volume of a cache. Raises EngineError, also while a container uses it."""


class UnreliableCache(Exception):
    """A job whose outcome may be due to a cache; the text says why."""

    def __init__(self, text: str, *, failed_step: str = "", wrong: str = "") -> None:
        super().__init__(text)
        self.failed_step = failed_step
        """The step that failed; empty if none did."""
        self.wrong = wrong
        """What is wrong with the volume of the cache if the job passes without it; empty: nothing."""


class JobCaches:
    """The cache of one job, in its machines one after the other."""

    def __init__(self, job: Job, settings: Settings, record: StepRecord) -> None:
        self._job = job
        self._settings = settings
        self._record = record
        self.use = CacheUse()
        """What the cache did in the machine that had it."""
        self._is_new = False
        self.problems: list[str] = []
        """A sentence for each thing that was wrong with a cache, and what became of it."""

    def begin(self, plan: MachineSpec) -> None:
        """Before the machine of that plan is made: whether its cache has anything of an earlier run."""
        engine = self._settings.engine
        volumes = list(filter(None, (plan.ccache, plan.ccache_reads)))
        with suppress(EngineError):
            if isinstance(engine, CachingEngine):
                self._is_new = not any(map(engine.has_cache, volumes))

    @property
    def involved(self) -> bool:
        """Whether anything that the job made may come from an earlier run, by the cache."""
        return bool(self.use.hits) and not self._is_new

    def ask(self, machine: Machine) -> None:
        """Asks a machine what its cache did; where it does not answer, that is unknown."""
        with suppress(EngineError):
            self.use = cache_use(machine)

    def unconfirmed(self, replayed: Sequence[SavedStep]) -> UnreliableCache:
        """The failure of the step of the moment, which is shown at once; whether it counts is known later."""
        step, used = self._record.step, self.use
        reasons = ["after saved steps"] * bool(replayed)
        reasons += [f"with {used.about}"] * self.involved
        wrong = f"{step} failed with {used.about}, and not without" if self.involved else ""
        return self._shown(
            UnreliableCache(
                " ".join([f"{step} failed, unconfirmed,", *reasons]), failed_step=step, wrong=wrong
            )
        )

    def refused(self, *, failed: bool) -> UnreliableCache:
        """The end of a configure that had cached answers, and other results than without them."""
        if failed:
            text = "configure failed, unconfirmed, with its cache"
            return self._shown(UnreliableCache(text, failed_step=self._record.step))
        return self._shown(UnreliableCache("configure had other results with its cache"))

    def _shown(self, doubt: UnreliableCache) -> UnreliableCache:
        tail = error_lines(self._record.tail, _SHOWN) if doubt.failed_step else ()
        lines = [f"{self._job.id}: {doubt}; repeating it without caches"]
        lines += [safe_line(line, 300) for line in tail]
        self._settings.on_message("\n    | ".join(lines))
        return doubt

    def blame(self, doubt: UnreliableCache) -> None:
        """Names the cache with which a job did not pass that passes without it."""
        if doubt.wrong:
            self.use = CacheUse(hits=self.use.hits, problems=(*self.use.problems, doubt.wrong))
        elif not self.problems:
            self._add(f"{doubt}: what it has for these inputs is not used any more")

    def settle(self, plan: MachineSpec) -> None:
        """Removes a volume that is not right, once no machine of the job has it, and says why."""
        became = self._discarded(plan) if self.use.problems else ""
        if became:
            for problem in self.use.problems:
                self._add(f"the cache of compilers was wrong: {problem}; {became}")

    def evict(self, plan: MachineSpec) -> None:
        """Removes the volume, because the disk of the engine is full, and says so."""
        if became := self._discarded(plan):
            self._add(f"the disk of the engine is full: the cache of compilers had to go; {became}")

    def _discarded(self, plan: MachineSpec) -> str:
        """What became of the volume, which is to be removed; empty if there is none."""
        engine = self._settings.engine
        if not (plan.ccache and isinstance(engine, CachingEngine)):
            return ""
        try:
            engine.discard_cache(plan.ccache)
        except EngineError as error:
            return f"its volume {plan.ccache} was not removed: {error}"
        return f"its volume {plan.ccache} was removed"

    def _add(self, text: str) -> None:
        self.problems.append(text)
        self._record.note(text)
        self._settings.on_message(f"{self._job.id}: {safe_line(text, 500)}")
