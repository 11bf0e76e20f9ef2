"""A folder without git is carried whole, as it lies there."""

import os
import threading
from pathlib import Path

import pytest
from source_trees import Bench, age, content, fingerprint, members, put, repository, write

from ciforge.errors import EngineError, UsageError
from ciforge.sources import SourceSpec, take_snapshot
from ciforge.sources.safe_tree import SafeTree, stable_copy
from ciforge.sources.tar_writer import pack
from ciforge.sources.tree_entry import Entry, EntryKind, folder, link


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    tree = tmp_path / "plain"
    write(tree, a="1", d__b="2", _dot_gitignore="*.o\n", x_dot_o="o")
    return tree


def test_folder_without_git_is_copied_completely(plain: Path, bench: Bench) -> None:
    (plain / "empty").mkdir()
    (plain / "link").symlink_to("/etc")
    carried = bench.carry(plain)
    assert content(carried) == {
        ".gitignore": "*.o\n", "a": "1", "d": "/", "d/b": "2", "empty": "/",
        "link": "-> /etc", "x.o": "o",
    }  # fmt: skip
    assert (carried.used.revision, carried.used.changes) == ("", 0)


def test_folder_snapshot_keeps_times_in_whole_seconds(plain: Path, bench: Bench) -> None:
    os.utime(plain / "a", ns=(0, 1_000_000_000_700_000_000))
    age(plain / "d", 1_100_000_000)
    times = {name: m.mtime for name, m in members(bench.carry(plain)).items()}
    assert (times["a"], times["d"]) == (1_000_000_000, 1_100_000_000)


def test_folder_snapshot_leaves_out_special_files_and_says_so(plain: Path, bench: Bench) -> None:
    os.mkfifo(plain / "d" / "fifo")
    assert "d/fifo" not in bench.tree(plain)
    assert bench.heard == ["d/fifo is neither file, folder nor link: left out"]


def test_folder_snapshot_never_has_a_git_directory(plain: Path, bench: Bench) -> None:
    repository(plain / "inner", i="i")
    put(plain, "sub/.git", "gitdir: elsewhere\n")
    assert not any(".git" in name.split("/") for name in bench.tree(plain))
    assert "inner/i" in bench.tree(plain)


def test_folder_is_unchanged_by_its_snapshot(plain: Path, bench: Bench) -> None:
    before = fingerprint(plain)
    bench.carry(plain)
    assert fingerprint(plain) == before


def test_deep_folder_is_copied(tmp_path: Path, bench: Bench) -> None:
    put(tmp_path / "plain", "d/" * 150 + "f", "deep")
    assert bench.tree(tmp_path / "plain")["d/" * 150 + "f"] == "deep"


def test_folder_too_deep_to_unpack_is_refused(tmp_path: Path, bench: Bench) -> None:
    put(tmp_path / "plain", "d/" * 250 + "f", "deep")
    with pytest.raises(UsageError, match="more than 200 folders deep"):
        bench.carry(tmp_path / "plain")


def test_empty_folder_is_an_empty_snapshot(tmp_path: Path, bench: Bench) -> None:
    (tmp_path / "plain").mkdir()
    assert bench.tree(tmp_path / "plain") == {}


