"""The file for GitLab CI: a job of it, in a container on the real engine that plays GitLab's runner.

https://docs.gitlab.com/ci/yaml/script/: `before_script` and `script` are one script, which ends with the first
command that fails; `after_script` is another, whose exit status does not count. What stands in here: the image
is the base image of the local run, the engine is this machine's in place of docker:dind, and a variable names a
base image that is here.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from rig import (
    EXAMPLES,
    HELLO_13,
    PATIENCE,
    Ended,
    Person,
    allow_failure,
    commit,
    compiled_hello,
    git,
    hello,
    load,
)

FILE = Path(".gitlab", "ciforge.yml")
CLONE = "/builds/group/hello"
CACHE = ".ciforge-cache"
SOCKET = "/var/run/docker.sock"


def docker(*words: object, check: bool) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker", *map(str, words)], text=True, errors="replace", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=check,
    )  # fmt: skip


@attrs.frozen
class Ran:
    """What the service would know of a job: how its script ended, what it printed, its artifacts."""

    code: int
    allowed: bool
    out: str
    artifacts: Path

    @property
    def passed(self) -> bool:
        """Whether the pipeline goes on as if it had passed."""
        return self.code == 0 or self.allowed

    @property
    def result(self) -> dict[str, Any]:
        (file,) = self.artifacts.glob("*/result.json")
        found: dict[str, Any] = json.loads(file.read_text())
        return found


def base(run: Ended) -> str:
    """The base image that a local run had."""
    name: str = run.results[HELLO_13]["base"].partition("@")[0]
    return name


@pytest.fixture(scope="module")
def runner(hello_run: Ended) -> Iterator[str]:
    """A container in which jobs run one after the other."""
    made = docker(
        "run", "-d", "-v", f"{SOCKET}:{SOCKET}", base(hello_run), "sleep", "3000", check=True
    )
    container = made.stdout.strip().splitlines()[-1]
    yield container
    docker("rm", "-f", "-v", container, check=True)


def ran(tree: Path, home: Path, runner: str, image: str, **more: str) -> Ran:
    """The job of Debian 13, to its end. The folder of caches comes from `home` and goes back there."""
    document: dict[str, Any] = yaml.safe_load((tree / FILE).read_text())
    template, own = document[".ciforge"], document[HELLO_13]
    assert own["extends"] == ".ciforge"
    git(home, "clone", "--quiet", str(tree), "clone")
    docker("exec", runner, "sh", "-c", f"rm -rf /builds /tmp/ciforge; mkdir -p {CLONE}", check=True)
    docker("cp", f"{home}/clone/.", f"{runner}:{CLONE}", check=True)
    if (home / CACHE).exists():
        docker("cp", f"{home}/{CACHE}", f"{runner}:{CLONE}", check=True)
        shutil.rmtree(home / CACHE)
    variables = {
        **template["variables"], **own["variables"], "GITLAB_CI": "true", "CI_PROJECT_DIR": CLONE,
        "CI_SERVER_URL": "https://gitlab.example.org", "CI_PROJECT_PATH": "group/hello",
        "CIFORGE_BASE_DEBIAN_13": image, "DOCKER_HOST": f"unix://{SOCKET}", **more,
    }  # fmt: skip
    del variables["DOCKER_TLS_VERIFY"], variables["DOCKER_CERT_PATH"]
    done = session(runner, [*template["before_script"], *template["script"]], variables)
    status = {"CI_JOB_STATUS": "failed" if done.returncode else "success"}
    after = session(runner, template["after_script"], variables | status)
    for path in template["artifacts"]["paths"]:
        docker("cp", f"{runner}:{CLONE}/{path}", f"{home}/artifacts", check=False)
    docker("cp", f"{runner}:{CLONE}/{CACHE}", f"{home}", check=False)
    codes = own.get("allow_failure", {}).get("exit_codes")
    return Ran(
        done.returncode, done.returncode == codes, done.stdout + after.stdout, home / "artifacts"
    )


def session(
    runner: str, commands: list[str], variables: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    script = "".join(f"{command}\n" for command in commands)
    return docker(
        "exec",
        "-w",
        CLONE,
        runner,
        "bash",
        "-c",
        f"set -eo pipefail\n{exports}{script}",
        check=False,
    )


def with_file(tree: Path, home: Path) -> Person:
    person = Person(tree, home)
    done = person.types("generate", "--target", "gitlab", HELLO_13)
    assert done.code == 0, done.told
    commit(tree, "Generate the jobs")
    return person


def test_gitlab_job_ends_as_the_local_one_and_its_artifacts_are_collected(
    hello_run: Ended, runner: str, tmp_path: Path
) -> None:
    person = with_file(hello(tmp_path / "hello"), tmp_path)
    made = ran(person.here, tmp_path, runner, base(hello_run))
    assert made.code == 0, made.out
    ours = hello_run.results[HELLO_13]
    for key in ("job", "status", "failed_step", "packages", "artifacts", "tail"):
        assert made.result[key] == ours[key]
    assert made.result["source"]["origin"] == "https://gitlab.example.org/group/hello"
    assert "section_start:" in made.out
    collected = person.types("collect", made.artifacts)
    assert collected.code == 0, collected.told
    shown = person.types("status", "--json")
    (row,) = [json.loads(line) for line in shown.out.splitlines() if f'"{HELLO_13}"' in line]
    assert row["status"] == "passed"


def test_gitlab_job_of_a_broken_tree_ends_with_the_allowed_status(
    hello_run: Ended, runner: str, tmp_path: Path
) -> None:
    tree = compiled_hello(tmp_path / "hello")
    git(tree, "apply", str(EXAMPLES / "hello-portable" / "breaks" / "missing-include.patch"))
    with_file(tree, tmp_path)
    strict = yaml.safe_load((tree / FILE).read_text())
    allow_failure(tree)
    with_file(tree, tmp_path)
    lenient = yaml.safe_load((tree / FILE).read_text())
    made = ran(tree, tmp_path, runner, base(hello_run))
    assert (made.code, made.passed) == (10, True), made.out
    # Nothing but what GitLab itself reads differs: without it the same script ends as it ended here.
    assert lenient[HELLO_13].pop("allow_failure") == {"exit_codes": made.code}
    assert lenient == strict
    assert (made.result["status"], made.result["failed_step"]) == ("failed", "build")


HITS = "ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print \"hits \" n + 0 }'"


def test_gitlab_push_keeps_results_of_compilers_and_a_merge_request_only_reads_them(
    hello_run: Ended, runner: str, tmp_path: Path
) -> None:
    tree = compiled_hello(tmp_path / "hello")
    document = load(tree / "ciforge.yml")
    document["repos"]["hello"] |= {"branches": ["main"]}
    document["repos"]["hello"]["steps"]["hits"] = {"after": "build", "run": HITS}
    (tree / "ciforge.yml").write_text(json.dumps(document))
    with_file(tree, tmp_path)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    pushed = ran(tree, first, runner, base(hello_run), CI_PIPELINE_SOURCE="push")
    assert pushed.code == 0, pushed.out
    kept = first / CACHE / "ciforge-ccache" / "ccache.tar"
    shutil.copytree(first / CACHE, second / CACHE)
    assert kept.stat().st_size > 0
    merged = ran(tree, second, runner, base(hello_run), CI_PIPELINE_SOURCE="merge_request_event")
    before, after = (
        int(re.findall(r"^hits (\d+)", run.out, re.MULTILINE)[0]) for run in (pushed, merged)
    )
    assert before < after, merged.out
    assert merged.result["source"]["changes"] == 0
    assert not list((second / CACHE).rglob("*.tar")), "a merge request leaves nothing"


def test_gitlab_job_without_its_base_image_is_not_an_allowed_failure(
    runner: str, tmp_path: Path
) -> None:
    tree = hello(tmp_path / "hello")
    allow_failure(tree)
    with_file(tree, tmp_path)
    made = ran(tree, tmp_path, runner, "registry.invalid/nothing")
    assert (made.code, made.passed) == (3, False), made.out
    assert made.result["status"] == "infrastructure"


def test_gitlab_job_without_an_engine_is_not_an_allowed_failure(
    runner: str, tmp_path: Path
) -> None:
    """`before_script` waits for it, and ends with another status than that of the source."""
    document = yaml.safe_load(
        (with_file(hello(tmp_path / "hello"), tmp_path).here / FILE).read_text()
    )
    (wait,) = [line for line in document[".ciforge"]["before_script"] if "docker version" in line]
    docker("exec", runner, "mkdir", "-p", CLONE, check=True)
    done = session(
        runner, [wait.replace("timeout 120", "timeout 3")], {"DOCKER_HOST": "tcp://127.0.0.1:1"}
    )
    assert done.returncode == 124, done.stdout
