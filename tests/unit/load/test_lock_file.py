"""`ciforge.lock`: written in a stable order, read strictly, and taken into the catalogue."""

from pathlib import Path

import pytest

from ciforge.errors import InputError, UsageError
from ciforge.load.lock_file import load_lock, lock_text, locked_places, with_lock
from ciforge.model.package_lock import PackageLock
from tests.projects import real_catalogue
from tests.tables import each

LOCK = PackageLock(
    packages={
        "debian-13": {
            "pkg-config:libfido2": ("libfido2-dev",),
            "header:event.h": ("libevent-dev",),
        },
        "alpine-3.23": {"pkg-config:libfido2": None, "command:sh": ()},
    }
)
TEXT = """\
# Written by `ciforge packages --update`: the packages of the names in the project file. Commit this file.
lock: 1
packages:
  alpine-3.23:
    "command:sh": []
    "pkg-config:libfido2": none
  debian-13:
    "header:event.h": [libevent-dev]
    "pkg-config:libfido2": [libfido2-dev]
"""


def written(folder: Path, text: str) -> Path:
    (folder / "ciforge.lock").write_text(text)
    return folder / "ciforge.yml"


def test_lock_is_written_in_the_order_of_the_alphabet_and_read_again(tmp_path: Path) -> None:
    assert lock_text(LOCK) == TEXT
    assert load_lock(written(tmp_path, TEXT)).packages == LOCK.packages


def test_project_without_a_lock_has_an_empty_one(tmp_path: Path) -> None:
    assert load_lock(tmp_path / "ciforge.yml").packages == {}


@each(
    ("text", "place", "told"),
    [
        ("lock: 2\npackages: {}", "1:7", "run `ciforge packages --update`"),
        ("lock: 1\npackages: {debian-13: {libevent: [x]}}", "2:24", "is not a name like"),
        ('lock: 1\npackages: {debian-13: {"header:a b": [x]}}', "2:24", "is not a name like"),
        ('lock: 1\npackages: {debian-13: {"header:../a": [x]}}', "2:24", "is not a name like"),
        ('lock: 1\npackages: {debian-13: {"header:a.h": [--purge]}}', "2:39", "not the plain name of a package"),
        ('lock: 1\npackages: {debian-13: {"header:a.h": ["x; id"]}}', "2:39", "not the plain name of a package"),
        ('lock: 1\npackages: {debian-13: {"header:a.h": ["https://example.org/a.rpm"]}}', "2:39", "not the plain name"),
        ('lock: 1\npackages: {debian-13: {"header:a.h": ["@core"]}}', "2:39", "not the plain name"),
        ('lock: 1\npackages: {debian-13: {"header:a.h": [bash-]}}', "2:39", "not the plain name"),
        ("lock: 1\nsources: {}", "2:1", "unknown key 'sources'"),
        ("lock: 1\npackages: {debian-13: [", "3:1", "expected here"),
        ("lock: 1\nlock: 1", "2:1", "'lock'"),
        ("", "1:1", "the file is empty"),
    ],
)  # fmt: skip
def test_hostile_lock_is_refused_with_its_place(
    text: str, place: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        load_lock(written(tmp_path, text))
    (problem, *_) = caught.value.problems
    assert problem.startswith(f"{tmp_path / 'ciforge.lock'}:{place}"), problem
    assert told in problem


def test_lock_that_is_a_link_or_a_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password: hunter2\n")
    (tmp_path / "ciforge.lock").symlink_to("secret")
    with pytest.raises(InputError, match="symbolic link, which is not followed"):
        load_lock(tmp_path / "ciforge.yml")
    (tmp_path / "ciforge.lock").unlink()
    (tmp_path / "ciforge.lock").mkdir()
    with pytest.raises(UsageError):
        load_lock(tmp_path / "ciforge.yml")


def test_catalogue_has_the_answers_of_the_lock_by_release() -> None:
    catalogue = with_lock(real_catalogue(), LOCK, ["pkg-config:libfido2", "command:sh"])
    debian, alpine = (catalogue.distributions[name] for name in ("debian", "alpine"))
    assert debian.packages["pkg-config:libfido2"].on("13").packages == ("libfido2-dev",)
    assert "ciforge packages --update" in debian.packages["pkg-config:libfido2"].on("12").missing
    assert "no package" in alpine.packages["pkg-config:libfido2"].on("3.23").missing
    assert alpine.packages["command:sh"].on("3.23").provided == "base"


def test_package_of_the_lock_has_its_place_there(tmp_path: Path) -> None:
    file = written(tmp_path, TEXT)
    (place,) = locked_places(file, "debian-13", ["libfido2-dev", "gcc"])
    assert place.place == f"{tmp_path / 'ciforge.lock'}:9:29"
    assert locked_places(file, "debian-12", ["libfido2-dev"]) == []
