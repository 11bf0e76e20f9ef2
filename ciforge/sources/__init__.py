"""Where code comes from: trees, git mirrors, archives and patches, to one tar file."""

from ciforge.sources.address import same_address, without_secrets
from ciforge.sources.branch import followed_branch, position_of
from ciforge.sources.carry import Carried, Wanted, carry
from ciforge.sources.checkout import checkout_of, is_bare, origin_of, remotes_of, tracked_in
from ciforge.sources.mirror import mirror_of

__all__ = [
    "Carried",
    "Wanted",
    "carry",
    "checkout_of",
    "followed_branch",
    "is_bare",
    "mirror_of",
    "origin_of",
    "position_of",
    "remotes_of",
    "same_address",
    "tracked_in",
    "without_secrets",
]
