"""A pull request that was written to attack the runner: the hosted scripts, run as the service runs
them, execute no command of it, set no variable for it and show nothing of it raw.

The steps of the generated workflow run here one after the other, with the files and variables that
GitHub's runner gives them; `commands` reads their output as the runner does. What a build does to its
own box is tried by the tasks of a manifest.
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from rig import PATIENCE, Document, Ended, Person, commit, git, hello, trial
from test_attacks_build import AFTER, CONFIGURED, EATER, EXPECTED, FORGED, FORGES, REWRITES
from test_real_sourcehut import Built, base, built, result, with_manifest

JOB = "tree/debian-13/default"
MARK = "attack-marker"
COMMANDS = (
    f"::error::{MARK}", f"::warning file=a::{MARK}", f"::add-mask::{MARK}", f"::set-env name=A::{MARK}",
    f"::set-output name=a::{MARK}", f"::add-path::/{MARK}", "::stop-commands::x", "::x::",
    f"##[error]{MARK}", f"text ##[add-mask]{MARK}", f"\r::error::{MARK}", f"a\r::notice::{MARK}",
    f"   ::error::{MARK}",
)  # fmt: skip
OURS = {"stop-commands", "add-matcher"}
"""Commands that the scripts give themselves."""
FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
BRANCH = "x'\"`$(touch${IFS}pwned)`;<b>&\\n::error::y"

PRINT = "".join(f"printf '%s\\n' '{line}'\n" for line in COMMANDS).replace(
    "\r", "'\"$(printf '\\r')\"'"
)
SEARCH = """
for name in GITHUB_ENV GITHUB_OUTPUT GITHUB_PATH GITHUB_STEP_SUMMARY GITHUB_TOKEN RUNNER_TEMP; do
    eval "value=\\${$name:-}"
    [ -z "$value" ] || echo "reached $name"
done
find / -xdev -name 'marker-of-the-runner*' 2>/dev/null | sed 's/^/reached /'
printf '<script>%s</script> [link](javascript:x) ![i](http://x) | `x`\\n' attack-marker
printf '\\033]0;%s\\007\\033[2J\\n' attack-marker
"""
FORGE = f"""
{{ printf '0\\n'; printf '%s\\n' '{COMMANDS[0]}' '{COMMANDS[2]}'; }} >/ciforge/records/forge.exit.new
(while ! [ -s /ciforge/records/forge.exit ]; do :; done
 cat /ciforge/records/forge.exit.new >/ciforge/records/forge.exit) >/dev/null 2>&1 &
