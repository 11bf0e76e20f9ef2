"""A mistake in an input file, before its line is known."""

import attrs

from ciforge.model.value import Value

Path = tuple[str | int, ...]


@attrs.frozen(eq=False, repr=False)
class Flaw(Value):
    """`path` leads to the YAML node (`("jobs", 3, "job")`); the message ends with any suggestion."""

    path: Path
    message: str
    key: bool = False
    """Whether the key itself is at fault, rather than its value."""
