"""What lies in a checkout is what is built, before anything is committed."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from rig import Ended, Person, commit, content, fingerprint, git, hello, together, trial

JOB = "tree/debian-13/default"
LOOK = """\
find . -type f -exec sha256sum {} + | sed 's/^/sum /'
find . -type f -perm /111 | sed 's/^/executable /'
find . -type l -printf 'link %l %p\\n'
"""
COMMITTED = "Committed, and nothing else.\n"
PATCH = """\
--- a/notes
+++ b/notes
@@ -1 +1 @@
-Committed, and nothing else.
+Patched.
"""


@attrs.frozen
class Seen:
    """A tree as the steps of a job see it, or as it lies here."""

    sums: dict[str, str]
    links: dict[str, str]
    executable: set[str]

    @classmethod
    def in_box(cls, lines: list[str]) -> "Seen":
        words = [line.split(None, 2) for line in lines]
        return cls(
            sums={path: value for kind, value, path in _of("sum", words)},
            links={path: value for kind, value, path in _of("link", words)},
            executable={line.partition(" ")[2] for line in lines if line.startswith("executable")},
        )

    @classmethod
    def here(cls, tree: Path, ignored: set[str]) -> "Seen":
        kept = [
            path
            for path in tree.rglob("*")
            if ".git" not in path.relative_to(tree).parts
            and str(path.relative_to(tree)) not in ignored
        ]
        named = {f"./{path.relative_to(tree)}": path for path in kept}
        files = {n: p for n, p in named.items() if p.is_file() and not p.is_symlink()}
        return cls(
            sums={name: content(path) for name, path in files.items()},
            links={name: content(path) for name, path in named.items() if path.is_symlink()},
            executable={name for name, path in files.items() if path.stat().st_mode & 0o100},
        )


def _of(kind: str, words: list[list[str]]) -> Iterator[list[str]]:
    return (word for word in words if word[0] == kind)


@attrs.frozen
class Checkout:
    """A project beside its tree, which has been edited after the second commit."""

    tree: Path
    home: Path
    first: str
    second: str

    def builds(self, *words: str) -> Ended:
        """What is typed in the tree."""
        return Person(self.tree, self.home).runs(*words)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    home = tmp_path_factory.mktemp("edits")
    tree = hello(home / "tree")
    (tree / "ciforge.yml").unlink()  # The one beside the tree is the next.
    (tree / "notes").write_text(COMMITTED)
    # Tracked although an ignore pattern matches it: somebody committed it with --force.
    (tree / "config.h").write_text("#define TRACKED 1\n")
    git(tree, "add", "--force", "config.h")
    first = commit(tree, "The first commit")
    (tree / "notes").write_text("Committed a second time.\n")
    second = commit(tree, "The second commit")
    trial(home, {"look": {"run": LOOK}})
    _edit(tree)
    return Checkout(tree, home, first, second)


def _edit(tree: Path) -> None:
    with (tree / "src" / "hello.c").open("a") as file:
        file.write("/* An edit that is not committed. */\n")
    (tree / "openbsd-compat" / "new file.c").write_text("int added;\n")
    (tree / "src" / "hello.1").unlink()
    (tree / "alias.c").symlink_to("src/hello.c")
    (tree / "outside").symlink_to("/etc/hostname")
    (tree / "tests" / "greets.sh").chmod(0o755)
    (tree / "bootstrap").chmod(0o644)
    (tree / "config.log").write_text("Of a build by hand, which git ignores.\n")
    (tree / "autom4te.cache").mkdir()
    (tree / "autom4te.cache" / "requests").write_text("The same.\n")


@pytest.fixture(scope="module")
def before(checkout: Checkout) -> dict[str, tuple[int, int, str]]:
    return fingerprint(checkout.tree)


@pytest.fixture(scope="module")
def run(checkout: Checkout, before: dict[str, tuple[int, int, str]]) -> Ended:
    ended = checkout.builds(JOB)
    assert ended.code == 0, ended.told
    return ended


@pytest.fixture(scope="module")
def seen(run: Ended) -> Seen:
    return Seen.in_box(run.step(JOB, "look"))


@pytest.fixture(scope="module")
def others(checkout: Checkout, run: Ended) -> dict[str, str]:
    """The checksum of `notes` by how its source was named."""
    patch = checkout.home / "fix.diff"
    patch.write_text(PATCH)
    options = {
        "a revision": f"--rev {checkout.first}",
        "a revision and a patch": f"--rev {checkout.first} --patch {patch}",
        "an address": f"--source tree=file://{checkout.tree}",
        "an address and a revision": f"--source tree=file://{checkout.tree} --rev tree=HEAD~1",
    }

    def build(words: str) -> str:
        ended = checkout.builds(JOB, *words.split(" "))
        assert ended.code == 0, ended.told
        return Seen.in_box(ended.step(JOB, "look")).sums["./notes"]

    return dict(zip(options, together(build, options.values()), strict=True))


def test_working_tree_is_built_as_it_is(checkout: Checkout, seen: Seen) -> None:
    ignored = {"config.log", "autom4te.cache/requests"}
    assert seen == Seen.here(checkout.tree, ignored)


def test_uncommitted_edit_is_built(checkout: Checkout, seen: Seen) -> None:
    old = git(checkout.tree, "show", "HEAD:src/hello.c") + "\n"
    assert seen.sums["./src/hello.c"] != hashlib.sha256(old.encode()).hexdigest()


def test_untracked_file_is_built(seen: Seen) -> None:
    assert "./openbsd-compat/new file.c" in seen.sums


def test_removed_file_is_not_copied(seen: Seen) -> None:
    assert "./src/hello.1" not in seen.sums


def test_symbolic_links_are_copied_as_links(seen: Seen) -> None:
    assert seen.links == {"./alias.c": "src/hello.c", "./outside": "/etc/hostname"}


def test_changed_file_mode_is_built(seen: Seen) -> None:
    assert "./tests/greets.sh" in seen.executable
    assert "./bootstrap" not in seen.executable


def test_ignored_file_is_copied_only_if_it_is_tracked(seen: Seen) -> None:
    assert "./config.log" not in seen.sums
    assert "./config.h" in seen.sums


def test_first_line_of_a_run_names_the_tree_and_its_commit(checkout: Checkout, run: Ended) -> None:
    first = run.err.splitlines()[0]
    assert f"tree: {checkout.tree} at {checkout.second[:12]}, 7 files changed" in first


@pytest.mark.parametrize(
    ("named_by", "text"),
    [
        ("a revision", COMMITTED),
        ("a revision and a patch", "Patched.\n"),
        ("an address", "Committed a second time.\n"),
        ("an address and a revision", COMMITTED),
    ],
)
def test_source_option_names_another_tree(others: dict[str, str], named_by: str, text: str) -> None:
    assert others[named_by] == hashlib.sha256(text.encode()).hexdigest()


def test_working_tree_is_unchanged_after_a_run(
    checkout: Checkout, before: dict[str, tuple[int, int, str]], others: dict[str, str]
) -> None:
    assert fingerprint(checkout.tree) == before


def test_result_describes_the_source_as_git_does(checkout: Checkout, run: Ended) -> None:
    source = run.result["source"]
    assert source["revision"] == checkout.second
    assert source["changes"] == 7
    assert re.fullmatch("[0-9a-f]{64}", source["digest"])
