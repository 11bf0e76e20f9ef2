"""The scripts that run on a hosted machine itself, in every shell and awk that is here."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from job_trees import in_tree
from projects import EVERY_SHELL, ROOT, jobs, real_catalogue

from ciforge.ci.job_files import job_files
from ciforge.model.log_marks import NOTHING_INSTALLED
from ciforge.model.promise import Promise
from ciforge.model.result import Limit, Result, Status
from ciforge.run.log_file import HEAD, TAIL, LogFile
from ciforge.sanitize import safe_line
from ciforge.store.documents import from_document, version_of
from examples import examples
from tests.tables import mostly_slow

WORKFLOWS = ROOT / "workflows"
HOSTED = WORKFLOWS / "hosted"
AWKS = tuple(
    words
    for words in (("mawk",), ("gawk",), ("original-awk",), ("busybox", "awk"))
    if shutil.which(words[0])
)

OWN_SHELLS = tuple(shell for shell in EVERY_SHELL if "busybox" not in repr(shell))
"""Shells that take programs from PATH. busybox takes its own `grep`, without -P, and its own
`timeout`, which ends with another status; hosted runners have GNU's."""


def awk(words: Sequence[str], name: str, text: bytes, **variables: object) -> bytes:
    said = [word for key, value in variables.items() for word in ("-v", f"{key}={value}")]
    done = subprocess.run(
        [*words, *said, "-f", HOSTED / name], input=text, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
@pytest.mark.parametrize(
    "name", sorted(str(path.relative_to(WORKFLOWS)) for path in WORKFLOWS.glob("*/*.sh"))
)
def test_hosted_scripts_have_no_syntax_error(name: str, shell: Sequence[str]) -> None:
    done = subprocess.run([*shell, "-n", WORKFLOWS / name], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", AWKS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("/ciforge/src/src/a.c:1:2: error: x", "src/a.c:1:2: error: x"),
        ("cc -I/ciforge/src/include /ciforge/src/a.c", "cc -Iinclude a.c"),
        ("/usr/include/a.h:1:2: error: x", "/usr/include/a.h:1:2: error: x"),
        (
            "make[1]: Entering directory '/ciforge/src/src'\na.c:1:2: warning: x",
            "make[1]: Entering directory 'src'\nsrc/a.c:1:2: warning: x",
        ),
        (
            "make[1]: Entering directory '/ciforge/src/obj'\n../src/a.c:1:2: warning: x",
            "make[1]: Entering directory 'obj'\nsrc/a.c:1:2: warning: x",
        ),
        (
            "make[1]: Entering directory '/ciforge/src/src'\nb.c:1:2: error: x",
            "make[1]: Entering directory 'src'\nb.c:1:2: error: x",
        ),
    ],
)
def test_hosted_annotation_paths_are_those_of_the_checkout(
    words: Sequence[str], lines: str, shown: str, tmp_path: Path
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.c").write_text("")
    assert awk(words, "shown.awk", f"{lines}\n".encode(), root=tmp_path) == f"{shown}\n".encode()


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
SPECIAL = st.lists(st.sampled_from(['"', "\\", "\t", "\x01", "\x1f", "a", "é", "\\n"])).map("".join)


@settings(max_examples=examples(25), deadline=None)
@given(lines=st.lists(st.one_of(LINE, SPECIAL), max_size=4), reason=st.one_of(LINE, SPECIAL))
def test_hosted_result_is_json_with_any_text(
    lines: list[str], reason: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "tail").write_text("".join(f"{line}\n" for line in lines))
    (home / "ran").write_text("prepare 2026-01-01T00:00:00.000Z 0 3\n")
    (home / "packages").write_text("gcc 1:2\nodd\n")
    (home / "names").write_text("config.h\nconfig.log\n")
    for words in AWKS:
        text = awk(
            words, "result.awk", f"{reason}\n".encode(), home=home, job="a/b-1/c", status="failed",
            failed="build", started="", seconds=3, allow="false", repo="a", origin="",
        )  # fmt: skip
        result = json.loads(text)
        assert (result["tail"], result["reason"]) == (lines, reason)
        assert result["packages"] == {"gcc": "1:2"}
        assert result["artifacts"] == ["config.h", "config.log"]
        assert [step["name"] for step in result["steps"]] == ["prepare"]
        assert result["attempt"] == 0


@pytest.mark.parametrize("words", AWKS, ids=lambda words: words[0])
@pytest.mark.parametrize(("said", "kept"), [("2", 2), ("", 0), ("0", 0), ("x", 0), ("2, 3", 0)])
def test_hosted_result_names_its_attempt(
    tmp_path: Path, words: Sequence[str], said: str, kept: int
) -> None:
    (tmp_path / "ran").touch()
    (tmp_path / "packages").touch()
    text = awk(
        ["env", f"GITHUB_RUN_ATTEMPT={said}", *words], "result.awk", b"\n", home=tmp_path, job="a/b-1/c",
        status="passed", failed="", started="", seconds=3, allow="false", repo="a", origin="", names="",
    )  # fmt: skip
    assert json.loads(text)["attempt"] == kept


@pytest.mark.parametrize("words", AWKS, ids=lambda words: words[0])
def test_hosted_last_lines_are_safe_to_print(words: Sequence[str]) -> None:
    raw = b"\x1b[31mred\x1b[0m\n10%\r20%\nsame\nsame\nsame\na\tb\n\x07bell\n\x1b[1/mslash\x1b(/B\n[kept]\n"
    assert awk(words, "safe.awk", raw).decode().splitlines() == [
        "red", "20%", "same", "… the same line 2 more times", "a       b", "bell", "slash", "[kept]",
    ]  # fmt: skip


@pytest.mark.parametrize("words", AWKS, ids=lambda words: words[0])
def test_hosted_cross_check_has_the_sentence_of_a_local_one(
    words: Sequence[str], tmp_path: Path
) -> None:
    plan = jobs(
        "project: p\nrepos: {one: {recipe: autotools, dependencies: [zlib, openssl, libevent]}}\n"
        "jobs: [freebsd-14, openbsd]\n",
        real_catalogue(),
    )
    checks = [job for job in plan.values() if job.cross]
    assert checks
    made = job_files(checks, {"proves.awk": (HOSTED / "proves.awk").read_text()})
    in_tree(made, tmp_path)
    versions = {"zlib1g-dev": "1:1.3.1+dfsg-1", "libssl-dev": "3.5.4-1~deb13u1", "gcc": "1"}
    lines = "".join(f"{name} {text}\n" for name, text in versions.items())
    (tmp_path / "packages").write_text(lines)
    for job in checks:
        files = [tmp_path / name for name in ("proves.awk", "packages", "cross.txt")]
        done = subprocess.run(
            [*words, "-v", f"job={job.id}", "-f", *files], capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == f"{job.statement(versions)}\n"


def test_hosted_files_without_a_cross_check_have_no_sentence() -> None:
    plan = jobs("project: p\nrepos: {one: {recipe: make}}\njobs: [debian-13]\n")
    made = job_files(list(plan.values()), {"proves.awk": ""})
    assert not {"proves.awk", "cross.txt"} & set(made)


def test_hosted_source_that_tar_cannot_read_is_infrastructure(tmp_path: Path) -> None:
    home = at_home(tmp_path / "home")
    (home / "container").write_text("c\n")
    (home / "paths").write_bytes(b"missing\0")
    (tmp_path / "docker").write_text('#!/bin/sh\n[ "$1" != cp ] || cat >/dev/null\n')
    (tmp_path / "docker").chmod(0o755)
    done = subprocess.run(
        ["sh", home / "carry.sh", "put"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 1
    assert (home / "outcome").read_text().startswith("infrastructure\ntar could not read")


def test_hosted_machine_without_a_tool_is_infrastructure(tmp_path: Path) -> None:
    home = at_home(tmp_path / "home", "variable=NONE platform=p release=r allow_failure=false\n")
    (home / "Dockerfile").write_text("FROM nothing\n")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "awk", "cat", "cut", "date", "dirname", "grep", "head", "mkdir", "od", "printenv",
                 "sed", "sha256sum", "tail", "tee", "touch", "tr", "wc", "mv", "docker", "git", "timeout"):  # fmt: skip
        (tools / name).symlink_to(shutil.which(name) or "/bin/true")
    command = ["/bin/sh", home / "prepare.sh"]
    subprocess.run(command, env={"PATH": str(tools)}, capture_output=True, check=False)
    assert (home / "outcome").read_text() == "infrastructure\nthis machine has no iconv\n"


def at_home(home: Path, facts: str = "", **changes: str) -> Path:
    """A job's folder with what the scripts share, in which some settings are others."""
    text = (HOSTED / "common.sh").read_text()
    for name, value in changes.items():
        text, count = re.subn(rf"(?m)^{name}=\d+", f"{name}={value}", text)
        assert count == 1
    home.mkdir(exist_ok=True)
    for file in HOSTED.iterdir():
        shutil.copy(file, home)
    (home / "common.sh").write_text(text)
    (home / "facts").write_text(facts)
    (home / "job").write_text("a/b-1/c\n")
    (home / "result").mkdir()
    return home


def sourced(shell: Sequence[str], home: Path, script: str, **env: str) -> str:
    """What `script` prints that has read common.sh, and ends 0."""
    text = f'set -eu\nhere={home}\n. "$here/common.sh"\n{script}\n'
    done = subprocess.run(
        [*shell, "-c", text], env={"PATH": "/usr/bin:/bin", **env}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_hosted_build_output_is_no_workflow_command(shell: Sequence[str], tmp_path: Path) -> None:
    home = at_home(tmp_path / "home")
    tokens = set()
    for _ in range(2):
        said = sourced(shell, home, 'shown printf "::error::no\\n"', GITHUB_ACTIONS="true")
        stop, output, resume = said.splitlines()
        token = stop.removeprefix("::stop-commands::")
        assert re.fullmatch("[0-9a-f]{32}", token)
        assert (output, resume) == ("::error::no", f"::{token}::")
        tokens.add(token)
    assert len(tokens) == 2


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_hosted_output_filter_keeps_the_exit_code(shell: Sequence[str], tmp_path: Path) -> None:
    home = at_home(tmp_path / "home")
    assert sourced(shell, home, 'shown sh -c "exit 7" || echo "$?"') == "7\n"


PIECES = (b"", b"0123456789", b"abc", b"\0\xff\n", b"x" * 25, b"tail")


@pytest.mark.slow
@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
@pytest.mark.parametrize("count", range(len(PIECES) + 1))
def test_hosted_log_is_cut_like_a_local_one(
    count: int, shell: Sequence[str], tmp_path: Path
) -> None:
    home = at_home(tmp_path / "home", head_most="12", tail_most="9")
    for number, piece in enumerate(PIECES[:count]):
        (home / f"piece.{number}").write_bytes(piece)
        sourced(shell, home, f'cat "$home/piece.{number}" | keep >/dev/null')
    sourced(shell, home, "close_log")
    with LogFile(tmp_path / "log.txt", head=12, tail=9) as log:
        for piece in PIECES[:count]:
            log.write(piece)
    assert (home / "result" / "log.txt").read_bytes() == (tmp_path / "log.txt").read_bytes()
    assert not list(home.glob("more*"))


def test_hosted_log_is_as_long_as_a_local_one() -> None:
    text = (HOSTED / "common.sh").read_text()
    found = dict(re.findall(r"(?m)^(head_most|tail_most)=(\d+)", text))
    assert found == {"head_most": str(HEAD), "tail_most": str(TAIL)}


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_hosted_output_line_is_shown_at_once(shell: Sequence[str], tmp_path: Path) -> None:
    home = at_home(tmp_path / "home")
    script = f'here={home}\n. "$here/common.sh"\nshown sh -c "echo now; sleep 60"\n'
    with subprocess.Popen(
        [*shell, "-c", script], env={"PATH": "/usr/bin:/bin"}, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as child:  # fmt: skip
        assert child.stdout
        try:
            assert child.stdout.readline() == "now\n"
            while "now" not in (home / "result" / "log.txt").read_text():
                assert child.poll() is None, "the step ended before its line was in the log"
                time.sleep(0.01)
        finally:
            os.killpg(child.pid, signal.SIGKILL)


def test_hosted_output_filter_reads_a_very_long_line_once(tmp_path: Path) -> None:
    home = at_home(tmp_path / "home")
    script = "shown sh -c \"head -c 20000000 /dev/zero | tr '\\\\0' x\""
    said = sourced(("sh",), home, script)
    assert max(map(len, said.splitlines())) < 2100
    assert (home / "result" / "log.txt").stat().st_size == 20_000_000


def test_hosted_output_does_not_depend_on_the_stdbuf_of_uutils(tmp_path: Path) -> None:
    """Its libstdbuf does not change programs of uutils, such as cut."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "stdbuf").write_text(
        '[ "$1" = --version ] && echo "stdbuf (uutils coreutils) 0.2.2"\n'
    )
    (tools / "stdbuf").chmod(0o755)
    home = at_home(tmp_path / "home")
    build = "echo one; head -c 3000000 /dev/zero | tr '\\0' x"
    script = f'PATH={tools}:$PATH\n. "$here/common.sh"\nshown sh -c "{build}"'
    first, long = sourced(("sh",), home, script).splitlines()
    assert (first, len(long)) == ("one", 2000)
    assert (home / "result" / "log.txt").stat().st_size == 3_000_004


DOCKER = """\
#!/bin/sh
# A box in which a step never ends until its processes are told to, and says what it was asked.
case "$*" in
*" supervise before "*) ;;
exec*/bin/step*)
    echo begins
    echo $$ >"$HOME/client"
    trap 'exit 143' TERM
    while :; do sleep 0.1; done
    ;;
*" supervise signal TERM 7") kill -TERM "$(cat "$HOME/client")" ;;
*"the list") echo 'the processes' ;;
cp*) exit 1 ;;
esac
"""


def in_a_box(home: Path, steps: str) -> None:
    """A box that was made, with these steps; 7 is the process of the box itself."""
    (home / "container").write_text("box\n")
    (home / "own").write_text("7\n")
    (home / "usage").write_text("memory.events oom_kill 0\npids.events max 0\n")
    (home / "step-list").write_text(steps)
    (home / "bin").mkdir()
    (home / "bin" / "supervise").write_text("the script\n")
    (home / "bin" / "processes").write_text("the list\n")
    (home / "steps").mkdir()


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_hosted_step_at_its_time_limit_is_explained_and_ended(
    shell: Sequence[str], tmp_path: Path
) -> None:
    home = at_home(tmp_path / "home")
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    in_a_box(home, "smoke ciforge no-network 1\n")
    now = int(time.time())
    (home / "job-began").write_text(f"{now}\n")
    done = subprocess.run(
        [*shell, home / "step.sh", "smoke"], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    status, reason, limit = (home / "outcome").read_text().splitlines()
    assert (status, limit) == ("timed-out", "time")
    assert re.fullmatch(
        r"smoke was still running at its limit: no end after 1 s, no output for the last \d s",
        reason,
    )
    assert (home / "result" / "log.txt").read_text() == (
        "--- ciforge: smoke ---\nbegins\n\n"
        "--- ciforge: smoke is at its limit; its processes: ---\nthe processes\n"
    )
    assert (home / "ran").read_text().split()[::2] == ["smoke", "-"]


QUIET = """\
#!/bin/sh
# A box in which a step ends as FILE says; it writes down what it is asked.
case "$*" in
*" supervise "*) echo "supervise ${*##* supervise }" ;;
*) echo "$*" ;;
esac >>"$HOME/asked"
case "$*" in
*" supervise after "*) cat "$HOME/left" ;;
exec*/bin/step*) exit "$(cat "$HOME/code")" ;;
"inspect -f"*) echo true ;;
"cp box:"*manifest.txt*) tar -C "$HOME" -cf - manifest.txt ;;
esac
"""


@attrs.frozen
class Stepped:
    """A step that has ended."""

    code: int
    outcome: list[str]
    ran: str
    asked: list[str]
    log: str


def stepped(
    folder: Path,
    left: str,
    code: int = 0,
    step: str = "build ciforge",
    shell: Sequence[str] = ("sh",),
    manifest: str = "file 755 root root /usr/local/bin/x\n",
) -> Stepped:
    """One step that ends with a code, after which root finds this."""
    home = at_home(folder / "home")
    (folder / "docker").write_text(QUIET)
    (folder / "docker").chmod(0o755)
    (folder / "code").write_text(str(code))
    (folder / "left").write_text(left)
    (folder / "manifest.txt").write_text(manifest)
    name, _, user = step.partition(" ")
    in_a_box(home, f"{name} {user} no-network 60\n")
    (home / "job-began").write_text(f"{int(time.time())}\n")
    done = subprocess.run(
        [*shell, home / "step.sh", name], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    assert done.stderr == ""
    outcome = home / "outcome"
    return Stepped(
        done.returncode,
        outcome.read_text().splitlines() if outcome.exists() else [],
        (home / "ran").read_text().split()[2],
        (folder / "asked").read_text().splitlines(),
        (home / "result" / "log.txt").read_text(),
    )


FINE = "left 0\nexit 0\nmemory.events oom_kill 0\npids.events max 0\ndisk o 9 9 99999999 1% /\n"
KILLED = FINE.replace("oom_kill 0", "oom_kill 1")


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("left", "outcome"),
    [
        (FINE, []),
        (FINE.replace("99999999", "0"), []),
        (
            KILLED + "memory.events max 4\n",
            ["failed", "build failed: it used up its memory", "memory"],
        ),
        (
            KILLED + "memory/memory.max_usage_in_bytes 7\nmemory/memory.limit_in_bytes 7\n",
            ["failed", "build failed: it used up its memory", "memory"],
        ),
        (
            KILLED,
            [
                "infrastructure",
                "the machine ran out of memory, and the kernel ended a process of the job",
                "engine-memory",
            ],
        ),
        (
            FINE.replace("max 0", "max 2"),
            ["failed", "build failed: it reached its limit of 2048 processes", "processes"],
        ),
        ("", ["infrastructure", "build ended with 0, its own record says nothing"]),
        (
            FINE.replace("exit 0", "exit 3"),
            ["infrastructure", "build ended with 0, its own record says 3"],
        ),
    ],
)
def test_hosted_step_that_ends_0_has_passed_only_without_a_memory_kill(
    left: str, outcome: list[str], shell: Sequence[str], tmp_path: Path
) -> None:
    ended = stepped(tmp_path, left, shell=shell)
    assert (ended.outcome, ended.code, ended.ran) == (
        outcome, 1 if outcome else 0, "-" if outcome else "0",
    )  # fmt: skip


def test_hosted_step_names_and_ends_the_processes_it_left(tmp_path: Path) -> None:
    ended = stepped(tmp_path, FINE.replace("left 0", "left 2"))
    assert ended.code == 0
    assert "supervise after build ciforge 7" in ended.asked
    assert ended.log.splitlines()[-1] == (
        "--- ciforge: processes that build left running: 2; they were ended ---"
    )
    assert not [line for line in ended.asked if line.startswith("cp ")]


@pytest.mark.parametrize(("code", "times"), [(0, 1), (1, 0)])
def test_hosted_install_that_changes_no_file_says_so_where_it_passed(
    code: int, times: int, tmp_path: Path
) -> None:
    left = FINE.replace("exit 0", f"exit {code}")
    ended = stepped(tmp_path, left, code=code, step="install root", manifest="")
    assert ended.code == code
    assert ended.log.splitlines().count(NOTHING_INSTALLED) == times


def test_hosted_scripts_are_restored_after_a_step_of_root(tmp_path: Path) -> None:
    ended = stepped(tmp_path, FINE, step="install root")
    assert ended.code == 0
    assert ended.asked[0] == "supervise before install"
    home = tmp_path / "home"
    after = ended.asked[ended.asked.index("supervise after install root 7") :]
    assert after == [
        "supervise after install root 7",
        "cp box:/ciforge/records/manifest.txt -",
        "cp box:/ciforge/records/manifest.txt -",
        f"cp {home}/bin box:/ciforge/",
        f"cp {home}/steps box:/ciforge/",
        f"cp {home}/manifest.txt box:/ciforge/records/manifest.txt",
    ]


def test_hosted_manifest_is_the_one_read_after_the_install(
    tmp_path: Path,
) -> None:
    home = at_home(tmp_path / "home", "allow_failure=false\n")
    (home / "manifest.txt").write_text("file 755 root root /usr/local/bin/x\n")
    (home / "step-list").write_text("build ciforge no-network 60\n")
    (home / "ran").write_text("build 2026-01-01T00:00:00.000Z 1 3\n")
    (home / "outcome").write_text("failed\nno\n")
    subprocess.run(["sh", home / "finish.sh"], env={"PATH": "/usr/bin:/bin"}, check=True)
    kept = home / "result" / "artifacts" / "manifest.txt"
    assert kept.read_text() == "file 755 root root /usr/local/bin/x\n"


@pytest.mark.slow
@pytest.mark.parametrize("shell", OWN_SHELLS, ids=lambda words: words[0])
def test_hosted_image_build_ends_at_the_time_limit_of_the_job(
    shell: Sequence[str], tmp_path: Path
) -> None:
    home = at_home(
        tmp_path / "home", "job=j variable=NONE platform=p allow_failure=true\n", limit="2"
    )
    (home / "Dockerfile").write_text("FROM nothing\n")
    (home / "carry.sh").write_text("")
    (tmp_path / "docker").write_text('#!/bin/sh\n[ "$1" != build ] || exec sleep 1000\n')
    (tmp_path / "docker").chmod(0o755)
    (home / "unreachable").write_text("no such thing\n")
    (home / "unknown").write_text("no such thing\n")
    done = subprocess.run(
        [*shell, home / "prepare.sh"], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_ENV": str(tmp_path / "env")},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == ""
    assert (home / "outcome").read_text() == (
        "timed-out\nprepare was still running at its limit: no end after 2 s, "
        "no output for the last 0 s\ntime\n"
    )
    assert (tmp_path / "env").read_text() == "CIFORGE_ENDED=yes\n"


CACHING = """\
#!/bin/sh
# An engine that remembers the labels of the image that it built; a cached one has those of the file.
echo "$1 $2" >>"$HOME/asked"
case "$1 $2" in
"build "*)
    while [ "$1" != --label ]; do shift; done
    printf '%s %s\\n' "$(sed -n 's/^LABEL org.ciforge.created=//p')" "${2#*=}" >"$HOME/label"
    ;;
