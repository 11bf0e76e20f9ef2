"""Many results to one exit code; nothing that is not green counts as green."""

from ciforge.model.result import Result, Status
from ciforge.run.exit_status import exit_code
from tests.tables import each

PASSED, FAILED, LATE = Status.PASSED, Status.FAILED, Status.TIMED_OUT
FLAKY = Status.FLAKY
LOST, STOPPED, SKIPPED = Status.INFRASTRUCTURE, Status.CANCELLED, Status.SKIPPED


def results(*words: Status | tuple[Status]) -> list[Result]:
    """One result a word; in a tuple, it is allowed to fail."""
    return [
        Result(
            job="a/b/c",
            status=word[0] if isinstance(word, tuple) else word,
            allow_failure=isinstance(word, tuple),
        )
        for word in words
    ]


@each(
    ("words", "code"),
    [
        ([], 1),
        ([SKIPPED], 1),
        ([SKIPPED, (SKIPPED,)], 1),
        ([SKIPPED, (FAILED,)], 0),
        ([PASSED, PASSED], 0),
        ([PASSED, SKIPPED], 0),
        ([PASSED, (FAILED,)], 0),
        ([(LATE,)], 0),
        ([PASSED, FAILED], 1),
        ([PASSED, LATE], 1),
        ([PASSED, STOPPED], 1),
        ([(STOPPED,)], 1),
        ([FAILED, LOST], 3),
        ([PASSED, (LOST,)], 3),
        ([(FAILED,), FAILED], 1),
    ],
)
def test_exit_code_is_that_of_the_worst_result(
    words: list[Status | tuple[Status]], code: int
) -> None:
    assert exit_code(results(*words), interrupted=False) == code


@each(("words", "code"), [([PASSED, STOPPED], 0), ([STOPPED], 1), ([FAILED, STOPPED], 1), ([], 1)])
def test_exit_code_with_a_budget_is_that_of_what_was_tried(words: list[Status], code: int) -> None:
    assert exit_code(results(*words), interrupted=False, budget=True) == code


def test_exit_code_with_a_budget_is_1_for_a_failure_that_was_not_repeated_to_the_end() -> None:
    cut = Result(job="a/b/c", status=STOPPED, unconfirmed_step="build")
    assert exit_code([*results(PASSED), cut], interrupted=False, budget=True) == 1


@each(
    ("words", "code"),
    [([FLAKY], 1), ([PASSED, FLAKY], 1), ([(FLAKY,)], 0), ([PASSED], 0), ([FLAKY, LOST], 3)],
)
def test_exit_code_with_strict_is_1_for_a_flaky_job(
    words: list[Status | tuple[Status]], code: int
) -> None:
    assert exit_code(results(*words), interrupted=False, strict=True) == code
    if LOST not in words:
        assert exit_code(results(*words), interrupted=False) == 0


@each(
    ("needed", "dependent_allowed", "code"),
    [((FAILED,), True, 0), ((LATE,), True, 0), (FAILED, True, 1), ((LOST,), True, 3), ((STOPPED,), True, 1),
     ((FAILED,), False, 1)],
)  # fmt: skip
def test_allowed_job_that_was_not_tried_leaves_the_exit_code_to_the_one_that_it_needs(
    needed: Status | tuple[Status], dependent_allowed: bool, code: int
) -> None:
    (first,) = results(needed)
    not_tried = Result(
        job="d/b/c", status=STOPPED, allow_failure=dependent_allowed, not_tried_for=first.job
    )
    (passed,) = results(PASSED)
    assert exit_code([passed, first, not_tried], interrupted=False) == code


@each("words", [[], [PASSED], [LOST], [FAILED, STOPPED]])
def test_exit_code_of_an_interruption_comes_first(words: list[Status]) -> None:
    assert exit_code(results(*words), interrupted=True) == 130


@each("status", Status)
def test_exit_code_is_0_only_with_passed_and_skipped_jobs(status: Status) -> None:
    good = (PASSED, Status.COMPILED, FLAKY, SKIPPED)
    assert (exit_code(results(PASSED, status), interrupted=False) == 0) == (status in good)
