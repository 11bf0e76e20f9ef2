"""`ciforge shell`: opens a shell in the container of a job.

The code that opens it is imported in the command, so that completion and `--help` are quick.
"""

from pathlib import Path

import click

from ciforge.cli import completers, options


@click.command("shell")
@options.JOB
@click.argument("arguments", nargs=-1, metavar="[COMMAND]...")
@options.SOURCE
@options.REV
@options.PATCH
@click.option("--after", metavar="STEP", shell_complete=completers.steps,
              help="Run the steps up to STEP in a new container, then open the shell; prepare: build nothing.")  # fmt: skip
@click.option("--root", is_flag=True, help="Be root instead of the user who builds.")
@click.option("--fresh", is_flag=True, help="Do not enter a kept container.")
@options.ANY_JOB
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    job: str,
    arguments: tuple[str, ...],
    file: Path | None,
    sources: tuple[str, ...],
    revisions: tuple[str, ...],
    patch: str,
    after: str | None,
    root: bool,
    fresh: bool,
    unlisted: bool,
    state_dir: Path | None,
) -> None:
    """Open a shell in the container of a JOB, in the source tree.

    JOB is an id, or a selector that matches one job, or several of which one failed last. A
    container kept by `ciforge run --keep` is entered as it is, unless an option selects another
    source. Otherwise the job runs in a new container. The shell opens where the job fails, or after
    its last step, and the container is removed when the shell ends.

    \b
      ciforge shell debian-13/default                  where the job fails
      ciforge shell debian-13/default --after configure
      ciforge shell debian-13/default --after prepare  nothing is built yet
      ciforge shell debian-13/default -- make -k     a command instead of a shell
      echo 'cat config.log' | ciforge shell debian-13/default

    In the container, `sh -e /ciforge/steps/build.sh` repeats the step build. The exit status is that
    of the shell or command; if it could not be started, that of `ciforge run`.
    """
    from ciforge.app.container_shell import ShellOptions, open_shell
    from ciforge.app.session import Request
    from ciforge.app.source_options import SourceOptions

    request = Request(
        selectors=(job,),
        file=file,
        state_dir=state_dir,
        source_options=SourceOptions(sources=sources, revisions=revisions, patch=patch),
        unlisted=unlisted,
    )
    shell_options = ShellOptions(command=arguments, after=after, root=root, fresh=fresh)
    ctx.exit(open_shell(request, shell_options))
