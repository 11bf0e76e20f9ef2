"""A few of the faults of `tools/faults.py`, on a daemon of our own: what it measures is asserted here.

The whole table is in docs/proof/faults.md.
"""

import json
import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import HELLO_13, ROOT, Ended, Person

sys.path.insert(0, str(ROOT / "tools"))

from faultlib import boxes, daemons, limits, signals
from faultlib.engine import PrivateEngine
from faultlib.fault import Fault
from faultlib.project import SILENT, with_slow_image
from faultlib.trials import attempt, load_images, snapshot

_PROGRAMS = ("dockerd", "ip", "mkfs.ext4")
_QUICK = (
    "Ctrl-C twice in a step",
    "kill -9 while the image is made",
    "Ctrl-C while the image is made in silence",
    "two runs at once, the other one killed",
    "state folder full",
    "the daemon killed",
    "the step's stream cut",
    "the stream stalls for ever",
    "garbage in the stream",
    "the engine's disk full in a step",
    "docker pause",
    "children that flood the output for ever",
    "the exit record made unwritable",
)
_HURRIED = (
    "Ctrl-C while the image is made in silence",
    "the step's stream cut",
    "the stream stalls for ever",
    "garbage in the stream",
    "docker pause",
    "the exit record made unwritable",
)
FAULTS = {
    fault.name: fault for fault in (*signals.FAULTS, *daemons.FAULTS, *boxes.FAULTS, *limits.FAULTS)
}

_LACKING = [name for name in _PROGRAMS if shutil.which(name) is None]
_WHY = "a daemon of our own needs root and " + ", ".join(_PROGRAMS)

# Never in CI: what is missing there fails.
pytestmark = pytest.mark.skipif(
    not os.environ.get("CI") and (os.geteuid() != 0 or bool(_LACKING)), reason=_WHY
)


def _row(name: str) -> Any:
    """A fault; alone if it has to come at a moment, or the engine to end within one, which a busy machine may miss."""
    return pytest.param(
        FAULTS[name], marks=[pytest.mark.alone] if name in _HURRIED else [], id=name
    )


@pytest.fixture(scope="module")
def code() -> Iterator[Path]:
    with snapshot() as folder:
        yield folder


@pytest.fixture(scope="module")
def private(hello_run: Ended, code: Path) -> Iterator[PrivateEngine]:
    """A daemon that may be hurt, with the images that the first run made."""
    with PrivateEngine() as engine:
        load_images(engine, code)
        yield engine


@pytest.mark.parametrize("fault", map(_row, _QUICK))
def test_injected_fault_ends_as_expected_and_leaves_nothing(
    private: PrivateEngine, code: Path, fault: Fault
) -> None:
    seed = f"{random.SystemRandom().randrange(16**6):06x}"
    trial = attempt(private, fault, seed, code)
    assert trial.wrong == (), trial


def test_injected_faults_have_unique_names() -> None:
    tables = (signals.FAULTS, daemons.FAULTS, boxes.FAULTS, limits.FAULTS)
    assert len(FAULTS) == sum(map(len, tables)) >= 40


def test_build_at_its_limit_ends_while_other_jobs_continue(
    person: Person, engine: Any, hello_run: Ended
) -> None:
    with_slow_image(person.here, pause=f"echo {person.home.parent.name}; {SILENT}")
    file = person.here / "ciforge.yml"
    project = json.loads(file.read_text())
    file.write_text(json.dumps(project | {"jobs": [*project["jobs"], "tree/debian-13"]}))
    base = hello_run.results[HELLO_13]["base"].partition("@")[0]
    process = person.begins("--jobs", 1, "--timeout", 4, CIFORGE_BASE_DROWSY_13=base)
    assert process.stdout is not None
    ended = next(line for line in process.stdout if '"event": "job_ended"' in line)
    containers = engine.api.containers(all=True)
    goes_on = process.poll() is None
    _, err = process.communicate(timeout=60)
    assert json.loads(ended)["status"] == "timed-out", ended + err
    assert goes_on
    assert [one for one in containers if person.home.parent.name in one["Command"]] == []
