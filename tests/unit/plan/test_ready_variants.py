"""Ready variants: who has them, what they change, and what a selector means by them."""

import subprocess
from pathlib import Path

import pytest
from projects import plan, project, real_catalogue

from ciforge.errors import UsageError
from ciforge.model.job import Job
from ciforge.plan.project_checks import check
from ciforge.plan.ready_variants import READY_VARIANTS
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


def run_of(job: Job, step: str) -> str:
    return next(one.run for one in job.steps if one.name == step)


def test_sanitizer_runs_tests_unless_the_repository_drops_them() -> None:
    assert "check" in [step.name for step in one("cgi/debian-13/asan").steps]
    text = TEXT.replace("{recipe: make}", "{recipe: make, steps: {check: false}}")
    assert "check" not in [step.name for step in one("cgi/debian-13/asan", text).steps]


def test_flags_of_a_sanitizer_are_for_the_build_and_not_for_configure() -> None:
    job = one("daemon/debian-13/asan")
    assert "CIFORGE_FLAGS='-fsanitize=address" not in run_of(job, "configure")
    assert "CIFORGE_FLAGS='-fsanitize=address" in run_of(job, "build")
    assert run_of(one("daemon/debian-13/static"), "configure").count("CIFORGE_FLAGS=-static") == 1


def test_compiler_with_flags_is_not_behind_ccache() -> None:
    assert one("daemon/debian-13/default").ccache
    assert not one("daemon/debian-13/werror").ccache


def test_variant_for_c_is_refused_for_go() -> None:
    text = TEXT.replace("cgi: {recipe: make}", "cgi: {recipe: go}")
    assert one("cgi/debian-13/lto", text).skipped == (
        "the recipe go has no such variant: it is for C"
    )


def test_static_has_arguments_for_the_configure_of_each_recipe() -> None:
    for recipe, word in (
        ("autotools", "--disable-shared"),
        ("cmake", "-DBUILD_SHARED_LIBS=OFF"),
        ("meson", "--default-library=static"),
    ):
        text = TEXT.replace("cgi: {recipe: make}", f"cgi: {{recipe: {recipe}}}")
        assert word in run_of(one("cgi/debian-13/static", text), "configure")


def test_pattern_means_a_ready_variant_that_the_project_changes() -> None:
    text = TEXT.replace("[daemon/debian-13]", "['*/debian-13/*']")
    text += "variants: {asan: {env: {ASAN_OPTIONS: detect_leaks=0}}}\n"
    ids = {job.id for job in plan(text, CATALOGUE).jobs}
    assert ids == {
        f"{repo}/debian-13/{name}" for repo in ("daemon", "cgi") for name in ("default", "asan")
    }
    assert one("cgi/debian-13/asan", text).env["ASAN_OPTIONS"] == "detect_leaks=0"


@pytest.mark.slow
def test_script_of_each_ready_variant_is_read_by_the_shell(tmp_path: Path) -> None:
    for name in READY_VARIANTS:
        for step in one(f"daemon/debian-13/{name}").steps:
            file = tmp_path / f"{name},{step.name}"
            file.write_text(f"#!/bin/sh\n{step.run}\n")
            done = subprocess.run(["sh", "-n", file], capture_output=True, text=True, check=False)
            assert (name, step.name, done.stderr) == (name, step.name, "")
