"""The table of states, a row each."""

import pytest
from incident_story import DAY, HOUR, MASTER, Story

from ciforge.model.incident import (
    BranchRef,
    IncidentStatus,
    JobDeadline,
    Transition,
    TransitionKind,
)
from ciforge.model.project import INCIDENT_STATES

NEXT = BranchRef(repo="portable", branch="next")


def commits(change: Transition) -> tuple[str, str]:
    """The range of a change."""
    assert change.before is not None
    assert change.after is not None
    return change.before.point.revision, change.after.point.revision


def test_transition_kinds_are_the_states_that_routes_may_name() -> None:
    assert tuple(turn.value for turn in TransitionKind) == INCIDENT_STATES


def test_job_that_passed_and_fails_is_broken() -> None:
    story = Story()
    assert story.run("c1", a="ok", b="ok") == []
    assert story.run("c2", a="K", b="K") == ["root broken K a b"]
    assert commits(story.changes[0]) == ("c1", "c2")
    assert story.changes[0].incident.good is not None


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [("1", "1", True), ("1", "2", False), ("", "1", False), ("", "", False)],
)
def test_incident_knows_whether_its_packages_are_unchanged(
    before: str, after: str, same: bool
) -> None:
    story = Story()
    story.run("c1", a="ok", packages={"libc": before} if before else {})
    story.run("c1", a="K", packages={"libc": after} if after else {})
    assert story.changes[0].incident.same_packages is same


def test_first_run_that_fails_is_mailed_and_blames_nobody() -> None:
    story = Story()
    assert story.run("c1", a="K", b="ok") == ["root broken K a"]
    assert story.changes[0].incident.good is None
    assert story.changes[0].before is None


def test_new_job_that_fails_blames_nobody() -> None:
    story = Story()
    story.run("c1", a="ok")
    assert story.run("c2", a="ok", new="K") == ["root broken K new"]
    assert story.changes[0].incident.good is None


def test_range_of_several_broken_jobs_begins_at_the_newest_good_result() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    story.run("c2", b="ok")
    story.run("c3", a="K", b="K")
    assert commits(story.changes[0]) == ("c2", "c3")


def test_repeated_failure_is_silent() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c2", a="K")
    assert [story.run(f"d{n}", a="K", after=HOUR) for n in range(5)] == [[]] * 5


def test_reminders_come_after_a_day_three_and_seven_then_weekly_in_the_digest() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c2", a="K")
    days = {day: story.wait(DAY) for day in range(1, 30)}
    assert {day: words for day, words in days.items() if words} == {
        1: ["reply still-broken K a"],
        3: ["reply still-broken K a"],
        7: ["reply still-broken K a"],
        14: ["digest still-broken K a"],
        21: ["digest still-broken K a"],
        28: ["digest still-broken K a"],
    }


def test_missed_reminders_are_sent_once() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c2", a="K")
    assert story.wait(5 * DAY) == ["reply still-broken K a"]
    assert story.wait(HOUR) == []
    assert story.wait(3 * DAY) == ["reply still-broken K a"]
    assert story.wait(30 * DAY) == ["digest still-broken K a"]
    assert story.wait(DAY) == []


def test_reminder_is_omitted_after_a_recent_mail_of_the_thread() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    story.run("c2", a="K", b="ok")
    story.run("c3", a="K", b="K", after=DAY - HOUR)
    assert story.wait(2 * HOUR) == []


def test_spread_to_several_jobs_is_one_reply() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok", c="ok", d="ok")
    story.run("c2", a="K", b="ok", c="ok", d="ok")
    assert story.run("c3", a="K", b="K", c="K", d="ok") == ["reply spread K b c"]


def test_changed_cause_is_a_new_thread_and_a_reply_in_the_old_one() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    story.run("c2", a="K", b="K")
    assert story.run("c3", a="L", b="L") == ["root changed L a b", "reply changed K a b"]
    new, old = story.changes
    assert new.previous is not None
    assert new.previous.id == old.incident.id
    assert [one.id for one in old.successors] == [new.incident.id]
    assert old.incident.status is IncidentStatus.CHANGED


