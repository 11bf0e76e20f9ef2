"""The file for GitLab CI: the same jobs, in the words of its YAML reference (https://docs.gitlab.com/ci/yaml/)."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from job_trees import in_tree
from projects import EVERY_SHELL, GOLDEN, SHELLS, example, jobs, project
from torture import torture

from ciforge.app.project_templates import shipped_workflows
from ciforge.ci.file_set import SetPlace
from ciforge.ci.gitlab.workflow import SERVICE
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import environment
from ciforge.errors import UsageError
from ciforge.plan.planner import Plan
from tests.tables import each

SCRIPTS = shipped_workflows().scripts_for("gitlab")
FILE = ".gitlab/ciforge.yml"
JOBS = """
project: p
repos: {one: {path: ., recipe: make, branches: [main, stable/1.0]}}
jobs:
  - one/debian-13/default
  - {job: one/debian-12/default, schedule: "30 4 * * 1,3"}
  - {job: one/alpine-3.23/default, allow_failure: true}
  - one/debian-sid/default
"""


def files(text: str, plan: Plan | None = None, source: str = "") -> dict[str, str]:
    found = plan.jobs if plan else tuple(jobs(text).values())
    given = GenerationInput(
        project=plan.project if plan else project(text),
        templates=environment(shipped_workflows().templates), scripts=SCRIPTS,
        command="ciforge generate --target gitlab", place=SetPlace(folder=".gitlab", source=source),
    )  # fmt: skip
    repos = list(dict.fromkeys(job.repo for job in found))
    return SERVICE.files(given, repos, found, {})


def document(text: str) -> dict[str, Any]:
    """The file of a project."""
    made: dict[str, Any] = yaml.safe_load(files(text)[FILE])
    return made


SPLIT = JOBS + "ciforge: {workflows: distribution, ignore: [docs/*, '*.md']}\n"


def test_each_distribution_has_a_file_if_the_project_asks_for_it() -> None:
    made = files(SPLIT)
    names = sorted(name for name in made if name.endswith(".yml"))
    assert names == [".gitlab/ciforge-alpine.yml", ".gitlab/ciforge-debian.yml"]
    own = {name: set(yaml.safe_load(made[name])) - {".ciforge"} for name in names}
    assert own[names[0]] == {"one/alpine-3.23/default", "ciforge-alpine images"}
    listed = {job for some in own.values() for job in some if "images" not in job}
    assert listed == set(document(JOBS)) - {".ciforge", "ciforge images"}


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("changed", "builds"), [("README.md", False), ("docs/a", False), ("a.c", True), (None, True)]
)
def test_merge_request_that_changes_only_ignored_files_builds_nothing(
    changed: str | None, builds: bool, shell: Sequence[str], tmp_path: Path
) -> None:
    made = files(SPLIT)
    assert yaml.safe_load(made[".gitlab/ciforge-debian.yml"])[".ciforge"]["variables"][
        "CIFORGE_IGNORE"
    ] == "docs/* *.md"  # fmt: skip
    tree = in_tree(made, tmp_path / "tree")

    def git(*words: str) -> str:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        done = subprocess.run(["git", *who, *words], cwd=tree, capture_output=True, text=True, check=True)  # fmt: skip
        return done.stdout.strip()

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "-m", "base")
    base = git("rev-parse", "HEAD")
    if changed:
        (tree / changed).parent.mkdir(exist_ok=True)
        (tree / changed).write_text("x\n")
        git("add", "--all")
        git("commit", "--quiet", "-m", "change")
    env = {
        "PATH": os.environ["PATH"], "CIFORGE_HOME": str(tmp_path / "home"), "CIFORGE_JOB": "one/debian-13/default",
        "CIFORGE_IGNORE": "docs/* *.md", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }  # fmt: skip
    home = tree / ".gitlab" / "ciforge"
    for name in ("prepare.sh", "step.sh", "finish.sh"):
        (home / name).write_text(f"echo ran {name}\n")
    subprocess.run(["sh", home / "unpack.sh"], cwd=tree, env=env, check=True)
    done = subprocess.run([*shell, home / "job.sh"], cwd=tree, env=env, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, "ran prepare.sh" in done.stdout) == (0, builds), done.stderr
    kept = subprocess.run([*shell, home / "job.sh", "keep", tmp_path / "kept"], cwd=tree, env=env, check=False)  # fmt: skip
    assert kept.returncode == 0
    assert (tmp_path / "kept").exists() is builds


def test_gitlab_file_of_an_example_is_the_golden_file(request: pytest.FixtureRequest) -> None:
    made = files("", example("hello-portable"))
    text = made[FILE]
    golden = GOLDEN / "workflows" / "hello-portable.gitlab.yml"
    if request.config.getoption("--update-golden"):
        golden.write_text(text)
    assert text == golden.read_text()
    assert {".gitlab/ciforge/job.sh", ".gitlab/ciforge/unpack.sh"} <= set(made)
    assert not {".gitlab/ciforge/choose.sh", ".gitlab/ciforge/task.sh"} & set(made)


def test_gitlab_job_starts_with_merge_requests_and_pushes_to_followed_branches() -> None:
    made = document(JOBS)
    assert [rule["if"] for rule in made[".ciforge"]["rules"]] == [
        "$CI_PIPELINE_SOURCE == 'merge_request_event'",
        "$CI_PIPELINE_SOURCE == 'push' && $CI_COMMIT_BRANCH == 'main'",
        "$CI_PIPELINE_SOURCE == 'push' && $CI_COMMIT_BRANCH == 'stable/1.0'",
        "$CI_PIPELINE_SOURCE == 'web'",
    ]
    assert made["one/debian-13/default"] == {
        "extends": ".ciforge",
        "variables": {"CIFORGE_JOB": "one/debian-13/default", "CIFORGE_IMAGE": "one,debian-13,default"},
    }  # fmt: skip


def keys(job: dict[str, Any]) -> dict[str, str]:
    """The policy of each cache of a job, by its key; GitLab's default writes."""
    return {one["key"]: one.get("policy", "pull-push") for one in job["cache"]}


