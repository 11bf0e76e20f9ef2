"""Runs and results as tests of the index record them."""

from collections.abc import Sequence
from pathlib import Path

from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.store.runs.run_folder import RunFolder
from ciforge.store.runs.run_index import Index

GCC, CLANG = "portable/debian-13/default", "portable/debian-13/clang"


def a_run(number: int, jobs: Sequence[str] = (GCC, CLANG), ended: bool = True) -> Run:
    return Run(
        id=f"20261122T1440{number:02}Z-1f3a9c",
        project="opensmtpd",
        started=f"2026-11-22T14:40:{number:02}Z",
        version="0.1",
        command=("ciforge", "run", "a b", "\udcff"),
        sources=(SourceUsed(repo="portable", origin="/src", revision="1f" * 20),),
        jobs=tuple(jobs),
        ended=f"2026-11-22T14:50:{number:02}Z" if ended else "",
        seconds=600.0 if ended else 0.0,
        exit_code=0 if ended else None,
    )


def a_result(job: str, status: Status = Status.PASSED, seconds: float = 60.0) -> Result:
    build = StepResult(name="build", exit_code=0, seconds=seconds / 2, started="")
    return Result(job=job, status=status, seconds=seconds, steps=(build,))


def on_disk(state: Path, run: Run, results: Sequence[Result]) -> None:
    folder = RunFolder.create(state, run)
    for result in results:
        (folder.job_folder(result.job) / "log.txt").write_bytes(b"built\n")
        folder.write_result(result)


def answers(index: Index) -> object:
    runs = index.runs()
    return runs, [index.results_of(run.id) for run in runs], index.typical_seconds(GCC, "build")
