"""A commit of a working tree beside its repository, and the branch that it is pushed to for a while."""

import subprocess
from pathlib import Path

import pytest
from source_trees import commit, git, put

from ciforge.errors import EngineError, UsageError
from ciforge.sources.checkout import work_tree_of
from ciforge.sources.scratch_branch import ScratchBranch, access_by_token, push_remote
from ciforge.sources.scratch_commit import ScratchCommit, scratch_commit

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with one commit, which its remote has."""
    tree, remote = tmp_path / "tree", tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", str(remote))
    git(tmp_path, "init", "--quiet", str(tree))
    put(tree, "a.c", "int a;\n")
    put(tree, ".gitignore", "*.o\n")
    commit(tree)
    git(tree, "remote", "add", "origin", str(remote))
    git(tree, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    git(tree, "fetch", "--quiet", "origin")
    return tree


def made(tree: Path, *, untracked: bool = False) -> ScratchCommit:
    folder = tree.parent / "scratch"
    folder.mkdir()
    return scratch_commit(
        work_tree_of(tree), folder, remote="origin", message="m [skip ci]\n", untracked=untracked
    )


def pushed(found: ScratchCommit, tree: Path) -> dict[str, str]:
    """The files of the commit in the remote, after a push."""
    remote = tree.parent / "remote.git"
    ScratchBranch(address=str(remote), branch="ciforge/try/x").push(found, tree.parent / "empty")
    names = git(remote, "ls-tree", "-r", "--name-only", found.commit).splitlines()
    return {name: git(remote, "show", f"{found.commit}:{name}") for name in names}


def test_commit_has_edited_staged_and_deleted_files_as_they_are(tree: Path) -> None:
    put(tree, "b.c", "int b;\n")
    put(tree, "staged.c", "int old;\n")
    commit(tree)
    put(tree, "a.c", "int edited;\n")
    put(tree, "new.c", "int new;\n")
    git(tree, "add", "new.c")
    put(tree, "new.c", "int newer;\n")
    (tree / "b.c").unlink()
    put(tree, "other.c", "int other;\n")
    put(tree, "a.o", "object\n")
    index = (tree / ".git" / "index").read_bytes()
    found = made(tree)
    assert (found.commits, found.changed, found.left_out) == (1, 3, ("other.c",))
    assert [file.path for file in found.sent] == ["a.c", "b.c", "new.c", "staged.c"]
    files = pushed(found, tree)
    assert files.keys() == {".gitignore", "a.c", "new.c", "staged.c"}
    assert files["a.c"].strip() == "int edited;"
    assert files["new.c"].strip() == "int newer;"
    assert (tree / ".git" / "index").read_bytes() == index
    assert git(tree, "cat-file", "--batch-all-objects", "--batch-check").count(found.commit) == 0


def test_commit_with_untracked_files_leaves_ignored_ones_and_repositories_out(tree: Path) -> None:
    put(tree, "new.c", "int new;\n")
    put(tree, "a.o", "object\n")
    git(tree, "init", "--quiet", "inner")
    put(tree, "inner/c.c", "int c;\n")
    assert pushed(made(tree, untracked=True), tree).keys() == {".gitignore", "a.c", "new.c"}


def test_commit_has_edits_that_git_was_told_to_ignore(tree: Path) -> None:
    for name in ("assumed.c", "skipped.c", "both.c", "sparse.c"):
        put(tree, name, "int old;\n")
    commit(tree)
    git(tree, "update-index", "--assume-unchanged", "assumed.c", "both.c")
    git(tree, "update-index", "--skip-worktree", "skipped.c", "both.c", "sparse.c")
    for name in ("assumed.c", "skipped.c", "both.c"):
        put(tree, name, "int edited;\n")
    (tree / "sparse.c").unlink()
    index = (tree / ".git" / "index").read_bytes()
    found = made(tree)
    assert (tree / ".git" / "index").read_bytes() == index
    assert found.changed == 3
    files = pushed(found, tree)
    assert {name: text.strip() for name, text in files.items() if name.endswith("d.c")} == {
        "assumed.c": "int edited;", "skipped.c": "int edited;",
    }  # fmt: skip
    assert files["both.c"].strip() == "int edited;"
    assert files["sparse.c"].strip() == "int old;"


def test_untracked_files_are_listed_after_edited_ones_and_as_such(tree: Path) -> None:
    put(tree, "a.c", "int edited;\n")
    put(tree, "A.c", "int new;\n")
    found = made(tree, untracked=True)
    assert [(file.path, file.untracked) for file in found.sent] == [("a.c", False), ("A.c", True)]


def test_commit_runs_no_filter_and_no_hook(tree: Path) -> None:
    mark = tree.parent / "ran"
    put(tree, ".gitattributes", "* filter=x\n")
    for name in ("filter.x.clean", "filter.x.smudge", "core.fsmonitor"):
        git(tree, "config", name, f"touch {mark}")
    for name in ("pre-commit", "post-index-change", "pre-push", "reference-transaction"):
        put(tree, f".git/hooks/{name}", f"#!/bin/sh\ntouch {mark}\n")
        (tree / ".git" / "hooks" / name).chmod(0o755)
    put(tree, "a.c", "int edited;\n")
    assert "int edited;" in pushed(made(tree, untracked=True), tree)["a.c"]
    assert not mark.exists()


def test_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "tree")
    with pytest.raises(UsageError, match="there is no commit yet"):
        made(tmp_path / "tree")


def test_branch_is_deleted_once_and_a_missing_one_is_no_error(tree: Path) -> None:
    remote = tree.parent / "remote.git"
    put(tree, "a.c", "int edited;\n")
    branch = ScratchBranch(address=str(remote), branch="ciforge/try/x")
    branch.push(made(tree), tree.parent / "empty")
    for _ in range(2):
        branch.delete(tree.parent / "empty")
        assert git(remote, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    gone = ScratchBranch(address=str(tree.parent / "nothing.git"), branch="x")
    with pytest.raises(EngineError, match="was not removed"):
        gone.delete(tree.parent / "empty")


def test_remote_is_the_named_one_else_origin(tree: Path) -> None:
    git(tree, "remote", "set-url", "origin", "https://github.com/up/hello.git")
    git(tree, "remote", "add", "fork", "git@github.com:me/hello.git")
    here = work_tree_of(tree)
    assert push_remote(here).name == "origin"
    assert push_remote(here, "fork").place == ("github.com", "me/hello")
    git(tree, "config", "url.ssh://git@ssh.example.org/.insteadOf", "git@github.com:")
    here = work_tree_of(tree)
    assert push_remote(here, "fork").shown == "ssh://git@ssh.example.org/me/hello.git"
    assert push_remote(here, "fork").place == ("ssh.example.org", "me/hello")
    with pytest.raises(UsageError, match="no remote nowhere"):
        push_remote(here, "nowhere")


def test_configuration_of_a_checkout_sends_nothing_elsewhere(tree: Path) -> None:
    remote, evil = tree.parent / "remote.git", tree.parent / "evil.git"
    for bare in (remote, evil):
        git(tree.parent, "init", "--quiet", "--bare", str(bare))
    put(evil, "hooks/pre-receive", f"#!/bin/sh\ntouch {tree.parent}/ran\n")
    (evil / "hooks" / "pre-receive").chmod(0o755)
    git(tree, "config", f"remote.{remote}.url", str(remote))
    git(tree, "config", f"remote.{remote}.pushurl", str(evil))
    git(tree, "config", f"url.{evil}.insteadOf", str(remote))
    ScratchBranch(address=str(remote), branch="x").push(made(tree), tree.parent / "empty")
    assert "refs/heads/x" in git(remote, "for-each-ref", "--format=%(refname)").split()
    assert not (tree.parent / "ran").exists()


def test_remote_that_is_a_folder_is_refused(tree: Path) -> None:
    git(tree, "remote", "add", "near", "https://github.com/me/hello.git")
    git(tree, "config", "remote.near.pushurl", str(tree.parent / "evil.git"))
    with pytest.raises(UsageError, match="which no service has"):
        push_remote(work_tree_of(tree), "near")


def test_token_is_for_https_addresses_and_in_no_argument() -> None:
    assert access_by_token("http://example.org/a.git", "s3cret") == {}
    assert access_by_token("https://example.org/a.git", "") == {}
    (name,) = access_by_token("https://example.org/a.git", "s3cret")
    assert name == "GIT_CONFIG_PARAMETERS"


def test_token_is_not_in_the_list_of_processes(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, seen = tree.parent / "bin" / "git", tree.parent / "seen"
    put(tree.parent, "bin/git", f'#!/bin/sh\necho "$@" >>{seen}\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    branch = ScratchBranch(address="https://github.com/a/b.git", branch="x", token="s3cret")
    with pytest.raises(EngineError):
        branch.delete(tree)
    text = seen.read_text()
    assert "ls-remote" in text and "s3cret" not in text
    assert (
        subprocess.run(["base64"], input=b"x-access-token:s3cret", capture_output=True, check=True)
        .stdout.decode()
        .strip()
        not in text
    )
