"""A job as a script: it repeats the job with nothing but sh and docker, here with a docker of our own."""

import re
import shutil
import subprocess
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import EVERY_SHELL, SHELLS, example, jobs

from ciforge.model.job import Job, Step
from ciforge.render.dockerfile import dockerfile
from ciforge.render.job_script import job_script
from ciforge.render.step_script import step_script
from ciforge.render.wrapper import SCRIPTS
from examples import examples

Shell = tuple[str, ...]

TEXT = """
project: p
repos:
  r:
    recipe: autotools
    users: {_u: /}
    steps:
      fetch: {run: fetch it, after: bootstrap, network: true}
      smoke: {run: smoke it, after: install, as: _u}
variants: {v: {}}
jobs: ['r/debian-13/{default,v}@{amd64,s390x}']
"""
JOBS = jobs(TEXT)
JOB = JOBS["r/debian-13/default"]
STEPS = ["bootstrap", "fetch", "configure", "build", "install", "smoke"]

# Writes down what it is asked, keeps what is copied into the box, and fails where FAIL matches.
DOCKER = """\
#!/bin/sh
case "$*" in
*' supervise '*) echo "supervise ${*##* supervise }" >>"$LOG/asked" ;;
*) echo "$*" >>"$LOG/asked" ;;
esac
case "$*" in
*' supervise open') echo 'pid 7' ;;
version*) echo "${HERE:-linux/amd64}" ;;
build*) cat >"$LOG/Dockerfile" ;;
create*) echo box ;;
cp*) mkdir -p "$LOG/${3#*:}" && cp -R "$2" "$LOG/${3#*:}" ;;
esac
case "$*" in
$FAIL) exit 9 ;;
esac
"""


