"""Forged artifacts, and a service and a mail server that lie, against whole commands."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from api import Api, archive, artifact, job, packed, result, run, serving
from rig import Ended, Person
from servers import server as smtp_server

JOB = "portable/debian-12/default"
FOLDER = JOB.replace("/", ",")
TOKEN = "tok-of-the-team-2b9d"
ESCAPE = "\x1b]0;gotcha\x07\x1b[2J"
FIRST, SECOND = "2026-11-20T10:00:00Z", "2026-11-20T12:00:00Z"
PROJECT = """\
project: p
repos: {portable: {git: "https://github.com/example/portable.git", recipe: autotools}}
jobs: [portable/debian-12]
mail: {from: ci@example.org, routes: [{job: "*", to: team@example.org}]}
"""


@attrs.frozen
class Team:
    """Collects from a service that somebody else may have filled."""

    person: Person
    api: Api

    def types(self, *words: object, **env: str) -> Ended:
        """A command, with the team's token; no command crashes or shows the token."""
        known = {"GITHUB_API_URL": self.api.address, "GITHUB_TOKEN": TOKEN}
        done = self.person.types(*words, **known | env)
        assert done.code in (0, 1, 2, 3, 4), done.told
        assert TOKEN not in done.told and "\x1b]" not in done.told and "Traceback" not in done.told
        return done

    def collects(self) -> Ended:
        """`ciforge collect` of all runs since some day."""
        return self.types("collect", "github:example/portable", "--since", "2026-11-01")

    @property
    def status(self) -> str:
        """What is shown of the job, after everything was collected."""
        rows = map(json.loads, self.types("status", "--json").out.splitlines())
        return next(row["status"] for row in rows if row["job"] == JOB)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    here = tmp_path / "here"
    here.mkdir()
    (here / "ciforge.yml").write_text(PROJECT)
    with serving(Api()) as api:
        yield Team(Person(here, tmp_path / "home"), api)


def outside(team: Team) -> list[str]:
    """Files that are neither the project's nor ciforge's own."""
    top = team.person.home.parent
    return sorted(str(file) for file in top.rglob("*gotcha*"))


# An artifact.

BROKEN: Mapping[str, bytes] = {
    "no archive": b"PK\x03\x04gotcha",
    "nothing": b"",
    "nested": packed({"result.json": b"[" * 100_000}),
    "a number": packed({"result.json": b"1e999"}),
    "up": packed({"../../gotcha": b"x", "/gotcha": b"x", "result.json": b"{}"}),
    "a bomb": packed({"result.json": b" " * 300_000_000}),
    "of another job": archive("portable/debian-13/default", "passed"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_artifact_makes_no_job_green_and_writes_nowhere_else(name: str, team: Team) -> None:
    team.api.add(1, {JOB: "passed"})
    team.api.archives[100] = BROKEN[name]
    team.collects()
    assert team.status != "passed"
    assert outside(team) == []


def test_link_in_an_artifact_is_not_followed(team: Team) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packing:
        packing.writestr("result.json", json.dumps(result(JOB, "failed")))
        link = zipfile.ZipInfo("log.txt")
        link.external_attr = 0o120777 << 16
        packing.writestr(link, "/etc/hostname")
    team.api.add(1, {JOB: "failed"})
    team.api.archives[100] = stream.getvalue()
    team.collects()
    assert [path for path in team.person.home.rglob("*") if path.is_symlink()] == []


def test_hostile_text_of_an_artifact_stays_text_in_every_report(team: Team) -> None:
    text = f"<script>alert(1)</script>{ESCAPE}[x](javascript:alert(1))\n::error::gotcha"
    forged = result(JOB, "failed") | {"tail": [text], "reason": text}
    log = f"--- ciforge: build ---\nx.c:1:1: error: '{text}' undeclared\n".encode()
    team.api.add(1, {JOB: "failed"})
    team.api.archives[100] = packed({"result.json": json.dumps(forged).encode(), "log.txt": log})
    team.collects()
    done = team.types(
        "report", "--html", team.person.home / "site", "--markdown", team.person.home / "x.md"
    )
    pages = [file.read_text() for file in (team.person.home / "site").rglob("*.html")]
    assert pages, done.told
    assert not any("<script>alert" in page or "\x1b" in page for page in pages)
    assert team.types("notify").code in (0, 1)
    mails = [file.read_text() for file in (team.person.state).rglob("mail/new/*")]
    assert mails and not any("\x1b" in mail for mail in mails)


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "timed_out"])
def test_artifact_of_another_attempt_or_against_the_service_is_not_green(
    conclusion: str, team: Team
) -> None:
    team.api.runs = [run(1, run_attempt=2, conclusion=conclusion, run_started_at=SECOND)]
    ran: dict[str, Any] = job(JOB, conclusion)
    team.api.jobs[1] = [ran | {"started_at": SECOND, "completed_at": "2026-11-20T12:10:00Z"}]
    team.api.artifacts[1] = [artifact(100, FOLDER, created_at=FIRST)]
    team.api.archives[100] = archive(JOB, "passed")
    team.collects()
    assert team.status != "passed"
    assert "github-1-2" in team.types("history", "--json").out


