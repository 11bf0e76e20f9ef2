"""What every engine offers: a dependency image, and clean boxes that are gone when their `with` ends."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import attrs

from ciforge.errors import EngineError, EngineLost
from ciforge.model.job import Job, Step
from ciforge.model.result import Limit, StopSignal
from ciforge.model.trust_domain import TrustDomain

OutputHandler = Callable[[bytes], None]
"""Is handed output as it comes, in chunks that end anywhere."""


class Stopped(Exception):
    """Somebody asked to stop; not an error."""


class OutOfTime(Exception):
    """A step or a job reached its limit; its processes are gone."""

    def __init__(self, limit: float, silent: float) -> None:
        super().__init__(f"no end after {limit:.0f} s, the last {silent:.0f} s of it silent")
        self.limit = limit
        self.silent = silent


class LimitReached(Exception):
    """A job used up the memory, disk or processes that it may have; the job is to blame."""

    def __init__(self, message: str, limit: Limit) -> None:
        super().__init__(message)
        self.limit = limit


class EngineExhausted(EngineLost):
    """The engine's machine has no memory or disk left: nothing is known about the source."""

    def __init__(self, message: str, limit: Limit) -> None:
        super().__init__(message)
        self.limit = limit


class PrepareFailed(Exception):
    """The dependency image cannot be built, and the job is to blame: a package that is not there."""

    def __init__(self, message: str, exit_code: int | None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class EngineUnreachable(EngineError):
    """No engine answers at all."""


class Stop:
    """A request to end, seen by every job that runs."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.reason = ""
        self.signal: StopSignal | None = None
        """The signal that asked first; None where none did."""
        self.at_once: Callable[[], None] = lambda: None
        """What the impatient kind does: it removes boxes without asking what runs in them."""

    def ask(self, reason: str, signal: StopSignal | None = None) -> None:
        """Ends what runs, as soon as it is noticed; the first reason and its signal hold."""
        if not self.reason:
            self.reason, self.signal = reason, signal
        self._asked.set()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def check(self) -> None:
        """Raises Stopped once somebody has asked."""
        if self.asked:
            raise Stopped

    def wait(self, seconds: float) -> bool:
        """Sleeps for `seconds` or until somebody asks; True in that case."""
        return self._asked.wait(seconds)


class Deadline(Stop):
    """The same request, and a limit of time: `check` raises OutOfTime past it."""

    def __init__(self, stop: Stop, seconds: float) -> None:
        super().__init__()
        self._stop = stop
        self._limit = seconds
        self._end = time.monotonic() + seconds

    @property
    def asked(self) -> bool:
        return self._stop.asked

    def check(self) -> None:
        self._stop.check()
        if time.monotonic() > self._end:
            raise OutOfTime(self._limit, 0)

    def wait(self, seconds: float) -> bool:
        return self._stop.wait(min(seconds, max(0.0, self._end - time.monotonic())))


@attrs.frozen(kw_only=True)
class Image:
    """A dependency image that is ready."""

    id: str
    base: str
    """Name and id of the base image."""
    packages: Mapping[str, str] = attrs.field(factory=dict)
    """Installed packages to their versions."""
    fresh: bool = True
    """Whether it was made just now, rather than found."""


@attrs.frozen(kw_only=True)
class MachineSpec:
    """What a box is for, and its bounds."""

    job: str
    run: str
    project: str
    life: int
    """Seconds after which it ends by itself, whatever becomes of us."""
    memory: int
    """Bytes."""
    processes: int = 2048
    disk: int = 10 * 1024**3
    """Bytes that a box may write."""
    make_jobs: int = 1
    ccache: str = ""
    """The name of the volume with the job's caches, empty for none."""
    ccache_reads: str = ""
    """The volume of the followed branch, which may be read where there is one; empty for none."""
    domain: TrustDomain | None = None
    """Whom the volume belongs to."""
    keep: bool = False
    """Leave it running when the job did not pass."""


@attrs.frozen(kw_only=True)
class CleanupRequest:
    """What is to be cleaned away besides boxes that were kept."""

    images: bool = True
    """Dependency images, and caches of working trees."""
    caches: bool = False
    """Every cache of the project, of whatever age."""


class Machine(Protocol):
    """A clean machine; it is gone when its `with` block ends, unless it is kept."""

    id: str

    def put(self, archive: Path, folder: str) -> None:
        """Unpack a tar file."""

    def script(self, files: Mapping[str, str]) -> None:
        """Write small executable files, by their absolute paths."""

    def run(self, step: Step, user: str, hear: OutputHandler, *, seconds: float, stop: Stop) -> int:
        """Run one step to its end and return its exit code.

        Raises EngineLost when the code is not certain, OutOfTime, LimitReached, Stopped.
        """

    def read(self, path: str, limit: int) -> bytes | None:
        """A regular file of at most `limit` bytes; None where there is none."""

    def ask(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
        """What a command prints within `seconds`, offline and without privileges.

        Nothing depends on it: a box that does not answer has said nothing. Raises EngineError.
        """

    def keep(self) -> None:
        """Do not remove it at the end."""


class Engine(Protocol):
    """Something that runs jobs."""

    def platform(self) -> str:
        """`linux/amd64`: what runs without emulation."""

    def processors(self) -> int:
        """How many the engine's machine has."""

    def memory(self) -> int:
        """Bytes that the engine's machine has."""

    def prepare(self, job: Job, dockerfile: str, hear: OutputHandler, stop: Stop) -> Image:
        """The dependency image, built or found. Raises PrepareFailed, EngineError, Stopped."""

    def open(self, image: Image, job: Job, plan: MachineSpec) -> AbstractContextManager[Machine]:
        """A box of that image, started."""