class Run:
    """One run of a job's script beside the docker above."""

    def __init__(self, job: Job, folder: Path, shell: Shell = ("sh",), **env: str) -> None:
        self.log = folder / "log"
        self.source = folder / "source"
        (folder / "programs").mkdir()
        self.log.mkdir()
        self.source.mkdir()
        (self.source / "a file").write_text("x")
        docker = folder / "programs" / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)
        script = folder / "job.sh"
        script.write_text(job_script(job))
        path = f"{folder}/programs:/usr/bin:/bin"
        known = {"PATH": path, "LOG": str(self.log), "FAIL": "nothing", "TMPDIR": str(folder)}
        self.done = subprocess.run(
            [*shell, str(script), str(self.source)], env=known | env, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        self.left = sorted(file.name for file in folder.iterdir())

    @property
    def asked(self) -> list[str]:
        return (self.log / "asked").read_text().splitlines()


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_job_script_builds_the_image_fills_the_container_and_runs_the_steps(
    shell: Shell, tmp_path: Path
) -> None:
    run = Run(JOB, tmp_path, shell)
    assert run.done.stderr == ""
    assert run.done.stdout.splitlines() == [
        *(f"==> {step}" for step in ("prepare", *STEPS)),
        "==> passed",
    ]
    assert run.done.returncode == 0
    assert [line for line in run.asked if "/ciforge/bin/step" in line] == [
        "exec -u ciforge box /bin/sh /ciforge/bin/step bootstrap",
        "exec -u ciforge box /bin/sh /ciforge/bin/step fetch",
        "exec -u ciforge box /bin/sh /ciforge/bin/step configure",
        "exec -u ciforge box /bin/sh /ciforge/bin/step build",
        "exec -u root box /bin/sh /ciforge/bin/step install",
        "exec -u _u box /bin/sh /ciforge/bin/step smoke",
    ]


def test_job_script_cleans_up_as_root_after_each_step_and_restores_the_scripts(
    tmp_path: Path,
) -> None:
    asked = Run(JOB, tmp_path).asked
    place = asked.index("exec -u root box /bin/sh /ciforge/bin/step install")
    assert asked[place - 2 : place + 2] == [
        "supervise after build ciforge 7",
        "supervise before install",
        "exec -u root box /bin/sh /ciforge/bin/step install",
        "supervise after install root 7",
    ]
    assert [line.split()[0] for line in asked[place + 2 : place + 4]] == ["cp", "cp"]


def test_job_script_puts_the_same_files_into_the_container_as_a_run(tmp_path: Path) -> None:
    run = Run(JOB, tmp_path)
    box = run.log / "ciforge"
    assert (run.log / "Dockerfile").read_text() == dockerfile(JOB)
    assert {file.name: file.read_text() for file in (box / "bin").iterdir()} == SCRIPTS
    assert {file.name: file.read_text() for file in (box / "steps").iterdir()} == {
        f"{step.name}.sh": step_script(JOB, step) for step in JOB.steps
    }
    assert (box / "src" / "a file").read_text() == "x"
    assert all((box / "bin" / name).stat().st_mode & 0o777 == 0o755 for name in SCRIPTS)
    assert all(file.stat().st_mode & 0o777 == 0o644 for file in (box / "steps").iterdir())


def test_job_script_connects_the_network_only_for_steps_that_need_it(tmp_path: Path) -> None:
    asked = Run(JOB, tmp_path).asked
    place = asked.index("exec -u ciforge box /bin/sh /ciforge/bin/step fetch")
    assert asked[place - 1] == "network connect bridge box"
    assert asked[place + 1] == "network disconnect bridge box"
    assert asked.count("network connect bridge box") == 1
    assert asked.index("network disconnect bridge box") < asked.index("start box")


def test_job_script_changes_the_owner_of_links_and_not_of_their_targets(tmp_path: Path) -> None:
    assert "exec box chown -R -h ciforge:ciforge /ciforge/src" in Run(JOB, tmp_path).asked


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_job_script_ends_at_the_first_failed_step(shell: Shell, tmp_path: Path) -> None:
    run = Run(JOB, tmp_path, shell, FAIL="*/step fetch")
    assert run.done.returncode == 1
    assert run.done.stdout.splitlines()[-2:] == ["==> fetch", "==> fetch failed with exit code 9"]
    assert not any("step configure" in line for line in run.asked)
    assert run.asked[-3:] == [
        "network disconnect bridge box", "supervise after fetch ciforge 7", "rm -f -v box",
    ]  # fmt: skip


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize("fail", ["build *", "create *", "start *", "cp *", "nothing"])
def test_job_script_leaves_nothing(fail: str, shell: Shell, tmp_path: Path) -> None:
    run = Run(JOB, tmp_path, shell, FAIL=fail)
    assert (run.done.returncode == 0) == (fail == "nothing")
    assert "==> passed" not in run.done.stdout or fail == "nothing"
    assert run.left == ["job.sh", "log", "programs", "source"]
    assert (run.asked[-1] == "rm -f -v box") == (fail != "build *")


def test_job_script_stays_green_if_its_container_cannot_be_removed(tmp_path: Path) -> None:
    assert Run(JOB, tmp_path, FAIL="rm *").done.returncode == 0


def test_job_script_keeps_the_container_on_request(tmp_path: Path) -> None:
    run = Run(JOB, tmp_path, KEEP="1", FAIL="*/step build")
    assert "rm -f -v box" not in run.asked
    last = run.done.stdout.splitlines()[-1]
    assert last == "The container is kept: docker exec -it box sh; docker rm -f box"


def asked_to_build(run: Run) -> str:
    return next(line for line in run.asked if line.startswith("build"))


def test_job_script_accepts_another_base_image(tmp_path: Path) -> None:
    assert "--build-arg BASE=my/base:1 " in asked_to_build(Run(JOB, tmp_path, BASE="my/base:1"))


@pytest.mark.parametrize(
    ("here", "id_", "platform"),
    [
        ("linux/amd64", "r/debian-13/default", ""),
        ("linux/arm64", "r/debian-13/default", "--platform linux/amd64 "),
        ("linux/amd64", "r/debian-13/default@s390x", "--platform linux/s390x "),
        ("linux/s390x", "r/debian-13/default@s390x", ""),
    ],
)
def test_job_script_names_a_platform_that_differs_from_the_engine(
    here: str, id_: str, platform: str, tmp_path: Path
) -> None:
    assert asked_to_build(Run(JOBS[id_], tmp_path, HERE=here)).startswith(
        f"build --force-rm {platform}-t "
    )


def image(job: Job) -> str:
    found = re.search(r"(?m)^image=(.*)$", job_script(job))
    return found[1] if found else ""


def test_job_script_names_the_image_by_its_inputs() -> None:
    assert re.fullmatch(r"ciforge-script/[0-9a-f]{16}", image(JOB))
    assert image(JOB) == image(JOBS["r/debian-13/v"])
    assert image(JOB) != image(JOBS["r/debian-13/default@s390x"])
    assert image(JOB) != image(attrs.evolve(JOB, packages=("more",)))


def test_job_script_of_a_skipped_job_says_why() -> None:
    text = job_script(attrs.evolve(JOB, skipped="debian-13 has no libressl: not packaged"))
    assert "\n# ciforge itself skips it: debian-13 has no libressl: not packaged\n" in text
    assert "skips" not in job_script(JOB)


HOSTILE = [
    "echo END",
    "END",
    "END\nEND_\nEND__",
    "cat <<'END'\nx\nEND\necho $HOME `id` \\ \\\\ $(id)\\",
    "printf '%s' \"$1\" '${x}' \\\n  next",
    "\tTab\n  spaces  \n\n\nblank",
    "é ü 漢字 \u0081\u0088 \U0001f600",
    "'unbalanced \"quotes `and $( more",
    "\r\nEND\r\n",
]


def step_text(script: str, name: str) -> str:
    """What a reader of the script finds in a here-document."""
    found = re.search(rf"(?ms)^cat >\"\$work/steps/{name}\.sh\" <<'([A-Z_]+)'\n(.*?)^\1\n", script)
    assert found is not None
    return found[2]


def written(job: Job, folder: Path, shell: Shell) -> bytes:
    """The step `s` as the script writes it, before it asks docker for anything."""
    text = job_script(job).partition("\nhere=$(docker")[0]
    text = text.replace("work=$(mktemp -d)", 'work=$1\nrm -rf "$work"; mkdir "$work"')
    text = text.replace("trap finish EXIT", "")
    file = folder / "head.sh"
    file.write_bytes(text.encode())
    done = subprocess.run(
        [*shell, str(file), str(folder / "work")], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return (folder / "work/steps/s.sh").read_bytes()


@pytest.mark.parametrize("shell", EVERY_SHELL)
@pytest.mark.parametrize("run", HOSTILE)
def test_job_script_keeps_every_byte_of_hostile_steps(
    run: str, shell: Shell, tmp_path: Path
) -> None:
    job = attrs.evolve(JOB, steps=(Step(name="s", run=run),))
    expected = step_script(job, job.steps[0])
    assert step_text(job_script(job), "s") == expected
    assert written(job, tmp_path, shell) == expected.encode()


LINES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"))
    | st.sampled_from(["END", "END_"])
)


@pytest.mark.parametrize(
    "run", ["E\x80", "END", "EN", "E\nEé\n_é\nEND", *(c + "é" for c in "ABEZ_")]
)
@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_job_script_keeps_a_line_that_looks_like_the_delimiter(
    run: str, shell: Shell, tmp_path: Path
) -> None:
    job = attrs.evolve(JOB, steps=(Step(name="s", run=run),))
    assert written(job, tmp_path, shell) == step_script(job, job.steps[0]).encode()


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(run=LINES.map("\n".join), shell=st.sampled_from(SHELLS))
def test_job_script_keeps_every_byte_of_any_step(run: str, shell: Shell, tmp_path: Path) -> None:
    job = attrs.evolve(JOB, steps=(Step(name="s", run=run),))
    assert written(job, tmp_path, shell) == step_script(job, job.steps[0]).encode()


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_job_scripts_of_the_examples_have_no_syntax_error(shell: Shell) -> None:
    for name in ("opensmtpd", "hello-portable"):
        for job in example(name).jobs:
            done = subprocess.run(
                [*shell, "-n"], input=job_script(job).encode(), capture_output=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_accepts_the_job_scripts() -> None:
    text = job_script(attrs.evolve(JOB, steps=JOB.steps[:1]))
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "-"], input=text.encode(), capture_output=True, check=False
    )
    assert done.stdout.decode() == ""
