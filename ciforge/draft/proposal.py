"""What is concluded from a tree, each with its evidence: a project file that is still to be written."""

import attrs

from ciforge.draft.dependency_matcher import ResolvedDependency


@attrs.frozen
class SourcedValue:
    """A value, and from what it was drawn, for people."""

    value: str
    because: str


@attrs.frozen(kw_only=True)
class ProposedStep:
    """A step that differs from the recipe's: switched off, or with a command of its own."""

    name: str
    run: str = ""
    """Empty: the step is left out."""
    because: str


@attrs.frozen(kw_only=True)
class Proposal:
    """One repository and its jobs."""

    name: SourcedValue
    recipe: SourcedValue
    dependencies: tuple[ResolvedDependency, ...] = ()
    only: tuple[tuple[str, tuple[ResolvedDependency, ...]], ...] = ()
    """Distributions to what only they need, or only they have."""
    configure: tuple[SourcedValue, ...] = ()
    env: tuple[tuple[str, SourcedValue], ...] = ()
    users: tuple[tuple[str, SourcedValue], ...] = ()
    """Users to their homes."""
    steps: tuple[ProposedStep, ...] = ()
    jobs: tuple[SourcedValue, ...] = ()
    hints: tuple[str, ...] = ()
    """Comments: what one may want to add."""
    doubts: tuple[str, ...] = ()
    """What was not found, or is not sure."""


@attrs.frozen(kw_only=True)
class Origin:
    """Where the tree comes from; both may be empty."""

    git: str = ""
    branch: str = ""
    remote: str = ""
    """How git calls that remote."""
