"""SARIF: a result for each cause and place, fingerprinted by the cause."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from reports import HOSTILE, MUSL, finding, report, run

from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import FindingKind
from ciforge.report.run_report import RunReport
from ciforge.report.sarif import artifact, sarif
from tests.tables import each


@pytest.fixture
def log(tmp_path: Path) -> dict[str, Any]:
    (one,) = json.loads(sarif(report(tmp_path)))["runs"]
    found: dict[str, Any] = one
    return found


def test_sarif_rules_are_the_finding_kinds_and_warning(log: dict[str, Any]) -> None:
    rules = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
    assert rules == [*(kind.value for kind in FindingKind), "warning"]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in log["results"])


def test_sarif_cause_has_one_fingerprint_at_all_its_places(log: dict[str, Any]) -> None:
    ours = [one for one in log["results"] if one["ruleId"] == "implicit-declaration"]
    places = [one["locations"][0]["physicalLocation"] for one in ours]
    assert places == [
        {
            "artifactLocation": {"uri": "src/daemon.c", "uriBaseId": "SRCROOT"},
            "region": {"startLine": line},
        }
        for line in (120, 131)
    ]
    assert [one["fingerprints"] for one in ours] == [
        {"ciforge/cause/v1": "implicit-declaration:setgroups"}
    ] * 2


def test_sarif_same_place_in_several_jobs_is_one_result(tmp_path: Path) -> None:
    whole = report(tmp_path)
    cause = attrs.evolve(whole.causes[0], findings=dict.fromkeys(MUSL, finding()))
    (one,) = json.loads(
        sarif(attrs.evolve(whole, why=Diagnosis(run="r", causes=(cause,)), results=()))
    )["runs"][0]["results"]
    assert one["occurrenceCount"] == 2
    assert one["properties"]["jobs"] == list(MUSL)


def test_sarif_result_without_a_place_is_at_the_project_file_and_names_its_job(
    log: dict[str, Any],
) -> None:
    (one,) = [one for one in log["results"] if one["ruleId"] == "deps-network"]
    job = {"fullyQualifiedName": "portable/opensuse-leap-16.0/default", "kind": "job"}
    place = {
        "artifactLocation": {"uri": "ciforge.yml", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 1},
    }
    assert one["locations"] == [{"logicalLocations": [job], "physicalLocation": place}]


def test_sarif_has_all_that_github_requires(log: dict[str, Any]) -> None:
    for one in log["results"]:
        (location,) = one["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] and place["region"]["startLine"] >= 1
    for rule in log["tool"]["driver"]["rules"]:
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))


def test_sarif_warning_says_when_it_becomes_an_error(log: dict[str, Any]) -> None:
    (one,) = [one for one in log["results"] if one["level"] == "warning"]
    assert one["message"]["text"].endswith("an error with gcc 14 and clang 16)")
    assert one["occurrenceCount"] == 2


@each(
    ("file", "uri"),
    [
        ("a.c", {"uri": "a.c", "uriBaseId": "SRCROOT"}),
        ("./src//a.c", {"uri": "src/a.c", "uriBaseId": "SRCROOT"}),
        ("../../src/a.c", {"uri": "src/a.c", "uriBaseId": "SRCROOT"}),
        ("/ciforge/src/src/a.c", {"uri": "src/a.c", "uriBaseId": "SRCROOT"}),
        ("/usr/include/x.h", {"uri": "file:///usr/include/x.h"}),
        ("a b?#%.c", {"uri": "a%20b%3F%23%25.c", "uriBaseId": "SRCROOT"}),
        ("http://x/y", {"uri": "http%3A/x/y", "uriBaseId": "SRCROOT"}),
        ("\udcff.c", {"uri": "%EF%BF%BD.c", "uriBaseId": "SRCROOT"}),
    ],
)
def test_sarif_file_is_relative_to_the_source_or_absolute(file: str, uri: dict[str, str]) -> None:
    assert artifact(file) == uri


def test_sarif_hostile_text_stays_in_its_message(log: dict[str, Any]) -> None:
    (one,) = [one for one in log["results"] if one["ruleId"] == "timeout"]
    assert one["message"]["text"].startswith(HOSTILE[:40])
    assert "\x1b" not in one["message"]["text"]


def test_sarif_lists_only_urls_as_repositories() -> None:
    bare = RunReport(run=run(sources=()), results=(), why=Diagnosis(run="r"))
    assert "versionControlProvenance" not in json.loads(sarif(bare))["runs"][0]
