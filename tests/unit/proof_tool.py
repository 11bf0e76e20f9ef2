"""What tests of tools/proof.py share: the tool as a module, and a program in place of ciforge."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "proof.py"
JOB = "hello/debian-13/default"
FAKE = """\
import json, os, pathlib, signal, sys, time
def stop(*_):
    pathlib.Path("{home}/cleared").touch()
    sys.exit(130)
signal.signal(signal.SIGINT, stop)
pathlib.Path("{home}/calls").open("a").write(" ".join(sys.argv[1:]) + "\\n")
for status in pathlib.Path("{home}/status").read_text().split():
    print("no event, though it is on standard output", flush=True)
    if status == "hangs":
        time.sleep(60)
    print(json.dumps(dict(event="job_ended", job="{job}", status=status, failed_step=None,
                          reason="the mirror is away", log="{home}/log.txt")))
print("ciforge: last words", file=sys.stderr)
sys.exit({{"passed": 0, "infrastructure": 3}}.get(status, 1))
"""


@contextlib.contextmanager
def proof_module() -> Iterator[ModuleType]:
    """The tool as a module, which finds its two neighbours as it does when it is called."""
    sys.path.insert(0, str(TOOL.parent))
    yield importlib.import_module("proof")
    sys.path.remove(str(TOOL.parent))


def fake_bench(proof: ModuleType, tmp_path: Path) -> Any:
    """A program that behaves like ciforge and says what the file `status` tells it to."""
    fake = tmp_path / "fake.py"
    fake.write_text(FAKE.format(home=tmp_path, job=JOB))
    tree = importlib.import_module("proof_bench").Tree("commit", "commit", dirty=False)
    return proof.Bench(
        state=tmp_path, sources=tmp_path, tree=tree, program=(sys.executable, str(fake)),
        emulators=tmp_path,
    )  # fmt: skip


def row(proof: ModuleType, **changes: Any) -> Any:
    given = {"name": "one", "words": ("run", JOB), "jobs": (JOB,)}
    return proof.Row(**(given | changes))


def outcome(proof: ModuleType, **changes: Any) -> Any:
    given = {
        "row": "one", "tree": "commit", "commit": "commit", "dirty": False,
        "date": "2026-11-22T15:00:00Z", "ciforge": "1.0", "engine": "Docker 20.10",
        "command": "ciforge run", "outcome": proof.HELD, "seconds": 61.2,
    }  # fmt: skip
    return proof.Outcome(**(given | changes))


def ended(status: str, step: str | None = None, **changes: Any) -> dict[str, Any]:
    given = {"event": "job_ended", "job": JOB, "status": status, "failed_step": step}
    return given | {"reason": "its reason", "log": "", **changes}
