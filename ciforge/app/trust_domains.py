"""The trust domain of each source; only sources of one domain share a cache."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ciforge.app.workspace import Workspace
from ciforge.errors import CiforgeError
from ciforge.model.project import Repo
from ciforge.model.trust_domain import Trust, TrustDomain, alone
from ciforge.run.job_settings import Archive
from ciforge.sources import (
    SourceSpec,
    checkout_of,
    followed_branch,
    is_bare,
    mirror_of,
    position_of,
    remotes_of,
    same_address,
)
from ciforge.store.identity import identity_of


@attrs.frozen(kw_only=True)
class Instructions:
    """The project file, which defines the steps: its path, checkout and branch."""

    file: Path
    checkout: Path | None
    branch: str
    """The checked out branch, or the commit if there is none; empty without git."""

    def facts(self, branch: str = "") -> tuple[str, ...]:
        """The text that identifies them, also for another branch of the checkout."""
        return (str(self.file), _identity(self.checkout), branch or self.branch)


def within_domains(
    archives: Mapping[str, Archive], wanted: Sequence[SourceSpec], workspace: Workspace, state: Path
) -> Mapping[str, Archive]:
    """The same archives, each with its trust domain."""
    by_repo = {spec.repo: spec for spec in wanted}
    return {
        repo: attrs.evolve(archive, domain=domain_of(archive, by_repo[repo], workspace, state))
        for repo, archive in archives.items()
    }


def domain_of(
    archive: Archive, wanted: SourceSpec, workspace: Workspace, state: Path
) -> TrustDomain:
    """The trust domain of one archived source; its own if git cannot be asked."""
    if archive.used.patch:
        return alone("it has a patch")
    repo = workspace.project.repos[wanted.repo]
    place = Path(wanted.place)
    try:
        instructions = _instructions(workspace.file)
        if wanted.place == repo.git and not _is_tree(place):
            return _of_address(archive, repo, instructions, state)
        if wanted.revision or not place.is_dir() or not _is_tree(place):
            return alone("its revision was not fetched from a followed branch")
        return _of_tree(archive, place.resolve(), repo, instructions, state, named=wanted.named)
    except (CiforgeError, OSError) as error:
        return alone(f"its checkout cannot be examined ({error})")


def _is_tree(place: Path) -> bool:
    """Whether the files of the working tree are used."""
    return place.is_dir() and not is_bare(place)


def _of_address(
    archive: Archive, repo: Repo, instructions: Instructions, state: Path
) -> TrustDomain:
    local = Path(repo.git)
    address = str(local.resolve()) if local.is_dir() else repo.git
    mirror = mirror_of(address, state / "mirrors")
    branch = followed_branch(mirror, archive.used.revision, repo.branches)
    if not branch:
        return alone("its revision is on no followed branch")
    return _branch(repo, branch, instructions.facts(), state)


def _branch(repo: Repo, branch: str, instructions: tuple[str, ...], state: Path) -> TrustDomain:
    facts = (identity_of(state), *instructions, repo.git, branch)
    return TrustDomain(trust=Trust.BRANCH, facts=facts, about=f"followed branch {branch}")


def _of_tree(
    archive: Archive,
    place: Path,
    repo: Repo,
    instructions: Instructions,
    state: Path,
    *,
    named: bool,
) -> TrustDomain:
    """The domain of a checkout with a branch, or of a folder without git.

    A checkout that --source names must be a clone of the project's repository.
    """
    checkout, branch = checkout_of(place), archive.used.branch
    remotes = remotes_of(checkout) if checkout else ()
    if checkout and not branch:
        return alone("no branch is checked out")
    if checkout and named and not any(same_address(repo.git, remote) for remote in remotes):
        return alone("it is a clone of another repository")
    own = (identity_of(state), *instructions.facts(), str(place), _identity(checkout or place))
    return TrustDomain(
        trust=Trust.TREE, facts=(*own, branch, *sorted(remotes)),
        followed=_followed(repo, branch, checkout, instructions, state),
        about="working tree" + (f", branch {branch}" if branch else ""),
    )  # fmt: skip


def _followed(
    repo: Repo, branch: str, checkout: Path | None, instructions: Instructions, state: Path
) -> TrustDomain | None:
    """The domain whose cache is read: the branch itself if it is followed, else the first followed
    branch.
    """
    if not repo.git:
        return None
    followed = branch if branch in repo.branches else next(iter(repo.branches), "HEAD")
    # If the project file is in this tree, the followed branch has its own steps.
    moved = followed if checkout and checkout == instructions.checkout else ""
    return _branch(repo, followed, instructions.facts(moved), state)


def _instructions(file: Path) -> Instructions:
    file = file.resolve()
    checkout = checkout_of(file.parent)
    return Instructions(
        file=file, checkout=checkout, branch=position_of(checkout) if checkout else ""
    )


def _identity(place: Path | None) -> str:
    """Identifies a checkout or folder, so that a later one at the same path differs; empty if it
    does not exist.
    """
    if place is None:
        return ""
    git = place / ".git"
    return str((git if git.exists() else place).stat().st_ino)
