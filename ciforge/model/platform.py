"""Platforms, in the words that container images use: `linux/amd64`, `linux/arm/v7`."""

import attrs


@attrs.frozen(order=True)
class Platform:
    """An operating system and a processor, for instance `Platform("linux", "arm", "v7")`."""

    os: str
    cpu: str
    version: str = ""

    @property
    def arch(self) -> str:
        """One word for ids: `amd64`, `s390x`; `arm/v7` is `armv7`."""
        return self.cpu + self.version

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.cpu, self.version) if part)


def parse_platform(text: str) -> Platform:
    """`linux/arm64` to its parts. Raises ValueError with a sentence."""
    parts = text.split("/")
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isalnum() for part in parts):
        raise ValueError(
            f"{text!r} is not a platform (write it like 'linux/amd64' or 'linux/arm/v7')"
        )
    return Platform(*parts)
