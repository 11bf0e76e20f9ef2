"""Reads everything that a report of a run needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.result import Result, Run
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.report.run_report import RunReport
from ciforge.store.history_problem import HistoryProblem
from ciforge.store.runs.run_folder import job_path, read_diagnosis, run_path
from ciforge.store.runs.run_reader import read_whole_run


def read_report(state: Path, run_id: str, repeat: Callable[[Run, str], str]) -> RunReport:
    """The report of a run in this state folder; `repeat` gives the command that repeats a job.

    The diagnosis made when the run ended is used, since its containers are gone; without one, the
    logs are read now. The report lists what cannot be read. Raises HistoryProblem if the run itself
    cannot be read.
    """
    folder = run_path(state, run_id)
    run, results, damaged = read_whole_run(folder)
    ordered = _in_order(run, results)
    problems = [damage.reason for damage in damaged]
    try:
        why = read_diagnosis(folder)
    except HistoryProblem as problem:
        why = None
        problems.append(str(problem))
    return make_report(
        state, run, ordered, _with(why or diagnose_run(state, run, ordered), problems), repeat
    )


def make_report(
    state: Path, run: Run, results: Sequence[Result], why: Diagnosis,
    repeat: Callable[[Run, str], str],
) -> RunReport:  # fmt: skip
    """The report of a run with known results and diagnosis."""
    folder = run_path(state, run.id)
    return RunReport(
        run=run,
        results=tuple(results),
        why=why,
        logs=dict(_logs(folder, run)),
        artifacts={
            result.job: _artifacts(job_path(folder, result.job), result) for result in results
        },
        repeats={result.job: repeat(run, result.job) for result in results},
    )


def _in_order(run: Run, results: Sequence[Result]) -> tuple[Result, ...]:
    places: Mapping[str, int] = {job: place for place, job in enumerate(run.jobs)}
    return tuple(
        sorted(results, key=lambda result: (places.get(result.job, len(places)), result.job))
    )


def _with(why: Diagnosis, problems: Sequence[str]) -> Diagnosis:
    return attrs.evolve(why, problems=(*why.problems, *problems)) if problems else why


def _logs(folder: Path, run: Run) -> Iterator[tuple[str, Path]]:
    """Jobs to their logs, also of jobs without a result."""
    for job in run.jobs:
        log = job_path(folder, job) / "log.txt"
        if log.is_file() and not log.is_symlink():
            yield job, log


def _artifacts(folder: Path, result: Result) -> tuple[Path, ...]:
    return tuple(folder / "artifacts" / name for name in result.artifacts)
