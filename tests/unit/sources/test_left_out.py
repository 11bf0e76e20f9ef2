"""What a tree has and its snapshot has not."""

import subprocess
from pathlib import Path

import pytest

from ciforge.sources.left_out import not_copied


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository whose m4/ and *.inc git ignores, with a folder `daemon` and one beside it."""
    top = tmp_path / "top"
    for name, text in {
        ".gitignore": "m4/\n*.inc\n",
        "m4/ax_frob.m4": "AC_DEFUN([AX_FROB],\n[true])\nAU_DEFUN([AX_OLD], [AX_FROB])\n",
        "daemon/main.c": "#include <common.h>\n",
        "daemon/table.inc": "1\n",
        "common/common.h": "\n",
    }.items():
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for words in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=top, check=True)
    return top


def test_ignored_file_is_found_by_the_end_of_its_path(tree: Path) -> None:
    assert not_copied(tree, ["table.inc", "daemon/table.inc", "other.inc"]) == {
        "table.inc": "ignored daemon/table.inc",
        "daemon/table.inc": "ignored daemon/table.inc",
    }


def test_ignored_m4_file_is_found_by_the_macro_that_it_defines(tree: Path) -> None:
    assert not_copied(tree, ["AX_FROB", "AX_OLD", "AX_FRO", "AX_OTHER"]) == {
        "AX_FROB": "ignored m4/ax_frob.m4",
        "AX_OLD": "ignored m4/ax_frob.m4",
    }


def test_file_outside_of_the_built_folder_is_found(tree: Path) -> None:
    assert not_copied(tree / "daemon", ["common.h"]) == {"common.h": "outside common/common.h"}


def test_copied_file_is_not_reported_as_left_out(tree: Path) -> None:
    assert not_copied(tree, ["main.c", "common.h"]) == {}


@pytest.mark.parametrize("name", ["../common.h", "/etc/passwd", "-h", "a b", "*", "", "x" * 300])
def test_hostile_name_is_not_searched_among_ignored_files(tree: Path, name: str) -> None:
    assert not_copied(tree, [name]) == {}


def test_search_for_ignored_files_follows_no_link(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("AC_DEFUN([AX_SECRET], [])")
    (tree / "m4" / "secret.m4").symlink_to(tmp_path / "secret")
    assert not_copied(tree, ["AX_SECRET"]) == {}


def test_ignored_files_are_unknown_without_a_repository(tmp_path: Path) -> None:
    assert not_copied(tmp_path, ["x.h"]) == {}
    assert not_copied(tmp_path / "absent", ["x.h"]) == {}
