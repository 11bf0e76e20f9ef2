"""Steps that are tried again: what `flaky` accepts, and what the script of such a step does."""

from pathlib import Path

import pytest
from projects import EVERY_SHELL, plan, problems, run_sh

from ciforge.errors import InputError
from ciforge.model.job import Job
from ciforge.render.step_script import step_script

TEXT = """\
project: p
repos:
  p: {path: ., in: sub, recipe: make, flaky: {check: %s}, steps: {check: {%srun: %s}}}
jobs: [debian-13]
"""
COUNT = "'echo run >>../runs; [ $(wc -l <../runs) -ge %d ] || exit 7'"


def planned(tries: int | str = 3, run: str = "true", more: str = "") -> Job:
    """The only job of a project whose step check may be tried several times."""
    (job,) = plan(TEXT % (tries, more, run)).jobs
    return job


@pytest.mark.parametrize(
    ("tries", "mistake"),
    [
        ("1", "expected 2 to 10 tries, found 1"),
        ("11", "expected 2 to 10 tries, found 11"),
        ("often", "expected a whole number"),
    ],
)
def test_flaky_refuses_another_number_than_2_to_10(tries: str, mistake: str) -> None:
    with pytest.raises(InputError, match=mistake):
        planned(tries)


def test_flaky_names_the_step_that_does_not_exist(tmp_path: Path) -> None:
    text = (TEXT % (3, "", "true")).replace("flaky: {check", "flaky: {chekc")
    (problem,) = problems(text, tmp_path)
    assert "no step 'chekc' here (did you mean 'check'?)" in problem


def test_job_says_what_its_steps_were_given() -> None:
    more = "tty: true, locale: de_DE.UTF-8, privileges: setuid, network: true, "
    text = "network: true, tty: true, locale: de_DE.UTF-8, privileges: setuid, flaky: 3"
    assert planned(more=more).given == {"check": text}


def test_variant_changes_how_often_a_step_is_tried() -> None:
    text = (TEXT % (3, "", "true")) + "variants: {sure: {flaky: {check: 5}}}\n"
    jobs = plan(text.replace("[debian-13]", "[debian-13, p/debian-13/sure]")).jobs
    assert {job.variant: job.given["check"] for job in jobs} == {
        "default": "flaky: 3", "sure": "flaky: 5",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("passes_at", "code", "runs", "record"), [(1, 0, 1, ""), (3, 0, 3, "3\n"), (4, 7, 3, "")]
)
def test_step_is_run_until_it_passes_and_records_at_which_try(
    passes_at: int, code: int, runs: int, record: str, tmp_path: Path, shell: tuple[str, ...]
) -> None:
    (tmp_path / "sub").mkdir()
    job = planned(run=COUNT % passes_at)
    step = next(step for step in job.steps if step.name == "check")
    file = tmp_path / "record"
    text = step_script(job, step).replace('"/ciforge/records/$(id -un)/check.tries"', str(file))
    done = run_sh(text, tmp_path, shell)
    assert done.returncode == code, done.stderr
    assert (tmp_path / "runs").read_text() == "run\n" * runs
    assert (file.read_text() if file.exists() else "") == record
    mark = b"--- ciforge: check ended with exit code 7; once more in 0 s ---\n"
    assert done.stdout.count(mark) == runs - 1
