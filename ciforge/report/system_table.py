"""The catalogue as text and JSON: a line per release, the details of a system. Pure."""

import datetime
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ciforge.model.distro import Catalogue, Dependency, Distribution, Release
from ciforge.model.end_of_life import Support, support_of
from ciforge.model.platform import Platform
from ciforge.model.proof import Proof

_COMPILER = "cc"
_CONTAINER, _MACHINE, _CROSS = "container", "machine", "cross check"
"""A machine is one of machines.yml: a host that is reached by ssh, or a virtual machine."""
_HOSTED, _NOWHERE = "by generated workflows", "not yet"
_UNTRIED_MACHINE = f"{_MACHINE} of the service, {_HOSTED}, written and never run here"


@attrs.frozen
class SystemRow:
    """One release of a distribution, with what the catalogue says of it on one day."""

    catalogue: Catalogue
    distribution: Distribution
    release: Release
    today: datetime.date

    @property
    def id(self) -> str:
        """`debian-13`."""
        return self.distribution.release_id(self.release)

    @property
    def is_default(self) -> bool:
        """Whether the distribution's name alone means it in `jobs:`."""
        return self.release.release in self.distribution.default_releases

    @property
    def support(self) -> str:
        """`supported until 2028-06-30`, `rolling`, `ended on 2026-08-31`."""
        end = self.release.eol
        sentences = {
            Support.SUPPORTED: f"supported until {end}",
            Support.ENDING: f"ends on {end}",
            Support.ENDED: f"ended on {end}",
            Support.ROLLING: "rolling",
            Support.PRERELEASE: "not known to be released",
            Support.UNKNOWN: "supported, no end known",
        }
        return sentences[support_of(self.release, self.today)]

    @property
    def compiler(self) -> str:
        """The packages of the C compiler, or what has it already."""
        return provided(self.distribution.packages.get(_COMPILER), self.release.release)

    @property
    def runs(self) -> str:
        """Returns how `ciforge run` runs jobs: `container`, `machine`, `machine, cross check`, `cross check`."""
        if self.release.image:
            return _CONTAINER
        ways = [] if self._is_linux else [_MACHINE]
        return ", ".join([*ways, *([_CROSS] if self.release.cross else [])]) or _NOWHERE

    @property
    def hosted(self) -> str:
        """Returns how jobs run on hosted services."""
        if self.release.image:
            return f"{_CONTAINER}, {_HOSTED}"
        ways = [_UNTRIED_MACHINE] if self.release.hosted.serve(self.release.platforms[0]) else []
        if self.release.cross:
            ways.append(f"{_CROSS}, {_HOSTED}")
        return "; ".join(ways) or _NOWHERE

    @property
    def _is_linux(self) -> bool:
        return all(str(platform).startswith("linux/") for platform in self.release.platforms)

    def proof(self, platform: Platform) -> Proof:
        """Returns how far it is proven on a platform."""
        return self.catalogue.proof(self.distribution, self.release, platform)

    @property
    def best(self) -> Proof:
        """The strongest of its platforms."""
        found = {self.proof(platform) for platform in self.release.platforms}
        return next(proof for proof in Proof if proof in found)


def provided(dependency: Dependency | None, release: str) -> str:
    """`gcc libc6-dev`, `provided: base` or `missing: not packaged`."""
    if dependency is None:
        return "not known"
    found = dependency.on(release)
    if found.packages:
        return " ".join(found.packages)
    return f"provided: {found.provided}" if found.provided else f"missing: {found.missing}"


def listing(rows: Sequence[SystemRow]) -> Iterator[str]:
    """A line per release, in columns."""
    cells = [
        (row.id, row.support, row.distribution.libc_on(row.release), row.runs, row.best.value)
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        yield "  ".join(padded).rstrip()


def details(rows: Sequence[SystemRow]) -> Iterator[str]:
    """The details of releases of one distribution, the addresses of sources included."""
    distribution = rows[0].distribution
    yield f"{distribution.title} ({distribution.distribution})"
    yield from _fields(
        {
            "inherits": distribution.like,
            "manager": distribution.manager,
            "make": distribution.make,
            "default": ", ".join(distribution.default_releases),
            "source": distribution.source,
            "accounts": f"{distribution.accounts.add_user}  [{distribution.accounts.source}]",
        }
    )
    for row in rows:
        yield ""
        yield f"{row.id}{f' ({row.release.codename})' if row.release.codename else ''}"
        yield from _fields(_of_release(row))
    yield ""
    yield "dependencies"
    for name, dependency in distribution.packages.items():
        yield from _fields({name: _dependency(dependency, rows)}, 16)
    yield ""
    yield "sources"
    yield from _fields(distribution.sources, 16)


def _of_release(row: SystemRow) -> Mapping[str, str]:
    platforms = (f"{platform} ({row.proof(platform).value})" for platform in row.release.platforms)
    return {
        "support": row.support,
        "libc": row.distribution.libc_on(row.release),
        "compiler": row.compiler,
        "image": row.release.image,
        "platforms": ", ".join(platforms),
        "local": row.runs,
        "hosted": row.hosted,
        "source": row.release.source,
        "note": row.release.note,
    }


def _dependency(dependency: Dependency, rows: Sequence[SystemRow]) -> str:
    """The common value of all releases, or the value of each, with the source of the fact."""
    texts = {
        row.release.release: f"{provided(dependency, row.release.release)}"
        f"  [{dependency.on(row.release.release).source}]"
        for row in rows
    }
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{release}: {text}" for release, text in texts.items())


def _fields(values: Mapping[str, str], width: int = 10) -> Iterator[str]:
    yield from (f"  {name:<{width}} {text}" for name, text in values.items() if text)


def as_json(row: SystemRow) -> dict[str, object]:
    """One release as a JSON object."""
    distribution, release = row.distribution, row.release
    return {
        "v": 1,
        "release": row.id,
        "distribution": distribution.distribution,
        "title": distribution.title,
        "default": row.is_default,
        "support": support_of(release, row.today).value,
        "eol": release.eol,
        "libc": distribution.libc_on(release),
        "compiler": row.compiler,
        "manager": distribution.manager,
        "make": distribution.make,
        "image": release.image,
        "platforms": {str(platform): row.proof(platform).value for platform in release.platforms},
        "proof": row.best.value,
        "local": row.runs,
        "hosted": row.hosted,
        "source": release.source,
        "note": release.note,
        "dependencies": {
            name: {
                "have": provided(each, release.release),
                "source": each.on(release.release).source,
            }
            for name, each in distribution.packages.items()
        },
        "sources": dict(distribution.sources),
    }