@pytest.mark.parametrize("started", ["2999-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "soon"])
def test_time_in_an_artifact_hides_no_later_failure(started: str, team: Team) -> None:
    team.api.add(1, {JOB: "passed"})
    forged = result(JOB, "passed") | {"started": started}
    team.api.archives[100] = packed({"result.json": json.dumps(forged).encode(), "log.txt": b"x\n"})
    team.collects()
    team.api.add(2, {JOB: "failed"})
    team.collects()
    assert team.status == "failed"
    team.types("notify")
    listed = [
        json.loads(line) for line in team.types("mail", "list", "--all", "--json").out.splitlines()
    ]
    assert [mail["kind"] for mail in listed] == ["broken"]


# A pull request.


@pytest.mark.parametrize(
    "event", ["pull_request", "pull_request_target", "workflow_run", "issue_comment"]
)
def test_result_of_a_pull_request_counts_for_no_branch(event: str, team: Team) -> None:
    team.api.add(1, {JOB: "failed"})
    team.collects()
    team.api.add(2, {JOB: "passed"}, event=event)
    team.collects()
    assert team.status == "failed"


# The service's API.

ANSWERS = {
    "no text": b"\xff\xfe\x00",
    "a list": b"[]",
    "null": b'{"workflow_runs": null}',
    "nested": b"[" * 200_000,
    "escapes": json.dumps(
        {"workflow_runs": [run(1, html_url=f"https://x/{ESCAPE}", head_branch=ESCAPE)]}
    ).encode(),
    "wrong kinds": json.dumps(
        {"workflow_runs": [run(1, id="../../gotcha", run_attempt=-1, head_sha=[])]}
    ).encode(),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_any_api_answer_is_imported_or_refused(name: str, team: Team) -> None:
    team.api.body = ANSWERS[name]
    team.collects()
    assert team.status == "no result"
    assert outside(team) == []


def test_api_token_is_sent_to_no_other_host(team: Team) -> None:
    team.api.add(1, {JOB: "passed"})
    with serving(Api()) as other:
        other.archives[100] = archive(JOB, "passed")
        team.api.location = f"{other.storage}/100"
        team.collects()
        heard = [headers for _, headers in other.asked]
        assert not any(TOKEN in str(headers) for headers in heard)


# The mail server.


def test_mail_server_gets_no_password_in_the_clear_and_ends_no_command(team: Team) -> None:
    team.api.add(1, {JOB: "failed"})
    team.collects()
    replies: dict[str, bytes | None] = {
        "EHLO": b"250-x\r\n250 AUTH PLAIN LOGIN\r\n",
        "RCPT": f"550 {ESCAPE} no\r\n".encode(),
    }
    with smtp_server(replies) as (port, heard):
        for way in (f"smtp://u@127.0.0.1:{port}", f"smtp+plain://127.0.0.1:{port}"):
            team.types("notify", CIFORGE_MAIL=way, CIFORGE_MAIL_PASSWORD=TOKEN)
        assert not any("AUTH" in line or TOKEN in line for line in heard.commands)
    kept = team.types("mail", "list", "--all")
    assert "team@example.org" in kept.out


def test_mail_about_a_hostile_build_has_only_headers_of_ciforge(team: Team) -> None:
    forged = result(JOB, "failed") | {"reason": "x\r\nBcc: gotcha@example.org\r\n\r\nbody"}
    log = b"--- ciforge: build ---\nx.c:1:1: error: 'a\r\nBcc: gotcha@example.org' undeclared\n"
    team.api.add(
        1, {JOB: "failed"}, head_branch="master", display_title="x\r\nBcc: gotcha@example.org"
    )
    team.api.archives[100] = packed({"result.json": json.dumps(forged).encode(), "log.txt": log})
    team.collects()
    with smtp_server() as (port, heard):
        done = team.types("notify", CIFORGE_MAIL=f"smtp+plain://127.0.0.1:{port}")
    assert heard.mails, done.told
    for mail in heard.mails:
        head = mail.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        assert b"\nBcc:" not in head
    assert [line for line in heard.commands if "gotcha" in line] == []


def test_pull_request_is_answered_with_hostile_text_in_code_only(team: Team) -> None:
    revision = f"{1:040x}"
    evil = f"@team [x](https://evil.example) <img src=x> ```{ESCAPE}"
    log = (
        f"--- ciforge: build ---\nhello.c:3:10: fatal error: {evil}.h: No such file or directory\n"
    )
    team.api.add(1, {JOB: "failed"}, event="pull_request")
    bad = result(JOB, "failed") | {
        "tail": [evil, "```", "@team"],
        "reason": evil,
        "failed_step": "build",
    }
    files = {"log.txt": log.encode(), "result.json": json.dumps(bad).encode()}
    team.api.archives[100] = archive(JOB, "failed", **files)
    team.api.pulls.pulls[12] = revision
    stranger = team.api.pulls.add_comment(12, "stranger", "<!-- ciforge: p -->\nwrite here")
    done = team.types("collect", "github:example/portable", "--since", "2026-11-01", "--answer")
    assert done.code == 0, done.told
    assert [one for one, _ in team.api.pulls.statuses] == [revision]
    bodies = [one["body"] for one in team.api.pulls.comments.values() if one["login"] == "bot"]
    assert len(bodies) == 1
    assert "evil" in bodies[0]
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", bodies[0])
    assert "evil" not in outside and "@" not in outside and "\x1b" not in bodies[0]
    assert team.api.pulls.comments[stranger]["body"].endswith("write here")
    assert not list(team.person.state.glob("*/runs/*"))
