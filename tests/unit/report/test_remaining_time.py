"""The time that a run still takes is that of the processor that ends last."""

from ciforge.report.remaining_time import remaining_seconds
from tests.tables import each


@each(
    ("running", "waiting", "at_once", "seconds"),
    [
        ([], [], 2, 0.0),
        ([30.0], [], 2, 30.0),
        ([-5.0], [10.0], 1, 10.0),
        ([30.0], [40.0], 2, 40.0),
        ([30.0, 10.0], [40.0, 5.0], 2, 50.0),
        ([], [10.0, 20.0, 30.0], 2, 30.0),
    ],
)
def test_remaining_time_is_that_of_the_longest_waiting_job_first(
    running: list[float], waiting: list[float], at_once: int, seconds: float
) -> None:
    assert remaining_seconds(running, waiting, at_once) == seconds
