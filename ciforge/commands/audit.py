"""`ciforge audit`: compares cached answers with those of runs without caches.

The code that runs them is imported in the command, so that completion and `--help` are quick.
"""

import random
from pathlib import Path

import click

from ciforge.cli import options


@click.command("audit")
@options.SELECTORS
@options.SOURCE
@options.REV
@click.option("--sample", type=options.count, default=3, show_default=True, metavar="N",
              help="Compare N answers, chosen at random.")  # fmt: skip
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
    sample: int,
    unlisted: bool,
    state_dir: Path | None,
    as_json: bool,
) -> None:
    """Run a sample of cached answers without caches, and compare.

    An answer is that of a proven job, of saved steps, or of the compiler and configure cache, for one of
    the selected jobs. Exit codes, config.h and the install manifest must be those of a run without any
    cache. A cache that gave another answer is named and removed with the proofs of the job, and recorded
    in audits.jsonl in the state folder. A job that passes only when it is repeated without its cache
    counts as another answer. A cache that answered nothing is named, and not compared: an empty one, or a
    ccache before 4.4, which does not record what it answers.

    \b
      ciforge audit                 three answers of all jobs that the project lists
      ciforge audit debian-13 --sample 10

    Sources are selected as for `ciforge run`. Exits 0 if all answers were the same, 1 if one was not,
    3 if one could not be compared.
    """
    from ciforge.app.audit_run import audit_request
    from ciforge.app.session import Request
    from ciforge.app.source_options import SourceOptions

    request = Request(
        selectors=selectors,
        file=file,
        state_dir=state_dir,
        source_options=SourceOptions(sources=sources, revisions=revisions),
        unlisted=unlisted,
    )
    ctx.exit(audit_request(request, sample=sample, as_json=as_json, chance=random.SystemRandom()))
