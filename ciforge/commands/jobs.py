"""`ciforge jobs`: lists the jobs of a project."""

import json
from pathlib import Path

import click

from ciforge.app.workspace import open_workspace
from ciforge.cli import options
from ciforge.model.job import Job
from ciforge.plan.selection import select


@click.command("jobs")
@options.SELECTORS
@options.ANY
@options.JSON
@options.FILE
def command(selectors: tuple[str, ...], file: Path | None, unlisted: bool, as_json: bool) -> None:
    """List the jobs that `ciforge run` would run, and why some of them are skipped.

    \b
    A SELECTOR is [REPO/]RELEASE[/VARIANT][@ARCH]. Each part is a glob with {a,b};
    a part that is left out matches everything:
      debian                all Debian releases that the project lists
      portable/debian-13    one repository, one release
      '*/*/clang'           one variant everywhere
      debian-13@s390x       one processor

    Each line begins with the id of a job. An id matches that job only.
    """
    workspace = open_workspace(file, Path.cwd())
    jobs = select(workspace.plan, selectors, unlisted=unlisted)
    for job in jobs:
        click.echo(json.dumps(_as_json(job)) if as_json else _as_line(job, _width(jobs)))


def _width(jobs: tuple[Job, ...]) -> int:
    return max(len(job.id) for job in jobs)


def _as_line(job: Job, width: int) -> str:
    notes = [f"skipped: {job.skipped}"] if job.skipped else []
    notes += [job.schedule] if job.schedule else []
    notes += ["may fail"] if job.allow_failure else []
    notes += [] if job.tried else ["untested descriptor"]
    return f"{job.id:<{width}}  {', '.join(notes)}".rstrip()


def _as_json(job: Job) -> dict[str, object]:
    return {
        "v": 1,
        "job": job.id,
        "repo": job.repo,
        "release": job.release_id,
        "variant": job.variant,
        "platform": str(job.platform),
        "image": job.release.image,
        "steps": [step.name for step in job.steps],
        "packages": list(job.packages),
        "schedule": job.schedule,
        "allow_failure": job.allow_failure,
        "timeout": job.timeout,
        "tried": job.tried,
        "skipped": job.skipped,
    }
