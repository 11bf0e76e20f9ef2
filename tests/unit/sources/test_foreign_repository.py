"""What a repository of somebody else configures runs nothing on the reader's machine."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from source_trees import Bench, commit, git, put, repository, write

from ciforge.errors import CiforgeError
from ciforge.sources import checkout_of, origin_of, remotes_of, tracked_in
from ciforge.sources.commit_range import commit_range
from ciforge.sources.git import NoRepository, settings
from ciforge.sources.git import git as run_git
from tests.tables import mostly_slow

pytestmark = pytest.mark.slow

KEYS = (
    "core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.askPass", "core.pager", "core.editor",
    "core.alternateRefsCommand", "credential.helper", "credential.https://127.0.0.1.helper",
    "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.clean", "filter.x.smudge",
    "filter.x.process", "filter.a=b.clean", "gpg.program", "gpg.ssh.program", "interactive.diffFilter",
    "merge.x.driver", "pager.log", "pager.status", "remote.origin.uploadpack",
    "remote.origin.receivepack", "remote.origin.proxy", "sequence.editor", "submodule.x.update",
    "trailer.x.command", "uploadpack.packObjectsHook", "alias.status", "alias.ls-files",
    "protocol.ext.allow",
)  # fmt: skip
"""Settings whose value git runs, or that let something be run."""
HOOKS = (
    "post-index-change", "post-checkout", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman",
    "query-watchman", "pre-receive", "proc-receive",
)  # fmt: skip


@attrs.frozen
class Trap:
    """A repository that runs `ran` if git obeys its configuration."""

    tree: Path
    ran: Path
    script: Path

    def set(self, file: Path, keys: tuple[str, ...] = KEYS) -> None:
        for key in keys:
            value = "always" if key.startswith("protocol") else str(self.script)
            git(self.tree, "config", "--file", str(file), key, value)


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    tree = repository(
        tmp_path / "tree", a="1\n", b="2\n", c="3\n", d__e="4\n",
        _dot_gitattributes="a filter=x diff=x merge=x\nb filter=a=b\nc filter=x ident\n",
    )  # fmt: skip
    git(tree, "remote", "add", "origin", "https://127.0.0.1:1/x.git")
    ran = tmp_path / "ran"
    script = put(tmp_path, "script", f"#!/bin/sh\necho $0 $* >>{ran}\ncat\n")
    script.chmod(0o755)
    return Trap(tree, ran, script)


def spring(trap: Trap) -> None:
    """Of the files all seem to be edited, so that git must look at their content."""
    for name in ("a", "b", "c"):
        write(trap.tree, **{name: f"{name} edited\n"})
        os.utime(trap.tree / name, (1, 1))
    for name in HOOKS:
        put(trap.tree / ".git", f"hooks/{name}", trap.script.read_text()).chmod(0o755)


def look(tree: Path, bench: Bench) -> None:
    """Everything that ciforge asks of a checkout."""
    head = git(tree, "rev-parse", "HEAD~0")
    bench.carry(tree)
    bench.carry(tree, "HEAD")
    bench.carry(tree, patch=b"--- a/b\n+++ b/b\n@@ -1 +1 @@\n-b edited\n+B\n")
    bench.carry(f"file://{tree}", "HEAD")
    bench.carry(tree / ".git", "HEAD")
    commit_range(tree, head, head)
    checkout_of(tree)
    origin_of(tree)
    remotes_of(tree)
    tracked_in(tree)


def test_hostile_repository_runs_its_command_under_plain_git(trap: Trap) -> None:
    trap.set(trap.tree / ".git" / "config", ("filter.x.clean",))
    spring(trap)
    git(trap.tree, "status")
    assert trap.ran.exists()


def _own(trap: Trap) -> Path:
    return trap.tree / ".git" / "config"


def _included(trap: Trap) -> Path:
    git(trap.tree, "config", "include.path", "../more")
    return trap.tree / "more"


def _included_if(trap: Trap) -> Path:
    git(trap.tree, "config", f"includeIf.gitdir:{trap.tree}/.path", "../more")
    return trap.tree / "more"


def _of_the_work_tree(trap: Trap) -> Path:
    git(trap.tree, "config", "extensions.worktreeConfig", "true")
    return trap.tree / ".git" / "config.worktree"


@pytest.mark.parametrize("place", mostly_slow([_own, _included, _included_if, _of_the_work_tree]))
def test_hostile_repository_configuration_runs_nothing(
    trap: Trap, bench: Bench, place: Callable[[Trap], Path]
) -> None:
    trap.set(place(trap))
    spring(trap)
    look(trap.tree, bench)
    assert not trap.ran.exists(), trap.ran.read_text()


def test_partial_clone_does_not_fetch_by_its_own_configuration(trap: Trap, bench: Bench) -> None:
    name = git(trap.tree, "rev-parse", "HEAD:a")
    (trap.tree / ".git" / "objects" / name[:2] / name[2:]).unlink()
    for key, value in {
        "remote.origin.promisor": "true", "remote.origin.partialclonefilter": "blob:none",
        "remote.origin.uploadpack": str(trap.script), "remote.origin.url": str(trap.tree.parent),
        "extensions.partialClone": "origin", "core.repositoryformatversion": "1",
    }.items():  # fmt: skip
        git(trap.tree, "config", key, value)
    with pytest.raises(CiforgeError, match="lacks object"):
        bench.carry(trap.tree, "HEAD")
    with pytest.raises(CiforgeError):
        bench.carry(f"file://{trap.tree}", "HEAD")
    assert not trap.ran.exists(), trap.ran.read_text()


def bare_inside(trap: Trap) -> Path:
    """A folder of the tree that is a bare repository, with a work tree beside its own files."""
    inner = repository(trap.tree.parent / "inner", x="1\n", _dot_gitattributes="x filter=x\n")
    folder = trap.tree / "vendor"
    (inner / ".git").rename(folder)
    write(folder, x="edited\n", deep__y="y\n")
    git(trap.tree, "config", "--file", str(folder / "config"), "core.bare", "false")
    git(trap.tree, "config", "--file", str(folder / "config"), "core.worktree", ".")
    trap.set(folder / "config")
    return folder


def test_bare_repository_within_a_tree_is_ignored(trap: Trap, bench: Bench) -> None:
    folder = bare_inside(trap)
    assert checkout_of(folder) == checkout_of(folder / "deep") == trap.tree
    assert bench.tree(folder / "deep") == {"y": "y\n"}
    assert bench.carry(folder / "deep").used.revision == git(trap.tree, "rev-parse", "HEAD")
    assert not trap.ran.exists(), trap.ran.read_text()


@pytest.mark.slow
def test_project_folder_is_never_taken_for_a_bare_repository(trap: Trap, bench: Bench) -> None:
    folder = bare_inside(trap)
    assert bench.tree(folder, project=trap.tree)["x"] == "edited\n"
    assert "config" in bench.tree(folder, project=trap.tree)
    assert not trap.ran.exists(), trap.ran.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["", "gitdir: vendor\n"])
def test_folder_that_git_would_take_for_a_repository_runs_nothing(
    trap: Trap, bench: Bench, mark: str
) -> None:
    folder = bare_inside(trap)
    (folder / ".git").write_text(mark) if mark else (folder / ".git").mkdir()
    try:
        bench.carry(folder, project=trap.tree)
    except CiforgeError as error:
        assert "not a git repository" in str(error) or "core.worktree" in str(error)
    assert not trap.ran.exists(), trap.ran.read_text()


def test_repository_settings_on_how_files_are_read_apply(trap: Trap, bench: Bench) -> None:
    ignored = put(trap.tree.parent, "ignored", "*.log\n")
    git(trap.tree, "config", "core.excludesFile", str(ignored))
    write(trap.tree, x_dot_log="x")
    assert "x.log" not in bench.files(trap.tree)
    git(trap.tree, "config", "core.excludesFile", "/dev/zero")
    assert "x.log" in bench.files(trap.tree)


def test_unknown_repository_extension_is_refused(trap: Trap, bench: Bench) -> None:
    git(trap.tree, "config", "core.repositoryformatversion", "1")
    git(trap.tree, "config", "extensions.newRefs", "true")
    with pytest.raises(CiforgeError, match="extension"):
        bench.carry(trap.tree)


def test_sha256_repository_is_read(tmp_path: Path, bench: Bench) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    git(tree, "init", "--quiet", "--object-format=sha256")
    write(tree, a="1\n")
    assert bench.carry(tree, commit(tree)).used.revision == git(tree, "rev-parse", "HEAD")


def test_repository_with_another_work_tree_is_refused(trap: Trap, bench: Bench) -> None:
    git(trap.tree, "config", "core.worktree", str(trap.tree.parent))
    with pytest.raises(CiforgeError, match=r"core\.worktree names another folder"):
        bench.carry(trap.tree)


def test_fifo_in_a_git_directory_is_not_waited_for(trap: Trap, bench: Bench) -> None:
    os.mkfifo(trap.tree / ".git" / "packed-refs")
    (trap.tree / ".git" / "info" / "exclude").unlink()
    os.mkfifo(trap.tree / ".git" / "info" / "exclude")
    assert "a" in bench.files(trap.tree)


@pytest.mark.parametrize("name", ["HEAD", "config", "commondir"])
def test_git_file_that_git_would_wait_for_is_refused_at_once(
    trap: Trap, bench: Bench, name: str
) -> None:
    (trap.tree / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(trap.tree / ".git" / name)
    with pytest.raises(CiforgeError, match="git needs this file, and it cannot be read"):
        bench.carry(trap.tree)


def test_leftovers_of_killed_git_processes_are_removed(
    trap: Trap, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tmp"
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    for name, days in (("old", 8), ("new", 6)):
        (folder / f"ciforge-git-{name}").mkdir(parents=True)
        then = time.time() - days * 86400
        os.utime(folder / f"ciforge-git-{name}", (then, then))
    bench.carry(trap.tree)
    assert not (folder / "ciforge-git-old").exists()
    assert (folder / "ciforge-git-new").exists()


def test_git_settings_from_the_environment_apply(tmp_path: Path) -> None:
    values = {"x.a": "it's!", "http.https://h:1/.extraheader": "A: b=c 'd' \\", "x.b": ""}
    for name, value in values.items():
        words = ("config", "--get", name)
        assert run_git(*words, at=NoRepository(tmp_path), env=settings(values)).text == value
    with pytest.raises(ValueError, match="not a git setting"):
        settings({"a=b.c": "d"})
