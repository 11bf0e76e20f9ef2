"""The longest expected job starts first."""

from test_job_runner import JOBS

from ciforge.run.longest_first import longest_first

NAMES = [job.id for job in JOBS]


def test_longest_expected_job_comes_first_and_an_unknown_one_before_it() -> None:
    ordered = longest_first(JOBS, {NAMES[0]: 10.0, NAMES[1]: 60.0})
    assert [job.id for job in ordered] == [NAMES[2], NAMES[1], NAMES[0]]


def test_jobs_that_are_expected_to_take_as_long_keep_their_order() -> None:
    assert longest_first(JOBS, dict.fromkeys(NAMES, 5.0)) == tuple(JOBS)
    assert longest_first(JOBS, {}) == tuple(JOBS)
