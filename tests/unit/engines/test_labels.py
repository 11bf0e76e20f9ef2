"""Ours and others', the living and the dead, told apart by labels alone."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from ciforge.engines import labels
from tests.tables import each

NOW = 1_800_000_000.0
NOBODY = "4194999:1"


def box(**changes: str) -> Mapping[str, str]:
    """A box of this process that has an hour left, with some labels changed."""
    marks = {
        labels.BOX: "1",
        labels.HOST: labels.this_host(),
        labels.OWNER: labels.this_process(),
        labels.EXPIRES: str(int(NOW) + 3600),
    }
    return {**marks, **{labels.PREFIX + name: value for name, value in changes.items()}}


def without(name: str) -> Mapping[str, str]:
    return {key: value for key, value in box(owner=NOBODY).items() if key != labels.PREFIX + name}


@each(
    ("marks", "running", "left"),
    [
        (box(), True, False),
        (box(owner=NOBODY), True, True),
        (box(expires=str(int(NOW) - 1)), True, True),
        (box(expires="soon"), True, True),
        (box(owner=NOBODY, kept="1"), True, False),
        (box(owner=NOBODY, kept="1", expires="5"), True, True),
        (box(owner=NOBODY, host="another"), True, False),
        (box(owner=NOBODY, host="another"), False, False),
        (box(expires="5", host="another"), True, False),
        (box(expires="5", host="another"), False, True),
        (box(owner=""), True, True),
        (box(owner="me"), True, True),
        (without("box"), True, False),
        (without("host"), True, False),
        ({}, False, False),
        ({"com.example": "1"}, False, False),
    ],
)
def test_container_is_swept_only_if_its_owner_is_surely_dead(
    marks: Mapping[str, str], running: bool, left: bool
) -> None:
    assert labels.is_left_over(marks, NOW, running=running) == left


@each(
    ("marks", "used"),
    [
        (box(), True),
        (box(owner=NOBODY), False),
        (box(owner=NOBODY, host="another"), True),
        (box(expires="5", host="another"), False),
    ],
)
def test_kept_container_of_a_run_that_may_continue_is_in_use(
    marks: Mapping[str, str], used: bool
) -> None:
    assert labels.may_be_used(marks, NOW) == used


ASK = """
import sys, time
from ciforge.engines import labels
marks = {labels.BOX: "1", labels.HOST: sys.argv[1], labels.OWNER: sys.argv[2],
         labels.EXPIRES: str(int(time.time()) + 7200)}
print(labels.is_left_over(marks, time.time(), running=True),
      labels.is_dead_builder(sys.argv[3] + ":127.0.0.1", time.time()))
"""
UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc"]


def _can_unshare() -> bool:
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not _can_unshare(), reason="no PID namespace can be made here")
def test_container_owner_in_another_pid_namespace_counts_as_alive() -> None:
    mine = [labels.this_host(), labels.this_process(), labels.builder("5f1c")]
    done = subprocess.run(
        [*UNSHARE, sys.executable, "-c", ASK, *mine], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("differs", ["_boot", "_namespace"])
def test_owner_label_differs_by_boot_and_pid_namespace(
    differs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = labels.this_host()
    monkeypatch.setattr(labels, differs, lambda: "another")
    assert labels.this_host.__wrapped__() != here


def test_owner_label_of_this_process_counts_as_alive() -> None:
    assert labels.is_alive(labels.this_process())


def test_owner_label_with_a_reused_pid_is_another_process() -> None:
    assert not labels.is_alive(f"{os.getpid()}:1")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_owner_that_ended_is_dead_before_its_parent_waits() -> None:
    with subprocess.Popen(["sleep", "0.05"]) as child:
        stat = Path(f"/proc/{child.pid}/stat").read_text()
        owner = f"{child.pid}:{stat.rpartition(')')[2].split()[19]}"
        assert labels.is_alive(owner)
        time.sleep(0.3)
        assert not labels.is_alive(owner)


def test_owner_label_does_not_reveal_the_host_name() -> None:
    assert os.uname().nodename not in labels.this_host()


def test_image_build_of_this_process_is_not_abandoned() -> None:
    assert not labels.is_dead_builder(f"{labels.builder('5f1c')}:127.0.0.1", NOW)


@each(
    ("host", "dead"),
    [
        (f"ciforge-build.{labels.this_host()}.4194999.1.1900000000.5f1c:127.0.0.1", True),
        ("ciforge-build.another.4194999.1.1900000000.5f1c:127.0.0.1", False),
        ("ciforge-build.another.4194999.1.1700000000.5f1c:127.0.0.1", True),
        ("ciforge-build:127.0.0.1", False),
        (f"ciforge-build.{labels.this_host()}.4194999.1.5f1c:127.0.0.1", False),
        ("example.org:127.0.0.1", False),
        ("host.docker.internal:host-gateway", False),
        ("", False),
    ],
)
def test_image_build_is_abandoned_only_if_it_has_surely_ended(host: str, dead: bool) -> None:
    assert labels.is_dead_builder(host, NOW) == dead
