"""Asks a box why a step failed in it, before it goes: a few seconds, and never a verdict."""

import time
from collections.abc import Sequence
from pathlib import Path

from ciforge.diagnose.asking import FILE, answers, ending, questions, unanswered
from ciforge.diagnose.findings import diagnose, read_lines
from ciforge.engines.base import Box
from ciforge.errors import CiforgeError
from ciforge.model.finding import Finding
from ciforge.model.job import Job
from ciforge.render.asking import ASK
from ciforge.sources.owners import owners

_SECONDS = 5.0
"""For all of it."""
_READ = 4 * 1024 * 1024
"""Bytes of the log's end that are read."""
_ADDRESSES = 4


def ask(box: Box, job: Job, folder: Path, indexes: Path, step: str) -> None:
    """Writes `artifacts/asked.txt` of the job's `folder`, if there is anything to ask.

    What goes wrong here changes nothing: it is left out. `indexes` keeps indexes of files.
    """
    until = time.monotonic() + _SECONDS
    try:
        asked = questions(_findings(folder, step))
        if not asked:
            return
        text = _box(box, job, ["sh", "-c", ASK, "ask", *asked], until)
        missing = unanswered(asked, answers(text))
        lines = [*text.splitlines(), *_owned(box, job, missing, indexes, until)]
        kept = [line for line in lines if answers(line) or line.endswith(" not asked")]
        (folder / "artifacts" / FILE).write_text("".join(f"{line}\n" for line in kept))
    except (CiforgeError, OSError):
        return


def _findings(folder: Path, step: str) -> tuple[Finding, ...]:
    with (folder / "log.txt").open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _READ))
        return diagnose(read_lines(stream), failed=True, step=step)


def _box(box: Box, job: Job, command: Sequence[str], until: float) -> str:
    seconds = until - time.monotonic()
    if seconds <= 0:
        return ""
    return box.ask(command, {"CC": job.env["CC"]} if "CC" in job.env else {}, seconds)


def _owned(box: Box, job: Job, missing: Sequence[str], indexes: Path, until: float) -> list[str]:
    """A line for each question whose file some package owns; else that nobody was asked."""
    if not missing:
        return []
    try:
        listed = (
            _box(box, job, ["sh", "-c", job.manager.file_index], until)
            if job.manager.file_index
            else ""
        )
        addresses = listed.split()[:_ADDRESSES]
        found = owners(
            [ending(one) for one in missing], addresses, indexes, until - time.monotonic()
        )
    except CiforgeError:
        return [f"{one} not asked" for one in missing]
    return [f"{one} owner {found[ending(one)]}" for one in missing if ending(one) in found]
