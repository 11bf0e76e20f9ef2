"""A large source is unpacked by GNU tar in the container, or not at all: then the engine does it."""

import tarfile
from pathlib import Path
from typing import Any

import pytest
from local_execs import LocalExecs

from ciforge.engines.unpacking import unpacked
from ciforge.sources.tar_writer import pack
from ciforge.sources.tree_entry import Entry, EntryKind, folder, link

pytestmark = pytest.mark.slow


def packed(place: Path, *entries: Entry) -> Path:
    archive = place / "source.tar"
    pack(entries, archive, print)
    return archive


def unpack(archive: Path, place: Path) -> tuple[bool, LocalExecs]:
    engine: Any = LocalExecs()
    place.mkdir()
    return unpacked(engine, "container", archive, str(place)), engine


def test_tar_of_the_container_gives_the_same_tree_by_one_exec(tmp_path: Path) -> None:
    long = b"a folder/" + b"n" * 120 + "/\u00e9".encode() + b"\xff"
    archive = packed(
        tmp_path, folder(b"a folder", 5), Entry(path=long, kind=EntryKind.FILE, mode=0o640, mtime=7),
        link(b"-link", b"/nowhere/else", 9), Entry(path=b"run", kind=EntryKind.FILE, mtime=3),
    )  # fmt: skip
    place = tmp_path / "it's here"
    done, engine = unpack(archive, place)
    assert done
    assert engine.users == ["ciforge"]
    with tarfile.open(archive, encoding="utf-8", errors="surrogateescape") as tar:
        wanted = {
            entry.name: (entry.mode, entry.mtime, entry.linkname)
            for entry in tar
            if not entry.isdir()
        }
    for name, (mode, mtime, target) in wanted.items():
        info = (place / name).lstat()
        assert int(info.st_mtime) == mtime
        assert target in ("", str((place / name).readlink()) if target else "")
        assert target or info.st_mode & 0o777 == mode
    assert (place / "a folder").stat().st_mtime == 5


@pytest.mark.parametrize("cut", [1, 3000])
def test_archive_that_tar_does_not_take_is_left_to_the_engine(tmp_path: Path, cut: int) -> None:
    archive = packed(tmp_path, Entry(path=b"one", kind=EntryKind.FILE))
    archive.write_bytes(b"x" * cut)
    done, _ = unpack(archive, tmp_path / "place")
    assert not done


def test_tar_that_is_not_gnu_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "bin" / "tar"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho 'tar (busybox) 1.37'\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{other.parent}:/usr/bin:/bin")
    done, _ = unpack(packed(tmp_path, folder(b"x", 1)), tmp_path / "place")
    assert not done
    assert not any((tmp_path / "place").iterdir())
