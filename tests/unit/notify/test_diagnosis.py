"""From the folders of runs to why one ended as it did."""

from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
from projects import plan

from ciforge.model.cause import Trouble
from ciforge.model.diagnosis import Diagnosis
from ciforge.model.finding import Basis, FindingKind
from ciforge.model.result import Limit, Result, Run, Status, StepResult
from ciforge.notify.run_diagnosis import diagnose_run
from ciforge.store.runs.run_folder import RunFolder, read_run, run_path
from ciforge.store.runs.run_index import Index

D12, D13, CLANG = "tree/debian-12/default", "tree/debian-13/default", "tree/debian-13/clang"
OLD = {"libc6": "2.36-9", "gcc": "4:12.2.0-3"}
NEW = {"libc6": "2.41-12", "gcc": "4:14.2.0-1", "clang": "1:19.0-63"}
PACKAGES = {D12: OLD, D13: NEW, CLANG: NEW}
GREEN, RED = "20260101T000000Z-000000", "20260102T000000Z-000000"
WARNS = "a.c:7:2: warning: implicit declaration of function 'setgroups' [-Wimplicit-function-declaration]\n"
FAILS = WARNS.replace("warning", "error") + "make: *** [Makefile:3: a.o] Error 1\n"
CONFIG = "#define HAVE_PAM 1\n#define HAVE_CRYPT 1\n"
PLAN = """
project: p
repos: {tree: {path: ., recipe: make}}
variants: {clang: {env: {CC: clang}}}
jobs: ["tree/debian-{12,13}/default", "tree/debian-13/clang"]
"""


@attrs.frozen
class Bench:
    """A state folder with runs in it."""

    state: Path

    def run(self, run: str, jobs: Mapping[str, str], **artifacts: str) -> list[Result]:
        """A run whose jobs have these logs; those whose log has `***` failed."""
        made = Run(id=run, project="p", started="", version="0", jobs=tuple(jobs))
        folder = RunFolder.create(self.state, made)
        results = []
        for job, log in jobs.items():
            failed = "***" in log
            path = folder.job_folder(job)
            (path / "artifacts").mkdir()
            (path / "log.txt").write_text(f"--- ciforge: build ---\n{log}")
            for name, text in artifacts.items():
                (path / "artifacts" / name.replace("_", ".")).write_text(text)
            results.append(
                Result(
                    job=job,
                    status=Status.FAILED if failed else Status.PASSED,
                    failed_step="build" if failed else None,
                    steps=(StepResult(name="build", exit_code=0, seconds=1, started=""),),
                    packages=PACKAGES[job],
                )
            )
            folder.write_result(results[-1])
        with Index.open(self.state) as index:
            index.record(made, results)
        return results

    def diagnose(self, run: str, results: list[Result]) -> Diagnosis:
        return diagnose_run(self.state, read_run(run_path(self.state, run)), results)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_broken_jobs_become_causes(bench: Bench) -> None:
    diagnosis = bench.diagnose(RED, bench.run(RED, {D12: WARNS, D13: FAILS, CLANG: FAILS}))
    (cause,) = diagnosis.causes
    assert (cause.title, cause.jobs) == ("setgroups undeclared", (D13, CLANG))
    assert cause.shared == "debian-13 only"
    assert set(diagnosis.findings) == {D13, CLANG}
    assert diagnosis.problems == ()


def test_traits_from_a_plan_equal_those_from_ids_and_packages(bench: Bench) -> None:
    results = bench.run(RED, {D12: WARNS, D13: FAILS, CLANG: FAILS})
    run = read_run(run_path(bench.state, RED))
    with_plan = diagnose_run(bench.state, run, results, plan(PLAN).jobs)
    assert with_plan.causes == bench.diagnose(RED, results).causes


def test_diagnosis_has_future_errors_of_jobs_that_passed(bench: Bench) -> None:
    diagnosis = bench.diagnose(RED, bench.run(RED, {D12: WARNS}))
    (warned,) = diagnosis.warnings[D12]
    assert (warned.fatal, warned.new) == ("an error with gcc 14 and clang 16", False)


def test_warnings_are_new_since_the_last_green_run_before(bench: Bench) -> None:
    quiet = bench.run(GREEN, {D12: "cc -c a.c\n"})
    diagnosis = bench.diagnose(RED, bench.run(RED, {D12: WARNS}))
    assert [one.new for one in diagnosis.warnings[D12]] == [True]
    assert bench.diagnose(GREEN, quiet).warnings == {}


