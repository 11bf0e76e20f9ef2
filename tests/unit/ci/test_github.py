"""Workflow files: what is in them, compared with the jobs that they came from."""

import difflib
import functools
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from job_trees import in_tree
from projects import EXAMPLES, GOLDEN, ROOT, example, jobs, project, real_catalogue
from projects import SMALL as CATALOGUE
from torture import torture

from ciforge.app.project_templates import shipped_workflows
from ciforge.ci.file_set import SetPlace, sealed
from ciforge.ci.github.action_pins import Pin, newer, read_pins
from ciforge.ci.github.matrix import offers
from ciforge.ci.github.workflow import LARGEST_FILE, SERVICE
from ciforge.ci.hosted_machines import needs_machine, with_machines
from ciforge.ci.service import GenerationInput
from ciforge.ci.templates import environment
from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.model.project import Project
from ciforge.plan.planner import make_plan
from tests.tables import each

WORKFLOWS = ROOT / "workflows"
SCRIPTS = {path.name: path.read_text() for path in sorted((WORKFLOWS / "hosted").iterdir())}
ACTIONS = (WORKFLOWS / "github" / "actions.json").read_text()
PINS = read_pins(ACTIONS)
SMALL = """
project: p
repos: {one: {path: ., recipe: autotools}}
variants: {other: {env: {A: b}}}
jobs:
  - one/debian-13/default
  - {job: one/debian-12/other, schedule: weekly, allow_failure: true}
  - {job: "one/debian-13/other@s390x", schedule: "30 4 * * 1,3"}
  - one/debian-sid/default
"""


def written(
    made: Project, found: Mapping[str, Job], committed: Mapping[str, str] | None = None, *,
    source: str = "", without: str = "",
) -> dict[str, str]:  # fmt: skip
    """The files of the only repository."""
    given = GenerationInput(
        project=made, templates=environment(shipped_workflows().templates), scripts=SCRIPTS, pins=ACTIONS,
        command="ciforge generate", place=SetPlace(folder=".github", source=source), project_file="ci/x y.yml",
    )  # fmt: skip
    (repo,) = {job.repo for job in found.values()}
    some = tuple(job for job in found.values() if job.id != without)
    return SERVICE.files(given, [repo], some, committed or {})


def files(text: str, source: str = "") -> dict[str, str]:
    return written(project(text), jobs(text), source=source)


FILE = ".github/workflows/ciforge.yml"
SCHEDULE = ".github/workflows/ciforge.schedule.yml"


def workflows(made: Mapping[str, str]) -> dict[str, str]:
    """The workflows of a set."""
    return {path: text for path, text in made.items() if path.startswith(".github/workflows/")}


def workflow(text: str, name: str = FILE) -> dict[str, Any]:
    """One file, parsed."""
    document: dict[str, Any] = yaml.safe_load(files(text)[name])
    return document


def rows(document: Mapping[str, Any]) -> list[list[str]]:
    """The table of jobs."""
    run: str = document["jobs"]["choose"]["steps"][-1]["run"]
    return [line.split() for line in run.splitlines() if re.match(r"build(-\d+)? \S+/", line)]


def chosen(made: Mapping[str, str], folder: Path, **env: str) -> "tuple[int, dict[str, Any]]":
    """What the choosing step says for an event: its exit code, and the matrix of each part."""
    tree = in_tree(dict(made), folder / "tree")
    output = folder / "output"
    output.write_text("")
    own = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(output)}
    run: str = yaml.safe_load(made[FILE])["jobs"]["choose"]["steps"][-1]["run"]
    base = {"PATH": os.environ["PATH"], "CIFORGE_WANTED": "", "CIFORGE_SCHEDULE": ""}
    done = subprocess.run(["sh", "-e", "-c", run], cwd=tree, env=base | own | env, check=False)
    lines = (line.partition("=") for line in output.read_text().splitlines())
    return done.returncode, {key: json.loads(value) for key, _, value in lines}


def test_github_job_table_has_every_job_once() -> None:
    for name in ("hello-portable", "opensmtpd"):
        plan = example(name)
        for repo in plan.project.repos:
            own = {job.id: job for job in plan.jobs if job.repo == repo}
            if not own:
                continue
            made = written(plan.project, own)
            runnable = [job.id for job in own.values() if not job.skipped]
            assert [row[1] for row in rows(yaml.safe_load(made[FILE]))] == runnable
            table = made[".github/ciforge/jobs.txt"].splitlines()
            assert [line.split()[0] for line in table[1:]] == runnable


def test_github_job_shows_each_step() -> None:
    document = workflow(SMALL)
    steps = [step["name"] for step in document["jobs"]["build"]["steps"]]
    own = [step.name for step in jobs(SMALL)["one/debian-13/default"].steps]
    assert steps[steps.index("prepare") + 1 : steps.index("Results")] == own


