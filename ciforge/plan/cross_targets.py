"""Which cross checks there are, and which of them a selector in `jobs:` means."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ciforge.model.cross import CROSS
from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.platform import Platform, parse_platform

if TYPE_CHECKING:
    from ciforge.plan.selector import Selector


def cross_platforms(release: Release, catalogue: Catalogue) -> tuple[Platform, ...]:
    """The platforms of a release that a cross check can compile for."""
    if release.cross is None or catalogue.toolchain is None:
        return ()
    return tuple(map(parse_platform, release.cross.targets))


def cross_cells(
    selector: "Selector", distribution: Distribution, release: Release, catalogue: Catalogue
) -> Iterator[Platform]:
    """The platforms whose cross check the selector means.

    `cross` has to be named where engines run the release; where none does, the release has to be."""
    stands_in = (
        not release.image
        and "*" in selector.variant
        and selector.names_release(distribution, release)
    )
    if CROSS in selector.variant or stands_in:
        for platform in cross_platforms(release, catalogue):
            if selector.lists_arch(platform.arch):
                yield platform
