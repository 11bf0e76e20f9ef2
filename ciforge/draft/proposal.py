"""A proposed project file: conclusions with their evidence."""

import attrs

from ciforge.draft.dependency_matcher import ResolvedDependency


@attrs.frozen
class SourcedValue:
    """A value, and its evidence as text."""

    value: str
    because: str


@attrs.frozen(kw_only=True)
class ProposedStep:
    """A step that differs from that of the recipe: switched off, or with another command."""

    name: str
    run: str = ""
    """Empty if the step is left out."""
    because: str


@attrs.frozen(kw_only=True)
class Proposal:
    """One repository and its jobs."""

    name: SourcedValue
    recipe: SourcedValue
    dependencies: tuple[ResolvedDependency, ...] = ()
    only: tuple[tuple[str, tuple[ResolvedDependency, ...]], ...] = ()
    """Distributions to dependencies that only they need or have."""
    configure: tuple[SourcedValue, ...] = ()
    env: tuple[tuple[str, SourcedValue], ...] = ()
    users: tuple[tuple[str, SourcedValue], ...] = ()
    """Users to their home folders."""
    steps: tuple[ProposedStep, ...] = ()
    jobs: tuple[SourcedValue, ...] = ()
    hints: tuple[str, ...] = ()
    """Comments that suggest additions."""
    doubts: tuple[str, ...] = ()
    """Items that were not found, or are uncertain."""


@attrs.frozen(kw_only=True)
class Origin:
    """The remote of the tree; both values may be empty."""

    git: str = ""
    branch: str = ""
    remote: str = ""
    """The name of the remote."""