exit 7
"""


@attrs.frozen
class Hosted:
    """What the service has after a job."""

    out: str
    codes: Mapping[str, int]
    files: Mapping[str, str]
    temp: Path
    tree: Path

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            (self.temp / "ciforge" / "result" / "result.json").read_text()
        )
        return found


def commands(out: str) -> list[str]:
    """The commands that the runner executes, in the order of its output.

    A line ends at a carriage return, too. A command begins a line, after white space; one of the older
    form begins anywhere in it. Between `stop-commands` and its token there are none.
    """
    found, token = [], ""
    for line in re.split(r"\r\n|\r|\n", out):
        new = re.match(r"\s*::([A-Za-z-]+|[0-9a-f]{32})(?: [^:]*)?::(.*)", line)
        old = re.search(r"##\[([^\]]*)\]", line)
        if token:
            token = "" if new and new[1] == token else token
            continue
        if new and new[1] == "stop-commands":
            token = new[2]
        found += [each[1] for each in (new, old) if each]
    return found


def hosted(
    folder: Path, steps: Mapping[str, Any], base: str, keys: Mapping[str, Any] = {}, **env: str
) -> Hosted:
    """The job of a project with these steps, in a clone on a branch with a hostile name.

    `keys` are further ones of its repository, `env` further variables of the runner."""
    repo = {"path": ".", "branches": ["main"], **keys}
    person = Person(trial(folder / "tree", dict(steps), repo=repo), folder)
    tree = person.here
    git(tree, "init", "--quiet")
    (tree / f"-f {MARK} $(touch pwned)").write_text("a name\n")
    (tree / "::error::name").write_text("another\n")
    (tree / "link").symlink_to("/etc/passwd")
    commit(tree, f"::error::{MARK}\n\n##[error]{MARK}\n::set-env name=A::{MARK}")
    done = person.types("generate")
    assert done.code == 0, done.told
    git(tree, "checkout", "--quiet", "-b", "hostile")
    commit(tree, "The workflow")
    (workflow,) = (tree / ".github" / "workflows").glob("*.yml")
    return Runner(folder, tree, base, env).runs(yaml.safe_load(workflow.read_text()))


@attrs.frozen
class Runner:
    """A machine that runs the steps of a job, as the service documents it."""

    folder: Path
    tree: Path
    base: str
    more: Mapping[str, str] = attrs.field(factory=dict)

    def runs(self, workflow: Mapping[str, Any]) -> Hosted:
        temp = self.folder / "temp"
        temp.mkdir(exist_ok=True)
        (temp / "marker-of-the-runner").write_text("")
        for name in FILES:
            (temp / name).write_text("")
        out, codes = "", dict[str, int]()
        steps = [step for step in workflow["jobs"]["choose"]["steps"] if "run" in step]
        (part,) = set(workflow["jobs"]) - {"choose", "gate", "notify", "caches"}
        steps += [step for step in workflow["jobs"][part]["steps"] if "run" in step]
        for step in steps:
            if any(codes.values()) and step.get("if") != "always()":
                continue
            done = self.step(temp, step["run"], "failure" if any(codes.values()) else "success")
            codes[step["name"]] = done.returncode
            out += done.stdout
        files = {name: (temp / name).read_text() for name in FILES}
        return Hosted(out, codes, files, temp, self.tree)

    def step(self, temp: Path, script: str, status: str) -> "subprocess.CompletedProcess[str]":
        env = {
            **{name: os.environ[name] for name in ("PATH", "DOCKER_HOST") if name in os.environ},
            **{name: str(temp / name) for name in FILES},
            "HOME": str(self.folder), "RUNNER_TEMP": str(temp), "GITHUB_WORKSPACE": str(self.tree),
            "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF_NAME": BRANCH,
            "GITHUB_TOKEN": MARK, "CIFORGE_JOB": JOB, "CIFORGE_JOB_STATUS": status,
            "CIFORGE_WANTED": "", "CIFORGE_SCHEDULE": "", "CIFORGE_BASE_DEBIAN_13": self.base,
            **self.more,
        }  # fmt: skip
        return subprocess.run(
            ["sh", "-e", "-c", script], cwd=self.tree, env=env, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def attacked(hello_run: Ended, tmp_path_factory: pytest.TempPathFactory) -> Hosted:
    """Prints commands, looks for the runner's files, and fails."""
    steps = {
        "shout": {"run": PRINT},
        "search": {"run": SEARCH + PRINT + "exit 3\n", "after": "shout"},
    }
    return hosted(tmp_path_factory.mktemp("attacked"), steps, base(hello_run))


def test_hosted_job_that_attacks_ran_to_its_end(attacked: Hosted) -> None:
    assert attacked.codes["shout"] == 0, attacked.out
    assert attacked.codes["search"] == 1, attacked.out
    assert attacked.result["status"] == "failed"
    assert attacked.result["failed_step"] == "search"
    assert MARK in attacked.out


def test_runner_executes_no_command_of_a_build(attacked: Hosted) -> None:
    assert set(commands(attacked.out)) <= OURS


def test_reader_of_workflow_commands_finds_what_a_runner_would() -> None:
    for line in COMMANDS:
        assert commands(f"before\n{line}\nafter\n"), line
    assert commands(f"::stop-commands::{'a' * 32}\n::error::x\n::{'a' * 32}::\n::error::y\n") == [
        "stop-commands", "error",
    ]  # fmt: skip


def test_build_sets_no_variable_output_or_path_of_the_runner(attacked: Hosted) -> None:
    assert set(attacked.files["GITHUB_ENV"].splitlines()) <= {"CIFORGE_ENDED=yes"}
    assert attacked.files["GITHUB_PATH"] == attacked.files["GITHUB_STATE"] == ""
    outputs = attacked.files["GITHUB_OUTPUT"].splitlines()
    assert [line.partition("=")[2] for line in outputs] == [
        json.dumps(json.loads(line.partition("=")[2]), separators=(",", ":")) for line in outputs
    ]
    assert MARK not in attacked.files["GITHUB_OUTPUT"]


def test_build_reaches_no_file_or_variable_of_the_runner(attacked: Hosted) -> None:
    log = (attacked.temp / "ciforge" / "result" / "log.txt").read_text(errors="replace")
    assert MARK in log
    assert "reached" not in log


def test_no_name_of_a_file_branch_or_commit_is_executed(attacked: Hosted) -> None:
    assert not [*attacked.tree.rglob("pwned"), *attacked.temp.rglob("pwned")]
    assert attacked.result["source"]["branch"] == BRANCH


def test_hosted_summary_shows_hostile_text_as_text(attacked: Hosted) -> None:
    summary = attacked.files["GITHUB_STEP_SUMMARY"]
    assert f"&lt;script&gt;{MARK}" in summary
    assert "<script" not in summary
    assert "\x1b" not in summary
    assert summary.count("<pre>") == summary.count("</pre>") == 1


