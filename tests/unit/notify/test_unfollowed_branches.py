"""A branch that is no longer followed is mailed once, without reminders."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from followed import World

from ciforge.sources import mirror_of
from ciforge.sources.branch import is_deleted
from ciforge.store.incidents.incident_database import Incidents

pytestmark = pytest.mark.slow

FEW = ("portable/{debian,alpine}/default",)
ERROR = "build:setgroups.c:3:5: error: implicit declaration of function 'setgroups'"
MONTH = 30 * 24


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "state", FEW)


def breaks(world: World, branch: str, commit: str = "b") -> None:
    world.branch = branch
    assert world.run(commit, {world.ids[0]: ERROR}) == ["broken > team"]


def branches(world: World) -> set[str]:
    """Of all jobs that are not retired."""
    with Incidents.open(world.state) as incidents:
        book = incidents.ledger("mine")
    return {one.branch_ref.branch for one in book.job_states.values() if not one.retired}


def told(world: World) -> str:
    return " ".join(world.messages()[-1].text.split())


@pytest.mark.parametrize("branch", ["topic", "pull/12/merge", "pull/12/head", ""])
def test_branch_without_builds_for_a_month_is_retired(world: World, branch: str) -> None:
    breaks(world, branch)
    world.tick(MONTH - 1)
    assert branch in branches(world)
    assert "re retired > team" in world.tick(2)
    name = branch or "a source without a branch"
    assert f"this is fixed: setgroups undeclared ({name} has not been built for 30 days)." in told(
        world
    )
    assert branch not in branches(world)
    world.tick(2 * 24)  # a digest that waited
    assert world.tick(8 * 24) == []


def test_branch_named_in_the_project_is_overdue_and_never_retired(world: World) -> None:
    breaks(world, "master")
    heard = [mail for _ in range(10) for mail in world.tick(MONTH / 5)]
    assert "stale > team" in heard
    assert not [mail for mail in heard if "retired" in mail]


def test_branch_removed_from_the_project_is_retired_at_once(world: World) -> None:
    world.branches = "master, stable"
    breaks(world, "stable")
    assert world.tick(1) == []
    world.branches = "master"
    assert world.tick(1) == ["re retired > team"]
    assert "stable was removed from `branches:`" in told(world)
    assert branches(world) == {"master"}  # which it expects results of


def test_overdue_branch_removed_from_the_project_is_not_reported_as_back(world: World) -> None:
    world.branches = "master, stable"
    world.branch = "stable"
    world.run("a")
    world.branch = "master"
    for _ in range(4):
        world.tick(10 * 24)
    world.branches = "master"
    world.tick(1)
    assert not [one for one in world.messages() if "There are results for" in one.text]


def test_retired_branch_that_is_built_again_starts_without_history(world: World) -> None:
    breaks(world, "topic")
    world.tick(MONTH + 1)
    assert world.run("c", {world.ids[0]: ERROR}) == ["broken > team"]


def git(tree: Path, *words: str) -> str:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    command = ["git", *who, *words]
    return subprocess.run(
        command, cwd=tree, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A repository with a branch `topic`."""
    tree = tmp_path / "remote"
    tree.mkdir()
    git(tree, "init", "--quiet", "--initial-branch=master")
    git(tree, "commit", "--quiet", "--allow-empty", "-m", "Begin")
    git(tree, "checkout", "--quiet", "-b", "topic")
    git(tree, "commit", "--quiet", "--allow-empty", "-m", "Try")
    return tree


def update_mirror(world: World, remote: Path, at: float) -> Path:
    """The mirror of the remote, as it was fetched at that moment."""
    mirror = mirror_of("https://example.org/portable.git", world.state / "mirrors")
    if not mirror.exists():
        mirror.mkdir(parents=True)
        git(mirror, "init", "--quiet", "--bare")
    git(mirror, "fetch", "--quiet", "--prune", str(remote), "+refs/heads/*:refs/heads/*")
    for place in (mirror / "packed-refs", mirror / "refs" / "heads"):
        if place.exists():
            os.utime(place, (at, at))
    return mirror


def test_deleted_branch_is_retired_after_the_next_fetch(world: World, remote: Path) -> None:
    update_mirror(world, remote, world.now - 60)
    breaks(world, "topic", git(remote, "rev-parse", "topic"))
    assert world.tick(1) == []
    git(remote, "checkout", "--quiet", "master")
    git(remote, "merge", "--quiet", "topic")
    git(remote, "branch", "--quiet", "-D", "topic")
    update_mirror(world, remote, world.now)
    assert world.tick(1) == ["re retired > team"]
    assert "topic was deleted" in told(world)


def test_branch_that_was_never_pushed_does_not_count_as_deleted(world: World, remote: Path) -> None:
    mirror = update_mirror(world, remote, time.time())
    since = time.time() - 60
    commit = git(remote, "rev-parse", "topic")
    assert is_deleted(mirror, "other", commit, since)
    assert not is_deleted(mirror, "topic", commit, since)
    assert not is_deleted(mirror, "other", "c" * 40, since)
    assert not is_deleted(mirror, "other", commit, time.time() + 60)
    assert not is_deleted(mirror.with_name("none"), "other", commit, since)
