"""Commands to GitHub's runner: one line each, and no text can become a command."""

import re
from pathlib import Path

import attrs
import pytest
from reports import HOSTILE, finding, report

from ciforge.ci.github.annotations import command, github
from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import FindingKind
from tests.tables import each


def test_annotation_is_an_error_at_each_place_of_a_cause(tmp_path: Path) -> None:
    lines = github(report(tmp_path)).splitlines()
    assert [line.partition(",title")[0] for line in lines[:2]] == [
        "::error file=src/daemon.c,line=120", "::error file=src/daemon.c,line=131",
    ]  # fmt: skip
    assert (
        "%0Aadd `#include <grp.h>` to src/daemon.c (looked up on the job's machine, not tried)%0Ain portable/alpine-3.24/default"
        in lines[0]
    )


def test_distribution_problems_and_allowed_failures_are_warning_annotations(tmp_path: Path) -> None:
    lines = github(report(tmp_path)).splitlines()
    for words in (
        "mirror.example.org",
        "default@s390x",
        "has no result",
        "gcc 14",
    ):
        assert all(one.startswith("::warning ") for one in lines if words in one)
        assert any(words in one for one in lines)


@each(
    ("text", "escaped"),
    [
        ("a%b", "a%25b"),
        ("a\nb", "a%0Ab"),
        ("a\r\nb", "a%0D%0Ab"),
        ("%0A", "%250A"),
        ("a:b,c", "a:b,c"),
        ("::error::x", "::error::x"),
    ],
)
def test_annotation_text_is_escaped(text: str, escaped: str) -> None:
    assert command("error", text, "t") == f"::error title=t::{escaped}"


@pytest.mark.parametrize(
    ("title", "escaped"), [("a:b", "a%3Ab"), ("a,line=1", "a%2Cline=1"), ("100%", "100%25")]
)
def test_annotation_property_is_escaped(title: str, escaped: str) -> None:
    assert command("error", "x", title, "f,1.c", 3) == (
        f"::error file=f%2C1.c,line=3,title={escaped}::x"
    )


def test_hostile_text_begins_no_annotation(tmp_path: Path) -> None:
    text = github(report(tmp_path))
    assert HOSTILE[:20] in text
    assert all(re.match(r"::(error|warning) ", line) for line in text.splitlines())


def test_annotations_are_limited(tmp_path: Path) -> None:
    causes = tuple(
        Cause(key=str(at), kind=FindingKind.OTHER, findings={"a/b/c": finding(line=at)})
        for at in range(1, 500)
    )
    whole = attrs.evolve(report(tmp_path), why=Diagnosis(run="r", causes=causes))
    assert len(github(whole).splitlines()) == 50