"save "*) cat "$HOME/label" >"$3" ;;
"load "*) cat "$4" >"$HOME/label" ;;
"image inspect")
    case $4 in
    *created*) cat "$HOME/label" ;;
    *Labels*) cut -d ' ' -f 2 "$HOME/label" ;;
    *) echo sha256:1 ;;
    esac
    ;;
"create "*) exit 1 ;;
esac
"""


@pytest.mark.slow
def test_hosted_cached_image_is_used_only_with_its_base_image_and_in_its_week(
    tmp_path: Path,
) -> None:
    (tmp_path / "docker").write_text(CACHING)
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "output").touch()
    temp = tmp_path / "temp"
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), "RUNNER_TEMP": str(temp),
           "GITHUB_OUTPUT": str(tmp_path / "output")}  # fmt: skip

    def asked(*words: str, **more: str) -> list[str]:
        home = at_home(temp / "ciforge", "variable=BASE platform=p allow_failure=false\n")
        (home / "Dockerfile").write_text("FROM nothing\n")
        (home / "carry.sh").write_text("")
        (home / "versions").write_text("true\n")
        (tmp_path / "asked").write_text("")
        subprocess.run(["sh", home / "prepare.sh", *words], env=env | more, capture_output=True, check=False)  # fmt: skip
        shutil.rmtree(home)
        return [line.split()[0] for line in (tmp_path / "asked").read_text().splitlines()]

    temp.mkdir()
    assert "build" in asked()
    assert [word for word in asked("image") if word in ("build", "save")] == ["build", "save"]
    assert (tmp_path / "output").read_text() == "kept=yes\n"
    assert {"load", "build"} & set(asked()) == {"load"}
    assert [word for word in asked("image") if word in ("load", "build", "save")] == ["load"]
    assert {"load", "build"} & set(asked(BASE="another")) == {"load", "build"}
    (temp / "ciforge-image" / "image.tar").write_text("2001-W01 i@sha256:1\n")
    assert {"load", "build"} & set(asked()) == {"load", "build"}


REGISTRY = CACHING.replace(
    'case "$1 $2" in\n',
    """case "$1 $2" in
