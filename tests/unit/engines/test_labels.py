"""Ours and others', the living and the dead, told apart by labels alone."""

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from ciforge.engines import labels

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


@pytest.mark.parametrize(
    ("marks", "left"),
    [
        (box(), False),
        (box(owner=NOBODY), True),
        (box(expires=str(int(NOW) - 1)), True),
        (box(owner=NOBODY, kept="1"), False),
        (box(owner=NOBODY, kept="1", expires="5"), True),
        (box(owner=NOBODY, host="another"), False),
        (box(expires="5", host="another"), False),
        (box(owner=""), True),
        (box(owner="me"), True),
        (without("box"), False),
        (without("host"), False),
        ({}, False),
        ({"com.example": "1"}, False),
    ],
)
def test_only_ours_are_swept_and_only_expired_or_dead_ones(
    marks: Mapping[str, str], left: bool
) -> None:
    assert labels.is_left_over(marks, NOW) == left


def test_this_process_lives() -> None:
    assert labels.is_alive(labels.this_process())


def test_a_number_that_is_used_again_is_another_process() -> None:
    assert not labels.is_alive(f"{os.getpid()}:1")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_one_that_ended_is_dead_before_its_parent_notices() -> None:
    with subprocess.Popen(["sleep", "0.05"]) as child:
        stat = Path(f"/proc/{child.pid}/stat").read_text()
        owner = f"{child.pid}:{stat.rpartition(')')[2].split()[19]}"
        assert labels.is_alive(owner)
        time.sleep(0.3)
        assert not labels.is_alive(owner)


def test_a_host_s_name_is_not_told() -> None:
    assert os.uname().nodename not in labels.this_host()


def test_a_build_of_this_process_is_not_abandoned() -> None:
    assert not labels.is_dead_builder(f"{labels.builder('5f1c')}:127.0.0.1")


@pytest.mark.parametrize(
    ("host", "dead"),
    [
        (f"ciforge-build.{labels.this_host()}.4194999.1.5f1c:127.0.0.1", True),
        ("ciforge-build.another.4194999.1.5f1c:127.0.0.1", False),
        ("ciforge-build:127.0.0.1", False),
        (f"ciforge-build.{labels.this_host()}.4194999.1:127.0.0.1", False),
        ("example.org:127.0.0.1", False),
        ("host.docker.internal:host-gateway", False),
        ("", False),
    ],
)
def test_only_builds_of_the_dead_on_this_machine_are_abandoned(host: str, dead: bool) -> None:
    assert labels.is_dead_builder(host) == dead
