"""Follows a build on a hosted service: its jobs become events, its artifacts results of a run here."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial

import attrs

from ciforge.app.artifact_folder import allowed
from ciforge.app.import_runs import job_artifact
from ciforge.app.patient_service import PatientService
from ciforge.app.workspace import Workspace
from ciforge.ci.artifact_files import ArtifactError
from ciforge.ci.github.api import ENDED, Artifact, HostedJob, HostedRun
from ciforge.ci.github.http_client import HostedError
from ciforge.ci.started_runs import StartsRuns
from ciforge.model.event import Event, JobEnded, JobStarted, StepStarted
from ciforge.model.result import Result, SourceUsed
from ciforge.notify.hosted_import import HostedRunRecord, JobArtifacts, import_job
from ciforge.notify.hosted_result import missing_result
from ciforge.run.clock import stamp
from ciforge.store.hosted_tries import HostedTry
from ciforge.store.runs.run_folder import RunFolder, job_path

_RUNS = "in_progress"
_GRACE = 2
"""Times that the service is asked again for the artifact of a job that has ended."""


@attrs.define(kw_only=True, eq=False, repr=False)
class HostedFollower:
    """The jobs of one build, whose results are added to `results` and to the folder of its run."""

    record: HostedTry
    workspace: Workspace
    service: StartsRuns
    patient: PatientService
    folder: RunFolder
    emit: Callable[[Event], None]
    results: dict[str, Result]
    conclusions: dict[str, str] = attrs.field(factory=dict)
    """Workflow files to the conclusions of their runs, once these have ended."""
    _steps: dict[str, str] = attrs.field(factory=dict)
    _without_artifact: dict[str, int] = attrs.field(factory=dict)

    def follow(self) -> None:
        """Waits until every job has a result and every run has ended.

        Raises Stopped, and HostedError if the service is lost.
        """
        pause = self.patient.pace.shortest
        while under_way := [file for file in self.record.workflows if self._is_under_way(file)]:
            before = self._progress()
            for file in under_way:
                run, jobs = self.patient.ask(partial(self._look, file))
                self._update(file, run, jobs)
            changed = self._progress() != before
            pause = (
                self.patient.pace.shortest
                if changed
                else min(pause * 1.5, self.patient.pace.longest)
            )
            if any(map(self._is_under_way, under_way)):
                self.patient.wait(pause)

    def pending(self) -> list[str]:
        """The jobs without a result."""
        return [job for job in self._dispatched() if job not in self.results]

    def end_job(self, result: Result) -> None:
        """Stores the result of a job, and reports it."""
        self.folder.write_result(result)
        self._ended(result)

    def _dispatched(self) -> Iterator[str]:
        for jobs in self.record.workflows.values():
            yield from jobs

    def _is_under_way(self, file: str) -> bool:
        missing = any(job not in self.results for job in self.record.workflows[file])
        return missing or file not in self.conclusions

    def _progress(self) -> tuple[int, Mapping[str, str]]:
        return len(self.results), dict(self._steps)

    def _look(self, file: str) -> tuple[HostedRun, Mapping[str, HostedJob]]:
        """The run and those of its jobs that were asked for; the run first, so that no end is missed."""
        run = self.service.run(self.record.runs[file])
        wanted = set(self.record.workflows[file])
        return run, {job.name: job for job in self.service.jobs(run) if job.name in wanted}

    def _update(self, file: str, run: HostedRun, jobs: Mapping[str, HostedJob]) -> None:
        for job in jobs.values():
            self._report_step(job)
        over = run.status == ENDED
        ended = [
            job for name in self.record.workflows[file]
            if name not in self.results and (job := jobs.get(name, _absent(name, run)))
            and (over or job.status == ENDED)
        ]  # fmt: skip
        if ended:
            every = self.patient.ask(lambda: self.service.artifacts(run))
            for job in ended:
                self._take(run, job, every)
        if over:
            self.conclusions[file] = run.conclusion

    def _report_step(self, job: HostedJob) -> None:
        """The events of a job that has begun, and of its step."""
        begun = job.status in (_RUNS, ENDED)
        if job.name in self.results or not begun or self._steps.get(job.name) == job.step:
            return
        if job.name not in self._steps:
            self.emit(JobStarted(run=self.record.id, time=stamp(), job=job.name))
        self._steps[job.name] = job.step
        if job.step:
            self.emit(StepStarted(run=self.record.id, time=stamp(), job=job.name, step=job.step))

    def _take(self, run: HostedRun, job: HostedJob, every: Sequence[Artifact]) -> None:
        """The result of a job that has ended; nothing yet if its artifact may still come."""
        with ExitStack() as archives:
            try:
                left = self.patient.ask(
                    lambda: job_artifact(self.service, run, job, every, archives)
                )
                if left is not None:
                    self._ended(self._imported(run, job, left))
                    return
                reason = ""
            except ArtifactError as problem:
                reason = str(problem)
        seen = self._without_artifact[job.name] = self._without_artifact.get(job.name, 0) + 1
        if reason or seen > _GRACE:
            self.end_job(self._missing(job, reason or self._remark(job)))

    def _imported(self, run: HostedRun, job: HostedJob, left: JobArtifacts) -> Result:
        """The result in an artifact, with the checks of every import, as one of the working tree."""
        place = job_path(self.folder.path, job.name)
        shutil.rmtree(place, ignore_errors=True)  # of an import that was interrupted
        hosted = HostedRunRecord(
            id=self.record.id, started="", attempt=run.attempt, certain=True,
            sources=tuple(self._source(repo) for repo in self.record.repos),
            conclusions={job.name: job.conclusion or "no end"}, allowed=allowed(self.workspace),
            jobs={job.id: job for job in self.workspace.plan.jobs},
        )  # fmt: skip
        result = import_job(self.folder, hosted, left, self.results, time.time())
        if result.source is not None:
            own = attrs.evolve(
                result.source, revision=self.record.head, changes=self.record.changes
            )
            result = attrs.evolve(result, source=own)
            self.folder.write_result(result)
        return result

    def _source(self, repo: str) -> SourceUsed:
        return SourceUsed(repo=repo, origin=self.record.address, revision=self.record.commit)

    def _missing(self, job: HostedJob, remark: str) -> Result:
        """The result of a job that left none that can be used."""
        found = missing_result(job.name, job.conclusion, "no artifact")
        may_fail = job.name in allowed(self.workspace)
        reason = f"{found.reason}: {remark}" if remark else found.reason
        return attrs.evolve(found, reason=reason, allow_failure=may_fail)

    def _remark(self, job: HostedJob) -> str:
        with suppress(HostedError):
            return self.service.remark(job) if job.id else ""
        return ""

    def _ended(self, result: Result) -> None:
        self.results[result.job] = result
        self.emit(job_ended(self.record.id, self.folder, result))


def _absent(name: str, run: HostedRun) -> HostedJob:
    """A job that the service does not list; if its run has ended, it has that end."""
    return HostedJob(name=name, conclusion=run.conclusion, started="", status="queued")


def job_ended(run: str, folder: RunFolder, result: Result) -> JobEnded:
    """The event of a job with a result."""
    log = job_path(folder.path, result.job) / "log.txt"
    return JobEnded(
        run=run, time=stamp(), job=result.job, status=result.status, seconds=result.seconds,
        result=result, log=str(log) if log.is_file() else "",
    )  # fmt: skip
