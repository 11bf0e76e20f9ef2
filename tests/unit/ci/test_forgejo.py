"""The files for Forgejo Actions: the same jobs, in the words of its reference
(https://forgejo.org/docs/latest/user/actions/reference/)."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from job_trees import in_tree
from projects import EVERY_SHELL, GOLDEN, ROOT, example, jobs, project
from torture import torture

from ciforge.app.project_templates import shipped_workflows
from ciforge.ci.file_set import SetPlace
from ciforge.ci.forgejo.workflow import SERVICE
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import environment
from ciforge.errors import UsageError
from ciforge.plan.planner import Plan

WORKFLOWS = ROOT / "workflows"
SCRIPTS = shipped_workflows().scripts_for("forgejo")
FILE = ".forgejo/workflows/ciforge.yml"
WEEKLY = ".forgejo/workflows/ciforge-weekly.yml"
JOBS = """
project: p
repos: {one: {path: ., recipe: make, branches: [main]}}
jobs:
  - one/debian-13/default
  - {job: one/debian-12/default, schedule: "30 4 * * 1,3"}
  - {job: one/alpine-3.23/default, allow_failure: true}
  - one/debian-sid/default
"""


def files(
    text: str, plan: Plan | None = None, source: str = "", existing: dict[str, str] | None = None
) -> dict[str, str]:
    found = plan.jobs if plan else tuple(jobs(text).values())
    given = GenerationInput(
        project=plan.project if plan else project(text),
        templates=environment(shipped_workflows().templates), scripts=SCRIPTS,
        command="ciforge generate --target forgejo", place=SetPlace(folder=".forgejo", source=source),
        pins=(WORKFLOWS / "forgejo" / "actions.json").read_text(),
    )  # fmt: skip
    repos = list(dict.fromkeys(job.repo for job in found))
    return SERVICE.files(given, repos, found, existing or {})


def workflows(made: dict[str, str]) -> dict[str, dict[Any, Any]]:
    """The workflows among the files."""
    return {name: yaml.safe_load(text) for name, text in made.items() if name.endswith(".yml")}


SPLIT = JOBS + "ciforge: {workflows: distribution, ignore: [docs/*, '*.md']}\n"


def test_each_distribution_has_its_files_if_the_project_asks_for_it() -> None:
    made = workflows(files(SPLIT))
    stem = ".forgejo/workflows/ciforge-"
    assert {f"{stem}alpine.yml", f"{stem}debian.yml", f"{stem}debian-weekly.yml"} < set(made)
    assert listed(made[f"{stem}alpine.yml"]) == ["one/alpine-3.23/default"]
    assert len({document["name"] for document in made.values()}) == len(made)
    whole = workflows(files(JOBS))
    assert sorted(job for one in made.values() for job in listed(one)) == sorted(
        job for one in whole.values() for job in listed(one)
    )


def test_pull_request_that_changes_only_ignored_files_runs_no_step() -> None:
    made = files(SPLIT)
    assert ".forgejo/ciforge/ignored.sh" in made
    for part in building(workflows(made)[".forgejo/workflows/ciforge-alpine.yml"]).values():
        first, look, *others = part["steps"]
        assert first["with"]["fetch-depth"] == 0
        assert look["env"]["CIFORGE_IGNORE"] == "docs/* *.md"
        assert look["run"].startswith('if sh .forgejo/ciforge/ignored.sh "$BASE"; then\n')
        assert all(
            "env.CIFORGE_IGNORED == ''" in step["if"] or "'push'" in step["if"] for step in others
        )
    weekly = workflows(made)[".forgejo/workflows/ciforge-debian-weekly.yml"]
    assert "CIFORGE_IGNORE" not in str(weekly)
    assert ".forgejo/ciforge/ignored.sh" not in files(JOBS)


def building(document: dict[Any, Any]) -> dict[str, Any]:
    """The jobs that build, without the one that keeps caches."""
    return {name: part for name, part in document["jobs"].items() if name != "caches"}


def listed(document: dict[Any, Any]) -> list[str]:
    return [
        entry["job"]
        for part in building(document).values()
        for entry in part["strategy"]["matrix"]["include"]
    ]


def test_forgejo_file_of_an_example_is_the_golden_file(request: pytest.FixtureRequest) -> None:
    made = files("", example("hello-portable"))
    golden = GOLDEN / "workflows" / "hello-portable.forgejo.yml"
    if request.config.getoption("--update-golden"):
        golden.write_text(made[FILE])
    assert made[FILE] == golden.read_text()
    assert {".forgejo/ciforge/step.sh", ".forgejo/ciforge/unpack.sh"} <= set(made)
    assert not {".forgejo/ciforge/choose.sh", ".forgejo/ciforge/task.sh"} & set(made)


def test_forgejo_commits_and_each_schedule_have_separate_files() -> None:
    made = workflows(files(JOBS))
    commit, weekly = made.pop(FILE), made.pop(WEEKLY)
    ((name, scheduled),) = made.items()
    assert re.fullmatch(r"\.forgejo/workflows/ciforge-cron-[0-9a-f]{8}\.yml", name)
    assert listed(commit) == [
        "one/debian-13/default",
        "one/alpine-3.23/default",
        "one/debian-sid/default",
    ]
    assert listed(weekly) == ["one/debian-sid/default"]
    assert listed(scheduled) == ["one/debian-12/default"]
    # YAML 1.1 reads the key `on` as true.
    assert scheduled[True]["schedule"] == [{"cron": "30 4 * * 1,3"}]
    assert set(scheduled[True]) == {"schedule", "workflow_dispatch"}
    assert commit[True]["push"] == {"branches": ["main"]}
    assert "schedule" not in commit[True]


def test_forgejo_jobs_have_the_longest_timeout_and_a_margin() -> None:
    made = workflows(files(JOBS.replace("allow_failure: true", "timeout: 4h")))
    assert [part["timeout-minutes"] for part in building(made[FILE]).values()] == [270]
    assert [part["timeout-minutes"] for part in building(made[WEEKLY]).values()] == [150]


def test_forgejo_runner_is_named_by_a_variable_of_the_repository() -> None:
    (part,) = workflows(files(JOBS))[WEEKLY]["jobs"].values()
    assert part["runs-on"] == "${{ vars.CIFORGE_RUNNER || 'docker' }}"


def test_forgejo_actions_have_whole_addresses_and_pins() -> None:
    for document in workflows(files(JOBS)).values():
        for part in document["jobs"].values():
            used = [step["uses"] for step in part["steps"] if "uses" in step]
            assert used
            for one in used:
                assert re.fullmatch(r"https://data\.forgejo\.org/[a-z/-]+@[0-9a-f]{40}", one)


def test_forgejo_newer_pin_of_a_bot_is_kept() -> None:
    first = files(JOBS + "ciforge: {cache: false}\n")
    old = "08eba0b27e820071cde6df949e0beb9ba4906955 # v4.3.0"
    assert old in first[FILE]
    bumped = first[FILE].replace(old, f"{'1' * 40} # v4.9.0")
    again = files(JOBS + "ciforge: {cache: false}\n", existing={FILE: bumped})
    assert again[FILE] == bumped


def test_forgejo_allowed_failure_ends_with_the_results_step() -> None:
    (part,) = building(workflows(files(JOBS))[FILE]).values()
    by_name = {step["name"]: step for step in part["steps"]}
    assert by_name["build"]["continue-on-error"] == "${{ matrix.may_fail }}"
    assert by_name["build"]["if"] == "env.CIFORGE_ENDED == ''"
    assert "continue-on-error" not in by_name["Results"]
    allowed = {one["job"]: one["may_fail"] for one in part["strategy"]["matrix"]["include"]}
    assert [job for job, may in allowed.items() if may] == ["one/alpine-3.23/default"]


def test_forgejo_job_that_needs_emulation_is_left_out_with_the_reason() -> None:
    made = files(JOBS + '  - "one/debian-13/default@arm64"\n')
    assert 'left out: "one/debian-13/default@arm64", "linux/arm64 needs emulation' in made[FILE]
    assert "@arm64" not in made[".forgejo/ciforge/jobs.txt"]
    alone = (
        'project: p\nrepos: {one: {path: ., recipe: make}}\njobs: ["one/debian-13/default@arm64"]'
    )
    with pytest.raises(UsageError, match="which Forgejo's runners do not have"):
        files(alone)


def test_forgejo_job_quotes_the_folder_of_its_source() -> None:
    name = f".forgejo/workflows/{SetPlace(folder='.forgejo', source='a b').stem}.yml"
    document = yaml.safe_load(files(JOBS, source="a b")[name])
    runs = {
        step["run"] for part in document["jobs"].values() for step in part["steps"] if "run" in step
    }
    ours = {run for run in runs if "/.forgejo/" in run}
    assert len(ours) >= 5
    assert all(
        run.startswith("cd 'a b' && sh \"$GITHUB_WORKSPACE\"/.forgejo/ciforge") for run in ours
    )


def used(part: dict[str, Any], action: str) -> list[str]:
    """The names of steps that use an action."""
    return [step["name"] for step in part["steps"] if f"/{action}@" in step.get("uses", "")]


def test_forgejo_cache_is_written_only_by_a_push_to_a_followed_branch() -> None:
    made = workflows(files(JOBS))
    jobs_ = made[FILE]["jobs"]
    assert jobs_["caches"]["if"] == "${{ !cancelled() && github.event_name == 'push' }}"
    assert made[FILE][True]["push"] == {"branches": ["main"]}
    assert "caches" not in made[WEEKLY]["jobs"]
    runs = [step["run"] for step in jobs_["caches"]["steps"] if "sh ." in step.get("run", "")]
    assert runs == ["sh .forgejo/ciforge/cache-names.sh", "sh .forgejo/ciforge/prepare.sh image"]
    assert len(used(jobs_["caches"], "cache/save")) == 2
    for document in made.values():
        for part in building(document).values():
            assert used(part, "cache/restore") == [
                "Look for the image",
                "Look for results of compilers",
            ]
            assert used(part, "cache") == used(part, "cache/save") == []


def test_forgejo_results_of_compilers_are_handed_on_by_pushes_and_kept_under_the_name_that_is_looked_for() -> (
    None
):
    jobs_ = workflows(files(JOBS))[FILE]["jobs"]
    steps = {step["name"]: step for job in ("build", "caches") for step in jobs_[job]["steps"]}
    handed = steps["Hand on results of compilers"]
    assert handed["if"] == "always() && github.event_name == 'push'"
    looked, kept = steps["Look for results of compilers"], steps["Keep results of compilers"]
    assert looked["with"]["key"] == kept["with"]["key"]
    assert looked["with"]["path"] == kept["with"]["path"] == handed["with"]["path"]
    assert kept["with"]["key"].startswith(looked["with"]["restore-keys"])
    assert steps["Fetch results of compilers"]["with"]["pattern"] == handed["with"]["name"]


def test_forgejo_image_of_several_jobs_is_kept_once() -> None:
    more = JOBS.replace("  - one/debian-13/default", '  - "one/debian-13/{default,again}"')
    text = more.replace("jobs:", "variants: {again: {}}\njobs:")
    jobs_ = workflows(files(text))[FILE]["jobs"]
    kept = {row["job"]: row["image"] for row in jobs_["caches"]["strategy"]["matrix"]["include"]}
    assert kept["one/debian-13/default"] is True
    assert kept["one/debian-13/again"] is False


def test_forgejo_registry_token_is_a_secret_of_the_job_that_pushes() -> None:
    made = files(JOBS + "ciforge: {cache: registry}\n")
    assert ".forgejo/ciforge/registry.sh" in made
    jobs_ = workflows(made)[FILE]["jobs"]
    tokens = [
        (name, step["name"]) for name, part in jobs_.items() for step in part["steps"]
        if "secrets." in str(step) or "github.token" in str(step)
    ]  # fmt: skip
    assert tokens == [("caches", "Build the image and push it")]
    assert "ciforge-image" not in made[FILE]


@pytest.mark.parametrize(
    "text", [JOBS + "ciforge: {cache: false}\n", JOBS.replace(", branches: [main]", "")]
)
def test_forgejo_cache_is_off_without_followed_branches_or_by_cache_false(text: str) -> None:
    made = files(text)
    assert "cache" not in "".join(made[name] for name in workflows(made))
    assert ".forgejo/ciforge/cache-names.sh" not in made


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_forgejo_names_of_caches_depend_on_image_and_branch(
    shell: Sequence[str], tmp_path: Path
) -> None:
    home = in_tree(files(JOBS), tmp_path) / ".forgejo" / "ciforge"

    def names(job: str, **env: str) -> dict[str, str]:
        made = tmp_path / "env"
        made.write_text("")
        more = {"GITHUB_REF_NAME": "main", "CIFORGE_JOB": job, **env}
        temp = {
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(tmp_path / "temp"),
            "GITHUB_ENV": str(made),
        }
        subprocess.run([*shell, home / "cache-names.sh"], env=temp | more, cwd=tmp_path, check=True)
        return dict(line.split("=", 1) for line in made.read_text().splitlines())

    first, other = names("one/debian-13/default"), names("one/alpine-3.23/default")
    assert re.fullmatch(r"ciforge-debian-13-amd64-\d{4}-W\d\d-[0-9a-f]{16}", first["CIFORGE_IMAGE"])
    assert first["CIFORGE_IMAGE"] != other["CIFORGE_IMAGE"]
    assert re.fullmatch(
        r"ciforge-ccache-[0-9a-f]{16}-one/debian-13/default:", first["CIFORGE_CCACHE"]
    )
    pull = names("one/debian-13/default", GITHUB_REF_NAME="7/merge", GITHUB_BASE_REF="main")
    assert pull == first
    assert (
        names("one/debian-13/default", GITHUB_REF_NAME="mainly")["CIFORGE_CCACHE"]
        != first["CIFORGE_CCACHE"]
    )


@pytest.mark.slow
def test_hostile_values_are_text_in_forgejo_files() -> None:
    made = files(torture(2))
    for text in (text for name, text in made.items() if name.endswith(".yml")):
        for found in re.findall(r"\$\{\{(.*?)\}\}", text):
            assert re.fullmatch(r"[A-Za-z0-9_.,()*' =!&|[\]-]+", found)
