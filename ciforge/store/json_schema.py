"""JSON Schema of the documents of a run, generated from their attrs classes.

`ciforge/schemas/` has the generated files; a test compares them. https://json-
schema.org/draft/2020-12
"""

import enum
import inspect
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import attrs

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Finding
from ciforge.model.result import Result, Run
from ciforge.store.documents import key_of, version_of

FOLDER = Path(__file__).resolve().parents[1] / "schemas"
"""The folder of the files, in a checkout and in an installed wheel."""


@attrs.frozen(kw_only=True)
class Findings:
    """The document of `ciforge diagnose --json`, for one file."""

    file: str
    findings: tuple[Finding, ...]


DOCUMENTS: Mapping[str, type[attrs.AttrsInstance]] = {
    "run": Run,
    "result": Result,
    "diagnosis": Diagnosis,
    "findings": Findings,
}
"""By name: `result` is `result.json`, and its schema is `result.schema.json`."""

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def stored(name: str) -> str:
    """The text of a schema file, also of those of the files that people write (`load/file_schema.py`)."""
    return (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")


def schema(name: str) -> dict[str, Any]:
    """The schema of one kind of document. Other keys are allowed."""
    defined: dict[str, Any] = {}
    body, version = _object(DOCUMENTS[name], defined), version_of(DOCUMENTS[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:ciforge:schema:{name}:{version}",
        "title": name,
        **body,
        "properties": {"v": {"const": version}, **body["properties"]},
        "required": ["v", *body["required"]],
        "$defs": dict(sorted(defined.items())),
    }


def _object(model: type[attrs.AttrsInstance], defined: dict[str, Any]) -> dict[str, Any]:
    fields = attrs.fields(model)
    return {
        "description": (inspect.getdoc(model) or "").partition("\n")[0],
        "type": "object",
        "properties": {key_of(field): _of(field.type, defined) for field in fields},
        "required": [key_of(field) for field in fields if field.default is attrs.NOTHING],
    }


def _of(kind: Any, defined: dict[str, Any]) -> dict[str, Any]:
    """The schema of one type."""
    if isinstance(kind, types.UnionType):
        inner = next(part for part in get_args(kind) if part is not types.NoneType)
        return {"anyOf": [_of(inner, defined), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _of(get_args(kind)[0], defined)}
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": _of(get_args(kind)[1], defined)}
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    return _named(kind, defined)


def _named(kind: Any, defined: dict[str, Any]) -> dict[str, Any]:
    """A reference to a class, which is defined once."""
    if kind.__name__ not in defined:
        defined[kind.__name__] = {}
        defined[kind.__name__] = (
            {"enum": [member.value for member in kind]}
            if issubclass(kind, enum.Enum)
            else _object(kind, defined)
        )
    return {"$ref": f"#/$defs/{kind.__name__}"}