def test_cause_that_lost_some_jobs_to_another_stays_open() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    story.run("c2", a="K", b="K")
    assert story.run("c3", a="L", b="K") == ["root changed L a", "reply changed K a"]
    assert {one.key: one.broken for one in story.open()} == {"K": ("b",), "L": ("a",)}


def test_second_cause_of_a_job_does_not_change_the_first() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c2", a="K")
    assert story.run("c3", a="K+L") == ["root broken L a"]


def test_job_with_two_causes_is_in_two_threads() -> None:
    story = Story()
    story.run("c1", a="ok")
    assert story.run("c2", a="K+L") == ["root broken K a", "root broken L a"]
    assert story.run("c3", a="L") == ["reply changed K a"]
    assert story.run("c4", a="ok") == ["reply fixed L a"]
    assert story.open() == []


def test_partial_fix_goes_into_the_digest() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    story.run("c2", a="K", b="K")
    assert story.run("c3", a="ok", b="K") == ["digest partial K a"]


def test_green_cross_check_closes_no_incident_of_the_real_job() -> None:
    story = Story()
    real, cross = "portable/openbsd-7.8/default", "portable/openbsd-7.8/cross"
    story.run("c1", **{real: "ok", cross: "ok"})
    story.run("c2", **{real: "K", cross: "K"})
    assert story.run("c3", **{cross: "ok"}) == [f"digest partial K {cross}"]
    assert [incident.broken for incident in story.open()] == [(real,)]
    story.run("c4", **{cross: "ok"})
    assert [incident.broken for incident in story.open()] == [(real,)]


def test_complete_fix_is_a_reply_with_its_range() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    story.run("c2", a="K", b="K")
    story.run("c3", a="ok", b="K")
    assert story.run("c4", a="ok", b="ok") == ["reply fixed K a b"]
    assert commits(story.changes[0]) == ("c3", "c4")
    assert story.changes[0].incident.status is IncidentStatus.FIXED


def test_fixed_cause_that_returns_is_a_new_thread() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c2", a="K")
    old = story.changes[0].incident.id
    story.run("c3", a="ok")
    assert story.run("c4", a="K") == ["root returned K a"]
    assert story.changes[0].previous is not None
    assert story.changes[0].previous.id == old
    assert story.changes[0].incident.id != old


def test_red_then_green_at_one_commit_is_flaky() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c2", a="K")
    assert story.run("c2", a="ok") == ["digest flaky K a"]
    assert story.open() == []


def test_green_then_red_at_one_commit_is_mailed_for_a_new_cause() -> None:
    story = Story()
    story.run("c1", a="ok")
    assert story.run("c1", a="K") == ["root flaky K a"]


def test_green_then_red_at_one_commit_for_a_known_cause_is_for_the_digest() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c1", a="K")
    story.run("c1", a="ok")
    assert story.run("c1", a="K") == ["digest flaky K a"]


def test_flaky_failure_is_mailed_once_it_persists_at_a_new_commit() -> None:
    story = Story()
    story.run("c1", a="K")
    story.run("c1", a="ok")
    assert story.run("c1", a="K") == ["digest flaky K a"]
    assert story.run("c2", a="K") == ["root returned K a"]
    assert story.run("c3", a="K") == []


def test_job_of_the_same_commit_with_other_packages_is_not_flaky() -> None:
    story = Story()
    story.run("c1", a="ok", packages={"gcc": "13"})
    assert story.run("c1", a="K", packages={"gcc": "14"}) == ["root broken K a"]
    assert story.run("c1", a="ok", packages={"gcc": "14.1"}) == ["reply fixed K a"]


def test_infrastructure_is_mailed_after_two_runs() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    assert story.run("c2", a="infra", b="infra", after=HOUR) == []
    told = story.run("c3", a="infra", b="infra", after=HOUR)
    assert told == ["root infrastructure infrastructure a b"]
    assert story.run("c4", a="infra", b="infra", after=HOUR) == []
    told = story.run("c5", a="ok", b="ok", after=HOUR)
    assert told == ["digest infrastructure infrastructure a b"]


def test_infrastructure_is_cleared_by_a_result_on_another_branch() -> None:
    story = Story()
    for commit in ("n1", "n2"):
        story.run(commit, a="infra", branch_ref=NEXT, after=HOUR)
    assert story.run("c1", a="ok", after=HOUR) == ["digest infrastructure infrastructure a"]
    told = story.run("n3", a="infra", branch_ref=NEXT, after=HOUR)
    assert told == ["root infrastructure infrastructure a"]


