"""`ciforge incident`, and what `ciforge status` says to do first."""

import json
import time
from pathlib import Path

import attrs
import pytest
from command_tests import Past, Types

from ciforge.commands import incident_command
from ciforge.model.incident import RunRef
from ciforge.model.result import Status
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.read_only import present

NOW, DAY = 1_770_000_000.0, 86400.0
ONE, TWO, OTHER = (
    "daemon/debian-13/default",
    "daemon/debian-12/default",
    "filter/debian-13/default",
)
LOGS = {
    "header": "--- ciforge: build ---\nx.c:1:10: fatal error: grp.h: No such file or directory\n",
    "name": "--- ciforge: build ---\ny.c:1:10: error: 'FOO_BAR' undeclared (first use in this function)\n",
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in its only element."""
    at = [NOW]
    monkeypatch.setattr(time, "time", lambda: at[0])
    for name in ("CIFORGE_MAIL", "CIFORGE_MAIL_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return at


@pytest.fixture
def red(past: Past, clock: list[float], types: Types) -> Past:
    """Two jobs without a header since the second run, and another with a constant that is missing."""
    ran(past, types, 1, {})
    ran(past, types, 2, {ONE: "header", TWO: "header", OTHER: "name"})
    return past


def ran(past: Past, types: Types, number: int, failed: dict[str, str]) -> None:
    """A run of all three jobs, some of which failed, with the mail that follows."""
    run = f"2026020{number}T000000Z-{number:06d}"
    jobs = {job: Status.FAILED if job in failed else Status.PASSED for job in (ONE, TWO, OTHER)}
    folder = past.run(run, f"2026-02-0{number}T00:00:00Z", jobs)
    for job, log in failed.items():
        (folder / job.replace("/", ",") / "log.txt").write_text(LOGS[log])
    with Incidents.open(past.state) as incidents:
        incidents.announce(run, time.time())
    types("notify")


def mails(state: Path) -> int:
    return len(list((state / "mail").glob("new/*")))


def test_status_lists_the_cause_of_most_jobs_and_systems_first(red: Past, types: Types) -> None:
    lines = types("status").lines
    assert lines[0].startswith("1. grp.h not found  (2 jobs on 2 systems, for ")
    assert "ciforge incident " in lines[1]
    assert lines[2].startswith("2. FOO_BAR undeclared  (1 job on 1 system, for ")
    assert lines[4] == ""


def test_incident_names_the_commands_that_show_its_commits_and_a_whole_log(
    red: Past, types: Types
) -> None:
    lines = types("incident", 1).lines
    assert not any("git log" in line for line in lines)
    (command,) = (line.split("  ")[-1] for line in lines if "whole log" in line)
    assert types(*command.split()[1:]).out == LOGS["header"]
    with Incidents.open(red.state) as incidents, incidents.writing("mine") as writing:
        ledger = writing.ledger()
        known = {
            name: attrs.evolve(each, good=RunRef(revision="a" * 40), bad=RunRef(revision="b" * 40))
            for name, each in ledger.incidents.items()
        }
        writing.save(ledger, attrs.evolve(ledger, incidents=known))
    assert "  commits    git log aaaaaaaaaaaa..bbbbbbbbbbbb" in types("incident", 1).lines


def test_status_json_has_only_jobs(red: Past, types: Types) -> None:
    assert {"job"} <= {*json.loads(types("status", "--json").lines[0])}


def test_incident_shows_its_story_by_number_and_by_id(red: Past, types: Types) -> None:
    shown = types("incident", 1)
    assert shown.code == 0
    for text in (f"broken     {ONE}", f"broken     {TWO}", "x.c:1", f"ciforge bisect {TWO}"):
        assert text in shown.out
    id_ = shown.lines[0].split()[1].rstrip(":")
    assert types("incident", id_[:6]).out == shown.out


@pytest.mark.parametrize("text", ["grp", "GRP.H not", "debian-12", "daemon"])
def test_incident_is_found_by_a_part_of_its_title_or_of_a_job(
    red: Past, types: Types, text: str
) -> None:
    assert types("incident", text).out == types("incident", 1).out


def test_incidents_that_match_are_listed_with_their_numbers(red: Past, types: Types) -> None:
    typed = types("incident", "debian-13")
    assert (typed.code, typed.out) == (0, types("incident").out)
    assert "'debian-13' matches these; give one of the numbers" in typed.err
    objects = map(json.loads, types("incident", "debian-13", "--json").lines)
    assert [one["title"] for one in objects] == ["grp.h not found", "FOO_BAR undeclared"]


def test_change_by_a_part_of_the_title_reaches_that_incident(red: Past, types: Types) -> None:
    assert (
        "assigned to ann@example.org" in types("incident", "foo", "--assign", "ann@example.org").out
    )
    assert "assigned" in types("incident", 2).out
    assert "assigned" not in types("incident", 1).out


def test_incident_json_has_the_jobs_and_whose_it_is(red: Past, types: Types) -> None:
    first, second = map(json.loads, types("incident", "--json").lines)
    assert {*first["broken"]} == {ONE, TWO}
    assert (second["broken"], second["muted_until"], second["assignee"]) == ([OTHER], None, "")


def test_mute_holds_mails_back_and_ends_by_itself(
    red: Past, types: Types, clock: list[float]
) -> None:
    before = mails(red.state)
    typed = types("incident", 1, "--mute", "2d", "--why", "fixed in the next libc\x1b[31m")
    assert typed.code == 0
    assert "muted until 2026-02-04 02:40 UTC: fixed in the next libc" in typed.out
    assert types("status").lines[2].startswith("2. grp.h not found")  # muted ones come last
    clock[0] = NOW + 1.5 * DAY
    types("notify")
    assert mails(red.state) == before + 1  # the other one is reminded of
    clock[0] = NOW + 2.1 * DAY
    types("notify")
    assert mails(red.state) == before + 2
    assert "muted" not in types("status").out


def test_end_of_a_muted_incident_is_mailed(red: Past, types: Types) -> None:
    types("incident", 1, "--mute", "7d", "--why", "later")
    before = mails(red.state)
    ran(red, types, 3, {OTHER: "name"})
    assert mails(red.state) == before + 1
    assert "grp.h" not in types("incident").out


def test_unmute_ends_a_mute(red: Past, types: Types) -> None:
    types("incident", 1, "--mute", "7d", "--why", "later")
    assert "muted" in types("incident", 2).out
    assert "muted" not in types("incident", 2, "--unmute").out


def test_assigned_person_is_mailed_until_the_incident_ends(
    red: Past, types: Types, clock: list[float]
) -> None:
    assert "assigned to ann@example.org" in types("incident", 1, "--assign", "ann@example.org").out
    clock[0] = NOW + 1.5 * DAY
    types("notify")
    new = [file.read_text() for file in (red.state / "mail").glob("new/*")]
    assert sum("ann@example.org" in mail for mail in new) == 1
    ran(red, types, 3, {OTHER: "name"})
    ran(red, types, 4, {ONE: "header", OTHER: "name"})
    assert "assigned" not in types("incident").out


def test_assignment_to_nobody_ends_it(red: Past, types: Types) -> None:
    types("incident", 1, "--assign", "ann@example.org")
    again = types("incident", 1, "--assign", "ann@example.org")
    assert "before" not in again.err
    other = types("incident", 1, "--assign", "bob@example.org")
    assert "it was assigned to ann@example.org before" in other.err
    assert "assigned" not in types("incident", 1, "--assign", "nobody").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["9"], "no open incident matches '9'"),
        ([""], "no open incident matches ''"),
        ([" "], "no open incident matches ' '"),
        (["no-such-title"], "no open incident matches 'no-such-title'"),
        (["debian-13", "--unmute"], "'debian-13' matches incidents 1, 2: nothing was changed"),
        (["--mute", "7d", "--why", "x"], "need the N of an incident"),
        (["1", "--mute", "7d"], "a reason is required"),
        (["1", "--mute", "7d", "--why", " "], "a reason is required"),
        (["1", "--why", "x"], "--why is the reason of --mute"),
        (
            ["1", "--mute", "never", "--why", "x"],
            "expected a time from 1h to 366d, like 12h, 3d or 2w, found",
        ),
        (
            ["1", "--mute", "30m", "--why", "x"],
            "expected a time from 1h to 366d, like 12h, 3d or 2w, found",
        ),
        (["1", "--mute", "367d", "--why", "x"], "is not between 1h and 366d"),
        (["1", "--mute", "1y", "--why", "x"], "expected a time from 1h to 366d"),
        (["1", "--mute", "1d", "--why", "x", "--unmute"], "exclude each other"),
        (["1", "--assign", "ann"], "is not a mail address"),
        (["1", "--assign", "a@b.org\r\nBcc: c@d.org"], "is not a mail address"),
        (["1", "--assign", "a@b.org,c@d.org"], "is not a mail address"),
    ],
)
def test_incident_refuses_options_that_do_not_fit(
    red: Past, types: Types, words: list[str], told: str
) -> None:
    typed = types("incident", *words)
    assert (typed.code, typed.out) == (2, "")
    assert told in typed.err
    assert "never" not in typed.err.replace("'never'", "")


@pytest.mark.parametrize("change", [["--mute", "7d", "--why", "x"], ["--assign", "a@b.org"]])
def test_change_of_an_incident_that_closed_meanwhile_is_an_error(
    red: Past, types: Types, monkeypatch: pytest.MonkeyPatch, change: list[str]
) -> None:
    before = present(red.state, "mine")
    ran(red, types, 3, {})
    monkeypatch.setattr(incident_command, "present", lambda *_: before)
    typed = types("incident", 1, *change)
    assert (typed.code, typed.out) == (2, "")
    assert "'1' was closed meanwhile: nothing was changed" in typed.err


def test_incident_without_an_open_one_says_so(types: Types) -> None:
    typed = types("incident")
    assert (typed.code, typed.out, typed.err) == (0, "", "no cause of failure is open\n")
