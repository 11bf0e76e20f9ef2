"""`ciforge init`: writes a project file for a source tree."""

import os
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ciforge.app.project_files import FILE_NAME, read_catalogue
from ciforge.app.workspace import check_project, state_folder
from ciforge.cli import completers
from ciforge.draft.draft_project import propose
from ciforge.draft.project_writer import text
from ciforge.draft.proposal import Origin, Proposal
from ciforge.draft.recipe_detection import folders_to_build
from ciforge.draft.tree_reader import TreeReader, walk
from ciforge.errors import InputError, UsageError
from ciforge.generated_file import write_generated
from ciforge.load import url_validators, validators
from ciforge.load.dependencies import dependency_table
from ciforge.load.package_table import supplemented
from ciforge.model.index_name import is_index_name
from ciforge.sanitize import safe_text
from ciforge.sources import origin_of, tracked_in

_SOME = 8
"""Maximum number of folders that are named."""
_SHOWN = 40
"""Maximum number of doubts that are printed."""


@click.command("init")
@click.argument(
    "path", required=False, default=".", metavar="[PATH]",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)  # fmt: skip
@click.option("--output", metavar="FILE|-", default="", shell_complete=completers.files,
              help="Write FILE instead of PATH/ciforge.yml; - is standard output.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def command(path: Path, output: str, force: bool) -> None:
    """Write a ciforge.yml for the source tree in PATH, by default the current folder.

    It is derived from configure.ac, CMakeLists.txt, meson.build, go.mod or a makefile, from headers
    that C files include, and from handwritten workflows and Dockerfiles. Each line has a comment
    naming its source. Anything missing or uncertain is reported on standard error.

    \b
      ciforge init                  write ./ciforge.yml; then: ciforge run debian-13
      ciforge init --output -       only print it
      ciforge init ../mydaemon      for another tree
    """
    file = Path(output) if output not in ("", "-") else path / FILE_NAME
    if output != "-" and not force and os.path.lexists(file):
        raise UsageError(f"{file} already exists", hint="--force overwrites it; --output - prints")
    written, remarks = _draft(path, file, output)
    if output == "-":
        click.echo(written, nl=False)
    else:
        write_generated(file.parent, file.name, written.encode())
        click.echo(safe_text(f"written: {file}"))
    for line in remarks:
        click.echo(line, err=True)


def _draft(path: Path, file: Path, output: str) -> tuple[str, list[str]]:
    """The text of a project file, and the messages about it. Raises UsageError."""
    root = path.resolve()
    ground = TreeReader(root, tracked_in(root) or walk(root))
    table = dependency_table()
    catalogue = supplemented(read_catalogue(file), [row.dependency for row in table.dependencies])
    proposal = propose(ground, catalogue, table, root.name)
    if proposal is None:
        raise _nothing(path, folders_to_build(ground))
    origin, left_out = _origin(root)
    place = _seen_from(root, file, output)
    written = text(proposal, origin, place)
    _check(written, file)
    elsewhere = "" if place or origin.git else f" --source {proposal.name.value}={path}"
    return written, list(_remarks(proposal, left_out, file, output, elsewhere))


def _nothing(path: Path, folders: Sequence[str]) -> UsageError:
    looked = "configure.ac, configure, CMakeLists.txt, meson.build, go.mod, *.go, Makefile"
    hint = "change to the top of the source tree, or write the file by hand: man ciforge.yml"
    if folders:
        some = ", ".join(folders[:_SOME]) + ", …" * (len(folders) > _SOME)
        hint = f"these folders can be built: {some}; draft one of them: ciforge init {shlex.quote(str(path / folders[0]))}"
    return UsageError(f"{path}: no known build system; looked for {looked}", hint=hint)


def _origin(root: Path) -> tuple[Origin, list[str]]:
    """The address and branch for the project file, and messages about other remotes."""
    found = origin_of(root)
    if found is None:
        return Origin(), []
    remote, address, branch = found
    try:
        url_validators.git_address(address)
        if branch:
            validators.branch(branch)
    except ValueError as error:
        return Origin(), [f"git: remote {remote}: {error}; left out"]
    return Origin(git=address, branch=branch, remote=remote), []


def _seen_from(root: Path, file: Path, output: str) -> str:
    """The path of the tree relative to the project file; empty if it is not below its folder."""
    place = "." if output == "-" else os.path.relpath(root, file.resolve().parent)
    if ".." in Path(place).parts:
        return ""
    try:
        validators.source_folder(place)
    except ValueError as error:
        raise UsageError(f"{place!r}: a project file cannot name this folder: {error}") from None
    return place


def _check(written: str, file: Path) -> None:
    """Checks the draft as `ciforge lint` does; a problem is a bug of ciforge."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / FILE_NAME
        draft.write_text(written, encoding="utf-8")
        try:
            problems = check_project(draft, read_catalogue(file), answered=False)[0]
        except InputError as error:
            problems = list(error.problems)
    if problems:
        raise AssertionError(f"a draft with problems: {problems}\n{written}")


def _remarks(
    proposal: Proposal, left_out: list[str], file: Path, output: str, elsewhere: str
) -> Iterator[str]:
    doubts = list(dict.fromkeys((*proposal.doubts, *left_out)))
    yield from (f"unsure: {doubt}" for doubt in doubts[:_SHOWN])
    if len(doubts) > _SHOWN:
        yield f"unsure: {len(doubts) - _SHOWN} more"
    if output != "-":
        where = (
            ""
            if file.parent.resolve() == Path.cwd() and file.name == FILE_NAME
            else f" --file {file}"
        )
        yield from _namesake(proposal.name.value)
        if any(is_index_name(dependency.need.name) for dependency in proposal.dependencies):
            yield f"next: ciforge packages --update{where}, which asks package indexes for names and writes the lock"
        yield f"next: ciforge run{where}{elsewhere} debian-13"


def _namesake(project: str) -> Iterator[str]:
    """A message if another project of this name exists, because both would share their history."""
    runs = state_folder(project, None) / "runs"
    if runs.is_dir() and any(runs.iterdir()):
        yield f"note: there are already runs of a project {project}, in {runs.parent}"
        yield "note: if that is another project, change `project:`; otherwise both share one history"
