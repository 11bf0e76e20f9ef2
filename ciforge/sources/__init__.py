"""Sources of repositories: working trees, git mirrors, archives and patches, written to one tar
file.
"""

from ciforge.sources.branch import followed_branch, position_of
from ciforge.sources.checkout import checkout_of, is_bare, origin_of, remotes_of, tracked_in
from ciforge.sources.git_url import same_address, without_secrets
from ciforge.sources.mirror import mirror_of
from ciforge.sources.snapshot import Snapshot, SourceSpec, take_snapshot

__all__ = [
    "Snapshot",
    "SourceSpec",
    "checkout_of",
    "followed_branch",
    "is_bare",
    "mirror_of",
    "origin_of",
    "position_of",
    "remotes_of",
    "same_address",
    "take_snapshot",
    "tracked_in",
    "without_secrets",
]
