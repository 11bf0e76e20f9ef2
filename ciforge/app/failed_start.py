"""A run that could not begin: recorded all the same, so that its operators hear of it."""

import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from ciforge import __version__
from ciforge.app.notification import flow_of, follow
from ciforge.app.session import Request, print_progress
from ciforge.app.source_options import jobs_here, tree_here
from ciforge.app.workspace import Workspace, open_workspace, state_folder
from ciforge.errors import CiforgeError
from ciforge.model.job import Job
from ciforge.model.result import Result, Run, SourceUsed, Status
from ciforge.notify.deadlines import default_branch
from ciforge.notify.pipeline import PipelineContext
from ciforge.plan.selection import select
from ciforge.private import masked_word
from ciforge.run.clock import now, stamp
from ciforge.run.exit_status import INFRASTRUCTURE
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.run_folder import RunFolder, new_run_id
from ciforge.store.runs.run_index import Index
from ciforge.store.sequence import next_sequence


def record_failed_start(chosen: Request, error: CiforgeError) -> None:
    """Every job is infrastructure, for this reason. Raises CiforgeError where the project is wrong."""
    here = Path.cwd().resolve()
    opened = open_workspace(chosen.file, here)
    selected = select(opened.plan, chosen.selectors, unlisted=chosen.unlisted)
    jobs = jobs_here(selected, tree_here(opened, here), chosen.said)
    flow = flow_of(opened, state_folder(opened.project.project, chosen.state_dir))
    try:
        follow(flow, [_recorded(flow, opened, jobs, str(error))])
    except CiforgeError as trouble:
        print_progress(f"notification failed: {trouble}")


def _recorded(flow: PipelineContext, opened: Workspace, jobs: Sequence[Job], reason: str) -> str:
    """The run on disk, in the index and announced; its id."""
    record = Run(
        id=new_run_id(now(), secrets.token_hex(3)), project=opened.project.project,
        started=stamp(), version=__version__, command=("ciforge", *map(masked_word, sys.argv[1:])),
        sources=_sources(flow, jobs), jobs=tuple(job.id for job in jobs), ended=stamp(),
        exit_code=INFRASTRUCTURE, sequence=next_sequence(flow.state),
    )  # fmt: skip
    folder = RunFolder.create(flow.state, record)
    results = [_result(job, reason) for job in jobs]
    for result in results:
        folder.write_result(result)
    with Index.open(flow.state, print_progress) as index:
        index.record(record, results)
    return record.id


def _sources(flow: PipelineContext, jobs: Sequence[Job]) -> tuple[SourceUsed, ...]:
    """What would have been built, as far as one knows without having looked."""
    with Incidents.open(flow.state) as incidents:
        book = incidents.book(flow.project.project)
    repos = dict.fromkeys(job.repo for job in jobs)
    return tuple(
        SourceUsed(repo=repo, origin="", branch=default_branch(flow.project, repo, book).branch)
        for repo in repos
    )


def _result(job: Job, reason: str) -> Result:
    if job.skipped:
        return Result(job=job.id, status=Status.SKIPPED, reason=job.skipped)
    return Result(job=job.id, status=Status.INFRASTRUCTURE, reason=reason)