def test_hosted_result_has_no_escape_sequences(attacked: Hosted) -> None:
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f]", json.dumps(attacked.result, ensure_ascii=False)
    )
    kept = attacked.temp / "ciforge" / "result"
    assert not [file for file in kept.rglob("*") if file.is_symlink()]


def test_forged_record_of_root_gives_the_runner_no_command(
    hello_run: Ended, tmp_path: Path
) -> None:
    steps = {"forge": {"run": FORGE, "as": "root"}}
    made = hosted(tmp_path, steps, base(hello_run))
    assert made.codes["forge"] == 1, made.out
    assert set(commands(made.out)) <= OURS
    assert made.result["status"] in {"failed", "infrastructure"}


def by_manifest(
    folder: Path, run: Ended, expect: Document | None = None, **steps: Document
) -> Built:
    """A job of these steps and no others, by its manifest's tasks."""
    tree = hello(folder / "hello")
    none = dict.fromkeys(("bootstrap", "configure", "build", "install"), False)
    repo = {
        "path": ".", "recipe": "autotools", "dependencies": ["autoconf", "automake"],
        "users": {"_hello": "/var/empty"}, "steps": {**none, **steps}, **(expect or {}),
    }  # fmt: skip
    document = {"project": "trial", "repos": {"hello": repo}, "jobs": ["hello/debian-13"]}
    (tree / "ciforge.yml").write_text(json.dumps(document, indent=1))
    commit(tree, "Attack")
    with_manifest(tree, folder)
    return built(tree, folder / "home", base(run))


def log(made: Built) -> str:
    return (made.home / "ciforge" / "result" / "log.txt").read_text()


def test_process_left_by_a_hosted_step_forges_no_manifest(hello_run: Ended, tmp_path: Path) -> None:
    build = {"run": f"({FORGES}) 2>/dev/null &\necho built"}
    made = by_manifest(tmp_path, hello_run, EXPECTED, build=build, install={"run": "sleep 2"})
    assert result(made)["failed_step"] == "expect", made.out
    assert "/usr/local/bin/tool: the install manifest is empty" in log(made)
    assert "processes that build left running" in log(made)


def test_hosted_install_that_rewrites_the_step_scripts_forges_no_manifest(
    hello_run: Ended, tmp_path: Path
) -> None:
    touch = {"run": AFTER, "after": "install", "as": "root"}
    steps = {"build": {"run": "echo '#define HAVE_SOMETHING 1' >config.h"}, "touch": touch}
    made = by_manifest(tmp_path, hello_run, CONFIGURED, install={"run": REWRITES}, **steps)
    assert result(made)["failed_step"] == "expect", made.out
    assert "forged" not in log(made)
    assert "config.h does not define HAVE_NOTHING" in log(made)
    manifest = made.home / "ciforge" / "result" / "artifacts" / "manifest.txt"
    assert " /usr/local/bin/find\n" in manifest.read_text()
    assert FORGED not in manifest.read_text()


@pytest.mark.alone
def test_hosted_step_that_ends_0_after_a_memory_kill_has_failed(
    hello_run: Ended, tmp_path: Path
) -> None:
    made = by_manifest(tmp_path, hello_run, build={"run": EATER})
    assert not made.passed
    assert log(made).splitlines()[-1] == "whole"
    assert result(made)["reason"] == "build failed: it used up its memory", made.out


def test_moved_file_is_built_although_its_new_path_is_ignored(tmp_path: Path) -> None:
    step: Document = {"see": {"run": "true"}}
    more: Document = {"repo": {"path": "."}, "ciforge": {"ignore": ["docs/*"]}}
    person = Person(trial(tmp_path / "tree", step, **more), tmp_path)
    tree = person.here
    git(tree, "init", "--quiet", "--initial-branch=main")
    (tree / "src").mkdir()
    (tree / "src" / "a.c").write_text("int a;\n" * 20)
    assert person.types("generate").code == 0
    commit(tree, "A file and the workflow")
    git(tree, "checkout", "--quiet", "-b", "topic")
    (tree / "docs").mkdir()
    (tree / "src" / "a.c").rename(tree / "docs" / "a.c")
    commit(tree, "Move it")
    git(tree, "checkout", "--quiet", "main")
    git(tree, "merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    temp = tmp_path / "temp"
    temp.mkdir()
    (workflow,) = (tree / ".github" / "workflows").glob("*.yml")
    for each in yaml.safe_load(workflow.read_text())["jobs"]["choose"]["steps"]:
        if "run" in each:
            done = Runner(tmp_path, tree, "").step(temp, each["run"], "success")
            assert done.returncode == 0, done.stdout
    assert JOB.split("/")[1] in (temp / "GITHUB_OUTPUT").read_text()
