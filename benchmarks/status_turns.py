"""`ciforge status` of two checkouts in turn, each with a state folder that its own code has filled."""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

RATIO, PAIRS = 0.6, 15
"""The bar for the ratio to another version, and how often they take turns."""
RUNS = 3_001
"""The last of them breaks two jobs, so that status has something to say before the list."""
ROOT = Path(__file__).resolve().parents[1]
_FILL = """
import runpy, sys
from pathlib import Path
sys.path.insert(1, str(Path(sys.argv[1]).parent))
history = runpy.run_path(sys.argv[1])
file = Path("ciforge.yml")
file.write_text(history["PROJECT"])
opened = history.get("open_workspace", history.get("open_project"))(file, Path.cwd())
jobs = [job.id for job in opened.plan.jobs]
history["fill"](Path("state/long"), jobs, int(sys.argv[2]))
"""
_STATUS = """
import sys
sys.argv = ["ciforge", "status", "--state-dir", "state"]
from ciforge.__main__ import main
main()
"""


def take_turns(folder: Path, other: Path, runs: int, pairs: int) -> list[tuple[float, float]]:
    """Seconds of the processor, the other version's first; the first turn of each does not count.

    Raises CalledProcessError where a version cannot fill a state folder, or `ciforge status` fails.
    """
    places = {tree: folder / name for name, tree in (("theirs", other), ("ours", ROOT))}
    for tree, place in places.items():
        place.mkdir()
        _processor_seconds(tree, place, _FILL, str(tree / "benchmarks" / "history.py"), str(runs))
    found = []
    for turn in range(pairs + 1):
        # Who goes first changes, so that neither always runs after the same neighbour.
        taken = {
            tree: _processor_seconds(tree, places[tree], _STATUS)
            for tree in ((other, ROOT) if turn % 2 else (ROOT, other))
        }
        if turn:
            found.append((taken[other], taken[ROOT]))
    return found


def _processor_seconds(tree: Path, folder: Path, code: str, *arguments: str) -> float:
    """Seconds that the processor spends on one whole process. Raises CalledProcessError."""
    env = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code, *arguments]
    child = subprocess.Popen(
        command, cwd=folder, env=env | {"PYTHONPATH": str(tree)}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, f"{tree}: {code}")
    return used.ru_utime + used.ru_stime


def ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """The median of the ratios of neighbours."""
    return statistics.median(ours / theirs for theirs, ours in pairs)


def compared(pairs: Sequence[tuple[float, float]]) -> str:
    """A line for a person."""
    theirs, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    over = "  OVER" if ratio(pairs) > RATIO else ""
    return (
        f"ciforge status    theirs {theirs * 1000:.0f} ms  ours {ours * 1000:.0f} ms  "
        f"ratio {ratio(pairs):.2f}  bar {RATIO:.2f}{over}"
    )
