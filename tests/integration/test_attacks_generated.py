"""Whole `ciforge generate` in a stranger's checkout, and what a pull request could do with its files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rig import Person, commit, git, hello

from ciforge.ci.file_set import SetPlace, sealed

PLACE = SetPlace(folder=".github")
THEIRS = (
    ".github/workflows/release.yml",
    ".github/CODEOWNERS",
    "src/main.c",
    ".github/ciforge-notes",
)


@pytest.fixture
def stranger(tmp_path: Path) -> Person:
    """Somebody in a checkout that follows a branch, with its files generated."""
    tree = hello(tmp_path / "tree")
    project = tree / "ciforge.yml"
    project.write_text(project.read_text().replace("path: .", "path: .\n    branches: [main]"))
    person = Person(tree, tmp_path)
    assert person.types("generate").code == 0
    return person


def test_forged_file_list_removes_and_overwrites_no_foreign_file(stranger: Person) -> None:
    tree = stranger.here
    for name in THEIRS:
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("theirs\n")
    outside = tree.parent / "outside"
    outside.write_text("outside\n")
    own = {
        str(path.relative_to(tree)): path.read_text()
        for path in tree.glob(".github/**/*")
        if path.is_file() and path.name != "generated.txt"
    }
    forged = own | dict.fromkeys(THEIRS, "theirs\n") | {"../outside": "outside\n"}
    (tree / PLACE.list).write_text(sealed(forged, PLACE, "ciforge generate")[PLACE.list])
    (tree / ".github/ciforge/step.sh").write_text("by hand\n")
    refused = stranger.types("generate")
    assert (refused.code, "edited by hand" in refused.err) == (2, True)
    assert (tree / ".github/ciforge/step.sh").read_text() == "by hand\n"
    assert stranger.types("generate", "--force").code == 0
    kept = [name for name in THEIRS if not name.startswith(".github/ciforge")]
    assert {(tree / name).read_text() for name in kept} == {"theirs\n"}
    assert outside.read_text() == "outside\n"


def test_pull_request_job_cannot_write_a_cache_or_the_repository(stranger: Person) -> None:
    commit(stranger.here, "Generate")
    text = (stranger.here / ".github/workflows/ciforge.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    for name, job in jobs.items():
        uses = {step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step}
        if "github.event_name == 'push'" not in job.get("if", ""):
            assert not {"actions/cache", "actions/cache/save"} & uses, name
            handed = [step for step in job["steps"] if "ciforge-ccache" in str(step.get("with"))]
            assert all(
                "/restore@" in step["uses"] or "github.event_name == 'push'" in step["if"]
                for step in handed
            )
        assert set(job["permissions"].values()) <= {"read"}
    assert "actions/cache/save" in text
    assert "ciforge-ccache" in text


def rules_that_write(document: dict[str, Any], name: str) -> Iterator[str]:
    """Yields the conditions under which a job of GitLab writes a cache."""
    template, job = document[".ciforge"], document[name]
    own = template["variables"] | job.get("variables", {})
    for rule in job.get("rules", template["rules"]):
        values = own | rule.get("variables", {})
        for cache in job.get("cache", template["cache"]):
            policy = cache.get("policy", "pull-push")
            if values.get(policy.removeprefix("$"), policy) != "pull":
                yield rule["if"]


def test_merge_request_of_gitlab_and_pull_request_of_forgejo_write_no_cache(
    stranger: Person,
) -> None:
    for target in ("gitlab", "forgejo"):
        assert stranger.types("generate", "--target", target).code == 0
    gitlab = yaml.safe_load((stranger.here / ".gitlab/ciforge.yml").read_text())
    writing = {rule for job in gitlab for rule in rules_that_write(gitlab, job)}
    assert writing == {"$CI_PIPELINE_SOURCE == 'push' && $CI_COMMIT_BRANCH == 'main'"}
    forgejo = yaml.safe_load((stranger.here / ".forgejo/workflows/ciforge.yml").read_text())
    for name, job in forgejo["jobs"].items():
        saves = re.search(r"/cache(/save)?@", str(job["steps"]))
        assert not saves or "github.event_name == 'push'" in job["if"], name
        assert "secrets." not in str(job)
    assert "/cache/save@" in str(forgejo)


def test_no_job_of_a_pull_request_can_write_the_registry(stranger: Person) -> None:
    project = stranger.here / "ciforge.yml"
    project.write_text(project.read_text() + "ciforge: {cache: registry}\n")
    assert stranger.types("generate").code == 0
    text = (stranger.here / ".github/workflows/ciforge.yml").read_text()
    writers = []
    for name, job in yaml.safe_load(text)["jobs"].items():
        if "write" in job["permissions"].values():
            writers.append(name)
            assert "github.event_name == 'push'" in job["if"]
            runs = [step["run"] for step in job["steps"] if "run" in step]
            assert runs == ["sh .github/ciforge/prepare.sh image"]
    assert writers == ["caches"]


def test_remote_of_a_hostile_checkout_gets_no_commit_and_runs_no_hook(stranger: Person) -> None:
    commit(stranger.here, "Generate")
    evil, ran = stranger.here / "evil.git", stranger.home / "ran"
    git(stranger.home, "init", "--quiet", "--bare", str(evil))
    hook = evil / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    git(stranger.here, "remote", "add", "origin", "https://github.com/example/hello.git")
    git(stranger.here, "config", "remote.origin.pushurl", str(evil))
    done = stranger.types("try", "--yes", GITHUB_TOKEN="s3cret")
    assert (done.code, "which no service has" in done.err) == (2, True), done.told
    assert git(evil, "for-each-ref") == ""
    assert not ran.exists()


def test_lock_of_another_program_is_neither_replaced_nor_removed(stranger: Person) -> None:
    foreign = stranger.here / "ciforge.lock"
    foreign.write_text("another program wrote this\n")
    done = stranger.types("packages", "--update")
    assert (done.code, "did not write this file" in done.err) == (2, True), done.told
    assert foreign.read_text() == "another program wrote this\n"
