"""The order of things that need each other."""

from collections.abc import Callable, Iterable, Iterator


def need_order(names: Iterable[str], needs: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """Returns the names and all that they need, directly or not, each after what it needs itself.

    Names that need each other stand in any order. Each is looked at once, however long a chain is."""
    order: list[str] = []
    begun: set[str] = set()
    open_: list[tuple[str, Iterator[str]]] = []
    for first in names:
        if first not in begun:
            begun.add(first)
            open_.append((first, iter(needs(first))))
        while open_:
            rest = open_[-1][1]
            following = next((need for need in rest if need not in begun), None)
            if following is None:
                order.append(open_.pop()[0])
            else:
                begun.add(following)
                open_.append((following, iter(needs(following))))
    return tuple(order)
