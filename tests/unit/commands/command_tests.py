"""What tests of commands share: a project, what a command printed, and runs of the past."""

from collections.abc import Callable
from pathlib import Path

import attrs

from ciforge.model.result import Result, Run, SourceUsed, Status, StepResult
from ciforge.resources import data_folder
from ciforge.store.runs.run_folder import RunFolder

PROJECT = """\
project: mine
repos:
  daemon: {path: daemon, recipe: autotools}
  filter: {path: filter, recipe: go, branches: [main, stable]}
variants:
  clang: {dependencies: [clang], env: {CC: clang}}
jobs:
  - daemon/debian/{default,clang}
  - filter/debian-13/default
"""


@attrs.frozen
class Typed:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Types = Callable[..., Typed]


@attrs.frozen
class Past:
    """Runs that are over: ids to what became of their jobs."""

    state: Path

    def run(
        self,
        id_: str,
        started: str,
        jobs: dict[str, Status],
        *,
        ended: bool = True,
        source: SourceUsed | None = None,
    ) -> Path:
        """One run; its folder."""
        code = 0 if set(jobs.values()) <= {Status.PASSED} else 1
        run = Run(
            id=id_, project="mine", started=started, version="0", jobs=tuple(jobs), seconds=7.4,
            ended=started if ended else "", exit_code=code if ended else None,
        )  # fmt: skip
        folder = RunFolder.create(self.state, run)
        for job, status in jobs.items():
            passed = status is Status.PASSED
            failed = StepResult(name="build", exit_code=0 if passed else 2, seconds=3.0, started="")
            place = folder.job_folder(job)
            (place / "log.txt").write_bytes(f"{id_} {job}\n\x1b[31mred\x1b[0m\n".encode())
            folder.write_result(Result(
                job=job, status=status, failed_step=None if passed else "build", started=started,
                seconds=3.2, steps=(failed,), source=source,
            ))  # fmt: skip
        return self.state / "runs" / id_


def own_alpine(folder: Path, eol: str) -> None:
    """A project on Alpine only, whose own descriptor lets 3.23 end on that day."""
    text = (data_folder("distros") / "alpine.yml").read_text()
    text = text.replace("2027-11-01", eol)
    (folder / "distros").mkdir(exist_ok=True)
    (folder / "distros" / "alpine.yml").write_text(text)
    (folder / "ciforge.yml").write_text(
        PROJECT.partition("jobs:")[0] + "jobs: [daemon/alpine/default]\n"
    )
