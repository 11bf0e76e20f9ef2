"""The commits between two, of a repository that anybody may have written to."""

from pathlib import Path

import pytest
from source_trees import commit, git

from ciforge.sources.branch import branch_of, current_branch
from ciforge.sources.checkout import work_tree_of
from ciforge.sources.commit_range import MOST, commit_range

pytestmark = pytest.mark.slow


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=master")
    return folder


def test_commit_range_lists_the_newest_first_with_its_author(tree: Path) -> None:
    good = commit(tree, "good")
    middle, bad = commit(tree, "middle"), commit(tree, "bad")
    found = commit_range(tree, good, bad)
    told = [(one.revision, one.subject) for one in found.commits]
    assert told == [(bad, "bad"), (middle, "middle")]
    assert (found.commits[0].author, found.commits[0].address) == ("a", "a@example.org")
    assert found.commits[0].time == 1_700_000_000
    assert (found.more, found.unknown) == (0, "")


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("\x1b[2Jgone", "gone"),
        ("=?utf-8?Q?=0A?=Bcc: x", "=?utf-8?Q?=0A?=Bcc: x"),
        ("a\rb\tc", "a b c"),
        ("\u202eturned", "turned"),
        ("%x00%H%n", "%x00%H%n"),
        ("long " * 2000, ("long " * 40)[:199] + "…"),
    ],
)
def test_commit_range_has_a_hostile_subject_on_one_bounded_line(
    tree: Path, subject: str, shown: str
) -> None:
    good, bad = commit(tree), commit(tree, subject)
    (found,) = commit_range(tree, good, bad).commits
    assert found.subject == shown


def test_commit_range_reads_a_subject_of_another_encoding(tree: Path) -> None:
    good = commit(tree)
    git(tree, "commit", "--quiet", "--allow-empty", "--file=-", stdin=b"caf\xe9\xff\n")
    commit(tree, "next")
    found = commit_range(tree, good, git(tree, "rev-parse", "HEAD"))
    assert [one.subject for one in found.commits] == ["next", "caféÿ"]


@pytest.mark.parametrize("address", ["x", "x@y\nBcc: z@w", "a b@c", "a@" + "b" * 300])
def test_commit_range_leaves_out_an_invalid_mail_address(tree: Path, address: str) -> None:
    good = commit(tree)
    author = f"--author=A <{address.replace(chr(10), ' ')}>"
    git(tree, "commit", "--quiet", "--allow-empty", "-m", "x", author)
    (found,) = commit_range(tree, good, git(tree, "rev-parse", "HEAD")).commits
    assert found.address == ""


@pytest.mark.slow
def test_commit_range_counts_many_commits(tree: Path) -> None:
    good = commit(tree, "good")
    for number in range(MOST + 3):
        bad = commit(tree, f"change {number}")
    found = commit_range(tree, good, bad)
    assert (len(found.commits), found.more) == (MOST, 3)


def test_commit_range_that_cannot_be_listed_says_why(tree: Path) -> None:
    good = commit(tree, "good")
    bad = commit(tree, "bad")
    gone = "ab" * 20
    assert commit_range(tree, gone, bad).unknown.endswith("are not available locally")
    assert "has no commits that" in commit_range(tree, bad, good).unknown
    assert commit_range(tree, "--all", bad).unknown == "a commit is not known"
    assert commit_range(tree.parent, good, bad).unknown.endswith("are not available locally")


def test_branch_of_a_working_tree_is_the_one_checked_out(tree: Path) -> None:
    one = commit(tree)
    assert current_branch(work_tree_of(tree)) == "master"
    git(tree, "checkout", "--quiet", "-b", "topic/x")
    assert current_branch(work_tree_of(tree)) == "topic/x"
    git(tree, "checkout", "--quiet", one)
    assert current_branch(work_tree_of(tree)) == ""


def test_branch_of_a_revision_is_known_if_it_has_one(tree: Path) -> None:
    one = commit(tree)
    git(tree, "branch", "topic")
    git(tree, "tag", "v1")
    git(tree, "update-ref", "refs/pull/12/head", one)
    git(tree, "update-ref", "refs/remotes/origin/next", one)
    names = {
        "topic": "topic", "refs/heads/topic": "topic", "refs/pull/12/head": "pull/12/head",
        "origin/next": "next", "HEAD": "HEAD", "v1": "", "refs/tags/v1": "", one: "",
        "no-such": "", "--all": "",
    }  # fmt: skip
    assert {revision: branch_of(work_tree_of(tree), revision) for revision in names} == names
