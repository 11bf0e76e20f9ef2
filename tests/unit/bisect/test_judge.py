"""What one build says about a cause."""

import pytest

from ciforge.bisect.judge import SoughtCause, verdict_of
from ciforge.bisect.search import Verdict
from ciforge.model.finding import FindingKind
from ciforge.model.result import Result, Status

KEY = "undeclared:setgroups"
SOUGHT = SoughtCause(key=KEY, title="setgroups undeclared", step="build")
STEPS = ("configure", "build", "check", "install")
ELSE = FindingKind.UNDECLARED


@pytest.mark.parametrize(
    ("status", "step", "keys", "kind", "verdict"),
    [
        (Status.PASSED, None, [], ELSE, Verdict.GOOD),
        (Status.FAILED, "build", [KEY], ELSE, Verdict.BAD),
        (Status.FAILED, "build", ["other:x", KEY], ELSE, Verdict.BAD),
        (Status.FAILED, "build", ["undeclared:other"], ELSE, Verdict.OTHER),
        (Status.FAILED, "configure", ["missing-tool:m4"], ELSE, Verdict.OTHER),
        (Status.FAILED, "prepare", ["deps-not-found:x"], ELSE, Verdict.OTHER),
        (Status.FAILED, "check", ["test-failure:x"], FindingKind.TEST_FAILURE, Verdict.GOOD),
        (Status.TIMED_OUT, "install", [], ELSE, Verdict.GOOD),
        (Status.FAILED, "build", ["test-failure:x"], FindingKind.TEST_FAILURE, Verdict.UNCLEAR),
        (Status.FAILED, "build", ["disk-full"], FindingKind.DISK_FULL, Verdict.UNCLEAR),
        (Status.TIMED_OUT, "build", [], ELSE, Verdict.UNCLEAR),
        (Status.INFRASTRUCTURE, "check", [], ELSE, Verdict.UNCLEAR),
        (Status.CANCELLED, "build", [], ELSE, Verdict.OTHER),
    ],
)
def test_verdict_of_a_build(
    status: Status, step: str | None, keys: list[str], kind: FindingKind, verdict: Verdict
) -> None:
    result = Result(job="daemon/debian-13/default", status=status, failed_step=step)
    assert verdict_of(result, keys, [kind], SOUGHT, STEPS) is verdict
