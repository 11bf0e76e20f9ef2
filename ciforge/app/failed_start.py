"""Records a run that could not start, so that its failure is mailed to operators."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from ciforge.app.notification import pipeline_context, process_runs
from ciforge.app.run_record import new_run
from ciforge.app.session import Request, print_progress
from ciforge.app.source_options import current_checkout, jobs_of_checkout
from ciforge.app.workspace import Workspace, open_workspace, state_folder
from ciforge.errors import CiforgeError
from ciforge.model.job import Job
from ciforge.model.result import Result, SourceUsed, Status
from ciforge.notify.deadlines import default_branch
from ciforge.notify.pipeline import PipelineContext
from ciforge.plan.selection import select
from ciforge.run.clock import stamp
from ciforge.run.exit_status import INFRASTRUCTURE
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.run_folder import RunFolder
from ciforge.store.runs.run_index import Index


def record_failed_start(request: Request, error: CiforgeError) -> None:
    """Records every job as an infrastructure failure. Raises CiforgeError if the project is
    invalid.
    """
    here = Path.cwd().resolve()
    workspace = open_workspace(request.file, here, request.selectors)
    selected = select(workspace.plan, request.selectors, unlisted=request.unlisted)
    jobs = jobs_of_checkout(selected, current_checkout(workspace, here), request.source_options)
    context = pipeline_context(
        workspace, state_folder(workspace.project.project, request.state_dir)
    )
    try:
        process_runs(context, [_recorded(context, workspace, jobs, str(error))])
    except CiforgeError as problem:
        print_progress(f"notification failed: {problem}")


def _recorded(
    context: PipelineContext, workspace: Workspace, jobs: Sequence[Job], reason: str
) -> str:
    """Writes the run and its index entry; its id."""
    project = workspace.project.project
    started = new_run(project, jobs, _sources(context, jobs), context.state)
    record = attrs.evolve(started, ended=stamp(), exit_code=INFRASTRUCTURE)
    folder = RunFolder.create(context.state, record)
    results = [_result(job, reason) for job in jobs]
    for result in results:
        folder.write_result(result)
    with Index.open(context.state, print_progress) as index:
        index.record(record, results)
    return record.id


def _sources(context: PipelineContext, jobs: Sequence[Job]) -> tuple[SourceUsed, ...]:
    """The default branch of each repository: no source was read."""
    with Incidents.open(context.state) as incidents:
        ledger = incidents.ledger(context.project.project)
    repos = dict.fromkeys(job.repo for job in jobs)
    return tuple(
        SourceUsed(
            repo=repo, origin="", branch=default_branch(context.project, repo, ledger).branch
        )
        for repo in repos
    )


def _result(job: Job, reason: str) -> Result:
    if job.skipped:
        return Result(job=job.id, status=Status.SKIPPED, reason=job.skipped)
    return Result(job=job.id, status=Status.INFRASTRUCTURE, reason=reason)
