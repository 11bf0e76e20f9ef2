"""An engine whose machines are containers that were kept after a failure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import attrs

from ciforge.engines.protocol import Engine, Image, Machine, MachineSpec, OutputHandler, Stop
from ciforge.model.job import Job
from ciforge.render.paths import BIN, SOURCE

_PLAIN = {f"{BIN}/answers": '#!/bin/sh\nexec sh -e "$1"\n'}
"""A container in which steps ran before must not save what configure found."""
_SECONDS = 120.0
_AT_ONCE = 200
"""Paths that are removed by one command."""
_REMOVE = f'cd {SOURCE} && rm -rf -- "$@"'


class ReopensMachines(Engine, Protocol):
    """An engine that can use a kept container again."""

    def reopen(
        self, container: str, image: Image, job: Job, plan: MachineSpec
    ) -> AbstractContextManager[Machine]:
        """A kept container of that image, which stays when the block ends. Raises EngineError."""


@attrs.frozen(kw_only=True)
class KeptContainer:
    """A container of a job, and what has to happen before its first step."""

    container: str
    image: Image
    removed: Sequence[str] = ()
    """Paths below the source."""
    replacing: Callable[[], None] = lambda: None
    """Called just before the source is changed."""


class KeptEngine:
    """Runs jobs in containers that were kept. It is an `Engine`."""

    def __init__(self, engine: ReopensMachines, containers: Mapping[str, KeptContainer]) -> None:
        self._engine = engine
        self._containers = containers

    def platform(self) -> str:
        return self._engine.platform()

    def processors(self) -> int:
        return self._engine.processors()

    def memory(self) -> int:
        return self._engine.memory()

    def prepare(self, job: Job, on_output: OutputHandler, stop: Stop) -> Image:
        """The image of the kept container, which was prepared before. Raises Stopped."""
        stop.check()
        kept = self._containers[job.id]
        on_output(f"container {kept.container[:12]}, kept by an earlier run\n".encode())
        return kept.image

    @contextmanager
    def open(self, image: Image, job: Job, plan: MachineSpec) -> Iterator[Machine]:
        """The kept container of the job, without the files that are to be removed."""
        kept = self._containers[job.id]
        with self._engine.reopen(kept.container, image, job, plan) as machine:
            kept.replacing()
            for start in range(0, len(kept.removed), _AT_ONCE):
                paths = [f"./{path}" for path in kept.removed[start : start + _AT_ONCE]]
                machine.ask(["sh", "-c", _REMOVE, "sh", *paths], {}, _SECONDS)
            machine.script(_PLAIN)
            yield machine


def newest_kept(
    rows: Sequence[tuple[str, str, float]], has_state: Callable[[str], bool]
) -> tuple[str, str] | None:
    """Returns the newest container, and its run, of which it is known what it was given."""
    return next(((machine, run) for machine, run, _ in rows if run and has_state(run)), None)
