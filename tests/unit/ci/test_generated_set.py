"""Writing a set of files: an interruption at any file is no work of a person, and no loss of one."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from ciforge.app.generated_files import OutputFolder, SetChanges, set_changes, write_set
from ciforge.ci.file_set import SetPlace, sealed
from ciforge.generated_file import GeneratedTree

PLACE = SetPlace(folder=".github")
HOME = ".github/ciforge"
COMMAND = "ciforge generate"


def whole(files: Mapping[str, str]) -> dict[str, str]:
    return sealed(files, PLACE, COMMAND) if files else {}


OLD = whole({f"{HOME}/a": "a", f"{HOME}/b": "b", f"{HOME}/gone": "g", ".github/workflows/ciforge.yml": "w"})  # fmt: skip
NEW = whole({f"{HOME}/a": "A", f"{HOME}/b": "b", f"{HOME}/new": "n", ".github/workflows/ciforge.yml": "W"})  # fmt: skip


def put(tree: Path, files: Mapping[str, str]) -> None:
    shutil.rmtree(tree / ".github", ignore_errors=True)
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)


def found(tree: Path) -> dict[str, str]:
    paths = (path for path in (tree / ".github").rglob("*") if path.is_file())
    return {path.relative_to(tree).as_posix(): path.read_text() for path in paths}


def planned(tree: Path, wanted: Mapping[str, str]) -> SetChanges:
    output = OutputFolder(root=tree, place=PLACE)
    return set_changes(output, output.present(wanted), wanted)


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The next write or removal but `after` is interrupted."""
    left = [after]

    def counted(name: str) -> None:
        real = getattr(GeneratedTree, name)

        def act(*words: object) -> None:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            real(*words)

        monkeypatch.setattr(GeneratedTree, name, act)

    counted("write")
    counted("remove")


@pytest.mark.parametrize("before", [{}, OLD], ids=["first", "later"])
@pytest.mark.parametrize("other", [NEW, OLD], ids=["the-same", "another"])
@pytest.mark.parametrize("count", range(7))
def test_interrupted_set_is_finished_without_a_change_by_hand(
    count: int, before: dict[str, str], other: dict[str, str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Also where `ciforge.yml` has changed since, so that other files are wanted."""
    put(tmp_path, before)
    with monkeypatch.context() as patch:
        interrupt(patch, count)
        try:
            write_set(planned(tmp_path, NEW), COMMAND)
            whole = True
        except KeyboardInterrupt:
            whole = False
    assert whole or count < 6
    again = planned(tmp_path, other)
    assert not [change.name for change in again.changes if change.by_hand]
    assert bool(again.changes) is (found(tmp_path) != other)
    write_set(again, COMMAND)
    assert found(tmp_path) == other


@pytest.mark.parametrize("name", [f"{HOME}/a", f"{HOME}/b", f"{HOME}/new", f"{HOME}/gone"])
def test_edit_after_an_interruption_is_a_change_by_hand(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, OLD)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        interrupt(patch, 3)
        write_set(planned(tmp_path, NEW), COMMAND)
    (tmp_path / name).write_text("mine")
    changes = {change.name: change.by_hand for change in planned(tmp_path, NEW).changes}
    assert [one for one, by_hand in changes.items() if by_hand] == [name]
