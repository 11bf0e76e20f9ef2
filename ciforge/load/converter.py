"""Plain values to the frozen values of the model: unknown keys are refused, and all flaws
collected.

The model defines the keys and their types. Tables that call `closed` define the form of words, and
shorter ways to write a value.
"""

import functools
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from ciforge.errors import InputError, did_you_mean
from ciforge.load.shown_values import kind, shown
from ciforge.load.value_readers import (
    MANY,
    FlawsFound,
    Reader,
    flaws_of,
    sequence,
    text,
    truth,
    whole_number,
)
from ciforge.load.yaml_document import Document
from ciforge.model.flaw import Flaw
from ciforge.model.platform import Platform, parse_platform

Across = Callable[[Mapping[str, Any]], list[Flaw]]
"""A check of a whole mapping, before its keys are read."""


def structure(document: Document, reader: Reader, values: Any = None) -> Any:
    """The result of `reader` for a document, or for `values` that complete it.

    Raises InputError with all problems, in file order.
    """
    try:
        result = reader(document.value if values is None else values)
    except ValueError as error:
        raise InputError(document.problems(flaws_of(error))) from None
    if document.mistakes:
        raise InputError(document.problems(()))
    return result


def _platform(value: object) -> Platform:
    return parse_platform(text()(value))


_READERS: dict[Any, Reader] = {
    str: text(), bool: truth, int: whole_number, Platform: _platform,
}  # fmt: skip
"""Readers by type; `closed` adds those of models."""


def model_of(reader: Reader) -> Any:
    """The model of a reader that `closed` made."""
    assert isinstance(reader, _Closed)
    return reader.model


def keys_of(model: Any) -> Mapping[str, tuple[str, bool]]:
    """The keys of a model that `closed` registered, to their attribute and whether they are required."""
    reader = _READERS[model]
    assert isinstance(reader, _Closed)
    return {key: (attribute, required) for key, (attribute, _, required) in reader.keys.items()}


def read_as(model: Any) -> Reader:
    """The reader of values of a type: one in `_READERS`, a tuple of them, or one or None."""
    if model in _READERS:
        return _READERS[model]
    some = [each for each in get_args(model) if each not in (type(None), ...)]
    if len(some) == 1 and get_origin(model) is tuple:
        return sequence(read_as(some[0]))
    if len(some) == 1 and get_origin(model) in (Union, UnionType):
        return read_as(some[0])
    raise TypeError(f"there is no reader of {model}")


def closed(
    model: Any,
    readers: Mapping[str, Reader],
    *,
    names: Mapping[str, str] | None = None,
    across: Across = lambda _: [],
) -> Reader:
    """A reader of mappings with the keys of `model` and no others; it is also registered.

    `readers` are by attribute, if the type is not sufficient; `names` are keys that differ from
    their attribute because they are Python keywords.
    """
    reader = _Closed(model, readers, names or {}, across)
    _READERS[model] = reader
    return reader


@attrs.define(eq=False, repr=False, slots=False)
class _Closed:
    model: Any
    readers: Mapping[str, Reader]
    names: Mapping[str, str]
    across: Across

    def __call__(self, value: object) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"expected a mapping with {self.known}, found {kind(value)}")
        flaws, found = [*self.across(value), *self.unknown(value)], {}
        for key, (attribute, reader, required) in self.keys.items():
            if key not in value:
                flaws += [Flaw((), f"{key!r} is missing", key=True)] if required else []
                continue
            try:
                found[attribute] = reader(value[key])
            except ValueError as error:
                flaws += flaws_of(error, key)
        if flaws:
            raise FlawsFound(flaws)
        return self.model(**found)

    @functools.cached_property
    def keys(self) -> Mapping[str, tuple[str, Reader, bool]]:
        """Keys to their attribute, its reader, and whether it is required; late, as models may follow."""
        return {
            self.names.get(each.name, each.name): (
                each.name, self.reader(each), each.default is attrs.NOTHING,
            )
            for each in attrs.fields(self.model)
        }  # fmt: skip

    @property
    def known(self) -> str:
        return ", ".join(self.keys)

    def reader(self, attribute: "attrs.Attribute[Any]") -> Reader:
        if attribute.name in self.readers:
            return self.readers[attribute.name]
        if attribute.type is str:
            return text(empty=attribute.default == "")
        return read_as(attribute.type)

    def unknown(self, value: Mapping[str, Any]) -> list[Flaw]:
        """A flaw for each key that the model lacks; the nearest of those that it has is named."""
        flaws = []
        for key in sorted(value.keys() - self.keys.keys())[:MANY]:
            near = did_you_mean(key[:60], self.keys) or f" (known: {self.known})"
            flaws.append(Flaw((key,), f"unknown key {shown(key)}{near}", key=True))
        return flaws
