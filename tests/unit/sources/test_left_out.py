"""What a tree has and its snapshot has not."""

import subprocess
from pathlib import Path

import pytest

from ciforge.sources.left_out import not_copied
from tests.tables import each

pytestmark = pytest.mark.slow


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


@each("name", ["../common.h", "/etc/passwd", "-h", "a b", "*", "", "x" * 300])
def test_hostile_name_is_not_searched_among_ignored_files(tree: Path, name: str) -> None:
    assert not_copied(tree, [name]) == {}


def test_search_for_ignored_files_follows_no_link(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("AC_DEFUN([AX_SECRET], [])")
    (tree / "m4" / "secret.m4").symlink_to(tmp_path / "secret")
    assert not_copied(tree, ["AX_SECRET"]) == {}


def test_ignored_files_are_unknown_without_a_repository(tmp_path: Path) -> None:
    assert not_copied(tmp_path, ["x.h"]) == {}
    assert not_copied(tmp_path / "absent", ["x.h"]) == {}


def committed_in(top: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *words], cwd=top, check=True, capture_output=True)


def test_new_file_is_uncommitted_where_a_commit_is_built(tree: Path) -> None:
    (tree / "daemon" / "new.c").write_text("\n")
    assert not_copied(tree, ["new.c"], committed=True) == {"new.c": "uncommitted daemon/new.c"}
    assert not_copied(tree, ["new.c"]) == {}


@pytest.fixture
def around(tree: Path, tmp_path: Path) -> Path:
    """A repository with the folder `daemon`, and `tree` as its submodules `lib/tree` and `daemon/dep`."""
    top = tmp_path / "around"
    (top / "daemon").mkdir(parents=True)
    (top / "daemon" / "main.c").write_text("\n")
    committed_in(top, "init", "-q")
    for path in ("lib/tree", "daemon/dep"):
        committed_in(top, "submodule", "add", "-q", str(tree), path)
    committed_in(top, "config", "-f", ".gitmodules", "submodule.daemon/dep.update", "none")
    committed_in(top, "add", "-A")
    committed_in(top, "commit", "-qm", "x")
    return top


def test_file_of_a_submodule_beside_the_folder_is_outside(around: Path) -> None:
    found = not_copied(around / "daemon", ["common/common.h"])
    assert found == {"common/common.h": "outside lib/tree/common/common.h"}


def test_file_of_a_submodule_that_is_not_fetched_is_in_the_submodule(around: Path) -> None:
    assert not_copied(around, ["dep/common.h", "daemon/dep/common.h", "other/common.h"]) == {
        "dep/common.h": "submodule daemon/dep",
        "daemon/dep/common.h": "submodule daemon/dep",
    }


def test_file_of_a_submodule_that_is_copied_is_not_left_out(around: Path) -> None:
    assert not_copied(around, ["tree/common.h"]) == {}


def test_file_that_an_archive_lacks_is_named_with_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "frob-1.2.tar.gz"
    archive.write_bytes(b"")
    assert not_copied(archive, ["data/frob.conf", "AX_FROB", "../x"]) == {
        "data/frob.conf": "archive frob-1.2.tar.gz"
    }
