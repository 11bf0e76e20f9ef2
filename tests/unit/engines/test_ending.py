"""The mark by which a whole output is told from one that was cut."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import EVERY_SHELL

from ciforge.engines.ending import NOW, Ending, Report
from ciforge.engines.exec import _RUN
from ciforge.engines.limits import Usage

MARK = b"\x1eciforge:0123\x1e"
_TEXT = st.text(alphabet="\x1ecifo:01\n", max_size=30).map(str.encode)


def fed(ending: Ending, data: bytes, size: int) -> bytes:
    """What comes out of `data`, fed in pieces of that size."""
    parts = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(ending.feed(part) for part in parts)


@given(_TEXT, _TEXT, st.integers(1, 40))
def test_the_mark_is_taken_out_however_it_is_cut(before: bytes, after: bytes, size: int) -> None:
    ending = Ending(MARK)
    assert fed(ending, before + MARK + after, size) + ending.flush() == before + after
    assert ending.seen


@given(_TEXT, st.integers(1, 40))
def test_without_the_mark_everything_comes_out(text: bytes, size: int) -> None:
    ending = Ending(MARK)
    assert fed(ending, text, size) + ending.flush() == text
    assert not ending.seen


@pytest.mark.parametrize("cut", range(len(MARK)))
def test_a_mark_that_is_cut_is_none(cut: int) -> None:
    ending = Ending(MARK)
    assert ending.feed(b"text" + MARK[:cut]) == b"text"
    assert not ending.seen
    assert ending.flush() == MARK[:cut]


_USED = "pids.events max {}\ndisk overlay 100 40 60 40% /"
_SAID = f"2\n{_USED.format(1)}\n{NOW}\n{_USED.format(3)}".encode()


@given(_TEXT, _TEXT, st.integers(1, 40))
def test_the_wrapper_s_report_is_taken_out_and_read(before: bytes, after: bytes, size: int) -> None:
    ending = Ending(MARK)
    assert fed(ending, before + MARK + _SAID + MARK + after, size) == before + after
    assert ending.report == Report(
        exit_code="2",
        before=Usage(process_hits=1, disk_left=60),
        after=Usage(process_hits=3, disk_left=60),
    )


@pytest.mark.parametrize(
    "said",
    [
        b"",
        _SAID[:-20],
        _SAID[2:],
        _SAID.replace(b"disk", b"hello from a child\n"),
        _SAID.replace(NOW.encode(), b""),
    ],
)
def test_a_report_that_is_cut_or_mixed_is_none(said: bytes) -> None:
    ending = Ending(MARK)
    ending.feed(b"text" + MARK + said + MARK)
    assert (ending.seen, ending.report) == (True, None)


def test_half_a_report_is_no_output() -> None:
    ending = Ending(MARK)
    assert ending.feed(b"text" + MARK + _SAID[:-5]) + ending.flush() == b"text"


def test_what_a_child_says_who_lives_on_is_output() -> None:
    ending = Ending(MARK)
    assert ending.feed(b"text" + MARK + _SAID + MARK + b"more") == b"textmore"
    assert ending.feed(b" and more") == b" and more"


def test_ordinary_output_is_not_held_back() -> None:
    assert Ending(MARK).feed(b"checking for cc... ") == b"checking for cc... "


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
def test_every_shell_prints_the_mark_and_keeps_the_exit_code(
    tmp_path: Path, shell: tuple[str, ...], script: str, printed: bytes, code: int
) -> None:
    step = tmp_path / "step"
    step.write_text(script + "\n")
    run = _RUN.replace("/ciforge/bin/step", str(step))
    done = subprocess.run(
        [*shell, "-c", run, MARK.decode(), "build"], capture_output=True, check=False
    )
    ending = Ending(MARK)
    assert ending.feed(done.stdout) == printed
    assert (ending.seen, done.returncode) == (True, code)


@pytest.mark.parametrize("shell", EVERY_SHELL, ids=" ".join)
@pytest.mark.parametrize("code", [0, 2])
def test_every_shell_reports_behind_it(tmp_path: Path, shell: tuple[str, ...], code: int) -> None:
    record = tmp_path / "build"
    record.with_suffix(".usage").write_text(f"{_USED.format(1)}\n")
    step, usage = tmp_path / "step", tmp_path / "usage"
    step.write_text(f"record='{record}'; echo {code} >$record.exit; echo done; exit {code}\n")
    usage.write_text(f"cat <<.\n{_USED.format(1)}\n.\n")
    run = _RUN.replace("/ciforge/bin/step", str(step)).replace("/ciforge/bin/usage", str(usage))
    done = subprocess.run(
        [*shell, "-c", run, MARK.decode(), "build"], capture_output=True, check=False
    )
    ending = Ending(MARK)
    used = Usage(process_hits=1, disk_left=60)
    assert ending.feed(done.stdout) == b"done\n"
    assert ending.report == Report(exit_code=str(code), before=used, after=used)
    assert done.returncode == code


def test_a_wrapper_that_is_killed_leaves_no_mark(tmp_path: Path) -> None:
    step = tmp_path / "step"
    step.write_text("echo begun; kill -9 $$\n")
    run = _RUN.replace("/ciforge/bin/step", str(step))
    done = subprocess.run(
        ["sh", "-c", run, MARK.decode(), "build"], capture_output=True, check=False
    )
    assert (done.stdout, done.returncode) == (b"begun\n", -9)
