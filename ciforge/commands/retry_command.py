"""`ciforge retry`: repeats jobs that failed last, from the failed step.

The code that runs them is imported in the command, so that completion and `--help` are quick.
"""

from pathlib import Path

import click

from ciforge.cli import options


@click.command("retry")
@options.SELECTORS
@options.SOURCE
@options.REV
@options.PATCH
@options.PARALLEL
@options.TIMEOUT
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
    unlisted: bool,
    state_dir: Path | None,
    as_json: bool,
) -> None:
    """Repeat the selected jobs that failed in their last run, by default all of them.

    In a container that `ciforge run --keep` or an earlier `ciforge retry` kept, the files that changed
    since are replaced, and the job goes on at the step that failed, or at an earlier step whose script
    changed. What passes there is confirmed by a job in a clean container, which alone is recorded.
    What fails there is shown as unconfirmed, and is not recorded.

    A job without a kept container, or with another image, runs in a clean one from its beginning. If
    it fails, its container is kept, and the next `ciforge retry` goes on in it.

    \b
      ciforge run --keep debian-13; $EDITOR smtpd/smtpd.c; ciforge retry

    Sources are selected as for `ciforge run`. The exit status is that of `ciforge run`.
    """
    from ciforge.app.retry_run import retry_request
    from ciforge.app.run_settings import RunOptions
    from ciforge.app.session import Request
    from ciforge.app.source_options import SourceOptions

    request = Request(
        selectors=selectors,
        file=file,
        state_dir=state_dir,
        source_options=SourceOptions(sources=sources, revisions=revisions, patch=patch),
        unlisted=unlisted,
    )
    run_options = RunOptions(
        jobs=jobs, timeout=timeout, as_json=as_json, keep=True, fail_fast=False, ccache=True,
        notify=False, force=True,
    )  # fmt: skip
    ctx.exit(retry_request(request, run_options))
