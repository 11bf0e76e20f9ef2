"""Copies the files out of a machine that the job is to keep: logs of tests, and what `keep` names."""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ciforge.engines.protocol import Machine
from ciforge.model.job import Job
from ciforge.render.kept_script import KEPT
from ciforge.render.paths import SOURCE

MOST = 20 * 1024 * 1024
"""Bytes of all kept files of a job."""
_SECONDS = 60.0
PREFIX = "kept,"
"""Before the names of kept files, so that none stands for a file of ciforge."""
_PATH = re.compile(r"\./[A-Za-z0-9._+@/-]{1,120}")
_LONGEST = 128


def keep_files(machine: Machine, job: Job, folder: Path, on_message: Callable[[str], None]) -> None:
    """Copies them into `folder`. Raises EngineError.

    A file that does not fit any more is left out with a message, and so is one whose path has other
    characters than letters, digits and `. _ + @ - /`.
    """
    if not job.keep:
        return
    left = MOST
    command = ["sh", "-c", KEPT, "kept", job.folder or ".", *job.keep]
    for path in machine.ask(command, {}, _SECONDS).splitlines():
        name = kept_name(path)
        if not name or ".." in path.split("/"):
            on_message(f"not kept, for its name: {path}")
            continue
        data = machine.read(str(PurePosixPath(SOURCE, job.folder, path)), left + 1)
        if data is not None and len(data) > left:
            on_message(f"not kept, for a job keeps {MOST >> 20} MiB: {path.removeprefix('./')}")
        elif data is not None:
            left -= len(data)
            (folder / name).write_bytes(data)


def kept_name(path: str) -> str:
    """The name of the kept file `./sub/test-suite.log`: `kept,sub,test-suite.log`; empty if it has none."""
    if not _PATH.fullmatch(path):
        return ""
    name = PREFIX + path.removeprefix("./").replace("/", ",").replace("@", "_")
    return name if len(name) <= _LONGEST else ""
