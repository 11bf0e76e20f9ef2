"""A connection to a machine that is lost at any of the calls that a job makes: never a wrong verdict."""

import os
import tarfile
from pathlib import Path

import attrs
import pytest
from projects import plan

from ciforge.engines.host_engine import HostEngine, HostFolders, HostScripts
from ciforge.engines.protocol import Stop
from ciforge.model.host_machine import HostMachine
from ciforge.model.job import Job
from ciforge.model.result import Result, Run, SourceUsed, Status
from ciforge.render.host_scripts import HOST
from ciforge.render.wrapper import STEP_OF_LOGIN
from ciforge.run import job_execution
from ciforge.run.allocation import share
from ciforge.run.job_runner import run_job
from ciforge.run.job_settings import Archive, Settings
from ciforge.store.runs.run_folder import RunFolder

TEXT = """\
project: p
repos:
  tree:
    path: .
    recipe: make
    steps:
      build: {run: "cat file"}
      check: {run: "echo checked; exit ${CODE:-0}"}
      install: {run: 'mkdir -p "$DESTDIR/usr"; echo x >"$DESTDIR/usr/x"'}
    expect: {installed: [/usr/x]}
jobs: [tree/debian-13/default]
"""
PROBE = """\
echo user somebody; echo home /nowhere; echo os linux; echo processor x86_64
echo system debian-13; echo processors 2
"""
SSH = """\
#!/bin/sh
# Runs the last word here. The call whose number is in FOLDER/lost ends as ssh does without a connection.
for word; do [ "$word" != -O ] || exit 0; command=$word; done
cd FOLDER || exit
until mkdir counting 2>/dev/null; do sleep 0.01; done
echo >>calls
number=$(wc -l <calls)
rmdir counting
if [ "$number" -eq "$(cat lost)" ]; then
    # The command that holds the machine has no end of its own.
    case $(cat when)$command in before* | *' hold '*) ;; *) sh -c "$command" >/dev/null 2>&1 ;; esac
    echo 'client_loop: send disconnect: Broken pipe' >&2
    exit 255
fi
exec sh -c "$command"
"""
ENOUGH = 30
"""More calls than a job makes."""


@pytest.fixture
def job() -> Job:
    (found,) = plan(TEXT).jobs
    manager = attrs.evolve(found.manager, versions="echo gcc 1")
    return attrs.evolve(found, manager=manager, packages=(), ccache=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a source, and a stand-in for ssh."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(SSH.replace("FOLDER", str(tmp_path)))
    (tmp_path / "bin" / "ssh").chmod(0o755)
    (tmp_path / "file").write_text("source\n")
    with tarfile.open(tmp_path / "source.tar", "w") as tar:
        tar.add(tmp_path / "file", "file")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setattr(job_execution, "_PAUSE", 0)
    return tmp_path


def result(folder: Path, job: Job, lost: int, when: str) -> tuple[Result, int]:
    """The result of a job whose call of that number is lost, and how many calls there were."""
    (folder / "calls").write_text("")
    (folder / "lost").write_text(str(lost))
    (folder / "when").write_text(when)
    # The user that steps run as is one without privileges, whoever runs the tests.
    named = [text.replace("$(id -un)", "somebody") for text in (HOST, STEP_OF_LOGIN)]
    scripts = HostScripts(host=named[0], probe=PROBE, wrapper=named[1])
    machine = HostMachine(ssh="there", system="debian-13", directory=f"{folder}/jobs")
    engine = HostEngine(
        {"there": machine},
        {job.id: frozenset({"there"})},
        scripts,
        HostFolders(sockets=folder, scratch=folder, own=folder),
    )
    run = Run(id=f"20260101T000000Z-{lost:06}", project="p", started="", version="0")
    source = Archive(file=folder / "source.tar", used=SourceUsed(repo="tree", origin="here"))
    settings = Settings(
        run=run.id, project="p", engine=engine, folder=RunFolder.create(folder / f"state-{when}", run),
        sources={"tree": source}, share=share(2, 8 * 1024**3, jobs=1, wanted=1),
        emit=lambda _: None, stop=Stop(), timeout=60, ccache=False,
    )  # fmt: skip
    try:
        return run_job(job, settings), len((folder / "calls").read_text())
    finally:
        engine.close()


@pytest.mark.slow
def test_job_on_a_machine_passes_where_no_connection_is_lost(folder: Path, job: Job) -> None:
    found, calls = result(folder, job, 0, "before")
    assert (found.status, found.reason) == (Status.PASSED, "")
    assert [step.name for step in found.steps] == ["prepare", "build", "check", "install", "expect"]
    assert calls < ENOUGH
    assert list((folder / "jobs").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("code", [0, 7])
def test_connection_lost_at_any_call_gives_no_wrong_verdict(
    folder: Path, job: Job, code: int, when: str
) -> None:
    job = attrs.evolve(job, env={"CODE": str(code)})
    own = Status.FAILED if code else Status.PASSED
    statuses = []
    for lost in range(1, ENOUGH):
        found, calls = result(folder, job, lost, when)
        statuses.append(found.status)
        assert found.status in (own, Status.INFRASTRUCTURE), found.reason
        if found.status is Status.INFRASTRUCTURE:
            assert "there" in found.reason
        assert list((folder / "jobs").iterdir()) == []
        if calls < lost:
            break
    assert statuses[-1] is own
    assert statuses.count(Status.INFRASTRUCTURE) > 3
