"""Distributions that inherit from another by `like:` and contain only the differences."""

from collections.abc import Mapping
from typing import Any

import attrs

from ciforge.errors import InputError, did_you_mean
from ciforge.load.shown_values import shown
from ciforge.load.yaml_document import Document
from ciforge.model.flaw import Flaw

Values = Mapping[str, Any]
"""The plain values of a descriptor, by key."""

_OWN = frozenset({"like", "bootstrap", "source"})
"""Keys that are never inherited: a base image belongs to the mirror of one distribution."""


class BrokenParent(Exception):
    """An ancestor has a problem, which is reported there."""


@attrs.frozen(eq=False, repr=False)
class Family:
    """Finds the parents of the descriptors of one folder.

    `siblings` are the documents of the folder, `earlier` the complete values of earlier folders,
    and `broken` the names of invalid files of the folder.
    """

    siblings: Mapping[str, Document]
    earlier: Mapping[str, Values] = attrs.field(factory=dict)
    broken: set[str] = attrs.field(factory=set)

    def depth(self, document: Document) -> int:
        """The number of ancestors in the folder; parents are read first."""
        names = [document.file.stem]
        while (at := self.siblings.get(_like(self._values(names[-1])))) is not None:
            if at.file.stem in names:
                break
            names.append(at.file.stem)
        return len(names)

    def _values(self, name: str) -> object:
        document = self.siblings.get(name)
        return document.value if document else None

    def complete(self, document: Document) -> Any:
        """The values of `document` with inherited ones.

        Raises InputError for an unknown parent or a cycle, at the place of `like:`, and
        BrokenParent if an ancestor has such a problem.
        """
        *parents, eldest = [document.value, *self._parents(document)]
        complete = eldest
        for values in reversed(parents):
            complete = _merged(complete, values)
        return complete

    def _parents(self, document: Document) -> list[Values]:
        """The ancestors, the nearest first."""
        found: list[Values] = []
        at, names, broken = document, [document.file.stem], False
        while name := _like(at.value):
            if name == names[-1] and name in self.earlier:
                found.append(self.earlier[name])
                break
            if name in names:
                chain = ", ".join([*names, name])
                raise _problem(document, f"inherits from itself: {chain}", own=name == names[0])
            broken = broken or name in self.broken
            if name in self.siblings:
                at = self.siblings[name]
                names.append(name)
                found.append(_mapping(at.value))
            elif name in self.earlier or broken:
                found.append(self.earlier.get(name, {}))
                break
            else:
                candidates = {*self.siblings, *self.earlier} - {at.file.stem}
                near = (
                    did_you_mean(name[:60], candidates)
                    or f" (known: {', '.join(sorted(candidates))})"
                )
                message = f"there is no distribution {shown(name)}{near}"
                raise _problem(document, message, own=at is document)
        if broken:
            raise BrokenParent
        return found


def _problem(document: Document, message: str, *, own: bool) -> Exception:
    """A problem of this document, or of an ancestor."""
    return InputError([document.problem(Flaw(("like",), message))]) if own else BrokenParent()


def _like(values: object) -> str:
    name = values.get("like") if isinstance(values, dict) else None
    return name if isinstance(name, str) else ""


def _mapping(values: object) -> Values:
    if not isinstance(values, dict):
        raise BrokenParent
    return values


def _merged(parent: Values, own: Any) -> Values:
    """The values of `own`, and those keys, packages and sources of `parent` that it does not have."""
    kept = {key: value for key, value in parent.items() if key not in _OWN}
    packages = kept.get("packages")
    if "releases" in own:
        packages = _without_releases(packages)
    if isinstance(packages, dict) and isinstance(own.get("packages", {}), dict):
        own = {**own, "packages": packages | own.get("packages", {})}
    sources = kept.get("sources")
    if isinstance(sources, dict) and isinstance(own.get("sources", {}), dict):
        own = {**own, "sources": sources | own.get("sources", {})}
    return {**kept, **own}


def _without_releases(packages: object) -> object:
    """The parent's values without those for single releases, which the child does not have."""
    if not isinstance(packages, dict):
        return packages
    return {
        name: {key: value for key, value in facts.items() if key != "releases"}
        if isinstance(facts, dict)
        else facts
        for name, facts in packages.items()
    }