@pytest.mark.parametrize(
    ("event", "env", "wanted"),
    [
        ("push", {}, {"one/debian-13/default", "one/debian-sid/default"}),
        ("pull_request", {}, {"one/debian-13/default", "one/debian-sid/default"}),
        (
            "workflow_dispatch",
            {"CIFORGE_WANTED": "one/debian-13/default"},
            {"one/debian-13/default"},
        ),
        ("workflow_dispatch", {"CIFORGE_WANTED": "debian-12"}, {"one/debian-12/other"}),
        ("workflow_dispatch", {"CIFORGE_WANTED": "*@s390x"}, {"one/debian-13/other@s390x"}),
        ("workflow_dispatch", {"CIFORGE_WANTED": "debian"}, None),
        ("workflow_dispatch", {}, None),
    ],
)
def test_github_event_runs_only_its_jobs(
    event: str, env: dict[str, str], wanted: set[str] | None, tmp_path: Path
) -> None:
    code, parts = chosen(files(SMALL), tmp_path, GITHUB_EVENT_NAME=event, **env)
    assert code == 0
    found = {cell["job"] for part in parts.values() for cell in part}
    assert found == (set(jobs(SMALL)) if wanted is None else wanted)


def test_github_schedule_runs_its_jobs_and_rolling_releases(tmp_path: Path) -> None:
    crons = [entry["cron"] for entry in workflow(SMALL, SCHEDULE)[True]["schedule"]]
    assert "30 4 * * 1,3" in crons
    found = {}
    for cron in crons:
        env = {"GITHUB_EVENT_NAME": "schedule", "CIFORGE_SCHEDULE": cron}
        _, parts = chosen(files(SMALL), tmp_path, **env)
        found[cron] = {cell["job"] for part in parts.values() for cell in part}
    assert found.pop("30 4 * * 1,3") == {"one/debian-13/other@s390x"}
    assert list(found.values()) == [{"one/debian-12/other", "one/debian-sid/default"}]


