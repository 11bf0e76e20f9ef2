"""`ciforge bisect`: finds the commit that brought a cause of failure."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ciforge.cli import completers, options

if TYPE_CHECKING:
    from ciforge.app.bisect_answer import Bisected


@click.command("bisect")
@options.JOB
@click.option("--good", default="", metavar="REV", shell_complete=completers.revisions,
              help="A commit without the cause; default: that of the last run without it.")  # fmt: skip
@click.option("--bad", default="", metavar="REV", shell_complete=completers.revisions,
              help="A commit with the cause; default: that of the newest run if it failed, else HEAD.")  # fmt: skip
@click.option("--cause", type=options.count, default=1, metavar="N", show_default=True,
              help="Search for the Nth cause that the job has at the bad commit.")  # fmt: skip
@click.option("--budget", type=options.seconds, metavar="TIME",
              help="End after TIME and list what is left: 30m, 4h.")  # fmt: skip
@options.SOURCE
@options.ANY_JOB
@options.JSON_OBJECT
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    job: str,
    good: str,
    bad: str,
    cause: int,
    budget: int | None,
    sources: tuple[str, ...],
    unlisted: bool,
    as_json: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Find the commit that brought a cause of failure of a JOB, by building commits in containers.

    Each build halves the commits that are left: 100 commits take about 9 builds, and one more for each
    commit that cannot be judged. Results of earlier runs are used. A commit that fails for another reason
    before the cause could show is left out; if only such commits remain, the answer is a range. The
    commit that is found, and the one before it, are built without caches. The project file is the one of
    now for all commits.

    If a commit that was green shows the cause now, no commit brought it: the packages that changed are
    listed, and searched for the change of a version that brought it, where the package index still has
    earlier versions. This needs a package manager that installs them: apt.

    If the bad commit, built now, does not show the cause, the answer says whether its packages changed
    since it failed, and what to do next; incidents stay as they are.

    \b
      ciforge bisect debian-13/default               the job that is red, since its last green run
      ciforge bisect debian-13/default --good v1.2 --budget 2h
      ciforge bisect debian-13/default --cause 2     its second cause

    The answer is kept with the incident of the cause: `ciforge status`, `ciforge report` and mail show it.

    Exits 0 if the answer is certain, 1 if it was not confirmed, is a range or there is none, 3 if the
    engine or the network failed.
    """
    from ciforge.app.bisect_answer import exit_code_of
    from ciforge.app.bisect_build import BisectOptions
    from ciforge.app.bisect_record import keep_bisection
    from ciforge.app.bisect_run import bisect
    from ciforge.sanitize import safe_line

    bisected = bisect(
        BisectOptions(
            job=job, good=good, bad=bad, cause=cause, file=file, state_dir=state_dir, sources=sources,
            unlisted=unlisted, budget=budget,
        )
    )  # fmt: skip
    kept = keep_bisection(bisected)
    if as_json:
        click.echo(_as_json(bisected, kept))
    else:
        for line in _as_text(bisected, kept):
            click.echo(safe_line(line))
    ctx.exit(exit_code_of(bisected))


def _as_text(bisected: "Bisected", kept: tuple[str, ...]) -> Iterator[str]:
    from ciforge.model.bisection import Outcome

    bisection = bisected.bisection
    yield bisection.sentence
    yield f"  cause      {bisected.sought.title}"
    yield f"  job        {bisected.job.id}"
    if bisection.parent:
        yield f"  before     {bisection.parent[:12]} does not show it"
    if len(bisection.commits) > 1:
        for commit in bisection.commits:
            yield f"  candidate  {commit.revision[:12]} {commit.subject}"
    counts = f"{bisected.builds} now, skipped {bisected.skipped}, flaky {bisected.flaky}"
    yield f"  builds     {counts}"
    if bisection.outcome is Outcome.BAD_LACKS_IT:
        yield from _not_repeated(bisected)
    elif bisection.unfinished:
        yield "  incident   unchanged: the search ended early"
    else:
        yield f"  incident   {', '.join(kept) or 'none: only runs with --notify open incidents'}"


def _not_repeated(bisected: "Bisected") -> Iterator[str]:
    """What to do about a failure that came once."""
    job = bisected.job
    again = f"ciforge run {job.id} --rev {job.repo}={bisected.bad[:12]} --no-cache"
    yield "  incident   unchanged: there is no failure to explain"
    yield f"  next       {again}: does it fail again?"
    yield "             if it fails now and then, name the step in `flaky:` of the project file"
    yield f"             if it never does, ciforge run {job.id} --notify closes its incident"


def _as_json(bisected: "Bisected", kept: tuple[str, ...]) -> str:
    bisection = bisected.bisection
    return json.dumps(
        {
            "v": 1, "job": bisected.job.id, "cause": bisected.sought.key, "title": bisected.sought.title,
            "outcome": bisection.outcome.value, "good": bisected.good, "bad": bisected.bad,
            "commits": [
                {"commit": commit.revision, "subject": commit.subject, "author": commit.author}
                for commit in bisection.commits
            ],
            "more": bisection.more, "parent": bisection.parent, "confirmed": bisection.confirmed,
            "unfinished": bisection.unfinished,
            "packages": [
                {"name": package.name, "before": package.before, "after": package.after}
                for package in bisection.packages
            ],
            "versions": [
                {"packages": list(step.packages), "before": step.before, "after": step.after}
                for step in bisection.steps
            ],
            "versions_confirmed": bisection.steps_confirmed, "versions_note": bisection.versions_note,
            "builds": bisected.builds, "skipped": bisected.skipped, "flaky": bisected.flaky,
            "incidents": list(kept),
        }
    )  # fmt: skip
