"""Selectors: `[!][REPO/]RELEASE[/VARIANT][@ARCH]`, each part a glob with `{a,b}`."""

import fnmatch
import functools
import re
from collections.abc import Iterable, Mapping

import attrs

from ciforge.model.cross_id import CROSS
from ciforge.model.distro import Catalogue, Distribution, Release
from ciforge.model.platform import Platform
from ciforge.model.project import Project
from ciforge.plan.cross_targets import cross_platforms
from ciforge.plan.ready_variants import READY_VARIANTS

_PART = re.compile(r"[A-Za-z0-9._+*?{},-]+")
_MOST_ALTERNATIVES = 1000
BUILT_IN = ("default", CROSS, *READY_VARIANTS)
"""Variants that exist without being named."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Names:
    """Every name that a selector may mean."""

    repos: tuple[str, ...]
    releases: Mapping[str, tuple[str, ...]]
    """Distributions to the ids of their releases."""
    defaults: Mapping[str, tuple[str, ...]]
    """Distributions to the ids of their default releases."""
    variants: tuple[str, ...]
    to_be_named: frozenset[str] = frozenset()
    """Ready variants of which the project says nothing: no pattern means them."""
    arches: Mapping[str, tuple[str, ...]]
    """Ids of releases to the processors that they have images for."""
    codenames: Mapping[str, str] = attrs.field(factory=dict)
    """Common names of releases to their ids; used for hints only."""

    @property
    def release_words(self) -> tuple[str, ...]:
        """Distributions and releases."""
        return (*self.releases, *(id_ for ids in self.releases.values() for id_ in ids))

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.release_words, *self.repos, *self.variants)


def names_of(project: Project, catalogue: Catalogue) -> Names:
    """The names of one project and of the whole catalogue."""
    distributions = catalogue.distributions.values()
    return Names(
        repos=tuple(project.repos),
        releases={
            **catalogue.unread,
            **{d.distribution: tuple(d.release_id(r) for r in d.releases) for d in distributions},
        },
        defaults={
            d.distribution: tuple(f"{d.distribution}-{release}" for release in d.default_releases)
            for d in distributions
        },
        variants=tuple(dict.fromkeys(("default", *project.variants, *BUILT_IN))),
        to_be_named=frozenset(READY_VARIANTS.keys() - project.variants.keys()),
        arches={
            **{id_: () for ids in catalogue.unread.values() for id_ in ids},
            **{
                d.release_id(r): tuple(
                    dict.fromkeys(
                        platform.arch for platform in (*r.platforms, *cross_platforms(r, catalogue))
                    )
                )
                for d in distributions
                for r in d.releases
            },
        },
        codenames={
            word: d.release_id(r)
            for d in distributions
            for r in d.releases
            for word in (r.codename,)
            if word and word != d.release_id(r)
        },
    )


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Selector:
    """A selector whose parts are known; `*` means a part that was left out."""

    text: str
    negated: bool
    repo: tuple[str, ...]
    release: tuple[str, ...]
    variant: tuple[str, ...]
    arch: tuple[str, ...] | None

    def matches(
        self, repo: str, distribution: str, release: str, variant: str, platform: Platform
    ) -> bool:
        """Whether a job is meant; a distribution's name means all its releases."""
        hit = (
            _any(self.repo, repo)
            and (_any(self.release, distribution) or _any(self.release, release))
            and _any(self.variant, variant)
            and (self.arch is None or _any(self.arch, platform.arch))
        )
        return hit != self.negated

    def lists_arch(self, arch: str) -> bool:
        """Whether it means a processor in `jobs:`, where no `@` means amd64."""
        return _any(("amd64",) if self.arch is None else self.arch, arch)

    def lists_release(self, release: str, names: Names) -> bool:
        """Whether it means a release in `jobs:`, by its id or as a default of its distribution."""
        return _any(self.release, release) or any(
            release in ids and _any(self.release, distribution)
            for distribution, ids in names.defaults.items()
        )

    def names_release(self, distribution: Distribution, release: Release) -> bool:
        """Whether a word of it is that release or its distribution, and no pattern."""
        return bool({distribution.distribution, distribution.release_id(release)} & {*self.release})


