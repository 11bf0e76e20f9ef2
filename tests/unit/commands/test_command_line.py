"""The command line itself: help, mistakes, odd terminals, output that nobody reads."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from command_tests import Types

from ciforge import __version__
from ciforge.cli import main
from tests.tables import each, mostly_slow

PROGRAM = (sys.executable, "-m", "ciforge")


def shell(text: str, here: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """What a line of bash does in which `ciforge` is the program."""
    line = f'ciforge() {{ "{sys.executable}" -m ciforge "$@"; }}; {text}'
    return subprocess.run(
        ["bash", "-c", line], cwd=here, env=os.environ | env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_ciforge_without_arguments_lists_the_commands(types: Types) -> None:
    typed = types()
    assert typed.code == 0
    assert [name for name in main.COMMANDS if f"\n  {name} " not in typed.out] == []


@pytest.mark.parametrize("words", mostly_slow(["help", "--help", "-h"]))
def test_help_of_ciforge_has_every_spelling(here: Path, words: str) -> None:
    done = shell(f"ciforge {words}; ciforge >&2", here)
    assert (done.returncode, done.stdout) == (0, done.stderr)


ASK = """
import json
from click.testing import CliRunner
from ciforge.cli import main
def ask(*words):
    ended = CliRunner().invoke(main.cli, words, prog_name="ciforge")
    return [ended.exit_code, ended.stdout, ended.stderr]
print(json.dumps({name: [ask(name, "-h"), ask("help", name)] for name in main.COMMANDS}))
"""


@pytest.fixture(scope="module")
def asked() -> dict[str, list[list[object]]]:
    """Each command's help by both ways, in a process that has only just begun."""
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    answers: dict[str, list[list[object]]] = json.loads(done.stdout)
    return answers


@pytest.mark.slow
@each("name", main.COMMANDS)
def test_help_of_a_command_has_every_spelling(
    asked: dict[str, list[list[object]]], name: str
) -> None:
    one, other = asked[name]
    assert one == other
    code, out, err = one
    assert (code, err) == (0, "")
    assert str(out).startswith(f"Usage: ciforge {name} ")


@each("name", main.COMMANDS)
def test_options_of_every_command_have_help(name: str) -> None:
    command = main.cli.get_command(click.Context(main.cli), name)
    assert command
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not (one.help or "").endswith(".")] == []


@pytest.mark.parametrize("name", ["run", "shell", "script", "log", "history", "clean", "lint"])
def test_help_of_a_command_shows_its_usage(types: Types, name: str) -> None:
    assert re.search(rf"^  .*ciforge {name}\b", types("help", name).out, re.M)


@each("name", main.COMMANDS)
def test_examples_in_the_help_are_existing_commands(types: Types, name: str) -> None:
    for typed, flags in re.findall(
        r"(?<!/)ciforge ([a-z]+)((?: --?[a-z-]+)*)", types("help", name).out
    ):
        command = main.cli.get_command(click.Context(main.cli), typed)
        assert command, typed
        known = {flag for one in command.params for flag in one.opts}
        assert set(flags.split()) <= known | {"--help"}


def test_version_is_one_line(types: Types) -> None:
    assert types("--version").out == f"ciforge {__version__}\n"


