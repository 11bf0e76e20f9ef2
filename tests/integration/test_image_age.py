"""Images that ciforge made, on the real engine, when they are new and as days pass."""

import datetime
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from projects import plan
from rig import HELLO_13, Ended

from ciforge.engines import dependency_image as module
from ciforge.engines.base_image import BaseImage
from ciforge.engines.client import Connection
from ciforge.engines.dependency_image import DependencyImages
from ciforge.engines.protocol import Image, Stop
from ciforge.model.job import Job

TEXT = "project: p\nrepos: {t: {path: ., recipe: make}}\njobs: [t/debian-13]\n"
STAMP = 'ARG BASE\nFROM ${BASE}\nRUN echo "stamp $(date +%s%N)" >/stamp\n'


def on_day(days: int) -> SimpleNamespace:
    """The modules `time` and `datetime` so many days later."""
    later = datetime.timedelta(days=days)

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Clock":
            return cls.fromtimestamp((datetime.datetime.now(tz) + later).timestamp(), tz)

    return SimpleNamespace(
        time=(datetime.datetime.now(datetime.UTC) + later).timestamp,
        monotonic=module.time.monotonic, datetime=Clock, UTC=datetime.UTC,
    )  # fmt: skip


def test_base_image_of_debian_installs_packages_without_waiting_for_the_disk(
    engine: Any, hello_run: Ended
) -> None:
    base = hello_run.results[HELLO_13]["base"].partition("@")[0]
    command = ["grep", "-rxh", "force-unsafe-io", "/etc/dpkg/dpkg.cfg.d"]
    assert engine.containers.run(base, command, remove=True) == b"force-unsafe-io\n"


def test_dependency_image_of_31_days_ago_is_built_again(
    engine: Any, hello_run: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, id_ = hello_run.results[HELLO_13]["base"].partition("@")
    job: Job = plan(TEXT).jobs[0]
    job = attrs.evolve(job, manager=attrs.evolve(job.manager, versions="cat /stamp"))
    images, said = DependencyImages(Connection()), list[bytes]()

    def get(days: int) -> Image:
        monkeypatch.setattr(module, "time", on_day(days))
        monkeypatch.setattr(module, "datetime", on_day(days))
        return images.get(job, STAMP, BaseImage(name, id_), "", said.append, Stop())

    first, month, later = get(0), get(29), get(31)
    try:
        assert month.packages == first.packages != {}
        assert later.packages["stamp"] > first.packages["stamp"]
        assert b" is 31 days old: building it again\n" in b"".join(said)
    finally:
        for image in {first.id, later.id}:
            engine.images.remove(image, force=True)
