"""What is concluded from a tree, each with its evidence: a project file that is still to be written."""

import attrs

from ciforge.inspect.match import Concluded


@attrs.frozen
class Said:
    """A value, and from what it was drawn, for people."""

    value: str
    because: str


@attrs.frozen(kw_only=True)
class Step:
    """A step that differs from the recipe's: switched off, or with a command of its own."""

    name: str
    run: str = ""
    """Empty: the step is left out."""
    because: str


@attrs.frozen(kw_only=True)
class Proposal:
    """One repository and its jobs."""

    name: Said
    recipe: Said
    dependencies: tuple[Concluded, ...] = ()
    only: tuple[tuple[str, tuple[Concluded, ...]], ...] = ()
    """Distributions to what only they need, or only they have."""
    configure: tuple[Said, ...] = ()
    env: tuple[tuple[str, Said], ...] = ()
    users: tuple[tuple[str, Said], ...] = ()
    """Users to their homes."""
    steps: tuple[Step, ...] = ()
    jobs: tuple[Said, ...] = ()
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
