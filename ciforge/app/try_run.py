"""The run of one `ciforge try`: its branch, its jobs, and what is stored and printed in the end."""

import shlex
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
import click

from ciforge.app.hosted_build import HostedBuild
from ciforge.app.local_run import index_run
from ciforge.app.reproduce import command_line, print_summary
from ciforge.app.run_progress import reporting
from ciforge.app.run_settings import expected_seconds
from ciforge.app.scratch import begin_run
from ciforge.app.session import print_progress, project_options
from ciforge.app.try_follow import HostedFollower, job_ended
from ciforge.app.try_plan import TryPlan
from ciforge.app.workspace import Workspace
from ciforge.ci.github.http_client import HostedError
from ciforge.engines.protocol import Stopped
from ciforge.model.event import RunEnded, RunStarted
from ciforge.model.result import Result, Run, Status
from ciforge.report.jsonlines import json_line
from ciforge.run.clock import stamp
from ciforge.run.exit_status import INFRASTRUCTURE, INTERRUPTED, PASSED, exit_code
from ciforge.sources.scratch_commit import ScratchCommit
from ciforge.store.runs.run_folder import RunFolder, job_path, read_result, run_path


@attrs.frozen(kw_only=True)
class TryOptions:
    """The arguments of the command."""

    selectors: tuple[str, ...] = ()
    file: Path | None = None
    state_dir: Path | None = None
    service: str = "github"
    remote: str = ""
    untracked: bool = False
    yes: bool = False
    detach: bool = False
    as_json: bool = False


@attrs.define(eq=False, repr=False)
class TryRun:
    """One call of the command, from the push to the summary."""

    workspace: Workspace
    options: TryOptions
    build: HostedBuild
    run: Run

    def begin(self, made: ScratchCommit, plan: TryPlan) -> int:
        """Pushes, starts and follows; the branch is removed unless the build is left alone."""
        return self._with_branch(lambda: self._begun(made, plan))

    def resume(self) -> int:
        """Follows what was left alone; what had not begun is started."""

        def followed() -> int:
            self.build.start(resumed=True)
            return self._followed(self._folder({}))

        return self._with_branch(followed)

    def _with_branch(self, work: Callable[[], int | None]) -> int:
        """The exit status of `work`; None from it leaves the branch for `--resume`."""
        code: int | None = INTERRUPTED
        try:
            code = work()
        except Stopped:
            self.build.cancel()
        except BaseException:  # also of a reader of the output that is gone
            self.build.cancel()
            raise
        finally:
            if code is not None:
                self.build.remove_branch()
        return PASSED if code is None else code

    def _begun(self, made: ScratchCommit, plan: TryPlan) -> int | None:
        self.build.push(made)
        self.build.start()
        for page in self.build.pages.values():
            print_progress(page)
        skipped = {job.id: job.skipped for job in plan.jobs if job.skipped}
        folder = self._folder(skipped)
        if not self.options.detach:
            return self._followed(folder)
        self.build.detach()
        if self.options.as_json:
            click.echo(json_line(self._run_started()))
        else:
            click.echo(self.run.id)
            arguments = ["--resume", self.run.id, *self._project_options()]
            print_progress(f"{shlex.join(['ciforge', 'try', *arguments])} shows the results")
        return None

    def _folder(self, skipped: Mapping[str, str]) -> RunFolder:
        """The folder of the run; it has the results of skipped jobs."""
        state = self.build.state
        if run_path(state, self.run.id).is_dir():
            return RunFolder(run_path(state, self.run.id))
        folder = RunFolder.create(state, self.run)
        for job, reason in skipped.items():
            folder.write_result(Result(job=job, status=Status.SKIPPED, reason=reason))
        index_run(state, self.run)
        return folder

    def _followed(self, folder: RunFolder) -> int:
        """Follows the jobs, then stores, diagnoses and reports the run; the exit status."""
        build, run, results = self.build, self.run, _results_in(folder, self.run)
        begin_run(build.scratch.parent, run.id)
        jobs = [job for job in self.workspace.plan.jobs if job.id in run.jobs]
        expected = expected_seconds(build.state, jobs)
        with reporting(expected, len(jobs), as_json=self.options.as_json) as emit:
            emit(self._run_started())
            for result in results.values():
                emit(job_ended(run.id, folder, result))
            follower = HostedFollower(
                record=build.record, workspace=self.workspace, service=build.service,
                patient=build.patient, folder=folder, emit=emit, results=results,
            )  # fmt: skip
            self._end_jobs(follower)
            ended = self._run_ended(folder, results)
            emit(ended)
        code = self._exit_code(follower)
        self._store(folder, ended, code)
        return code

    def _run_started(self) -> RunStarted:
        run = self.run
        return RunStarted(run=run.id, time=run.started, jobs=run.jobs, sources=run.sources)

    def _end_jobs(self, follower: HostedFollower) -> None:
        """Follows the jobs; where that ends early, each job without a result gets one that is not green."""
        try:
            follower.follow()
            return
        except Stopped:
            status, reason = Status.CANCELLED, self.build.stop.reason
        except HostedError as error:
            status, reason = Status.INFRASTRUCTURE, str(error)
        self.build.cancel()
        for job in follower.pending():
            signal = self.build.stop.signal
            follower.end_job(Result(job=job, status=status, reason=reason, signal=signal))

    def _run_ended(self, folder: RunFolder, results: Mapping[str, Result]) -> RunEnded:
        run = self.run
        every = tuple(job_ended(run.id, folder, results[job]) for job in run.jobs if job in results)
        seconds = max(time.time() - self.build.record.started, 0.0)
        return RunEnded(run=run.id, time=stamp(), seconds=round(seconds, 3), results=every)

    def _exit_code(self, follower: HostedFollower) -> int:
        """That of `ciforge run`; a run that the service does not call a success is none."""
        interrupted = self.build.stop.signal is not None
        code = exit_code(follower.results.values(), interrupted=interrupted)
        bad = {file: end for file, end in follower.conclusions.items() if end != "success"}
        if code == PASSED and bad:
            for file, end in bad.items():
                print_progress(
                    f"all jobs passed, but the service reports {end or 'no end'} for {file}"
                )
            return INFRASTRUCTURE
        return code

    def _store(self, folder: RunFolder, ended: RunEnded, code: int) -> None:
        """Stores and diagnoses the run, and prints its summary."""
        results = [job.result for job in ended.results]
        run = attrs.evolve(self.run, ended=ended.time, seconds=ended.seconds, exit_code=code)
        folder.finish(run)
        index_run(self.build.state, run, results)
        from ciforge.notify.run_diagnosis import diagnose_run

        diagnosis = diagnose_run(self.build.state, run, results, self.workspace.plan.jobs)
        folder.write_diagnosis(diagnosis)
        if not self.options.as_json:
            print_summary(ended, diagnosis, self._commands)

    def _commands(self, job: str) -> tuple[str, str]:
        return command_line("try", job, self._project_options()), ""

    def _project_options(self) -> list[str]:
        return project_options(self.options.file, self.options.state_dir)


def _results_in(folder: RunFolder, run: Run) -> dict[str, Result]:
    """The results that the run has already."""
    files = {job: job_path(folder.path, job) / "result.json" for job in run.jobs}
    return {job: read_result(file) for job, file in files.items() if file.is_file()}
