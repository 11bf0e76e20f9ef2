"""An image for another processor: what the engine is given to load."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import attrs
import pytest

from ciforge.engines.cross_arch_image import load
from ciforge.errors import EngineError
from ciforge.model.platform import parse_platform


@attrs.define
class Engine:
    """Keeps what it is sent."""

    sent: dict[str, bytes] = attrs.field(factory=dict)

    def _url(self, path: str) -> str:
        return path

    def post(self, url: str, *, data: Any, params: Any, timeout: int) -> "Engine":
        assert url == "/images/load"
        with tarfile.open(fileobj=io.BytesIO(data.read())) as tar:
            for entry in tar:
                file = tar.extractfile(entry)
                assert file
                self.sent[entry.name] = file.read()
        return self

    def raise_for_status(self) -> None:
        """Nothing went wrong."""


def layer(folder: Path, mode: str = "w") -> Path:
    file = folder / "base.tar"
    with tarfile.open(file, mode) as tar:  # type: ignore[call-overload]
        tar.addfile(tarfile.TarInfo("etc/debian_version"))
    return file


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        ("linux/s390x", {"os": "linux", "architecture": "s390x"}),
        ("linux/arm/v7", {"os": "linux", "architecture": "arm", "variant": "v7"}),
    ],
)
def test_foreign_image_names_its_architecture_and_has_its_files(
    platform: str, said: dict[str, str], tmp_path: Path
) -> None:
    engine, file = Engine(), layer(tmp_path)
    load(engine, file, "ciforge/base/x:y", parse_platform(platform), {"a": "b"})
    (manifest,) = json.loads(engine.sent["manifest.json"])
    config = json.loads(engine.sent[manifest["Config"]])
    assert {key: config.get(key) for key in said} == said
    assert config["config"]["Labels"] == {"a": "b"}
    assert manifest["RepoTags"] == ["ciforge/base/x:y"]
    (data,) = (engine.sent[name] for name in manifest["Layers"])
    assert data == file.read_bytes()
    assert config["rootfs"]["diff_ids"] == ["sha256:" + hashlib.sha256(data).hexdigest()]
    assert [path.name for path in tmp_path.iterdir()] == ["base.tar"]


def test_compressed_file_for_a_foreign_image_is_refused(tmp_path: Path) -> None:
    file = layer(tmp_path, "w:gz")
    with pytest.raises(EngineError, match="not an uncompressed tar file"):
        load(Engine(), file, "a:b", parse_platform("linux/s390x"), {})
