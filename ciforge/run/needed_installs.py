"""What jobs installed, handed on to the jobs of the same run that need it."""

import threading
from collections.abc import Iterable
from pathlib import Path

from ciforge.engines.protocol import Machine, Stop
from ciforge.errors import EngineError
from ciforge.model.job import Job
from ciforge.model.result import Result
from ciforge.plan.needed_repos import FOLDER, archive_name, packed_path

_LARGEST = 128 * 1024 * 1024
_TICK = 0.5
"""Seconds between looks at a stop that was asked for."""


class NeededInstalls:
    """The installs of one run; jobs of several threads wait for each other here."""

    def __init__(self, jobs: Iterable[Job], folder: Path) -> None:
        jobs = tuple(jobs)
        self._folder = folder
        self._needed = frozenset(id_ for job in jobs for id_ in job.needs)
        self._ended: dict[str, Result] = {}
        self._all = frozenset(job.id for job in jobs)
        self._changed = threading.Condition()

    def concerns(self, job: Job) -> bool:
        """Returns whether a job hands on its install, or is given another one: then it has to run itself."""
        return bool(job.needs) or job.id in self._needed

    def reason_against(self, job: Job, stop: Stop) -> tuple[str, str]:
        """Waits for the jobs that one needs. Returns why it cannot be tried, empty if it can, and the job
        that ended without passing, if that is the reason.
        """
        for id_ in job.needs:
            if id_ not in self._all:
                return f"not tried: it needs {id_}, which is no part of this run", ""
            with self._changed:
                while id_ not in self._ended and not stop.asked:
                    self._changed.wait(_TICK)
                ended = self._ended.get(id_)
            if ended is None or not ended.status.green:
                return (
                    f"not tried: it needs {id_}, which {_became(ended)}",
                    ended.job if ended else "",
                )
        return "", ""

    def end(self, result: Result) -> None:
        """Records how a job ended, for those that wait for it."""
        with self._changed:
            self._ended[result.job] = result
            self._changed.notify_all()

    def take(self, job: Job, machine: Machine) -> None:
        """Keeps what a job installed, if another one needs it. Raises EngineError if it is too large."""
        if job.id not in self._needed:
            return
        data = machine.read(packed_path(job.id), _LARGEST)
        if data is None or len(data) > _LARGEST:
            raise EngineError(
                f"{job.id}: what it hands on is missing or larger than {_LARGEST >> 20} MiB"
            )
        self._folder.mkdir(exist_ok=True)
        (self._folder / archive_name(job.id)).write_bytes(data)

    def lay_in(self, job: Job, machine: Machine) -> None:
        """Puts the archives of the installs that a job needs into its machine, where its first step unpacks them."""
        for id_ in job.needs:
            outer = self._folder / f"put,{archive_name(job.id)}"
            try:
                _wrap(self._folder / archive_name(id_), outer)
                machine.put(outer, FOLDER)
            finally:
                outer.unlink(missing_ok=True)


def _became(ended: Result | None) -> str:
    return "did not end" if ended is None else f"ended as {ended.status.value}"


def _wrap(file: Path, outer: Path) -> None:
    """Writes a tar file with one file in it, since machines are given tar files."""
    import tarfile  # few runs need it

    with tarfile.open(outer, "w") as tar:
        entry = tarfile.TarInfo(file.name)
        entry.size, entry.mode = file.stat().st_size, 0o644
        with file.open("rb") as data:
            tar.addfile(entry, data)
