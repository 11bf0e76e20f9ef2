"""A cached answer is compared with a cold one by what no cache may change."""

from pathlib import Path
from typing import Any

import attrs

from ciforge.model.result import Result, Status, StepResult
from ciforge.run.job_answer import JobAnswer, answer, differences
from tests.tables import each

COLD = JobAnswer(
    run="1", failed_step="", exit_codes={"build": 0, "check": 0}, artifacts={"config.h": "a"}
)


@each(
    ("change", "expected"),
    [
        ({"run": "2"}, []),
        ({"failed_step": "check"}, ["failed in check with the cache, passed without"]),
        ({"exit_codes": {"build": 0, "check": 1}}, ["exit codes of check differ"]),
        ({"exit_codes": {"build": 0}}, ["exit codes of check differ"]),
        ({"artifacts": {"config.h": "b"}}, ["config.h differs"]),
        ({"artifacts": {}}, ["config.h differs"]),
    ],
)
def test_answer_of_a_cache_differs_in_steps_and_in_what_they_made(
    change: dict[str, Any], expected: list[str]
) -> None:
    assert differences(attrs.evolve(COLD, **change), COLD) == expected


def test_what_a_failed_job_left_behind_is_not_compared() -> None:
    failed = attrs.evolve(COLD, failed_step="build")
    assert differences(attrs.evolve(failed, artifacts={}), failed) == []


def test_answer_has_the_hashes_of_what_is_compared_only(tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    for name in ("config.h", "config.log"):
        (tmp_path / "artifacts" / name).write_text(name)
    step = StepResult(name="build", exit_code=0, seconds=1.0, started="")
    found = answer("1", Result(job="a/b/c", status=Status.PASSED, steps=(step,)), tmp_path)
    assert (list(found.artifacts), found.exit_codes) == (["config.h"], {"build": 0})
