"""Asking the box of a failed step."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import pytest
from fakes import FakeBox
from projects import plan, real_catalogue

from ciforge.errors import EngineLost
from ciforge.plan.selection import select
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


def test_probe_answers_of_the_container_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_owners", lambda *_: OWNED)
    box = FakeBox({}, {}, answers="function setgroups in grp.h\nheader lmdb.h nowhere\nnoise\n")
    ask(box, JOB, folder, folder / "indexes", "build")
    assert box.asked[0][4:] == ("function setgroups", "header lmdb.h")
    assert asked(folder).splitlines() == [
        "function setgroups in grp.h",
        "header lmdb.h nowhere",
        "header lmdb.h owner liblmdb-dev",
    ]


def test_probe_of_a_cross_check_asks_no_machine_for_a_header_of_another_system(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[str] = []
    monkeypatch.setattr(module, "find_owners", lambda paths, *_: wanted.extend(paths) or {})
    log = (folder / "log.txt").read_text()
    (folder / "log.txt").write_text(log.replace("lmdb.h", "sys/sendfile.h"))
    (crossed,) = select(plan(TEXT, real_catalogue()), ["tree/openbsd-7.8"])
    for job in (crossed, JOB):
        box = FakeBox({}, {}, answers="")
        ask(box, job, folder, folder / "indexes", "build")
        assert ("header sys/sendfile.h" in box.asked[0]) is (job is JOB)
    assert wanted == ["include/sys/sendfile.h"]


def test_probe_reports_an_unavailable_package_index(folder: Path) -> None:
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
def test_probe_of_container_and_index_has_five_seconds(
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


def test_probe_skips_the_package_index_without_time_left(folder: Path) -> None:
    slow = Slow({}, {}, answers=ANSWERS, takes=[5.0])
    ask(slow, INDEXED, folder, folder / "indexes", "build", clock=lambda: slow.time)
    assert asked(folder).splitlines()[-1] == "header lmdb.h not asked"
    assert not (folder / "indexes").exists()


def test_probe_skips_a_manager_without_an_index(folder: Path) -> None:
    job = attrs.evolve(JOB, manager=attrs.evolve(JOB.manager, file_index=""))
    box = FakeBox({}, {}, answers="header lmdb.h nowhere\n")
    ask(box, job, folder, folder / "indexes", "build")
    assert len(box.asked) == 1
    assert asked(folder).splitlines()[-1] == "header lmdb.h not asked"


def test_probe_asks_the_compiler_of_the_job(folder: Path) -> None:
    class Box(FakeBox):
        def ask(self, command, env, seconds):  # type: ignore[no-untyped-def]
            envs.append(dict(env))
            return ""

    envs: list[dict[str, str]] = []
    for job in (JOB, CLANG):
        ask(Box({}, {}), job, folder, folder / "indexes", "build")
    assert [envs[0], envs[-1]] == [{}, {"CC": "clang"}]


def test_probe_without_questions_is_not_run(folder: Path) -> None:
    (folder / "log.txt").write_text("--- ciforge: build ---\nmake: *** [Makefile:3: a.o] Error 1\n")
    box = FakeBox({}, {})
    ask(box, JOB, folder, folder / "indexes", "build")
    assert box.asked == []
    assert asked(folder) == ""


def test_probe_of_a_silent_container_changes_no_result(folder: Path) -> None:
    class Lost(FakeBox):
        def ask(self, command, env, seconds):  # type: ignore[no-untyped-def]
            raise EngineLost("gone")

    ask(Lost({}, {}), JOB, folder, folder / "indexes", "build")
    assert asked(folder) == ""


def test_probe_without_a_log_changes_no_result(tmp_path: Path) -> None:
    box = FakeBox({}, {})
    ask(box, JOB, tmp_path, tmp_path / "indexes", "build")
    assert (box.asked, asked(tmp_path)) == ([], "")


OFFLINE = """\
--- ciforge: build ---
fatal: unable to access 'https://git.example.org/lib.git/': Could not resolve host: git.example.org
make: *** [Makefile:3: lib] Error 128
"""


def test_probe_notes_a_step_that_needs_the_network(folder: Path, tmp_path: Path) -> None:
    (folder / "log.txt").write_text(OFFLINE)
    ask(FakeBox({}, {}), JOB, folder, tmp_path, "build")
    assert asked(folder) == "step build offline\n"


def test_probe_does_not_note_a_failed_fetch_with_network(folder: Path, tmp_path: Path) -> None:
    (folder / "log.txt").write_text(OFFLINE)
    steps = tuple(attrs.evolve(step, network=True) for step in JOB.steps)
    ask(FakeBox({}, {}), attrs.evolve(JOB, steps=steps), folder, tmp_path, "build")
    assert asked(folder) == ""


def test_probe_notes_an_ignored_file(folder: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".gitignore").write_text("lmdb.h\n")
    (tree / "lmdb.h").write_text("\n")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    ask(FakeBox({}, {}), JOB, folder, tmp_path, "build", str(tree))
    assert "file lmdb.h ignored lmdb.h" in asked(folder).splitlines()
