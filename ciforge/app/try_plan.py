"""What `ciforge try` sends where: the jobs, the workflows that run them, the commit, and what a person is asked."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.app.checkout_files import checkout_target, current_set, reduced_set
from ciforge.app.try_services import try_service
from ciforge.app.workspace import Workspace, open_workspace
from ciforge.ci.github.dispatch import LARGEST_INPUT
from ciforge.ci.registry import load_service
from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.model.quantities import plural
from ciforge.plan.selection import select
from ciforge.sources.checkout import work_tree_of
from ciforge.sources.git import Repository
from ciforge.sources.scratch_branch import PushRemote
from ciforge.sources.scratch_commit import ScratchCommit

_MOST = 20
"""Files that are named one by one."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class TryPlan:
    """The jobs of one build on a service."""

    workspace: Workspace
    here: Repository
    """The top of the checkout."""
    repos: tuple[str, ...]
    jobs: tuple[Job, ...]
    """All selected jobs; those that the service does not run are skipped."""
    workflows: Mapping[str, tuple[str, ...]]
    """Workflow files to those of the jobs that each of them runs."""
    texts: Mapping[str, str]
    """The generated files of the checkout."""
    replaced: Mapping[str, str]
    """Files that the commit has in place of the person's, because runs have all jobs of their workflow."""


def try_plan(file: Path | None, selectors: Sequence[str], service: str, here: Path) -> TryPlan:
    """The jobs of the checkout that `here` is in. Raises InputError, UsageError.

    The generated workflow must be up to date, since the service runs what is in it.
    """
    workspace, starter = open_workspace(file, here, selectors), try_service(service)
    target = checkout_target(workspace, select(workspace.plan, selectors), here)
    texts = current_set(workspace, load_service(service), here)
    files = starter.jobs_by_file(texts)
    there = {job for jobs in files.values() for job in jobs}
    jobs = tuple(_placed(job, there) for job in target.jobs)
    wanted = {job.id for job in jobs if not job.skipped}
    workflows = {
        name: some
        for name, rows in files.items()
        if (some := tuple(j for j in rows if j in wanted))
    }
    if not workflows:
        reasons = "; ".join(dict.fromkeys(job.skipped for job in jobs))
        raise UsageError(f"none of these jobs can run on the service: {reasons}")
    _refuse_long(workflows)
    replaced = (
        {}
        if starter.chooses
        else reduced_set(workspace, load_service(service), here, wanted & there)
    )
    return TryPlan(
        workspace=workspace, here=work_tree_of(target.root), repos=tuple(target.repos), jobs=jobs,
        workflows=workflows, replaced=replaced, texts=texts,
    )  # fmt: skip


def _placed(job: Job, there: set[str]) -> Job:
    """The job as the service has it, which may have machines that this one lacks."""
    if job.id in there:
        return attrs.evolve(job, skipped="")
    return attrs.evolve(job, skipped=job.skipped or "the generated workflow does not have it")


def _refuse_long(workflows: Mapping[str, tuple[str, ...]]) -> None:
    longest = max(len(" ".join(jobs)) for jobs in workflows.values())
    if longest > LARGEST_INPUT:
        raise UsageError(
            f"the service takes a list of jobs of {LARGEST_INPUT} characters; this one has {longest}",
            hint="name fewer jobs by a SELECTOR",
        )


def preview(plan: TryPlan, made: ScratchCommit, remote: PushRemote, branch: str) -> Iterator[str]:
    """The lines that are shown before anything is pushed."""
    running = sum(map(len, plan.workflows.values()))
    yield f"remote:  {remote.name}, {remote.shown}"
    yield f"branch:  {branch}; it is removed when the jobs have ended"
    yield f"jobs:    {running}, by {', '.join(plan.workflows)}"
    if plan.replaced:
        yield "         its workflow files are those of these jobs only"
    if made.commits:
        yield f"commits: {made.commits} before this one that {remote.name} lacks, as far as is known here"
    size = sum(file.size for file in made.sent)
    yield f"files:   {len(made.sent)} that {remote.name} lacks, {_bytes(size)}"
    for file in made.sent[:_MOST]:
        yield f"  {file.path}  {_bytes(file.size)}{', untracked' if file.untracked else ''}"
    if len(made.sent) > _MOST:
        yield f"  and {len(made.sent) - _MOST} more"
    if made.left_out:
        some = ", ".join(made.left_out[:3]) + (", …" if len(made.left_out) > 3 else "")
        yield f"left out: {plural(len(made.left_out), 'untracked file')} ({some}); --untracked sends them"
    for path in made.submodules:
        yield f"submodule {path}: the service fetches its new commit from its own address; push it there"
    yield "The commit stays readable there by its hash, also when the branch is gone."


def _bytes(size: int) -> str:
    return f"{size} bytes" if size < 10_000 else f"{size / 1000:.0f} kB"
