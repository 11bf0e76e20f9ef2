"""Results of compilers on hosted runners: a push hands them on, a pull request only reads them, and nothing
but results and counters comes with them."""

import io
import tarfile
from pathlib import Path

from rig import Ended
from test_attacks_hosted import Hosted, hosted
from test_real_sourcehut import base

STEPS = {
    "compile": {
        "run": "printf 'int f(void) { return 1; }\\n' >x.c\n"
        "cc -c x.c\n"
        "ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print \"hits \" n + 0 }'\n"
        "find /ciforge/ccache -mindepth 1 ! -type d | sed 's/^/found /'\n"
    }
}


def log(run: Hosted) -> str:
    assert run.codes["compile"] == 0, run.out
    return (run.temp / "ciforge" / "result" / "log.txt").read_text()


def hostile(file: Path) -> None:
    """Adds what a branch could leave beside results."""
    content = io.BytesIO(file.read_bytes())
    with tarfile.open(fileobj=content) as old, tarfile.open(file, "w") as new:
        for member in old.getmembers():
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
        for name in ("ccache/ccache.conf", "ccache/cc", "ccache/0/evil"):
            new.addfile(tarfile.TarInfo(name), io.BytesIO())
        link = tarfile.TarInfo("ccache/0/linkR")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        new.addfile(link)


def test_hostile_results_of_compilers_are_results_and_nothing_else(
    hello_run: Ended, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    pushed = hosted(first, STEPS, base(hello_run), GITHUB_EVENT_NAME="push")
    assert "hits 0\n" in log(pushed)
    archive = pushed.temp / "ciforge-ccache" / "ccache.tar"
    hostile(archive)
    place = second / "temp" / "ciforge-ccache"
    place.mkdir(parents=True)
    (place / "ccache.tar").write_bytes(archive.read_bytes())
    pulled = hosted(second, STEPS, base(hello_run))
    text = log(pulled)
    assert "hits 1\n" in text
    found = [line for line in text.splitlines() if line.startswith("found ")]
    assert found and all(line[-1] in "RMW" or line.endswith("/stats") for line in found)
    assert not any("link" in line or "evil" in line for line in found)
    assert not place.exists(), "a pull request hands nothing on"
