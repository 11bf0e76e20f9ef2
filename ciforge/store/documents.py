"""Values to JSON documents and back, by the types of the attrs classes."""

import enum
import json
import types
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_args, get_origin

import attrs

from ciforge.model.document_key import KEY
from ciforge.model.result import Result
from ciforge.store import old_results

_VERSIONS: Mapping[type, int] = {Result: 3}
"""The format version of each kind of document; 1 for others."""
_UPGRADES: Mapping[type, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    Result: old_results.upgrade
}
"""Functions from any older format to the current one."""

T = TypeVar("T")


def version_of(model: type) -> int:
    """The format version of documents of a model.

    Documents of a newer format are refused; unknown keys are ignored.
    """
    return _VERSIONS.get(model, 1)


def to_document(value: attrs.AttrsInstance) -> dict[str, Any]:
    """`v`, then every attribute of `value` in the order of its class."""
    return {"v": version_of(type(value))} | to_object(value)


def to_object(value: attrs.AttrsInstance) -> dict[str, Any]:
    """Every attribute of `value` by its key, in the order of its class, enums by their values."""
    return {
        key_of(field): _plain(getattr(value, field.name)) for field in attrs.fields(type(value))
    }


def key_of(field: "attrs.Attribute[Any]") -> str:
    """The key of an attribute in documents."""
    return str(field.metadata.get(KEY, field.name))


def dump(document: Mapping[str, Any]) -> bytes:
    """JSON in ASCII, indented, with a final line end; every text is read back unchanged."""
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def from_document(data: bytes, model: type[T]) -> T:
    """JSON bytes to a value of `model`. Raises ValueError with a sentence."""
    try:
        document = json.loads(data, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    if _checked_version(document.get("v"), version_of(model)) < version_of(model):
        document = _UPGRADES[model](document)
    return cast(T, _structure(document, model, ""))


def _checked_version(version: object, newest: int) -> int:
    if type(version) is not int or version < 1:
        raise ValueError("no format version 'v'")
    if version > newest:
        raise ValueError(f"written by a newer ciforge (format {version}, this one reads {newest})")
    return version


def _plain(value: Any) -> Any:
    """A value of an attribute as JSON has it."""
    if attrs.has(type(value)):
        return to_object(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _structure(value: Any, kind: Any, where: str) -> Any:
    """`value` as `kind`, one of the types that models use."""
    if isinstance(kind, type) and attrs.has(kind):
        return _object(value, kind, where)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _member(value, kind, where)
    if isinstance(kind, types.UnionType):
        inner = next(part for part in get_args(kind) if part is not types.NoneType)
        return None if value is None else _structure(value, inner, where)
    if get_origin(kind) is tuple:
        return _sequence(value, get_args(kind)[0], where)
    if get_origin(kind) is Mapping:
        return _mapping(value, get_args(kind)[1], where)
    return _scalar(value, kind, where)


def _object(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where or 'the document'} must be an object")
    dot = f"{where}." if where else ""
    arguments = {}
    for field in attrs.fields(kind):
        key = key_of(field)
        if key in value:
            arguments[field.name] = _structure(value[key], field.type, dot + key)
        elif field.default is attrs.NOTHING:
            raise ValueError(f"{dot}{key} is missing")
    return kind(**arguments)


def _member(value: Any, kind: type[enum.Enum], where: str) -> enum.Enum:
    try:
        return kind(value)
    except ValueError:
        values = ", ".join(str(member.value) for member in kind)
        raise ValueError(f"{where} must be one of {values}") from None


def _sequence(value: Any, kind: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{where} must be a list")
    return tuple(_structure(item, kind, f"{where}[{at}]") for at, item in enumerate(value))


def _mapping(value: Any, kind: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} must be an object")
    if kind is str and all(type(item) is str for item in value.values()):
        return value  # hundreds of packages in each result
    return {key: _structure(item, kind, f"{where}.{key}") for key, item in value.items()}


def _scalar(value: Any, kind: Any, where: str) -> Any:
    if kind is float and type(value) in (int, float) and _is_small(value):
        return float(value)
    if type(value) is not kind or (kind is int and not _is_small(value)):
        type_names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        raise ValueError(f"{where} must be {type_names[kind]}")
    return value


def _is_small(number: int | float) -> bool:
    """Whether a database column and a sum can hold it; no real count or time is larger."""
    return -(2**53) <= number <= 2**53
