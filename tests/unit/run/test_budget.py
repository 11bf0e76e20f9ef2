"""A budget ends a run in time, and what it cut off was not tried."""

from pathlib import Path

from fakes import Act, FakeEngine
from test_job_runner import JOBS, Bench

from ciforge.engines.protocol import OutputHandler, Stop, Stopped
from ciforge.model.result import Status
from ciforge.run.budget import time_budget
from ciforge.run.exit_status import exit_code
from ciforge.run.scheduler import run_all


def waits() -> Act:
    """A step that ends only when it is asked to."""

    def act(_hear: OutputHandler, stop: Stop) -> int:
        if stop.wait(30):
            raise Stopped
        return 0

    return act


def test_jobs_that_run_and_wait_at_the_end_of_a_budget_are_not_tried(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    engine = FakeEngine(acts={"build": waits()})
    with time_budget(bench.stop, 60, 59.9):
        ended = run_all(JOBS[:2], bench.settings(engine))
    results = [one.result for one in ended.results]
    assert [result.status for result in results] == [Status.CANCELLED] * 2
    assert {result.reason for result in results} == {"not tried: the budget of 60 s was used up"}
    assert exit_code(results, interrupted=False, budget=True) == 1


def test_run_that_ends_within_its_budget_is_left_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with time_budget(bench.stop, 60, 0), time_budget(bench.stop, None, 0):
        ended = run_all(JOBS, bench.settings(FakeEngine()))
    assert {one.result.status for one in ended.results} == {Status.PASSED}
    assert not bench.stop.asked
