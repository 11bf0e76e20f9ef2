"""Build manifests for SourceHut: the same jobs, within what the service takes.

The facts are those of the service's own sources, of builds.sr.ht (`worker/manifest.go`, `buildsrht/manifest.py`,
`buildsrht/types/job.py`, `worker/tasks.go`, `images/`, commit 12bb3fd8) and of git.sr.ht (`update-hook/manifest.go`,
`update-hook/submitter.go`, commit fea56100), and of https://man.sr.ht/builds.sr.ht/manifest.md.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from projects import EVERY_SHELL, GOLDEN, SHELLS, SMALL, example, jobs, project, real_catalogue
from torture import torture

from ciforge.app.project_templates import shipped_workflows
from ciforge.ci.file_set import SetPlace
from ciforge.ci.service import GenerationInput
from ciforge.ci.sourcehut.workflow import LARGEST_MANIFEST, SERVICE
from ciforge.ci.templates import environment
from ciforge.errors import UsageError
from ciforge.model.distro import Catalogue
from ciforge.plan.planner import Plan

SCRIPTS = shipped_workflows().scripts_for("sourcehut")
FIELDS = {
    "arch", "artifacts", "environment", "image", "oauth", "packages", "repositories", "secrets", "shell",
    "sources", "submitter", "tasks", "triggers",
}  # fmt: skip
"""`Manifest` in update-hook/manifest.go."""
STORED = 16_384
"""Characters of a manifest, `Job.manifest` in buildsrht/types/job.py."""
TASK = re.compile(r"[a-z0-9_-]{1,128}")
"""`Task` in buildsrht/manifest.py."""
IMAGES = {"debian/bookworm", "debian/trixie", "debian/sid", "debian/stable"}
"""Folders and links in images/debian; its genimg sets `APT::Install-Recommends "False"`."""


def files(
    text: str, plan: Plan | None = None, source: str = "", catalogue: Catalogue = SMALL
) -> dict[str, str]:
    found = plan.jobs if plan else tuple(jobs(text, catalogue).values())
    given = GenerationInput(
        project=plan.project if plan else project(text),
        templates=environment(shipped_workflows().templates), scripts=SCRIPTS,
        command="ciforge generate --target sourcehut", place=SetPlace(folder=".builds", source=source),
    )  # fmt: skip
    repos = list(dict.fromkeys(job.repo for job in found))
    return SERVICE.files(given, repos, found, {})


def manifests(made: dict[str, str]) -> dict[str, str]:
    """What git.sr.ht looks for: `.builds/*.yml`, without folders."""
    return {name: text for name, text in made.items() if re.fullmatch(r"\.builds/[^/]*\.yml", name)}


def tasks(text: str) -> dict[str, str]:
    document: dict[str, Any] = yaml.safe_load(text)
    return {name: script for task in document["tasks"] for name, script in task.items()}


def test_sourcehut_job_is_a_manifest_and_step_a_task(request: pytest.FixtureRequest) -> None:
    plan = example("hello-portable")
    made = files("", plan)
    assert len(manifests(made)) == len(plan.jobs)
    text = made[".builds/ciforge-debian-13,default.yml"]
    (job,) = (job for job in plan.jobs if job.id == "hello/debian-13/default")
    own = [step.name for step in job.steps]
    assert list(tasks(text)) == ["machine", "unpack", "prepare", *own, "results"]
    file = GOLDEN / "workflows" / "hello-portable.sourcehut.yml"
    if request.config.getoption("--update-golden"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("name", ["hello-portable", "opensmtpd"])
def test_sourcehut_manifest_is_within_the_size_and_fields_of_the_service(name: str) -> None:
    for text in manifests(files("", example(name))).values():
        document = yaml.safe_load(text)
        assert len(text.encode()) <= LARGEST_MANIFEST <= STORED
        assert set(document) <= FIELDS
        assert document["image"] in IMAGES
        assert all(TASK.fullmatch(task) for task in tasks(text))
        assert {"docker.io", "docker-cli"} <= set(document["packages"])


def test_sourcehut_manifest_names_no_source() -> None:
    """`autoSetupManifest` replaces a source of the repository's name only, else there are two clones."""
    text = 'project: p\nrepos: {one: {git: "https://git.example.org/one.git", recipe: make}}\njobs: [one/debian-13/default]'
    (made,) = manifests(files(text)).values()
    assert "sources" not in yaml.safe_load(made)


def test_sourcehut_job_of_another_architecture_installs_an_emulator() -> None:
    text = 'project: p\nrepos: {one: {path: ., recipe: make}}\njobs: ["one/debian-13/default@arm64", one/debian-13/default]'
    packages = {
        name: yaml.safe_load(made)["packages"] for name, made in manifests(files(text)).items()
    }
    assert packages == {
        ".builds/ciforge-debian-13,default.yml": ["docker.io", "docker-cli"],
        ".builds/ciforge-debian-13,default@arm64.yml": [
            "docker.io", "docker-cli", "qemu-user", "qemu-user-binfmt",
        ],
    }  # fmt: skip


@pytest.mark.slow
def test_hostile_values_are_text_and_valid_names_in_sourcehut_manifests() -> None:
    for name, text in manifests(files(torture(2))).items():
        assert re.fullmatch(r"\.builds/ciforge-[\w.,@+-]+\.yml", name)
        assert set(yaml.safe_load(text)) <= FIELDS
        assert all(TASK.fullmatch(task) for task in tasks(text))


