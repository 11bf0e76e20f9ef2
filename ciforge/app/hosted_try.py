"""`ciforge try`: the jobs of a working tree on a hosted service, with the results of `ciforge run`."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import click

from ciforge.app.hosted_build import HostedBuild
from ciforge.app.patient_service import Pace, PatientService
from ciforge.app.run_record import new_run
from ciforge.app.scratch import scratch_folder
from ciforge.app.session import print_progress, stopping
from ciforge.app.try_leftovers import remove_leftovers, scratch_branch_of
from ciforge.app.try_plan import TryPlan, preview, try_plan
from ciforge.app.try_run import TryOptions, TryRun
from ciforge.app.try_services import try_service
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.ci.started_runs import StartsRuns
from ciforge.engines.protocol import Stop
from ciforge.errors import UsageError
from ciforge.model.result import Run, SourceUsed
from ciforge.sources.git_url import without_secrets
from ciforge.sources.scratch_branch import PushRemote, ScratchBranch, push_remote
from ciforge.sources.scratch_commit import ScratchCommit, scratch_commit
from ciforge.store.hosted_tries import HostedTry, held, read_try
from ciforge.store.runs.run_folder import read_run, run_path

BRANCHES = "ciforge/try/"
"""How the names of the branches begin."""
MESSAGE = (
    "Working tree of `ciforge try` [skip ci]\n\nThis commit belongs to no branch that is kept.\n"
)
PACE = Pace()


def start_try(options: TryOptions) -> int:
    """Pushes the working tree, runs its jobs on the service, and follows them; the exit status."""
    here = Path.cwd().resolve()
    starter = try_service(options.service)
    plan = try_plan(options.file, options.selectors, options.service, here)
    state = state_folder(plan.workspace.project.project, options.state_dir)
    remote = push_remote(plan.here, options.remote)
    repository = starter.repository(remote)
    service = starter.open(repository, state, {})
    service.require(tuple(plan.workflows))
    with scratch_folder(state) as scratch:
        for line in remove_leftovers(state, scratch / "leftovers", print_progress):
            print_progress(f"removed {line}, which an earlier `ciforge try` left")
        run = new_run(plan.workspace.project.project, plan.jobs, (), state)
        branch = f"{BRANCHES}{run.id}"
        (folder := scratch / "commit").mkdir(mode=0o700)
        made = scratch_commit(
            plan.here,
            folder,
            remote=remote.name,
            message=MESSAGE,
            untracked=options.untracked,
            replaced=plan.replaced,
        )
        _ask(plan, made, remote, branch, options)
        record = _record(plan, made, remote, run, repository, options.service)
        run = attrs.evolve(run, sources=tuple(_sources(record)))
        with stopping() as stop, held(state, run.id):
            pushed = ScratchBranch(
                address=remote.address, branch=branch, token=starter.push_token(remote.address),
                options=starter.push_options,
            )  # fmt: skip
            service = starter.open(repository, state, record.manifests)
            build = _build(state, record, service, pushed, stop, scratch)
            return TryRun(plan.workspace, options, build, run).begin(made, plan)


def resume_try(id_: str, options: TryOptions) -> int:
    """Follows a build that was left alone, to its end; the exit status."""
    workspace = open_workspace(options.file, Path.cwd().resolve())
    state = state_folder(workspace.project.project, options.state_dir)
    with scratch_folder(state) as scratch, stopping() as stop, held(state, id_):
        record = read_try(state, id_)
        service = try_service(record.service).open(record.repository, state, record.manifests)
        branch = scratch_branch_of(record)
        build = _build(state, record, service, branch, stop, scratch)
        return TryRun(workspace, options, build, _run_of(state, record)).resume()


def _build(
    state: Path,
    record: HostedTry,
    service: StartsRuns,
    branch: ScratchBranch,
    stop: Stop,
    scratch: Path,
) -> HostedBuild:
    patient = PatientService(stop=stop, pace=PACE, on_message=print_progress)
    return HostedBuild(
        state=state, record=record, service=service, branch=branch, patient=patient,
        scratch=scratch / "empty", on_message=print_progress,
    )  # fmt: skip


def _run_of(state: Path, record: HostedTry) -> Run:
    """The run of a build, which is not there yet if the build was killed before its jobs began."""
    if run_path(state, record.id).is_dir():
        return read_run(run_path(state, record.id))
    jobs = tuple(job for some in record.workflows.values() for job in some)
    run = new_run(state.name, (), tuple(_sources(record)), state)
    return attrs.evolve(run, id=record.id, jobs=jobs)


def _ask(
    plan: TryPlan, made: ScratchCommit, remote: PushRemote, branch: str, options: TryOptions
) -> None:
    """Shows what will be pushed, and asks. Raises UsageError without a terminal, click.Abort for no."""
    for line in preview(plan, made, remote, branch):
        print_progress(line)
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "nothing was pushed: there is no terminal to ask on", hint="--yes pushes without asking"
        )
    click.confirm("Push this commit?", abort=True, err=True)


def _record(
    plan: TryPlan, made: ScratchCommit, remote: PushRemote, run: Run, repository: str, service: str
) -> HostedTry:
    texts = try_service(service).manifests(plan.texts, repository, made.commit)
    return HostedTry(
        manifests={name: text for name, text in texts.items() if name in plan.workflows},
        id=run.id, service=service, repository=repository, remote=remote.name, checkout=str(plan.here.work_tree),
        address=without_secrets(remote.address), branch=f"{BRANCHES}{run.id}", commit=made.commit,
        head=made.head, changes=made.changed, repos=plan.repos, workflows=plan.workflows,
        started=time.time(),
    )  # fmt: skip


def _sources(record: HostedTry) -> Iterator[SourceUsed]:
    for repo in record.repos:
        yield SourceUsed(
            repo=repo, origin=record.address, revision=record.head, changes=record.changes
        )
