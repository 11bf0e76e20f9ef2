"""Jobs of the built-in variants as files of a tree: the same bytes as a local run has, and their facts."""

from pathlib import Path

from job_trees import in_tree
from projects import jobs, real_catalogue
from test_job_files import UNPACK, expected, unpacked

from ciforge.ci.job_files import job_files
from ciforge.model.cross import TOOLS
from ciforge.model.job import Job

TEXT = """
project: p
repos:
  one: {path: ., recipe: autotools, dependencies: [libevent], steps: {smoke: {run: "make {x} $HOME 'a'"}}}
jobs: ["one/{openbsd-7.9,freebsd-14,alpine-3.23}/cross", one/debian-13/cross@s390x, one/debian-13/posix]
"""


def made(tmp_path: Path) -> dict[str, tuple[Job, dict[str, bytes]]]:
    found = jobs(TEXT, real_catalogue())
    tree = in_tree(job_files(list(found.values()), UNPACK), tmp_path / "tree")
    return {id_: (job, unpacked(tree, id_, tmp_path / "home")) for id_, job in found.items()}


def test_unpacked_cross_check_equals_the_local_one(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert {id_.partition("/")[2] for id_ in found} == {
        "openbsd-7.9/cross", "freebsd-14/cross", "alpine-3.23/cross", "debian-13/cross@s390x",
        "debian-13/posix",
    }  # fmt: skip
    for job, home in found.values():
        assert {name: home[name] for name in expected(job)} == expected(job)


def test_unpacked_cross_check_starts_from_the_image_of_its_machine(tmp_path: Path) -> None:
    for job, home in made(tmp_path).values():
        facts = dict(line.partition("=")[::2] for line in home["facts"].decode().splitlines())
        assert facts["release"] == job.release_id
        assert b"\nARG BASE=docker.io/library/debian:trixie-slim\n" in b"\n" + home["Dockerfile"]
        assert facts["variable"] == "CIFORGE_BASE_DEBIAN_13"
        assert facts["platform"] == "linux/amd64"


def test_results_of_a_cross_compiler_depend_on_its_version_target_and_flags(tmp_path: Path) -> None:
    for job, home in made(tmp_path).values():
        lines = home["Dockerfile"].decode().splitlines()
        found = [line for line in lines if line.startswith("ENV CCACHE_EXTRAFILES=")]
        files = ":".join(f"{TOOLS}/{name}" for name in ("pin", "target", "flags-cc", "flags-c++"))
        assert found == [f"ENV CCACHE_EXTRAFILES={files}"] * (job.variant == "cross"), job.id
