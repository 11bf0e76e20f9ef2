"""The rows of tools/proof.py, each of which is a project and what becomes of its jobs."""

import hashlib
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from proof_tool import JOB, ROOT, fake_bench, proof_module, row

from ciforge.app.project_files import read_catalogue
from ciforge.app.workspace import check_project, open_workspace
from ciforge.plan.selection import select


@pytest.fixture(scope="module")
def proof() -> Iterator[ModuleType]:
    with proof_module() as module:
        yield module


@pytest.fixture
def bench(proof: ModuleType, tmp_path: Path) -> Any:
    return fake_bench(proof, tmp_path)


@pytest.mark.slow
def test_proof_rows_name_jobs_of_their_project(proof: ModuleType) -> None:
    for one in proof.rows():
        if one.drafted or one.library:
            continue
        file = ROOT / one.words[one.words.index("--file") + 1]
        found = select(open_workspace(file, ROOT).plan, one.jobs, unlisted="--any" in one.words)
        assert {job.id for job in found} == set(one.jobs), one.name
        assert [job.id for job in found if job.skipped] == [], one.name


@pytest.mark.slow
def test_proof_row_with_a_library_names_jobs_of_the_file_that_is_written(
    proof: ModuleType, tmp_path: Path
) -> None:
    tarball = tmp_path / "openssl.tar.gz"
    tarball.write_bytes(b"a library")
    found = [one for one in proof.rows() if one.library]
    assert {one.library for one in found} == {"openssl-1.1.1", "openssl-3.0", "openssl-3.5"}
    with proof.served(tarball, "127.0.0.1") as url:
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert answer.read() == b"a library"
        for one in found:
            file = tmp_path / "ciforge.yml"
            file.write_text(proof.with_library((ROOT / proof.WIDE).read_text(), one, url, tarball))
            plan = open_workspace(file, ROOT).plan
            (job,) = select(plan, one.jobs, unlisted=True)
            source = job.sources[one.library]
            assert (source.url, source.sha256) == (url, hashlib.sha256(b"a library").hexdigest())
            assert "linked" in [step.name for step in job.steps]


def test_drafted_proof_row_is_about_an_example_or_a_source_package(proof: ModuleType) -> None:
    found = [one for one in proof.rows() if one.drafted]
    assert len(found) >= 5
    for one in found:
        repo = one.jobs[0].partition("/")[0]
        assert one.words == ("run", *one.jobs, "--file", "{draft}", "--source", f"{repo}={{tree}}")
        ours = (ROOT / one.drafted / "configure.ac").is_file()
        assert ours or re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", one.drafted)


def test_drafted_proof_runs_a_draft_of_a_fresh_tree(proof: ModuleType, bench: Any) -> None:
    (bench.state / "status").write_text("passed")
    stale = bench.state / "trees" / "hello-portable" / "stale"
    stale.parent.mkdir(parents=True)
    stale.touch()
    words = ("run", JOB, "--file", "{draft}", "--source", "hello={tree}")
    made = row(proof, words=words, drafted="examples/hello-portable")
    shown, found, _ = proof.attempt(made, bench)
    assert (shown, found) == (
        f"ciforge run {JOB} --file drafts/hello-portable.yml --source hello=trees/hello-portable --no-cache",
        proof.HELD,
    )
    assert not stale.exists()
    assert (stale.parent / "configure.ac").is_file()
    assert not (stale.parent / "ciforge.yml").exists()
    draft = bench.state / "drafts" / "hello-portable.yml"
    first, second = (bench.state / "calls").read_text().splitlines()
    assert first == f"init {stale.parent} --force --output {draft}"
    assert second.startswith(f"run {JOB} --file {draft} ")


def test_proof_of_a_tree_without_a_draft_did_not_hold(proof: ModuleType, bench: Any) -> None:
    (bench.state / "status").write_text("failed")
    made = row(proof, words=("run", JOB, "--file", "{draft}"), drafted="examples/hello-portable")
    _, found, detail = proof.attempt(made, bench)
    assert (found, detail) == (proof.BROKEN, "ciforge init ended with 1: ciforge: last words")


def test_proof_rows_have_unique_names(proof: ModuleType) -> None:
    names = [one.name for one in proof.rows()]
    assert len(names) == len(set(names))


def test_example_patches_all_have_a_proof_row_with_their_step(proof: ModuleType) -> None:
    patches = sorted((ROOT / "examples/hello-portable/breaks").glob("*.patch"))
    ours = [one for one in proof.rows() if one.name.startswith("hello/breaks/")]
    steps = {one.name: one.failed_step for one in ours}
    assert list(steps) == [f"hello/breaks/{patch.stem}" for patch in patches]
    for patch in patches:
        assert patch.read_text().startswith(f"Breaks {steps['hello/breaks/' + patch.stem]}: ")


def test_rspamd_project_of_the_proof_has_no_problem() -> None:
    file = ROOT / "docs" / "proof" / "rspamd.yml"
    assert check_project(file, read_catalogue(file))[0] == []
