"""Causes of failure in the summary of a run."""

import re
from pathlib import Path

import attrs
import pytest
from reports import HOSTILE, MUSL, ROOT_LINE, TIME, finding, report

from ciforge.model.cause import Cause
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.event import JobEnded, RunEnded
from ciforge.model.finding import FindingKind
from ciforge.report.run_report import RunReport
from ciforge.report.summary import summary


def ended(whole: RunReport) -> RunEnded:
    """The last event of the run that a report is about."""
    jobs = tuple(
        JobEnded(
            run=whole.run.id, time=TIME, job=one.job, status=one.status, seconds=one.seconds,
            result=one, log=str(whole.logs.get(one.job, "")),
        )
        for one in whole.results
    )  # fmt: skip
    return RunEnded(run=whole.run.id, time=TIME, seconds=63.0, results=jobs)


def of(whole: RunReport, why: Diagnosis | None = None, *, color: bool = False) -> str:
    commands = lambda job: (f"again {job}", f"enter {job}")  # noqa: E731
    return summary(ended(whole), commands, why or whole.why, color=color, width=80)


def test_summary_has_one_block_per_cause(tmp_path: Path) -> None:
    whole = report(tmp_path)
    block = of(whole).split("\n\n")[0]
    assert (
        block
        == f"""\
1. setgroups is not declared  src/daemon.c:120
    failed  portable/alpine-3.24/default  build, exit 2
    failed  portable/alpine-3.24/clang  build, exit 2
    | gcc -O2 -c src/daemon.c
    | {ROOT_LINE}
    |   120 |         if (setgroups(1, &gid))
    | make: *** [Makefile:12: daemon.o] Error 1
    common  musl only
    advice  add `#include <grp.h>` to src/daemon.c (looked up on the job's machine, not tried)
    log     {whole.logs[MUSL[0]]}
    line    31
    repeat  again portable/alpine-3.24/default
    shell   enter portable/alpine-3.24/default"""
    )


def test_summary_of_an_unexplained_job_has_the_end_of_its_log(tmp_path: Path) -> None:
    block = next(one for one in of(report(tmp_path)).split("\n\n") if "s390x" in one)
    assert block.startswith("failed (allowed)  portable/debian-13/default@s390x  build, exit 2")
    assert "    | make: *** Error 1" in block


def test_summary_has_no_own_block_for_a_job_with_a_cause(tmp_path: Path) -> None:
    text = of(report(tmp_path))
    assert not re.search(r"^failed +portable/alpine-3\.24/clang +build, exit", text, re.M)
    assert len(re.findall(r"^failed +portable/alpine-3\.24/clang\b", text, re.M)) == 1  # its row


def test_summary_notes_list_warnings_and_drift_of_jobs_that_passed(tmp_path: Path) -> None:
    (block,) = [one for one in of(report(tmp_path)).split("\n\n") if one.startswith("warning")]
    assert block.splitlines() == [
        f"warning  {ROOT_LINE.replace('error', 'warning')}  "
        "(an error with gcc 14 and clang 16; new; 2 jobs)",
        "changed  portable/debian-12/default  "
        "HAVE_SETGROUPS is missing, was defined (compared with the last green run)",
        "unread   config.h of portable/debian-12/clang is damaged",
    ]


def test_summary_counts_the_jobs_that_it_does_not_name(tmp_path: Path) -> None:
    whole = report(tmp_path)
    jobs = [one.job for one in whole.results]
    cause = Cause(
        key="k", kind=FindingKind.OTHER, title="t", findings=dict.fromkeys(jobs, finding())
    )
    block = of(whole, Diagnosis(run="r", causes=(cause,))).split("\n\n")[0]
    assert f"    and {len(jobs) - 8} more" in block.splitlines()


@pytest.mark.parametrize("at", [0, 5, 50, 99])
def test_summary_excerpt_is_bounded_and_has_the_root_line(tmp_path: Path, at: int) -> None:
    lines = tuple(f"line {number}" for number in range(100))
    one = finding(excerpt=lines, root_line=f"line {at}")
    cause = Cause(key="k", kind=FindingKind.OTHER, findings={MUSL[0]: one})
    shown = re.findall(
        r"\| (.*)", of(report(tmp_path), Diagnosis(run="r", causes=(cause,))).split("\n\n")[0]
    )
    assert len(shown) == 12
    assert f"line {at}" in shown


def test_summary_omits_causes_of_other_jobs(tmp_path: Path) -> None:
    cause = Cause(key="k", kind=FindingKind.OTHER, title="elsewhere", findings={"a/b/c": finding()})
    assert "elsewhere" not in of(report(tmp_path), Diagnosis(run="r", causes=(cause,)))


def test_summary_has_no_control_characters(tmp_path: Path) -> None:
    text = of(report(tmp_path))
    assert HOSTILE[:20] in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_summary_of_causes_is_the_same_with_and_without_colours(tmp_path: Path) -> None:
    whole = attrs.evolve(report(tmp_path))
    painted = of(whole, color=True)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == of(whole)
