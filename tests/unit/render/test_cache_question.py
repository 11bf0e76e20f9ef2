"""What the caches of a machine are asked, by the real script over logs of real releases of ccache."""

import subprocess
from pathlib import Path

import pytest

from ciforge.model import ccache_log
from ciforge.render.cache_question import QUESTION
from ciforge.render.configure_cache import ENTRY

TIME = "[2026-12-01T00:41:44.726034 26   ] "
DAMAGE = {
    "4.2 result": "Failed to get result from cache: failed to read from zstd input stream",
    "4.2 header": "Failed to get result from cache: Bad magic value 0x63435959",
    "4.2 list": "Error: Incorrect checksum (actual 0x5e105d1772cb150b, expected 0xb18c630e832e1117)",
    "4.2 short list": "Error: failed to read from zstd input stream",
    "4.7 result": "Failed to get result from d8337i4b: Cache entry payload decompression error: Data corruption detected",
    "4.7 list": "Error reading manifest: Incorrect checksum (actual 7c74cf8c, expected ba97194e)",
    "4.11 header": "Failed to get result from cf74kni7: Unknown entry format version: 89",
    "4.11 short list": "Error reading manifest: Cache entry payload decompression error: Src size is incorrect",
}
"""What Debian 11, 12 and 13 log of results, and of lists of results, that were cut or overwritten."""
HITS = ("Result: cache hit (direct)", "Result: direct_cache_hit", "Result: preprocessed_cache_hit")
OTHERS = (
    "Config: (default) pch_external_checksum = false",
    "Result: cache miss", "Result: direct_cache_miss", "Result: local_storage_hit", "Result key: cf74kni7",
    "Failed to open inode cache /tmp/inode-cache-64.v2: No such file or directory",
    "Failed; falling back to running the real compiler", "Result: could not write to output file",
    "Failed to get result from cache: Failed to open /x/y.o for writing: No such file or directory",
)  # fmt: skip


def asked(folder: Path, lines: list[str], *, entry: bool = False, conf: bool = False) -> list[str]:
    log = folder / "ccache.log"
    log.write_text("".join(f"{TIME}{line}\n" for line in lines))
    if entry:
        (folder / "entry").write_text("x")
    if conf:
        (folder / "ccache.conf").write_text("compiler = evil\n")
    script = QUESTION.replace(ccache_log.PATH, str(log)).replace(ENTRY, str(folder / "entry"))
    done = subprocess.run(
        ["sh", "-c", script], env={"CCACHE_DIR": str(folder)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("line", DAMAGE.values(), ids=DAMAGE)
def test_damage_that_ccache_logs_is_seen_once_without_its_time(tmp_path: Path, line: str) -> None:
    assert asked(tmp_path, [*OTHERS, line, line]) == ["hits 0", f"damaged {line}", "end"]


def test_log_without_damage_has_its_answers_counted(tmp_path: Path) -> None:
    assert asked(tmp_path, [*OTHERS, *HITS, *HITS]) == ["hits 6", "end"]


def test_answers_of_configure_and_a_configuration_are_seen(tmp_path: Path) -> None:
    found = asked(tmp_path, [], entry=True, conf=True)
    assert found == ["hits 0", "configured", "foreign ccache.conf", "end"]
