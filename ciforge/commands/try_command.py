"""`ciforge try`: runs jobs of the working tree on a hosted service.

The code that runs them is imported in the command, so that completion and `--help` are quick.
"""

from pathlib import Path

import click

from ciforge.ci.registry import DEFAULT, SERVICES
from ciforge.cli import completers, options
from ciforge.errors import UsageError


@click.command("try")
@options.SELECTORS
@click.option("--on", "service", type=click.Choice(list(SERVICES)), default=DEFAULT, show_default=True,
              help="The service that runs the jobs: github, forgejo or sourcehut so far.")  # fmt: skip
@click.option("--remote", default="", metavar="NAME",
              help="Push to this remote of the checkout; default: origin, or the only one.")  # fmt: skip
@click.option("--untracked", is_flag=True, help="Push untracked files, too; never ignored ones.")
@click.option("--yes", is_flag=True, help="Push without asking.")
@click.option("--detach", is_flag=True,
              help="Start the jobs, print the id of the run, and end; --resume shows the results.")  # fmt: skip
@click.option("--resume", "resumed", metavar="ID", shell_complete=completers.tries,
              help="Follow a build that was started with --detach, or whose `try` was killed.")  # fmt: skip
@options.JSON
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    selectors: tuple[str, ...],
    service: str,
    remote: str,
    untracked: bool,
    yes: bool,
    detach: bool,
    resumed: str | None,
    as_json: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Run jobs of the working tree on a hosted service, uncommitted changes included: the selected jobs, by
    default all that the project lists.

    No container engine is required here, and jobs run on systems that this machine cannot run. The
    service runs the workflow that `ciforge generate` wrote, which must be up to date here; GitHub wants
    it on the default branch, too.

    A commit of the working tree is pushed to a branch of its own, ciforge/try/ID, which starts no other
    workflow. Before, the remote, the files and their size are shown, and you are asked. The branch is
    removed when the jobs have ended, whatever their end; the commit stays readable there by its hash.
    Index, working tree, configuration and hooks of the checkout are not changed or used. Changes inside
    of submodules are not pushed.

    \b
      ciforge try openbsd macos                 systems that no container has
      ciforge try                               the whole matrix, on machines of the service
      ciforge try --untracked portable/debian   new files, too
      ciforge try --detach; ciforge try --resume ID

    Results are checked as by `ciforge collect`, and are in the history like those of `ciforge run`;
    incidents are not updated. The runs get no secret, send no mail, and write no cache. Ctrl-C cancels
    them. The token of $GITHUB_TOKEN, $GH_TOKEN or the file named by $CIFORGE_GITHUB_TOKEN_FILE needs
    permission to read and write Actions; for Forgejo it is $FORGEJO_TOKEN, of $FORGEJO_SERVER_URL; for SourceHut
    $SRHT_TOKEN with JOBS:RW and LOGS:RO. The
    commit is pushed with your own access to the remote, or with
    $GITHUB_TOKEN where it may write contents.

    Exits as `ciforge run`: 0 if all jobs passed or may fail, 1 if a job failed or was cancelled, 3 if
    the service, a runner or the network failed, 130 if interrupted.
    """
    from ciforge.app.hosted_try import resume_try, start_try
    from ciforge.app.try_run import TryOptions

    if resumed == "":
        raise UsageError("--resume: the id is empty", hint="ciforge history lists runs")
    if as_json and not (yes or resumed):
        raise UsageError("--json prints no question", hint="add --yes to push without asking")
    if resumed and (selectors or detach or untracked or remote):
        raise UsageError("--resume takes no other jobs, files or remote", hint="omit them")
    chosen = TryOptions(
        selectors=selectors, file=file, state_dir=state_dir, service=service, remote=remote,
        untracked=untracked, yes=yes, detach=detach, as_json=as_json,
    )  # fmt: skip
    ctx.exit(resume_try(resumed, chosen) if resumed else start_try(chosen))