CCACHE = "ciforge-ccache-$CIFORGE_BRANCH-$CI_JOB_NAME_SLUG"
IMAGE = "ciforge-image-$CIFORGE_IMAGE"


def test_gitlab_cache_is_written_only_by_a_push_to_a_followed_branch() -> None:
    made = document(JOBS)
    template, images = made[".ciforge"], made["ciforge images"]
    assert keys(template) == {CCACHE: "$CIFORGE_CACHE", IMAGE: "pull"}
    assert template["variables"]["CIFORGE_CACHE"] == "pull"
    writing = [
        rule for job in made.values() for rule in job.get("rules", ()) if "variables" in rule
    ]
    assert {rule["variables"]["CIFORGE_CACHE"] for rule in writing} == {"pull-push"}
    assert all(
        rule["if"].startswith("$CI_PIPELINE_SOURCE == 'push' && $CI_COMMIT_BRANCH == ")
        for rule in writing
    )
    assert keys(images) == {IMAGE: "pull-push"}
    assert images["rules"] == [rule for rule in template["rules"] if "variables" in rule]
    assert images["script"] == ['sh "$CI_PROJECT_DIR/.gitlab/ciforge/job.sh" image']
    assert not any("cache" in job for name, job in made.items() if "/" in name)


def test_gitlab_followed_branches_share_no_results_of_compilers() -> None:
    made = document(JOBS.replace("stable/1.0", "stable/1.0, stable-1.0, Main"))
    names = [rule["variables"]["CIFORGE_BRANCH"] for rule in made["ciforge images"]["rules"]]
    assert len(set(names)) == len(names) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)
    assert made[".ciforge"]["variables"]["CIFORGE_BRANCH"] not in names


def test_gitlab_image_of_several_jobs_is_kept_once() -> None:
    more = JOBS.replace("  - one/debian-13/default", '  - "one/debian-13/{default,again}"')
    made = document(more.replace("jobs:", "variants: {again: {}}\njobs:"))
    kept = {
        row["CIFORGE_IMAGE"]: row["CIFORGE_JOB"]
        for row in made["ciforge images"]["parallel"]["matrix"]
    }
    looked = {name: job["variables"]["CIFORGE_IMAGE"] for name, job in made.items() if "/" in name}
    assert len(kept) == len(looked) - 1
    assert set(looked.values()) == set(kept)
    assert {looked[job] for job in kept.values()} == set(kept)


def test_gitlab_images_are_kept_by_matrices_that_are_not_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ciforge.ci.gitlab.workflow.LARGEST_MATRIX", 3)
    made = document(JOBS)
    sizes = {name: len(job["parallel"]["matrix"]) for name, job in made.items() if "images" in name}
    assert sizes == {"ciforge images": 3, "ciforge images 2": 1}


