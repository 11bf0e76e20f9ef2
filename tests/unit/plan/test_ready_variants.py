"""The variant `posix`: who has it, what it changes, and what a selector means by it."""

import pytest
from projects import plan, project, real_catalogue

from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.plan.project_checks import check
from ciforge.plan.selection import select

TEXT = """
project: p
repos:
  daemon:
    recipe: autotools
    steps: {smoke: {run: "echo {braces}", after: install}}
  cgi: {recipe: make}
jobs: [daemon/debian-13]
"""
CATALOGUE = real_catalogue()


def one(selector: str, text: str = TEXT) -> Job:
    (job,) = select(plan(text, CATALOGUE), [selector])
    return job


def test_posix_is_run_where_it_is_named_and_needs_no_entry_in_jobs() -> None:
    job = one("daemon/debian-13/posix")
    assert job.skipped == ""
    assert {"bmake", "mksh", "busybox", "shellcheck", "devscripts"} <= set(job.packages)
    assert job.env["CONFIG_SHELL"] == "/bin/mksh"
    assert [step.name for step in job.steps] == [
        "portability", "bootstrap", "configure", "shells", "build", "install", "smoke",
    ]  # fmt: skip
    assert next(step.run for step in job.steps if step.name == "install") == "bmake install"


def test_posix_is_meant_by_no_pattern() -> None:
    text = TEXT.replace("[daemon/debian-13]", "['*/debian-13/*', cgi/debian-12/posix]")
    ids = {job.id for job in plan(text, CATALOGUE).jobs}
    assert ids == {"daemon/debian-13/default", "cgi/debian-13/default", "cgi/debian-12/posix"}


def test_posix_checks_the_steps_of_the_project() -> None:
    run = one("daemon/debian-13/posix").steps[0].run
    assert "printf '%s\\n' 'echo {braces}' >\"$work/steps/\"smoke" in run
    assert "{scripts}" not in run and "{awk}" not in run


def test_posix_says_where_it_can_run() -> None:
    assert one("daemon/ubuntu-24.04/posix").skipped == ""
    assert one("daemon/alpine-3.23/posix").skipped.startswith("alpine-3.23 has no bmake: ")


def test_posix_of_other_recipes_has_no_other_shells_for_configure() -> None:
    names = [step.name for step in one("cgi/debian-13/posix").steps]
    assert names == ["portability", "build", "install"]


def test_posix_is_changed_like_every_variant() -> None:
    text = (
        TEXT + "variants: {posix: {steps: {portability: false}, env: {CONFIG_SHELL: /bin/dash}}}\n"
    )
    assert check(project(text), CATALOGUE) == ()
    job = one("daemon/debian-13/posix", text)
    assert "portability" not in [step.name for step in job.steps]
    assert job.env["CONFIG_SHELL"] == "/bin/dash"


def test_steps_of_posix_are_unknown_to_other_variants() -> None:
    text = TEXT + "variants: {other: {steps: {portability: false}}}\n"
    (flaw,) = check(project(text), CATALOGUE)
    assert "portability" in flaw.message


def test_repository_is_not_named_like_a_variant_that_always_exists() -> None:
    for name in ("default", "cross", "posix"):
        text = f"project: p\nrepos: {{{name}: {{recipe: make}}}}\njobs: [debian-13]\n"
        (flaw,) = check(project(text), CATALOGUE)
        assert flaw.path == ("repos", name)


def test_variant_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'posix'"):
        select(plan(TEXT, CATALOGUE), ["daemon/debian-13/posx"])
