"""Losses of a green build: features of config.h, and files of the install manifest."""

import re
from collections.abc import Collection, Mapping

import attrs

from ciforge.model.diagnosis import Drift

_MOST = 50
"""Reported differences of one comparison, at most."""
_FEATURE = re.compile(
    r"^[ \t]*(?:#[ \t]*define[ \t]+(?P<on>HAVE_\w+)(?:[ \t]+(?P<value>\S.*?))?"
    r"|/\*[ \t]*#[ \t]*undef[ \t]+(?P<off>HAVE_\w+)[ \t]*\*/)[ \t]*$",
    re.MULTILINE,
)
_TRIPLET = re.compile(r"\b(?:x86_64|aarch64|arm|i[3-6]86|powerpc64le|riscv64|s390x)-linux-\w+\b")
_LIB64 = re.compile(r"/lib(?:32|64|x32)?/(?:TRIPLET/)?")
_VERSION = re.compile(r"(?<=[.-])\d+(?:\.\d+)*(?=$|[./-])|(?<=[a-z])\d+(?:\.\d+)+(?=$|[/-])")
_SECTION = re.compile(r"/man[1-9][a-z]?/")


@attrs.frozen(kw_only=True)
class Artifacts:
    """The artifacts of a green build; empty texts if there are none."""

    config_h: str = ""
    manifest: str = ""

    def features(self) -> dict[str, str]:
        """`HAVE_*` that are on, as `defined`; a later line wins."""
        found: dict[str, str] = {}
        for match in _FEATURE.finditer(self.config_h):
            if match["off"] or match["value"] == "0":
                found.pop(match["off"] or match["on"], None)
            else:
                found[match["on"]] = "defined"
        return found

    def installed(self) -> dict[str, str]:
        """Paths, without versions and processors, to type, mode, owner and group."""
        found = {}
        for line in self.manifest.splitlines():
            fields = line.split(" ", 4)
            if len(fields) == 5 and fields[4].startswith("/"):
                found[plain_path(fields[4])] = " ".join(fields[:4])
        return found

    def everything(self) -> dict[str, str]:
        """Both; each only where the build left the file."""
        return self.features() | self.installed()


def plain_path(path: str) -> str:
    """A path as it is on every system: `/usr/lib/x86_64-linux-gnu/libx.so.1.2` is `/usr/lib/libx.so.N`."""
    path = _LIB64.sub("/lib/", _TRIPLET.sub("TRIPLET", path))
    if _SECTION.search(path):
        return path.removesuffix(".gz")
    return _VERSION.sub("N", path)


def since(now: Artifacts, green: Artifacts, run: str, most: int = _MOST) -> tuple[Drift, ...]:
    """Features and files of the last green run that this one lacks or has changed."""
    here, there = now.everything(), green.everything()
    return _differences(here, there, f"the last green run, {run}", _comparable(now, green), most)


def beside(
    now: Artifacts,
    siblings: Mapping[str, Artifacts],
    elders: Collection[str] = (),
    most: int = _MOST,
) -> tuple[Drift, ...]:
    """Features and files of every green sibling that this one lacks.

    One sibling alone proves nothing, unless it is among the `elders`, earlier releases of the same
    distribution: a later one has what they had. The caller leaves out siblings with a newer libc: what it lacks
    of those never existed.
    """
    same = {name: sibling for name, sibling in siblings.items() if _comparable(now, sibling)}
    if not same or (len(same) == 1 and not set(same) <= set(elders)):
        return ()
    all_of_them = [sibling.everything() for sibling in same.values()]
    common = {
        name: value
        for name, value in all_of_them[0].items()
        if all(other.get(name) == value for other in all_of_them)
    }
    kinds = set.intersection(*(_comparable(now, sibling) for sibling in same.values()))
    return _differences(now.everything(), common, ", ".join(sorted(same)), kinds, most)


def _comparable(artifacts: Artifacts, other: Artifacts) -> set[str]:
    """`HAVE_` and `/`, where both builds left the file: one that was not kept has lost nothing."""
    kinds = set()
    if artifacts.config_h and other.config_h:
        kinds.add("H")
    if artifacts.manifest and other.manifest:
        kinds.add("/")
    return kinds


def _differences(
    here: Mapping[str, str], there: Mapping[str, str], against: str, kinds: set[str], most: int
) -> tuple[Drift, ...]:
    found = [
        Drift(name=name, before=before, now=here.get(name, ""), against=against)
        for name, before in sorted(there.items())
        if name[0] in kinds and here.get(name, "") != before
        # A folder that the system has already is not installed again.
        if name in here or not before.startswith("dir ")
    ]
    if len(found) <= most:
        return tuple(found)
    left = f"and {len(found) - most} more"
    return (*found[:most], Drift(name=left, before="there", against=against))
