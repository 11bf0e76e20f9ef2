"""The jobs of a project are remembered as long as nothing that they depend on has changed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_tests import PROJECT, Types
from projects import EXAMPLES

from ciforge.app import job_cache as module
from ciforge.app.job_cache import cached_jobs
from ciforge.app.workspace import open_workspace
from ciforge.errors import InputError
from ciforge.resources import data_folder

IDS = [
    "daemon/debian-12/default", "daemon/debian-12/clang", "daemon/debian-13/default",
    "daemon/debian-13/clang", "filter/debian-13/default",
]  # fmt: skip


@pytest.fixture
def root(here: Path) -> Path:
    folder = here.parent / "state"
    folder.mkdir()
    return folder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """What was really read."""
    told = list[Path | None]()
    real = module.open_selected

    def counted(file: Path | None, where: Path, selectors: tuple[str, ...]) -> object:
        told.append(file)
        return real(file, where, selectors)

    monkeypatch.setattr(module, "open_selected", counted)
    return told


def ids(here: Path, root: Path) -> list[str]:
    return [job.id for job in cached_jobs(None, here, root).jobs]


def test_job_cache_equals_the_plan_and_reads_no_descriptor(
    here: Path, root: Path, reads: list[Path | None]
) -> None:
    first = cached_jobs(None, here, root)
    assert sorted(job.id for job in first.jobs) == sorted(IDS)
    assert (first.project, {job.repo for job in first.jobs}) == ("mine", {"daemon", "filter"})
    assert cached_jobs(here / "ciforge.yml", here, root) == first
    assert len(reads) == 1


def test_job_cache_is_dropped_after_any_change(
    here: Path, root: Path, reads: list[Path | None]
) -> None:
    ids(here, root)
    (here / "ciforge.yml").write_text(PROJECT.replace("  - filter/debian-13/default\n", ""))
    assert "filter/debian-13/default" not in ids(here, root)
    (here / "distros").mkdir()
    shipped = (data_folder("distros") / "debian.yml").read_text()
    beside = re.sub(r"(?m)^defaults: .*$", 'defaults: ["13"]', shipped)
    beside = re.sub(r"(?m)^bootstrap:\n(?:[ ]+.*\n)*", "", beside)
    (here / "distros" / "debian.yml").write_text(beside)
    assert "daemon/debian-12/default" not in ids(here, root)
    assert len(reads) == 3


def test_job_cache_keeps_skipped_jobs(here: Path, root: Path) -> None:
    text = PROJECT.replace("recipe: autotools", "recipe: autotools, dependencies: [no-such: {}]")
    text = text.replace("[no-such: {}]", "[{nosuch: {fedora: nosuch-devel}}]")
    (here / "ciforge.yml").write_text(text)
    for _ in range(2):
        skipped = {job.id for job in cached_jobs(None, here, root).jobs if job.skipped}
        assert skipped == {job for job in IDS if job.startswith("daemon/")}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"key": 1}', "[" * 100_000, "null", "{KEY}", '{"jobs": 1, {KEY}}']
)
def test_job_cache_that_is_damaged_is_dropped(
    here: Path, root: Path, reads: list[Path | None], text: str
) -> None:
    whole = ids(here, root)
    (file,) = root.glob(".listing-*.json")
    file.write_text(text)
    assert ids(here, root) == whole
    assert len(reads) == 2
    assert json.loads(file.read_text())["project"] == "mine"


def test_job_cache_has_complete_jobs(here: Path, root: Path) -> None:
    first, again = (cached_jobs(None, here, root) for _ in range(2))
    assert again == first
    plan = open_workspace(None, here).plan
    assert [(job.release_id, job.distribution, job.skipped) for job in again.jobs] == [
        (job.release_id, job.system, job.skipped) for job in plan.jobs
    ]
    assert [job.steps for job in again.jobs] == [
        tuple(step.name for step in job.steps) for job in plan.jobs
    ]


def test_job_cache_is_refused_once_a_folder_leads_out_of_the_project(
    here: Path, root: Path
) -> None:
    assert ids(here, root)
    (here / "daemon").rmdir()
    (here / "daemon").symlink_to(here.parent)
    with pytest.raises(InputError, match="leads out"):
        ids(here, root)


def test_job_cache_has_no_project_with_problems(here: Path, root: Path) -> None:
    (here / "ciforge.yml").write_text("project: mine\nrepo: {}\n")
    for _ in range(2):
        with pytest.raises(InputError):
            cached_jobs(None, here, root)
    assert not list(root.iterdir())


def test_job_cache_creates_no_state_folder(here: Path) -> None:
    cached_jobs(None, here, here.parent / "nowhere")
    assert not (here.parent / "nowhere").exists()


def test_jobs_are_listed_from_the_cache_as_they_are_without_one(
    types: Types, here: Path, reads: list[Path | None]
) -> None:
    text = PROJECT.replace(
        "jobs:\n", "jobs:\n  - {job: alpine-edge, schedule: weekly, allow_failure: true}\n"
    )
    (here / "ciforge.yml").write_text(text)
    without = [types("jobs", *how).out for how in ((), ("--json",))]
    (here.parent / "state").mkdir()
    for _ in range(2):
        assert [types("jobs", *how).out for how in ((), ("--json",))] == without
    assert [types("jobs", *how, "*").out for how in ((), ("--json",))] == without
    assert len(reads) == 3


@pytest.mark.slow
def test_cached_list_of_jobs_loads_nothing_that_reads_projects_or_runs_jobs(tmp_path: Path) -> None:
    """A start would wait for it, also in a checkout, where the jobs depend on its remotes."""
    program = (
        "import sys, ciforge.cli.main as program\n"
        "try: program.main(['jobs'])\n"
        "except SystemExit as ended: print(ended.code, *sys.modules, file=sys.stderr)"
    )
    env = os.environ | {"CIFORGE_STATE": str(tmp_path)}
    command, folder = [sys.executable, "-c", program], EXAMPLES / "opensmtpd"
    for _ in range(2):
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, check=True
        )
    code, *modules = done.stderr.split()
    assert code == "0"
    assert "portable/debian-13/default" in done.stdout
    loaded = {name.split(".")[1] for name in modules if name.startswith("ciforge.")}
    assert "sources" in loaded
    assert loaded.isdisjoint({"engines", "load", "plan", "render", "report", "run", "store"})
