"""JSON Schemas of the files that people write, for editors: their keys, and the kinds of their values.

They are made of the models that the files are read into. What a schema cannot say, such as which names
there are, `ciforge lint` says. Scalars are text in these files, so that `3.20` and `true` are allowed as text.
"""

import enum
import inspect
from collections.abc import Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from ciforge.load.converter import keys_of, model_of
from ciforge.load.distro_fields import DISTRIBUTION, MANAGER
from ciforge.load.machines_file import MACHINE
from ciforge.load.project_fields import PROJECT
from ciforge.load.value_readers import Reader
from ciforge.model.platform import Platform
from ciforge.model.project import (
    ArgumentChange,
    CacheStore,
    JobEntry,
    Need,
    Needs,
    Patch,
    StepChange,
)

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The version that editors support."""
FILES: Mapping[str, tuple[Reader, ...]] = {
    "project": (PROJECT,),
    "descriptor": (DISTRIBUTION, MANAGER),
    "machines": (MACHINE,),
}
"""`ciforge.yml`, a file in `distros/` and `machines.yml` to the readers of their mappings."""
_TEXT: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}
_TEXTS: Mapping[str, Any] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_PACKAGES: Mapping[str, Any] = {
    "type": "object", "minProperties": 1, "maxProperties": 1,
    "additionalProperties": {"type": "object", "additionalProperties": _TEXTS},
}  # fmt: skip
"""A dependency that is spelled out: `{libfoo: {debian: libfoo-dev}}`."""
_PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: _TEXT,
    Platform: _TEXT,
    bool: {"type": "boolean"},
    int: {"type": ["integer", "string"]},
    CacheStore: {"enum": [True, False, "registry"]},
    Need: {"anyOf": [_TEXT, _PACKAGES]},
    Patch: _TEXT,
}
_SINGLE = frozenset({"to", "defaults"})
"""Lists for which one word may be written."""


def file_schema(name: str) -> dict[str, Any]:
    """The schema of one kind of file."""
    defined: dict[str, Any] = {}
    models = [model_of(reader) for reader in FILES[name]]
    body = _object(models[0], defined)
    if name == "descriptor":
        # One that is like another leaves most keys out. The key that tells the kind comes first.
        kinds = [(next(iter(keys_of(model))), _object(model, defined)) for model in models]
        body = {"anyOf": [{**kind, "required": [key]} for key, kind in kinds]}
    elif name == "machines":
        body = {"type": "object", "additionalProperties": body}
    return {
        "$schema": DRAFT,
        "$id": f"urn:ciforge:schema:{name}",
        "title": f"ciforge {name}",
        **body,
        "definitions": dict(sorted(defined.items())),
    }


def _object(model: Any, defined: dict[str, Any]) -> dict[str, Any]:
    types = {field.name: field.type for field in attrs.fields(model)}
    keys = keys_of(model)
    required = [key for key, (_, needed) in keys.items() if needed]
    return {
        "description": (inspect.getdoc(model) or "").partition("\n")[0],
        "type": "object",
        "additionalProperties": False,
        "properties": {
            key: _value(key, types[attribute], defined) for key, (attribute, _) in keys.items()
        },
        **({"required": required} if required else {}),
    }


def _value(key: str, kind: Any, defined: dict[str, Any]) -> Mapping[str, Any]:
    return _TEXTS if key in _SINGLE else _of(kind, defined)


def _of(kind: Any, defined: dict[str, Any]) -> Mapping[str, Any]:
    """The schema of one type."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if get_origin(kind) in (Union, UnionType):
        parts = [_of(part, defined) for part in get_args(kind) if part is not type(None)]
        if StepChange in get_args(kind):
            parts.append({"enum": ["installed"]})
        return parts[0] if len(parts) == 1 else {"anyOf": parts}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _of(get_args(kind)[0], defined)}
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": _of(get_args(kind)[1], defined)}
    if issubclass(kind, enum.Enum):
        return {"enum": [member.value for member in kind]}
    return _named(kind, defined)


def _named(model: Any, defined: dict[str, Any]) -> Mapping[str, Any]:
    """A reference to a model, which is defined once; with the shorter form that some have."""
    if model.__name__ not in defined:
        defined[model.__name__] = {}
        whole = _object(model, defined)
        if model in (Needs, ArgumentChange):
            shorter = {"type": "array", "items": _PLAIN[Need if model is Needs else str]}
            whole = {"anyOf": [shorter, whole]}
        elif model is JobEntry:
            whole = {"anyOf": [_TEXT, whole]}
        defined[model.__name__] = whole
    return {"$ref": f"#/definitions/{model.__name__}"}
