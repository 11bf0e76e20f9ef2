"""The protocol of an engine: a dependency image, and clean machines that are removed when their `with` ends."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import attrs

from ciforge.errors import EngineError, EngineLost
from ciforge.model.job import Job, Step
from ciforge.model.promise import Promise
from ciforge.model.result import Limit, StopSignal
from ciforge.model.trust_domain import TrustDomain

OutputHandler = Callable[[bytes], None]
"""Receives output as it arrives, in chunks that may end anywhere."""


class Stopped(Exception):
    """A stop was requested; not an error."""


class OutOfTime(Exception):
    """A step or a job reached its time limit; its processes have been ended."""

    def __init__(self, limit: float, silent: float) -> None:
        super().__init__(f"no end after {limit:.0f} s, no output for the last {silent:.0f} s")
        self.limit = limit
        self.silent = silent


class LimitReached(Exception):
    """A job used up its memory, disk or processes: the job is at fault."""

    def __init__(self, message: str, limit: Limit) -> None:
        super().__init__(message)
        self.limit = limit


class EngineExhausted(EngineLost):
    """The engine's machine has no memory or disk left: nothing is known about the source."""

    def __init__(self, message: str, limit: Limit) -> None:
        super().__init__(message)
        self.limit = limit


class PrepareFailed(Exception):
    """The dependency image cannot be built, and the job is at fault, as with an unknown package."""

    def __init__(self, message: str, exit_code: int | None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class EngineUnreachable(EngineError):
    """No engine answers."""


class Stop:
    """A request to end, seen by every job that runs."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.reason = ""
        self.signal: StopSignal | None = None
        """The signal that asked first; None where none did."""
        self.at_once: Callable[[], None] = lambda: None
        """Called for the second request: removes machines, whatever runs in them."""

    def ask(self, reason: str, signal: StopSignal | None = None) -> None:
        """Requests an end; the first reason and its signal are kept."""
        if not self.reason:
            self.reason, self.signal = reason, signal
        self._asked.set()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def check(self) -> None:
        """Raises Stopped after a request."""
        if self.asked:
            raise Stopped

    def wait(self, seconds: float) -> bool:
        """Sleeps for `seconds` or until a request; True after a request."""
        return self._asked.wait(seconds)


class Deadline(Stop):
    """A request to end with a time limit in seconds: `check` raises OutOfTime after it."""

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
    """Whether it was built just now, rather than found."""


@attrs.frozen(kw_only=True)
class MachineSpec:
    """A machine to create: its job, run and limits."""

    job: str
    run: str
    project: str
    life: int
    """Seconds after which it ends by itself, even if ciforge is gone."""
    memory: int
    """Bytes."""
    processes: int = 2048
    disk: int = 10 * 1024**3
    """Bytes that a machine may write."""
    make_jobs: int = 1
    make_tokens: bool = False
    """Whether make may have more processes while other machines need fewer."""
    env: Mapping[str, str] = attrs.field(factory=dict)
    """Variables of every step; those that a step sets itself win."""
    ccache: str = ""
    """The name of the volume with the job's caches, empty for none."""
    ccache_reads: str = ""
    """The volume of the followed branch, read if it exists; empty for none."""
    domain: TrustDomain | None = None
    """The owner of the volume."""
    keep: bool = False
    """Leave it running if the job does not pass."""


@attrs.frozen(kw_only=True)
class CleanupRequest:
    """Objects to remove besides kept machines."""

    images: bool = True
    """Dependency images, and caches of working trees."""
    caches: bool = False
    """Every cache of the project, of any age."""


SERVICES = "/ciforge/services"
"""The folder in which a machine has the logs of services, `service,NAME.log`, for `read` only."""


class Machine(Protocol):
    """A clean machine: a container or a virtual machine. Removed when its `with` block ends, unless kept."""

    id: str
    lacks: tuple[Promise, ...]
    """What it does not promise to the job; docs/engines.md has a row for each."""

    def put(self, archive: Path, folder: str) -> None:
        """Unpack a tar file."""

    def script(self, files: Mapping[str, str]) -> None:
        """Write small executable files, by their absolute paths."""

    def run(
        self, step: Step, user: str, on_output: OutputHandler, *, seconds: float, stop: Stop
    ) -> int:
        """Run one step to its end and return its exit code.

        Raises EngineLost when the code is not certain, OutOfTime, LimitReached, Stopped.
        """

    def read(self, path: str, limit: int) -> bytes | None:
        """A regular file of at most `limit` bytes; None where there is none."""

    def ask(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
        """The output of a command within `seconds`, offline and without privileges.

        No verdict depends on it: a machine that does not answer has printed nothing. Raises EngineError.
        """

    def keep(self) -> None:
        """Do not remove it at the end."""


class Engine(Protocol):
    """Something that runs jobs."""

    def platform(self) -> str:
        """`linux/amd64`: what runs without emulation."""

    def processors(self) -> int:
        """Processors of the engine's host."""

    def memory(self) -> int:
        """Bytes of memory of the engine's host."""

    def prepare(self, job: Job, on_output: OutputHandler, stop: Stop) -> Image:
        """Prepares what a machine of the job starts from, with its packages: built, found or checked.

        Raises PrepareFailed, EngineError, Stopped.
        """

    def open(self, image: Image, job: Job, plan: MachineSpec) -> AbstractContextManager[Machine]:
        """A started machine of that image."""
