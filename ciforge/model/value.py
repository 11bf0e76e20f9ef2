"""What values of the model share: equality, hash and text, by all their attributes.

attrs would generate these methods for each class. That takes longer than everything else that a class needs, and
every command that reads a project would wait for it.
"""

from collections.abc import Iterator
from typing import ClassVar

import attrs


class Value:
    """A base for classes of attrs with `eq=False, repr=False`."""

    __slots__ = ()
    __attrs_attrs__: ClassVar[tuple["attrs.Attribute[object]", ...]]

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(mine == getattr(other, name) for name, mine in self._items())

    def __hash__(self) -> int:
        return hash(tuple(mine for _, mine in self._items()))

    def __repr__(self) -> str:
        named = ", ".join(f"{name}={mine!r}" for name, mine in self._items())
        return f"{type(self).__name__}({named})"

    def _items(self) -> Iterator[tuple[str, object]]:
        return ((each.name, getattr(self, each.name)) for each in self.__attrs_attrs__)
