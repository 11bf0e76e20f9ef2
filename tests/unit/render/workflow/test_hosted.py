"""The scripts that run on a hosted machine itself, in every shell and awk that is here."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import ROOT, SHELLS

HOSTED = ROOT / "workflows" / "hosted"
AWKS = tuple(
    words
    for words in (("mawk",), ("gawk",), ("original-awk",), ("busybox", "awk"))
    if shutil.which(words[0])
)


def awk(words: Sequence[str], name: str, text: bytes, **variables: object) -> bytes:
    said = [word for key, value in variables.items() for word in ("-v", f"{key}={value}")]
    done = subprocess.run(
        [*words, *said, "-f", HOSTED / name], input=text, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
@pytest.mark.parametrize("name", sorted(path.name for path in HOSTED.glob("*.sh")))
def test_every_script_can_be_read(name: str, shell: Sequence[str]) -> None:
    done = subprocess.run([*shell, "-n", HOSTED / name], capture_output=True, check=False)
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
def test_places_in_the_box_become_places_of_the_checkout(
    words: Sequence[str], lines: str, shown: str, tmp_path: Path
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.c").write_text("")
    assert awk(words, "shown.awk", f"{lines}\n".encode(), root=tmp_path) == f"{shown}\n".encode()


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
SPECIAL = st.lists(st.sampled_from(['"', "\\", "\t", "\x01", "\x1f", "a", "é", "\\n"])).map("".join)


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(st.one_of(LINE, SPECIAL), max_size=4), reason=st.one_of(LINE, SPECIAL))
def test_a_result_is_json_whatever_is_in_it(
    lines: list[str], reason: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "tail").write_text("".join(f"{line}\n" for line in lines))
    (home / "ran").write_text("prepare 2026-01-01T00:00:00.000Z 0 3\n")
    (home / "packages").write_text("gcc 1:2\nodd\n")
    for words in AWKS:
        text = awk(
            words, "result.awk", f"{reason}\n".encode(), home=home, job="a/b-1/c", status="failed",
            failed="build", started="", seconds=3, allow="false", repo="a", origin="", names="x",
        )  # fmt: skip
        result = json.loads(text)
        assert (result["tail"], result["reason"]) == (lines, reason)
        assert result["packages"] == {"gcc": "1:2"}
        assert [step["name"] for step in result["steps"]] == ["prepare"]


@pytest.mark.parametrize("words", AWKS, ids=lambda words: words[0])
def test_the_last_lines_are_safe_to_print(words: Sequence[str]) -> None:
    raw = b"\x1b[31mred\x1b[0m\n10%\r20%\nsame\nsame\nsame\na\tb\n\x07bell\n"
    assert awk(words, "safe.awk", raw).decode().splitlines() == [
        "red", "20%", "same", "… the same line 2 times more", "a       b", "bell",
    ]  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_no_output_of_a_build_is_a_command_to_the_service(
    shell: Sequence[str], tmp_path: Path
) -> None:
    for name in ("common.sh", "shown.awk"):
        shutil.copy(HOSTED / name, tmp_path)
    (tmp_path / "facts").write_text("")
    (tmp_path / "job").write_text("a/b-1/c\n")
    (tmp_path / "result").mkdir()
    script = f'home={tmp_path}\n. "$home/common.sh"\nshown printf "::error::no\\n" || exit 9\n'
    tokens = set()
    for _ in range(2):
        done = subprocess.run(
            [*shell, "-c", script], env={"PATH": "/usr/bin:/bin", "GITHUB_ACTIONS": "true"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        stop, output, resume = done.stdout.splitlines()
        token = stop.removeprefix("::stop-commands::")
        assert re.fullmatch("[0-9a-f]{32}", token)
        assert (output, resume) == ("::error::no", f"::{token}::")
        tokens.add(token)
    assert len(tokens) == 2


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_the_exit_code_of_what_is_shown_is_kept(shell: Sequence[str], tmp_path: Path) -> None:
    for name in ("common.sh", "shown.awk"):
        shutil.copy(HOSTED / name, tmp_path)
    (tmp_path / "facts").write_text("")
    (tmp_path / "job").write_text("a/b-1/c\n")
    (tmp_path / "result").mkdir()
    script = f'home={tmp_path}\n. "$home/common.sh"\nshown sh -c "exit 7" || exit $?\n'
    done = subprocess.run([*shell, "-c", script], env={"PATH": "/usr/bin:/bin"}, check=False)
    assert done.returncode == 7
