"""What a step finds in its box: users, homes, the network; and what becomes of boxes and caches."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import Document, Ended, Person, boxes, hello, load, together, trial

JOB = "tree/debian-13/default"
USERS = {"_hello": "/var/empty", "daemon": "/var/elsewhere", "_other": "/var/other"}
WHO = "id -un; id -u; echo HOME=$HOME"
STEPS: Document = {
    "install": {"run": WHO},
    "plain": {"run": WHO},
    "other": {"run": WHO, "as": "_other"},
    "rooted": {"run": WHO, "as": "root"},
    "accounts": {"run": "getent passwd daemon _other; getent group _other"},
    "offline": {"run": "ls /sys/class/net"},
    "online": {
        "network": True,
        "run": "grep -rhoE 'https?://[^/ ]+' /etc/apt/sources.list* | head -n 1 >mirror\n"
        "host=$(sed 's|.*//||' mirror)\n"
        'bash -c "exec 3<>/dev/tcp/${host%:*}/80" && echo reached',
    },
    "offline-again": {"run": "ls /sys/class/net"},
    "surroundings": {"run": "pwd; cat README; echo $LC_ALL $TZ; umask; test -t 0 || echo no tty"},
}

FALL = "echo of the box that was kept >mark; exit 7"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("boxes")


@pytest.fixture(scope="module")
def run(home: Path) -> Ended:
    folder = trial(home / "users", STEPS, repo={"users": USERS})
    ended = Person(folder, home).runs(JOB)
    assert ended.code == 0, ended.told
    return ended


def test_steps_run_as_an_unprivileged_user(run: Ended) -> None:
    name, number, home = run.step(JOB, "plain")
    assert (name, home) == ("ciforge", "HOME=/ciforge/home")
    assert int(number) != 0


@pytest.mark.parametrize("step", ["install", "rooted"])
def test_install_and_steps_with_as_root_run_as_root(run: Ended, step: str) -> None:
    assert run.step(JOB, step)[:2] == ["root", "0"]


def test_step_with_another_user_has_the_home_of_that_user(run: Ended) -> None:
    assert run.step(JOB, "other")[::2] == ["_other", "HOME=/var/other"]


def test_users_are_created_with_homes_and_existing_ones_are_kept(run: Ended) -> None:
    daemon, other, group = (line.split(":") for line in run.step(JOB, "accounts"))
    assert daemon[5] == "/usr/sbin"
    assert other[5] == "/var/other"
    assert (group[0], group[2]) == ("_other", other[3])


@pytest.mark.parametrize("step", ["offline", "offline-again"])
def test_step_without_network_key_has_no_network(run: Ended, step: str) -> None:
    assert run.step(JOB, step) == ["lo"]


def test_step_with_network_key_reaches_the_mirror(run: Ended) -> None:
    assert run.step(JOB, "online") == ["reached"]


def test_step_begins_in_the_source_with_a_plain_environment(run: Ended) -> None:
    assert run.step(JOB, "surroundings") == [
        "/ciforge/src", "A tree with next to nothing in it.", "C UTC", "0022", "no tty",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def failing(home: Path) -> Person:
    return Person(trial(home / "failing", {"fall": {"run": FALL}}), home)


def test_run_without_keep_leaves_no_container(failing: Person, engine: Any) -> None:
    run = failing.runs(JOB)
    assert run.code == 1, run.told
    assert boxes(engine, run=run.folder.name) == []
    assert run.result["box"] == ""


def test_keep_leaves_the_container_of_a_failed_job(failing: Person, engine: Any) -> None:
    run = failing.runs(JOB, "--keep")
    try:
        (box,) = boxes(engine, run=run.folder.name)
        assert run.result["box"] == box["Id"][:12]
        assert f"    shell   ciforge shell {JOB}" in run.out.splitlines()
        assert failing.runs(JOB).code == 1  # which sweeps, and leaves this one alone
        looked = failing.types("shell", JOB, text="cat mark; id -un; exit 5\n")
        assert (looked.code, looked.out) == (5, "of the box that was kept\nciforge\n")
    finally:
        for box in boxes(engine, run=run.folder.name):
            engine.containers.get(box["Id"]).remove(force=True)


def test_keep_leaves_no_container_of_a_passed_job(home: Path, engine: Any) -> None:
    folder = trial(home / "passing", {"stand": {"run": "true"}})
    run = Person(folder, home).runs(JOB, "--keep")
    assert run.code == 0, run.told
    assert boxes(engine, run=run.folder.name) == []


@pytest.fixture(scope="module")
def cached(home: Path, engine: Any) -> Iterator[list[Ended]]:
    """The example three times: with an empty cache, with a full one, and with none."""
    tree = hello(home / "cached")
    project = load(tree / "ciforge.yml") | {"project": f"cached-{home.parent.name}"}
    stats = {"after": "build", "run": "echo ${CCACHE_DIR:-unset}; ccache --print-stats"}
    project["repos"]["hello"]["steps"]["stats"] = stats
    (tree / "ciforge.yml").write_text(json.dumps(project))
    person = Person(tree, home)
    job = "hello/debian-13/default"
    first = person.runs(job)
    yield [first, *together(lambda words: person.runs(job, *words), [[], ["--no-cache"]])]
    for volume in _volumes(engine, project["project"]):
        volume.remove()


def _volumes(engine: Any, project: str) -> list[Any]:
    found: list[Any] = engine.volumes.list(filters={"label": f"org.ciforge.ccache={project}"})
    return found


def _hits(run: Ended) -> int:
    lines = run.step("hello/debian-13/default", "stats")
    words = dict(line.split("\t", 1) for line in lines if "\t" in line)
    return int(words["direct_cache_hit"]) + int(words["preprocessed_cache_hit"])


def test_second_build_is_read_from_the_compiler_cache(cached: list[Ended]) -> None:
    assert [run.code for run in cached] == [0, 0, 0]
    assert _hits(cached[0]) < _hits(cached[1])


def test_no_cache_option_disables_the_caches(cached: list[Ended]) -> None:
    places = [run.step("hello/debian-13/default", "stats")[0] for run in cached]
    assert places == ["/ciforge/ccache", "/ciforge/ccache", "unset"]
    assert _hits(cached[2]) == 0


def test_second_configure_reads_the_configure_cache(cached: list[Ended]) -> None:
    job = "hello/debian-13/default"
    loads = [any("loading cache" in one for one in run.step(job, "configure")) for run in cached]
    assert loads == [False, True, False]
    assert "starting again" not in cached[1].log(job)


def test_configure_with_a_cache_has_the_same_outcome(cached: list[Ended]) -> None:
    found = [run.job("hello/debian-13/default") / "artifacts/config.h" for run in cached]
    assert len({file.read_bytes() for file in found}) == 1


FORGETFUL = """
AC_CACHE_CHECK([for what only asking finds], [hello_cv_found],
    [hello_cv_found=yes; AC_DEFINE([HAVE_FOUND], [1], [Found.])])
