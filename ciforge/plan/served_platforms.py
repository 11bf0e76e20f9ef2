"""Platforms of a release that can run jobs, and the reason for those that cannot."""

from ciforge.model.cross_id import CROSS
from ciforge.model.distro import Distribution, Release
from ciforge.model.platform import Platform

CONTAINER_OS = "linux"
"""The system whose jobs a container engine runs."""


def unserved(distribution: Distribution, release: Release, platform: Platform) -> str:
    """The reason why no job can run there; empty if one can."""
    if release.image and platform.os == CONTAINER_OS:
        return ""
    name = distribution.release_id(release)
    if release.cross and str(platform) in release.cross.targets:
        arch = "" if platform.arch == "amd64" else f"@{platform.arch}"
        return f"no engine runs {name} on {platform}; its cross check is {name}/{CROSS}{arch}"
    return f"no engine runs {name} on {platform}, and no cross check serves it"
