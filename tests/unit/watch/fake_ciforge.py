"""A whole `ciforge` but for its engine: the commit says by its file `verdict` what its jobs come to."""

import json
import os
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import attrs

sys.path += [str(Path(__file__).parents[1] / "run"), str(Path(__file__).parents[3])]

from fakes import Act, FakeBox, FakeEngine, prints

from ciforge.app import session
from ciforge.cli.main import main
from ciforge.engines.protocol import Image, Machine, MachineSpec, Stop
from ciforge.model.job import Job

_HEADER = "x.c:1:10: fatal error: {}: No such file or directory\n"


@attrs.define
class Box(FakeBox):
    """Reads the verdict from the source: `ok`, `slow`, `wait`, or the header that is missing."""

    def put(self, archive: Path, folder: str) -> None:
        with tarfile.open(archive) as packed:
            member = next((one for one in packed if one.name.endswith("verdict")), None)
            found = packed.extractfile(member) if member else None
            verdict = found.read().decode().strip() if found else "ok"
        if verdict == "slow":
            time.sleep(0.4)
        elif verdict == "wait":
            wait_for(Path(os.environ["FAKE_GO"]))
        elif verdict != "ok":
            self.acts = {"build": prints(_HEADER.format(verdict), 2)}


def wait_for(file: Path) -> None:
    """Returns when the file exists, or after a minute."""
    end = time.monotonic() + 60
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.05)


class Engine(FakeEngine):
    @contextmanager
    def open(self, image: Image, job: Job, plan: MachineSpec) -> Iterator[Machine]:
        acts: dict[str, Act] = {}
        yield Box(acts, self.files, plan=plan)


@contextmanager
def open_engine(_scratch: Path, _stop: Stop) -> Iterator[Engine]:
    yield Engine()


if __name__ == "__main__":
    if log := os.environ.get("FAKE_LOG"):
        with Path(log).open("a") as file:
            file.write(json.dumps([sys.argv[1:], sorted(os.environ)]) + "\n")
    with mock.patch.object(session, "open_engine", open_engine):
        main()
