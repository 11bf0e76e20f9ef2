"""Repositories in a repository are carried by their own rules."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from source_trees import COMMITTED, Bench, commit, content, git, members, repository, write

from ciforge.errors import UsageError
from tests.tables import mostly_slow

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return repository(tmp_path / "tree", a="1\n", _dot_gitignore="*.o\n")


@pytest.fixture
def with_module(tree: Path) -> Path:
    module = repository(tree.parent / "module", m="m\n", _dot_gitignore="*.i\n")
    git(tree, "submodule", "--quiet", "add", str(module), "lib/mod")
    commit(tree)
    return tree


def test_submodule_is_copied_by_its_own_ignore_rules(with_module: Path, bench: Bench) -> None:
    write(with_module, lib__mod__new="n", lib__mod__x_dot_i="i")
    carried = bench.carry(with_module)
    assert {"lib/mod/m", "lib/mod/new", "lib/mod/.gitignore"} <= set(content(carried))
    assert {"lib/mod/x.i", "lib/mod/.git"}.isdisjoint(content(carried))
    assert carried.used.changes == 1


@pytest.mark.slow
def test_submodule_at_another_commit_is_a_change(with_module: Path, bench: Bench) -> None:
    write(with_module, lib__mod__m="other\n")
    commit(with_module / "lib" / "mod")
    carried = bench.carry(with_module)
    assert (content(carried)["lib/mod/m"], carried.used.changes) == ("other\n", 1)


@pytest.mark.slow
def test_submodule_that_is_not_checked_out_is_copied_as_recorded(
    with_module: Path, bench: Bench
) -> None:
    expected = bench.carry(with_module).used
    git(with_module, "submodule", "--quiet", "deinit", "--force", "--all")
    assert bench.carry(with_module).used == expected
    assert bench.carry(with_module / "lib").used.changes == 0


@pytest.mark.slow
def test_submodule_of_a_commit_has_the_files_of_its_commit(with_module: Path, bench: Bench) -> None:
    write(with_module, lib__mod__m="other\n")
    assert bench.tree(with_module, "HEAD")["lib/mod/m"] == "m\n"
    assert bench.tree(with_module / "lib", "HEAD")["mod/m"] == "m\n"
    git(with_module, "submodule", "--quiet", "deinit", "--force", "--all")
    assert bench.tree(with_module, "HEAD")["lib/mod/m"] == "m\n"


@pytest.mark.slow
def test_nested_submodule_is_copied(with_module: Path, bench: Bench) -> None:
    inner = repository(with_module.parent / "inner", i="i\n")
    module = with_module / "lib" / "mod"
    git(module, "submodule", "--quiet", "add", str(inner), "deep")
    commit(module)
    commit(with_module)
    assert bench.tree(with_module)["lib/mod/deep/i"] == "i\n"
    assert bench.tree(with_module, "HEAD") == bench.tree(with_module)


@pytest.mark.slow
@pytest.mark.parametrize("url", ["/srv/private", "file:///srv/private", "../private", "git@h:x", "ssh://h/x",
                                 "ext::sh -c x", "https://u:p@h/x", "https://h/x?y", "--upload-pack=x"])  # fmt: skip
def test_submodule_is_fetched_from_public_addresses_only(
    with_module: Path, bench: Bench, url: str
) -> None:
    git(with_module, "config", "-f", ".gitmodules", "submodule.lib/mod.url", url)
    commit(with_module)
    with pytest.raises(UsageError, match="is no public address") as caught:
        bench.carry(f"file://{with_module}")
    assert caught.value.hint.startswith("git submodule update --init")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a real server of git that serves what lies in `tmp_path`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["git", "daemon", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--export-all",
               f"--base-path={tmp_path}", str(tmp_path)]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as server:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield f"git://127.0.0.1:{port}"
        os.killpg(server.pid, signal.SIGTERM)


@pytest.mark.parametrize("url", mostly_slow(["SERVED/module", "../module", "./../module"]))
def test_submodules_of_an_address_are_fetched(
    with_module: Path, bench: Bench, served: str, url: str
) -> None:
    expected = bench.tree(with_module)
    git(
        with_module,
        "config",
        "-f",
        ".gitmodules",
        "submodule.lib/mod.url",
        url.replace("SERVED", served),
    )
    commit(with_module)
    assert bench.tree(f"{served}/tree")["lib/mod/m"] == expected["lib/mod/m"]


@pytest.mark.slow
def test_submodule_missing_in_gitmodules_is_refused(with_module: Path, bench: Bench) -> None:
    git(with_module, "rm", "--quiet", "--cached", ".gitmodules")
    (with_module / ".gitmodules").unlink()
    commit(with_module)
    for revision in ("", "HEAD"):
        with pytest.raises(
            UsageError, match=r"lib/mod: a submodule that \.gitmodules does not name"
        ):
            bench.carry(with_module, revision)


@pytest.mark.slow
def test_files_in_place_of_a_submodule_are_refused(with_module: Path, bench: Bench) -> None:
    git(with_module, "submodule", "--quiet", "deinit", "--force", "--all")
    write(with_module, lib__mod__x="x")
    with pytest.raises(UsageError, match="not checked out, but has files"):
        bench.carry(with_module)


def test_submodule_with_an_unknown_commit_is_refused(with_module: Path, bench: Bench) -> None:
    git(with_module, "update-index", "--cacheinfo", f"160000,{'1' * 40},lib/mod")
    git(with_module, "commit", "--quiet", "-m", "x")
    with pytest.raises(UsageError, match="commit 111111111111 is not here"):
        bench.carry(with_module, "HEAD")


def test_untracked_repository_inside_is_copied_as_new(tree: Path, bench: Bench) -> None:
    inner = repository(tree / "inner", i="i", j="j", _dot_gitignore="*.k\n")
    write(inner, x_dot_k="k")
    carried = bench.carry(tree)
    assert {"inner/i", "inner/j"} <= set(content(carried))
    assert {"inner/x.k", "inner/.git"}.isdisjoint(content(carried))
    assert carried.used.changes == 3
    assert members(carried)["inner/i"].mtime > COMMITTED