def test_gitlab_images_are_in_the_registry_of_the_project_if_it_says_so() -> None:
    made = files(JOBS + "ciforge: {cache: registry}\n")
    parsed = yaml.safe_load(made[FILE])
    assert list(keys(parsed[".ciforge"])) == [CCACHE]
    assert parsed["ciforge images"]["cache"] == []
    assert ".gitlab/ciforge/registry.sh" in made
    assert ".gitlab/ciforge/registry.sh" not in files(JOBS)


@pytest.mark.parametrize(
    "text",
    [JOBS + "ciforge: {cache: false}\n", JOBS.replace(", branches: [main, stable/1.0]", "")],
)
def test_gitlab_cache_is_off_without_followed_branches_or_by_cache_false(text: str) -> None:
    parsed = document(text)
    assert not any("cache" in job for job in parsed.values())
    assert "ciforge images" not in parsed


def test_gitlab_push_with_an_open_merge_request_is_built_once() -> None:
    made = document(
        "project: p\nrepos: {one: {path: ., recipe: make}}\njobs: [one/debian-13/default]"
    )
    assert made[".ciforge"]["rules"][1:3] == [
        {"if": "$CI_PIPELINE_SOURCE == 'push' && $CI_OPEN_MERGE_REQUESTS", "when": "never"},
        {"if": "$CI_PIPELINE_SOURCE == 'push' && $CI_COMMIT_BRANCH"},
    ]


def test_gitlab_job_with_a_schedule_starts_by_schedule_or_by_hand() -> None:
    made = document(JOBS)
    assert [rule["if"] for rule in made["one/debian-12/default"]["rules"]] == [
        "$CI_PIPELINE_SOURCE == 'schedule' && $CIFORGE_SCHEDULE == '30 4 * * 1,3'",
        "$CI_PIPELINE_SOURCE == 'web'",
    ]
    rolling = [rule["if"] for rule in made["one/debian-sid/default"]["rules"]]
    assert rolling[:-1] == [rule["if"] for rule in made[".ciforge"]["rules"]]
    assert rolling[-1].endswith("$CIFORGE_SCHEDULE == 'weekly'")


def test_gitlab_job_timeout_is_that_of_the_project_and_a_margin() -> None:
    made = document(JOBS.replace("allow_failure: true", "timeout: 4h"))
    assert made[".ciforge"]["timeout"] == "150 minutes"
    assert made["one/alpine-3.23/default"]["timeout"] == "270 minutes"
    assert "timeout" not in made["one/debian-13/default"]


def test_gitlab_allow_failure_is_for_failures_of_the_source_only() -> None:
    made = document(JOBS)
    assert made["one/alpine-3.23/default"]["allow_failure"] == {"exit_codes": 10}
    assert "allow_failure" not in made["one/debian-13/default"]


def test_gitlab_job_that_needs_emulation_is_left_out_with_the_reason() -> None:
    text = JOBS + '  - "one/debian-13/default@arm64"\n'
    made = files(text)
    assert 'left out: "one/debian-13/default@arm64", "linux/arm64 needs emulation' in made[FILE]
    assert "one/debian-13/default@arm64" not in yaml.safe_load(made[FILE])
    assert "@arm64" not in made[".gitlab/ciforge/jobs.txt"]
    alone = (
        'project: p\nrepos: {one: {path: ., recipe: make}}\njobs: ["one/debian-13/default@arm64"]'
    )
    with pytest.raises(UsageError, match="which GitLab's runners do not have"):
        files(alone)


@each("branch", ["it's", 'a"b', "a$b", "a b", "ä"])
def test_gitlab_branch_name_that_could_end_a_quoted_word_is_refused(branch: str) -> None:
    text = JOBS.replace("stable/1.0", f'"{branch}"' if '"' not in branch else f"'{branch}'")
    if " " in branch:
        return  # no branch of git
    with pytest.raises(UsageError, match="cannot be used in a GitLab rule"):
        files(text)


def test_gitlab_job_quotes_the_folder_of_its_source() -> None:
    made: dict[str, Any] = yaml.safe_load(
        files(JOBS, source="a b/$(x)")[
            f".gitlab/{SetPlace(folder='.gitlab', source='a b/$(x)').stem}.yml"
        ]
    )
    assert made[".ciforge"]["before_script"][-1] == "cd 'a b/$(x)'"


