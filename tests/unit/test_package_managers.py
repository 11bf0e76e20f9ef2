"""The tools that drive real package managers: their project, their page, and the disk image that Alpine comes from."""

import datetime
import io
import struct
import sys
import zlib
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from manager_images import names_of  # noqa: E402
from manager_matrix import FAULTS, TARGETS, cases, project  # noqa: E402
from package_managers import Seen, page  # noqa: E402
from qcow2 import expand  # noqa: E402

from ciforge.app.workspace import open_workspace  # noqa: E402

pytestmark = pytest.mark.slow

HELD = Seen(
    target="apk-3", fault="wrong-name", job="tree/apk-3-good/wrong-name", status="failed", code=1,
    reason="there is no package 'fault-nowhere'", subject="fault-nowhere", log="",
    advice="fault-nowhere does not exist under this name in this release: correct the dependency for it.",
)  # fmt: skip


def test_project_of_the_matrix_has_a_job_for_each_case(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", TARGETS, FAULTS)
    plan = open_workspace(folder / "ciforge.yml", folder).plan
    wanted = {job for _, _, job in cases(TARGETS, FAULTS)}
    assert {job.id for job in plan.jobs} == wanted
    assert [job.id for job in plan.jobs if job.skipped] == []
    for job in plan.jobs:
        assert set(FAULTS[job.variant].packages) <= set(job.packages)


def test_project_of_the_matrix_needs_only_packages_that_the_repositories_have(
    tmp_path: Path,
) -> None:
    folder = project(tmp_path / "p", TARGETS, ["nothing"])
    needed = {
        job.system: set(job.packages)
        for job in open_workspace(folder / "ciforge.yml", folder).plan.jobs
    }
    for target in TARGETS:
        assert needed[target.name] <= set(names_of(target)), target.name


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, ""),
        ({"status": "infrastructure"}, "infrastructure, not failed"),
        ({"code": 3}, "exit status 3, not 1"),
        ({"reason": "a command failed"}, "reason 'a command failed'"),
        ({"subject": "other"}, "subject 'other'"),
        ({"advice": "run it again"}, "advice 'run it again'"),
    ],
)
def test_case_of_the_matrix_names_what_is_not_as_it_should_be(
    changes: dict[str, object], wrong: str
) -> None:
    assert attrs.evolve(HELD, **changes).wrong == wrong


def test_page_of_the_matrix_has_a_row_for_each_case() -> None:
    bad = attrs.evolve(HELD, fault="conflict", reason="a | b")
    text = page(
        [bad, HELD],
        {"apk-3": "apk-tools 3.0.8"},
        {"dnf5-sid": "no mirror"},
        datetime.date(2026, 11, 30),
    )
    assert "- cases: 2, 1 as they should be" in text
    assert "- dnf5-sid: not tried: no mirror" in text
    rows = [line for line in text.splitlines() if "apk-tools 3.0.8 |" in line]
    assert [one.split(" | ")[0] for one in rows] == ["| wrong-name", "| conflict"]
    assert rows[0].endswith("| fault-nowhere | yes |")
    assert "a \\| b" in rows[1]


def qcow2(clusters: dict[int, bytes], bits: int = 9, size: int = 1 << 15) -> io.BytesIO:
    """A disk image with these clusters of 512 bytes, the second of them compressed."""
    cluster = 1 << bits
    table, data, entries = 2 * cluster, bytearray(), [0] * (cluster // 8)
    for number, (place, text) in enumerate(sorted(clusters.items())):
        at = 3 * cluster + len(data)
        if number == 1:
            packer = zlib.compressobj(wbits=-12)
            packed = packer.compress(text) + packer.flush()
            entries[place] = (1 << 62) | at
            data += packed.ljust(cluster, b"\0")
        else:
            entries[place] = (1 << 63) | at
            data += text
    header = struct.pack(">IIQIIQIIQ", 0x514649FB, 3, 0, 0, bits, size, 0, 1, cluster)
    parts = (
        header,
        struct.pack(">Q", (1 << 63) | table),
        struct.pack(f">{len(entries)}Q", *entries),
    )
    return io.BytesIO(b"".join(part.ljust(cluster, b"\0") for part in parts) + bytes(data))


def test_disk_image_is_read_with_holes_and_packed_clusters(tmp_path: Path) -> None:
    clusters = {0: b"first" * 102 + b"ab", 3: b"second" * 85 + b"cd", 9: b"third" * 102 + b"ef"}
    with (tmp_path / "disk").open("wb") as target:
        expand(qcow2(clusters), target)
    disk = (tmp_path / "disk").read_bytes()
    assert len(disk) == 1 << 15
    for place in range(64):
        assert disk[place * 512 : place * 512 + 512] == clusters.get(place, bytes(512))


def test_disk_image_on_another_one_is_refused(tmp_path: Path) -> None:
    image = qcow2({})
    image.seek(8)
    image.write(struct.pack(">Q", 104))
    image.seek(0)
    with (tmp_path / "disk").open("wb") as target, pytest.raises(ValueError, match="not a plain"):
        expand(image, target)
