"""What a hosted machine makes of the files in the tree is what a local run has, byte for byte."""

import difflib
import itertools
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from job_trees import in_tree
from projects import EVERY_SHELL, ROOT, example, jobs, real_catalogue
from torture import torture

from ciforge.ci.job_files import job_files
from ciforge.ci.shared_texts import JobTraits, SharedTexts
from ciforge.model.job import Job
from ciforge.render.dockerfile import dockerfile
from ciforge.render.step_script import step_script
from ciforge.render.wrapper import SCRIPTS
from tests.tables import mostly_slow

pytestmark = pytest.mark.slow

UNPACK = {"unpack.sh": (ROOT / "workflows" / "hosted" / "unpack.sh").read_text()}
SMALL = """
project: p
repos: {one: {path: ., recipe: autotools}}
variants: {other: {env: {A: b}}}
jobs: ["one/debian-13/{default,other}", one/debian-12/default]
"""


def unpacked(tree: Path, job: str, home: Path, shell: Sequence[str] = ("sh",)) -> dict[str, bytes]:
    """The files of one job, as `unpack.sh` makes them."""
    env = {"CIFORGE_JOB": job, "CIFORGE_HOME": str(home), "PATH": "/usr/bin:/bin"}
    subprocess.run([*shell, "-e", tree / "unpack.sh"], env=env, check=True)
    return {str(f.relative_to(home)): f.read_bytes() for f in home.rglob("*") if f.is_file()}


def expected(job: Job) -> dict[str, bytes]:
    """What a local run builds its image and container from."""
    own = {
        "Dockerfile": dockerfile(job),
        "job": f"{job.id}\n",
        **{f"bin/{name}": text for name, text in SCRIPTS.items()},
        **{f"steps/{step.name}.sh": step_script(job, step) for step in job.steps},
    }
    return {name: text.encode() for name, text in own.items()}


