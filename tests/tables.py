"""A check over a table is one test: it goes through all rows, and names each that fails."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest


def each(
    names: str | Sequence[str], rows: Iterable[Any], ids: Callable[[Any], str] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The decorator of a check whose parameters `names` are taken from each row of `rows`.

    Its other parameters are fixtures, which all rows share; where each row needs its own, use
    `pytest.mark.parametrize`. `ids` gives the name of a row that fails."""
    words = names.replace(",", " ").split() if isinstance(names, str) else list(names)
    table = [_values(row, len(words)) for row in rows]
    for row in table:
        if len(row) != len(words):
            raise ValueError(f"not {', '.join(words)}: {row!r}")

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        parameters = inspect.signature(check).parameters.values()

        def test(**fixtures: Any) -> None:
            failures = []
            for row in table:
                try:
                    check(**dict(zip(words, row, strict=True)), **fixtures)
                except Exception as error:
                    shown = ", ".join(map(ids, row))
                    failures.append(f"[{shown}]\n{type(error).__name__}: {error}")
            if failures:
                pytest.fail("\n\n".join(failures), pytrace=False)

        test.__name__, test.__doc__, test.__module__ = (
            check.__name__,
            check.__doc__,
            check.__module__,
        )
        test.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [one for one in parameters if one.name not in words]
        )
        return test

    return decorate


def mostly_slow(rows: Iterable[Any], quick: int = 1) -> list[Any]:
    """The same rows for `pytest.mark.parametrize`, of which only the first ones run in `make check`."""
    table = list(rows)
    return [
        *table[:quick],
        *(
            pytest.param(*(row if isinstance(row, tuple) else (row,)), marks=pytest.mark.slow)
            for row in table[quick:]
        ),
    ]


def _values(row: Any, count: int) -> Sequence[Any]:
    """Its values; `pytest.param` without marks is one for its values."""
    values, marks = getattr(row, "values", None), getattr(row, "marks", None)
    if marks is not None and not callable(values):
        if marks:
            raise ValueError(f"a row with marks needs pytest.mark.parametrize: {row!r}")
        return values
    return row if count > 1 else (row,)