def test_sourcehut_jobs_wait_for_schedules_and_allowed_failures_are_green() -> None:
    text = """
project: p
repos: {one: {git: "https://git.example.org/one", recipe: make, steps: {Odd.Name: {run: "true"}}}}
jobs:
  - {job: one/debian-12/default, schedule: weekly}
  - {job: one/debian-13/default, allow_failure: true}
"""
    made = files(text)
    weekly = made[".builds/ciforge-debian-12,default.yml"]
    allowed = made[".builds/ciforge-debian-13,default.yml"]
    assert yaml.safe_load(weekly)["submitter"] == {"git.sr.ht": {"enabled": False}}
    assert "submitter" not in yaml.safe_load(allowed)
    assert tasks(allowed)["build"].endswith(" || { [ $? -eq 10 ] && complete-build; }")
    assert "complete-build" not in weekly
    assert tasks(weekly)["odd_name"].endswith("task.sh step Odd.Name")


def test_sourcehut_tasks_get_the_source_folder_as_text() -> None:
    text = "project: p\nrepos: {one: {path: ., recipe: make}}\njobs: [one/debian-13/default]"
    (made,) = manifests(files(text, source="lib/$(x)")).values()
    assert yaml.safe_load(made)["environment"]["CIFORGE_SOURCE"] == "lib/$(x)"
    assert "$(x)" not in "".join(tasks(made).values())


def test_sourcehut_manifest_beyond_the_limits_is_refused() -> None:
    steps = ", ".join(f"step-{number:03}: {{run: 'true'}}" for number in range(80))
    text = f"project: p\nrepos: {{one: {{path: ., recipe: make, steps: {{{steps}}}}}}}\njobs: [one/debian-13/default]"
    with pytest.raises(UsageError, match="more than 4096"):
        files(text)


def played(
    folder: Path, shell: tuple[str, ...], *words: str, may_fail: bool, **ends: str
) -> tuple[int, str]:
    """How `task.sh` ends beside scripts that end as `ends` says, and what it printed."""
    here, home = folder / "clone" / ".builds" / "ciforge", folder / "ciforge"
    for place in (here, home / "result", folder / "clone" / "lib"):
        place.mkdir(parents=True, exist_ok=True)
    (here / "task.sh").write_text(SCRIPTS["task.sh"])
    for name in ("prepare", "step", "finish", "unpack"):
        (here / f"{name}.sh").write_text(f'echo "{name} $*"; pwd\nexit {ends.get(name, "0")}\n')
    (home / "facts").write_text(f"allow_failure={'true' if may_fail else 'false'}\n")
    (home / "result" / "result.json").write_text('{"status": "failed"}\n')
    done = subprocess.run(
        [*shell, here / "task.sh", *words], text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "CIFORGE_SOURCE": "lib"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("words", "may_fail", "ends", "code"),
    [
        (("unpack",), False, {}, 0),
        (("unpack",), True, {"unpack": "1"}, 1),
        (("prepare",), False, {}, 0),
        (("step", "build"), False, {"step": "1"}, 1),
        (("step", "build"), True, {"step": "1"}, 10),
        (("step", "build"), True, {"step": "1", "finish": "1"}, 1),
        (("results",), False, {}, 0),
    ],
)
def test_sourcehut_task_ends_with_10_if_the_failure_is_allowed(
    words: tuple[str, ...], may_fail: bool, ends: dict[str, str], code: int, shell: tuple[str, ...],
    tmp_path: Path,
) -> None:  # fmt: skip
    done = played(tmp_path, shell, *words, may_fail=may_fail, **ends)
    assert done[0] == code
    assert f"{tmp_path}/clone/lib\n" in done[1]
    failed = "step" in ends
    assert ('{"status": "failed"}' in done[1]) is failed
    kept = (tmp_path / "ciforge-result.tar.gz").exists()
    assert kept is (words == ("results",) or code == 10)


def test_sourcehut_step_with_the_name_of_a_task_is_run(tmp_path: Path) -> None:
    assert played(tmp_path, SHELLS[0], "step", "results", may_fail=False)[1].startswith(
        "step results\n"
    )


BSDS = """
project: p
repos: {one: {path: ., recipe: autotools}}
jobs:
  - one/{freebsd-14,freebsd-15,openbsd-7.9,netbsd-11}/default
  - one/{dragonfly-6.4,macos-26}/default
  - one/openbsd-7.9/default@arm64
"""


def test_sourcehut_job_of_a_bsd_runs_on_an_image_of_the_service_without_an_engine() -> None:
    made = manifests(files(BSDS, catalogue=real_catalogue()))
    found = {name: yaml.safe_load(text) for name, text in made.items()}
    assert {name: document["image"] for name, document in found.items()} == {
        ".builds/ciforge-freebsd-14,default.yml": "freebsd/14.x",
        ".builds/ciforge-freebsd-15,default.yml": "freebsd/latest",
        ".builds/ciforge-openbsd-7.9,default.yml": "openbsd/latest",
        ".builds/ciforge-netbsd-11,default.yml": "netbsd/latest",
    }
    for name, document in found.items():
        text = made[name]
        assert len(text.encode()) <= LARGEST_MANIFEST
        assert set(document) <= FIELDS - {"packages"}
        assert [*tasks(text)][:2] == ["unpack", "prepare"]
        assert tasks(text)["prepare"].endswith("task.sh prepare-machine")
        assert "written, never run by the tests of ciforge" in text
        assert "tested " not in text


def test_sourcehut_job_of_a_bsd_is_on_the_machine_of_its_scripts() -> None:
    made = files(BSDS, catalogue=real_catalogue())
    facts = made[".builds/ciforge/systems/openbsd-7.9.sh"]
    assert "\nhost=''\n" in facts
    assert "useradd" not in made[".builds/ciforge/users/default.sh"]
