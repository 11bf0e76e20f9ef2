"""The hash of everything that decides what becomes of a job."""

import enum
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import attrs

from ciforge.engines.protocol import MachineSpec
from ciforge.model.job import Job
from ciforge.render.dockerfile import dockerfile
from ciforge.run.machine_files import machine_files

_FORMAT = 1
"""Increased when the same parts get another meaning."""


@attrs.frozen(kw_only=True)
class Surroundings:
    """What a job depends on besides its plan and its source."""

    image: str
    """The id of its dependency image, which is a hash of the contents."""
    engine: str
    """The engine: platform, versions, limits and promises."""
    code: str
    """A hash of the files of ciforge."""


@attrs.frozen(kw_only=True)
class SourceInputs:
    """What a machine sees of the files of the source; its commit is in `MachineSpec.env`."""

    digest: str
    """A hash of every path, mode and byte."""
    order: str
    """A hash of which files are older than which, as make compares them."""
    git: str = ""
    """A hash of the `.git` that is carried; empty without."""


def input_digest(
    job: Job, source: SourceInputs, machine: MachineSpec, surroundings: Surroundings
) -> str:
    """The hash in hexadecimal digits; two jobs with the same one have the same verdict.

    `machine.run` does not count, and `machine.keep` neither: a machine that passes is not kept.
    """
    parts = {
        "format": _FORMAT,
        "job": job,
        "files": machine_files(job, cached=bool(machine.ccache), tokens=machine.make_tokens),
        "dockerfile": dockerfile(job),
        "source": source,
        "machine": attrs.evolve(machine, run="", keep=False),
        "surroundings": surroundings,
    }
    text = json.dumps(_plain(parts), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON, with the order of mappings. Raises TypeError for a type without a fixed text."""
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return [type(value).__name__, *([f.name, _plain(getattr(value, f.name))] for f in fields)]
    if isinstance(value, enum.Enum):
        return [type(value).__name__, value.value]
    if isinstance(value, Mapping):
        return {"map": [[_plain(key), _plain(item)] for key, item in value.items()]}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if value is None or type(value) in (str, int, float, bool):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a hash")
