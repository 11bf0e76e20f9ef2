"""The script that asks a box, run where there is a compiler: here."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ciforge.render.probe_script import ASK

pytestmark = pytest.mark.slow

needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")


def asked(*questions: str, path: str = "") -> list[str]:
    """What this machine answers, without the limit of time."""
    script = ASK.replace("sleep 4", "sleep 60")
    env = {"PATH": path} if path else None
    done = subprocess.run(
        ["sh", "-c", script, "ask", *questions],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    return done.stdout.splitlines()


def test_probe_script_has_no_syntax_error() -> None:
    done = subprocess.run(["sh", "-n", "-c", ASK], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("function setgroups", "function setgroups in grp.h"),
        ("function errx", "function errx in err.h"),
        ("function major", "function major in sys/sysmacros.h"),
        ("function htobe64", "function htobe64 in endian.h"),
        ("function timerclear", "function timerclear in sys/time.h"),
        ("function CMSG_SPACE", "function CMSG_SPACE in sys/socket.h"),
        ("function TAILQ_INIT", "function TAILQ_INIT in sys/queue.h"),
        ("function WIFEXITED sys/wait.h", "function WIFEXITED in sys/wait.h"),
        ("function times", "function times in sys/times.h"),
        ("function signal", "function signal in signal.h"),
        ("function printf stdio.h", "function printf in stdio.h"),
        ("name errno errno.h", "name errno in errno.h"),
        ("function surely_nobody_has_this stdio.h", "function surely_nobody_has_this nowhere"),
        ("type u_int", "type u_int in sys/types.h"),
        ("type DIR", "type DIR in dirent.h"),
        ("name in6addr_any", "name in6addr_any in netinet/in.h"),
        ("name uint8_t stdint.h", "name uint8_t in stdint.h"),
        ("complete glob_t glob.h", "complete glob_t in glob.h"),
        ("struct stat sys/stat.h", "struct stat in sys/stat.h"),
        ("type surely_nobody_t", "type surely_nobody_t absent"),
        ("name SURELY_NOBODY", "name SURELY_NOBODY absent"),
        ("name O_PATH", "name O_PATH gnu fcntl.h"),
        ("symbol b64_ntop", "symbol b64_ntop macro resolv.h"),
        ("symbol WIFEXITED sys/wait.h", "symbol WIFEXITED macro sys/wait.h"),
        ("function surely_nobody_has_this", "function surely_nobody_has_this nowhere"),
        ("symbol printf", "symbol printf libc"),
        ("symbol surely_nobody_has_this", "symbol surely_nobody_has_this nowhere"),
        ("header surely/nobody.h", "header surely/nobody.h nowhere"),
        ("library surelynobody", "library surelynobody nowhere"),
        ("module surely-nobody", "module surely-nobody nowhere"),
        ("tool surely-nobody", "tool surely-nobody nowhere"),
    ],
)
def test_probe_script_answers_questions(question: str, answer: str) -> None:
    assert asked(question) == [answer]


@needs_compiler
def test_probe_script_finds_a_function_in_another_library() -> None:
    # The libc of some systems has it itself.
    assert asked("symbol pow") in (["symbol pow library m"], ["symbol pow libc"])


def test_probe_script_finds_a_tool_outside_of_the_path() -> None:
    (answer,) = asked("tool sh")
    assert answer.startswith("tool sh at /")


@pytest.mark.parametrize("question", ["", "nonsense x", "function"])
def test_probe_script_ignores_an_unknown_question(question: str) -> None:
    assert asked(question) in ([], ["function function nowhere"])


@pytest.mark.slow
def test_probe_script_ends_by_itself(tmp_path: Path) -> None:
    slow = tmp_path / "find"
    slow.write_text("#!/bin/sh\nexec sleep 3\n")
    slow.chmod(0o755)
    script = ASK.replace("sleep 4", "sleep 1")
    done = subprocess.run(
        ["sh", "-c", script, "ask", "header x.h"], capture_output=True, text=True, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, timeout=40,
    )  # fmt: skip
    assert done.stdout == ""


def test_probe_script_without_a_working_compiler_claims_nothing_about_names(tmp_path: Path) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    questions = ["function printf stdio.h", "name errno", "type size_t", "symbol crypt"]
    assert asked(*questions, path=f"{tmp_path}:/usr/bin:/bin") == []


@needs_compiler
def test_probe_script_names_no_header_for_the_members_of_an_opaque_type() -> None:
    assert "complete DIR in dirent.h" not in asked("complete DIR dirent.h")


@needs_compiler
def test_probe_script_looks_for_headers_where_the_compiler_does(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "own_queue.h").write_text("#define OWN_INIT(x) ((x) = 0)\n")
    compiler = tmp_path / "cc"
    compiler.write_text(f'#!/bin/sh\nexec {shutil.which("cc")} -isystem {tmp_path}/include "$@"\n')
    compiler.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    assert asked("name OWN_INIT", path=path) == ["name OWN_INIT in own_queue.h"]
