"""The builds of one search: one job at one commit, within the budget of the search."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.app.bisect_history import OTHER_VERSIONS, JudgedResult, judged
from ciforge.app.local_run import finished_run
from ciforge.app.resolve import resolve_job
from ciforge.app.run_settings import RunOptions
from ciforge.app.session import Request, Session, open_session, print_progress
from ciforge.app.source_options import (
    SourceOptions,
    current_checkout,
    jobs_of_checkout,
    source_specs,
)
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.errors import EngineError, UsageError
from ciforge.model.quantities import duration
from ciforge.model.result import Result, Status
from ciforge.plan.pinned_packages import with_versions
from ciforge.sources.commit_parents import searched_repository


@attrs.frozen(kw_only=True)
class BisectOptions:
    """The arguments of `ciforge bisect`."""

    job: str
    good: str = ""
    bad: str = ""
    cause: int = 1
    file: Path | None = None
    state_dir: Path | None = None
    sources: tuple[str, ...] = ()
    unlisted: bool = False
    budget: int | None = None
    """Seconds for the whole search; None: no limit."""


class SearchInterrupted(Exception):
    """A build was stopped: by a signal, or by the end of the time for the search."""


class Bisecting:
    """One search: its job, its repository and its builds."""

    def __init__(self, options: BisectOptions) -> None:
        here = Path.cwd().resolve()
        self._options = options
        self._until = time.monotonic() + options.budget if options.budget else None
        workspace = open_workspace(options.file, here)
        self.project = workspace.project.project
        self.state = state_folder(self.project, options.state_dir)
        found = resolve_job(workspace.plan, options.job, self.state, unlisted=options.unlisted)
        checkout = current_checkout(workspace, here)
        sources = SourceOptions(sources=options.sources)
        (self.job,) = jobs_of_checkout((found,), checkout, sources)
        if self.job.skipped:
            raise UsageError(f"{self.job.id} cannot run here: {self.job.skipped}")
        (spec,) = source_specs(workspace, (self.job,), checkout, sources)
        revisions = tuple(filter(None, (options.good, options.bad)))
        self.repository = searched_repository(
            spec.place, revisions, self.state / "mirrors", print_progress
        )
        self.steps = [step.name for step in self.job.steps]
        self.builds = 0
        self.interrupted = False

    def result(
        self, revision: str, *, cold: bool, versions: Mapping[str, str] | None = None
    ) -> JudgedResult:
        """Builds one commit, perhaps with other versions of packages.

        Raises UsageError, EngineError, and SearchInterrupted if it was stopped.
        """
        left = None if self._until is None else int(self._until - time.monotonic())
        if left is not None and left <= 0:
            raise SearchInterrupted(self._used_up())
        options = SourceOptions(
            sources=self._options.sources, revisions=(f"{self.job.repo}={revision}",)
        )
        request = Request(
            selectors=(self.job.id,), file=self._options.file, state_dir=self._options.state_dir,
            source_options=options, unlisted=True,
        )  # fmt: skip
        self.builds += 1
        with open_session(request) as opened:
            session = _with_versions(opened, self.job.id, versions or {})
            run_options = _run_options(request, self.job.id, left, cold=cold, versions=versions)
            finished = finished_run(session, run_options)
            self.interrupted = session.stop.signal is not None
        result = own_result(finished.results, self.job.id)
        if result.status is Status.CANCELLED and not result.not_tried_for:
            raise SearchInterrupted(result.reason if self.interrupted else self._used_up())
        return judged(revision, result, finished.diagnosis, by_search=True)

    def _used_up(self) -> str:
        return f"the budget of {duration(self._options.budget or 0)} was used up"


def own_result(results: Sequence[Result], job: str) -> Result:
    """Returns the result of a job among those of the jobs that it needs.

    If it was not tried because of one of them, it says of a machine that failed, or a run that was
    stopped, the same as that one.
    """
    ended = {result.job: result for result in results}
    result = ended[job]
    needed = ended.get(result.not_tried_for)
    if needed is None:
        return result
    if needed.status is Status.CANCELLED:
        return attrs.evolve(own_result(results, needed.job), job=job)
    machine = needed.status is Status.INFRASTRUCTURE
    return attrs.evolve(result, status=needed.status) if machine else result


def _with_versions(session: Session, job: str, versions: Mapping[str, str]) -> Session:
    if not versions:
        return session
    jobs = [
        with_versions(planned, versions) if planned.id == job else planned
        for planned in session.jobs
    ]
    return attrs.evolve(session, jobs=jobs)


def _run_options(
    request: Request,
    job: str,
    budget: int | None,
    *,
    cold: bool,
    versions: Mapping[str, str] | None,
) -> RunOptions:
    packages = [f"{name}={version}" for name, version in (versions or {}).items()]
    return RunOptions(
        jobs=1, timeout=None, as_json=False, keep=False, fail_fast=False, ccache=not cold,
        notify=False, force=cold, budget=budget, confirm=False,  # the answer is built without caches
        command=(
            "bisect", job, *request.repeat_options(), *([OTHER_VERSIONS, *packages] if packages else ())
        ),
    )  # fmt: skip


def reason_of(built: JudgedResult) -> str:
    """` (grp.h not found)`: why a build failed, or nothing."""
    reason = built.causes[0].title if built.causes else built.result.reason
    return f" ({reason})" if reason else ""


def check_machine(built: JudgedResult) -> None:
    """Raises EngineError if the machine, and not the source, ended a build."""
    if built.result.status is Status.INFRASTRUCTURE:
        raise EngineError(
            f"{built.revision[:12]} could not be built: {built.result.reason or 'the engine failed'}",
            hint="`ciforge doctor` checks what jobs need; run the search again",
        )
