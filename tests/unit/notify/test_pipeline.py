"""The pipeline from a run's folder to the outbox."""

import shutil
import subprocess
from pathlib import Path

import attrs
import pytest
from followed import World

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.incident import BranchRef, Incident, IncidentLedger, JobState, Observation
from ciforge.model.message import Delivery
from ciforge.model.result import Result, Run, Status
from ciforge.notify.deadlines import expected
from ciforge.notify.mail_queue import LIMIT
from ciforge.notify.observations import observed_run
from ciforge.notify.pipeline import import_announced, import_run
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.runs.run_folder import run_path

DAY = 86400
MANY = ("portable/{debian,alpine,arch,debian-11,debian-sid,alpine-edge}/{default,clang}",)
FEW = ("portable/{debian,alpine}/default",)
ERROR = "build:setgroups.c:3:5: error: implicit declaration of function 'setgroups'"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "state", FEW)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A git repository with nothing in it."""
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=master")
    return folder


def git(tree: Path, *words: str) -> str:
    identity = ("-c", "user.name=Ann Example", "-c", "user.email=ann@example.org")
    done = subprocess.run(
        ["git", *identity, *words], cwd=tree, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(tree: Path, subject: str) -> str:
    git(tree, "commit", "--quiet", "--allow-empty", "-m", subject)
    return git(tree, "rev-parse", "HEAD")


def announced(world: World, run: str) -> None:
    with Incidents.open(world.state) as incidents:
        incidents.announce(run, world.now)


def test_proven_result_opens_and_closes_no_incident(world: World) -> None:
    job = world.ids[0]
    run = Run(id="r", project="p", started="", version="", jobs=(job, "portable/x/y"))
    passed = Result(job=job, status=Status.PASSED, proven_by="20261122T144057Z-1f3a9c")
    ran = Result(job="portable/x/y", status=Status.PASSED)
    observed = observed_run(run, 1.0, [passed, ran], Diagnosis(run="r"))
    (seen,) = observed.observations.values()
    assert [one.job for one in seen] == ["portable/x/y"]


def imported_by_notify(world: World) -> tuple[list[str], tuple[str, ...]]:
    """Kinds of mails, and problems, of `ciforge notify`."""
    with Incidents.open(world.state) as incidents:
        done = import_announced(world.flow, incidents, world.now + 60)
    return [message.kind for message in done.messages], done.problems


def test_mail_says_that_the_release_of_a_broken_job_is_past_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = world.flow
    job = flow.jobs[0]
    old = attrs.evolve(job, release=attrs.evolve(job.release, eol="2026-10-01"))
    ended = attrs.evolve(flow, jobs=(old, *flow.jobs[1:]))
    monkeypatch.setattr(World, "flow", ended)
    world.run("a" * 40)
    world.run("b" * 40, {world.ids[0]: ERROR})
    told = f"{job.release_id} reached its end of life on 2026-10-01"
    assert told in " ".join(world.messages()[-1].text.split())
    world.run("c" * 40, {world.ids[-1]: undeclared("pledge")})
    assert told not in " ".join(world.messages()[-1].text.split())


def undeclared(name: str) -> str:
    return f"build:source.c:1:1: error: implicit declaration of function '{name}'"


def test_mail_names_the_commits_of_the_range_and_their_authors(world: World, tree: Path) -> None:
    world.origin = str(tree)
    world.run(commit(tree, "Begin"))
    world.now += DAY
    commit(tree, "Use setgroups")
    bad = commit(tree, "Tidy up")
    world.run(bad, {world.ids[0]: ERROR})
    text = world.messages()[-1].text
    assert "Use setgroups (Ann Example)" in text
    assert "Tidy up (Ann Example)" in text
    assert "Begin" not in text


def test_mail_about_an_unchanged_source_names_the_packages_that_changed(world: World) -> None:
    world.run("a", packages="13.2")
    world.now += DAY
    world.run("a", {world.ids[0]: ERROR}, packages="14.1")
    text = world.messages()[-1].text
    assert "The source did not change" in text
    assert "gcc" in text
    assert "14.1" in text


def test_mail_has_failure_and_advice_in_its_first_three_lines(world: World) -> None:
    world.run("a")
    world.now += DAY
    world.run("b", {world.ids[0]: ERROR})
    first = " ".join(world.messages()[-1].text.splitlines()[:3])
    assert first.startswith("portable is broken in 1 of ")
    assert "setgroups undeclared. Include the header that declares setgroups" in first


def test_mail_about_a_first_run_names_commit_branch_and_log(world: World) -> None:
    world.run("b", {world.ids[0]: ERROR})
    text = " ".join(world.messages()[-1].text.partition("What was built:")[2].split())
    (run,) = (world.state / "runs").iterdir()
    assert text.startswith(f"commit {'b' * 40} branch master run ")
    assert f"ciforge log {world.ids[0]} --run {run.name}" in text.replace("\\ ", "")


def test_mail_about_a_modified_source_names_no_revision(world: World) -> None:
    world.run("a")
    world.now += DAY
    world.changes = 3
    world.run("a", {world.ids[0]: ERROR})
    text = " ".join(world.messages()[-1].text.split())
    assert "--rev" not in text
    assert "cannot be listed: one of the two runs built no commit." in text


def test_hostile_commit_subjects_stay_on_their_line(world: World, tree: Path) -> None:
    world.origin = str(tree)
    world.run(commit(tree, "Begin"))
    world.now += DAY
    bad = commit(tree, "=?utf-8?Q?=0A?=Bcc: x\x1b[31m\r\u202e" + "long " * 500)
    world.run(bad, {world.ids[0]: ERROR})
    text = world.messages()[-1].text
    assert "=?utf-8?Q?=0A?=Bcc: x" in text
    assert not {"\x1b", "\r", "\u202e"} & set(text)
    assert len(text) < 6000


def test_mails_beyond_the_limit_are_merged_and_none_is_dropped(tmp_path: Path) -> None:
    world = World(tmp_path, MANY)
    assert len(world.ids) > LIMIT - 5
    world.run("a")
    world.now += DAY
    broken = {job: undeclared(f"f{n}") for n, job in enumerate(world.ids)}
    more = {job: undeclared(f"g{n}") for n, job in enumerate(world.ids)}
    assert len(world.run("b", broken)) == len(world.ids)
    world.now += 600
    (digest,) = world.run("c", more)
    assert digest.startswith("digest > team")
    text = world.messages()[-1].text
    for n in range(len(world.ids)):
        assert f"g{n} undeclared" in text


def test_job_without_a_result_does_not_count_as_passed(world: World) -> None:
    world.run("a", {world.ids[0]: ERROR})
    world.now += DAY
    run = world.record("b", dict.fromkeys(world.ids, "ok"))
    shutil.rmtree(run_path(world.state, run) / world.ids[0].replace("/", ","))
    followed = world.take(run)
    assert followed.messages == ()
    assert f"has no result for {world.ids[0]}" in followed.problems[0]


def test_damaged_result_is_reported_and_does_not_count_as_passed(world: World) -> None:
    world.run("a", {world.ids[0]: ERROR})
    world.now += DAY
    run = world.record("b", dict.fromkeys(world.ids, "ok"))
    file = run_path(world.state, run) / world.ids[0].replace("/", ",") / "result.json"
    file.write_text("{")
    followed = world.take(run)
    assert followed.messages == ()
    assert any("damaged" in sentence for sentence in followed.problems)


def test_older_run_imported_late_changes_nothing(world: World) -> None:
    early = world.record("a", dict.fromkeys(world.ids, ERROR))
    announced(world, early)
    world.now += DAY
    world.run("b")
    world.now += DAY
    assert world.take(early).messages == ()
    with Incidents.open(world.state) as incidents:
        assert not any(i.open for i in incidents.ledger("mine").incidents.values())


def test_run_is_imported_once_by_two_processes(world: World) -> None:
    run = world.record("a", dict.fromkeys(world.ids, ERROR))
    with Incidents.open(world.state) as one, Incidents.open(world.state) as other:
        first = import_run(world.flow, one, run, world.now)
        again = import_run(world.flow, other, run, world.now)
    assert (len(first.messages), len(again.messages)) == (1, 0)


def test_announced_run_is_imported_by_notify(world: World) -> None:
    announced(world, world.record("a", dict.fromkeys(world.ids, ERROR)))
    assert imported_by_notify(world)[0] == ["broken"]
    assert imported_by_notify(world) == ([], ())


def test_unfinished_run_is_imported_only_after_it_counts_as_killed(world: World) -> None:
    announced(world, world.record("a", {world.ids[0]: ERROR}, ended=False))
    assert imported_by_notify(world) == ([], ())
    world.now += 3 * DAY
    assert imported_by_notify(world)[0] == ["broken"]


def test_announced_run_without_files_does_not_block_others(world: World) -> None:
    announced(world, "20261101T000000Z-000000")
    world.now += 3 * DAY
    announced(world, world.record("a", dict.fromkeys(world.ids, ERROR)))
    kinds, told = imported_by_notify(world)
    assert kinds == ["broken"]
    assert "cannot be imported" in told[0]
    assert imported_by_notify(world) == ([], ())


def test_undelivered_mail_is_listed_in_the_next_mail_to_operators(world: World) -> None:
    world.run("a", {world.ids[0]: ERROR})
    with Incidents.open(world.state) as incidents:
        (one,) = incidents.outbox.due(world.now + DAY)[0].recipients
        refused = attrs.evolve(one, delivery=Delivery.REFUSED, reply="550 5.1.1 no such user")
        incidents.outbox.put([refused])
    for _ in range(2):
        world.now += 3600
        world.run("b", dict.fromkeys(world.ids, "infra"))
    message = world.messages()[-1]
    assert message.kind == "infrastructure"
    assert "team@example.org: 550 5.1.1 no such user" in message.text


def test_jobs_without_a_result_are_overdue_by_their_schedule(tmp_path: Path) -> None:
    daily = "{job: portable/arch/default, schedule: daily}"
    world = World(tmp_path, (*FEW, daily))
    world.run("a")
    assert world.tick(2.5 * 24) == []
    assert world.tick(24) == ["stale > team"]
    assert "portable/arch-latest/default" in world.messages()[-1].text
    assert world.tick(12 * 24)[0] == "re stale > team"


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("daily", 3), ("weekly", 10), ("monthly", 40), ("30 4 * * *", 3), ("30 4 * * 1", 10),
        ("30 4 1 * *", 40), ("30 4 1 1 *", None),
    ],
)  # fmt: skip
def test_deadlines_follow_the_schedule(tmp_path: Path, schedule: str, days: int | None) -> None:
    world = World(tmp_path, (f'{{job: portable/arch/default, schedule: "{schedule}"}}',))
    found = expected(world.flow.project, world.flow.jobs, IncidentLedger(project="mine"))
    assert [one.deadline / DAY for one in found] == ([] if days is None else [days])


def test_deadlines_apply_to_followed_branches_only(world: World) -> None:
    lines = [BranchRef(repo="portable", branch=branch) for branch in ("master", "topic")]
    job = world.ids[0]
    standings = {(line, job): JobState(branch_ref=line, job=job) for line in lines}
    book = IncidentLedger(project="mine", job_states=standings)
    found = expected(world.flow.project, world.flow.jobs, book)
    assert {one.branch_ref.branch for one in found} == {"master"}


def test_repository_removed_from_the_project_closes_its_incidents(world: World) -> None:
    gone = BranchRef(repo="gone", branch="master")
    broken = Observation(job="gone/debian-13/default", status=Status.FAILED, causes=("K",))
    incident = Incident(
        id="ab" * 8, project="mine", branch_ref=gone, key="K", broken=(broken.job,), jobs=(broken.job,),
        root_mailed=1.0,
    )  # fmt: skip
    standing = JobState(branch_ref=gone, job=broken.job, last=broken)
    before = IncidentLedger(
        project="mine", job_states={(gone, broken.job): standing}, incidents={incident.id: incident}
    )
    with Incidents.open(world.state) as incidents, incidents.writing("mine") as writing:
        writing.save(writing.ledger(), before)
    assert world.run("a") == ["retired > team"]
