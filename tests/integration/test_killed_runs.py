"""A run, or its container, that is killed in any phase leaves nothing half written: the next run says what a cold one says."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from rig import Document, Ended, Person, boxes, trial

JOB = "tree/debian-13/default"
CONFIGURE_AC = """
AC_INIT([probe], [1])
AC_CONFIG_SRCDIR([main.c])
AC_CONFIG_HEADERS([config.h])
AC_PROG_CC
AC_CHECK_FUNCS([strlcpy])
sleep 0.5
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
"""
MAKEFILE = """\
all: one.o two.o
\t$(CC) -o both one.o two.o
one.o two.o:
\t$(CC) -c $*.c
\tsleep 0.4
install:
\tmkdir -p /usr/local/bin
\tcp both /usr/local/bin/both
\tsleep 0.5
"""
FILES = {
    "configure.ac": CONFIGURE_AC, "Makefile.in": MAKEFILE.replace("$(CC)", "@CC@"), "main.c": "int x;\n",
    "one.c": '#include "config.h"\nint one(void) { return HAVE_STRLCPY; }\n',
    "two.c": "int one(void);\nint main(void) { return !one(); }\n",
}  # fmt: skip
STEPS: Document = {
    "bootstrap": {"run": "autoheader && autoconf && sleep 0.5"},
    "build": {"run": "make"}, "check": False, "install": {"run": "make install", "as": "root"},
    "hash": {"run": "sha256sum /usr/local/bin/both", "after": "install"},
}  # fmt: skip
KILLS = """
import importlib, os, pathlib, signal, threading
module, _, path = os.environ["KILL_AT"].partition(":")
owner = importlib.import_module(module)
*outer, name = path.split(".")
for part in outer:
    owner = getattr(owner, part)
real, step = getattr(owner, name), os.environ.get("KILL_STEP")

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def act(*words, **more):
    if not step:
        die()
    if step == "rename":
        pathlib.Path.replace = die
    if step in words:
        threading.Timer(0.25, die).start()
    return real(*words, **more)

setattr(owner, name, act)
"""
STEP = "ciforge.engines.step_exec:StepExec.run"
PHASES = {
    "image": ("ciforge.engines.docker:DockerEngine.prepare", ""),
    "source": ("ciforge.engines.container:DockerContainer.put", ""),
    **{f"step {name}": (STEP, name) for name in ("bootstrap", "configure", "build", "install")},
    "saved step begun": ("ciforge.store.saved_step_files:write_atomically", ""),
    "saved step written": ("ciforge.store.saved_step_files:write_atomically", "rename"),
    "artifacts": ("ciforge.run.job_execution:collect", ""),
    "result": ("ciforge.store.runs.run_folder:RunFolder.write_result", ""),
    "proof written": ("ciforge.store.past_verdicts:write_atomically", "rename"),
    "container removed": ("ciforge.engines.docker:DockerEngine._remove", ""),
}
"""Where ciforge kills itself, and in which step."""


@attrs.frozen
class Answer:
    """What a run says of the job, whatever it took from a cache."""

    code: int
    config: bytes
    manifest: bytes
    installed: list[str]


def _project(folder: Path, name: str) -> None:
    """A project with a configure, a build and an install, each of which takes a while."""
    trial(folder, STEPS, project=name, repo={"recipe": "autotools"})
    for file, text in FILES.items():
        (folder / "tree" / file).write_text(text)


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """What a run without caches says."""
    folder = tmp_path_factory.mktemp("cold")
    _project(folder / "here", "killed-cold")
    return _answer(Person(folder / "here", folder / "home").runs("--no-cache"))


@pytest.fixture
def project(person: Person, engine: Any, tmp_path: Path) -> Iterator[str]:
    """The name of a project that has no cache yet."""
    name = f"killed-{tmp_path.parent.name}-{tmp_path.name}"[:60]
    _project(person.here, name)
    stops = tmp_path / "stops"
    stops.mkdir()
    (stops / "sitecustomize.py").write_text(KILLS)
    yield name
    for volume in engine.volumes.list(filters={"label": f"org.ciforge.ccache={name}"}):
        volume.remove()


def _answer(ended: Ended) -> Answer:
    artifacts = ended.job(JOB) / "artifacts"
    config, manifest = artifacts / "config.h", artifacts / "manifest.txt"
    return Answer(ended.code, config.read_bytes(), manifest.read_bytes(), ended.step(JOB, "hash"))


def _is_right(person: Person, engine: Any, project: str, cold: Answer) -> None:
    """The next run uses what was left, and says what a cold run says; nothing else is left."""
    warm = person.runs("--saved-steps")
    assert cold.code == 0
    assert _answer(warm) == cold, warm.told
    assert "damaged" not in warm.err, warm.told
    assert (warm.result["cache_problems"], warm.result["restarted"]) == ([], ""), warm.told
    assert boxes(engine, project=project) == []
    (state,) = person.state.glob("*/runs")
    assert [file for file in (state.parent / "tmp").iterdir() if file.name.startswith("new-")] == []


@pytest.mark.parametrize("phase", PHASES)
def test_run_after_a_kill_of_ciforge_says_what_a_cold_one_says(
    person: Person, engine: Any, project: str, cold: Answer, tmp_path: Path, phase: str
) -> None:
    place, step = PHASES[phase]
    env = {"PYTHONPATH": str(tmp_path / "stops"), "KILL_AT": place} | ({"KILL_STEP": step} if step else {})  # fmt: skip
    killed = person.runs("--saved-steps", **env)
    assert killed.code == -signal.SIGKILL, killed.told
    _is_right(person, engine, project, cold)


@pytest.mark.parametrize("step", ["bootstrap", "configure", "build", "install"])
def test_run_after_a_kill_of_its_container_says_what_a_cold_one_says(
    person: Person, engine: Any, project: str, cold: Answer, step: str
) -> None:
    run = person.begins("--saved-steps")
    assert run.stdout
    for line in run.stdout:
        event = json.loads(line)
        if event["event"] == "step_started" and event["step"] == step:
            break
    for box in boxes(engine, run=event["run"]):
        with contextlib.suppress(OSError):
            os.kill(engine.api.inspect_container(box["Id"])["State"]["Pid"], signal.SIGKILL)
    out, err = run.communicate()
    assert run.returncode == 3, out + err
    _is_right(person, engine, project, cold)
