"""The make of a job may use the processors that other jobs leave over, whatever those do with their tokens."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from rig import Document, Person, boxes, trial

HONEST = "tree/debian-13/default"
MAKEFILE = """\
all: {targets}
t%: ; @echo begin; sleep 0.5; echo end; ls -l /proc/self/fd | grep tokens || :
"""
HOARD = """
if [ "$HOARD" = keep ]; then cat "$CIFORGE_MAKE_TOKENS" >/tmp/kept; fi
if [ "$HOARD" = flood ]; then yes + | head -c 65536 >"$CIFORGE_MAKE_TOKENS"; sleep 600; fi
"""


def _widths(log: str) -> list[int]:
    """How many processes of make ran after each beginning and end."""
    width, widths = 0, []
    for word in re.findall(r"^(begin|end)$", log, re.MULTILINE):
        width += 1 if word == "begin" else -1
        widths.append(width)
    return widths


def _project(folder: Path, targets: int, hoarders: int) -> None:
    variants: Document = {
        f"hoard{number}": {"env": {"HOARD": ("keep", "flood")[number % 2]}}
        for number in range(hoarders)
    }
    names = ",".join(["default", *variants])
    trial(
        folder, {"build": {"run": HOARD + 'make -j"$CIFORGE_JOBS"'}},
        variants=variants, jobs=[f"tree/debian-13/{{{names}}}"],
    )  # fmt: skip
    makefile = MAKEFILE.format(targets=" ".join(f"t{number}" for number in range(targets)))
    (folder / "tree" / "Makefile").write_text(makefile)


def _log(person: Person) -> str:
    files = list(person.home.rglob("runs/*/tree,debian-13,default/log.txt"))
    return files[0].read_text() if files else ""


@pytest.mark.alone
def test_tokens_of_jobs_that_keep_or_flood_theirs_come_back_when_their_machines_are_killed(
    person: Person, engine: Any
) -> None:
    processors = int(engine.info()["NCPU"])
    hoarders = 2 * processors - 1
    _project(person.here, 12 + 8 * processors, hoarders)
    process = person.begins("--no-cache", "--make-tokens", "--jobs", hoarders + 1)
    while len(_widths(_log(person))) < 8 and process.poll() is None:
        time.sleep(0.1)
    for box in boxes(engine):
        mine = any(
            box["Labels"]["org.ciforge.run"] in str(path) for path in person.home.rglob("run.json")
        )
        if mine and "hoard" in box["Labels"]["org.ciforge.job"]:
            engine.api.kill(box["Id"])
    told = "".join(process.communicate(timeout=300))
    log = _log(person)
    widths = _widths(log)
    assert f'"job": "{HONEST}", "status": "passed"' in told, told
    # While the others ran, make had one process at a time, as its share was; then all.
    assert max(widths[:6]) == 1 < max(widths) == processors, log
    assert "tokens" not in log.replace("--jobserver", ""), "a process of make has the pipe open"
    assert "jobserver" not in log


def test_nothing_of_the_tokens_is_left_by_a_ciforge_that_was_killed(
    person: Person, engine: Any
) -> None:
    _project(person.here, 200, 0)
    process = person.begins("--no-cache", "--make-tokens")
    while not _widths(_log(person)) and process.poll() is None:
        time.sleep(0.1)
    (run,) = {file.parent.name for file in person.home.rglob("runs/*/run.json")}
    (box,) = boxes(engine, run=run)
    mounts = engine.api.inspect_container(box["Id"])["Mounts"]
    process.kill()
    process.communicate()
    trial(person.here, {"build": {"run": "true"}}, jobs=[HONEST])
    assert person.runs().code == 0
    assert (mounts, boxes(engine, run=run)) == ([], [])