def test_folder_snapshot_needs_no_git(
    plain: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert bench.tree(plain)["a"] == "1"
    tree = plain.parent / "fake"
    (tree / ".git").mkdir(parents=True)
    with pytest.raises(EngineError, match="git is not installed"):
        bench.carry(tree)


# --- what changes while it is read ---


def test_folder_snapshot_leaves_out_a_vanished_file_and_says_so(tmp_path: Path) -> None:
    heard: list[str] = []
    ground = SafeTree(tmp_path, heard.append)
    for name in ("a", "b", "c"):
        put(tmp_path, name, name)
    entries = [e for n in (b"a", b"b", b"c") if (e := ground.entry(n, os.lstat(tmp_path / "a"), 0))]
    (tmp_path / "b").unlink()
    (tmp_path / "c").unlink()
    (tmp_path / "c").symlink_to("a")
    pack(entries, tmp_path / "r.tar", heard.append)
    assert heard == [f"{name} vanished while it was read: left out" for name in ("b", "c")]


def test_folder_snapshot_survives_a_file_that_keeps_changing(plain: Path, bench: Bench) -> None:
    done = threading.Event()

    def scribble() -> None:
        size = 0
        while not done.is_set():
            size = (size + 70_001) % 3_000_000
            (plain / "a").write_bytes(b"x" * size)

    write(plain, a="")
    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        for _ in range(5):
            carried = content(bench.carry(plain))
            assert set(carried["a"]) <= {"x"}
            assert carried["d/b"] == "2"
    finally:
        done.set()
        writer.join()


def test_folder_snapshot_follows_no_link_while_reading(tmp_path: Path) -> None:
    put(tmp_path, "outside/f", "secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "d").symlink_to(tmp_path / "outside")
    ground = SafeTree(tmp_path / "in", print)
    with pytest.raises(FileNotFoundError), stable_copy(ground, b"d/f"):
        pass


# --- packing ---


@pytest.mark.parametrize("path", [b"/a", b"../a", b"a/../b", b"a//b", b"./a", b"", b"a/"])
def test_source_path_that_leads_out_is_refused(tmp_path: Path, path: bytes) -> None:
    with pytest.raises(UsageError, match="leads out of the source"):
        pack([Entry(path=path, kind=EntryKind.FILE)], tmp_path / "r.tar", print)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (
            [link(b"a", b"/etc", 0), Entry(path=b"a/b", kind=EntryKind.FILE)],
            "a/b: .* through a link",
        ),
        (
            [Entry(path=b"a/b", kind=EntryKind.FILE), link(b"a", b"/etc", 0)],
            "a/b: .* through a link",
        ),
        (
            [Entry(path=b"a", kind=EntryKind.FILE), Entry(path=b"a/b", kind=EntryKind.FILE)],
            "through a file",
        ),
        (
            [link(b"a", b"x", 0), Entry(path=b"a", kind=EntryKind.FILE)],
            "a: this path is in the archive twice",
        ),
        (
            [folder(b"a", 0), Entry(path=b"a", kind=EntryKind.FILE)],
            "a: this path is in the archive twice",
        ),
    ],
)
def test_conflicting_paths_of_a_snapshot_are_refused(
    tmp_path: Path, entries: list[Entry], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        pack(entries, tmp_path / "r.tar", print)


@pytest.mark.parametrize("mtime", [-5, 10**30])
def test_folder_snapshot_bounds_times_to_the_tar_header(
    tmp_path: Path, bench: Bench, mtime: int
) -> None:
    entry = Entry(path=b"a", kind=EntryKind.FILE, mtime=mtime)
    pack([entry], tmp_path / "r.tar", print)
    assert (tmp_path / "r.tar").stat().st_size > 0


# --- what is no source ---


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("{0}/plane", r"there is no such folder or file \(did you mean 'plain'\?\)"),
        ("ext::sh -c 'touch {0}/ran'", "no such folder or file"),
        ("/dev/null", "neither a folder nor a file"),
        ("", "is not a source"),
        ("a\0b", "is not a source"),
    ],
)
def test_source_path_that_is_no_folder_is_refused(
    plain: Path, bench: Bench, place: str, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        bench.carry(place.format(plain.parent))


def test_revision_of_a_folder_without_git_is_refused(plain: Path, bench: Bench) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        bench.carry(plain, "HEAD")


def test_source_name_that_is_no_id_names_no_file(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot name a repository"):
        take_snapshot(
            SourceSpec(repo="../r", place=str(plain)), tmp_path / "out", tmp_path / "mirrors"
        )


def test_snapshot_that_cannot_be_written_is_infrastructure(plain: Path, tmp_path: Path) -> None:
    put(tmp_path, "file", "")
    with pytest.raises(EngineError):
        take_snapshot(
            SourceSpec(repo="r", place=str(plain)), tmp_path / "file", tmp_path / "mirrors"
        )
