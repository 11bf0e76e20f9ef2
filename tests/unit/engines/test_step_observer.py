"""What a machine says of a step is taken whole or not at all."""

import io
import tarfile
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from ciforge.engines.step_observer import MadeFile, StepObserver
from tests.tables import each

TIME = "1764509373|2026-11-30 13:29:33.000000005 +0000"
MADE = f"made 81a4 1000 4 1 {TIME}|x|/ciforge/src/config.h"
GOOD = [
    f"began {TIME}", f"ended {TIME}", "read /ciforge/src/configure", "folder 41ed 1000 /ciforge/src/obj",
    MADE, "end",
]  # fmt: skip
NANOSECONDS = 1764509373 * 10**9 + 5


def packed(files: Mapping[str, bytes], **more: Any) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            for key, value in more.items():
                setattr(entry, key, value)
            tar.addfile(entry, io.BytesIO(data))
    return whole.getvalue()


@attrs.define
class Helper:
    """Answers with these lines."""

    lines: list[str]

    def output(self, script: str, *, patient: bool = False) -> bytes:
        return "\n".join(self.lines).encode()


def observer(lines: list[str], archive: bytes | None) -> StepObserver:
    helper: Any = Helper(lines)
    return StepObserver(helper, {"/ciforge/bin/observe": ""}, lambda _path, _limit: archive)


def test_observation_has_what_the_step_read_and_made() -> None:
    seen = observer(GOOD, packed({"./config.h": b"text"})).end()
    assert seen is not None
    assert seen.read == {"configure"}
    assert seen.made == (
        MadeFile(path="obj", type=tarfile.DIRTYPE, mode=0o755),
        MadeFile(
            path="config.h", type=tarfile.REGTYPE, mode=0o644, mtime=NANOSECONDS, data=b"text"
        ),
    )
    assert seen.began == NANOSECONDS


@each(
    "lines",
    [
        [], GOOD[:-1], ["gone /ciforge/src/a", *GOOD], ["outside 2026 81a4 /usr/local/lib/a", *GOOD],
        ["read /etc/passwd", *GOOD], ["read /ciforge/src/../x", *GOOD], ["read /ciforge/src/a\\n", *GOOD],
        ["what", *GOOD], [line.replace("made 81a4 1000 4 1", "made 81a4 1000 4 2") for line in GOOD],
        [line.replace("made 81a4 1000 4", "made 81a4 1000 5") for line in GOOD],
        [line.replace("made 81a4", "made 11a4") for line in GOOD],
        [line.replace("made 81a4", "made a1ff") for line in GOOD],
        [line.replace("config.h", "other.h") for line in GOOD],
        [line.replace(":33.000000005", ":33") for line in GOOD],
        [*GOOD[:-1], MADE.replace("config.h", "second.h"), "end"],
    ],
)  # fmt: skip
def test_hostile_list_of_a_machine_is_no_observation(lines: list[str]) -> None:
    assert observer(lines, packed({"./config.h": b"text"})).end() is None


@pytest.mark.parametrize("archive", [
    None, b"", b"nonsense", packed({"./config.h": b"text"})[:600], packed({"../config.h": b"text"}),
    packed({"/config.h": b"text"}), packed({"./config.h": b"text", "./more": b""}),
    packed({"./config.h": b""}, type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    packed({"./config.h": b""}, type=tarfile.LNKTYPE, linkname="./a"),
])  # fmt: skip
def test_archive_that_differs_from_the_list_is_no_observation(archive: bytes | None) -> None:
    assert observer(GOOD, archive).end() is None


def test_step_is_observed_only_where_reads_are_recorded() -> None:
    assert observer(["ready"], None).begin()
    assert not observer([""], None).begin()
