"""`ciforge generate`: writes workflow files for a hosted service."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import attrs
import click

from ciforge.app.checkout_files import FileTarget, checkout_target, generated_set
from ciforge.app.generated_files import FileChange, SetChanges, summary_lines, write_set
from ciforge.app.generation import ServiceWorkflows
from ciforge.app.workspace import Workspace, open_selected
from ciforge.ci.registry import DEFAULT, SERVICES, load_service
from ciforge.ci.service import CiService
from ciforge.cli import options
from ciforge.errors import UsageError
from ciforge.generated_file import refuse_link
from ciforge.model.job import Job
from ciforge.private import shared_files
from ciforge.sanitize import safe_text

_WHAT = "; ".join(f"{name}: {row.title}, {row.files}" for name, row in SERVICES.items())
_TARGET = f"The service to write files for ({_WHAT})."


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GenerateOptions:
    """The arguments of the command."""

    selectors: tuple[str, ...]
    service: CiService
    output: Path | None
    force: bool
    verbose: bool

    @property
    def command(self) -> str:
        """The command that writes the same files again."""
        target = () if self.service.name == DEFAULT else ("--target", self.service.name)
        output = () if self.output is None else ("--output", str(self.output))
        return shlex.join(("ciforge", "generate", *self.selectors, *target, *output))


@click.command("generate")
@options.SELECTORS
@options.FILE
@click.option(
    "--target", type=click.Choice(list(SERVICES)), default=DEFAULT, show_default=True, help=_TARGET
)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write into DIR/REPO instead of this checkout.")  # fmt: skip
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is out of date.")
@click.option("--diff", is_flag=True, help="Write nothing; print the differences.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand, too.")
@click.option("--verbose", is_flag=True, help="List each file that is written or removed.")
@click.pass_context
def command(
    ctx: click.Context,
    selectors: tuple[str, ...],
    file: Path | None,
    target: str,
    output: Path | None,
    check: bool,
    diff: bool,
    force: bool,
    verbose: bool,
) -> None:
    """Write workflow files that run the jobs of a project on a hosted service.

    In a checkout of one of the project's repositories, the files of that repository are written.
    Only files that this command generated are changed or removed.

    \b
      ciforge generate                       .github/workflows/ciforge.yml
      ciforge generate --check               check that it is up to date, for CI
      ciforge generate debian fedora         only these jobs
      ciforge generate --target sourcehut    .builds/ciforge-*.yml
    """
    service = load_service(target)
    how = GenerateOptions(
        selectors=selectors, service=service, output=output, force=force, verbose=verbose,
    )  # fmt: skip
    workspace, jobs = open_selected(file, Path.cwd(), selectors)
    from ciforge.plan.job_services import refuse_services

    refuse_services(
        jobs, "a generated job",
        "select other jobs: '!SELECTOR' excludes some; `ciforge run` runs them with their services",
    )  # fmt: skip
    sets = list(_all_changes(workspace, jobs, how))
    found = [change for file_set in sets for change in file_set.changes]
    from ciforge.plan.ended_releases import ended_releases

    for sentence in ended_releases(jobs, datetime.now(UTC).date()):
        click.echo(f"warning: {sentence}", err=True)
    if service.sends_mail and (missing := _why_no_mail(workspace, output)):
        click.echo(f"these workflows send no mail: {missing}", err=True)
    if check or diff:
        for change in found:
            click.echo(safe_text(change.diff), nl=False)
        ctx.exit(1 if check and found else 0)
    _refuse_edited(found, how)
    _write(sets, how)


def _why_no_mail(workspace: Workspace, output: Path | None) -> str:
    """The reason why the files lack the job `notify` although the project has `mail:`; else empty."""
    if workspace.project.mail is None:
        return ""
    if not workspace.project.ciforge.install:
        return "`ciforge: {install: …}` is not set, so ciforge is not installed on the runner"
    if output is not None:
        return "the project file is in none of these repositories; see `ciforge collect`"
    return ""


def _all_changes(
    workspace: Workspace, jobs: Sequence[Job], how: GenerateOptions
) -> Iterator[SetChanges]:
    workflows = ServiceWorkflows.read(workspace.file)
    elsewhere = how.output is not None
    for target in _targets(workspace, jobs, how.output):
        found = generated_set(
            workspace, workflows, how.service, how.selectors, target, elsewhere=elsewhere
        )
        yield found.changes


def _targets(
    workspace: Workspace, jobs: Sequence[Job], output: Path | None
) -> Iterator[FileTarget]:
    """The trees that files are written for, with the jobs of each."""
    if output is None:
        yield checkout_target(workspace, jobs, Path.cwd().resolve())
        return
    refuse_link(output)
    for repo in dict.fromkeys(job.repo for job in jobs):
        refuse_link(output / repo)
        some = [job for job in jobs if job.repo == repo]
        yield FileTarget(root=output / repo, source="", repos=[repo], jobs=some)


def _refuse_edited(found: Sequence[FileChange], how: GenerateOptions) -> None:
    """Raises UsageError if a file was edited by hand; then none is written."""
    kept = [change for change in found if change.by_hand]
    if not kept or how.force:
        return
    for change in kept:
        click.echo(safe_text(change.diff), nl=False)
    names = ", ".join(str(change.path) for change in kept)
    raise UsageError(
        f"edited by hand, not overwritten: {names}",
        hint="the differences are above; --force overwrites",
    )


def _write(sets: Sequence[SetChanges], how: GenerateOptions) -> None:
    """Writes all files and prints what was done."""
    changed = [file_set for file_set in sets if file_set.changes]
    if how.output is not None:
        _make(how.output, changed)
    for file_set in changed:
        with shared_files():
            write_set(file_set, how.command)
        for line in summary_lines(file_set, verbose=how.verbose):
            click.echo(safe_text(line))
    if not changed:
        click.echo("all files are up to date", err=True)


def _make(output: Path, changed: Sequence[SetChanges]) -> None:
    """Creates the folders DIR/REPO. Raises UsageError."""
    try:
        for root in dict.fromkeys(file_set.root for file_set in changed):
            root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from None
