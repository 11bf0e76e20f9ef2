"""`ciforge script`: prints a job as a shell script."""

from pathlib import Path

import click

from ciforge.cli import options


@click.command("script")
@options.JOB
@click.option("--dockerfile", "only", flag_value="dockerfile", help="Print only the Dockerfile.")
@click.option("--steps", "only", flag_value="steps", help="Print only the steps.")
@options.ANY_JOB
@options.FILE
def command(job: str, file: Path | None, unlisted: bool, only: str | None) -> None:
    """Print a JOB as a shell script: its Dockerfile and its steps.

    JOB is an id, or a selector that matches one job. The script repeats the job without ciforge; it
    needs only Docker:

    \b
      ciforge script portable/debian-13/default >job.sh
      sh job.sh path/to/source
    """
    from ciforge.app.resolve import resolve_job
    from ciforge.app.workspace import open_workspace
    from ciforge.plan.job_services import refuse_services
    from ciforge.plan.needed_repos import refuse_needs
    from ciforge.render.dockerfile import dockerfile
    from ciforge.render.job_script import job_script
    from ciforge.render.step_script import step_script

    found = resolve_job(open_workspace(file, Path.cwd(), [job]).plan, job, unlisted=unlisted)
    if only == "dockerfile":
        text = dockerfile(found)
    elif only == "steps":
        text = "\n".join(step_script(found, step) for step in found.steps)
    else:
        refuse_services([found], "a script", "run the job by `ciforge run`")
        refuse_needs([found], "a script", "run the job by `ciforge run`")
        text = job_script(found)
    click.echo(text, nl=False)
