"""What changed between two runs: commits, and versions of packages."""

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class Commit:
    """One commit of a range; all text is safe to print, on one line and bounded."""

    revision: str
    subject: str
    author: str = ""
    address: str = ""
    """The author's mail address; empty if git has no valid one."""
    time: float = 0.0
    """When it was committed, in seconds since 1970."""


@attrs.frozen(kw_only=True)
class PackageChange:
    """A package whose version differs; an empty version means not installed."""

    name: str
    before: str
    after: str


@attrs.frozen(kw_only=True)
class VersionStep:
    """Packages of one source that go from one version to the next that can be had."""

    packages: tuple[str, ...]
    before: str
    after: str

    @property
    def title(self) -> str:
        """Returns `libfoo1, libfoo-dev 1.2 -> 1.3`."""
        return f"{', '.join(self.packages)} {self.before} -> {self.after}"


def package_changes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[PackageChange, ...]:
    """The packages that differ, by name; empty if one of the lists is unknown."""
    if not before or not after:
        return ()
    names = sorted({*before, *after})
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(PackageChange(name=n, before=b, after=a) for n, b, a in pairs if b != a)


def same_packages(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Returns whether both lists are known and equal."""
    return bool(before) and before == after
