"""A build of a working tree on a hosted service, from the push to the end of its branch."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import attrs

from ciforge.app.patient_service import PatientService, is_passing, seconds_of_limit
from ciforge.ci.github.api import ENDED, HostedRun
from ciforge.ci.github.http_client import HostedError
from ciforge.ci.started_runs import StartsRuns
from ciforge.engines.protocol import Stop
from ciforge.errors import CiforgeError, UsageError
from ciforge.sources.scratch_branch import ScratchBranch
from ciforge.sources.scratch_commit import ScratchCommit
from ciforge.store.hosted_tries import HostedTry, remove_try, write_try

_DISPATCHES = 3
_LISTINGS = 24
"""Questions for a new run, which a service may list some seconds late."""
_LISTINGS_AFTER_LOSS = 3
"""Questions for a run that may have begun although the connection was lost."""
_DELETIONS = 3


@attrs.define(kw_only=True, eq=False, repr=False)
class HostedBuild:
    """The branch and the runs of one build. `record` is kept in the state folder as it changes."""

    state: Path
    record: HostedTry
    service: StartsRuns
    branch: ScratchBranch
    patient: PatientService
    scratch: Path
    """A folder for an empty repository."""
    on_message: Callable[[str], None]
    pages: dict[str, str] = attrs.field(factory=dict)
    """Workflow files to the web pages of their runs."""

    @property
    def stop(self) -> Stop:
        """The request to end."""
        return self.patient.stop

    def push(self, made: ScratchCommit) -> None:
        """Creates the branch; its name is written down before. Raises EngineError, Stopped."""
        write_try(self.state, self.record)
        self.stop.check()
        self.branch.push(made, self.scratch)
        self.stop.check()

    def start(self, *, resumed: bool = False) -> None:
        """Starts each workflow that has no run yet. Raises Stopped, UsageError, HostedError.

        A program that was killed may have started one that it did not note: `resumed` looks for it first.
        """
        for file, jobs in self.record.workflows.items():
            if file in self.record.runs:
                continue
            started_run = self.patient.ask(partial(self._found, file)) if resumed else None
            run = started_run or self._started(file, jobs)
            self.pages[file] = run.page
            runs = {**self.record.runs, file: run.id}
            self._note(attrs.evolve(self.record, runs=runs))

    def detach(self) -> None:
        """Notes that the branch is to stay when this program ends."""
        self._note(attrs.evolve(self.record, detached=True))

    def cancel(self) -> None:
        """Asks the service once to end what still runs on the branch; a failure is only reported."""
        try:
            for run in self.service.runs_on(self.record.branch):
                if run.status != ENDED:
                    self.service.cancel(run.id)
        except HostedError as error:
            self.on_message(f"the runs were not cancelled: {error}")

    def remove_branch(self) -> bool:
        """Deletes the branch and then forgets the build; else says why not, and keeps it in mind."""
        for attempt in range(_DELETIONS):
            try:
                self.branch.delete(self.scratch)
            except CiforgeError as error:
                if attempt + 1 == _DELETIONS:
                    self.on_message(f"{error}\nhint: {error.hint}")
                time.sleep(self.patient.pace.shortest / 5)
            else:
                remove_try(self.state, self.record.id)
                return True
        return False

    def _started(self, file: str, jobs: Sequence[str]) -> HostedRun:
        """The run of a workflow, which is started unless there is one."""
        last: HostedError | None = None
        for _ in range(_DISPATCHES):
            last = self._dispatch(file, jobs)
            for _ in range(_LISTINGS_AFTER_LOSS if last else _LISTINGS):
                if run := self.patient.ask(partial(self._found, file)):
                    return run
                self.patient.wait(self.patient.pace.shortest)
            if last is None:
                break
        raise last or HostedError(
            f"the service took the order to start {file}, but lists no run of it",
            hint="look at the page of the repository's Actions: they may be disabled",
        )

    def _dispatch(self, file: str, jobs: Sequence[str]) -> HostedError | None:
        """Starts the workflow; the error if it is not known whether the service heard it."""
        while True:
            try:
                self.service.dispatch(file, self.record.branch, jobs)
            except HostedError as error:
                if not is_passing(error):
                    raise
                self.on_message(str(error))
                if error.limit is None:
                    return error
                self.patient.wait(seconds_of_limit(error))
            else:
                return None

    def _found(self, file: str) -> HostedRun | None:
        """The run of a workflow; a second one, of a request that was repeated, is cancelled."""
        runs = [run for run in self.service.runs_on(self.record.branch) if run.file == file]
        wrong = [run for run in runs if run.revision != self.record.commit]
        if wrong:
            raise UsageError(
                f"branch {self.record.branch} was changed by someone else: {wrong[0].page}"
            )
        for run in runs[1:]:
            if run.status != ENDED:
                self.service.cancel(run.id)
        return runs[0] if runs else None

    def _note(self, record: HostedTry) -> None:
        self.record = record
        write_try(self.state, record)
