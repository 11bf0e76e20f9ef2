"""`ciforge generate`: real readers of workflows find nothing, and act runs them on the real engine.

How near that is to the service stands in tools/acting.py.
"""

import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from acting import Acted, act, plain_clone
from rig import (
    EXAMPLES,
    HELLO_13,
    MACHINES,
    PATIENCE,
    ROOT,
    Document,
    Ended,
    Person,
    add_to_project,
    commit,
    compiled_hello,
    git,
    hello,
    load,
    npm,
)
from torture import torture

from ciforge.run.log_file import HEAD, TAIL

PROGRAMS = Path(sysconfig.get_path("scripts"))
PLACES = {
    "started",
    "seconds",
    "origin",
    "image",
    "base",
    "attempt",
    "conclusion",
    "system_proof",
    "proves",
    "lacks",
    "given",
    "not_tried_for",
    "built_with",
    "replayed",
    "restarted",
    "cache_hits",
    "cache_problems",
    "unconfirmed_step",
}
"""Keys of a result that tell when and where it came about, what only a service counts, and what only
ciforge itself knows."""


def program(name: str) -> str:
    """A program of the test's own environment, else of the machine."""
    own = PROGRAMS / name
    found = str(own) if own.exists() else shutil.which(name)
    assert found, f"{name} is not here: tox installs it"
    return found


def ended(*words: object, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        list(map(str, words)), cwd=cwd, env=os.environ | {"PATH": path} | env, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=PATIENCE, check=False,
    )  # fmt: skip


REGISTRY = """
project: p
repos: {one: {recipe: make, branches: [main]}}
jobs: [debian-13, {job: debian-12, allow_failure: true}, {job: debian-sid, schedule: weekly}]
ciforge: {cache: registry, ignore: ["*.md"], workflows: distribution}
"""


TARBALL = """
project: p
repos: {plain: {path: ., recipe: make, dependencies: [git, xz]}}
jobs: [plain/debian-13/dist, {job: plain/debian-13/tarball, allow_failure: true}]
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workflows of both examples and of the torture project."""
    folder = tmp_path_factory.mktemp("generated")
    projects = {name: EXAMPLES / name / "ciforge.yml" for name in ("opensmtpd", "hello-portable")}
    projects["torture"] = folder / "ciforge.yml"
    projects["torture"].write_text(torture())
    projects["registry"] = folder / "registry.yml"
    projects["registry"].write_text(REGISTRY)
    projects["machines"] = folder / "machines.yml"
    projects["machines"].write_text(MACHINES)
    projects["tarball"] = folder / "tarball.yml"
    projects["tarball"].write_text(TARBALL)
    for name, file in projects.items():
        done = Person(folder, folder).types("generate", "--file", file, "--output", folder / name)
        assert done.code == 0, done.told
    telling(folder)
    return folder


def telling(folder: Path) -> None:
    """Another example, in a checkout of its own, whose workflow sends mail."""
    tree = hello(folder / "telling")
    document = load(tree / "ciforge.yml")
    document["mail"] = {
        "from": "ci@example.org",
        "routes": [{"job": "*", "to": "team@example.org"}],
    }
    document["ciforge"] = {"install": "pipx install ciforge==0.1.0"}
    (tree / "ciforge.yml").write_text(json.dumps(document))
    done = Person(tree, folder).types("generate")
    assert done.code == 0, done.told
    assert "notify:" in (tree / ".github" / "workflows" / "ciforge.yml").read_text()


def workflows(folder: Path) -> list[Path]:
    found = sorted(folder.rglob(".github/workflows/*.yml"))
    assert len(found) > 6
    return found


@pytest.mark.parametrize(
    "reader",
    [
        ("actionlint", "-no-color"),
        (
            "zizmor",
            "--quiet",
            "--color",
            "never",
            "--persona",
            "auditor",
            "--offline",
            "--no-exit-codes",
        ),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
    ],
    ids=lambda words: words[0],
)
def test_workflow_linters_accept_the_generated_files(
    reader: Sequence[str], generated: Path
) -> None:
    files = (*workflows(generated), ROOT / ".github" / "workflows" / "release.yml")
    done = ended(program(reader[0]), *reader[1:], *files, cwd=generated)
    fine = r"No findings to report\. Good job!( \(1 suppressed\))?|ok -- validation done"
    said = re.sub(fine, "", done.stdout)
    assert (done.returncode, said.strip()) == (0, "")


def test_github_parser_accepts_the_generated_workflows(generated: Path, tmp_path: Path) -> None:
    npm(tmp_path, "install", "--prefix", tmp_path, "@actions/workflow-parser@0.3.61")
    script = Path(__file__).with_name("workflow_parser.mjs")
    files = workflows(generated)
    done = ended(program("node"), script, tmp_path, *files, cwd=generated)
    (said,) = done.stdout.splitlines()
    assert re.fullmatch(rf"\d+ jobs in {len(files)} files", said)


