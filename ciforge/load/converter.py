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
from cattrs import BaseConverter, ClassValidationError
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

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

CONVERTER = BaseConverter(detailed_validation=True)


def structure(document: Document, reader: Reader, values: Any = None) -> Any:
    """The result of `reader` for a document, or for `values` that complete it.

    Raises InputError with all problems, in file order.
    """
    try:
        return reader(document.value if values is None else values)
    except ValueError as error:
        raise InputError(document.problems(flaws_of(error))) from None


def read_as(model: Any) -> Reader:
    """The reader of values of a type."""
    return lambda value, _=None: CONVERTER.structure(value, model)


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
    CONVERTER.register_structure_hook(model, reader)
    return reader


@attrs.define(eq=False, slots=False)
class _Closed:
    model: Any
    readers: Mapping[str, Reader]
    names: Mapping[str, str]
    across: Across

    def __call__(self, value: object, _: object = None) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"expected a mapping with {self.known}, found {kind(value)}")
        flaws, result = self.across(value), None
        try:
            result = self.made(value, self.model)
        except ClassValidationError as error:
            flaws += self.flaws(error)
        if flaws:
            raise FlawsFound(flaws)
        return result

    @functools.cached_property
    def made(self) -> Callable[[Mapping[str, Any], Any], Any]:
        """The function that cattrs generates; created when needed, because that takes a
        millisecond.
        """
        overrides: dict[str, Any] = {
            each.name: override(rename=self.key(each.name), struct_hook=self.reader(each))
            for each in attrs.fields(self.model)
        }
        return make_dict_structure_fn(
            self.model,
            CONVERTER,
            _cattrs_forbid_extra_keys=True,
            _cattrs_detailed_validation=True,
            _cattrs_use_linecache=False,
            **overrides,
        )

    @property
    def keys(self) -> list[str]:
        return [self.key(each.name) for each in attrs.fields(self.model)]

    @property
    def known(self) -> str:
        return ", ".join(self.keys)

    def key(self, attribute: str) -> str:
        return self.names.get(attribute, attribute)

    def reader(self, attribute: "attrs.Attribute[Any]") -> Reader:
        if attribute.name in self.readers:
            return self.readers[attribute.name]
        if attribute.type is str:
            return text(empty=attribute.default == "")
        return read_as(attribute.type)

    def flaws(self, error: ClassValidationError) -> list[Flaw]:
        attributes, others = error.group_exceptions()
        flaws = [flaw for cause, note in attributes for flaw in _flaws(cause, self.key(note.name))]
        for cause in others:
            if not isinstance(cause, ForbiddenExtraKeysError):
                raise cause
            flaws += [self.unknown(key) for key in sorted(cause.extra_fields)[:MANY]]
        return flaws

    def unknown(self, key: str) -> Flaw:
        near = did_you_mean(key[:60], self.keys) or f" (known: {self.known})"
        return Flaw((key,), f"unknown key {shown(key)}{near}", key=True)


def _flaws(cause: Exception, key: str) -> list[Flaw]:
    if isinstance(cause, KeyError):
        return [Flaw((), f"{key!r} is missing", key=True)]
    if isinstance(cause, ValueError):
        return list(flaws_of(cause, key))
    raise cause


def _platform(value: object, _: object = None) -> Platform:
    return parse_platform(text()(value))


def _is_optional(model: Any) -> bool:
    return get_origin(model) in (Union, UnionType) and type(None) in get_args(model)


def _optional(value: object, model: Any) -> Any:
    (some,) = (each for each in get_args(model) if each is not type(None))
    return CONVERTER.structure(value, some)


def _is_tuple(model: Any) -> bool:
    return tuple in (model, get_origin(model))


def _tuple(value: object, model: Any) -> Any:
    return sequence(read_as(get_args(model)[0]))(value)


CONVERTER.register_structure_hook(str, text())
CONVERTER.register_structure_hook(bool, truth)
CONVERTER.register_structure_hook(int, whole_number)
CONVERTER.register_structure_hook(Platform, _platform)
CONVERTER.register_structure_hook_func(_is_tuple, _tuple)
CONVERTER.register_structure_hook_func(_is_optional, _optional)