@pytest.mark.parametrize("name", mostly_slow(["hello-portable", "opensmtpd"]))
def test_unpacked_job_equals_the_local_job(name: str, tmp_path: Path) -> None:
    found = [job for job in example(name).jobs if not job.skipped]
    tree = in_tree(job_files(found, UNPACK), tmp_path / "tree")
    for job in found:
        home = unpacked(tree, job.id, tmp_path / "home")
        assert {name: home[name] for name in expected(job)} == expected(job)
        assert {name.partition("/")[0] for name in home} == {
            "Dockerfile", "bin", "facts", "job", "step-list", "steps", "unknown", "unreachable", "versions",
        }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_unpack_script_keeps_hostile_texts_in_every_shell(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    found = [job for job in jobs(torture(2)).values() if not job.skipped]
    tree = in_tree(job_files(found, UNPACK), tmp_path / "tree")
    for job in (found[0], found[-1]):
        home = unpacked(tree, job.id, tmp_path / "home", shell)
        assert {name: home[name] for name in expected(job)} == expected(job)


def test_facts_of_an_unpacked_job_are_those_of_the_job(tmp_path: Path) -> None:
    text = SMALL.replace("recipe: autotools", 'recipe: autotools, builddir: "it\'s $HOME"')
    for job in jobs(text).values():
        tree = in_tree(job_files([job], UNPACK), tmp_path / "tree")
        home = unpacked(tree, job.id, tmp_path / "home")
        script = '. "$1"; printf "%s\\n" "$repo" "$release" "$platform" "$variable" "$builddir" "$artifacts"'
        done = subprocess.run(
            ["sh", "-euc", script, "sh", tmp_path / "home" / "facts"], capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.splitlines() == [
            "one", job.release_id, "linux/amd64",
            "CIFORGE_BASE_" + job.release_id.upper().replace("-", "_"), "it's $HOME/", "config.log config.h",
        ]  # fmt: skip
        assert f"\nARG BASE={job.release.image}\n" in f"\n{home['Dockerfile'].decode()}"
        rows = [line.split() for line in home["step-list"].decode().splitlines()]
        assert [(row[0], int(row[3])) for row in rows] == [(s.name, s.timeout) for s in job.steps]


def test_time_limit_of_an_unpacked_job_reaches_its_scripts(tmp_path: Path) -> None:
    text = SMALL.replace("one/debian-12/default]", "{job: one/debian-12/default, timeout: 3h}]")
    found = jobs(text)
    tree = in_tree(job_files(list(found.values()), UNPACK), tmp_path / "tree")
    limits = {}
    for id_ in found:
        facts = unpacked(tree, id_, tmp_path / "home")["facts"].decode()
        limits[id_] = [line.split()[0] for line in facts.splitlines() if line.startswith("limit=")]
    assert limits.pop("one/debian-12/default") == ["limit=10800"]
    assert set(map(tuple, limits.values())) == {("limit=7200",)}


def test_unpack_script_refuses_an_unknown_job(tmp_path: Path) -> None:
    tree = in_tree(job_files(list(jobs(SMALL).values()), UNPACK), tmp_path)
    env = {"CIFORGE_JOB": "one/debian-13", "CIFORGE_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}  # fmt: skip
    done = subprocess.run(["sh", tree / "unpack.sh"], env=env, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "ciforge: jobs.txt has no job one/debian-13\n")
    assert not (tmp_path / "home").exists()


def test_text_shared_by_jobs_is_one_file() -> None:
    made = job_files(list(jobs(SMALL).values()), {})
    texts = [text for name, text in made.items() if not name.startswith("managers/")]
    assert len(set(texts)) == len(texts)
    assert made["env/other.sh"] == "export A=b\n"
    assert {name for name in made if name.startswith(("images", "users", "folders", "recipes"))} == {
        "images/debian-13.Dockerfile", "images/debian-12.Dockerfile", "users/default.Dockerfile", "folders/default.Dockerfile",
        "recipes/default.sh", "recipes/other.sh",
    }  # fmt: skip


def test_each_expression_of_a_package_manager_is_a_line_of_its_file() -> None:
    (job, *_) = jobs(SMALL, real_catalogue()).values()
    made, apt = job_files([job], {}), job.manager
    assert made["managers/apt.unreachable"].splitlines() == [
        *apt.unreachable, *apt.full, *apt.incomplete,
    ]  # fmt: skip
    assert len(made["managers/apt.unknown"].splitlines()) == len(apt.unknown_package) > 1


def test_project_edit_changes_one_line_of_one_job_file() -> None:
    before, after = (job_files(list(jobs(text).values()), UNPACK) for text in (SMALL, SMALL.replace("A: b", "A: c")))  # fmt: skip
    changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    assert set(before) == set(after)
    assert changed == {"env/other.sh": ("export A=b\n", "export A=c\n")}


def test_another_release_adds_one_image_and_one_row_to_the_job_files() -> None:
    more = SMALL.replace("one/debian-12/default]", "one/debian-12/default, one/debian-11/default]")
    before, after = (job_files(list(jobs(text).values()), UNPACK) for text in (SMALL, more))
    assert set(after) - set(before) == {"images/debian-11.Dockerfile"}
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["jobs.txt"]
    lines = difflib.ndiff(before["jobs.txt"].splitlines(), after["jobs.txt"].splitlines())
    assert [line for line in lines if line[0] in "+-?"] == [
        "+ one/debian-11/default debian-11 default default apt linux/amd64 default false -"
    ]


def test_names_of_shared_texts_differ_whatever_the_jobs_have_in_common() -> None:
    found = [job for job in jobs(torture(4)).values() if not job.skipped][:12]
    for split in itertools.product((1, 2, 3), repeat=2):
        texts = SharedTexts()
        for number, job in enumerate(found):
            texts.add(f"{number % split[0]}", job)
            texts.add(f"{number % split[1]} more", job)
        names = texts.named("{}.sh", JobTraits.of(found), first="default.sh")
        assert len(set(names.values())) == len(names)