def by_act(tree: Path, jobs: str, bases: Mapping[str, str], home: Path) -> Acted:
    """The workflow of a plain clone of the tree by act, to its end."""
    program("act")
    return act(plain_clone(tree, home / "clone"), jobs, bases, home, seconds=PATIENCE)


def bases(run: Ended) -> dict[str, str]:
    """The base images that a local run had, by the variables that name them."""
    return {
        "CIFORGE_BASE_" + re.sub("[^A-Z0-9]", "_", job.split("/")[1].upper()):
            result["base"].partition("@")[0]
        for job, result in run.results.items()
    }  # fmt: skip


def timeless(result: Any) -> Any:
    """Without times and places, the lines of a build that does several things at once in order."""
    if isinstance(result, dict):
        kept = {key: timeless(value) for key, value in result.items() if key not in PLACES}
        if "artifacts" in kept:
            # What a box answered to ciforge, which a runner has not.
            kept["artifacts"] = [name for name in kept["artifacts"] if name != "asked.txt"]
        if "tail" in kept:
            kept["tail"] = sorted(filter(None, map(placeless, kept["tail"])))
            kept["reason"] = re.sub(r"the last \d+ s", "the last N s", kept["reason"])
        return kept
    return [timeless(item) for item in result] if isinstance(result, list) else result


def placeless(line: str) -> str:
    """A line of the list of processes without its numbers; nothing for the wrapper, which the two
    roads start by other words, for its shell's last one, which may come too late to be heard, and
    for what make says only where something else was not done yet."""
    if line == "Terminated" or line.endswith("*** Waiting for unfinished jobs...."):
        return ""
    row = re.fullmatch(r"\d+ +\d+ +[A-Z] \([a-z ]+\) +\S+ +(.*)", line)
    return line if row is None else "" if "/ciforge/bin/step" in row[1] else row[1]


def with_workflow(tree: Path, home: Path) -> Person:
    """Somebody in a tree whose generated workflow is committed."""
    person = Person(tree, home)
    done = person.types("generate")
    assert done.code == 0, done.told
    commit(tree, "Generate the workflow")
    return person


def test_hosted_run_ends_as_the_local_one(hello_run: Ended, tmp_path: Path) -> None:
    person = with_workflow(hello(tmp_path / "tree"), tmp_path)
    acted = by_act(person.here, "debian-12/default debian-13/default", bases(hello_run), tmp_path)
    assert acted.code == 0, acted.out
    assert set(acted.ends("gate").values()) == {"Success"}
    local = person.runs("debian/default", "--no-cache")
    assert local.code == 0, local.told
    for job, result in local.results.items():
        assert timeless(acted.result(job)) == timeless(result)
        for name in ("log.txt", "artifacts/config.log", "artifacts/config.h"):
            assert acted.file(job, name)
        theirs = acted.file(job, "artifacts/manifest.txt")
        assert theirs == (local.job(job) / "artifacts" / "manifest.txt").read_text()


@pytest.mark.parametrize(
    ("patch", "step"), [("missing-include", "build"), ("wrong-group", "expect")]
)
def test_hosted_broken_tree_fails_in_its_step_and_leaves_its_artifacts(
    patch: str, step: str, hello_run: Ended, tmp_path: Path
) -> None:
    tree = hello(tmp_path / "tree")
    git(tree, "apply", str(EXAMPLES / "hello-portable" / "breaks" / f"{patch}.patch"))
    person = with_workflow(tree, tmp_path)
    acted = by_act(tree, HELLO_13, bases(hello_run), tmp_path)
    assert acted.code == 1, acted.out
    assert acted.failed(HELLO_13) == [step]
    assert "Failure" in acted.ends("gate").values()
    local = person.runs(HELLO_13, "--no-cache").result
    assert timeless(acted.result(HELLO_13)) == timeless(local)
    assert acted.file(HELLO_13, "artifacts/config.log")
    assert f"--- ciforge: {step} ---" in acted.file(HELLO_13, "log.txt")


@pytest.mark.parametrize("header", ["hello.h", ""], ids=["whole", "without a header"])
def test_hosted_tarball_is_made_once_and_built_by_the_job_that_waits_for_it(
    header: str, hello_run: Ended, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "ciforge.yml").write_text(TARBALL.replace(", allow_failure: true", ""))
    (tree / "main.c").write_text('#include "hello.h"\nint main(void) { return 0; }\n')
    (tree / "hello.h").write_text("")
    (tree / "private").write_text("")
    (tree / ".gitattributes").write_text(
        f"/private export-ignore\n{'' if header else '*.h export-ignore'}\n"
    )
    (tree / "Makefile").write_text(
        "all:\n\tls\n\tcc -o hello main.c\ninstall:\n\tcp hello /usr/local/bin\n"
    )
    git(tree, "init", "--quiet")
    commit(tree, "Import")
    with_workflow(tree, tmp_path)
    acted = by_act(tree, "", bases(hello_run), tmp_path)
    made, built = "plain/debian-13/dist", "plain/debian-13/tarball"
    if not header:
        assert acted.failed(made) == ["dist"], acted.out
        assert not acted.folder(built).exists()
        assert "Failure" in acted.ends("gate").values()
        return
    assert acted.code == 0, acted.out
    assert [acted.result(job)["status"] for job in (made, built)] == ["passed", "passed"]
    log = acted.file(built, "log.txt")
    assert "unpack-dist: plain" in log and "private" not in log
    assert log.index("--- ciforge: unpack-dist ---") < log.index("hello.h")


