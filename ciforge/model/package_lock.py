"""The answers of package indexes, as `ciforge.lock` keeps them."""

from collections.abc import Mapping

import attrs

from ciforge.model.value import Value

FORMAT = 1
"""The number at the top of the file, which changes with its form."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PackageLock(Value):
    """The packages of names such as `header:event.h`, by the id of a release."""

    lock: int = FORMAT
    packages: Mapping[str, Mapping[str, tuple[str, ...] | None]] = attrs.field(factory=dict)
    """Release to name to packages; none where the system has it without one, None where no package has it."""