@each(
    ("words", "told"),
    [
        (("list",), "there is no command 'list' (did you mean 'jobs'?)"),
        (("rnu",), "there is no command 'rnu' (did you mean 'run'?)"),
        (("Doctor",), "(did you mean 'doctor'?)"),
        (("help", "hitsory"), "(did you mean 'history'?)"),
        (("zzzz",), "there is no command 'zzzz'\n"),
        (("--verison",), "ciforge has no option --verison (did you mean '--version'?)"),
        (("run", "--sorce", "x"), "ciforge run has no option --sorce (did you mean '--source'?)"),
        (("jobs", "-x"), "ciforge jobs has no option -x\n"),
        (("run", "--file"), "option '--file' requires an argument"),
        (("jobs", "--json=yes"), "option '--json' does not take a value"),
        (("shell",), "ciforge shell needs JOB"),
        (("log",), "ciforge log needs JOB"),
        (("log", "a", "b"), "got unexpected extra argument (b)"),
        (("completion", "bsh"), "(did you mean 'bash'?)"),
        (("completion",), "ciforge completion needs "),
        (("run", "-j", "none"), "'none' is not a positive whole number"),
        (("run", "-j", "0"), "'0' is not a positive whole number"),
        (("run", "--timeout", "5x"), "expected a time like 90s, 10m or 2h, found '5x'"),
        (("run", "--timeout", "25h"), "'25h' is not between 1s and 24h"),
        (("jobs", "--file", "/"), "'/' is a directory"),
        (("jobs", "--file", "none.yml"), "none.yml: No such file or directory"),
        (("history", "--state-dir", "ciforge.yml"), "'ciforge.yml' is a file"),
        (("history", "--state-dir", "ciforge.yml/x"), "ciforge.yml/x/mine: Not a directory"),
        (("jobs", "debain"), "(did you mean 'debian'?)"),
        (("script", "debian-13"), "'debian-13' matches 3 jobs; name one"),
        (("shell", "debian-13"), "'debian-13' matches 3 jobs; name one"),
        (("shell", "clang@arm64"), "arm64"),
        (("shell", "filter", "--after", "biuld"), "(did you mean 'build'?)"),
        (("shell", "filter", "--after", "zz"), "it has prepare, fetch, build, install"),
        (("run", "--patch", "none.diff", "filter"), "--patch none.diff: No such file"),
        (("run", "--rev", "main", "debian-13"), "use --rev REPO="),
        (("run", "--source", "nix", "filter"), "no repository 'nix'"),
    ],
)
def test_usage_error_names_the_nearest_command_or_option(
    types: Types, words: tuple[str, ...], told: str
) -> None:
    typed = types(*words)
    assert (typed.code, typed.out) == (2, "")
    assert typed.err.startswith("ciforge: ")
    assert told in typed.err
    assert "Traceback" not in typed.err


def test_command_without_a_project_file_names_init(
    types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    typed = types("jobs")
    assert typed.code == 2
    assert "no ciforge.yml here or in any folder above" in typed.err


def test_project_without_jobs_has_a_hint(types: Types, here: Path) -> None:
    (here / "ciforge.yml").write_text("project: p\nrepos: {r: {path: ., recipe: make}}\njobs: []\n")
    typed = types("jobs")
    assert typed.code == 2
    assert "no jobs: write for example `jobs: [debian]`" in typed.err


def test_duration_option_is_written_as_in_the_project_file(types: Types) -> None:
    for limit in ("90", "90s", "10m", "3h"):
        assert "no Docker engine answers" in types("run", "filter", "--timeout", limit).err


def test_run_without_an_engine_ends_with_3(types: Types, state: Path) -> None:
    typed = types("run", "debian-13")
    assert (typed.code, typed.out) == (3, "")
    assert "no Docker engine answers" in typed.err
    assert not (state / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "ciforge jobs | head -1",
        "ciforge jobs | true",
        "ciforge --help | true",
        "ciforge script daemon/debian-13/default | true",
    ],
)
def test_closed_pipe_ends_with_141_without_a_message(here: Path, command: str) -> None:
    done = shell(f"set -o pipefail; {command}", here)
    assert done.stderr == ""
    assert done.returncode in (0, 141)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", ["jobs", "--help", "script daemon/debian-13/default"])
def test_output_to_a_full_disk_is_no_crash(here: Path, command: str) -> None:
    done = shell(f"ciforge {command} >/dev/full", here)
    assert (done.returncode, done.stderr) == (3, "ciforge: No space left on device\n")


@pytest.mark.slow
def test_closed_output_is_no_crash(here: Path) -> None:
    assert shell("ciforge jobs >&-", here).returncode in (0, 3)


