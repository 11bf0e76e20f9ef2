"""Asking the box of a failed step."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest
from fakes import FakeBox
from projects import plan

from ciforge.errors import EngineLost
from ciforge.run import probe as module
from ciforge.run.probe import ask

TEXT = """
project: p
repos: {tree: {path: ., recipe: make}}
variants: {clang: {env: {CC: clang}}}
jobs: ["tree/debian-13/{default,clang}"]
"""
JOB, CLANG = plan(TEXT).jobs
INDEXED = attrs.evolve(JOB, manager=attrs.evolve(JOB.manager, file_index="echo http://m/i.gz"))
LOG = """\
--- ciforge: build ---
cc -c a.c
a.c:7:2: error: implicit declaration of function 'setgroups' [-Wimplicit-function-declaration]
b.c:1:10: fatal error: lmdb.h: No such file or directory
make: *** [Makefile:3: a.o] Error 1
"""

OWNED = {"include/lmdb.h": "liblmdb-dev"}
ANSWERS = "function setgroups in grp.h\nheader lmdb.h nowhere\n"


@attrs.define
class Slow(FakeBox):
    """Says for each question how many seconds its answer took; the clock is its own."""

    takes: list[float] = attrs.field(factory=list)
    given: list[float] = attrs.field(factory=list)
    time: float = 1000.0

    def ask(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
        self.given.append(seconds)
        self.time += self.takes.pop(0)
        return FakeBox.ask(self, command, env, seconds)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "log.txt").write_text(LOG)
    return tmp_path


def asked(folder: Path) -> str:
    file = folder / "artifacts" / "asked.txt"
    return file.read_text() if file.exists() else ""


def test_what_the_box_answers_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_owners", lambda *_: OWNED)
    box = FakeBox({}, {}, answers="function setgroups in grp.h\nheader lmdb.h nowhere\nnoise\n")
    ask(box, JOB, folder, folder / "indexes", "build")
    assert box.asked[0][4:] == ("function setgroups", "header lmdb.h")
    assert asked(folder).splitlines() == [
        "function setgroups in grp.h",
        "header lmdb.h nowhere",
        "header lmdb.h owner liblmdb-dev",
    ]


def test_an_index_that_is_not_to_be_had_is_said(folder: Path) -> None:
    box = FakeBox({}, {}, answers="function setgroups in grp.h\nheader lmdb.h nowhere\n")
    ask(box, JOB, folder, folder / "indexes", "build")
    assert asked(folder).splitlines()[-1] == "header lmdb.h not asked"


@pytest.mark.parametrize(
    ("takes", "box", "index"),
    [
        ([0.0, 0.0], [5.0, 5.0], [5.0]),
        ([3.5, 0.5], [5.0, 1.5], [1.0]),
        ([4.0, 1.0], [5.0, 1.0], [0.0]),
        ([5.0], [5.0], [0.0]),
        ([60.0], [5.0], [-55.0]),
    ],
)
def test_box_and_index_have_five_seconds_together(
    folder: Path, monkeypatch: pytest.MonkeyPatch, takes: list[float], box: list[float],
    index: list[float],
) -> None:  # fmt: skip
    told: list[float] = []

    def owners(_endings: object, _addresses: object, _folder: Path, seconds: float) -> object:
        told.append(seconds)
        return OWNED

    monkeypatch.setattr(module, "find_owners", owners)
    slow = Slow({}, {}, answers=ANSWERS, takes=list(takes))
    ask(slow, INDEXED, folder, folder / "indexes", "build", clock=lambda: slow.time)
    assert (slow.given, told) == (box, index)


def test_an_index_for_which_no_time_is_left_is_not_asked(folder: Path) -> None:
    slow = Slow({}, {}, answers=ANSWERS, takes=[5.0])
    ask(slow, INDEXED, folder, folder / "indexes", "build", clock=lambda: slow.time)
    assert asked(folder).splitlines()[-1] == "header lmdb.h not asked"
    assert not (folder / "indexes").exists()


def test_a_manager_without_an_index_is_not_asked(folder: Path) -> None:
    job = attrs.evolve(JOB, manager=attrs.evolve(JOB.manager, file_index=""))
    box = FakeBox({}, {}, answers="header lmdb.h nowhere\n")
    ask(box, job, folder, folder / "indexes", "build")
    assert len(box.asked) == 1
    assert asked(folder).splitlines()[-1] == "header lmdb.h not asked"


def test_the_compiler_of_the_job_is_asked(folder: Path) -> None:
    class Box(FakeBox):
        def ask(self, command, env, seconds):  # type: ignore[no-untyped-def]
            envs.append(dict(env))
            return ""

    envs: list[dict[str, str]] = []
    for job in (JOB, CLANG):
        ask(Box({}, {}), job, folder, folder / "indexes", "build")
    assert [envs[0], envs[-1]] == [{}, {"CC": "clang"}]


def test_where_there_is_nothing_to_ask_nobody_is(folder: Path) -> None:
    (folder / "log.txt").write_text("--- ciforge: build ---\nmake: *** [Makefile:3: a.o] Error 1\n")
    box = FakeBox({}, {})
    ask(box, JOB, folder, folder / "indexes", "build")
    assert box.asked == []
    assert asked(folder) == ""


def test_a_box_that_does_not_answer_is_no_trouble(folder: Path) -> None:
    class Lost(FakeBox):
        def ask(self, command, env, seconds):  # type: ignore[no-untyped-def]
            raise EngineLost("gone")

    ask(Lost({}, {}), JOB, folder, folder / "indexes", "build")
    assert asked(folder) == ""


def test_a_log_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    box = FakeBox({}, {})
    ask(box, JOB, tmp_path, tmp_path / "indexes", "build")
    assert (box.asked, asked(tmp_path)) == ([], "")


OFFLINE = """\
--- ciforge: build ---
fatal: unable to access 'https://git.example.org/lib.git/': Could not resolve host: git.example.org
make: *** [Makefile:3: lib] Error 128
"""


def test_a_step_without_network_that_asked_for_one_is_noted(folder: Path, tmp_path: Path) -> None:
    (folder / "log.txt").write_text(OFFLINE)
    ask(FakeBox({}, {}), JOB, folder, tmp_path, "build")
    assert asked(folder) == "step build offline\n"


def test_a_step_with_network_that_failed_to_fetch_is_not(folder: Path, tmp_path: Path) -> None:
    (folder / "log.txt").write_text(OFFLINE)
    steps = tuple(attrs.evolve(step, network=True) for step in JOB.steps)
    ask(FakeBox({}, {}), attrs.evolve(JOB, steps=steps), folder, tmp_path, "build")
    assert asked(folder) == ""


def test_a_file_that_git_ignores_is_noted(folder: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".gitignore").write_text("lmdb.h\n")
    (tree / "lmdb.h").write_text("\n")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    ask(FakeBox({}, {}), JOB, folder, tmp_path, "build", str(tree))
    assert "file lmdb.h ignored lmdb.h" in asked(folder).splitlines()
