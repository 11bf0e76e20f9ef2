"""Repositories in a repository are carried by their own rules."""

from pathlib import Path

import pytest
from source_trees import COMMITTED, Bench, commit, content, git, members, repository, write


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return repository(tmp_path / "tree", a="1\n", _dot_gitignore="*.o\n")


@pytest.fixture
def with_module(tree: Path) -> Path:
    module = repository(tree.parent / "module", m="m\n", _dot_gitignore="*.i\n")
    git(tree, "submodule", "--quiet", "add", str(module), "lib/mod")
    commit(tree)
    return tree


def test_a_checked_out_submodule_is_carried_by_its_own_rules(
    with_module: Path, bench: Bench
) -> None:
    write(with_module, lib__mod__new="n", lib__mod__x_dot_i="i")
    carried = bench.carry(with_module)
    assert {"lib/mod/m", "lib/mod/new", "lib/mod/.gitignore"} <= set(content(carried))
    assert {"lib/mod/x.i", "lib/mod/.git"}.isdisjoint(content(carried))
    assert carried.used.changes == 1


def test_a_submodule_at_another_commit_is_a_change(with_module: Path, bench: Bench) -> None:
    write(with_module, lib__mod__m="other\n")
    commit(with_module / "lib" / "mod")
    carried = bench.carry(with_module)
    assert (content(carried)["lib/mod/m"], carried.used.changes) == ("other\n", 1)


def test_a_submodule_that_is_not_checked_out_is_an_empty_folder(
    with_module: Path, bench: Bench
) -> None:
    git(with_module, "submodule", "--quiet", "deinit", "--force", "--all")
    carried = bench.carry(with_module)
    assert [(n, t) for n, t in content(carried).items() if "lib" in n] == [
        ("lib", "/"),
        ("lib/mod", "/"),
    ]
    assert carried.used.changes == 0


def test_a_submodule_of_a_commit_is_an_empty_folder_and_said(
    with_module: Path, bench: Bench
) -> None:
    assert bench.tree(with_module, "HEAD")["lib/mod"] == "/"
    assert bench.heard == ["lib/mod is a submodule: left empty"]


def test_an_untracked_repository_inside_is_carried_as_new(tree: Path, bench: Bench) -> None:
    inner = repository(tree / "inner", i="i", j="j", _dot_gitignore="*.k\n")
    write(inner, x_dot_k="k")
    carried = bench.carry(tree)
    assert {"inner/i", "inner/j"} <= set(content(carried))
    assert {"inner/x.k", "inner/.git"}.isdisjoint(content(carried))
    assert carried.used.changes == 3
    assert members(carried)["inner/i"].mtime > COMMITTED
