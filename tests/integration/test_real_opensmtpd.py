"""The main job: the newest release of OpenSMTPD portable on Debian 12 and 13."""

import datetime
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rig import EXAMPLES, Document, Ended, Person, load, manifest

JOBS = ("portable/debian-12/default", "portable/debian-13/default")
STEPS = ["prepare", "bootstrap", "configure", "build", "install", "expect"]
BOUND = 1500
"""Characters of a line that are told for certain; libtool's are longer."""
KEYS = {
    "run_started": {"jobs", "sources"},
    "job_started": {"job"},
    "step_started": {"job", "step"},
    "line": {"job", "step", "text"},
    "step_ended": {"job", "step", "exit_code", "seconds"},
    "job_ended": {"job", "status", "failed_step", "seconds", "log", "reason", "proves"},
    "run_ended": {"seconds", "results"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("opensmtpd")


@pytest.fixture(scope="module")
def source(tarball: Callable[[str], Path]) -> str:
    return f"portable={tarball('opensmtpd')}"


@pytest.fixture(scope="module")
def run(home: Path, source: str) -> Ended:
    """What a maintainer types, for a program to read."""
    project = EXAMPLES / "opensmtpd" / "ciforge.yml"
    words = ("--file", project, "portable/debian/default", "--source", source, "--json")
    return Person(home, home).runs(*words)


def test_opensmtpd_passes_on_both_releases(run: Ended) -> None:
    assert run.code == 0, run.told
    assert {job: result["status"] for job, result in run.results.items()} == dict.fromkeys(
        JOBS, "passed"
    )
    assert run.err == ""


@pytest.mark.parametrize("job", JOBS)
def test_users_of_the_installed_opensmtpd_can_send_mail(run: Ended, job: str) -> None:
    installed = manifest((run.job(job) / "artifacts" / "manifest.txt").read_text())
    assert installed["/usr/local/sbin/smtpctl"] == ["file", "2555", "root", "_smtpq"]
    assert installed["/etc/mail/smtpd.conf"] == ["file", "644", "root", "root"]


@pytest.mark.parametrize("job", JOBS)
def test_log_result_and_artifacts_are_in_the_state_folder(run: Ended, job: str) -> None:
    folder = run.job(job)
    assert {file.name for file in folder.iterdir()} == {"artifacts", "log.txt", "result.json"}
    kept = {file.name for file in (folder / "artifacts").iterdir()}
    assert kept == {"config.log", "config.h", "manifest.txt"} == {*run.results[job]["artifacts"]}
    assert "#define HAVE_CRYPT 1" in (folder / "artifacts" / "config.h").read_text()
    assert "--with-auth-pam" in (folder / "artifacts" / "config.log").read_text()


@pytest.mark.parametrize("job", JOBS)
def test_result_names_source_image_and_packages(run: Ended, job: str, source: str) -> None:
    result = run.results[job]
    assert [(step["name"], step["exit_code"]) for step in result["steps"]] == [
        (step, 0) for step in STEPS
    ]
    assert {"libssl-dev", "libevent-dev", "libpam0g-dev", "bison"} <= result["packages"].keys()
    assert result["source"]["origin"] == source.partition("=")[2]
    assert len(result["source"]["digest"]) == 64
    assert result["image"].startswith("sha256:")


def test_json_event_has_exactly_the_fields_of_its_kind(run: Ended) -> None:
    for event in run.events:
        assert event.keys() == {"v", "event", "run", "time"} | KEYS[event["event"]], event
        assert (event["v"], event["run"]) == (1, run.folder.name)
        assert datetime.datetime.fromisoformat(event["time"]).tzinfo == datetime.UTC


def test_first_json_event_names_jobs_and_sources(run: Ended, source: str) -> None:
    first = run.events[0]
    assert first["event"] == "run_started"
    assert first["jobs"] == [*JOBS]
    assert [(used["repo"], used["origin"]) for used in first["sources"]] == [
        ("portable", source.partition("=")[2])
    ]


def test_last_json_event_has_every_result(run: Ended) -> None:
    last = run.events[-1]
    assert last["event"] == "run_ended"
    assert [(one["job"], one["status"], one["failed_step"]) for one in last["results"]] == [
        (job, "passed", None) for job in JOBS
    ]
    for one in last["results"]:
        assert one.keys() == {"job", "status", "failed_step", "seconds", "log", "proves"}
        assert one["log"] == str(run.job(one["job"]) / "log.txt")


@pytest.mark.parametrize("job", JOBS)
def test_json_events_of_a_job_follow_the_order_of_its_steps(run: Ended, job: str) -> None:
    events = [event for event in run.events if event.get("job") == job]
    inner = itertools.chain.from_iterable(
        (("step_started", step), ("step_ended", step)) for step in STEPS
    )
    assert [_named(event) for event in events if event["event"] != "line"] == [
        ("job_started", None), *inner, ("job_ended", None),
    ]  # fmt: skip
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    assert all(event["exit_code"] == 0 for event in events if event["event"] == "step_ended")


def _named(event: Document) -> tuple[str, str | None]:
    return event["event"], event.get("step")


@pytest.mark.parametrize("job", JOBS)
def test_output_line_is_an_event_while_its_step_runs(run: Ended, job: str) -> None:
    current = None
    for event in run.events:
        if event.get("job") == job and event["event"] == "step_started":
            current = event["step"]
        if event.get("job") == job and event["event"] == "line":
            assert event["step"] == current


@pytest.mark.parametrize("job", JOBS)
def test_line_events_are_the_lines_of_the_log(run: Ended, job: str) -> None:
    lines = [
        event["text"]
        for event in run.events
        if (event["event"], event.get("job"), event.get("step")) == ("line", job, "build")
    ]
    whole = run.step(job, "build")
    assert [line[:BOUND] for line in lines] == [line.expandtabs(8)[:BOUND] for line in whole]
    assert len(lines) > 100


def test_build_without_the_group_ends_0_and_is_not_green(
    home: Path, source: str, run: Ended
) -> None:
    project = load(EXAMPLES / "opensmtpd" / "ciforge.yml")
    del project["repos"]["portable"]["users"]["_smtpq"]
    file = home / "ciforge.yml"
    file.write_text(json.dumps(project))
    # With caches a failure is repeated without them: the whole build would be made twice.
    words = ("portable/debian-13/default", "--source", source, "--no-cache")
    broken = Person(home, home).runs(*words)
    assert broken.code == 1, broken.told
    assert broken.result["failed_step"] == "expect"
    assert [step["exit_code"] for step in broken.result["steps"]] == [0, 0, 0, 0, 0, 1]
    assert "expect: /usr/local/sbin/smtpctl has gname=root, not gname=_smtpq" in broken.tail
