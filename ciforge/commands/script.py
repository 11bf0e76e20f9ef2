"""`ciforge script`: a job without ciforge."""

from pathlib import Path

import click

from ciforge.commands import options
from ciforge.commands.opening import open_project
from ciforge.errors import UsageError
from ciforge.plan.select import select
from ciforge.render.dockerfile import dockerfile
from ciforge.render.script import job_script
from ciforge.render.steps import step_script


@click.command("script")
@options.JOB
@options.FILE
@options.ANY
@click.option("--dockerfile", "only", flag_value="dockerfile", help="Print the Dockerfile alone.")
@click.option("--steps", "only", flag_value="steps", help="Print the steps alone.")
def command(job: str, file: Path | None, unlisted: bool, only: str | None) -> None:
    """Print what a job would run: its Dockerfile and a plain sh script.

    \b
    Somebody without ciforge repeats the job with it:
      ciforge script portable/debian-13/default >job.sh
      sh job.sh path/to/source
    """
    opened = open_project(file, Path.cwd())
    found = select(opened.plan, [job], unlisted=unlisted)
    if len(found) > 1:
        names = ", ".join(one.id for one in found[:5])
        raise UsageError(f"{job!r} names {len(found)} jobs: {names} …", hint="name one of them")
    if only == "dockerfile":
        text = dockerfile(found[0])
    elif only == "steps":
        text = "\n".join(step_script(found[0], step) for step in found[0].steps)
    else:
        text = job_script(found[0])
    click.echo(text, nl=False)
