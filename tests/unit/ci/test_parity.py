"""What reaches a hosted machine is what a local run has, byte for byte."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import EVERY_SHELL, example, jobs
from torture import torture

from ciforge.ci.heredoc_texts import here
from ciforge.ci.payload import bundle
from ciforge.model.job import Job
from ciforge.render.dockerfile import dockerfile
from ciforge.render.step_script import step_script
from ciforge.render.wrapper import SCRIPTS
from examples import examples

ODD = {"own.sh": "echo '${{ github.token }}'\n", "data": "no end of line", "empty": "\n"}


def shapes(all_jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Jobs with the same steps together, as one matrix has them."""
    found: dict[tuple[str, ...], list[Job]] = {}
    for job in all_jobs:
        found.setdefault(tuple(step.name for step in job.steps), []).append(job)
    yield from found.values()


def unpacked(script: str, job: str, folder: Path, shell: Sequence[str] = ("sh",)) -> Path:
    """The folder that the script makes for one job."""
    file, home = folder / "unpack", folder / "home"
    file.write_text(script)
    env = {"CIFORGE_JOB": job, "CIFORGE_HOME": str(home), "PATH": "/usr/bin:/bin"}
    subprocess.run([*shell, "-e", file], env=env, check=True)
    return home


def files(home: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(f.relative_to(home)): f.read_bytes() for f in home.rglob("*") if f.is_file()}


def expected(job: Job) -> dict[str, bytes]:
    """What a local run builds its image and box from."""
    own = {
        "Dockerfile": dockerfile(job),
        **{f"bin/{name}": text for name, text in SCRIPTS.items()},
        **{f"steps/{step.name}.sh": step_script(job, step) for step in job.steps},
    }
    return {name: text.encode() for name, text in own.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["opensmtpd", "hello-portable"])
def test_every_job_of_an_example_has_the_files_of_its_local_run(name: str, tmp_path: Path) -> None:
    for together in shapes(example(name).jobs):
        script = bundle(together, ODD)
        for job in together:
            found = files(unpacked(script, job.id, tmp_path))
            assert {name: found[name] for name in expected(job)} == expected(job)
            assert {name: found[name].decode() for name in ODD} == ODD


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_hostile_texts_arrive_in_every_shell(shell: tuple[str, ...], tmp_path: Path) -> None:
    found = tuple(jobs(torture(2)).values())
    script = bundle(found, {})
    for job in (found[0], found[-1]):
        home = files(unpacked(script, job.id, tmp_path, shell))
        assert {name: home[name] for name in expected(job)} == expected(job)


def test_a_text_that_many_jobs_share_is_there_once() -> None:
    found = list(jobs(torture(4)).values())
    assert bundle(found, {}).count("x" * 40_000) == bundle(found[:1], {}).count("x" * 40_000)


def test_what_a_service_would_evaluate_is_nowhere_in_the_script() -> None:
    assert "${{" not in bundle(jobs(torture(2)).values(), ODD)


def test_plain_texts_stay_readable() -> None:
    script = bundle(example("opensmtpd").jobs[:1], {})
    assert "base64" not in script
    assert re.search(r"^ARG BASE=docker\.io/library/debian:", script, re.MULTILINE)


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
PIECES = st.lists(st.sampled_from(["${{", "}}", "_END_", "\n", "\r", "'", '"', "$(x)", "\t", "a"]))


@settings(max_examples=examples(60), deadline=None)
@given(text=st.one_of(TEXT, PIECES.map("".join)).filter(lambda text: "\0" not in text))
def test_any_text_survives_the_shell(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("text")
    subprocess.run(["sh", "-e"], input=here("file", text).encode(), cwd=folder, check=True)
    assert (folder / "file").read_bytes() == text.encode()
