"""Trust domains: revisions that share caches."""

import enum
import hashlib
import json

import attrs

from ciforge.model.job import Job


class Trust(enum.Enum):
    """The degree to which a source is trusted; nothing flows from a later member to an earlier one."""

    BRANCH = "branch"
    """Commits that ciforge fetched itself, of a branch that the project follows."""
    TREE = "tree"
    """A working tree: one checkout and one branch."""
    ALONE = "alone"
    """Any other source: pull requests, other clones, patches, archives."""


@attrs.frozen(kw_only=True)
class TrustDomain:
    """Revisions that share a cache. Two domains are equal only if all their facts are."""

    trust: Trust
    facts: tuple[str, ...] = ()
    """State folder, project file, place and branch: everything that identifies the domain."""
    followed: "TrustDomain | None" = None
    """The followed branch whose cache a working tree may read."""
    about: str = attrs.field(default="", eq=False)
    """The domain in a few words, for the log."""

    @property
    def shares(self) -> bool:
        """Whether anything may outlive a run."""
        return self.trust is not Trust.ALONE

    @property
    def digest(self) -> str:
        """A name that no other domain has."""
        text = json.dumps([self.trust.value, *self.facts])
        return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:32]


def alone(why: str) -> TrustDomain:
    """The domain of a revision that shares nothing; the log contains `why`."""
    return TrustDomain(trust=Trust.ALONE, about=why)


def cache_volume(job: Job, domain: TrustDomain) -> str:
    """The volume for the caches of a job in a domain; empty if nothing is cached."""
    if not domain.shares:
        return ""
    key = json.dumps([job.project, job.id, str(job.platform), domain.digest])
    return f"ciforge-cache-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
