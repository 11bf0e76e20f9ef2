"""Writes the source of one repository to a tar file, and describes it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import attrs

from ciforge.errors import CiforgeError, EngineError, UsageError, did_you_mean
from ciforge.model.identifiers import is_id
from ciforge.model.result import SourceUsed
from ciforge.model.source_version import SourceVersion
from ciforge.private import private_folder
from ciforge.sanitize import escaped
from ciforge.sources.archive import open_archive
from ciforge.sources.branch import branch_of, current_branch
from ciforge.sources.carried_git import write_git
from ciforge.sources.checkout import inside, is_bare, repository_of
from ciforge.sources.commit import commit_of, commit_tree, unknown_revision
from ciforge.sources.directory import read_folder
from ciforge.sources.git import Repository
from ciforge.sources.git_url import is_address, without_secrets
from ciforge.sources.mirror import update_mirror
from ciforge.sources.patch import apply_patch
from ciforge.sources.submodules import SubmoduleSources, submodules_of
from ciforge.sources.tar_writer import pack
from ciforge.sources.tree_entry import EntryKind, MessageHandler, SourceTree
from ciforge.sources.version import version_of
from ciforge.sources.working_tree import working_tree

_CONVERTS = re.compile(rb"^[^#\n]*\s(filter=|eol=crlf|ident\b|working-tree-encoding=)", re.M)


@attrs.frozen(kw_only=True)
class SourceSpec:
    """The source of one repository: place, revision and patch."""

    repo: str
    place: str
    """A folder, an archive file, or a git address."""
    project: Path | None = None
    """Where a project file names the place, and no person: the folder of that file. Then the place is
    below it, and no repository by itself."""
    named: bool = False
    """Whether `--source` names the place."""
    revision: str = ""
    """Empty for the working tree of a folder, or for the first branch or HEAD of an address."""
    branches: tuple[str, ...] = ()
    patch: bytes = b""
    """A diff, or a mail or mailbox with diffs; empty for none."""
    carry_git: bool = False
    """Whether a second tar file has a `.git` with HEAD and the tags."""
    patch_name: str = ""
    """The name of the patch in messages; with a name, an empty patch is an error."""


@attrs.frozen(kw_only=True)
class Snapshot:
    """A source as a tar file, ready to be unpacked."""

    archive: Path
    """An uncompressed tar file."""
    used: SourceUsed
    order: str
    """A hash of which of its files are older than which."""
    newest: int
    """The latest time of its files, in seconds since 1970."""
    version: SourceVersion
    git: Path | None = None
    """A tar file with `.git`; None unless it is to be carried."""


def _silent(_text: str) -> None:
    return


def take_snapshot(
    wanted: SourceSpec, folder: Path, mirrors: Path, on_message: MessageHandler = _silent
) -> Snapshot:
    """Writes `folder/REPO.tar`; `mirrors` is the folder of mirrors of git addresses.

    Raises UsageError for a wrong place, revision, archive or patch, and EngineError if an address
    cannot be reached or the disk is full.
    """
    _check(wanted)
    archive = folder / f"{wanted.repo}.tar"
    try:
        private_folder(folder)
        with ExitStack() as stack:
            tree = stack.enter_context(_opened(wanted, folder, mirrors, on_message))
            git = _git_of(wanted, tree, folder)
            entries = tree.entries
            if tree.stored:
                _report_conversions(tree, on_message)
            if name := _patch_name(wanted):
                entries = stack.enter_context(
                    apply_patch(entries, wanted.patch, name, folder, on_message)
                )
            packed = pack(entries, archive, on_message)
    except OSError as error:
        raise _refused(error, archive) from None
    return Snapshot(
        archive=archive, used=_used(wanted, tree, packed.digest), order=packed.order,
        newest=packed.newest, version=tree.version, git=git,
    )  # fmt: skip


def _git_of(wanted: SourceSpec, tree: SourceTree, folder: Path) -> Path | None:
    if not wanted.carry_git:
        return None
    if tree.repository is None:
        raise UsageError(
            f"{escaped(wanted.place)}: `git: true`, and the source is in no git repository",
            hint=f"build a checkout, or leave out `git: true` of {wanted.repo}",
        )
    archive = folder / f"{wanted.repo}.git.tar"
    write_git(tree.repository, tree.revision, archive)
    return archive


def _report_conversions(tree: SourceTree, on_message: MessageHandler) -> None:
    """Prints a message if a checkout of the commit would have other bytes."""
    for entry in tree.entries:
        if entry.path.rpartition(b"/")[2] == b".gitattributes" and entry.kind is EntryKind.FILE:
            with entry.open() as (size, stream):
                if _CONVERTS.search(stream.read(size)):
                    on_message(
                        f"{escaped(entry.path)}: filters and line ends are not applied to a commit"
                    )


def _refused(error: OSError, archive: Path) -> CiforgeError:
    """An error of reading is the user's, an error of writing or a full disk this machine's."""
    about = escaped(error.filename) if isinstance(error.filename, (str, bytes)) else str(archive)
    ours = about.startswith(str(archive.parent))
    return (EngineError if ours else UsageError)(f"{about}: {error.strerror or error}")


def _check(wanted: SourceSpec) -> None:
    if not is_id(wanted.repo):
        raise UsageError(f"{wanted.repo!r} cannot name a repository")
    if wanted.revision.startswith("-") or not wanted.revision.isprintable():
        raise UsageError(f"{wanted.revision!r} is not a revision")
    if not wanted.place or "\0" in wanted.place:
        raise UsageError(f"{wanted.repo}: {wanted.place!r} is not a source")


def _patch_name(wanted: SourceSpec) -> str:
    return wanted.patch_name or ("the patch" if wanted.patch else "")


def _used(wanted: SourceSpec, tree: SourceTree, digest: str) -> SourceUsed:
    return SourceUsed(
        repo=wanted.repo,
        origin=escaped(_origin(wanted.place).encode(errors="surrogateescape")),
        revision=tree.revision,
        branch=escaped(tree.branch),
        changes=tree.changes,
        patch=_patch_name(wanted),
        digest=digest,
    )


def _origin(place: str) -> str:
    return str(Path(place).absolute()) if Path(place).exists() else without_secrets(place)


@contextmanager
def _opened(
    wanted: SourceSpec, folder: Path, mirrors: Path, on_message: MessageHandler
) -> Iterator[SourceTree]:
    place = Path(wanted.place)
    with ExitStack() as stack:
        if wanted.project is not None:
            _check_below(place, wanted.project)
        if place.is_dir() and (wanted.project is not None or not is_bare(place)):
            yield _of_folder(
                wanted, place.resolve(), (folder.resolve(), mirrors.resolve()), on_message, stack
            )
        elif place.is_dir() or (not place.exists() and is_address(wanted.place)):
            yield _of_address(wanted, mirrors, on_message, stack)
        elif place.is_file():
            if wanted.revision:
                raise UsageError(f"{escaped(wanted.place)}: an archive has no revision to choose")
            yield stack.enter_context(open_archive(place, folder))
        else:
            raise _no_place(wanted)


def _check_below(place: Path, project: Path) -> None:
    real, home = place.resolve(), project.resolve()
    if not real.is_relative_to(home) or ".git" in real.relative_to(home).parts:
        raise UsageError(
            f"{escaped(str(place))}: it is not inside {escaped(str(project))}",
            hint="for a folder elsewhere, use --source REPO=PATH",
        )


def _of_folder(
    wanted: SourceSpec,
    root: Path,
    ours: tuple[Path, ...],
    on_message: MessageHandler,
    stack: ExitStack,
) -> SourceTree:
    here = repository_of(root)
    if wanted.revision:
        if here is None:
            raise UsageError(f"{escaped(str(root))}: not a git repository, so it has no revision")
        if not (commit := commit_of(here, wanted.revision)):
            hint = "git fetch it first" if wanted.revision.startswith("refs/") else ""
            raise unknown_revision(here, str(root), wanted.revision, hint)
        modules = submodules_of(here, ours[1], on_message, stack)
        nested = modules.of_commit(here, commit, inside(here))
        tree = stack.enter_context(commit_tree(here, commit, inside(here), nested))
        version = version_of(here, commit, changed=bool(_patch_name(wanted)))
        branch = branch_of(here, wanted.revision)
        return attrs.evolve(tree, branch=branch, version=version, repository=here)
    left = tuple(_below(root, place) for place in ours if root in place.parents)
    if here is None:
        return read_folder(root, on_message, left)
    tree = working_tree(here, submodules_of(here, ours[1], on_message, stack), left)
    version = version_of(here, tree.revision, changed=bool(tree.changes or _patch_name(wanted)))
    return attrs.evolve(tree, branch=current_branch(here), version=version, repository=here)


def _of_address(
    wanted: SourceSpec, mirrors: Path, on_message: MessageHandler, stack: ExitStack
) -> SourceTree:
    local = Path(wanted.place)
    address = str(local.resolve()) if local.is_dir() else wanted.place
    mirror, commit = update_mirror(address, wanted.revision, wanted.branches, mirrors, on_message)
    ours = Repository(git_dir=mirror)
    modules = SubmoduleSources(
        mirrors=mirrors, on_message=on_message, stack=stack, address=without_secrets(address)
    )
    nested = modules.of_commit(ours, commit)
    tree = stack.enter_context(commit_tree(ours, commit, b"", nested))
    name = wanted.revision or next(iter(wanted.branches), "HEAD")
    version = version_of(ours, commit, changed=bool(_patch_name(wanted)))
    return attrs.evolve(tree, branch=branch_of(ours, name), version=version, repository=ours)


def _below(root: Path, place: Path) -> bytes:
    return str(place.relative_to(root)).encode(errors="surrogateescape")


def _no_place(wanted: SourceSpec) -> UsageError:
    place = Path(wanted.place)
    siblings = [p.name for p in place.parent.iterdir()] if place.parent.is_dir() else []
    near = did_you_mean(place.name, siblings)
    what = "neither a folder nor a file" if place.exists() else "there is no such folder or file"
    return UsageError(
        f"{escaped(wanted.place)}: {what}{near}",
        hint="name a folder, an archive or a git address with --source REPO=PATH",
    )
