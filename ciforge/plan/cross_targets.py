"""The list of cross checks."""

from ciforge.model.distro import Catalogue, Release
from ciforge.model.platform import Platform, parse_platform


def cross_platforms(release: Release, catalogue: Catalogue) -> tuple[Platform, ...]:
    """The platforms of a release that a cross check can compile for."""
    if release.cross is None or catalogue.toolchain is None:
        return ()
    return tuple(map(parse_platform, release.cross.targets))
