"""Base images that ciforge makes: their names, and their age."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from images import DAY, NOW, Images
from projects import plan

from ciforge.engines.base_image import BaseImage, base_image, existing_base
from ciforge.engines.bootstrap import base_name
from ciforge.engines.local_image import days_over
from ciforge.engines.protocol import Stop
from ciforge.errors import EngineError
from ciforge.model.distro import Bootstrap
from ciforge.model.job import Job
from ciforge.model.platform import parse_platform
from tests.tables import each

TEXT = """
project: p
repos: {tree: {path: ., recipe: make}}
jobs: [tree/debian-13]
"""
COMMAND = "sh -c 'echo {suite} {arch} >{archive}'"


def job(suite: str = "trixie", command: str = COMMAND, release: Mapping[str, Any] = {}) -> Job:
    """A job on a release that is made by that command."""
    (found,) = plan(TEXT).jobs
    bootstrap = Bootstrap(program="sh", command=command, architectures={"linux/amd64": "amd64"})
    return attrs.evolve(
        found,
        distribution=attrs.evolve(found.distribution, bootstrap=bootstrap),
        release=attrs.evolve(found.release, suite=suite, **release),
    )


def base(job: Job, engine: Images, folder: Path, said: list[bytes]) -> BaseImage:
    connection: Any = engine
    return base_image(connection, job, "", folder, said.append, Stop(), NOW)


def test_base_image_depends_on_the_suite_of_the_release(tmp_path: Path) -> None:
    engine, said = Images(), list[bytes]()
    own, theirs = job(), job(suite="sid")
    made = [base(one, engine, tmp_path, said) for one in (own, theirs, own)]
    assert engine.imported == ["trixie amd64\n", "sid amd64\n"]
    assert made[0] == made[2] != made[1]


@each(
    "other",
    [
        job(suite="sid"),
        job(suite="", release={"codename": "forky"}),
        job(command=COMMAND + " # another variant"),
        attrs.evolve(job(), platform=parse_platform("linux/arm64")),
        attrs.evolve(job(), distribution=attrs.evolve(job().distribution, bootstrap=None)),
    ],
)
def test_base_image_name_has_a_hash_of_its_inputs(other: Job) -> None:
    assert base_name(other) != base_name(job())
    assert base_name(job()).startswith("ciforge/base/debian-13:amd64-")


@each(
    ("created", "days"),
    [
        ("2027-01-15T08:00:00.123456789Z", 0),
        ("2026-12-16T08:00:01Z", 0),
        ("2026-12-15T07:59:59Z", 31),
        ("2026-12-15T09:59:59+02:00", 31),
        ("2999-01-01T00:00:00Z", 0),
        ("a day", 0),
        ("", 0),
    ],
)
def test_base_image_is_too_old_after_thirty_days(created: str, days: int) -> None:
    assert days_over({"Created": created}, NOW) == days
    assert days_over({}, NOW) == 0


def test_base_image_that_is_old_is_rebuilt_and_the_run_says_so(tmp_path: Path) -> None:
    engine, said = Images(), list[bytes]()
    old = engine.add(base_name(job()), days=31)
    made = base(job(), engine, tmp_path, said)
    assert made.id != old
    assert said[0].decode() == f"{base_name(job())} is 31 days old: building it again\n"


def test_base_image_that_is_young_is_used(tmp_path: Path) -> None:
    engine, said = Images(), list[bytes]()
    young = engine.add(base_name(job()), days=30)
    assert base(job(), engine, tmp_path, said).id == young
    assert (engine.imported, said) == ([], [])


def test_base_image_that_cannot_be_rebuilt_is_used_and_the_run_says_so(tmp_path: Path) -> None:
    engine, said = Images(), list[bytes]()
    broken = job(command="sh -c 'echo E: no mirror; exit 1' {archive}")
    old = engine.add(base_name(broken), days=99)
    assert base(broken, engine, tmp_path, said) == BaseImage(base_name(broken), old, 99)
    assert "cannot be built again (sh failed: E: no mirror): using the old image" in (
        said[-1].decode()
    )


def test_missing_base_image_that_cannot_be_built_is_an_error(tmp_path: Path) -> None:
    broken = job(command="sh -c 'exit 1' {archive}")
    with pytest.raises(EngineError, match="sh failed"):
        base(broken, Images(), tmp_path, [])


def test_existing_base_image_is_the_one_that_would_be_used_and_nothing_is_made(
    tmp_path: Path,
) -> None:
    engine, one = Images(), job()
    connection: Any = engine
    assert existing_base(connection, one, "", NOW) is None
    assert not engine.imported
    made = base(one, engine, tmp_path, [])
    assert existing_base(connection, one, "", NOW) == made
    assert existing_base(connection, one, "", NOW + 40 * DAY) is None
    engine.add(one.release.image)
    found = existing_base(connection, one, "", NOW)
    assert found == base(one, engine, tmp_path, []) != made
    assert existing_base(connection, one, "other", NOW) is None
