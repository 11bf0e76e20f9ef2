"""The answer to a pull request, made of the worst that a build can print."""

import re
from typing import Any

import attrs
import pytest

from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.result import Result, Run, SourceUsed, Status
from ciforge.report.pull_answer import LIMIT, AnswerState, pull_answer
from ciforge.report.run_report import RunReport

JOB = "portable/debian-13/default"
HOSTILE = (
    "@everyone https://evil.example www.evil.example [x](https://evil.example) <img src=//evil> #12 GH-12 "
    "```` ``` ~~~ a@evil.example \x1b]0;t\x07 \u202e </details><!-- -->\n```\n@team\n\n# big"
)
ENTIRE = "x" * 5000


def report(text: str = HOSTILE, causes: int = 1, **result: Any) -> RunReport:
    """A run in which everything that an outsider can choose is this text."""
    kind = FindingKind.MISSING_HEADER
    found = Finding(
        kind=kind,
        step="build",
        file=text,
        line=3,
        root_line=text,
        excerpt=(text, text),
        advice=text,
    )
    made = [Cause(key=str(at), kind=kind, title=text, subject=text, shared=text, findings={JOB: found})
            for at in range(causes)]  # fmt: skip
    run = Run(
        id="20260101T000000Z-aaaaaa", project="mine", started="", version="1", ended="x", jobs=(JOB,),
        sources=(SourceUsed(repo="portable", origin=text, revision="a" * 40, branch=text),),
    )  # fmt: skip
    one = Result(job=JOB, status=Status.FAILED, failed_step="build", reason=text, tail=(text,) * 30)
    results = (attrs.evolve(one, **result),)
    return RunReport(run=run, results=results, why=Diagnosis(run=run.id, causes=tuple(made)))


def outside(comment: str) -> str:
    """What of Markdown is not in a block of code, as CommonMark reads fences."""
    kept, fence = [], ""
    for line in comment.split("\n"):
        found = re.match(r" {0,3}(`{3,})[^`]*$", line)
        if not fence and found:
            fence = found[1]
        elif fence and found and len(found[1]) >= len(fence) and line.strip("` ") == "":
            fence = ""
        elif not fence:
            kept.append(line)
    assert not fence
    return "\n".join(kept)


@pytest.mark.parametrize("causes", [0, 1, 3])
def test_untrusted_text_is_in_blocks_of_code_only(causes: int) -> None:
    answer = pull_answer(report(causes=causes), 1)
    assert "evil" in answer.comment
    plain = outside(answer.comment)
    assert "evil" not in plain
    assert not re.search(r"[@#\[\]\x1b\u202e]|https?:|www\.", plain)
    assert plain.count("<") == 1  # the marker
    assert answer.comment.startswith(
        "<!-- ciforge: mine -->\n**ciforge: failed** at `aaaaaaaaaaaa`:"
    )
    assert answer.headline == "1 failed"


def test_answer_is_bounded() -> None:
    answer = pull_answer(report(ENTIRE, causes=500), 1)
    assert len(answer.comment) <= LIMIT + 100
    assert "490 more causes." in answer.comment or "left out" in answer.comment
    assert len(answer.annotations) <= 50
    assert all(len(one.title) <= 200 and len(one.text) <= 2002 for one in answer.annotations)


def test_annotation_names_a_path_inside_of_the_source_only() -> None:
    for file, path in (("/ciforge/src/a/../x.c", "x.c"), ("lib/y.c", "lib/y.c")):
        (one,) = pull_answer(report(file), 1).annotations
        assert (one.path, one.line) == (path, 3)
    for file in ("/etc/passwd", "../../x.c", "a/../../x.c", "/ciforge/src/../x.c", ""):
        assert pull_answer(report(file), 1).annotations == ()


@pytest.mark.parametrize(
    ("code", "state"),
    [(0, AnswerState.SUCCESS), (1, AnswerState.FAILURE), (3, AnswerState.UNCERTAIN),
     (130, AnswerState.UNCERTAIN)],
)  # fmt: skip
def test_state_of_an_answer_is_green_for_exit_status_0_only(code: int, state: AnswerState) -> None:
    assert pull_answer(report(), code).state is state
