"""A job's log, artifacts and last green run, read from the folders of runs."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from ciforge.diagnose.drift import Artifacts
from ciforge.diagnose.scan.log_lines import read_lines
from ciforge.diagnose.warnings import warned
from ciforge.errors import CiforgeError
from ciforge.load.dependencies import dependency_index
from ciforge.model.diagnosis import Warned
from ciforge.model.finding import Finding
from ciforge.model.result import Result, Status
from ciforge.store.runs.run_folder import job_path, run_path
from ciforge.store.runs.run_index import Index

_LARGEST = 16 * 1024 * 1024
"""Bytes of an artifact that are read."""
_TEST_LOGS = ("kept,*test-suite.log", "kept,*testlog.txt")
"""Names of kept logs that have the output of several tests."""
_HEADERS = ("config.h",)
GREEN = frozenset({Status.PASSED, Status.COMPILED, Status.FLAKY, Status.SKIPPED, Status.CANCELLED})
"""Statuses that need no cause."""


@attrs.frozen
class RunFiles:
    """Files of the run `run` in the state folder; `problems` has a sentence for each unreadable one."""

    state: Path
    run: str
    problems: list[str] = attrs.field(factory=list)

    def folder(self, job: str, run: str = "") -> Path:
        """The folder of a job in this run or another one."""
        return job_path(run_path(self.state, run or self.run), job)

    def last_green(self, jobs: Sequence[str]) -> dict[str, str]:
        """Jobs to the runs before this one in which they last passed."""
        found = {}
        try:
            with Index.open(self.state, self.problems.append) as index:
                for job in jobs:
                    if row := index.last_green(job, before=self.run):
                        found[job] = row.run
        except CiforgeError as error:
            self.problems.append(f"earlier runs are not compared: {error}")
        return found

    def findings(self, result: Result) -> tuple[Finding, ...]:
        """The findings in a job's log, root cause first; empty without a log."""
        # The rules take long to import, and only failures need them.
        from ciforge.diagnose.dependency_advice import with_dependencies
        from ciforge.diagnose.probes import FILE, answered, answers
        from ciforge.diagnose.scan.findings import diagnose
        from ciforge.diagnose.scan.test_logs import quoted

        folder = self.folder(result.job)
        failed = result.status not in GREEN
        config_log = tuple(_text(folder / "artifacts" / "config.log").splitlines())
        step = result.failed_step or ""
        with self._lines(folder / "log.txt") as lines:
            found = diagnose(lines, failed=failed, config_log=config_log, step=step)
        logs = sorted(file for name in _TEST_LOGS for file in (folder / "artifacts").glob(name))
        found = quoted(found, (_text(file).splitlines() for file in logs))
        replies = answers(_text(folder / "artifacts" / FILE))
        return with_dependencies(answered(found, replies, dependency_index()), dependency_index())

    def warnings(self, job: str, run: str = "") -> tuple[Warned, ...]:
        """The warnings of a log."""
        with self._lines(self.folder(job, run) / "log.txt") as lines:
            return warned(lines)

    def artifacts(self, job: str, run: str = "") -> Artifacts:
        """The artifacts of a job that drift is computed from."""
        folder = self.folder(job, run) / "artifacts"
        headers = "\n".join(_text(folder / name) for name in _HEADERS)
        return Artifacts(config_h=headers.strip(), manifest=_text(folder / "manifest.txt"))

    @contextmanager
    def _lines(self, file: Path) -> Iterator[Iterable[str]]:
        """The lines of a log; none if it is missing, or if it cannot be read, which is a problem."""
        try:
            with file.open("rb") as stream:
                yield read_lines(stream)
        except FileNotFoundError:
            yield ()
        except OSError as error:
            self.problems.append(f"{file}: {error.strerror or error}")
            yield ()


def _text(file: Path) -> str:
    """The first bytes of a file; empty if it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