def test_infrastructure_is_mailed_after_a_day() -> None:
    story = Story()
    story.run("c1", a="infra")
    assert story.wait(23 * HOUR) == []
    assert story.wait(HOUR) == ["root infrastructure infrastructure a"]


@pytest.mark.parametrize("word", ["infra", "cancelled", "skipped"])
def test_result_that_is_not_definitive_neither_closes_nor_opens_an_incident(word: str) -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    story.run("c2", a="K", b="ok")
    assert story.run("c3", a=word, b=word, after=HOUR) == []
    assert [incident.key for incident in story.open()] == ["K"]
    assert story.run("c4", a="K", b="ok", after=HOUR) == []
    assert story.run("c5", a="ok", b="ok", after=HOUR) == ["reply fixed K a"]


def test_missing_result_at_the_deadline_is_stale() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    both = [JobDeadline(branch_ref=MASTER, job=job, deadline=3 * DAY) for job in ("a", "b")]
    assert story.wait(2 * DAY, *both) == []
    assert story.wait(2 * DAY, *both) == ["root stale stale a b"]
    assert story.wait(HOUR, *both) == []
    assert story.run("c2", a="ok") == []
    assert story.run("c2", b="ok") == ["digest stale stale a b"]


def test_branch_without_deadlines_is_no_longer_stale() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.wait(5 * DAY, JobDeadline(branch_ref=MASTER, job="a", deadline=DAY))
    assert story.wait(DAY) == ["digest retired stale a"]
    assert story.open() == []


def test_job_that_never_ran_is_stale_after_its_deadline() -> None:
    story = Story()
    one = JobDeadline(branch_ref=MASTER, job="a", deadline=DAY)
    assert story.wait(0, one) == []
    assert story.wait(2 * DAY, one) == ["root stale stale a"]


def test_job_removed_from_the_matrix_does_not_count_as_fixed() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok", listed=["a", "b"])
    story.run("c2", a="K", b="ok", listed=["a", "b"])
    assert story.run("c3", b="ok", listed=["b"]) == ["reply retired K a"]
    assert story.open() == []


def test_incident_stays_open_when_one_of_its_jobs_is_removed() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok", listed=["a", "b"])
    story.run("c2", a="K", b="K", listed=["a", "b"])
    assert story.run("c3", b="K", listed=["b"]) == ["digest retired K a"]
    assert story.run("c4", b="ok", listed=["b"]) == ["reply fixed K b"]


def test_run_of_some_jobs_leaves_the_others_unchanged() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok", listed=["a", "b"])
    story.run("c2", a="K", b="K", listed=["a", "b"])
    assert story.run("c3", a="ok", listed=["a", "b"]) == ["digest partial K a"]
    assert story.open()[0].broken == ("b",)


def test_branches_have_separate_incidents() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("n1", a="ok", branch_ref=NEXT)
    assert story.run("c2", a="K") == ["root broken K a"]
    assert story.run("n2", a="K", branch_ref=NEXT) == ["root broken K a"]
    assert story.run("c3", a="ok") == ["reply fixed K a"]
    assert [incident.branch_ref for incident in story.open()] == [NEXT]


def test_allowed_failure_is_mailed_only_once_a_required_job_fails_too() -> None:
    story = Story()
    story.run("c1", a="ok", b="ok")
    assert story.run("c2", a="K?", b="ok") == ["digest broken K a"]
    assert story.run("c3", a="K?", b="K") == ["root broken K a b"]


def test_older_run_imported_late_changes_no_state() -> None:
    story = Story()
    story.run("c1", a="ok")
    story.run("c3", a="K")
    ledger, story.number = story.ledger, 0
    assert story.run("c2", a="ok") == []
    assert story.ledger == ledger


def test_runs_are_ordered_by_sequence_and_not_by_time() -> None:
    story = Story()
    story.run("c1", a="ok", after=9_000 * DAY)
    assert story.run("c2", a="K", after=-8_999 * DAY) == ["root broken K a"]
    assert story.run("c3", a="ok", after=-DAY) == ["reply fixed K a"]
