"""The mark by which a whole output is told from one that was cut."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import EVERY_SHELL

from ciforge.engines.step_exec import _RUN
from ciforge.engines.step_trailer import StepTrailer
from tests.tables import each

MARK = b"\x1eciforge:0123\x1e"
_TEXT = st.text(alphabet="\x1ecifo:01\n", max_size=30).map(str.encode)


def fed(ending: StepTrailer, data: bytes, size: int) -> bytes:
    """What comes out of `data`, fed in pieces of that size."""
    parts = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(ending.feed(part) for part in parts)


@given(_TEXT, _TEXT, st.integers(1, 40))
def test_end_mark_is_removed_however_it_is_cut(before: bytes, after: bytes, size: int) -> None:
    ending = StepTrailer(MARK)
    assert fed(ending, before + MARK + after, size) + ending.flush() == before + after
    assert ending.seen


@given(_TEXT, st.integers(1, 40))
def test_output_without_an_end_mark_is_complete(text: bytes, size: int) -> None:
    ending = StepTrailer(MARK)
    assert fed(ending, text, size) + ending.flush() == text
    assert not ending.seen


@each("cut", range(len(MARK)))
def test_end_mark_that_is_cut_off_is_output(cut: int) -> None:
    ending = StepTrailer(MARK)
    assert ending.feed(b"text" + MARK[:cut]) == b"text"
    assert not ending.seen
    assert ending.flush() == MARK[:cut]


@given(_TEXT, _TEXT, st.integers(1, 40))
def test_exit_code_in_the_trailer_is_removed_and_read(
    before: bytes, after: bytes, size: int
) -> None:
    ending = StepTrailer(MARK)
    assert fed(ending, before + MARK + b"=2" + MARK + after, size) == before + after
    assert (ending.exit_code, ending.over) == ("2", True)


@each("said", [b"", b"=", b"hello from a child\n", b"=2hello", b"=2\n", b"=1000"])
def test_exit_code_that_is_cut_or_mixed_is_unknown(said: bytes) -> None:
    ending = StepTrailer(MARK)
    ending.feed(b"text" + MARK + said + MARK)
    assert (ending.seen, ending.over, ending.exit_code) == (True, True, "")


@each("half", [b"", b"=", b"=2", b"=2" + MARK[:5]])
def test_partial_trailer_is_no_output(half: bytes) -> None:
    ending = StepTrailer(MARK)
    assert ending.feed(b"text" + MARK + half) + ending.flush() == b"text"


def test_output_of_a_surviving_child_after_the_trailer_is_output() -> None:
    ending = StepTrailer(MARK)
    assert ending.feed(b"text" + MARK + b"=2" + MARK + b"more") == b"textmore"
    assert ending.feed(b" and more") == b" and more"


def test_ordinary_output_is_not_delayed_by_the_trailer_parser() -> None:
    assert StepTrailer(MARK).feed(b"checking for cc... ") == b"checking for cc... "


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=" ".join)
@pytest.mark.parametrize(
    ("script", "printed", "code"),
    [
        ("echo $1; exit 0", b"build\n", 0),
        ("printf partial; exit 7", b"partial", 7),
        ("sh -e -c 'false; echo never' </dev/null 2>&1; exit $?", b"", 1),
        ("trap : HUP INT TERM; kill -TERM $$; exit 124", b"", 124),
        ("cd /nonexistent 2>/dev/null || exit 125", b"", 125),
    ],
)
def test_end_mark_is_printed_by_every_shell_and_keeps_the_exit_code(
    tmp_path: Path, shell: tuple[str, ...], script: str, printed: bytes, code: int
) -> None:
    step = tmp_path / "step"
    step.write_text(script + "\n")
    run = _RUN.replace("/ciforge/bin/step", str(step))
    done = subprocess.run(
        [*shell, "-c", run, "ciforge", "build", MARK.decode()], capture_output=True, check=False
    )
    ending = StepTrailer(MARK)
    assert ending.feed(done.stdout) == printed
    assert (ending.seen, done.returncode) == (True, code)


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=" ".join)
@pytest.mark.parametrize("code", [0, 2])
def test_exit_code_is_printed_after_the_end_mark_by_every_shell(
    tmp_path: Path, shell: tuple[str, ...], code: int
) -> None:
    step = tmp_path / "step"
    step.write_text(f"echo done; code={code}; exit $code\n")
    run = _RUN.replace("/ciforge/bin/step", str(step))
    done = subprocess.run(
        [*shell, "-c", run, "ciforge", "build", MARK.decode()], capture_output=True, check=False
    )
    ending = StepTrailer(MARK)
    assert ending.feed(done.stdout) == b"done\n"
    assert (ending.exit_code, done.returncode) == (str(code), code)


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=" ".join)
def test_message_of_the_shell_has_no_end_mark(tmp_path: Path, shell: tuple[str, ...]) -> None:
    step = tmp_path / "step"
    step.write_text("code=0; printf x >/nonexistent/x; exit 0\n")
    run = _RUN.replace("/ciforge/bin/step", str(step))
    done = subprocess.run(
        [*shell, "-c", run, "ciforge", "build", MARK.decode()], capture_output=True, check=False
    )
    assert done.stderr and MARK not in done.stderr
    assert done.stdout == MARK + b"=0" + MARK


def test_killed_wrapper_leaves_no_end_mark(tmp_path: Path) -> None:
    step = tmp_path / "step"
    step.write_text("echo begun; kill -9 $$\n")
    run = _RUN.replace("/ciforge/bin/step", str(step))
    done = subprocess.run(
        ["sh", "-c", run, "ciforge", "build", MARK.decode()], capture_output=True, check=False
    )
    assert (done.stdout, done.returncode) == (b"begun\n", -9)