@pytest.mark.parametrize("wanted", ["nothing", "$(touch owned)", "`id`", "'; exit 0; '"])
def test_github_selector_without_a_match_fails_and_runs_nothing(
    wanted: str, tmp_path: Path
) -> None:
    env = {"GITHUB_EVENT_NAME": "workflow_dispatch", "CIFORGE_WANTED": wanted}
    code, parts = chosen(files(SMALL), tmp_path, **env)
    assert code == 1
    assert not any(parts.values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["output", "tree"]


def test_github_matrix_has_allowed_failures_and_architectures(tmp_path: Path) -> None:
    _, parts = chosen(files(SMALL), tmp_path, GITHUB_EVENT_NAME="workflow_dispatch")
    del parts["caches"]
    cells = {cell["job"]: cell for part in parts.values() for cell in part}
    assert cells["one/debian-12/other"]["may_fail"] is True
    assert cells["one/debian-13/default"]["may_fail"] is False
    assert cells["one/debian-13/other@s390x"]["platform"] == "linux/s390x"
    names = [cell["artifact"] for cell in cells.values()]
    assert len(set(names)) == len(names)
    assert not [name for name in names if re.search(r'[":<>|*?\\/]', name)]


def test_github_jobs_have_minimal_permissions_and_a_time_limit() -> None:
    document = workflow(SMALL)
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["permissions"] in ({}, {"contents": "read"})
        assert job["timeout-minutes"] > 0


def test_github_matrix_with_too_many_jobs_is_split() -> None:
    ids = "{" + ",".join(f"v{n}" for n in range(300)) + "}"
    names = ", ".join(f"v{n}: {{}}" for n in range(300))
    text = f"""
project: p
repos: {{one: {{path: ., recipe: make}}}}
variants: {{{names}}}
jobs: ["one/debian-13/{ids}"]
"""
    document = workflow(text)
    counts = {part: 0 for part, *_ in rows(document)}
    for part, *_ in rows(document):
        counts[part] += 1
    assert counts == {"build": 256, "build-2": 44}
    assert document["jobs"]["gate"]["needs"] == ["choose", "build", "build-2"]


def test_github_workflow_may_be_split_by_distribution() -> None:
    text = SMALL + "  - one/alpine-3.22/default\nciforge: {workflows: distribution}\n"
    assert sorted(workflows(files(text))) == [
        ".github/workflows/ciforge-alpine.yml",
        ".github/workflows/ciforge-debian.schedule.yml",
        ".github/workflows/ciforge-debian.yml",
    ]


@pytest.mark.slow
def test_github_workflows_of_a_repository_have_different_checks() -> None:
    text = SMALL + "  - one/alpine-3.22/default\nciforge: {workflows: distribution}\n"
    for made, gates in (
        (files(SMALL), ["gate"]),
        (files(text), ["gate alpine", "gate debian"]),
    ):
        documents = [yaml.safe_load(body) for _, body in sorted(workflows(made).items())]
        names = [one["jobs"]["gate"]["name"] for one in documents if "gate" in one["jobs"]]
        assert sorted(names)[: len(gates)] == gates
        assert len(set(names)) == len(names)


def test_github_allowed_failure_is_excused_by_the_last_step() -> None:
    strict = SMALL.replace(", allow_failure: true", "")
    assert "continue-on-error" not in json.dumps(workflow(strict))
    document = workflow(SMALL)
    assert not [job for job in document["jobs"].values() if "continue-on-error" in job]
    steps = {step["name"]: step for step in document["jobs"]["build"]["steps"]}
    own = [step.name for step in jobs(SMALL)["one/debian-13/default"].steps]
    excused = {name for name, step in steps.items() if "continue-on-error" in step}
    assert excused == {"prepare", *own}
    assert {steps[name]["if"] for name in own} == {"env.CIFORGE_ENDED == ''"}
    assert steps["Results"]["if"] == "always()"


@pytest.mark.slow
def test_hostile_values_are_text_in_github_files() -> None:
    text = torture()
    made = workflows(files(text))
    assert len(jobs(text)) > 500
    for body in made.values():
        assert len(body.encode()) <= LARGEST_FILE
        document = yaml.safe_load(body)
        assert {"name", True, "permissions", "jobs"} <= set(document)
        assert set(document) <= {
            "name", True, "permissions", "concurrency", "defaults", "env", "jobs",
        }  # fmt: skip
        allowed = re.compile(
            r"\$\{\{ !?(?:matrix|github|inputs|vars|needs|steps|job|env|runner|join|fromJSON|toJSON)\b[^\n]*?\}\}"
        )
        assert body.count("${{") == len(allowed.findall(body))
        assert "secrets" not in re.sub(r"base64 -d.*?_END_\n", "", body)


def test_github_files_are_reproducible() -> None:
    assert files(SMALL) == files(SMALL)


OPENSMTPD = (EXAMPLES / "opensmtpd" / "ciforge.yml").read_text()
ONE_WORD: Mapping[str, tuple[str, str, str, Mapping[str, list[str]]]] = {
    "variable": (SMALL, "A: b", "A: changed", {
        "ciforge/env/other.sh": ["- export A=b", "+ export A=changed"],
    }),
    "schedule": (SMALL, "schedule: weekly", "schedule: monthly", {
        # A rolling release is built weekly all the same.
        "workflows/ciforge.schedule.yml": ['+     - cron: "25 3 1 * *" # monthly'],
        "workflows/ciforge.yml": [
            "+           schedule monthly 25 3 1 * *",
            "-           build one/debian-12/other weekly ubuntu-24.04",
            "+           build one/debian-12/other monthly ubuntu-24.04",
        ],
    }),
    "processor": (SMALL, "12/other, schedule", "12/other@arm64, schedule", {
        "ciforge/jobs.txt": [
            "- one/debian-12/other debian-12,other default default apt linux/amd64 other true -",
            "+ one/debian-12/other@arm64 debian-12,other default default apt linux/arm64 other true -",
        ],
        "workflows/ciforge.yml": [
            "-           build one/debian-12/other weekly ubuntu-24.04",
            "+           build one/debian-12/other@arm64 weekly ubuntu-24.04-arm",
        ],
    }),
    "argument of configure": (OPENSMTPD, "--sysconfdir=/etc/mail", "--sysconfdir=/etc/smtpd", {
        "ciforge/steps/configure.sh": [
            "- ./configure --sysconfdir=/etc/mail --with-auth-pam",
            "+ ./configure --sysconfdir=/etc/smtpd --with-auth-pam",
        ],
    }),
    "compiler": (OPENSMTPD, "CC: clang", "CC: clang-19", {
        "ciforge/env/clang.sh": ["- export CC=clang", "+ export CC=clang-19"],
    }),
    "dependency of one system": (OPENSMTPD, "[gawk]", "[sqlite3]", {
        f"ciforge/images/opensuse-{release}.Dockerfile": [
            "-       gawk \\", "+       sqlite3-devel \\",
        ]
        for release in ("leap-16.0", "tumbleweed")
    }),
    "home of a user": (OPENSMTPD, "_smtpq: /var/empty", "_smtpq: /var/spool", {
        f"ciforge/users/{name}.Dockerfile": [
            "-  && add_user _smtpq /var/empty", "+  && add_user _smtpq /var/spool",
        ]
        for name in ("default", "alpine", "arch", "fedora")
    }),
    "expectation": (OPENSMTPD, "mode=2555", "mode=2755", {
        "ciforge/steps/expect.sh": [
            "- installed /usr/local/sbin/smtpctl mode=2555 gname=_smtpq",
            "+ installed /usr/local/sbin/smtpctl mode=2755 gname=_smtpq",
        ],
    }),
    "branch": (OPENSMTPD, "[master]", "[stable]", {
        "workflows/ciforge.yml": ['-     branches: ["master"]', '+     branches: ["stable"]'],
    }),
    "name of the project": (OPENSMTPD, "project: opensmtpd", "project: smtpd", {
        "workflows/ciforge.schedule.yml": [
            '-     - cron: "48 2 * * 2" # weekly', '+     - cron: "40 1 * * 2" # weekly',
        ],
        "workflows/ciforge.yml": [
            "-           schedule weekly 48 2 * * 2", "+           schedule weekly 40 1 * * 2",
        ],
    }),
    "variant that no job has": (OPENSMTPD, "builddir: obj", "builddir: build", {}),
}  # fmt: skip
"""Kinds of words: a `ciforge.yml`, a word of it before and after, and the lines that change besides the checksum."""


@functools.cache
def set_of(text: str) -> Mapping[str, str]:
    """The set of files of the first repository in a `ciforge.yml`."""
    plan = make_plan(project(text), real_catalogue() if text.startswith("#") else CATALOGUE)
    first = next(iter(plan.project.repos))
    own = {job.id: job for job in plan.jobs if job.repo == first and not job.skipped}
    return sealed(written(plan.project, own), SetPlace(folder=".github"), "ciforge generate")


@each(
    "_kind, text, old, new, lines",
    [(kind, *case) for kind, case in ONE_WORD.items()],
    ids=lambda part: repr(part)[:40],
)
def test_changed_word_changes_only_the_lines_that_it_must(
    _kind: str, text: str, old: str, new: str, lines: Mapping[str, list[str]]
) -> None:
    before, after = set_of(text), set_of(text.replace(old, new, 1))
    mark = {"ciforge/generated.txt": ["- # ciforge-mark:", "+ # ciforge-mark:"]} if lines else {}
    assert before.keys() == after.keys()
    assert {
        path.removeprefix(".github/"): changed(before[path], after[path])
        for path in before
        if before[path] != after[path]
    } == {**lines, **mark}


def test_removed_word_removes_only_lines_that_are_about_it() -> None:
    before, after = set_of(OPENSMTPD), set_of(OPENSMTPD.replace("arch,", "", 1))
    names = re.compile("arch|pacman", re.I)
    assert not after.keys() - before.keys()
    assert all(names.search(path) for path in before.keys() - after.keys())
    for path in after:
        for line in changed(before[path], after[path]):
            proven = "How far each system is proven" in line
            assert proven or "ciforge-mark" in line or (line[0] == "-" and names.search(line)), line


@pytest.mark.slow
def test_another_release_adds_at_most_2_kb_to_github_files() -> None:
    plan = example("opensmtpd")
    own = {job.id: job for job in plan.jobs if job.repo == "portable" and not job.skipped}
    sizes = {
        job.id: size(written(plan.project, own)) - size(written(plan.project, own, without=job.id))
        for job in own.values()
    }
    assert 0 < max(sizes.values()) <= 2048


@pytest.mark.slow
def test_release_of_a_machine_without_a_container_adds_at_most_2_kb_to_github_files() -> None:
    systems = "freebsd,openbsd,netbsd,dragonfly,omnios,solaris,macos"
    text = OPENSMTPD.replace("jobs:\n", f"jobs:\n  - portable/{{{systems}}}/default\n", 1)
    plan = make_plan(project(text), real_catalogue())
    own = {job.id: job for job in with_machines(plan.jobs, offers) if job.repo == "portable"}
    machines = [job for job in own.values() if needs_machine(job)]
    assert len({job.distribution.distribution for job in machines}) == 7
    containers = {name: job for name, job in own.items() if job not in machines}
    for other in machines[0], machines[-1]:
        before = {**containers, other.id: other}
        less = size(written(plan.project, before))
        for job in machines:
            more = size(written(plan.project, {**before, job.id: job})) - less
            assert more <= 2048, (other.id, job.id, more)


def test_github_files_of_an_example_are_as_small_as_hand_written_ones() -> None:
    plan = example("opensmtpd")
    own = {job.id: job for job in plan.jobs if job.repo == "portable" and not job.skipped}
    made = sealed(written(plan.project, own), SetPlace(folder=".github"), "ciforge generate")
    assert len(own) == 13
    assert len(made[FILE].splitlines()) <= 200
    assert len(made[FILE].encode()) <= 12_000
    assert size(made) <= 70 * 1024
    texts = [text for path, text in made.items() if "/managers/" not in path]
    assert len(set(texts)) == len(texts)


def size(made: Mapping[str, str]) -> int:
    return sum(len(text.encode()) for text in made.values())


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, without checksums."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [re.sub(r" [0-9a-f]{64}$", "", line) for line in lines if line[0] in "+-"]


def test_newer_action_pins_of_the_committed_file_are_kept() -> None:
    first = files(SMALL)
    bumped = re.sub(
        r"actions/checkout@\w+ # v[\d.]+", f"actions/checkout@{'1' * 40} # v99.0.0", first[FILE]
    )
    assert bumped != first[FILE]
    committed = first | {FILE: bumped}
    assert written(project(SMALL), jobs(SMALL), committed) == committed


@each(
    "line",
    [
        f"uses: actions/checkout@{'1' * 40} # v1.0.0",
        f"uses: somebody/else@{'1' * 40} # v99.0.0",
        f"uses: actions/checkout@{'1' * 39} # v99.0.0",
        "uses: actions/checkout@v99",
    ],
)
def test_older_and_foreign_action_pins_are_replaced(line: str) -> None:
    assert newer(PINS, line) == PINS


def test_action_pin_is_a_commit_with_its_version() -> None:
    assert all(re.fullmatch("[0-9a-f]{40}", pin.commit) for pin in PINS.values())
    assert Pin("", "10.0.0").order > Pin("", "9.9.9").order


@pytest.mark.parametrize("name", ["hello-portable", "opensmtpd"])
def test_github_files_of_the_examples(name: str, request: pytest.FixtureRequest) -> None:
    plan = example(name)
    repo = next(iter(plan.project.repos))
    made = written(plan.project, {job.id: job for job in plan.jobs if job.repo == repo})
    for path, end in ((FILE, ""), (SCHEDULE, ".schedule")):
        file = GOLDEN / "workflows" / f"{name}{end}.yml"
        if request.config.getoption("--update-golden"):
            file.write_text(made[path])
        assert made[path] == file.read_text()


SCHEDULED = """
project: p
repos: {one: {recipe: make}}
jobs: [{job: debian-13, schedule: weekly}]
"""


def test_github_workflow_of_scheduled_jobs_is_not_started_by_a_push() -> None:
    assert set(workflow(SCHEDULED)[True]) == {"workflow_call", "workflow_dispatch"}
    assert {"push", "pull_request"} <= set(workflow(SMALL)[True])


@pytest.mark.parametrize(("timeout", "minutes"), [("3h", 210), ("100s", 32), ("24h", 360)])
def test_time_limit_of_a_github_job_is_below_that_of_the_service(
    timeout: str, minutes: int
) -> None:
    text = SCHEDULED.replace("schedule: weekly", f"timeout: {timeout}")
    assert workflow(text)["jobs"]["build"]["timeout-minutes"] == minutes


CACHED = SMALL.replace("recipe: autotools", "recipe: autotools, branches: [main]")


def test_github_cache_is_written_only_by_a_push_to_a_followed_branch() -> None:
    document = workflow(CACHED)
    assert document[True]["push"]["branches"] == ["main"]
    uses = {
        name: [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        for name, job in document["jobs"].items()
    }
    writers = [name for name, found in uses.items() if {"actions/cache", "actions/cache/save"} & set(found)]  # fmt: skip
    assert writers == ["caches"]
    caches = document["jobs"]["caches"]
    assert (
        "github.event_name == 'push' && (needs.choose.outputs.caches || '[]') != '[]'"
        in caches["if"]
    )
    assert caches["permissions"] == {"contents": "read"}
    assert [step["run"] for step in caches["steps"] if "run" in step] == ["sh .github/ciforge/prepare.sh image"]  # fmt: skip
    assert uses["build"].count("actions/cache/restore") == 2
    assert "caches" not in document["jobs"]["gate"]["needs"]


def test_results_of_compilers_are_handed_on_by_pushes_and_kept_under_the_name_that_is_looked_for() -> (
    None
):
    jobs_ = workflow(CACHED)["jobs"]
    steps = {step["name"]: step for job in ("build", "caches") for step in jobs_[job]["steps"]}
    handed = steps["Hand on results of compilers"]
    assert handed["if"] == "always() && github.event_name == 'push' && matrix.ccache"
    looked, kept = steps["Look for results of compilers"], steps["Keep results of compilers"]
    assert looked["with"]["key"] == kept["with"]["key"]
    assert looked["with"]["path"] == kept["with"]["path"] == handed["with"]["path"]
    assert kept["with"]["key"].startswith(looked["with"]["restore-keys"])
    assert steps["Fetch results of compilers"]["with"]["pattern"] == handed["with"]["name"]


@pytest.mark.parametrize("setting", ["true", "registry"])
def test_images_are_kept_in_the_cache_or_in_the_registry(setting: str) -> None:
    document = workflow(CACHED + f"ciforge: {{cache: {setting}}}\n")
    rights = {name: job["permissions"] for name, job in document["jobs"].items()}
    packages = {name: found.get("packages") for name, found in rights.items()}
    stored = [
        name for name, job in document["jobs"].items() for step in job["steps"]
        if "ciforge-image" in str(step.get("with"))
    ]  # fmt: skip
    if setting == "true":
        assert set(packages.values()) == {None}
        assert set(stored) == {"build", "caches"}
        assert "CIFORGE_REGISTRY" not in document["env"]
        return
    wanted = {"build": "read", "caches": "write"}
    assert {name: right for name, right in packages.items() if right} == wanted
    assert stored == []
    assert document["env"]["CIFORGE_REGISTRY"] == "ghcr.io/${{ github.repository }}/ciforge"
    schedule = yaml.safe_load(
        files(CACHED + "ciforge: {cache: registry}\n")[".github/workflows/ciforge.schedule.yml"]
    )
    # GitHub starts no called workflow that asks for more than its caller has.
    assert schedule["jobs"]["schedule"]["permissions"]["packages"] == "write"
    secret = [
        step["name"] for job in document["jobs"].values() for step in job["steps"]
        if "CIFORGE_REGISTRY_TOKEN" in step.get("env", {})
    ]  # fmt: skip
    assert secret == ["prepare", "Build the image and push it"]


@pytest.mark.parametrize("text", [SMALL, CACHED + "ciforge: {cache: false}\n"])
def test_github_cache_is_off_without_followed_branches_or_by_cache_false(text: str) -> None:
    assert "cache" not in files(text)[FILE]


def test_github_cache_has_each_image_once_under_the_key_of_its_jobs(tmp_path: Path) -> None:
    more = CACHED.replace("  - one/debian-sid/default", '  - "one/debian-13/{default,again}"')
    made = files(more.replace("variants: {", "variants: {again: {}, "))
    _, parts = chosen(made, tmp_path, GITHUB_EVENT_NAME="workflow_dispatch")
    caches = parts.pop("caches")
    kept = {entry["image"]: entry["job"] for entry in caches if entry["image"]}
    looked = {entry["job"]: entry["image"] for part in parts.values() for entry in part}
    assert {looked[job] for job in kept.values()} == set(kept)
    assert looked["one/debian-13/default"] == looked["one/debian-13/again"]
    assert set(looked.values()) - set(kept) == {looked["one/debian-13/other@s390x"]}
    assert all(re.fullmatch(r"ciforge-debian-1[23][-\w]*-\w+-\d{4}-W\d\d-[0-9a-f]{16}", name) for name in looked.values())  # fmt: skip
    assert {entry["job"] for entry in caches} == set(looked)


def test_results_of_compilers_belong_to_one_job_and_one_branch(tmp_path: Path) -> None:
    made = files(CACHED)
    events = {
        "main": {"GITHUB_REF_NAME": "main"},
        "next": {"GITHUB_REF_NAME": "main-next"},
        "pull": {"GITHUB_REF_NAME": "7/merge", "GITHUB_BASE_REF": "main"},
    }
    keys = {}
    for name, env in events.items():
        (tmp_path / name).mkdir()
        _, parts = chosen(made, tmp_path / name, GITHUB_EVENT_NAME="workflow_dispatch", **env)
        keys[name] = {entry["job"]: entry["ccache"] for part in parts.values() for entry in part}
    assert keys["pull"] == keys["main"]
    every = [*keys["main"].values(), *keys["next"].values()]
    assert len(set(every)) == len(every) == 2 * len(keys["main"])
    # A name is looked for by how it begins: none is the beginning of another.
    assert not any(a != b and b.startswith(a) for a in every for b in every)
    assert all(re.fullmatch(r"ciforge-ccache-[0-9a-f]{16}-[^,:]+:", key) for key in every)


def test_job_whose_compiler_has_no_ccache_keeps_its_image_alone(tmp_path: Path) -> None:
    made = files(CACHED.replace("autotools", "go"))
    _, parts = chosen(made, tmp_path, GITHUB_EVENT_NAME="workflow_dispatch")
    assert {entry["ccache"] for entry in parts["caches"]} == {""}
    assert all(entry["image"] for entry in parts["caches"])


def _notifying(text: str) -> dict[str, str]:
    """The files of a project that sends mail."""
    more = "mail: {from: a@example.org, routes: [{job: '*', to: b@example.org}]}\n"
    whole = f"{text}{more}ciforge: {{install: pipx install ciforge==1.0}}\n"
    given = GenerationInput(
        project=project(whole), templates=environment(shipped_workflows().templates), scripts=SCRIPTS,
        pins=ACTIONS, command="ciforge generate", place=SetPlace(folder=".github"), project_file="ciforge.yml",
    )  # fmt: skip
    found = tuple(jobs(whole).values())
    return SERVICE.files(given, [found[0].repo], found, {})


@pytest.mark.slow
def test_github_notify_has_all_ids_in_variables_that_a_program_can_start_with(
    tmp_path: Path,
) -> None:
    """At most 128 KiB in one variable (MAX_ARG_STRLEN of Linux)."""
    names = ", ".join(f"{'v' * 60}{n}: {{}}" for n in range(256))
    made = _notifying(
        f"project: p\nrepos: {{{'r' * 64}: {{recipe: make}}}}\nvariants: {{{names}}}\n"
        f"jobs: ['{'r' * 64}/debian-13/*']\n"
    )
    env = yaml.safe_load(made[FILE])["jobs"]["notify"]["steps"][-1]["env"]
    _, parts = chosen(made, tmp_path, GITHUB_EVENT_NAME="push")
    del parts["caches"]
    assert len(parts) >= 2
    for number, (key, matrix) in enumerate(parts.items(), 1):
        wanted = f"${{{{ join(fromJSON(needs.choose.outputs.{key} || '[]').*.job, ' ') }}}}"
        assert env[f"JOBS_{number}"] == wanted
        assert len(" ".join(entry["job"] for entry in matrix)) < 131_072


def test_github_notify_jobs_of_a_branch_wait_for_each_other_and_none_is_dropped() -> None:
    notify = yaml.safe_load(_notifying(CACHED)[FILE])["jobs"]["notify"]["concurrency"]
    assert (notify["queue"], notify["cancel-in-progress"]) == ("max", False)
    assert notify["group"].endswith("-${{ github.ref }}")


def test_github_notify_leaves_out_a_try() -> None:
    document = yaml.safe_load(_notifying(CACHED)[FILE])
    assert "!startsWith(github.ref_name, 'ciforge/try/')" in document["jobs"]["notify"]["if"]
    secret = [name for name, job in document["jobs"].items() if "secrets." in json.dumps(job)]
    assert secret == ["notify"]
    assert "github.event_name == 'push'" in document["jobs"]["caches"]["if"]


def test_github_schedules_are_in_a_separate_file() -> None:
    assert set(workflow(SMALL, SCHEDULE)[True]) == {"schedule"}
    (job,) = workflow(SMALL, SCHEDULE)["jobs"].values()
    assert job["uses"] == f"$/{FILE}"
    assert "schedule" not in workflow(SMALL)[True]
    unscheduled = SMALL.partition("jobs:")[0] + "jobs: [one/debian-13/default]\n"
    assert list(workflows(files(unscheduled))) == [FILE]
    assert "workflow_call" not in workflow(unscheduled)[True]


def test_workflow_says_how_far_each_system_is_proven() -> None:
    plan = example("opensmtpd")
    own = {job.id: job for job in plan.jobs if job.repo == "filter-senderscore"}
    text = written(plan.project, own)[FILE]
    (line,) = (line for line in text.splitlines() if "proven" in line)
    found: dict[str, set[str]] = {}
    for job in own.values():
        found.setdefault(job.proof.value, set()).add(job.release_id)
    told = line.partition("--help`): ")[2].split("; ")
    assert {one.split()[0]: set(one.split(" ", 1)[1].split(", ")) for one in told} == found
    assert "tested" in found


def test_names_of_packages_are_checked_weekly_where_a_runner_installs_ciforge() -> None:
    path = ".github/workflows/ciforge.packages.yml"
    assert path not in files(SMALL)
    document = workflow(SMALL + "ciforge: {install: pipx install ciforge==1.0}\n", path)
    assert set(document[True]) == {"schedule", "workflow_dispatch"}
    assert document["permissions"] == {}
    (job,) = document["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert job["if"] == "${{ !github.event.repository.fork }}"
    _, install, check = job["steps"]
    assert install["run"] == "pipx install ciforge==1.0"
    assert check["run"] == 'ciforge packages --check --file "$PROJECT_FILE"'
    assert check["env"] == {"PROJECT_FILE": "ci/x y.yml"}


def test_names_of_packages_are_checked_once_where_each_distribution_has_a_file() -> None:
    text = SMALL + "ciforge: {install: pipx install ciforge==1.0, workflows: distribution}\n"
    names = [path for path in workflows(files(text)) if "packages" in path]
    assert names == [".github/workflows/ciforge.packages.yml"]
    assert [path for path in files(text, "lib/foo") if "packages.yml" in path] == [
        ".github/workflows/ciforge,lib,foo.packages.yml"
    ]


def test_github_files_of_a_project_in_a_folder_work_there(tmp_path: Path) -> None:
    top, below = files(SMALL), files(SMALL, "lib/a b")
    assert not set(top) & set(below)
    stem = SetPlace(folder=".github", source="lib/a b").stem
    (name,) = (path for path in workflows(below) if "schedule" not in path)
    assert name == f".github/workflows/{stem}.yml"
    document, other = yaml.safe_load(below[name]), workflow(SMALL)
    assert document["defaults"]["run"]["working-directory"] == "lib/a b"
    assert document["name"] != other["name"]
    assert document["jobs"]["gate"]["name"] == "gate lib/a b"
    (tmp_path / "lib" / "a b").mkdir(parents=True)
    scripts = {word for job in document["jobs"].values() for step in job["steps"]
               for word in step.get("run", "").split() if word.endswith(".sh")}  # fmt: skip
    in_tree(below, tmp_path)
    assert {(tmp_path / "lib" / "a b" / script).is_file() for script in scripts} == {True}


@pytest.mark.parametrize("event", ["push", "pull_request", "schedule"])
def test_github_event_without_a_job_is_red(event: str, tmp_path: Path) -> None:
    text = SCHEDULED if event != "schedule" else SCHEDULED.replace(", schedule: weekly", "")
    env = {"GITHUB_EVENT_NAME": event, "CIFORGE_SCHEDULE": "1 1 1 1 1"}
    code, parts = chosen(files(text), tmp_path, **env)
    assert code == 1
    assert not any(parts.values())


def test_github_files_leave_out_jobs_that_cannot_run() -> None:
    text = """
project: p
repos: {one: {recipe: make, where: {debian: {dependencies: [libressl]}}}}
jobs: [debian-13, alpine-3.23]
ciforge: {workflows: distribution}
"""
    assert list(workflows(files(text))) == [".github/workflows/ciforge-alpine.yml"]
    with pytest.raises(UsageError, match="none of these 1 jobs can run: debian-13 has no libressl"):
        files(text.replace(", alpine-3.23", ""))


MACHINES = """
project: p
repos: {one: {path: ., recipe: make, branches: [main]}}
jobs:
  - debian-13
  - one/{freebsd-15,netbsd-11}/default
  - one/macos-15/default
  - one/{freebsd-15,openbsd-7.9}/default@arm64
  - one/macos-26/default@arm64
"""


def on_machines() -> tuple[dict[str, str], dict[str, Any]]:
    catalogue = real_catalogue()
    made = written(project(MACHINES), jobs(MACHINES, catalogue))
    return made, yaml.safe_load(made[FILE])


def test_github_job_without_a_container_runs_on_a_virtual_machine_of_a_pinned_action() -> None:
    _, workflow = on_machines()
    steps = workflow["jobs"]["build-2"]["steps"]
    started = {step["if"]: step for step in steps if step["name"].startswith("Start ")}
    assert {
        condition: (step["with"]["release"], step["with"]["arch"])
        for condition, step in started.items()
    } == {
        f"${{{{ contains(matrix.artifact, ',{job},'){of} }}}}": machine
        for job, of, machine in (
            ("freebsd-15", " && endsWith(matrix.platform, 'amd64')", ("15", "x86_64")),
            ("freebsd-15", " && endsWith(matrix.platform, 'arm64')", ("15", "aarch64")),
            ("netbsd-11", "", ("11", "x86_64")),
            ("openbsd-7.9", "", ("7.9", "aarch64")),
        )
    }
    pins = json.loads((ROOT / "workflows/github/actions.json").read_text())
    for step in started.values():
        action, _, commit = step["uses"].partition("@")
        assert pins[action]["commit"] == commit
        # A pull request may run it: it writes no cache, and gets nothing of the checkout but by ssh.
        assert step["with"]["disable-cache"] is True
        assert step["with"]["sync"] == "no"


def test_github_job_without_a_container_has_the_steps_and_rights_of_others() -> None:
    _, workflow = on_machines()
    build, machine = (workflow["jobs"][name] for name in ("build", "build-2"))
    own = [step["name"] for step in machine["steps"] if not step["name"].startswith("Start ")]
    cached = {"Look for the image", "Look for results of compilers", "Hand on results of compilers"}
    assert own == [step["name"] for step in build["steps"] if step["name"] not in cached]
    (prepare,) = (step["run"] for step in machine["steps"] if step["name"] == "prepare")
    assert prepare.endswith("/prepare-machine.sh")
    assert machine["permissions"] == {"contents": "read"}
    assert machine["timeout-minutes"] == build["timeout-minutes"]
    assert "build-2" in workflow["jobs"]["gate"]["needs"]


def test_github_matrix_names_the_runners_of_machines(tmp_path: Path) -> None:
    made, workflow = on_machines()
    in_tree(made, tmp_path)
    output = tmp_path / "output"
    script = workflow["jobs"]["choose"]["steps"][-1]["run"]
    subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "GITHUB_EVENT_NAME": "push", "GITHUB_OUTPUT": str(output)},
    )  # fmt: skip
    (line,) = [one for one in output.read_text().splitlines() if one.startswith("build-2=")]
    rows = {
        row["job"]: (row["runner"], row["platform"])
        for row in json.loads(line.removeprefix("build-2="))
    }
    assert rows == {
        "one/freebsd-15/default": ("ubuntu-24.04", "freebsd/amd64"),
        "one/netbsd-11/default": ("ubuntu-24.04", "netbsd/amd64"),
        "one/macos-15/default": ("macos-15-intel", "darwin/amd64"),
        "one/freebsd-15/default@arm64": ("ubuntu-24.04", "freebsd/arm64"),
        "one/openbsd-7.9/default@arm64": ("ubuntu-24.04", "openbsd/arm64"),
        "one/macos-26/default@arm64": ("macos-26", "darwin/arm64"),
    }


def test_github_job_without_a_container_is_never_called_tested() -> None:
    made, _ = on_machines()
    assert (
        "On machines without a container: written, never run by the tests of ciforge." in made[FILE]
    )
    (proven,) = re.findall("(?m)^  # How far each system is proven .*$", made[FILE])
    for release in ("freebsd-15", "netbsd-11", "openbsd-7.9", "macos-15", "macos-26"):
        assert release in proven.partition("rendered ")[2]


def test_github_workflow_without_such_jobs_has_no_file_for_machines() -> None:
    text = "project: p\nrepos: {one: {path: ., recipe: make}}\njobs: [debian-13]\n"
    names = {Path(path).name for path in written(project(text), jobs(text))}
    assert not names & {
        "machine.sh",
        "prepare-machine.sh",
        "bsd.sh",
        "host",
        "probe",
        "machine-step",
    }
