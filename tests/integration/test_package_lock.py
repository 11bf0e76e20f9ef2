"""`ciforge packages --update` against the real index of a release, and the job that its lock makes."""

from pathlib import Path

from rig import Person, commit, git

PROJECT = """\
project: locked
repos:
  tree:
    path: .
    recipe: make
    dependencies: [header:event2/event.h, pkg-config:libcurl, command:rpcgen, {name}]
jobs: [debian-13]
"""
LOCK = """\
# Written by `ciforge packages --update`: the packages of the names in the project file. Commit this file.
lock: 1
packages:
  debian-13:
    "command:rpcgen": [rpcsvc-proto]
    "header:event2/event.h": [libevent-dev]
    "library:z": [zlib1g-dev]
    "pkg-config:libcurl": [libcurl4-openssl-dev]
"""


def test_lock_has_the_packages_of_the_real_index(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    git(tree, "init", "--quiet")
    (tree / "ciforge.yml").write_text(PROJECT.format(name="pkg-config:libevnt"))
    commit(tree, "everything")
    person = Person(tree, tmp_path)
    refused = person.types("packages", "--update")
    assert refused.code == 2, refused.told
    assert (
        "no package of debian-13 has 'pkg-config:libevnt' (did you mean 'pkg-config:libevent'?)"
        in refused.told
    )
    assert not (tree / "ciforge.lock").exists()
    (tree / "ciforge.yml").write_text(PROJECT.format(name="library:z"))
    done = person.types("packages", "--update")
    assert done.code == 0, done.told
    assert (tree / "ciforge.lock").read_text() == LOCK
    assert "libcurl4-openssl-dev" in person.types("script", "tree/debian-13", "--dockerfile").out
