"""Saved steps are found whole or not at all, within their limit."""

import errno
import os
from pathlib import Path

import attrs
import pytest

from ciforge.model.saved_step import SavedFile, SavedStep
from ciforge.store.saved_step_files import FOLDER, SavedStepFiles, saved_step_files, total_size
from tests.tables import each

KEY = "a" * 40
SAVED = SavedStep(
    key=KEY, step="configure", run="r", inputs={"configure": "0" * 64}, order=(0,), env={},
    files=(SavedFile(path="config.h", kind="file", mode=0o644, seconds=1, nanoseconds=2, during=True, size=4),),
    log_size=3,
)  # fmt: skip
PAYLOAD = b"logmade"


@attrs.define
class Box:
    state: Path
    told: list[str] = attrs.field(factory=list)

    def files(self, limit: int = 10**6) -> SavedStepFiles:
        return SavedStepFiles(self.state, self.told.append, limit=limit)

    def only(self) -> Path:
        (file,) = saved_step_files(self.state)
        return file


@pytest.fixture
def box(tmp_path: Path) -> Box:
    found = Box(tmp_path)
    found.files().keep(SAVED, PAYLOAD)
    return found


def test_saved_step_is_found_by_its_key_if_it_fits(box: Box) -> None:
    assert box.files().find(KEY, lambda _: True) == (SAVED, PAYLOAD)
    assert box.files().find(KEY, lambda _: False) is None
    assert box.files().find("b" * 40, lambda _: True) is None
    assert total_size(box.state) == box.only().stat().st_size


@each("at", [3, 80, -1, -6])
def test_damaged_saved_step_is_named_and_removed(at: int, box: Box) -> None:
    box.told.clear()
    box.files().keep(SAVED, PAYLOAD)
    file = box.only()
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)
    assert box.files().find(KEY, lambda _: True) is None
    assert file.name in box.told[0]
    assert "damaged, not used" in box.told[0]
    assert saved_step_files(box.state) == ()


def test_saved_step_that_is_cut_or_that_another_user_can_write_is_not_used(box: Box) -> None:
    file = box.only()
    file.chmod(0o622)
    assert box.files().find(KEY, lambda _: True) is None
    box.files().keep(SAVED, PAYLOAD)
    file.write_bytes(file.read_bytes()[:-1])
    assert box.files().find(KEY, lambda _: True) is None
    assert len(box.told) == 2


def test_link_in_place_of_a_saved_step_is_not_followed(box: Box, tmp_path: Path) -> None:
    file = box.only()
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert box.files().find(KEY, lambda _: True) is None


def test_saved_steps_that_were_used_longest_ago_are_removed_over_the_limit(box: Box) -> None:
    first, size = box.only(), box.only().stat().st_size
    os.utime(first, (1, 1))
    for letter in "bc":
        box.files(limit=2 * size + 10).keep(attrs.evolve(SAVED, key=letter * 40), PAYLOAD)
    assert sorted(file.name[0] for file in saved_step_files(box.state)) == ["b", "c"]


def test_four_saved_steps_of_one_key_are_kept(box: Box) -> None:
    for number in range(6):
        box.files().keep(attrs.evolve(SAVED, inputs={"configure": f"{number}" * 64}), PAYLOAD)
    assert len(saved_step_files(box.state)) == 4


def test_other_files_in_the_folder_are_not_touched(box: Box) -> None:
    other = box.state / FOLDER / "notes"
    other.write_text("mine")
    assert box.files().drop(SAVED).name.startswith(KEY)
    assert (saved_step_files(box.state), other.exists()) == ((), True)


def test_full_disk_removes_all_saved_steps_and_says_so(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("ciforge.store.saved_step_files.write_atomically", full)
    with pytest.raises(OSError, match="No space left"):
        box.files().keep(attrs.evolve(SAVED, key="b" * 40), PAYLOAD)
    assert saved_step_files(box.state) == ()
    assert "the disk is full: all saved steps were removed" in box.told
