"""Copies what a job leaves out of its machine, however it ended."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ciforge.engines.protocol import SERVICES, Machine
from ciforge.errors import EngineError
from ciforge.model.job import Job
from ciforge.render.paths import RECORDS, SOURCE
from ciforge.run.kept_files import keep_files

_LARGEST = 16 * 1024 * 1024
"""Bytes of one artifact."""


def collect(machine: Machine, job: Job, folder: Path, on_message: Callable[[str], None]) -> None:
    """Copies config.log, the install manifest, logs of services and kept files into `folder`.

    A machine that is gone has none.
    """
    place = PurePosixPath(SOURCE, job.folder, job.builddir)
    wanted = [str(place / name) for name in job.artifacts]
    for path in (*wanted, f"{RECORDS}/manifest.txt"):
        try:
            data = machine.read(path, _LARGEST)
        except EngineError:
            return
        if data is not None:
            (folder / PurePosixPath(path).name).write_bytes(data)
    for service in job.services:
        name = f"service,{service.name}.log"
        with suppress(EngineError):
            data = machine.read(f"{SERVICES}/{name}", _LARGEST)
            (folder / name).write_bytes(data or b"")
    with suppress(EngineError):
        keep_files(machine, job, folder, on_message)
