"""A repository that is a folder of a larger tree, and one whose steps have a `.git`."""

import pytest
from projects import plan, real_catalogue

from ciforge.diagnose.scan.failure_markers import LEVEL
from ciforge.errors import InputError
from ciforge.model.job import Job

TEXT = """
project: p
repos:
  daemon: {path: ., in: daemon, recipe: make, steps: {check: true}, expect: {config.h: [A]}}
  tools: {path: ., in: src/tools, recipe: cmake}
jobs: [debian-13]
"""


def jobs(text: str) -> dict[str, Job]:
    return {job.repo: job for job in plan(text).jobs}


def test_every_step_runs_in_the_folder_and_names_it() -> None:
    found = jobs(TEXT)
    assert [step.name for step in found["daemon"].steps] == ["build", "check", "install", "expect"]
    for repo, folder in (("daemon", "daemon"), ("tools", "src/tools")):
        assert found[repo].folder == folder
        for step in found[repo].steps:
            first, second, _ = step.run.split("\n", 2)
            assert first == f"cd {folder} || exit"
            assert LEVEL.search(second.split('"')[1])


def test_folder_in_a_tree_is_one_below_its_top() -> None:
    with pytest.raises(InputError, match="must be relative"):
        plan(TEXT.replace("in: daemon", "in: /etc"))


@pytest.mark.parametrize("key", ["git: true", "git: https://example.org/x.git, carry_git: true"])
def test_git_true_carries_git_and_needs_its_package(key: str) -> None:
    text = "project: p\nrepos: {r: {KEY, path: ., recipe: make}}\njobs: [debian-13]\n"
    (job,) = plan(text.replace("KEY", key), real_catalogue()).jobs
    assert (job.carry_git, "git" in job.packages) == (True, True)
    (other,) = plan(text.replace("KEY, ", ""), real_catalogue()).jobs
    assert (other.carry_git, "git" in other.packages) == (False, False)