@pytest.mark.slow
def test_lost_terminal_is_no_crash(here: Path) -> None:
    done = shell("ciforge jobs none 2>&-", here)
    assert done.returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
     {"PYTHONIOENCODING": "ascii"}],
)  # fmt: skip
def test_text_outside_of_the_terminal_encoding_is_escaped(here: Path, env: dict[str, str]) -> None:
    (here / "ciforge.yml").write_text(
        "project: p\nrepos: {r: {path: ., recipe: make, dependencies: [größe]}}\njobs: [debian]\n",
        encoding="utf-8",
    )
    done = shell("ciforge jobs gr\u00f6\u00dfe; ciforge lint", here, **env)
    assert "Traceback" not in done.stderr
    assert "this is a bug" not in done.stderr
    assert "ciforge.yml:2:" in done.stderr
    assert "ciforge.yml:2:" in done.stdout


@each("name", ["", *main.COMMANDS])
def test_help_fits_a_narrow_terminal(
    types: Types, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    typed = types(*filter(None, [name]), "--help")
    assert typed.code == 0
    # Examples are typed as they stand, and may be longer.
    prose = [line for line in typed.lines if "ciforge" not in line]
    assert len([line for line in prose if len(line) > 50]) < 12


@pytest.mark.slow
def test_crash_writes_a_report_and_prints_no_traceback(here: Path, tmp_path: Path) -> None:
    text = "import ciforge.commands.jobs as jobs; jobs._as_line = None; from ciforge.cli.main import main; main(['jobs'])"
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=here,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "ciforge: this is a bug: TypeError" in done.stderr
    assert "Traceback" not in done.stderr
    (report,) = (tmp_path / "state" / ".crash-reports").iterdir()
    assert "Traceback" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["\x1b]0;gotcha\x07", "a\rb", "\u202etxt", "\x9b31m"])
def test_message_quotes_text_without_escape_sequences(types: Types, name: str) -> None:
    said = types("jobs", "--file", name)
    assert said.code == 2
    assert "No such file" in said.err
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said.err)


@pytest.mark.parametrize("words", [("lint",), ("jobs",)])
def test_descriptor_file_name_is_shown_without_escape_sequences(
    types: Types, here: Path, words: tuple[str, ...]
) -> None:
    (here / "distros").mkdir()
    (here / "distros" / "a\x1b]0;gotcha\x07\u202e.yml").write_text("distribution: [\n")
    said = types(*words)
    assert said.code in {1, 2}
    assert "distros" in said.out + said.err
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said.out + said.err)


def test_lint_warns_of_a_setting_without_effect_and_passes(here: Path, types: Types) -> None:
    text = (here / "ciforge.yml").read_text()
    (here / "ciforge.yml").write_text(text.replace("recipe: go,", "recipe: go, flaky: {check: 2},"))
    typed = types("lint")
    assert (typed.code, typed.out) == (0, "")
    warning = "ciforge.yml:4:46: warning: this has no effect: no listed job that it changes has a step 'check'"
    assert typed.err.strip().endswith(warning)


@pytest.mark.parametrize("words", [(), ("filter/debian-13/default",)])
def test_jobs_lists_a_job_whose_needed_job_is_skipped_as_skipped(
    words: tuple[str, ...], here: Path, types: Types
) -> None:
    text = (here / "ciforge.yml").read_text()
    text = text.replace("recipe: autotools", "recipe: autotools, dependencies: [libressl]")
    (here / "ciforge.yml").write_text(text.replace("recipe: go,", "recipe: make, needs: [daemon],"))
    typed = types("jobs", *words)
    (line,) = (line for line in typed.lines if line.startswith("filter/debian-13/default"))
    assert "skipped: it needs daemon/debian-13/default: debian-13 has no libressl" in line


@pytest.mark.parametrize("words", [("script",), ("shell", "--fresh")])
def test_job_that_needs_an_install_has_no_script_and_no_new_shell(
    words: tuple[str, ...], here: Path, types: Types
) -> None:
    text = (here / "ciforge.yml").read_text()
    (here / "ciforge.yml").write_text(text.replace("recipe: go,", "recipe: make, needs: [daemon],"))
    typed = types(*words, "filter/debian-13/default")
    assert (typed.code, typed.out) == (2, "")
    assert "needs the install of daemon/debian-13/default, which a " in typed.err
    assert "ciforge run" in typed.err
