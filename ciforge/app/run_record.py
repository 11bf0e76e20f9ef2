"""The record of a new run."""

import secrets
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ciforge import __version__
from ciforge.masking import masked_word
from ciforge.model.job import Job
from ciforge.model.result import Run, SourceUsed
from ciforge.run.clock import now, stamp
from ciforge.store.runs.run_folder import new_run_id
from ciforge.store.sequence import next_sequence


def new_run(
    project: str,
    jobs: Iterable[Job],
    sources: Iterable[SourceUsed] = (),
    state: Path | None = None,
    command: Sequence[str] = (),
) -> Run:
    """A run of this command, or of another one, that starts now.

    It has a sequence only with the folder of a state."""
    return Run(
        id=new_run_id(now(), secrets.token_hex(3)),
        project=project,
        started=stamp(),
        version=__version__,
        command=("ciforge", *map(masked_word, command or sys.argv[1:])),
        sources=tuple(sources),
        jobs=tuple(job.id for job in jobs),
        sequence=next_sequence(state) if state else 0,
    )