def smoke(run: str, **more: Any) -> Document:
    """A variant with a step after the build that comes to a bad end."""
    return {"steps": {"check": False, "smoke": {"after": "build", "run": run, **more}}}


ENDS = {
    "hangs": (smoke("echo begins; sleep 1000", timeout="4s"), "timed-out", "smoke"),
    "fails": (smoke("echo '::error::no'; exit 3"), "failed", "smoke"),
    "lacks": (
        {"dependencies": [{"nothing": {"debian": "no-such-package"}}], **smoke("true")},
        "failed",
        "prepare",
    ),
}
"""Variants to what becomes of them, and in which step."""


def with_ends(folder: Path, **variants: Document) -> Person:
    """Somebody in a tree with these variants, each of which may fail, and its workflow."""
    tree = compiled_hello(folder / "tree")
    add_to_project(tree, variants=variants)
    document = load(tree / "ciforge.yml")
    document["jobs"] = [
        {"job": f"hello/debian-13/{name}", "allow_failure": True} for name in variants
    ]
    (tree / "ciforge.yml").write_text(json.dumps(document))
    return with_workflow(tree, folder)


def test_hosted_allowed_failure_ends_as_the_local_one_and_the_gate_is_green(
    hello_run: Ended, tmp_path: Path
) -> None:
    person = with_ends(tmp_path, **{name: variant for name, (variant, *_) in ENDS.items()})
    acted = by_act(person.here, "", bases(hello_run), tmp_path)
    assert (acted.code, set(acted.ends("gate").values())) == (0, {"Success"}), acted.out
    local = person.runs("--no-cache")
    assert local.code == 0, local.told
    for name, (_, status, step) in ENDS.items():
        job = f"hello/debian-13/{name}"
        ours, theirs = local.results[job], acted.result(job)
        assert (theirs["status"], theirs["failed_step"]) == (status, step)
        assert acted.failed(job) == [step]
        assert f"::warning title={job} {status} (allowed)::{theirs['reason']}" in acted.out
        if step == "prepare":  # two builders tell what they do in words of their own
            for result in (ours, theirs):
                result["tail"] = [line for line in result["tail"] if line.startswith("E: ")]
            assert len(theirs["tail"]) == 1
        assert timeless(theirs) == timeless(ours)
    assert "sleep 1000" in acted.file("hello/debian-13/hangs", "log.txt")


def test_hosted_missing_base_image_is_not_an_allowed_failure(tmp_path: Path) -> None:
    person = with_ends(tmp_path, fails=smoke("exit 3"))
    bases = {"CIFORGE_BASE_DEBIAN_13": "registry.invalid/nothing"}
    acted = by_act(person.here, "", bases, tmp_path)
    job = "hello/debian-13/fails"
    assert acted.result(job)["status"] == "infrastructure"
    assert acted.failed(job) == ["prepare", "Results"]
    assert (acted.code, set(acted.ends("gate").values())) == (1, {"Failure"})


def test_hosted_endless_log_keeps_its_beginning_and_end(hello_run: Ended, tmp_path: Path) -> None:
    loud = smoke('yes "$(printf %01000d 7)" | head -c 80000000; echo the end; exit 3')
    person = with_ends(tmp_path, loud=loud)
    acted = by_act(person.here, "", bases(hello_run), tmp_path)
    job = "hello/debian-13/loud"
    log = (acted.folder(job) / "log.txt").read_bytes()
    local = person.runs("--no-cache")
    ours = (local.job(job) / "log.txt").read_bytes()
    mark = re.compile(rb"\n--- ciforge: (\d+) bytes are left out here ---\n")
    found, theirs = mark.search(log), mark.search(ours)
    assert found and theirs
    assert (found.start(), len(log) - found.end()) == (HEAD, TAIL)
    assert log[found.end() :] == ours[theirs.end() :]
    assert acted.result(job)["tail"][-1] == local.results[job]["tail"][-1]
    assert acted.result(job)["tail"][-1].endswith("the end")


def test_hosted_unknown_package_fails_in_prepare(hello_run: Ended, tmp_path: Path) -> None:
    tree = hello(tmp_path / "tree")
    file = tree / "ciforge.yml"
    spelled = "[autoconf, automake, {nothing: {debian: no-such-package}}]"
    file.write_text(file.read_text().replace("[autoconf, automake]", spelled))
    with_workflow(tree, tmp_path)
    acted = by_act(tree, HELLO_13, bases(hello_run), tmp_path)
    result = acted.result(HELLO_13)
    assert (acted.code, result["status"], result["failed_step"]) == (1, "failed", "prepare")
    assert result["reason"] == "there is no package 'no-such-package'"
