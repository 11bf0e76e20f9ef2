"""A terminal, a locale and setuid programs for a step."""

import re
import subprocess
from pathlib import Path

import pytest
from projects import plan, problems

from ciforge.errors import InputError
from ciforge.model.job import Job
from ciforge.render.job_script import job_script

TEXT = """\
project: p
repos:
  p: {path: ., in: sub, recipe: make, steps: {x: {after: build, run: "true", %s}}}
jobs: [debian-13]
"""


def planned(setting: str) -> Job:
    """The only job of a project whose step x has this setting."""
    (job,) = plan(TEXT % setting).jobs
    return job


def test_job_with_setuid_programs_has_no_cache() -> None:
    assert planned("timeout: 1m").ccache
    job = planned("privileges: setuid")
    assert (job.setuid, job.ccache) == (True, False)
    assert "ccache" not in job.packages


def test_script_of_a_job_lets_setuid_programs_gain_rights_only_where_it_asks() -> None:
    locked, rights = (job_script(planned(one)) for one in ("timeout: 1m", "privileges: setuid"))
    assert "no-new-privileges " in locked
    assert "no-new-privileges:false " in rights
    assert (rights.count("if true; then"), locked.count("if true; then")) == (1, 0)


def test_terminal_comes_before_the_folder_of_the_step() -> None:
    run = next(step.run for step in planned("tty: true").steps if step.name == "x")
    assert run.index("exec script ") < run.index("cd sub")


def test_variant_takes_a_terminal_away() -> None:
    text = TEXT % "tty: true" + "variants: {plain: {steps: {x: {tty: false}}}}\n"
    jobs = plan(text.replace("[debian-13]", "[p/debian-13/plain]")).jobs
    assert all("exec script" not in step.run for job in jobs for step in job.steps)


@pytest.mark.parametrize(
    ("setting", "mistake"),
    [
        ("locale: german", "'german' is no locale in UTF-8, like de_DE.UTF-8"),
        ("privileges: root", "'root' is not known here (setuid)"),
    ],
)
def test_value_that_a_step_cannot_have_is_reported(setting: str, mistake: str) -> None:
    with pytest.raises(InputError, match=re.escape(mistake)):
        plan(TEXT % setting)


def test_step_of_root_with_setuid_programs_is_reported(tmp_path: Path) -> None:
    (problem,) = problems(TEXT % "privileges: setuid, as: root", tmp_path)
    assert problem.endswith(
        "the step runs as root, which needs no setuid programs: omit one of both"
    )


@pytest.mark.slow
def test_step_without_script_of_util_linux_says_what_to_add(tmp_path: Path) -> None:
    run = next(step.run for step in planned("tty: true").steps if step.name == "x")
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", run], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith("no script(1) of util-linux: add its package to dependencies\n")
