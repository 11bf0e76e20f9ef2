"""Which files of a source are older than which is a part of it, as make compares times."""

from pathlib import Path

from ciforge.sources.tar_writer import Packed, pack
from ciforge.sources.tree_entry import Entry, EntryKind


def packed(tmp_path: Path, **times: int) -> Packed:
    entries = [
        Entry(path=name.encode(), kind=EntryKind.FILE, mtime=at) for name, at in times.items()
    ]
    return pack(entries, tmp_path / "r.tar", print)


def test_order_of_times_counts_and_their_distance_does_not(tmp_path: Path) -> None:
    first = packed(tmp_path, a=1, b=2, c=2)
    assert first.newest == 2
    assert packed(tmp_path, a=100, b=200, c=200).order == first.order
    for other in ({"a": 2, "b": 1, "c": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 2, "b": 2, "c": 2}):
        assert packed(tmp_path, **other).order != first.order
        assert packed(tmp_path, **other).digest == first.digest
