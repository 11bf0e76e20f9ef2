"""`ciforge try` as a person types it: a server that answers as GitHub's manual says, and act as the runner behind it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest
from acting import Acted, act
from api import archive, packed
from rig import (
    EXAMPLES,
    HELLO_13,
    PATIENCE,
    Ended,
    Person,
    commit,
    compiled_hello,
    git,
    hello,
    load,
)
from test_real_forgejo import base, ran
from test_real_generate import bases, with_workflow
from test_real_sourcehut import Built, built
from test_real_sourcehut import result as result_of

from tests.dispatching import ForgejoService, JobEnd, Runner, Service, dispatching
from tests.dispatching_sourcehut import SourcehutService

ADDRESS = "https://github.com/example/hello.git"
SECRET = "s3cret-of-the-mail-server"


@attrs.define
class ActRunner:
    """Runs the workflow of the branch that was pushed, from a clone of the remote."""

    home: Path
    bases: Mapping[str, str]
    acted: Acted | None = None

    def __call__(self, revision: str, jobs: Sequence[str]) -> Mapping[str, JobEnd]:
        clone = self.home / "clone"
        (branch,) = git(
            self.home / "remote.git", "for-each-ref", "--format=%(refname:lstrip=2)",
            f"--points-at={revision}", "refs/heads",
        ).split()  # fmt: skip
        git(self.home, "clone", "--quiet", "--branch", branch, "remote.git", str(clone))
        self.acted = act(
            clone, " ".join(jobs), self.bases, self.home / "act", seconds=PATIENCE,
            secrets={"CIFORGE_MAIL_PASSWORD": SECRET},
        )  # fmt: skip
        return {job: self._end(self.acted, job) for job in jobs}

    def _end(self, acted: Acted, job: str) -> JobEnd:
        folder = acted.folder(job)
        files = [path for path in folder.rglob("*") if path.is_file()]
        data = packed({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
        return JobEnd("failure" if acted.failed(job) else "success", data)


def publish(person: Person, remote: Path, address: str) -> None:
    """Pushes the tree to the service; the person's git has the test's repository at its address."""
    (person.home / ".gitconfig").write_text(f'[url "{remote}"]\ninsteadOf = {address}\n')
    replaced = ("-c", f"url.{remote}.insteadOf={address}")
    git(person.here, *replaced, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    git(person.here, *replaced, "fetch", "--quiet", "origin")


@contextmanager
def on_the_service(person: Person, runner: Runner) -> Iterator[Service]:
    """The service, whose repository has the last commit of the person's tree on its default branch."""
    remote = person.home / "remote.git"
    git(person.home, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(person.here, "remote", "add", "origin", ADDRESS)
    publish(person, remote, ADDRESS)
    with dispatching(Service(remote, runner, patience=0, background=True)) as service:
        yield service


def tries(person: Person, service: Service, *words: str) -> Ended:
    return person.types(
        "try", "--yes", *words, GITHUB_TOKEN="s3cret", GITHUB_API_URL=service.address,
        GITHUB_SERVER_URL="https://github.com",
    )  # fmt: skip


def test_try_of_a_broken_tree_ends_as_the_local_run(hello_run: Ended, tmp_path: Path) -> None:
    person = with_workflow(compiled_hello(tmp_path / "tree"), tmp_path)
    patch = EXAMPLES / "hello-portable" / "breaks" / "missing-include.patch"
    git(person.here, "apply", str(patch))
    local = person.runs(HELLO_13, "--no-cache")
    with on_the_service(person, ActRunner(tmp_path, bases(hello_run))) as service:
        done = tries(person, service, HELLO_13)
        assert done.code == local.code == 1, done.told
        assert service.branches() == ["main"]
    for key in ("status", "failed_step", "reason", "limit", "allow_failure"):
        assert done.result[key] == local.result[key]
    causes = [out.splitlines()[0] for out in (done.out, local.out)]
    assert causes == ["1. errx undeclared  src/hello.c:53"] * 2
    assert f"repeat  ciforge try {HELLO_13}" in done.out
    assert "--- ciforge: build ---" in done.log(HELLO_13)
    assert git(person.here, "status", "--porcelain") == "M src/hello.c"


def test_try_of_a_project_with_mail_runs_no_notify_and_gets_no_secret(
    hello_run: Ended, tmp_path: Path
) -> None:
    tree = compiled_hello(tmp_path / "tree")
    document = load(tree / "ciforge.yml")
    document["mail"] = {"from": "ci@example.org", "routes": [{"job": "*", "to": "a@example.org"}]}
    document["ciforge"] = {"install": "pipx install ciforge==0.0.1"}
    document["repos"]["hello"]["branches"] = ["main"]
    (tree / "ciforge.yml").write_text(json.dumps(document))
    person = with_workflow(tree, tmp_path)
    runner = ActRunner(tmp_path, bases(hello_run))
    with on_the_service(person, runner) as service:
        done = tries(person, service, HELLO_13)
        assert done.code == 0, done.told
        assert service.branches() == ["main"]
    assert runner.acted is not None
    assert set(runner.acted.ends("gate").values()) == {"Success"}
    assert "notify" not in runner.acted.out and "keep caches" not in runner.acted.out
    kept = [path.read_bytes() for path in runner.acted.artifacts.rglob("*") if path.is_file()]
    assert kept and not any(SECRET.encode() in data for data in kept)
    assert "1 passed" in done.out
    assert not list(person.state.rglob("incidents.db"))


def test_try_of_a_hostile_checkout_runs_no_program_of_it(tmp_path: Path) -> None:
    """Its runner leaves the result of another job, and none for this one."""
    mark = tmp_path / "ran"
    person = with_workflow(hello(tmp_path / "tree"), tmp_path)
    (person.here / ".gitattributes").write_text("* filter=x\n")
    commit(person.here, "Filter")
    forged = JobEnd("success", archive("hello/debian-12/default", "passed"))
    with on_the_service(person, lambda _commit, jobs: dict.fromkeys(jobs, forged)) as service:
        for name in ("filter.x.clean", "filter.x.process", "core.fsmonitor", "core.sshCommand"):
            git(person.here, "config", name, f"touch {mark}")
        for name in ("pre-push", "post-index-change", "reference-transaction"):
            hook = person.here / ".git" / "hooks" / name
            hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
            hook.chmod(0o755)
        with (person.here / "src" / "hello.c").open("a") as file:
            file.write("/* edited */\n")
        done = tries(person, service, HELLO_13)
        assert done.code == 3, done.told
        assert done.result["status"] == "infrastructure"
        assert "another job" in done.out
        git(person.here, "remote", "set-url", "origin", "https://git.example.org/hello.git")
        asked = len(service.asked)
        refused = tries(person, service, HELLO_13)
        assert (refused.code, len(service.asked)) == (2, asked)
        assert service.tokens == {"Bearer s3cret"}
    assert not mark.exists()
    assert list((person.state / "hello-portable" / "tries").iterdir()) == []


@attrs.define
class ForgejoRunner:
    """Runs the Forgejo workflow of the branch that was pushed, from a clone of the remote."""

    home: Path
    image: str

    def __call__(self, revision: str, jobs: Sequence[str]) -> Mapping[str, JobEnd]:
        tree = self.home / "pushed"
        git(self.home, "clone", "--quiet", "--no-checkout", "remote.git", str(tree))
        git(tree, "checkout", "--quiet", "-b", "pushed", revision)
        made = ran(tree, self.home, self.image)
        files = [path for path in made.artifact.rglob("*") if path.is_file()]
        named = {path.relative_to(made.artifact).as_posix(): path.read_bytes() for path in files}
        return dict.fromkeys(jobs, JobEnd("failure" if made.code else "success", packed(named)))


def test_try_on_forgejo_ends_as_the_local_run(hello_run: Ended, tmp_path: Path) -> None:
    person = Person(hello(tmp_path / "tree"), tmp_path)
    assert person.types("generate", "--target", "forgejo").code == 0
    commit(person.here, "Generate the workflow")
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    runner = ForgejoRunner(tmp_path, base(hello_run))
    with dispatching(ForgejoService(remote, runner, patience=0, background=True)) as service:
        address = f"{service.address}/example/hello.git"
        git(person.here, "remote", "add", "origin", address)
        publish(person, remote, address)
        with (person.here / "src" / "hello.c").open("a") as file:
            file.write("/* edited */\n")
        done = person.types(
            "try", "--yes", "--on", "forgejo", HELLO_13,
            FORGEJO_SERVER_URL=service.address, FORGEJO_TOKEN="f0rge",
        )  # fmt: skip
        assert done.code == 0, done.told
        assert service.branches() == ["main"]
    ours = hello_run.results[HELLO_13]
    for key in ("job", "status", "failed_step", "packages", "artifacts", "tail"):
        assert done.result[key] == ours[key]


@attrs.define
class SourcehutRunner:
    """Runs the tasks of the manifest in the commit that was pushed, on this machine."""

    home: Path
    image: str
    made: Built | None = None

    def __call__(self, revision: str, jobs: Sequence[str]) -> Mapping[str, JobEnd]:
        tree = self.home / "clone" / "hello"
        git(self.home, "clone", "--quiet", "--no-checkout", "remote.git", str(tree))
        git(tree, "checkout", "--quiet", revision)
        made = self.made = built(tree, self.home / "machine", self.image)
        folder = made.home / "ciforge" / "result"
        files = [path for path in folder.rglob("*") if path.is_file()]
        data = packed({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
        return dict.fromkeys(jobs, JobEnd("success" if made.passed else "failure", data))


@pytest.mark.parametrize("broken", [False, True])
def test_try_on_sourcehut_ends_as_the_local_run(
    broken: bool, hello_run: Ended, tmp_path: Path
) -> None:
    person = Person(compiled_hello(tmp_path / "tree"), tmp_path)
    assert person.types("generate", "--target", "sourcehut", HELLO_13).code == 0
    commit(person.here, "Generate the manifest")
    remote, address = tmp_path / "remote.git", "https://git.sr.ht/~example/hello"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(remote, "config", "receive.advertisePushOptions", "true")
    git(person.here, "remote", "add", "origin", address)
    publish(person, remote, address)
    if broken:
        patch = EXAMPLES / "hello-portable" / "breaks" / "missing-include.patch"
        git(person.here, "apply", str(patch))
    runner = SourcehutRunner(tmp_path, base(hello_run))
    service = SourcehutService(remote, runner, patience=0)
    with dispatching(service):
        service.on_request = lambda *_: _print(service, runner)
        done = person.types(
            "try", "--yes", "--on", "sourcehut", HELLO_13,
            SRHT_API_URL=service.address, SRHT_TOKEN="h0t",
        )  # fmt: skip
        assert service.branches() == ["main"]
        assert service.tokens == {"Bearer h0t"}
    assert done.code == int(broken), done.told
    assert runner.made is not None
    for key in ("job", "status", "failed_step", "packages", "tail"):
        assert done.result[key] == result_of(runner.made)[key]
    if broken:
        assert done.out.splitlines()[0] == "1. errx undeclared  src/hello.c:53"
    else:
        assert done.result["status"] == hello_run.results[HELLO_13]["status"]


def _print(service: SourcehutService, runner: SourcehutRunner) -> None:
    """The log of a failed task is what its machine printed."""
    if runner.made is not None and not runner.made.passed:
        service.printed[HELLO_13] = runner.made.out.encode()
