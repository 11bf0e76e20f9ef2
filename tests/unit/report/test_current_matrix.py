"""The current matrix: one honest word for each job on each branch, and the worst of several."""

import attrs
from projects import jobs, plan

from ciforge.model.incident import (
    BranchRef,
    Incident,
    IncidentKind,
    IncidentLedger,
    JobDeadline,
    JobState,
    Observation,
    RunRef,
)
from ciforge.model.result import Status
from ciforge.report.current_matrix import (
    BranchMatrix,
    CurrentResult,
    branch_matrices,
    by_distribution,
    overall,
)
from tests.tables import each

PROJECT = """
project: mine
repos:
  daemon: {path: ., recipe: autotools}
  filter: {path: filter, recipe: go}
jobs: [daemon/debian-13/default, daemon/alpine-3.23/default, filter/debian-13/default]
"""
JOBS = tuple(jobs(PROJECT).values())
JOB, ALPINE, FILTER = (job.id for job in JOBS)
MASTER = BranchRef(repo="daemon", branch="master")
TOPIC = BranchRef(repo="daemon", branch="a/topic")
NOW = 1_000_000.0
COMMIT = "4f1c8a2b9d3e5f60718293a4b5c6d7e8f9012345"


def state(status: Status | None, at: float = NOW - 60, **changed: object) -> JobState:
    """A job on master whose last result is of `at`."""
    point = RunRef(run="r", sequence=1, at=at, revision=COMMIT)
    last = Observation(job=JOB, status=status, point=point) if status else None
    return attrs.evolve(
        JobState(branch_ref=MASTER, job=JOB, last=last, since=point, listed=1.0), **changed
    )


def ledger(*states: JobState, incidents: tuple[Incident, ...] = ()) -> IncidentLedger:
    return IncidentLedger(
        project="mine",
        job_states={(one.branch_ref, one.job): one for one in states},
        incidents={one.id: one for one in incidents},
    )


def incident(**changed: object) -> Incident:
    return attrs.evolve(
        Incident(id="1" * 16, project="mine", branch_ref=MASTER, key="k"), **changed
    )


def matrices(
    known: IncidentLedger, limit: float = 0.0, followed: tuple[BranchRef, ...] = (MASTER,)
) -> list[BranchMatrix]:
    limits = [JobDeadline(branch_ref=MASTER, job=JOB, deadline=limit)] if limit else []
    return list(branch_matrices(JOBS, known, followed, limits, NOW))


def shown(known: IncidentLedger, limit: float = 0.0) -> CurrentResult:
    """What is shown of the job on master."""
    return matrices(known, limit)[0].results[0]


def test_result_has_the_time_and_commit_since_which_it_holds() -> None:
    one = shown(ledger(state(Status.PASSED)))
    assert (one.word, one.since, one.commit, one.detail) == ("passed", NOW - 60, COMMIT, "")
    assert one.distribution == "debian"


def test_job_without_a_result_is_not_green() -> None:
    for known in (
        ledger(),
        ledger(state(None)),
        ledger(state(Status.PASSED, retired=True)),
        ledger(state(Status.PASSED, branch_ref=TOPIC)),
    ):
        assert shown(known).word == "no result"


def test_job_whose_last_runs_ended_as_infrastructure_is_not_green() -> None:
    one = shown(ledger(state(Status.PASSED, troubles=2, troubled=NOW - 9, trouble="no mirror")))
    assert (one.word, one.since) == ("infrastructure", NOW - 9)
    assert one.detail == "2 runs: no mirror; before: passed"
    assert shown(ledger(state(None, troubles=1))).detail == "1 run"


def test_result_past_its_deadline_is_stale_even_if_no_mail_reported_it() -> None:
    known = ledger(state(Status.PASSED, at=NOW - 100))
    assert shown(known, limit=101).word == "passed"
    one = shown(known, limit=99)
    assert (one.word, one.commit) == ("stale", COMMIT)
    assert one.detail == "no result since 1970-01-12 13:45 UTC; before: passed"


def test_result_that_a_mail_reported_as_late_is_stale() -> None:
    late = incident(kind=IncidentKind.STALE, key="stale", broken=(JOB,))
    assert shown(ledger(state(Status.PASSED), incidents=(late,))).word == "stale"
    other = attrs.evolve(late, branch_ref=TOPIC)
    assert shown(ledger(state(Status.PASSED), incidents=(other,))).word == "passed"


def test_allowed_failure_says_so_in_the_matrix() -> None:
    last = Observation(job=JOB, status=Status.FAILED, allow_failure=True)
    assert shown(ledger(state(None, last=last))).word == "failed (allowed)"
    assert shown(ledger(state(Status.TIMED_OUT))).word == "timed-out"


def test_skipped_job_has_its_reason_in_the_matrix() -> None:
    skipped = attrs.evolve(JOBS[0], skipped="not packaged")
    (one,) = branch_matrices([skipped], ledger(state(Status.PASSED)), [MASTER], (), NOW)
    assert (one.results[0].word, one.results[0].detail) == ("skipped", "not packaged")


def test_followed_branches_come_first_and_a_repository_without_results_is_shown() -> None:
    known = ledger(state(Status.PASSED, branch_ref=TOPIC), state(Status.PASSED))
    lines = [one.branch for one in matrices(known)]
    assert lines == [MASTER, TOPIC, BranchRef(repo="filter")]
    assert [one.job for one in matrices(known)[2].results] == [FILTER]


def test_branch_lists_its_own_open_causes_only() -> None:
    cause = incident(broken=(JOB,))
    elsewhere = attrs.evolve(cause, id="2" * 16, branch_ref=TOPIC)
    stale = attrs.evolve(cause, id="3" * 16, kind=IncidentKind.STALE)
    (master, *_) = matrices(ledger(incidents=(cause, elsewhere, stale)))
    assert master.incidents == (cause,)


@each(
    ("words", "worst", "text"),
    [
        (["passed", "passed"], "passed", "passed"),
        (["passed", "skipped"], "passed", "passed"),
        (["skipped"], "skipped", "skipped"),
        ([], "skipped", "skipped"),
        (["passed", "failed", "stale"], "failed", "1 of 3 failed"),
        (["passed", "timed-out", "failed (allowed)"], "timed-out", "1 of 3 timed-out"),
        (["passed", "infrastructure", "stale"], "infrastructure", "1 of 3 infrastructure"),
        (["passed", "stale", "no result"], "stale", "1 of 3 stale"),
        (["passed", "no result", "no result"], "no result", "2 of 3 without result"),
        (["passed", "failed (allowed)"], "failed (allowed)", "1 of 2 failed (allowed)"),
        (["stale"], "stale", "stale"),
        (["passed", "cancelled"], "cancelled", "1 of 2 cancelled"),
    ],
)
def test_worst_result_is_that_of_the_distribution(words: list[str], worst: str, text: str) -> None:
    assert overall(words) == (worst, text)


def test_releases_of_a_distribution_all_count_for_it() -> None:
    listed = plan("project: p\nrepos: {one: {path: ., recipe: make}}\njobs: [one/debian/default]")
    (one,) = branch_matrices(listed.jobs, ledger(), (), (), NOW)
    assert {name: len(some) for name, some in by_distribution(one.results).items()} == {"debian": 2}
