"""Tab completion, by the shells themselves."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_tests import Past

from ciforge.commands.completion import SHELLS
from ciforge.model.result import Status

PROMPT = "speak> "
RUN = "20260101T000000Z-aaaaaa"
CASES = [
    ("ciforge ru", "ciforge run "),
    ("ciforge doc", "ciforge doctor "),
    ("ciforge ini", "ciforge init "),
    ("ciforge inc", "ciforge incident "),
    ("ciforge init pla", "ciforge init plain/"),
    ("ciforge init --output cif", "ciforge init --output ciforge.yml "),
    ("ciforge run --pa", "ciforge run --patch "),
    ("ciforge run --state", "ciforge run --state-dir "),
    ("ciforge run daemon/debian-13/cl", "ciforge run daemon/debian-13/clang "),
    ("ciforge run fil", "ciforge run filter"),
    ("ciforge jobs debian-13 debian-12 filter/", "ciforge jobs debian-13 debian-12 filter/debian-13/default "),
    ("ciforge run --any alpine-ed", "ciforge run --any alpine-edge "),
    ("ciforge run --any debian-13@s", "ciforge run --any debian-13@s390x "),
    ("ciforge run --any daemon/debian-13/clang@pp", "ciforge run --any daemon/debian-13/clang@ppc64le "),
    ("ciforge run --source da", "ciforge run --source daemon="),
    ("ciforge run --source daemon=some", "ciforge run --source daemon=some folder/"),
    ("ciforge run --source daemon=plain/in", "ciforge run --source daemon=plain/inside/"),
    ("ciforge run --source=daemon=plain/in", "ciforge run --source=daemon=plain/inside/"),
    ("ciforge run --rev filter=st", "ciforge run --rev filter=stable "),
    ("ciforge run --patch fix", "ciforge run --patch fix.diff "),
    ("ciforge run --file cif", "ciforge run --file ciforge.yml "),
    ("ciforge run --file=cif", "ciforge run --file=ciforge.yml "),
    ("ciforge shell filter/debian-13/default --after fe", "ciforge shell filter/debian-13/default --after fetch "),
    ("ciforge log daemon --run 2026", f"ciforge log daemon --run {RUN} "),
    ("ciforge report 2026", f"ciforge report {RUN} "),
    ("ciforge report --html pla", "ciforge report --html plain/"),
    ("ciforge generate --target forg", "ciforge generate --target forgejo "),
    ("ciforge status --html pla", "ciforge status --html plain/"),
    ("ciforge status --state-b", "ciforge status --state-branch "),
    ("ciforge report --junit fix", "ciforge report --junit fix.diff "),
    ("ciforge completion z", "ciforge completion zsh "),
    ("true; ciforge run daemon/debian-12/c", "true; ciforge run daemon/debian-12/clang "),
]  # fmt: skip


@pytest.fixture
def place(here: Path, past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with things to name, and a `ciforge` in PATH that is this one."""
    for folder in ("some folder", "plain/inside"):
        (here / folder).mkdir(parents=True)
    (here / "fix.diff").touch()
    past.run(RUN, "2026-01-01T00:00:00Z", {"daemon/debian-13/default": Status.PASSED})
    program = tmp_path / "bin" / "ciforge"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ciforge "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("PS1", PROMPT)
    return here


class Bash:
    """An interactive bash on a terminal."""

    def __init__(self, here: Path) -> None:
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(here)
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self._hear(PROMPT)
        self.types('bind "set bell-style none"; eval "$(ciforge completion bash)"\n')
        self._hear(PROMPT)

    def types(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def _hear(self, until: str, seconds: float = 10) -> str:
        """What it prints up to and with some text, without what moves the cursor."""
        heard, end = "", time.monotonic() + seconds
        while until not in heard and time.monotonic() < end:
            if select.select([self._terminal], [], [], 0.1)[0]:
                heard += re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|[\r\x07]", "", self._read())
        return heard

    def _read(self) -> str:
        return os.read(self._terminal, 65536).decode(errors="replace")

    def completes(self, line: str) -> str:
        """The line after the tab key."""
        # What is typed after the tab appears when bash is done with it; the line is not run.
        self.types(f"{line}\t#end")
        heard = self._hear("#end")
        self.types("\x15echo do''ne\n")
        self._hear(f"done\n{PROMPT}")
        return heard.partition("#end")[0].replace("\\ ", " ")

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self._pid, 0)