@pytest.mark.slow
def test_hostile_values_are_text_in_gitlab_files() -> None:
    made = files(torture(2))
    text = made[FILE]
    parsed = yaml.safe_load(text)
    assert "${{" not in text
    for name, value in parsed.items():
        assert name == ".ciforge" or re.fullmatch(
            r"ciforge images( \d)?|[\w.+-]+/[\w.+-]+/[\w.+@-]+", name
        )
        assert set(value) <= {
            "extends", "variables", "rules", "allow_failure", "stage", "needs", "interruptible", "timeout",
            "image", "services", "before_script", "script", "after_script", "artifacts", "cache", "parallel",
        }  # fmt: skip


def played(folder: Path, shell: tuple[str, ...], *words: str, **ends: str) -> tuple[int, list[str]]:
    """How `job.sh` ends beside scripts that end as `ends` says, and which of them ran."""
    home = folder / "home"
    for name in ("tree", "home/result"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("job.sh", "common.sh"):
        (folder / "tree" / name).write_text(SCRIPTS[name])
    for name in ("prepare", "step", "finish"):
        code = ends.get(name, "0")
        made = "touch $CIFORGE_HOME/result/result.json\n" if name == "finish" else ""
        (folder / "tree" / f"{name}.sh").write_text(
            f'echo "{name} $* ${{CIFORGE_JOB_STATUS:-}}" >>$CIFORGE_HOME/seen\ncat\n{made}exit {code}\n'
        )
    (home / "facts").touch()
    (home / "job").write_text("one/debian-13/default\n")
    (home / "step-list").write_text("build ciforge no-network 60\ncheck ciforge no-network 60\n")
    done = subprocess.run(
        [*shell, folder / "tree" / "job.sh", *words],
        env={"PATH": os.environ["PATH"], "CIFORGE_HOME": str(home), **ends},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
    )  # fmt: skip
    seen = home / "seen"
    return done.returncode, [
        line.strip() for line in seen.read_text().splitlines()
    ] if seen.exists() else []


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("ends", "code", "ran"),
    [
        ({}, 0, ["prepare", "step build", "step check", "finish"]),
        ({"step": "1"}, 10, ["prepare", "step build", "finish"]),
        ({"prepare": "1"}, 10, ["prepare", "finish"]),
        ({"prepare": "1", "finish": "1"}, 3, ["prepare", "finish"]),
        ({"step": "1", "finish": "1"}, 3, ["prepare", "step build", "finish"]),
    ],
)
def test_gitlab_job_ends_with_10_for_the_source_and_3_otherwise(
    ends: dict[str, str], code: int, ran: list[str], shell: tuple[str, ...], tmp_path: Path
) -> None:
    assert played(tmp_path, shell, **ends) == (code, ran)


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_gitlab_image_job_builds_an_image_and_runs_no_step(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    assert played(tmp_path, shell, "image") == (0, ["prepare image"])


def test_gitlab_folder_of_caches_is_no_change_and_never_from_the_source(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    subprocess.run(["git", "init", "--quiet", tree], check=True)
    assert played(tmp_path, SHELLS[0], CI_PROJECT_DIR=str(tree))[0] == 0
    (tree / ".ciforge-cache" / "ciforge-image").mkdir(parents=True)
    (tree / ".ciforge-cache" / "ciforge-image" / "image.tar").touch()
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=tree, capture_output=True, text=True, check=True
    )
    assert ".ciforge-cache" not in status.stdout
    subprocess.run(["git", "add", "--force", ".ciforge-cache"], cwd=tree, check=True)
    (tmp_path / "home" / "seen").unlink()
    assert played(tmp_path, SHELLS[0], CI_PROJECT_DIR=str(tree)) == (3, [])
    assert played(tmp_path, SHELLS[0], "image", CI_PROJECT_DIR=str(tree)) == (3, [])


def test_gitlab_artifacts_include_those_of_cancelled_jobs(tmp_path: Path) -> None:
    where = tmp_path / "kept"
    kept = played(tmp_path, SHELLS[0], "keep", str(where), CI_JOB_STATUS="canceled")
    assert kept == (0, ["finish  cancelled"])
    assert (where / "one,debian-13,default" / "result.json").exists()


def test_gitlab_job_that_was_not_unpacked_is_infrastructure(tmp_path: Path) -> None:
    (tmp_path / "job.sh").write_text(SCRIPTS["job.sh"])
    done = subprocess.run(
        ["sh", tmp_path / "job.sh"], env={"PATH": os.environ["PATH"], "CIFORGE_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, b"was not unpacked" in done.stderr) == (3, True)
