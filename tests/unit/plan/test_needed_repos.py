"""`needs`: which jobs run first, the steps that carry an install over, and mistakes."""

import subprocess
import tarfile
from pathlib import Path

import pytest
from projects import EVERY_SHELL, jobs, plan, project, real_catalogue, run_sh

from ciforge.errors import UsageError
from ciforge.plan.needed_repos import PACK, UNPACK, archive_name, needed_by_order, refuse_needs
from ciforge.plan.project_checks import check
from ciforge.plan.selection import select, with_needed
from tests.tables import each

CATALOGUE = real_catalogue()
TEXT = """
project: p
repos:
  filter: {recipe: make, needs: [lib]}
  lib: {recipe: make, needs: [base]}
  base: {recipe: make}
  other: {recipe: make}
variants:
  own: {env: {A: b}}
jobs: ["debian-13/{default,own}", filter/debian-13/asan]
"""


def test_job_names_the_jobs_whose_install_it_needs_in_their_order() -> None:
    planned = jobs(TEXT, CATALOGUE)
    assert planned["filter/debian-13/default"].needs == (
        "base/debian-13/default",
        "lib/debian-13/default",
    )
    assert planned["filter/debian-13/own"].needs == ("base/debian-13/own", "lib/debian-13/own")
    assert planned["filter/debian-13/asan"].needs == (
        "base/debian-13/default",
        "lib/debian-13/default",
    )
    assert planned["other/debian-13/default"].needs == ()


def test_install_is_laid_in_first_and_packed_last() -> None:
    planned = jobs(TEXT, CATALOGUE)
    steps = {id_: [step.name for step in job.steps] for id_, job in planned.items()}
    assert steps["base/debian-13/default"] == ["build", "install", PACK]
    assert steps["lib/debian-13/default"] == [UNPACK, "build", "install", PACK]
    assert steps["filter/debian-13/default"] == [UNPACK, "build", "install"]
    assert steps["other/debian-13/default"] == ["build", "install"]
    assert not planned["filter/debian-13/default"].ccache


def test_selected_job_brings_those_that_it_needs_also_if_they_are_not_listed() -> None:
    text = TEXT.replace(
        '["debian-13/{default,own}", filter/debian-13/asan]', "[filter/debian-13/default]"
    )
    made = plan(text, CATALOGUE)
    ids = [job.id for job in with_needed(made, select(made, []))]
    assert ids == ["base/debian-13/default", "lib/debian-13/default", "filter/debian-13/default"]


def test_job_is_skipped_if_one_that_it_needs_is() -> None:
    text = TEXT.replace("base: {recipe: make}", "base: {recipe: make, dependencies: [libressl]}")
    made = plan(text, CATALOGUE)
    found = {
        job.id: job.skipped for job in with_needed(made, select(made, ["filter/debian-13/default"]))
    }
    assert found["filter/debian-13/default"].startswith(
        "it needs base/debian-13/default: debian-13 has no libressl"
    )
    assert found["lib/debian-13/default"].startswith("it needs base/debian-13/default:")


@each(
    ("old", "new", "told"),
    [
        ("needs: [lib]", "needs: [libs]", "no repository 'libs' (did you mean 'lib'?)"),
        ("needs: [lib]", "needs: [filter]", "neither can be first"),
        ("base: {recipe: make}", "base: {recipe: make, needs: [filter]}", "neither can be first"),
        (
            "base: {recipe: make}",
            "base: {recipe: make, steps: {install: false}}",
            "base has no step install, so there is nothing that lib could be given",
        ),
        (
            "base: {recipe: make}",
            "base: {recipe: make, steps: {pack-install: {run: x}}}",
            "ciforge uses itself",
        ),
    ],
)
def test_mistake_in_needs_is_reported(old: str, new: str, told: str) -> None:
    flaws = check(project(TEXT.replace(old, new)), CATALOGUE)
    assert any(told in flaw.message for flaw in flaws), flaws


def test_job_that_needs_an_install_is_refused_where_none_is_given() -> None:
    planned = jobs(TEXT, CATALOGUE)
    told = "filter/debian-13/default needs the install of lib/debian-13/default, which a script is not given"
    with pytest.raises(UsageError, match=told) as caught:
        refuse_needs([planned["filter/debian-13/default"]], "a script", "omit '!{repo}'")
    assert caught.value.hint == "omit '!filter'"
    refuse_needs([planned["other/debian-13/default"]], "a script", "")


def test_circle_of_needs_ends() -> None:
    circle = project(TEXT.replace("base: {recipe: make}", "base: {recipe: make, needs: [filter]}"))
    assert set(needed_by_order(circle, "filter")) == {"base", "lib"}


def pack(folder: Path, shell: tuple[str, ...]) -> "subprocess.CompletedProcess[bytes]":
    """Runs the step that packs an install, in a system below `folder`."""
    (step,) = [
        one for one in jobs(TEXT, CATALOGUE)["base/debian-13/default"].steps if one.name == PACK
    ]
    script = step.run.replace("/ciforge/records", str(folder / "records")).replace(
        "cd /\n", f"cd {folder}/root\n"
    )
    return run_sh(script, folder, shell)


@pytest.mark.parametrize("shell", EVERY_SHELL, ids="-".join)
def test_packed_install_has_the_files_and_links_of_the_manifest(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "records").mkdir()
    place = tmp_path / "root" / "usr" / "local"
    place.mkdir(parents=True)
    (place / "a file").write_text("1")
    (place / "-x").write_text("2")
    (place / "link").symlink_to("a file")
    (place / "mine").write_text("not installed")
    (tmp_path / "records" / "manifest.txt").write_text(
        "dir 755 root root /usr/local\nfile 644 root root /usr/local/a file\n"
        "link 777 root root /usr/local/link\nfile 644 root root /usr/local/-x\n"
    )
    done = pack(tmp_path, shell)
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / "records" / "install.tar") as tar:
        assert tar.getnames() == ["usr/local/a file", "usr/local/link", "usr/local/-x"]


@pytest.mark.slow
def test_install_of_nothing_is_not_handed_on(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "records" / "manifest.txt").write_text("")
    done = pack(tmp_path, ("sh",))
    assert done.returncode == 1
    assert b"nothing was installed, and another repository needs it" in done.stderr


def test_archive_of_an_install_is_named_by_its_job() -> None:
    assert archive_name("lib/debian-13/default") == "needed,lib,debian-13,default.tar"
