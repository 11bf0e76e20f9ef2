"""Step scripts, run for real: whatever a project says reaches the process unchanged."""

from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import EVERY_SHELL, SHELLS, SMALL, jobs, project, run_sh

from ciforge.model.job import Job, Step
from ciforge.model.project import ArgumentChange
from ciforge.plan.planner import make_plan
from ciforge.render.step_script import step_script, step_user
from examples import examples
from tests.tables import each

QUICK = settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
ANY_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from(" \n\t'\"$`\\;&|<>(){}*?!#~=")
)  # fmt: skip
ONE_LINE = ANY_TEXT.map(lambda text: text.replace("\n", ""))

JOB = jobs("project: p\nrepos: {r: {recipe: autotools}}\njobs: [debian-13]\n")[
    "r/debian-13/default"
]


def configure(words: list[str]) -> tuple[Job, Step]:
    """The configure step with these words, through the plan."""
    plain = project(
        "project: p\nrepos: {r: {recipe: autotools, builddir: 'o b j'}}\njobs: [arch]\n"
    )
    repo = attrs.evolve(plain.repos["r"], configure=ArgumentChange(add=tuple(words)))
    (job,) = make_plan(attrs.evolve(plain, repos={"r": repo}), SMALL).jobs
    return job, job.steps[1]


@QUICK
@given(words=st.lists(ONE_LINE, max_size=5), shell=st.sampled_from(SHELLS))
def test_step_script_passes_every_argument_to_configure(
    words: list[str], shell: tuple[str, ...], tmp_path: Path
) -> None:
    fake = tmp_path / "configure"
    fake.write_text("#!/bin/sh\n[ $# -eq 0 ] || printf '%s\\0' \"$@\"\n")
    fake.chmod(0o755)
    done = run_sh(step_script(*configure(words)), tmp_path, shell)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"".join(word.encode() + b"\0" for word in words)


@QUICK
@given(
    job_env=st.dictionaries(st.sampled_from("ABC"), ANY_TEXT),
    step_env=st.dictionaries(st.sampled_from("BCD"), ANY_TEXT),
    shell=st.sampled_from(SHELLS),
)
def test_step_script_passes_the_environment_to_the_process(
    job_env: dict[str, str], step_env: dict[str, str], shell: tuple[str, ...], tmp_path: Path
) -> None:
    job = attrs.evolve(JOB, env=job_env)
    text = step_script(job, Step(name="s", run="env -0", env=step_env))
    found = run_sh(text, tmp_path, shell).stdout.decode().split("\0")
    merged = {**job_env, **step_env}
    assert {line for line in found if line[:2] in ("A=", "B=", "C=", "D=")} == {
        f"{name}={value}" for name, value in merged.items()
    }


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_step_script_names_its_job_and_stops_at_the_first_failure(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    text = step_script(JOB, Step(name="s", run="echo a\nfalse\necho b"))
    assert text.startswith("# r/debian-13/default: s\n")
    done = run_sh(text, tmp_path, shell)
    assert (done.returncode, done.stdout) == (1, b"a\n")


@pytest.mark.parametrize(
    "run", ["echo x", "echo x\n", "echo x\n\n\n", "cat <<'E'\nx\nE", "cat <<'E'\nx\nE\n"]
)
def test_step_script_ends_with_one_newline(run: str, tmp_path: Path) -> None:
    text = step_script(JOB, Step(name="s", run=run))
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert run_sh(text, tmp_path).stdout == b"x\n"


def test_step_script_sorts_its_variables() -> None:
    step = Step(name="s", run="x", env={"Z": "1", "A": "2"})
    text = step_script(attrs.evolve(JOB, env={"M": "3"}), step)
    assert text.splitlines()[1:] == ["export A=2", "export M=3", "export Z=1", "x"]


@each(
    ("step", "user"),
    [
        (Step(name="s", run=""), "ciforge"),
        (Step(name="s", run="", root=True), "root"),
        (Step(name="s", run="", user="_u"), "_u"),
        (Step(name="s", run="", user="ciforge"), "ciforge"),
    ],
)
def test_step_script_is_run_by_sh_e_as_its_user(step: Step, user: str) -> None:
    assert step_user(step) == user
