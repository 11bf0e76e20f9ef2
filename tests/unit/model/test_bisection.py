"""The answer of a search in words."""

import pytest

from ciforge.model.bisection import Bisection, Outcome
from ciforge.model.change import Commit


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "It is not known which commit brought it; the search ended early: no time."),
        (1, "Commit 000000000000 may have brought it, or none; the search ended early: no time."),
        (2, "One of 2 commits brought it, the first of them 000000000000; the search ended early: no time."),
    ],
)  # fmt: skip
def test_range_of_any_size_is_a_sentence(number: int, sentence: str) -> None:
    commits = tuple(Commit(revision=f"{at:040}", subject="") for at in range(number))
    found = Bisection(
        outcome=Outcome.RANGE, job="a/b/c", at=0.0, commits=commits, unfinished="no time"
    )
    assert found.sentence == sentence


def test_range_does_not_say_why_its_other_commits_could_not_be_judged() -> None:
    commits = tuple(Commit(revision=f"{at:040}", subject="") for at in range(3))
    found = Bisection(outcome=Outcome.RANGE, job="a/b/c", at=0.0, commits=commits)
    assert "the others could not be judged" in found.sentence
    assert "another reason" not in found.sentence
