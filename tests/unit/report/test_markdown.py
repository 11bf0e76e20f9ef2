"""Markdown for comments and summaries: short, and nothing from outside means anything in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reports import HOSTILE, MUSL, finding, report, result, run

from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import FindingKind
from ciforge.model.result import Status
from ciforge.report.markdown import LIMIT, code, fenced, markdown
from ciforge.report.run_report import RunReport
from tests.tables import each, mostly_slow


def tokens(text: str) -> Iterator[Token]:
    """What a CommonMark parser with tables makes of it, pieces of lines included."""
    for block in MarkdownIt("commonmark").enable("table").parse(text):
        yield block
        yield from block.children or ()


def test_markdown_cause_has_jobs_common_factor_advice_and_command(tmp_path: Path) -> None:
    text = markdown(report(tmp_path))
    assert (
        """\
### 1. `setgroups is not declared`

2 jobs — musl only: `portable/alpine-3.24/default`, `portable/alpine-3.24/clang`

```text
gcc -O2 -c src/daemon.c
"""
        in text
    )
    assert (
        "**What to do** (looked up on the job's machine, not tried): add `#include <grp.h>` to src/daemon.c"
        in text
    )
    assert "Repeat: `ciforge run portable/alpine-3.24/default`" in text


def test_markdown_warnings_have_reasons_and_future_errors_come_first(
    tmp_path: Path,
) -> None:
    whole = report(tmp_path)
    (fatal,) = {one.key: one for all_ in whole.why.warnings.values() for one in all_}.values()
    plain = attrs.evolve(fatal, key="other", text="a.c:1:1: warning: unused", fatal="")
    why = attrs.evolve(whole.why, warnings={MUSL[0]: (plain, fatal), MUSL[1]: (fatal,)})
    text = markdown(attrs.evolve(whole, why=why))
    (block,) = re.findall(r"### Warnings\n\n((?:- .*\n)+)", text)
    new = "new since the last green run"
    assert block.splitlines() == [
        f"- {code(fatal.text)}: {new}, an error with gcc 14 and clang 16",
        f"- `a.c:1:1: warning: unused`: {new}",
    ]


def test_markdown_table_has_a_row_for_every_job(tmp_path: Path) -> None:
    whole = report(tmp_path)
    rows = re.findall(r"^\| \S+ \| `([^`]+)`", markdown(whole), re.M)
    assert set(rows) == set(whole.run.jobs)


def test_markdown_hostile_text_has_no_effect(tmp_path: Path) -> None:
    whole = report(tmp_path)
    found = [*tokens(markdown(whole))]
    html = [one.content.strip() for one in found if one.type.startswith("html")]
    assert html == ["<details><summary>All jobs</summary>", "</details>"]
    assert not {"link_open", "image", "em_open"} & {one.type for one in found}
    plain = " ".join(one.content for one in found if one.type == "text")
    assert not re.search("@somebody|#12", plain)
    assert len([one for one in found if one.type == "tr_open"]) == 1 + len(whole.run.jobs)


@each("text", ["a", "`", "``x`", "a`b``c", "<b> `b` |c| @d", "`" * 50, "a|b"])
def test_markdown_code_renders_as_written(text: str) -> None:
    (one,) = [one for one in tokens(f"before {code(text)} after") if one.type == "code_inline"]
    assert one.content.strip() == text


@each("text", ["a", "`", "``x`", "a`b``c", HOSTILE, "", " ", "`" * 50])
def test_markdown_code_is_not_ended_by_its_text(text: str) -> None:
    made = code(text)
    fence = re.match("`+", made)
    assert fence
    inner = made[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)
    assert "\n" not in made


@each("line", ["```", "~~~", "````", "a\n```\nb"])
def test_markdown_block_is_not_ended_by_its_text(line: str) -> None:
    made = fenced((line, "after")).splitlines()
    assert made[0].removesuffix("text") == made[-1]
    assert made[-1] not in [part.strip() for part in made[1:-1]]


def test_markdown_table_cell_is_not_split_by_its_text() -> None:
    odd = result("daemon/debian-13/default", Status.FAILED, failed_step="a|b")
    text = markdown(RunReport(run=run(jobs=(odd.job,)), results=(odd,), why=Diagnosis(run="r")))
    assert r"| `a\|b` |" in text


@pytest.mark.parametrize("many", mostly_slow([3, 300, 3000], quick=2))
def test_markdown_fits_a_comment_and_counts_what_it_leaves_out(tmp_path: Path, many: int) -> None:
    causes = tuple(
        Cause(key=str(at), kind=FindingKind.OTHER, title="x" * 200, findings={MUSL[0]: finding()})
        for at in range(many)
    )
    whole = attrs.evolve(report(tmp_path), why=Diagnosis(run="r", causes=causes))
    text = markdown(whole)
    assert len(text) <= LIMIT
    shown = len(re.findall(r"^### \d+\.", text, re.M))
    left = re.search(r"…and (\d+) more\.", text)
    assert shown + (int(left[1]) if left else 0) >= many
    assert (left is None) == (many == 3)


def test_markdown_of_too_many_jobs_keeps_the_causes(tmp_path: Path) -> None:
    whole = report(tmp_path)
    many = tuple(result(f"portable/debian-13/variant-{at}") for at in range(2000))
    text = markdown(attrs.evolve(whole, results=many))
    assert len(text) <= LIMIT
    assert "setgroups is not declared" in text


@each(
    ("status", "allowed", "sign"),
    [
        (Status.PASSED, False, "✅"),
        (Status.SKIPPED, False, "✅"),
        (Status.FAILED, True, "⚠️"),
        (Status.FAILED, False, "❌"),
        (Status.INFRASTRUCTURE, True, "❌"),
        (Status.CANCELLED, False, "❌"),
    ],
)
def test_markdown_first_sign_shows_the_overall_outcome(
    status: Status, allowed: bool, sign: str
) -> None:
    one = result("daemon/debian-13/default", status, allow_failure=allowed)
    text = markdown(RunReport(run=run(jobs=(one.job,)), results=(one,), why=Diagnosis(run="r")))
    assert text.startswith(f"## {sign} ciforge: 1 {status.value}")
