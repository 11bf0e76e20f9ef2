"""Steps with `backtrace`: what the job needs, and how often its script runs."""

from pathlib import Path

import pytest
from projects import EVERY_SHELL, plan, run_sh

from ciforge.model.job import Job
from ciforge.render.step_script import step_script

TEXT = """\
project: p
repos:
  p: {path: ., in: sub, recipe: make, steps: {check: {backtrace: %s, run: %s}}}
jobs: [debian-13]
"""


def planned(run: str = "true", setting: str = "true") -> Job:
    """The only job of a project whose step check may have backtraces."""
    (job,) = plan(TEXT % (setting, run)).jobs
    return job


def test_debugger_is_installed_only_for_a_step_with_backtraces() -> None:
    job, other = planned(), planned(setting="false")
    assert "gdb-dev" in job.packages
    assert job.given == {"check": "backtrace: true"}
    assert "gdb-dev" not in other.packages
    assert not other.given


def test_step_that_is_off_needs_no_debugger() -> None:
    text = (TEXT % ("true", "true")).replace(
        "jobs:", "variants: {fast: {steps: {check: false}}}\njobs:"
    )
    (job,) = plan(text.replace("[debian-13]", "[p/debian-13/fast]")).jobs
    assert "gdb-dev" not in job.packages


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("run", "code", "output"),
    [
        ("'echo run >>../runs; echo out; echo err >&2'", 0, "out\nerr\n"),
        ("'echo run >>../runs; echo out; exit 7'", 7, "out\n"),
    ],
)
def test_step_without_a_crash_runs_once_and_keeps_its_output_and_exit_status(
    run: str, code: int, output: str, shell: tuple[str, ...], tmp_path: Path
) -> None:
    job = planned(run)
    step = next(one for one in job.steps if one.name == "check")
    (tmp_path / "sub").mkdir()
    done = run_sh(step_script(job, step), tmp_path, shell)
    assert done.stdout.decode().endswith(output), done.stderr
    assert (done.returncode, (tmp_path / "runs").read_text()) == (code, "run\n")
