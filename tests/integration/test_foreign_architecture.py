"""An image for another processor, in the real engine, which need not be able to run it."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from ciforge.engines.cross_arch_image import load
from ciforge.engines.local_image import find
from ciforge.model.platform import parse_platform


@pytest.mark.parametrize("platform", ["linux/s390x", "linux/arm/v7"])
def test_image_of_another_architecture_is_loaded_for_it(
    platform: str, engine: Any, tmp_path: Path
) -> None:
    wanted = parse_platform(platform)
    name = f"ciforge-test/foreign:{wanted.arch}"
    (tmp_path / "hello").write_text("hello\n")
    with tarfile.open(tmp_path / "base.tar", "w") as tar:
        tar.add(tmp_path / "hello", "hello")
    try:
        load(engine.api, tmp_path / "base.tar", name, wanted, {"ciforge-test": "1"})
        found = find(engine.api, name, wanted)
        assert found and found["Config"]["Labels"] == {"ciforge-test": "1"}
        assert find(engine.api, name, parse_platform("linux/riscv64")) is None
    finally:
        engine.images.remove(name, force=True)
