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


def test_everything_is_carried(plain: Path, bench: Bench) -> None:
    (plain / "empty").mkdir()
    (plain / "link").symlink_to("/etc")
    carried = bench.carry(plain)
    assert content(carried) == {
        ".gitignore": "*.o\n", "a": "1", "d": "/", "d/b": "2", "empty": "/",
        "link": "-> /etc", "x.o": "o",
    }  # fmt: skip
    assert (carried.used.revision, carried.used.changes) == ("", 0)


def test_times_are_as_they_lie_in_whole_seconds(plain: Path, bench: Bench) -> None:
    os.utime(plain / "a", ns=(0, 1_000_000_000_700_000_000))
    age(plain / "d", 1_100_000_000)
    times = {name: m.mtime for name, m in members(bench.carry(plain)).items()}
    assert (times["a"], times["d"]) == (1_000_000_000, 1_100_000_000)


def test_what_is_no_file_is_left_out_and_said(plain: Path, bench: Bench) -> None:
    os.mkfifo(plain / "d" / "fifo")
    assert "d/fifo" not in bench.tree(plain)
    assert bench.heard == ["d/fifo is neither file, folder nor link: left out"]


def test_git_itself_is_never_carried(plain: Path, bench: Bench) -> None:
    repository(plain / "inner", i="i")
    put(plain, "sub/.git", "gitdir: elsewhere\n")
    assert not any(".git" in name.split("/") for name in bench.tree(plain))
    assert "inner/i" in bench.tree(plain)


def test_the_folder_is_left_untouched(plain: Path, bench: Bench) -> None:
    before = fingerprint(plain)
    bench.carry(plain)
    assert fingerprint(plain) == before


def test_a_deep_folder_is_carried(tmp_path: Path, bench: Bench) -> None:
    put(tmp_path / "plain", "d/" * 150 + "f", "deep")
    assert bench.tree(tmp_path / "plain")["d/" * 150 + "f"] == "deep"


def test_folder_too_deep_to_unpack_is_refused(tmp_path: Path, bench: Bench) -> None:
    put(tmp_path / "plain", "d/" * 250 + "f", "deep")
    with pytest.raises(UsageError, match="more than 200 folders deep"):
        bench.carry(tmp_path / "plain")


def test_an_empty_folder_is_an_empty_source(tmp_path: Path, bench: Bench) -> None:
    (tmp_path / "plain").mkdir()
    assert bench.tree(tmp_path / "plain") == {}


def test_git_is_not_needed(plain: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert bench.tree(plain)["a"] == "1"
    tree = plain.parent / "fake"
    (tree / ".git").mkdir(parents=True)
    with pytest.raises(EngineError, match="git is not installed"):
        bench.carry(tree)


# --- what changes while it is read ---


def test_a_file_that_vanished_is_left_out_and_said(tmp_path: Path) -> None:
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


def test_a_file_that_keeps_changing_does_not_break_the_tar(plain: Path, bench: Bench) -> None:
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


def test_no_part_of_a_path_is_followed_while_it_is_read(tmp_path: Path) -> None:
    put(tmp_path, "outside/f", "secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "d").symlink_to(tmp_path / "outside")
    ground = SafeTree(tmp_path / "in", print)
    with pytest.raises(FileNotFoundError), stable_copy(ground, b"d/f"):
        pass


# --- packing ---


@pytest.mark.parametrize("path", [b"/a", b"../a", b"a/../b", b"a//b", b"./a", b"", b"a/"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: bytes) -> None:
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
        ([link(b"a", b"x", 0), Entry(path=b"a", kind=EntryKind.FILE)], "a: this path comes twice"),
        ([folder(b"a", 0), Entry(path=b"a", kind=EntryKind.FILE)], "a: this path comes twice"),
    ],
)
def test_paths_that_fight_are_refused(tmp_path: Path, entries: list[Entry], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        pack(entries, tmp_path / "r.tar", print)


@pytest.mark.parametrize("mtime", [-5, 10**30])
def test_times_that_no_header_holds_are_bounded(tmp_path: Path, bench: Bench, mtime: int) -> None:
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
def test_a_wrong_place_is_refused(plain: Path, bench: Bench, place: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        bench.carry(place.format(plain.parent))


def test_a_revision_needs_git(plain: Path, bench: Bench) -> None:
    with pytest.raises(UsageError, match="no git repository"):
        bench.carry(plain, "HEAD")


def test_a_name_that_is_no_id_names_no_file(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot name a repository"):
        take_snapshot(
            SourceSpec(repo="../r", place=str(plain)), tmp_path / "out", tmp_path / "mirrors"
        )


def test_where_nothing_can_be_written_the_machine_is_to_blame(plain: Path, tmp_path: Path) -> None:
    put(tmp_path, "file", "")
    with pytest.raises(EngineError):
        take_snapshot(
            SourceSpec(repo="r", place=str(plain)), tmp_path / "file", tmp_path / "mirrors"
        )
