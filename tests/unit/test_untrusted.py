"""Files of somebody else's tree are read within bounds, and nothing but regular files is opened."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ciforge.untrusted import FileOpener, read_below, read_file, read_inside, read_start

WAYS: dict[str, Callable[[Path], bytes]] = {
    "by its path": lambda file: read_file(file, 100),
    "its start": lambda file: read_start(file, 100),
    "below a tree": lambda file: read_below(file.parent, file.name, 100),
    "inside a tree": lambda file: read_inside(file.parent, file.name, 100),
}


@pytest.mark.parametrize("way", WAYS)
def test_untrusted_regular_file_is_read(tmp_path: Path, way: str) -> None:
    (tmp_path / "a").write_bytes(b"text")
    assert WAYS[way](tmp_path / "a") == b"text"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "link to a device"])
def test_untrusted_special_file_is_neither_opened_nor_waited_for(
    tmp_path: Path, way: str, kind: str
) -> None:
    file = tmp_path / "a"
    if kind == "fifo":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind == "device":
        file = Path("/dev/zero")
    else:
        file.symlink_to("/dev/zero")
    with pytest.raises(OSError, match=r"this is a|outside the tree"):
        WAYS[way](file)


@pytest.mark.parametrize("way", ["by its path", "below a tree"])
def test_untrusted_file_that_is_too_large_is_an_error(tmp_path: Path, way: str) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    with pytest.raises(OSError, match="larger than 100 bytes"):
        WAYS[way](tmp_path / "a")


@pytest.mark.parametrize("way", ["its start", "inside a tree"])
def test_untrusted_large_file_is_read_at_its_start(tmp_path: Path, way: str) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    assert len(WAYS[way](tmp_path / "a")) == 100


def test_untrusted_tree_is_read_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_text("text")
    (tmp_path / "file").symlink_to("d/a")
    (tmp_path / "folder").symlink_to("d")
    assert read_below(tmp_path, "d/a", 100) == b"text"
    for name in ("file", "folder/a"):
        with pytest.raises(OSError):
            read_below(tmp_path, name, 100)


def test_untrusted_tree_link_within_the_tree_may_be_followed(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "d").mkdir(parents=True)
    (tree / "d" / "a").write_text("text")
    (tree / "in").symlink_to("d/a")
    (tmp_path / "tree-secret").write_text("secret")
    (tree / "out").symlink_to("../tree-secret")
    assert read_inside(tree, "in", 100) == b"text"
    for name in ("out", "../tree-secret", str(tmp_path / "tree-secret")):
        with pytest.raises(OSError, match="outside the tree"):
            read_inside(tree, name, 100)


def test_opener_follows_no_link_and_leaves_no_descriptor(tmp_path: Path) -> None:
    for name in ("a/x", "a/y", "b/z", "top"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "c").symlink_to("a")
    (tmp_path / "a" / "link").symlink_to("x")
    before = len(list(Path("/proc/self/fd").iterdir()))
    opener = FileOpener(tmp_path)
    for name in ("a/x", "a/y", "b/z", "top", "a/x"):
        with os.fdopen(opener.open(name)) as file:
            assert file.read() == name
    for name in ("c/x", "a/link", "a/none", "none/x", "a", "top/x"):
        with pytest.raises(OSError):
            opener.open(name)
    with os.fdopen(opener.open("b/z")) as file:
        assert file.read() == "b/z"
    del opener
    assert len(list(Path("/proc/self/fd").iterdir())) == before
