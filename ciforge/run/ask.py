"""Asks a box why a step failed in it, before it goes: a few seconds, and never a verdict."""

import time
from collections.abc import Sequence
from contextlib import suppress
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
"""For the box, and for the index."""
_READ = 4 * 1024 * 1024
"""Bytes of the log's end that are read."""
_ADDRESSES = 4


def ask(box: Box, job: Job, folder: Path, indexes: Path, step: str) -> None:
    """Writes `artifacts/asked.txt` of the job's `folder`, if there is anything to ask.

    What goes wrong here changes nothing: it is left out. `indexes` keeps indexes of files.
    """
    # Whatever is wrong with a rule, a box or an index, the verdict stands already.
    with suppress(Exception):
        asked = questions(_findings(folder, step))
        if not asked:
            return
        text = _box(box, job, ["sh", "-c", ASK, "ask", *asked], _SECONDS)
        missing = unanswered(asked, answers(text))
        lines = [*text.splitlines(), *_owned(box, job, missing, indexes)]
        kept = [line for line in lines if answers(line) or line.endswith(" not asked")]
        (folder / "artifacts" / FILE).write_text("".join(f"{line}\n" for line in kept))


def _findings(folder: Path, step: str) -> tuple[Finding, ...]:
    with (folder / "log.txt").open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _READ))
        return diagnose(read_lines(stream), failed=True, step=step)


def _box(box: Box, job: Job, command: Sequence[str], seconds: float) -> str:
    """Whole lines of what a command prints there."""
    env = {"CC": job.env["CC"]} if "CC" in job.env else {}
    whole, end, _ = box.ask(command, env, seconds).rpartition("\n")
    return whole + end


def _owned(box: Box, job: Job, missing: Sequence[str], indexes: Path) -> list[str]:
    """A line for each question whose file some package owns; else that nobody was asked."""
    if not missing:
        return []
    until = time.monotonic() + _SECONDS
    try:
        addresses = _addresses(box, job)
        wanted = [ending(one) for one in missing]
        found = owners(wanted, addresses, indexes, until - time.monotonic())
    except CiforgeError:
        return [f"{one} not asked" for one in missing]
    return [f"{one} owner {found[ending(one)]}" for one in missing if ending(one) in found]


def _addresses(box: Box, job: Job) -> list[str]:
    """Of the indexes that the box's own mirror has; none where the manager has no such thing."""
    if not job.manager.file_index:
        return []
    listed = _box(box, job, ["sh", "-c", job.manager.file_index], _SECONDS / 2)
    return listed.split()[:_ADDRESSES]
