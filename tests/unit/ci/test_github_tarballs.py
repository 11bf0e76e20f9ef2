"""Release tarballs in a workflow: the part that makes them uploads them, the part that is built from them waits."""

from typing import Any

import pytest
import yaml
from projects import plan, real_catalogue
from test_github import FILE, SCRIPTS, chosen, files, written

from ciforge.app.generation import refuse_needs
from ciforge.errors import UsageError
from ciforge.plan.needed_repos import needs_only_tarballs

TEXT = """
project: p
repos: {one: {path: ., recipe: make}}
jobs:
  - {job: one/debian-13/dist, schedule: weekly}
  - one/debian-12/tarball
  - {job: one/debian-13/tarball, allow_failure: true}
  - one/debian-13/default
"""
DIST_FILE = ".github/ciforge/dist.sh"


def _written(without: str = "") -> dict[str, str]:
    made = plan(TEXT, real_catalogue())
    return written(made.project, {job.id: job for job in made.jobs}, without=without)


def _parts(made: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(made[FILE])
    return document["jobs"]


def test_part_that_is_built_from_a_tarball_waits_for_the_part_that_makes_it() -> None:
    made = _written()
    parts = _parts(made)
    assert parts["build-2"]["needs"] == ["choose", "build"]
    assert parts["build-2"]["if"].startswith("${{ !failure() && !cancelled() && ")
    names = [step.get("name") for step in parts["build-2"]["steps"]]
    place = names.index("prepare")
    assert names[place : place + 4] == [
        "prepare", "Fetch the tarball", "Lay in the tarball", "unpack-dist",
    ]  # fmt: skip
    assert made[DIST_FILE] == SCRIPTS["dist.sh"]
    assert "dist=one,debian-13,dist\n" in "".join(
        text for path, text in made.items() if "/recipes/" in path
    )


def test_part_without_a_tarball_is_as_before() -> None:
    parts = _parts(_written())
    for name in ("build", "build-3"):
        assert parts[name]["needs"] == "choose"
        assert "Fetch the tarball" not in [step.get("name") for step in parts[name]["steps"]]
    plain = files("project: p\nrepos: {one: {path: ., recipe: autotools}}\njobs: [debian-13]\n")
    assert DIST_FILE not in plain


@pytest.mark.slow
def test_maker_of_a_tarball_runs_with_the_events_of_those_that_are_built_from_it(
    tmp_path: Any,
) -> None:
    code, parts = chosen(_written(), tmp_path, GITHUB_EVENT_NAME="push")
    assert code == 0
    assert [entry["job"] for entry in parts["build"]] == ["one/debian-13/dist"]
    assert len(parts["build-2"]) == 2


def test_tarball_that_no_job_of_the_workflow_makes_is_refused() -> None:
    with pytest.raises(UsageError, match="needs the tarball of one/debian-13/dist, which another"):
        _written(without="one/debian-13/dist")


def test_service_that_carries_no_tarballs_is_refused() -> None:
    made = plan(TEXT, real_catalogue())
    assert all(needs_only_tarballs(job) for job in made.jobs)
    with pytest.raises(UsageError, match="one/debian-12/tarball needs the tarball of"):
        refuse_needs(made.jobs, "a generated job", "")
