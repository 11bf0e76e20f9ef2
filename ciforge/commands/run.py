"""`ciforge run`: runs jobs in local containers.

The code that runs them is imported in the command, so that completion and `--help` are quick.
"""

from pathlib import Path

import click

from ciforge.cli import options
from ciforge.errors import UsageError


@click.command("run")
@options.SELECTORS
@options.SOURCE
@options.REV
@options.PATCH
@click.option("--keep", is_flag=True,
              help="Keep the container of a job that did not pass, for `ciforge retry` and `ciforge shell JOB`.")  # fmt: skip
@click.option("--fail-fast", is_flag=True, help="Cancel all other jobs at the first failure.")
@options.PARALLEL
@options.TIMEOUT
@click.option("--budget", type=options.seconds, metavar="TIME",
              help="Run the most telling jobs first, and end after TIME: 60s, 10m; not with --notify.")  # fmt: skip
@click.option("--notify", is_flag=True,
              help="Update incidents, and mail what changed; not with uncommitted changes.")  # fmt: skip
@click.option("--force", is_flag=True, help="Run jobs that are proven, too.")
@click.option("--no-cache", is_flag=True,
              help="Use no cache: no ccache, no saved steps, no results of configure, no proven jobs.")  # fmt: skip
@click.option("--saved-steps", is_flag=True,
              help="Skip bootstrap and configure if all that they read is as it was; not with --notify.")  # fmt: skip
@click.option("--make-tokens", is_flag=True,
              help="Give make more processes while other jobs need fewer.")  # fmt: skip
@click.option(
    "--strict", is_flag=True, help="Exit 1 if a job is flaky: a step passed, but not at once."
)
@options.ENGINE
@options.ANY
@options.JSON
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    selectors: tuple[str, ...],
    file: Path | None,
    sources: tuple[str, ...],
    revisions: tuple[str, ...],
    patch: str,
    jobs: int | None,
    timeout: int | None,
    keep: bool,
    fail_fast: bool,
    budget: int | None,
    notify: bool,
    force: bool,
    no_cache: bool,
    saved_steps: bool,
    make_tokens: bool,
    strict: bool,
    engine: str,
    unlisted: bool,
    state_dir: Path | None,
    as_json: bool,
) -> None:
    """Run jobs in local containers: the selected jobs, by default all that the project lists.

    In a checkout of one of the project's repositories, the working tree is built, uncommitted
    changes included; the tree itself is not changed. Elsewhere, all repositories are fetched from
    their git addresses.

    \b
      ciforge run debian                     every Debian release that the project lists
      ciforge run debian-13/default          one of them, in one variant
      ciforge run 'portable/*/clang'         one variant everywhere
      ciforge run --patch fix.diff           with a patch on top
      ciforge run --rev refs/pull/12/head portable
      ciforge run --keep debian-13/default; ciforge shell debian-13/default

    `ciforge jobs` lists the jobs, and `ciforge jobs --help` explains SELECTOR. The summary at the
    end lists each cause of failure once, with its jobs, the relevant lines of the log, a suggested
    fix, and the commands that repeat the job or open a shell in it. `ciforge report` saves it to a
    file.

    A job whose inputs are those of a job that passed is not run: it is proven by that run. The inputs
    are the source, the plan, the image, the engine and the code of this program. Jobs that use the
    network, that are emulated, or that run outside of containers are never proven, and a proof expires
    after 7 days, for a rolling release after a day. --force runs proven jobs; so do --no-cache and
    --notify.

    With --budget, jobs that failed last come first, then those that differ most in libc, compiler and
    TLS library, cross checks before emulated jobs. What was not tried is listed, and exit status 0 says
    only that what was tried passed.

    With --notify, incidents are updated, and the resulting mail is queued and delivered. The working
    tree must have no uncommitted changes. Run `ciforge notify` from cron for reminders and retries.

    Exits 0 if all jobs passed, are proven or flaky, or may fail, 1 if a job failed or all were skipped, or one is
    flaky with --strict, 3 if the engine or the network failed, 4 if mail was not delivered.
    """
    _refuse_combinations(
        keep=keep, engine=engine, budget=budget, notify=notify, saved_steps=saved_steps
    )
    from ciforge.app.local_run import run_request
    from ciforge.app.run_settings import RunOptions
    from ciforge.app.session import Request
    from ciforge.app.source_options import SourceOptions

    request = Request(
        selectors=selectors,
        file=file,
        state_dir=state_dir,
        source_options=SourceOptions(sources=sources, revisions=revisions, patch=patch),
        unlisted=unlisted,
        engine=engine,
    )
    run_options = RunOptions(
        jobs=jobs, timeout=timeout, as_json=as_json, keep=keep, fail_fast=fail_fast,
        ccache=not no_cache, notify=notify, force=force,
        saved_steps=saved_steps, make_tokens=make_tokens, budget=budget, strict=strict,
    )  # fmt: skip
    ctx.exit(run_request(request, run_options))


def _refuse_combinations(
    *, keep: bool, engine: str, budget: int | None, notify: bool, saved_steps: bool
) -> None:
    """Raises UsageError for options that exclude each other."""
    if keep and engine != "docker":
        raise UsageError("--keep keeps containers", hint="omit it, or run the job without --engine")
    if budget is not None and notify:
        raise UsageError(
            "--budget leaves out jobs, and --notify records all of them",
            hint="omit --budget or --notify",
        )
    if saved_steps and notify:
        raise UsageError(
            "--saved-steps leaves out steps, and --notify records whole jobs",
            hint="omit --saved-steps or --notify",
        )
