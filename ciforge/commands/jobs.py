"""`ciforge jobs`: lists the jobs of a project."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.cli import options
from ciforge.errors import UsageError

if TYPE_CHECKING:
    from ciforge.app.job_cache import CachedJob
    from ciforge.app.source_options import CurrentCheckout


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

    Each line begins with the id of a job, which matches that job only, and the word for how far its
    system is proven: tested (whole jobs ran), userland (its real userland, another toolchain), cross
    (compiles and links), rendered (texts only).
    """
    jobs = _selected(file, selectors, unlisted=unlisted)
    today = datetime.now(UTC).date()
    for job in jobs:
        line = json.dumps(_as_json(job, today)) if as_json else _as_line(job, _width(jobs), today)
        click.echo(line)


def _selected(
    file: Path | None, selectors: tuple[str, ...], *, unlisted: bool
) -> "tuple[CachedJob, ...]":
    """All jobs of the list come from the cache, where there is a place for one."""
    from ciforge.app.job_cache import cached_jobs, summary
    from ciforge.app.project_files import find_project
    from ciforge.app.source_options import checkout_in, current_checkout
    from ciforge.app.workspace import open_selected, state_root

    try:
        root = state_root(None)
    except UsageError:
        root = None
    here = Path.cwd().resolve()
    if root is not None and not selectors:
        cached = cached_jobs(file, Path.cwd(), root)
        home = (file or find_project(here)).parent
        paths = {name: home / path for name, path in cached.paths.items() if path}
        return _built(cached.jobs, checkout_in(here, paths, cached.addresses))
    workspace, jobs = open_selected(file, Path.cwd(), selectors, unlisted=unlisted)
    return _built(tuple(map(summary, jobs)), current_checkout(workspace, here))


def _built(
    jobs: "tuple[CachedJob, ...]", checkout: "CurrentCheckout | None"
) -> "tuple[CachedJob, ...]":
    """The jobs that `ciforge run` builds in this checkout; a message names the other repositories."""
    if checkout is None:
        return jobs
    others = tuple(dict.fromkeys(job.repo for job in jobs if job.repo not in checkout.repos))
    if others:
        click.echo(
            f"ciforge: not listed, for this is a checkout of {', '.join(checkout.repos)}: jobs of "
            f"{', '.join(others)} (ciforge run --source {others[0]}=PATH builds them)",
            err=True,
        )
    return tuple(job for job in jobs if job.repo in checkout.repos)


def _width(jobs: "tuple[CachedJob, ...]") -> int:
    return max(len(job.id) for job in jobs)


def _as_line(job: "CachedJob", width: int, today: date) -> str:
    from ciforge.model.end_of_life import end_note

    notes = [job.proof]
    notes += [f"skipped: {job.skipped}"] if job.skipped else []
    notes += [job.schedule] if job.schedule else []
    notes += ["may fail"] if job.allow_failure else []
    notes += ["compiles and links only"] if job.cross else []
    notes += [ending] if (ending := end_note(job, today)) else []
    return f"{job.id:<{width}}  {', '.join(notes)}".rstrip()


def _as_json(job: "CachedJob", today: date) -> dict[str, object]:
    from ciforge.model.end_of_life import support_of
    from ciforge.model.proof import Proof

    return {
        "v": 1,
        "job": job.id,
        "repo": job.repo,
        "release": job.release_id,
        "variant": job.variant,
        "platform": job.platform,
        "image": job.image,
        "steps": list(job.steps),
        "packages": list(job.packages),
        "schedule": job.schedule,
        "allow_failure": job.allow_failure,
        "timeout": job.timeout,
        "tried": job.proof == Proof.TESTED.value,
        "proof": job.proof,
        "eol": job.eol,
        "support": support_of(job, today).value,
        "skipped": job.skipped,
        **({"cross": job.cross} if job.cross else {}),
    }