"login "*) cat >"$HOME/password"; echo "$*" >"$HOME/login" ;;
"logout "*) rm -f "$HOME/login" ;;
"pull "*) [ -f "$HOME/login" ] && [ -f "$HOME/pushed" ] || exit 1 ;;
"push "*) [ -f "$HOME/login" ] || exit 1; touch "$HOME/pushed"; echo "$2" >"$HOME/name" ;;
""",
)


@pytest.mark.slow
def test_an_image_of_the_registry_is_pushed_once_and_pulled_with_a_login_that_ends(
    tmp_path: Path,
) -> None:
    (tmp_path / "docker").write_text(REGISTRY)
    (tmp_path / "docker").chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), "RUNNER_TEMP": str(tmp_path / "temp"),
        "CIFORGE_REGISTRY": "ghcr.io/Owner/Name/ciforge", "CIFORGE_IMAGE": "ciforge-x-2026-W48-0",
        "CIFORGE_REGISTRY_USER": "me", "CIFORGE_REGISTRY_TOKEN": "secret",
    }  # fmt: skip

    def asked(*words: str, **more: str) -> list[str]:
        home = at_home(tmp_path / "temp" / "ciforge", "variable=BASE platform=p allow_failure=false\n")  # fmt: skip
        (home / "Dockerfile").write_text("FROM nothing\n")
        (home / "carry.sh").write_text("")
        (home / "versions").write_text("true\n")
        (tmp_path / "asked").write_text("")
        done = subprocess.run(["sh", home / "prepare.sh", *words], env=env | more, capture_output=True, check=False)  # fmt: skip
        assert b"secret" not in done.stdout + done.stderr
        shutil.rmtree(home)
        assert not (tmp_path / "login").exists()
        return [line.split()[0] for line in (tmp_path / "asked").read_text().splitlines()]

    (tmp_path / "temp").mkdir()
    assert {"build", "push"} & set(asked()) == {"build"}
    assert {"build", "push"} & set(asked("image")) == {"build", "push"}
    assert (tmp_path / "name").read_text() == "ghcr.io/owner/name/ciforge:ciforge-x-2026-w48-0\n"
    assert (tmp_path / "password").read_text() == "secret"
    assert {"build", "push", "tag"} & set(asked("image")) == {"tag"}
    assert {"build", "push", "tag"} & set(asked()) == {"tag"}
    assert "build" in asked(BASE="another")
    # Without a name it is that of the content and the week; an address may be a whole one.
    nameless = {"CIFORGE_IMAGE": "", "CIFORGE_REGISTRY": "https://code.example.org/o/n/ciforge"}
    assert "push" in asked("image", BASE="other", **nameless)
    name = (tmp_path / "name").read_text()
    assert re.fullmatch(r"code\.example\.org/o/n/ciforge:[0-9a-f]{32}-\d{4}-w\d\d\n", name)
    assert "pull" in asked(CIFORGE_REGISTRY_TOKEN="")
    assert "login" not in asked(CIFORGE_REGISTRY_TOKEN="")


CLASSIC = "The command '/bin/sh -c apt-get install x' returned a non-zero code: 100"
KIT_20 = "#5 ERROR: executor failed running [/bin/sh -c apt-get install x]: exit code: 100"
KIT = 'ERROR: process "/bin/sh -c apt-get install x" did not complete successfully: exit code: 100'
UNKNOWN = "E: Unable to locate package x"
DEAD = "E: Failed to fetch http://mirror/x"


@pytest.mark.parametrize(
    ("lines", "status", "reason", "code"),
    [
        ((UNKNOWN, CLASSIC), "failed", "there is no package 'x'", "100"),
        ((f"#5 82.94 {UNKNOWN}", KIT_20), "failed", "there is no package 'x'", "100"),
        ((f"#5 82.94 \x1b[31m{UNKNOWN}\x1b[0m", KIT), "failed", "there is no package 'x'", "100"),
        (("#5 1.2 no", KIT), "failed", "a command of the Dockerfile failed", "100"),
        (("no", CLASSIC), "failed", "a command of the Dockerfile failed", "100"),
        pytest.param(
            (DEAD, CLASSIC),
            "infrastructure",
            f"the package mirror does not answer: {DEAD}",
            "-",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ("exec /bin/sh: exec format error", KIT),
            "infrastructure",
            "this machine runs no programs for p: it needs qemu-user-static",
            "-",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ("no space",),
            "infrastructure",
            "the image cannot be built: no space",
            "-",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_hosted_image_failure_is_blamed_on_job_or_infrastructure(
    lines: tuple[str, ...], status: str, reason: str, code: str, tmp_path: Path
) -> None:
    facts = "job=j variable=NONE platform=p allow_failure=false\n"
    home = at_home(tmp_path / "home", facts)
    (home / "Dockerfile").write_text("FROM nothing\n")
    (home / "carry.sh").write_text("")
    (tmp_path / "said").write_text("".join(f"{line}\n" for line in lines))
    script = '#!/bin/sh\n[ "$1" = build ] || exit 0\ncat "$HOME/said"\nexit 1\n'
    (tmp_path / "docker").write_text(script)
    (tmp_path / "docker").chmod(0o755)
    (home / "unreachable").write_text("(?:Failed to fetch)\n")
    (home / "unknown").write_text(r"(?:Unable to locate package \K(?:\S+)(?=))" + "\n")
    done = subprocess.run(
        ["sh", home / "prepare.sh"], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert (home / "outcome").read_text() == f"{status}\n{reason}\n"
    assert (home / "ran").read_text().split()[2] == code


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
def test_hosted_script_error_is_infrastructure(shell: Sequence[str], tmp_path: Path) -> None:
    home = at_home(tmp_path / "home")
    (home / "current").write_text("prepare 2026-01-01T00:00:00.000Z\n")
    script = f'set -eu\nhere={home}\n. "$here/common.sh"\nguard\nfalse\n'
    done = subprocess.run([*shell, "-c", script], env={"PATH": "/usr/bin:/bin"}, check=False)
    assert done.returncode == 1
    assert (home / "outcome").read_text() == (
        "infrastructure\nthe machine did not finish prepare\n"
    )


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("outcome", "service", "allowed", "code", "status"),
    [
        ("failed", "failure", False, 0, "failed"),
        ("failed", "success", True, 0, "failed"),
        ("timed-out", "success", True, 0, "timed-out"),
        ("infrastructure", "failure", False, 1, "infrastructure"),
        ("infrastructure", "success", True, 1, "infrastructure"),
        ("", "success", True, 1, "infrastructure"),
        ("", "cancelled", True, 0, "cancelled"),
        ("infrastructure", "cancelled", False, 0, "cancelled"),
    ],
)
def test_hosted_job_status_and_exit_code(
    outcome: str,
    service: str,
    allowed: bool,
    code: int,
    status: str,
    shell: Sequence[str],
    tmp_path: Path,
) -> None:
    home = at_home(tmp_path / "home", f"allow_failure={str(allowed).lower()}\n")
    (home / "step-list").write_text("build ciforge no-network 60\n")
    (home / "ran").write_text("prepare 2026-01-01T00:00:00.000Z 0 3\n")
    if outcome:
        (home / "outcome").write_text(f"{outcome}\n100 % ##[error]no\n")
    done = subprocess.run(
        [*shell, home / "finish.sh"], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "CIFORGE_JOB_STATUS": service, "GITHUB_ACTIONS": "true"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (code, "")
    result = json.loads((home / "result" / "result.json").read_text())
    assert (result["status"], result["allow_failure"]) == (status, allowed)
    warnings = [line for line in done.stdout.splitlines() if line.startswith("::")]
    excused = allowed and status in {"failed", "timed-out"}
    warning = f"::warning title=a/b-1/c {status} (allowed)::100 %25 ## [error]no"
    assert warnings == ([warning] if excused else [])
    assert "##[" not in done.stdout


@pytest.mark.parametrize("line", ["short", "x" * 1999, "x" * 2001, "y" * 40_000 + "::error::no"])
def test_hosted_last_lines_are_cut_like_local_ones(line: str, tmp_path: Path) -> None:
    home = at_home(tmp_path / "home", "allow_failure=false\n")
    (home / "step-list").write_text("build ciforge no-network 60\n")
    (home / "ran").write_text("build 2026-01-01T00:00:00.000Z 1 3\n")
    (home / "outcome").write_text("failed\nno\n")
    (home / "result" / "log.txt").write_text(f"--- ciforge: build ---\n{line}\nlast\n")
    subprocess.run(["sh", home / "finish.sh"], env={"PATH": "/usr/bin:/bin"}, check=True)
    result = json.loads((home / "result" / "result.json").read_text())
    assert result["tail"] == [safe_line(line), "last"]


@pytest.mark.parametrize("limit", mostly_slow([None, *Limit], quick=2))
def test_result_of_a_hosted_job_has_the_limit_and_is_read_as_a_local_one(
    limit: Limit | None, tmp_path: Path
) -> None:
    home = at_home(tmp_path / "home", "allow_failure=false\n")
    (home / "step-list").write_text("build ciforge no-network 60\n")
    (home / "ran").write_text("build 2026-01-01T00:00:00.000Z 1 3\n")
    (home / "outcome").write_text(f"failed\nno\n{limit.value if limit else ''}")
    subprocess.run(["sh", home / "finish.sh"], env={"PATH": "/usr/bin:/bin"}, check=True)
    data = (home / "result" / "result.json").read_bytes()
    assert json.loads(data)["v"] == version_of(Result)
    result = from_document(data, Result)
    assert (result.status, result.reason, result.limit) == (Status.FAILED, "no", limit)
    assert result.lacks == (Promise.DISK.value,)


def test_hosted_job_keeps_files_by_safe_names_within_bounds(tmp_path: Path) -> None:
    facts = "builddir=''\nkeep='test-logs\n*.deb\n'\nfolder=daemon\nrelease=b-1\n"
    home = at_home(tmp_path / "home", facts)
    (home / "kept.sh").write_text("echo kept\n")
    (home / "container").write_text("c\n")
    (home / "step-list").write_text("")
    big, small, link = (tmp_path / name for name in ("big", "small", "link"))
    big.write_bytes(b"x" * (20 * 1024 * 1024))
    small.write_text("why\n")
    link.symlink_to("/etc/passwd")
    (tmp_path / "docker").write_text(f"""#!/bin/sh
case $1 in
exec) echo "$*" >>{tmp_path}/asked
    printf '%s\\n' ./sub/test-suite.log ./manifest.txt ./../x './a b' ./link.deb ./big.deb ;;
cp) case $2 in
    */link.deb) exec tar -C {tmp_path} -cf - link ;;
    */big.deb) exec tar -C {tmp_path} -cf - big ;;
    c:/ciforge/src/daemon/*) exec tar -C {tmp_path} -cf - small ;;
    esac ;;
esac
""")
    (tmp_path / "docker").chmod(0o755)
    subprocess.run(
        ["sh", home / "finish.sh"], cwd=tmp_path, capture_output=True, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )  # fmt: skip
    kept = {file.name: file.read_text() for file in (home / "result" / "artifacts").iterdir()}
    assert kept == {"kept,sub,test-suite.log": "why\n", "kept,manifest.txt": "why\n"}
    asked = (tmp_path / "asked").read_text()
    assert "exec -u ciforge c sh -c echo kept kept daemon test-logs *.deb" in asked