def test_diagnosis_has_drift_of_jobs_that_passed(bench: Bench) -> None:
    bench.run(GREEN, {D12: ""}, config_h=CONFIG)
    now = bench.run(RED, {D12: ""}, config_h="#define HAVE_CRYPT 1\n")
    (lost,) = bench.diagnose(RED, now).drift[D12]
    assert (
        lost.sentence
        == f"HAVE_PAM is missing, was defined (compared with the last green run, {GREEN})"
    )


def test_drift_compares_a_later_release_with_an_earlier_one_only(bench: Bench) -> None:
    results = bench.run(RED, {D12: "", D13: ""}, config_h=CONFIG)
    newer = run_path(bench.state, RED) / D13.replace("/", ",") / "artifacts" / "config.h"
    newer.write_text("#define HAVE_PAM 1\n#define HAVE_STRLCPY 1\n")
    diagnosis = bench.diagnose(RED, results).drift
    assert {job: [one.name for one in lost] for job, lost in diagnosis.items()} == {
        D13: ["HAVE_CRYPT"]
    }


def test_answer_of_a_probe_becomes_the_advice(bench: Bench) -> None:
    results = bench.run(RED, {D13: FAILS}, asked_txt="function setgroups in grp.h\n")
    (finding, *_) = bench.diagnose(RED, results).findings[D13]
    assert (finding.basis, "#include <grp.h>" in finding.advice) == (Basis.ASKED, True)


@pytest.mark.parametrize(
    ("status", "limit", "step", "kind", "trouble"),
    [
        (Status.TIMED_OUT, Limit.TIME, "build", FindingKind.TIMEOUT, Trouble.SOURCE),
        (Status.TIMED_OUT, None, "build", FindingKind.TIMEOUT, Trouble.SOURCE),
        (Status.FAILED, Limit.MEMORY, "build", FindingKind.OUT_OF_MEMORY, Trouble.DISTRIBUTION),
        (Status.INFRASTRUCTURE, Limit.ENGINE_MEMORY, "build", FindingKind.OUT_OF_MEMORY, Trouble.DISTRIBUTION),
        (Status.INFRASTRUCTURE, Limit.ENGINE_DISK, "build", FindingKind.DISK_FULL, Trouble.DISTRIBUTION),
        (Status.INFRASTRUCTURE, None, "prepare", FindingKind.DEPS_NETWORK, Trouble.DISTRIBUTION),
    ],
)  # fmt: skip
def test_limits_recorded_in_a_result_become_causes(
    bench: Bench,
    status: Status,
    limit: Limit | None,
    step: str,
    kind: FindingKind,
    trouble: Trouble,
) -> None:
    (made,) = bench.run(RED, {D13: "cc -c a.c\n***\n"})
    result = attrs.evolve(
        made, status=status, limit=limit, reason="whatever it says", failed_step=step
    )
    (cause,) = bench.diagnose(RED, [result]).causes
    assert (cause.kind, cause.trouble, cause.jobs) == (kind, trouble, (D13,))


def test_job_without_a_log_is_in_the_diagnosis(bench: Bench) -> None:
    results = bench.run(RED, {D13: FAILS})
    (run_path(bench.state, RED) / D13.replace("/", ",") / "log.txt").unlink()
    (cause,) = bench.diagnose(RED, results).causes
    assert cause.jobs == (D13,)


def test_unreadable_index_is_reported_in_the_diagnosis(bench: Bench) -> None:
    results = bench.run(RED, {D13: FAILS})
    for file in bench.state.glob("history.*"):
        file.unlink()
    (bench.state / "history.db").mkdir()
    diagnosis = bench.diagnose(RED, results)
    assert len(diagnosis.problems) == 1
    assert len(diagnosis.causes) == 1


def test_run_in_which_nothing_ran_has_an_empty_diagnosis(tmp_path: Path) -> None:
    # `ciforge run` does not even ask for one then.
    bench = Bench(tmp_path)
    bench.run(GREEN, {D13: WARNS}, **{"config.h": CONFIG})
    results = [
        Result(job=D13, status=Status.PASSED, proven_by=GREEN, packages=NEW),
        Result(job=CLANG, status=Status.SKIPPED),
    ]
    run = Run(id=RED, project="p", started="", version="0", jobs=(D13, CLANG))
    RunFolder.create(tmp_path, run)
    assert diagnose_run(tmp_path, run, results, plan(PLAN).jobs) == Diagnosis(run=RED)
