"""What a package index has of a name, to the packages to install: one answer, or the reason why there is none. Pure."""

from collections.abc import Collection, Mapping, Sequence

import attrs

from ciforge.errors import did_you_mean


@attrs.frozen(kw_only=True)
class Choice:
    """The answer for one name on one release."""

    packages: tuple[str, ...] | None = None
    """None if no package has the name, or several have it."""
    candidates: tuple[str, ...] = ()
    """The packages that have it, if none of them is preferred."""


def choose(owners: Mapping[str, Sequence[str]], preferred: Collection[str] = ()) -> Choice:
    """Returns the packages for a name, by the paths that have it and the packages of each.

    One package is the answer. Of several, those are that ciforge's own table names for the dependency (`preferred`).
    A shared library stands for an archive beside it."""
    shared = {path: names for path, names in owners.items() if not path.endswith(".a")}
    found = tuple(sorted({name for names in (shared or owners).values() for name in names}))
    if len(found) > 1:
        usual = tuple(name for name in found if name in preferred)
        return Choice(packages=usual) if usual else Choice(candidates=found)
    return Choice(packages=found or None)


def no_answer(name: str, near: Sequence[str], release: str) -> str:
    """Returns the sentence for a name that no package of a release has, with the nearest names."""
    few = ", ".join(near[:3])
    guess = did_you_mean(name, near) or (f" (near: {few})" if few else "")
    return f"no package of {release} has {name!r}{guess}"


def ambiguous(name: str, candidates: Sequence[str], release: str, distribution: str) -> str:
    """Returns the sentence for a name that several packages have, and how to choose one."""
    choice = f"{{{name!r}: {{{distribution}: {candidates[0]}}}}}"
    return f"several packages of {release} have {name!r}: {', '.join(candidates)}; write for example {choice}"
