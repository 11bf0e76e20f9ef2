"""The exact Dockerfile and script of jobs of the examples; `--update-golden` rewrites them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import GOLDEN, example, real_catalogue

from ciforge.model.identifiers import file_name
from ciforge.model.job import Job
from ciforge.plan.selection import select
from ciforge.render.dockerfile import dockerfile
from ciforge.render.job_script import job_script

CATALOGUE = real_catalogue()
DISTRIBUTIONS = tuple(
    sorted(
        name
        for name, one in CATALOGUE.distributions.items()
        if any(release.image for release in one.releases)
    )
)
"""Those whose jobs run in containers."""
CHOSEN = {
    "opensmtpd": (
        *(f"portable/{name}/default" for name in DISTRIBUTIONS),
        "portable/debian-13/clang",
        "portable/debian-13/objdir",
        "portable/debian-13/default@arm64",
        "filter-senderscore/debian-13/default",
        "filter-rspamd/debian-13/default",
        "filter-rspamd/alpine-3.24/default",
    ),
    "hello-portable": ("hello/debian-13/default", "hello/debian-13/objdir"),
}
JOBS: tuple[Job, ...] = tuple(
    job
    for name, selectors in CHOSEN.items()
    for selector in selectors
    for job in select(example(name), [selector], unlisted=True)
)
OTHERS: tuple[Job, ...] = tuple(
    job
    for name in DISTRIBUTIONS
    for release in CATALOGUE.distributions[name].releases
    for job in select(
        example("opensmtpd"), [f"portable/{name}-{release.release}/default"], unlisted=True
    )
    if job.id not in {one.id for one in JOBS}
)
"""The main job on the releases that no default has: its Dockerfile alone is kept."""


def compare(file: Path, text: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


KINDS: tuple[tuple[str, str, Callable[[Job], str]], ...] = (
    ("dockerfiles", "Dockerfile", dockerfile),
    ("scripts", "sh", job_script),
)


@pytest.mark.parametrize("job", OTHERS, ids=lambda job: job.id)
def test_golden_dockerfile_of_a_job_is_what_is_rendered(
    job: Job, request: pytest.FixtureRequest
) -> None:
    compare(GOLDEN / "dockerfiles" / f"{file_name(job.id)}.Dockerfile", dockerfile(job), request)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.id)
@pytest.mark.parametrize(("folder", "suffix", "render"), KINDS, ids=("dockerfile", "script"))
def test_golden_file_of_a_job_is_what_is_rendered(
    job: Job,
    folder: str,
    suffix: str,
    render: Callable[[Job], str],
    request: pytest.FixtureRequest,
) -> None:
    compare(GOLDEN / folder / f"{file_name(job.id)}.{suffix}", render(job), request)


def test_example_plans_on_every_system_a_job_or_a_reason() -> None:
    opened = example("opensmtpd")
    for one in CATALOGUE.distributions.values():
        for release in one.releases:
            system = one.release_id(release)
            (job,) = select(opened, [f"portable/{system}/default"], unlisted=True)
            assert (job.release_id, job.distribution) == (system, one)
            assert bool(job.skipped) == (release.image == ""), system
            assert job.skipped or job.packages, system
            assert job.steps, system


def test_every_distribution_has_jobs_among_them_each_once() -> None:
    assert {job.distribution.distribution for job in JOBS} == set(DISTRIBUTIONS)
    assert len({job.id for job in JOBS}) == len(JOBS)


@pytest.mark.parametrize(("folder", "suffix", "render"), KINDS, ids=("dockerfile", "script"))
def test_golden_files_are_those_of_the_jobs(
    folder: str, suffix: str, render: Callable[[Job], str]
) -> None:
    files = {file.name for file in (GOLDEN / folder).iterdir()}
    jobs = (*JOBS, *OTHERS) if render is dockerfile else JOBS
    assert files == {f"{file_name(job.id)}.{suffix}" for job in jobs}


def test_rendered_lines_end_without_space() -> None:
    for job in JOBS:
        for _, _, render in KINDS:
            assert not re.search(r"[ \t]$", render(job), re.MULTILINE)
            assert render(job).endswith("\n") and not render(job).endswith("\n\n")