"""


def test_configure_that_differs_with_a_cache_runs_without_it(home: Path, engine: Any) -> None:
    tree = hello(home / "forgetful")
    file = tree / "configure.ac"
    file.write_text(file.read_text().replace("AC_CONFIG_FILES", f"{FORGETFUL}\nAC_CONFIG_FILES"))
    name = f"forgetful-{home.parent.name}"
    project = load(tree / "ciforge.yml") | {"project": name}
    project["repos"]["hello"]["expect"]["config.h"].append("HAVE_FOUND")
    (tree / "ciforge.yml").write_text(json.dumps(project))
    job = "hello/debian-13/default"
    try:
        runs = [Person(tree, home).runs(job) for _ in range(3)]
    finally:
        for volume in _volumes(engine, name):
            volume.remove()
    assert [run.code for run in runs] == [0, 0, 0], runs[1].told
    assert ["starting again without the cache" in run.log(job) for run in runs] == [
        False,
        True,
        False,
    ]
    steps = [one["name"] for one in runs[1].result["steps"]]
    assert steps == ["prepare", "bootstrap", "configure", "build", "check", "install", "expect"]


def test_compiler_cache_belongs_to_one_project_and_job(
    cached: list[Ended], engine: Any, home: Path
) -> None:
    assert len(_volumes(engine, f"cached-{home.parent.name}")) == 1
