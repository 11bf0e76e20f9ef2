"""The variants `dist` and `tarball`: what makes the release tarball, what is checked, and who is built from it."""

import shlex
import subprocess
import tarfile
from pathlib import Path

import pytest
from projects import jobs, plan, real_catalogue

from ciforge.errors import UsageError
from ciforge.model.job import Job, Step
from ciforge.plan.needed_repos import packed_path, refuse_needs
from ciforge.plan.selection import select, with_needed
from tests.tables import each

TEXT = """
project: p
repos:
  daemon: {recipe: autotools, configure: [--sysconfdir=/etc/mail, --with-pam, "A=b c"]}
  cgi: {recipe: make}
  ninja: {recipe: meson}
  lists: {recipe: cmake}
  goes: {recipe: go}
jobs: [daemon/debian-13/dist, daemon/debian-12/dist, "daemon/{debian-12,alpine-3.23}/tarball", cgi/debian-13]
"""
CATALOGUE = real_catalogue()


def one(selector: str, text: str = TEXT) -> Job:
    (job,) = select(plan(text, CATALOGUE), [selector])
    return job


def step(job: Job, name: str) -> Step:
    return next(each for each in job.steps if each.name == name)


@each(
    ("repo", "steps"),
    [
        ("daemon", ["bootstrap", "dist", "configure", "build", "distcheck", "install"]),
        ("cgi", ["dist", "build", "install"]),
        ("ninja", ["dist", "configure", "build", "distcheck", "install"]),
        ("lists", ["dist", "configure", "build", "distcheck", "install"]),
    ],
)
def test_dist_makes_the_tarball_before_the_steps_that_are_then_run_on_it(
    repo: str, steps: list[str]
) -> None:
    job = one(f"{repo}/debian-13/dist")
    assert [each.name for each in job.steps if each.name != "smoke"] == steps
    assert job.keep == ("ciforge-dist/*",)
    place = steps.index("dist")
    assert ["no-autotools" in each.run for each in job.steps[: len(steps)]] == [
        at > place for at in range(len(steps))
    ]


def test_dist_is_refused_for_recipes_without_tarballs() -> None:
    told = "the recipe goes has no such variant: it is for autotools, cmake, meson and make"
    assert one("goes/debian-13/dist").skipped == told.replace("goes", "go").replace(
        "autotools, cmake, meson and make", "autotools and cmake and meson and make"
    )


def test_commands_of_the_project_make_the_tarball_and_the_check_stays() -> None:
    text = f"{TEXT}variants: {{dist: {{steps: {{dist: {{run: 'sh release.sh {{top}}'}}}}}}}}\n"
    run = step(one("cgi/debian-13/dist", text), "dist").run
    assert "sh release.sh {top}" in run
    assert "if has_dist" not in run and "dist: not in the tarball" in run


def test_distcheck_is_given_no_folder_of_the_system_and_no_test_that_is_off() -> None:
    job = one("daemon/debian-13/dist")
    assert (
        "distcheck 'DISTCHECK_CONFIGURE_FLAGS=--with-pam '\"'\"'A=b c'\"'\"'' TEST_LOGS="
        in step(job, "distcheck").run
    )
    text = TEXT.replace("configure: [", "steps: {check: true}, configure: [")
    assert "TEST_LOGS=" not in step(one("daemon/debian-13/dist", text), "distcheck").run


def test_job_built_from_a_tarball_needs_the_first_listed_job_that_makes_it() -> None:
    job = jobs(TEXT, CATALOGUE)["daemon/alpine-3.23/tarball"]
    assert job.needs == ("daemon/debian-13/dist",)
    assert job.steps[0].name == "unpack-dist"
    assert not {"autoconf", "automake"} & set(job.packages)
    assert all("no-autotools" in each.run for each in job.steps[1:])
    assert packed_path(job.needs[0]) == "/ciforge/home/dist.tar"
    selected = with_needed(plan(TEXT, CATALOGUE), (job,))
    assert [each.id for each in selected] == ["daemon/debian-13/dist", job.id]


def test_job_built_from_a_tarball_that_no_job_makes_is_skipped_with_advice() -> None:
    assert one("cgi/debian-13/tarball").skipped == (
        "no job makes its tarball: add cgi/RELEASE/dist to `jobs`"
    )