@functools.lru_cache(maxsize=4096)
def read_selector(text: str, names: Names) -> Selector:
    """The selector that `text` is among these names. Raises ValueError with a sentence."""
    negated = text.startswith("!")
    body, at, arch = text.removeprefix("!" if negated else "").partition("@")
    parts = body.split("/")
    if at and "/" in arch:
        raise ValueError(
            f"{text!r} is not a selector (linux/arm64 is @arm64, linux/arm/v7 is @armv7)"
        )
    if not all(map(_PART.fullmatch, parts)) or (at and not _PART.fullmatch(arch)):
        raise ValueError(f"{text!r} is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])")
    if len(parts) > 3:
        raise ValueError(f"{text!r} has more than three parts (REPO/RELEASE/VARIANT)")
    fields = [expand(part) for part in parts]
    repo, release, variant = _place(fields, names)
    arch_words = expand(arch) if at else None
    return Selector(
        text=text, negated=negated, repo=repo, release=release, variant=variant, arch=arch_words
    )


def means_id(text: str, job: str, names: Names) -> bool:
    """Whether a selector means the job with this id, listed or not; what is no selector means none."""
    parts = job.split("/")
    if len(parts) != 3:
        return False
    repo, release, last = parts
    variant, _, arch = last.partition("@")
    distribution = next((name for name, ids in names.releases.items() if release in ids), "")
    try:
        selector = read_selector(text, names)
    except ValueError:
        return False
    platform = Platform("linux", arch or "amd64")
    return selector.matches(repo, distribution or release, release, variant, platform)


_ALL = ("*",)


def _place(
    fields: list[tuple[str, ...]], names: Names
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Split a selector into repository, release and variant."""
    if len(fields) == 3:
        return fields[0], fields[1], fields[2]
    if len(fields) == 2 and matches_one(fields[0], names.repos):
        return fields[0], fields[1], _ALL
    if len(fields) == 2:
        return _ALL, fields[0], fields[1]
    release = matches_one(fields[0], names.release_words)
    if not release and matches_one(fields[0], names.repos):
        return fields[0], _ALL, _ALL
    if not release and matches_one(fields[0], names.variants):
        return _ALL, _ALL, fields[0]
    return _ALL, fields[0], _ALL


def expand(text: str) -> tuple[str, ...]:
    """`{a,b}-c` to `a-c`, `b-c`; braces nest. Raises ValueError where they do not pair."""
    done: list[str] = []
    waiting = [text]
    while waiting:
        word = waiting.pop(0)
        inner = re.search(r"\{([^{}]*)\}", word)
        if inner is None:
            if set("{}") & set(word):
                raise ValueError(f"braces in {text!r} do not match")
            if "," in word:
                raise ValueError(f"a comma in {text!r} is outside braces (write {{a,b}})")
            done.append(word)
        else:
            head, tail = word[: inner.start()], word[inner.end() :]
            waiting += [head + choice + tail for choice in inner[1].split(",")]
        if len(waiting) + len(done) > _MOST_ALTERNATIVES:
            raise ValueError(f"{text!r} has more than {_MOST_ALTERNATIVES} alternatives")
    alternatives = tuple(dict.fromkeys(word for word in done if word))
    if not alternatives:
        raise ValueError(f"{text!r} matches nothing")
    return alternatives


def chosen(patterns: Iterable[str], names: Iterable[str]) -> list[str]:
    """The members of `names` that match a pattern, in their order."""
    globs = tuple(patterns)
    return [word for word in names if _any(globs, word)]


def _any(patterns: Iterable[str], word: str) -> bool:
    return any(fnmatch.fnmatchcase(word, pattern) for pattern in patterns)


def matches_one(patterns: Iterable[str], names: Iterable[str]) -> bool:
    """Whether one of the globs matches one of the words, on any system by the same letters."""
    return any(_any(patterns, word) for word in names)
