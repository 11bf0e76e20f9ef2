"""An image for another processor than the engine's own, from the tar file of its files.

Docker Engine 20.10 imports every tar file as an image for its own processor, whatever it is asked
for (seen with 20.10.24); an image that is loaded says itself what it is for.
"""

import datetime
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ciforge.engines.client import Client, translated
from ciforge.errors import EngineError
from ciforge.model.platform import Platform

_LAYER = "layer.tar"
_SECONDS = 1800


def load(
    client: Client, layer: Path, name: str, platform: Platform, labels: Mapping[str, str]
) -> None:
    """Gives the engine an image that has the files of `layer`. Raises EngineError.

    Needs space for a second file of the same size beside `layer`.
    """
    if not _is_plain(layer):
        raise EngineError(f"{layer.name} is not an uncompressed tar file")
    created = datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")
    config = {
        "architecture": platform.cpu,
        **({"variant": platform.version} if platform.version else {}),
        "os": platform.os,
        "created": created,
        "config": {"Labels": dict(labels)},
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        "history": [{"created": created, "comment": "made by ciforge"}],
    }
    whole = layer.with_name("image.tar")
    _write(whole, layer, name, config)
    try:
        with whole.open("rb") as data, translated(f"loading {name}"):
            url = client._url("/images/load")
            client.post(url, data=data, params={"quiet": "1"}, timeout=_SECONDS).raise_for_status()
    finally:
        whole.unlink()


def _is_plain(file: Path) -> bool:
    try:
        with tarfile.open(file, "r:"):
            return True
    except tarfile.TarError:
        return False


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return "sha256:" + hashlib.file_digest(data, "sha256").hexdigest()


def _write(whole: Path, layer: Path, name: str, config: Mapping[str, Any]) -> None:
    """The image as `docker save` would have written it."""
    text = json.dumps(config).encode()
    file = f"{hashlib.sha256(text).hexdigest()}.json"
    manifest = [{"Config": file, "RepoTags": [name], "Layers": [_LAYER]}]
    with tarfile.open(whole, "w") as tar:
        for inside, data in ((file, text), ("manifest.json", json.dumps(manifest).encode())):
            entry = tarfile.TarInfo(inside)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        tar.add(layer, _LAYER)
