"""Services beside a job: what the file says of them, what a job gets, and who refuses them."""

from pathlib import Path

import pytest
from projects import plan, problems

from ciforge.errors import InputError, UsageError
from ciforge.model.job import Job
from ciforge.plan.job_services import refuse_services

DIGEST = "a" * 64
TEXT = """\
project: p
repos:
  p:
    path: .
    recipe: make
    services: {cache: {%s}}
    steps: {fetch: {after: build, run: "true", network: %s}}
jobs: [debian-13]
"""
PACKAGES = (
    "dependencies: [{redis: {debian: redis-server}}], run: redis-server, healthy: redis-cli ping"
)
IMAGE = f"image: 'docker.io/library/redis@sha256:{DIGEST}', healthy: redis-cli ping"


def planned(service: str, network: str = "false") -> Job:
    """The only job of a project with this service."""
    (job,) = plan(TEXT % (service, network)).jobs
    return job


def test_service_has_the_packages_of_the_release_and_none_of_the_job() -> None:
    job = planned(PACKAGES)
    (service,) = job.services
    assert "redis-server" in service.packages
    assert "redis-server" not in job.packages
    assert job.given == {"*": "services: cache"}


def test_service_of_an_image_has_no_packages() -> None:
    (service,) = planned(IMAGE).services
    assert (service.image, service.packages) == (f"docker.io/library/redis@sha256:{DIGEST}", ())


def test_job_with_services_is_skipped_if_a_step_has_a_network() -> None:
    assert not planned(PACKAGES).skipped
    assert planned(PACKAGES, "true").skipped.startswith("the step fetch has a network")


def test_job_with_services_is_skipped_on_a_release_without_their_packages() -> None:
    job = planned(PACKAGES.replace("debian:", "alpine:"))
    assert job.skipped == "redis is not spelled out for debian-13"


@pytest.mark.parametrize(
    ("service", "mistake"),
    [
        (IMAGE.replace(f"@sha256:{DIGEST}", ":latest"), "names no image by its digest"),
        (f"{IMAGE}, dependencies: [make]", "the image has its own: omit one of both"),
        ("healthy: 'true'", "a service needs `run` and `dependencies`, or `image`"),
        ("run: redis-server", "'healthy' is missing"),
    ],
)
def test_service_that_cannot_be_started_is_reported(service: str, mistake: str) -> None:
    with pytest.raises(InputError, match=mistake):
        planned(service)


def test_service_names_a_dependency_that_does_not_exist(tmp_path: Path) -> None:
    (problem,) = problems(TEXT % ("dependencies: [mkae], run: x, healthy: x", "false"), tmp_path)
    assert "unknown dependency 'mkae' (did you mean 'make'?)" in problem


def test_job_with_services_is_refused_where_there_are_none() -> None:
    with pytest.raises(
        UsageError, match="a script has no services, which p/debian-13/default needs"
    ):
        refuse_services([planned(PACKAGES)], "a script", "use run")
    refuse_services([], "a script", "use run")