@pytest.fixture
def bash(place: Path) -> Iterator[Bash]:
    one = Bash(place)
    yield one
    one.close()


@pytest.mark.slow
def test_bash_completes_commands_options_and_selectors(bash: Bash) -> None:
    for line, completed in CASES:
        assert bash.completes(line).endswith(completed), line


@pytest.mark.slow
def test_bash_completion_without_candidates_is_empty(bash: Bash) -> None:
    for line in ("ciforge run zz", "ciforge zz", "ciforge run --source daemon=zz"):
        assert bash.completes(line).endswith(line)


@pytest.mark.slow
def test_completion_outside_of_a_project_is_silent(place: Path, tmp_path: Path) -> None:
    one = Bash(tmp_path)
    assert one.completes("ciforge run deb").endswith("ciforge run deb")
    assert one.completes("ciforge jo").endswith("ciforge jobs ")
    one.close()


@pytest.mark.slow
@pytest.mark.parametrize("text", ["project: [", "", "\x00", "project: p\nrepos: {}\njobs: []\n"])
def test_completion_in_a_project_with_mistakes_is_empty(bash: Bash, here: Path, text: str) -> None:
    (here / "ciforge.yml").write_text(text)
    assert bash.completes("ciforge run deb").endswith("ciforge run deb")


def test_completion_of_jobs_loads_only_the_options_of_the_command() -> None:
    heavy = (
        "app",
        "diagnose",
        "engines",
        "load",
        "model",
        "plan",
        "report",
        "run",
        "sources",
        "store",
    )
    program = (
        "import sys, ciforge.cli.main, ciforge.commands.run, ciforge.commands.shell;"
        "import ciforge.commands.jobs, ciforge.commands.log, ciforge.commands.script;"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[1] for name in done.stdout.split() if name.startswith("ciforge.")}
    assert loaded.isdisjoint(heavy)


def answer(shell: str, line: str, words: int, here: Path) -> str:
    env = {"COMP_WORDS": line, "COMP_CWORD": str(words), "_CIFORGE_COMPLETE": f"{shell}_complete"}
    command = [sys.executable, "-m", "ciforge"]
    done = subprocess.run(
        command, cwd=here, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_script_has_no_syntax_error(place: Path, shell: str) -> None:
    script = subprocess.run(["ciforge", "completion", shell], capture_output=True, check=True)
    needed(shell)
    read = subprocess.run(
        [shell, "-n", "/dev/stdin"], input=script.stdout, capture_output=True, check=False
    )
    assert (read.returncode, read.stderr) == (0, b"")


def needed(shell: str) -> None:
    """Where a shell is missing, CI fails and a person is told."""
    if not shutil.which(shell):
        told = f"its completion is checked by {shell}, which is not here: apt-get install {shell}"
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(told)
        pytest.skip(told)


@pytest.mark.slow
def test_fish_completes_commands_options_and_selectors(place: Path) -> None:
    needed("fish")
    script = subprocess.run(["ciforge", "completion", "fish"], capture_output=True, check=True)
    (place / "tab.fish").write_bytes(script.stdout)
    typed = [line for line, _ in CASES if "=" not in line and ";" not in line]
    asked = "; ".join(f"complete -C '{line}' | head -1" for line in typed)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source tab.fish; {asked}"],
        cwd=place, capture_output=True, text=True, check=True,
    )  # fmt: skip
    words = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert words == [dict(CASES)[line].split()[-1] for line in typed]
