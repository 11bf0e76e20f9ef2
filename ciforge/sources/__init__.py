"""Sources of repositories: working trees, git mirrors, archives and patches, written to one tar
file.

Names are imported when they are first used: commands that need one module do not load all of them.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODULES = {
    "branch": ("followed_branch", "position_of"),
    "checkout": ("checkout_of", "is_bare", "origin_of", "remotes_of", "tracked_in"),
    "git_url": ("same_address", "without_secrets"),
    "mirror": ("mirror_of",),
    "snapshot": ("Snapshot", "SourceSpec", "take_snapshot"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
