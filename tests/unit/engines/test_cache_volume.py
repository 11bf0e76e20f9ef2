"""What a working tree's new cache takes over from that of the followed branch, by the real script."""

import subprocess
from pathlib import Path

import pytest

from ciforge.engines.cache_volume import _SEED

RESULT, MANIFEST = "a/b/0123456789abcdefR", "7/2/fedcba9876543210M"


@pytest.fixture
def caches(tmp_path: Path) -> tuple[Path, Path]:
    """The cache of the followed branch, with more in it than ccache made, and an empty one."""
    upstream, own = tmp_path / "upstream", tmp_path / "ccache"
    own.mkdir()
    for name in (
        RESULT, MANIFEST, "a/stats", "ccache.conf", "launcher", "a/ccache.conf", "a/b/cc",
        "answers/key/config.cache", "tmp/x", "bin/gcc",
    ):  # fmt: skip
        (upstream / name).parent.mkdir(parents=True, exist_ok=True)
        (upstream / name).write_text(name)
    (upstream / "a/b/linkR").symlink_to("/etc/passwd")
    (upstream / "b").symlink_to("/etc")
    return upstream, own


def seeded(upstream: Path, own: Path) -> set[str]:
    script = _SEED.replace("/ciforge/upstream", str(upstream))
    script = script.replace("/ciforge/ccache", str(own))
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {str(file.relative_to(own)) for file in own.rglob("*") if not file.is_dir()}


def test_cache_copy_has_only_results_and_their_counters(caches: tuple[Path, Path]) -> None:
    assert seeded(*caches) == {RESULT, MANIFEST, "a/stats"}


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_cache_that_has_results_is_not_seeded(caches: tuple[Path, Path], kind: str) -> None:
    upstream, own = caches
    if kind == "folder":
        (own / "3").mkdir()
        (own / "3" / "mineR").write_text("mine")
    else:
        (own / "3").symlink_to("nowhere")
    before = {str(file.relative_to(own)) for file in own.rglob("*") if not file.is_dir()}
    assert seeded(upstream, own) == before
