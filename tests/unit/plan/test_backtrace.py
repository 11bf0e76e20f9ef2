"""Steps with `backtrace`: what the job needs, and how often its script runs."""

import shlex
import subprocess
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


CORE_PATTERN = "/proc/sys/kernel/core_pattern"


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


def script_with_core_pattern(pattern: str, run: str, folder: Path) -> str:
    """Returns the script of a step on a host whose core_pattern is `pattern`, and makes the folders that it needs."""
    job = planned(f"'{run}'")
    script = step_script(job, next(step for step in job.steps if step.name == "check"))
    (folder / "sub").mkdir()
    (folder / "core_pattern").write_text(f"{pattern}\n")
    assert CORE_PATTERN in script
    return script.replace(CORE_PATTERN, shlex.quote(str(folder / "core_pattern")))


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize(
    ("run", "code", "runs"),
    [
        ("echo run >>../runs; exit 7", 7, 1),
        ("echo run >>../runs; echo Segmentation fault; exit 9", 9, 2),
    ],
)
def test_host_that_pipes_core_files_keeps_the_exit_status_and_runs_a_crash_again(
    run: str, code: int, runs: int, shell: tuple[str, ...], tmp_path: Path
) -> None:
    script = script_with_core_pattern("|/usr/share/apport/apport %p", run, tmp_path)
    done = run_sh(script, tmp_path, shell, CC="true")
    assert done.returncode == code, done.stderr
    assert (tmp_path / "runs").read_text() == "run\n" * runs
    assert (b"the step runs once more" in done.stdout) == (runs == 2)


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_reader_that_pauses_gets_all_output_of_a_step_that_leaves_a_process(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    run = 'sleep 30 & head -c 130000 /dev/zero | tr "\\\\0" x; echo; echo last'
    (tmp_path / "script.sh").write_text(script_with_core_pattern("core", run, tmp_path))
    command = [*shell, "-e", str(tmp_path / "script.sh")]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as step:
        assert step.stdout is not None
        # Longer than tee is waited for when it waits for output.
        with pytest.raises(subprocess.TimeoutExpired):
            step.wait(timeout=3)
        output = step.stdout.read()
    assert output.endswith(b"x\nlast\n"), output[-80:]
    assert output.count(b"x") >= 130000
    assert step.returncode == 0
