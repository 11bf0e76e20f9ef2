"""The generated files of the checkout that a command is run in, compared with what would be written now."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.app.generated_files import OutputFolder, SetChanges, set_changes
from ciforge.app.generation import Rendering, ServiceWorkflows
from ciforge.app.source_options import SourceOptions, current_checkout, jobs_of_checkout
from ciforge.app.workspace import Workspace
from ciforge.ci.file_set import SetPlace
from ciforge.ci.service import CiService
from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.plan.selection import select
from ciforge.sources import checkout_of
from ciforge.untrusted import read_each_below

_LARGEST = 4 << 20
"""Bytes of a list of generated files."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GeneratedSet:
    """The files of one tree: how they differ, and what they would be."""

    changes: SetChanges
    texts: Mapping[str, str]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class FileTarget:
    """A tree that files are written for."""

    root: Path
    """Its top, in which services look."""
    source: str
    """The folder of the source in it, from the top; empty for the top itself."""
    repos: Sequence[str]
    jobs: Sequence[Job]


def checkout_target(workspace: Workspace, jobs: Sequence[Job], here: Path) -> FileTarget:
    """The checkout that `here` is in. Raises UsageError where it is none of the project's."""
    tree = current_checkout(workspace, here)
    if tree is None:
        raise UsageError(
            "not in a checkout of one of the project's repositories",
            hint="change to one, or use --output DIR to write into DIR/REPO",
        )
    top = checkout_of(tree.path) or tree.path
    source = tree.path.relative_to(top).as_posix()
    return FileTarget(
        root=top, source="" if source == "." else source, repos=tree.repos,
        jobs=jobs_of_checkout(jobs, tree, SourceOptions()),
    )  # fmt: skip


def generated_set(
    workspace: Workspace,
    workflows: ServiceWorkflows,
    service: CiService,
    selectors: tuple[str, ...],
    target: FileTarget,
    *,
    elsewhere: bool = False,
) -> GeneratedSet:
    """The files of a tree, or of a folder `elsewhere` that is no checkout. Raises InputError, UsageError."""
    place = SetPlace(folder=service.folder, source=target.source)
    rendering = Rendering(
        workspace=workspace, workflows=workflows, service=service, selectors=selectors,
        root=None if elsewhere else target.root, place=place,
    )  # fmt: skip
    single = "" if target.source else service.single
    output = OutputFolder(root=target.root, place=place, single=single)
    present = output.present(())
    wanted = rendering.texts(target.repos, target.jobs, present.texts)
    if not wanted.keys() <= present.texts.keys():
        present = output.present(wanted)
    return GeneratedSet(changes=set_changes(output, present, wanted), texts=wanted)


def reduced_set(
    workspace: Workspace, service: CiService, here: Path, wanted: Collection[str]
) -> Mapping[str, str]:
    """The generated files of this checkout, as they would be for the `wanted` jobs only."""
    jobs = [job for job in workspace.plan.jobs if job.id in wanted]
    target = checkout_target(workspace, jobs, here)
    workflows = ServiceWorkflows.read(workspace.file)
    return generated_set(workspace, workflows, service, (), target).texts


def current_set(workspace: Workspace, service: CiService, here: Path) -> Mapping[str, str]:
    """The generated files of this checkout, which are up to date.

    They are made with the selectors that the files themselves name. Raises UsageError if there are none, or if
    they differ from what `ciforge generate` would write.
    """
    target = checkout_target(workspace, workspace.plan.jobs, here)
    place = SetPlace(folder=service.folder, source=target.source)
    selectors = _selectors(target.root, place)
    jobs = select(workspace.plan, selectors)
    target = checkout_target(workspace, jobs, here)
    workflows = ServiceWorkflows.read(workspace.file)
    found = generated_set(workspace, workflows, service, selectors, target)
    if found.changes.changes:
        names = ", ".join(change.name for change in found.changes.changes[:3])
        raise UsageError(
            f"the workflow files are out of date: {names}",
            hint="`ciforge generate` writes them again; `ciforge generate --diff` prints the differences",
        )
    return found.texts


def _selectors(root: Path, place: SetPlace) -> tuple[str, ...]:
    """The selectors that the files were made with, by the first line of their list. Raises UsageError."""
    try:
        data = next((data for _, data in read_each_below(root, {place.list}, _LARGEST)), None)
    except OSError as error:
        raise UsageError(f"{root / place.list}: {error.strerror}") from None
    head = (data or b"").decode(errors="replace").partition("\n")[0]
    _, found, command = head.partition(" run: ciforge generate")
    if not found:
        raise UsageError(
            f"there are no generated workflow files here: {place.list} is missing",
            hint="`ciforge generate` (--target names the service), commit the files, and push them to the default branch",
        )
    try:
        arguments = shlex.split(command)
    except ValueError:
        arguments = []
    return tuple(arguments[: arguments.index("--target")] if "--target" in arguments else arguments)
