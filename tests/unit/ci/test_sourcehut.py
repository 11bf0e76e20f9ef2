"""Build manifests for SourceHut: the same jobs, so that no job knows its service."""

import re
from typing import Any

import pytest
import yaml
from projects import GOLDEN, ROOT, example, jobs, project
from torture import torture

from ciforge.app.project_templates import shipped_workflows
from ciforge.ci.checksum_header import is_untouched
from ciforge.ci.file_set import SetPlace
from ciforge.ci.payload import bundle
from ciforge.ci.service import GenerationInput
from ciforge.ci.sourcehut.workflow import SERVICE
from ciforge.ci.templates import environment

WORKFLOWS = ROOT / "workflows"
SCRIPTS = {path.name: path.read_text() for path in sorted((WORKFLOWS / "hosted").iterdir())}
HELLO_13 = "hello/debian-13/default"


def manifests(text: str) -> dict[str, str]:
    found = jobs(text)
    given = GenerationInput(
        project=project(text),
        templates=environment(shipped_workflows().templates),
        scripts=SCRIPTS,
        command="c",
        place=SetPlace(folder=".builds"),
    )
    return SERVICE.files(given, [next(iter(found.values())).repo], tuple(found.values()), {})


def tasks(text: str) -> dict[str, str]:
    document: dict[str, Any] = yaml.safe_load(text)
    return {name: script for task in document["tasks"] for name, script in task.items()}


def test_each_job_has_a_manifest_and_each_step_a_task(request: pytest.FixtureRequest) -> None:
    plan = example("hello-portable")
    given = GenerationInput(
        project=plan.project, templates=environment(shipped_workflows().templates), scripts=SCRIPTS,
        command="ciforge generate --target sourcehut", place=SetPlace(folder=".builds"),
    )  # fmt: skip
    made = SERVICE.files(given, ["hello"], plan.jobs, {})
    assert len(made) == len(plan.jobs)
    text = made[".builds/ciforge-debian-13,default.yml"]
    (job,) = (job for job in plan.jobs if job.id == HELLO_13)
    own = [step.name for step in job.steps]
    assert list(tasks(text)) == ["machine", "unpack", "prepare", *own, "results"]
    scripts = {name: script for name, script in SCRIPTS.items() if name != "choose.sh"}
    assert tasks(text)["unpack"].endswith(bundle([job], scripts))
    file = GOLDEN / "workflows" / "hello-portable.sourcehut.yml"
    if request.config.getoption("--update-golden"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.slow
def test_hostile_values_are_text_and_names_are_what_the_service_takes() -> None:
    for name, text in manifests(torture(2)).items():
        assert re.fullmatch(r"\.builds/ciforge-[\w.,@-]+\.yml", name)
        assert is_untouched(text)
        assert set(yaml.safe_load(text)) <= {
            "image", "packages", "environment", "submitter", "tasks", "artifacts",
        }  # fmt: skip
        assert all(re.fullmatch(r"[a-z0-9_-]{1,128}", task) for task in tasks(text))


def test_a_job_with_a_schedule_waits_for_it_and_one_that_may_fail_does_not_end_red() -> None:
    text = """
project: p
repos: {one: {git: "https://git.example.org/one", recipe: make, steps: {Odd.Name: {run: "true"}}}}
jobs:
  - {job: one/debian-12/default, schedule: weekly}
  - {job: one/debian-13/default, allow_failure: true}
"""
    made = manifests(text)
    weekly = made[".builds/ciforge-debian-12,default.yml"]
    allowed = made[".builds/ciforge-debian-13,default.yml"]
    assert yaml.safe_load(weekly)["submitter"] == {"git.sr.ht": {"enabled": False}}
    assert "submitter" not in yaml.safe_load(allowed)
    assert "complete-build" in tasks(allowed)["build"]
    assert "exit 1" in tasks(weekly)["odd_name"]
    assert yaml.safe_load(weekly)["sources"] == ["https://git.example.org/one"]
