"""Which files a hosted job builds, and which it need not build for: with real git, in a plain clone."""

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from job_trees import in_tree
from projects import ROOT

from ciforge.model.source_version import GIT_VARIABLES
from ciforge.sources import SourceSpec, take_snapshot
from tests.tables import mostly_slow

HOSTED = ROOT / "workflows" / "hosted"
_ENV = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
}  # fmt: skip


def git(tree: Path, *words: str) -> str:
    command = ["git", "-C", str(tree), "-c", "protocol.file.allow=always", *words]
    done = subprocess.run(command, env=_ENV, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def put(tree: Path, name: str, text: str) -> None:
    file = tree / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def commit(tree: Path) -> None:
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "-m", "x")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    git(tree, "init", "--quiet", "--initial-branch=main")
    for name in ("src/a.c", "docs/a.md"):
        put(tree, name, f"{name}\n" * 9)
    commit(tree)
    return tree


# --- choose ---


def is_built(tree: Path, event: str = "pull_request", ignore: str = "docs/* *.md") -> bool:
    output = tree.parent / "output"
    output.write_text("")
    scripts = {
        "choose.sh": (HOSTED / "choose.sh").read_text(),
        "ignored.sh": (HOSTED / "ignored.sh").read_text(),
        "jobs.txt": "one/debian-13/default debian-13 default default apt linux/amd64 default false -\n",
    }
    done = subprocess.run(
        ["sh", in_tree(scripts, tree.parent / "scripts") / "choose.sh"], cwd=tree, text=True, capture_output=True, check=False,
        input="build one/debian-13/default commit ubuntu-24.04\n",
        env=_ENV | {
            "GITHUB_EVENT_NAME": event, "GITHUB_OUTPUT": str(output), "CIFORGE_IGNORE": ignore,
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return "debian-13" in output.read_text()


def pull(tree: Path, *commits: dict[str, str | None]) -> Path:
    """The merge of a pull request with these commits; None moves `src/a.c` to the name."""
    git(tree, "checkout", "--quiet", "-b", "topic")
    for files in commits:
        for name, text in files.items():
            if text is None:
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / "src" / "a.c").rename(tree / name)
            else:
                put(tree, name, text)
        commit(tree)
    git(tree, "checkout", "--quiet", "main")
    git(tree, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    return tree


@pytest.mark.parametrize(
    ("commits", "built"),
    mostly_slow(
        [
            (({"docs/a.md": "new\n"},), False),
            (({"docs/n\u00e9w": "new\n"},), False),
            (({"src/a.c": "new\n"},), True),
            (({"docs/a.c": None},), True),
            (({"src/a.c": "new\n"}, {"docs/a.md": "new\n"}), True),
            (({"docs/x\nsrc": "new\n"},), True),
            (({'src/"docs/x.md': "new\n"},), True),
            (({"src/b.c\nx.md": "new\n"},), True),
        ],
        quick=2,
    ),
)
def test_pull_request_is_built_unless_it_changes_ignored_paths_only(
    tree: Path, commits: tuple[dict[str, str | None], ...], built: bool
) -> None:
    assert is_built(pull(tree, *commits), ignore="docs/* *.md") is built


def test_pull_request_that_changes_only_a_mode_is_built(tree: Path) -> None:
    git(tree, "checkout", "--quiet", "-b", "topic")
    (tree / "src" / "a.c").chmod(0o755)
    commit(tree)
    git(tree, "checkout", "--quiet", "main")
    git(tree, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    assert is_built(tree)


@pytest.mark.slow
def test_pull_request_that_changes_an_ignored_submodule_is_built(
    tree: Path, tmp_path: Path
) -> None:
    module = tmp_path / "module"
    module.mkdir()
    git(module, "init", "--quiet")
    put(module, "m", "1\n")
    commit(module)
    git(tree, "submodule", "--quiet", "add", str(module), "lib")
    git(tree, "config", "-f", ".gitmodules", "submodule.lib.ignore", "all")
    commit(tree)
    git(tree, "checkout", "--quiet", "-b", "topic")
    put(tree, "lib/m", "2\n")
    commit(tree / "lib")
    git(tree, "add", "--force", "lib")
    git(tree, "update-index", "--cacheinfo", f"160000,{git(tree / 'lib', 'rev-parse', 'HEAD')},lib")
    git(tree, "commit", "--quiet", "-m", "x")
    git(tree, "checkout", "--quiet", "main")
    git(tree, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    assert is_built(tree)


def test_pull_request_with_unknown_changes_is_built(tree: Path, tmp_path: Path) -> None:
    put(tree, "src/a.c", "new\n")
    commit(tree)
    put(tree, "docs/a.md", "new\n")
    commit(tree)
    assert is_built(tree), "the last commit of a branch is not all of a pull request"
    pull(tree, {"docs/a.md": "newer\n"})
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{tree}", str(shallow))
    assert is_built(shallow)
    assert is_built(tree, event="push")


# --- carry ---


def prepared(tree: Path, facts: str = "") -> Path:
    """The folder of a job, with these facts about it."""
    home = tree.parent / "home"
    home.mkdir()
    for file in HOSTED.iterdir():
        (home / file.name).write_bytes(file.read_bytes())
    (home / "facts").write_text(facts)
    (home / "job").write_text("a/b-1/c\n")
    (home / "result").mkdir()
    return home


def described(tree: Path) -> tuple[int, str, str]:
    """How `carry.sh describe` ends, what it says, and the digest that it keeps."""
    home = prepared(tree)
    done = subprocess.run(
        ["sh", home / "carry.sh", "describe"], cwd=tree, env=_ENV, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    digest = home / "digest"
    return (
        done.returncode,
        done.stdout + done.stderr,
        digest.read_text().strip() if digest.exists() else "",
    )


def carried(place: Path | str, tmp_path: Path, revision: str = "") -> str:
    wanted = SourceSpec(repo="r", place=str(place), revision=revision)
    return take_snapshot(wanted, tmp_path / "out", tmp_path / "mirrors").used.digest


@pytest.mark.slow
def test_version_of_a_commit_is_the_same_locally_and_hosted(tree: Path, tmp_path: Path) -> None:
    git(tree, "tag", "v1.0")
    put(tree, "src/b.c", "new\n")
    commit(tree)
    for number, (change, ending) in enumerate((("", ""), ("edited\n", "-dirty"))):
        if change:
            put(tree, "src/a.c", change)
        code, said, _ = described(tree)
        assert (code, said) == (0, "")
        hosted = (tmp_path / "home" / "version.env").read_text().splitlines()
        shutil.rmtree(tmp_path / "home")
        wanted = SourceSpec(repo="r", place=str(tree))
        local = take_snapshot(wanted, tmp_path / f"out{number}", tmp_path / "mirrors").version
        assert hosted == [f"{name}={value}" for name, value in local.variables.items()]
        assert re.fullmatch(rf"v1\.0-1-g[0-9a-f]{{7}}{ending}", local.describe)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [0, 1])
def test_git_directory_is_made_alike_locally_and_hosted(
    tree: Path, tmp_path: Path, depth: int
) -> None:
    git(tree, "tag", "-a", "-m", "v1", "v1.0")
    put(tree, "src/b.c", "new\n")
    commit(tree)
    git(tree, "tag", "-a", "-m", "v2", "v2.0")
    if depth:
        origin, tree = tree, tmp_path / "shallow"
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", str(tree))
    home = prepared(tree, "carry_git=yes\n")
    command = ["sh", str(home / "carry.sh"), "describe"]
    subprocess.run(command, cwd=tree, env=_ENV, check=True)
    wanted = SourceSpec(repo="r", place=str(tree), carry_git=True)
    local = take_snapshot(wanted, tmp_path / "out", tmp_path / "mirrors")
    assert local.git is not None
    with tarfile.open(local.git) as tar:
        tar.extractall(tmp_path / "local")
    kept = {**GIT_VARIABLES, "CIFORGE_REVISION": git(tree, "rev-parse", "HEAD")}
    lines = (home / "version.env").read_text().splitlines()
    assert {f"{name}={value}" for name, value in kept.items()} <= set(lines)
    here, there = files_of(tmp_path / "local"), files_of(home / "git")
    assert here == there
    assert len(here) == (6 if depth else 5)


def files_of(folder: Path) -> dict[str, bytes]:
    """Names below a folder to contents; of an index, which has times and inodes, the name alone."""
    return {
        str(path.relative_to(folder)): b"" if path.name == "index" else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_tag_that_a_shell_could_obey_is_not_named(tree: Path, tmp_path: Path) -> None:
    git(tree, "tag", "v1$(touch${IFS}x)")
    code, said, _ = described(tree)
    assert (code, said) == (0, "")
    local = take_snapshot(SourceSpec(repo="r", place=str(tree)), tmp_path / "out", tmp_path / "m")
    assert local.version.describe == git(tree, "rev-parse", "HEAD")[:7]
    hosted = (tmp_path / "home" / "version.env").read_text()
    assert f"CIFORGE_DESCRIBE={local.version.describe}\n" in hosted


@pytest.mark.slow
def test_source_without_a_commit_has_an_empty_version_locally_and_hosted(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    git(tree, "init", "--quiet")
    put(tree, "a.c", "x\n")
    git(tree, "add", "--all")
    described(tree)
    local = take_snapshot(SourceSpec(repo="r", place=str(tree)), tmp_path / "out", tmp_path / "m")
    empty = ["CIFORGE_REVISION=", "CIFORGE_DESCRIBE=", "CIFORGE_DATE="]
    assert [f"{name}={value}" for name, value in local.version.variables.items()] == empty
    assert (tmp_path / "home" / "version.env").read_text().splitlines() == empty


NAMES = ["new\nline", "-dash", "a b", 'quo"te', "\u00e9t\u00e9", "\\n", "*", " ", "d/\n/x", "tab\t"]


@pytest.mark.slow
def test_odd_file_names_are_copied_alike_locally_and_hosted(tree: Path, tmp_path: Path) -> None:
    for name in NAMES:
        put(tree, name, f"{name}\n")
    (tree / "link").symlink_to("to\n")
    (tree / "-link").symlink_to("-x")
    (tree / "src" / "a.c").chmod(0o755)
    commit(tree)
    code, said, digest = described(tree)
    assert (code, said) == (0, "")
    assert digest == carried(tree, tmp_path) == carried(tree, tmp_path, "HEAD")


@pytest.fixture
def nested(tree: Path, tmp_path: Path) -> Path:
    """A tree with a submodule that has one."""
    for name, inner in (("inner", ""), ("module", "inner")):
        module = tmp_path / name
        module.mkdir()
        git(module, "init", "--quiet")
        put(module, f"{name}.c", "x\n")
        if inner:
            git(module, "submodule", "--quiet", "add", str(tmp_path / inner), "deep/inner")
        commit(module)
    git(tree, "submodule", "--quiet", "add", str(tmp_path / "module"), "lib/module")
    commit(tree)
    git(tree, "submodule", "--quiet", "update", "--init", "--recursive")
    return tree


@pytest.mark.slow
def test_submodules_are_copied_alike_locally_and_hosted(nested: Path, tmp_path: Path) -> None:
    code, said, digest = described(nested)
    assert (code, said) == (0, "")
    assert digest == carried(nested, tmp_path) == carried(nested, tmp_path, "HEAD")


@pytest.mark.slow
def test_hosted_submodule_that_is_not_checked_out_is_an_error(nested: Path) -> None:
    plain = nested.parent / "plain"
    git(nested.parent, "clone", "--quiet", f"file://{nested}", str(plain))
    code, said, _ = described(plain)
    assert code == 1
    assert "submodule lib/module is not checked out" in said


@pytest.mark.slow
def test_hosted_submodule_that_is_empty_in_its_commit_stays_empty(
    nested: Path, tmp_path: Path
) -> None:
    git(nested, "config", "-f", ".gitmodules", "submodule.lib/module.update", "none")
    commit(nested)
    plain = tmp_path / "plain"
    git(tmp_path, "clone", "--quiet", f"file://{nested}", str(plain))
    code, said, digest = described(plain)
    assert (code, said) == (0, "")
    assert digest == carried(plain, tmp_path) == carried(plain, tmp_path, "HEAD")
