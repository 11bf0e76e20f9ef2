"""When the engine, a mirror or a registry fails, nothing is said about the source: exit code 3."""

import json
from pathlib import Path

import pytest
from rig import HELLO_13, Document, Ended, Person, add_to_project, hello, load

from ciforge.resources import data_folder

NOBODY = "127.0.0.1:9"
"""A port of this machine at which nobody listens."""
DEAD_MIRROR = [
    "rm -f /etc/apt/sources.list.d/*",
    f"echo 'deb http://{NOBODY}/debian trixie main' >/etc/apt/sources.list",
]


@pytest.mark.parametrize("address", ["unix:///nonexistent", "tcp://127.0.0.1:1", "nonsense://"])
def test_run_without_an_engine_prints_one_line_and_one_hint(in_hello: Person, address: str) -> None:
    run = in_hello.runs(HELLO_13, DOCKER_HOST=address)
    assert run.code == 3, run.told
    assert run.out == ""
    line, hint = run.err.splitlines()
    assert line.startswith(f"ciforge: no Docker engine answers (DOCKER_HOST is {address}): ")
    assert hint.startswith("hint: ")


def test_run_without_an_engine_is_not_recorded(in_hello: Person) -> None:
    in_hello.runs(HELLO_13, DOCKER_HOST="unix:///nonexistent")
    assert in_hello.types("history").out == ""


def test_commands_that_need_no_engine_work_without_an_engine(in_hello: Person) -> None:
    assert in_hello.types("jobs", DOCKER_HOST="unix:///nonexistent").code == 0
    assert in_hello.types("script", HELLO_13, DOCKER_HOST="unix:///nonexistent").code == 0


@pytest.fixture(scope="module")
def run(hello_run: Ended, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A distribution whose mirror is dead, and one whose image no registry serves."""
    home = tmp_path_factory.mktemp("trouble")
    tree = hello(home / "hello")
    add_to_project(tree)
    _describe(tree, "debian", setup=DEAD_MIRROR)
    _describe(tree, "nowhere", image=f"{NOBODY}/nowhere:13")
    project = load(tree / "ciforge.yml")
    project["jobs"] = ["debian-13/default", "nowhere-13/default"]
    (tree / "ciforge.yml").write_text(json.dumps(project))
    base = hello_run.results[HELLO_13]["base"].partition("@")[0]
    return Person(tree, home).runs(CIFORGE_BASE_DEBIAN_13=base)


def _describe(tree: Path, name: str, *, image: str = "", setup: list[str] | None = None) -> None:
    """Debian's descriptor under a name of its own, changed, beside the project file."""
    document: Document = load(data_folder("distros") / "debian.yml")
    document |= {"distribution": name, "setup": setup or []}
    del document["bootstrap"]  # only a descriptor of ciforge may have one
    if image:
        document["releases"] = [one | {"image": image} for one in document["releases"]]
    (tree / "distros").mkdir(exist_ok=True)
    (tree / "distros" / f"{name}.yml").write_text(json.dumps(document, indent=1))


def test_unreachable_mirror_ends_as_infrastructure(run: Ended) -> None:
    assert run.code == 3, run.told
    result = run.results[HELLO_13]
    assert (result["status"], result["failed_step"]) == ("infrastructure", "prepare")
    assert "the package mirror does not answer" in result["reason"]
    assert any(f"http://{NOBODY}/debian" in line for line in result["tail"])


def test_image_that_no_registry_serves_ends_as_infrastructure(run: Ended) -> None:
    result = run.results["hello/nowhere-13/default"]
    assert (result["status"], result["failed_step"]) == ("infrastructure", "prepare")
    assert f"no base image {NOBODY}/nowhere:13" in result["reason"]
    assert "CIFORGE_BASE_NOWHERE_13=IMAGE" in result["reason"]


def test_summary_counts_unreachable_mirrors_as_infrastructure(run: Ended) -> None:
    assert "2 infrastructure" in run.out.splitlines()[-1]
    assert "passed" not in run.out
