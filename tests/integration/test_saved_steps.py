"""bootstrap and configure are not run if all that they read is as it was."""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from rig import HELLO_13, Ended, Person, commit, hello, load

from ciforge.model.saved_step import SavedStep
from ciforge.store.atomic import SCRATCH
from ciforge.store.past_verdicts import verdict_files
from ciforge.store.saved_step_files import SavedStepFiles, saved_step_files

SAVED = "not run: all that it reads is as it was"


@pytest.fixture
def checkout(person: Person, engine: Any, tmp_path: Path) -> Iterator[Person]:
    """In a checkout of hello-portable without its tests."""
    tree = hello(tmp_path / "checkout")
    file = tree / "ciforge.yml"
    document = load(file)
    document["project"] = f"saved-{os.getpid()}-{tmp_path.parent.name}"
    document["repos"]["hello"]["steps"] = {
        "check": False
    }  # fmt: skip
    file.write_text(json.dumps(document))
    commit(tree, "Leave out the tests")
    yield person.at(tree)
    for volume in _volumes(engine, person.at(tree)):
        volume.remove()


def _runs(person: Person, *words: object) -> Ended:
    return person.runs(HELLO_13, "--saved-steps", *words)


def _saved(ended: Ended) -> list[str]:
    """The steps that did not run in the end."""
    names = ("bootstrap", "configure")
    return [name for name in names if any(SAVED in line for line in ended.step(HELLO_13, name))]


def test_poisoned_saved_step_is_named_and_never_the_verdict(checkout: Person) -> None:
    _runs(checkout)
    (state,) = checkout.state.glob("*/steps")
    for file in saved_step_files(state.parent):
        file.write_bytes(file.read_bytes().replace(b"HAVE_STRLCPY 1", b"HAVE_STRLCPY 0"))
    ended = _runs(checkout)
    # configure itself has the text that config.h has, so both are damaged; that of configure is looked
    # for only if bootstrap, which runs, makes its files with the same order of times.
    assert (ended.code, _saved(ended)) == (0, []), ended.told
    assert "damaged, not used: its checksum differs" in ended.err


def _forge(state: Path) -> None:
    """Changes what configure found in its saved step, with a checksum that fits."""
    for file in saved_step_files(state):
        data = file.read_bytes()[65:]
        if b'"step":"configure"' in data.partition(b"\n")[0]:
            data = data.replace(b"HAVE_STRLCPY 1", b"HAVE_STRLCPY 0")
            file.write_bytes(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)


def _volumes(engine: Any, person: Person) -> list[Any]:
    project = load(person.here / "ciforge.yml")["project"]
    found: list[Any] = engine.volumes.list(filters={"label": f"org.ciforge.ccache={project}"})
    return found


def _forge_answers(engine: Any, person: Person, image: str) -> None:
    """Changes what an earlier configure found, in the volume of the job."""
    (volume,) = _volumes(engine, person)
    command = ["sh", "-c", "sed -i '/func_strlcpy/s/yes/no/g' /cache/answers/*/config.cache"]
    binds = {volume.name: {"bind": "/cache", "mode": "rw"}}
    engine.containers.run(image, command, remove=True, user="root", volumes=binds)


def test_audit_names_and_removes_every_cache_that_is_wrong(checkout: Person, engine: Any) -> None:
    first = _runs(checkout)
    assert first.code == 0, first.told
    plain = checkout.runs(HELLO_13, "--force")  # keeps the answers of configure, too
    result = plain.results[HELLO_13]
    assert (result["replayed"], result["restarted"]) == ([], "")
    assert result["cache_hits"] >= 1
    _forge_answers(engine, checkout, result["image"])
    (folder,) = checkout.state.glob("*/steps")
    _forge(folder.parent)
    config = plain.job(HELLO_13) / "artifacts" / "config.h"
    config.write_text(config.read_text() + "#define FORGED 1\n")
    ended = checkout.types("audit", HELLO_13, "--sample", "9", "--json")
    assert ended.code == 1, ended.told
    found = {event["cache"]: event["differences"] for event in ended.events}
    assert found == {
        "proven job": ["config.h differs"], "saved steps": ["config.h differs"],
        "compiler and configure cache": [
            "configure had other results with its cache, and it passed without the cache"
        ],
    }, ended.told  # fmt: skip
    assert _volumes(engine, checkout) == []
    assert (saved_step_files(folder.parent), verdict_files(folder.parent)) == ((), ())
    assert (folder.parent / "audits.jsonl").read_text() == ended.out


def test_script_that_only_compares_files_runs_again_and_nothing_is_proven(checkout: Person) -> None:
    file = checkout.here / "bootstrap"
    file.write_text(
        "#!/bin/sh\nset -e\n[ ! limits.def -nt limits.h ] || sh ./fails.sh\nexec autoreconf -fi\n"
    )
    for name in ("limits.def", "limits.h", "fails.sh"):
        (checkout.here / name).write_text("exit 7\n")
    commit(checkout.here, "Compare files in bootstrap")
    assert _runs(checkout).code == 0
    assert _saved(_runs(checkout, "--force")) == ["bootstrap", "configure"]
    (checkout.here / "limits.def").write_text("exit 8\n")
    failed = _runs(checkout)
    assert failed.code == 1, failed.told
    assert failed.results[HELLO_13]["failed_step"] == "bootstrap"


def test_killed_run_leaves_no_saved_step_half_written(checkout: Person) -> None:
    started = checkout.begins(HELLO_13, "--saved-steps")
    assert started.stdout
    for line in started.stdout:
        event = json.loads(line)
        if event["event"] == "step_ended" and event["step"] == "bootstrap":
            break
    time.sleep(0.2)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    again = _runs(checkout)
    assert again.code == 0, again.told
    assert "damaged" not in again.err
    assert _saved(_runs(checkout)) == ["bootstrap", "configure"]


@pytest.mark.skipif(not os.environ.get("CI") and os.geteuid() != 0, reason="a mount needs root")
def test_full_disk_removes_saved_steps_and_says_so(tmp_path: Path) -> None:
    state, told = tmp_path / "state", list[str]()
    state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", state], check=True)
    try:
        (state / SCRATCH).mkdir()
        files, payload = SavedStepFiles(state, told.append), os.urandom(600_000)
        saved = SavedStep(key="", step="configure", run="r", inputs={}, order=(), env={}, files=(), log_size=len(payload))  # fmt: skip
        for letter in "abc":
            files.keep(attrs.evolve(saved, key=letter * 40), payload)
        assert len(saved_step_files(state)) == 3
        with pytest.raises(OSError, match="No space left"):
            files.keep(attrs.evolve(saved, key="d" * 40), payload)
        assert (saved_step_files(state), told) == (
            (),
            ["the disk is full: all saved steps were removed"],
        )
        files.keep(attrs.evolve(saved, key="d" * 40), payload)
        assert files.find("d" * 40, lambda _: True) == (attrs.evolve(saved, key="d" * 40), payload)
    finally:
        subprocess.run(["umount", state], check=True)
