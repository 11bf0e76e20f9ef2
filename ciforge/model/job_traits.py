"""Properties of a job, for finding what failed jobs have in common."""

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class Traits:
    """Empty texts mean that nothing is known."""

    repo: str = ""
    distribution: str = ""
    release: str = ""
    """`debian-13`."""
    variant: str = ""
    arch: str = "amd64"
    libc: str = ""
    manager: str = ""
    compiler: str = ""
    """`gcc`, `clang`, `tcc`: what CC names."""
    packages: Mapping[str, str] = attrs.field(factory=dict)
    """Installed packages to their versions."""
