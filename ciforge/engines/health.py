"""The state of an engine, for `ciforge doctor`."""

import datetime
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from ciforge.engines import labels
from ciforge.engines.cache_volume import sizes
from ciforge.engines.client import PODMAN, Connection, title_of, translated
from ciforge.engines.engine_facts import ROOTLESS, engine_facts


@attrs.frozen(kw_only=True)
class Health:
    """The state of an engine."""

    title: str
    """`Docker` or `podman`."""
    rootless: bool
    address: str
    """Where it was found; empty for Docker's usual place."""
    version: str
    api: str
    platform: str
    storage: str
    cgroups: str
    memory_limit: bool
    process_limit: bool
    processors: int
    memory: int
    """Bytes."""
    skew: float
    """Seconds that its clock is ahead of ours."""
    free: int | None
    """Bytes left where it keeps its images; None if that is another machine."""
    left_over: int
    """Containers left behind by processes of ciforge that are dead."""
    caches: Mapping[str, int]
    """How many volumes with caches there are, by their kind of trust domain."""
    cache_bytes: int | None
    """Bytes that they take; None if the engine does not know it of each."""


def health(connection: Connection, left_over: int) -> Health:
    """Asks the engine. Raises EngineUnreachable, EngineError."""
    with translated("asking the engine for its state"):
        client = connection.quick()
        version = client.version()
        asked = time.time()
        info = engine_facts(client, is_podman=title_of(version) == PODMAN)
        volumes = client.volumes(filters={"label": labels.CCACHE})["Volumes"] or ()
        bytes_of = sizes(client) if volumes else {}
    return Health(
        title=title_of(version),
        rootless=ROOTLESS in (info.get("SecurityOptions") or ()),
        address=connection.address,
        version=version["Version"],
        api=version["ApiVersion"],
        platform=f"{version['Os']}/{version['Arch']}",
        storage=info.get("Driver", "?"),
        cgroups=info.get("CgroupVersion", "?"),
        memory_limit=bool(info.get("MemoryLimit")),
        process_limit=bool(info.get("PidsLimit")),
        processors=int(info["NCPU"]),
        memory=int(info["MemTotal"]),
        skew=_skew(info, asked),
        free=_free(info),
        left_over=left_over,
        caches=Counter(volume["Labels"].get(labels.TRUST, "") for volume in volumes),
        cache_bytes=_total([bytes_of.get(volume["Name"]) for volume in volumes]),
    )


def _total(amounts: Sequence[int | None]) -> int | None:
    return None if None in amounts else sum(amount or 0 for amount in amounts)


def _skew(info: dict[str, Any], asked: float) -> float:
    text = str(info.get("SystemTime", ""))
    try:
        return datetime.datetime.fromisoformat(text).timestamp() - asked
    except ValueError:
        return 0.0


def _free(info: dict[str, Any]) -> int | None:
    root = Path(str(info.get("DockerRootDir", "")))
    try:
        return shutil.disk_usage(root).free if root.is_absolute() and root.is_dir() else None
    except OSError:
        return None