def test_script_for_a_job_that_needs_a_tarball_is_refused() -> None:
    with pytest.raises(UsageError, match="needs the tarball of daemon/debian-13/dist, which a"):
        refuse_needs([one("daemon/alpine-3.23/tarball")], "a script", "")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.c").write_text('#include "dc.h"\nint main(void) { return 0; }\n')
    (folder / "src" / "dc.h").write_text("")
    (folder / "LICENSE").write_text("free\n")
    (folder / "notes").write_text("private\n")
    (folder / "Makefile").write_text("all: src/main.c LICENSE\n\tcc -o main src/main.c\n")
    (folder / ".gitattributes").write_text("/notes export-ignore\n")
    return folder


def _dist(tree: Path, text: str = TEXT) -> "subprocess.CompletedProcess[str]":
    """Runs the step `dist` in the tree, with the home beside it."""
    home = tree.parent / "home"
    home.mkdir(exist_ok=True)
    script = step(one("cgi/debian-13/dist", text), "dist").run
    script = script.replace("/ciforge/home", shlex.quote(str(home)))
    return subprocess.run(
        ["sh", "-e", "-c", script], cwd=tree, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_tree_without_a_target_dist_is_archived_by_git_and_replaced(tree: Path) -> None:
    done = _dist(tree)
    assert done.returncode == 0, done.stderr
    assert "dist: not in the tarball: notes\n" in done.stdout
    assert not (tree / "notes").exists() and (tree / "src" / "dc.h").exists()
    with tarfile.open(tree / "ciforge-dist" / "cgi.tar.gz") as tarball:
        assert "cgi/src/main.c" in tarball.getnames()
    with tarfile.open(tree.parent / "home" / "dist.tar") as handed_on:
        assert "ciforge-dist/cgi.tar.gz" in handed_on.getnames()


@pytest.mark.slow
def test_tarball_with_an_entry_of_the_name_of_its_folder_is_unpacked_whole(tree: Path) -> None:
    (tree / "cgi").mkdir()
    (tree / "cgi" / "cgi.c").write_text("int x;\n")
    assert _dist(tree).returncode == 0
    home, other = tree.parent / "home", tree.parent / "other"
    (home / "dist.tar").rename(home / "needed,cgi,debian-13,dist.tar")
    other.mkdir()
    (other / "left").write_text("")
    job = one(
        "cgi/debian-13/tarball", TEXT.replace("cgi/debian-13]", '"cgi/debian-13/{dist,tarball}"]')
    )
    unpack = job.steps[0].run.replace("/ciforge/home", shlex.quote(str(home)))
    done = subprocess.run(
        ["sh", "-e", "-c", unpack], cwd=other, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (other / "cgi" / "cgi.c").read_text() == "int x;\n"
    assert sorted(path.name for path in other.iterdir()) == [
        ".gitattributes",
        "LICENSE",
        "Makefile",
        "cgi",
        "src",
    ]


@pytest.mark.slow
def test_header_that_the_archive_leaves_out_is_named_with_what_includes_it(tree: Path) -> None:
    (tree / ".gitattributes").write_text("*.h export-ignore\n")
    done = _dist(tree)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "src/main.c:1:1: error: src/dc.h is in the tree but not in the tarball: "
        "export-ignore in .gitattributes, or a dist script, leaves it out"
    )


@pytest.mark.slow
def test_step_that_fails_on_the_tarball_names_the_file_that_it_lacks(tree: Path) -> None:
    (tree / ".gitattributes").write_text("/LICENSE export-ignore\n/notes export-ignore\n")
    assert _dist(tree).returncode == 0
    home = shlex.quote(str(tree.parent / "home"))
    build = step(one("cgi/debian-13/dist"), "build").run.replace("/ciforge/home", home)
    done = subprocess.run(
        ["sh", "-e", "-c", build], cwd=tree, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1].startswith(
        "Makefile:1:1: error: LICENSE is in the tree but not in the tarball: export-ignore"
    )
    assert "notes" not in done.stdout


@pytest.mark.slow
@each(
    ("target", "told"),
    [
        ("dist:\n\ttrue\n", "dist: no .tar.gz"),
        ("dist: missing.h\n", "missing.h"),
        (
            "dist:\n\ttar -czf x.tar.gz src LICENSE\n",
            "does not have all of its files in one folder",
        ),
    ],
)
def test_target_dist_that_makes_no_release_tarball_fails(
    target: str, told: str, tmp_path: Path
) -> None:
    folder = tmp_path / told.replace("/", "-").replace(" ", "-")
    (folder / "src").mkdir(parents=True)
    (folder / "LICENSE").write_text("")
    (folder / "Makefile").write_text(f"all:\n{target}")
    done = _dist(folder)
    assert done.returncode != 0
    assert told in done.stderr
