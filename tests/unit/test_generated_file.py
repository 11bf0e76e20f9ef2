"""Files that ciforge generates: written whole, in the tree that was asked for, through no link."""

import ast
import os
from pathlib import Path

import pytest

from ciforge.errors import UsageError
from ciforge.generated_file import GeneratedTree, refuse_link, remove_generated, write_generated
from tests.tables import each

PACKAGE = Path(__file__).resolve().parents[2] / "ciforge"
NAME = ".github/workflows/ciforge.yml"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "outside").mkdir()
    return tmp_path / "tree"


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_generated_file_is_written_with_its_folders_and_replaced(tree: Path) -> None:
    write_generated(tree, NAME, b"one")
    (tree / NAME).chmod(0o640)
    write_generated(tree, NAME, b"two")
    assert (tree / NAME).read_bytes() == b"two"
    assert (tree / NAME).stat().st_mode & 0o777 == 0o640
    assert everything(tree) == [".github", ".github/workflows", NAME]
    remove_generated(tree, NAME)
    assert everything(tree) == [".github", ".github/workflows"]


@pytest.mark.parametrize("link", [".github", ".github/workflows"])
def test_generated_file_is_not_written_below_a_linked_folder(link: str, tree: Path) -> None:
    outside = tree.parent / "outside"
    (outside / "workflows").mkdir()
    (outside / "ciforge.yml").write_text("theirs")
    (outside / "workflows" / "ciforge.yml").write_text("theirs")
    (tree / link).parent.mkdir(exist_ok=True)
    (tree / link).symlink_to(outside)
    before = everything(outside)
    for act in (
        lambda: write_generated(tree, NAME, b"ours"),
        lambda: remove_generated(tree, NAME),
    ):
        with pytest.raises(UsageError, match="symbolic link") as caught:
            act()
        assert "use a real folder" in caught.value.hint
    assert everything(outside) == before
    assert (outside / "ciforge.yml").read_text() == "theirs"


def test_folder_that_becomes_a_link_between_two_files_is_not_followed(tree: Path) -> None:
    outside = tree.parent / "outside"
    with GeneratedTree(tree) as generated:
        generated.write("a/x", b"ours")
        (tree / "a").rename(tree / "moved")
        (tree / "a").symlink_to(outside)
        generated.write("a/y", b"ours")
        generated.write("x", b"ours")
        with pytest.raises(UsageError, match="symbolic link"):
            generated.write("a/z", b"ours")
    assert everything(outside) == []
    assert everything(tree) == ["a", "moved", "moved/x", "moved/y", "x"]


def test_generated_file_replaces_a_link_and_does_not_follow_it(tree: Path) -> None:
    target = tree.parent / "outside" / "mine"
    target.write_text("mine")
    (tree / "x").symlink_to(target)
    write_generated(tree, "x", b"ours")
    assert target.read_text() == "mine"
    assert (tree / "x").read_text() == "ours"
    assert not (tree / "x").is_symlink()


def test_generated_file_leaves_files_with_temporary_names(tree: Path) -> None:
    target = tree.parent / "outside" / "mine"
    target.write_text("mine")
    (tree / ".x.new").symlink_to(target)
    write_generated(tree, "x", b"ours")
    assert target.read_text() == "mine"


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_generated_file_does_not_replace_a_folder_or_pipe(make: object, tree: Path) -> None:
    make(tree / "x")  # type: ignore[operator]
    with pytest.raises(UsageError, match="not replaced"):
        write_generated(tree, "x", b"ours")
    assert everything(tree) == ["x"]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../x", "", "a//b", "./x"])
def test_generated_file_name_stays_below_the_root(name: str, tree: Path) -> None:
    with pytest.raises(ValueError, match="not a path below"):
        write_generated(tree, name, b"ours")


def test_failed_write_of_a_generated_file_leaves_nothing(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(UsageError, match="No space left"):
        write_generated(tree, "x", b"ours")
    assert everything(tree) == []


def test_output_folder_of_generated_files_is_no_link(tree: Path) -> None:
    (tree / "out").symlink_to(tree.parent / "outside")
    with pytest.raises(UsageError, match="symbolic link") as caught:
        refuse_link(tree / "out")
    assert str(tree.parent / "outside") in caught.value.hint
    refuse_link(tree)
    refuse_link(tree / "missing")


OTHER_WRITERS = {
    "cli/crash_report.py": "a crash report, under a name that the system made up",
    "commands/init.py": "a draft in a temporary folder",
    "app/job_cache.py": "a file of the state folder",
    "commands/notify.py": "a copy of incidents.db in a temporary folder",
    "app/state_branch.py": "a file of the state folder",
    "commands/report.py": "a pipe, a device or the runner's summary, which the person names",
    "app/scratch.py": "a lock of the state folder",
    "report/html/page_writer.py": "files in a folder that site.py has cleared",
    "report/html/site.py": "files in a folder that it has cleared",
}
"""Modules that write a file in another way, and why they may."""

EDGES = ("commands", "inspect", "render", "report", "load", "plan")
WRITES = {"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "copyfile", "copy", "copy2"}


def writers() -> set[str]:
    """Modules of the folders that meet trees of others and write to a file themselves."""
    found = set()
    for folder in EDGES:
        for file in (PACKAGE / folder).rglob("*.py"):
            if writes(file.read_text()):
                found.add(str(file.relative_to(PACKAGE)))
    return found


def writes(text: str) -> bool:
    """Whether a module opens a file for writing, or calls what does."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return any(map(_writes, calls))


def _writes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    names = [arg.id for arg in call.args if isinstance(arg, ast.Name)]
    opens = name == "open" and (
        any(isinstance(word, str) and set("wax+") & set(word) for word in words)
        or "mode" in names
        or any(keyword.arg == "mode" for keyword in call.keywords)
    )
    return name in WRITES or opens


def test_generated_files_are_written_by_one_module() -> None:
    assert writers() - set(OTHER_WRITERS) == set()


@each(
    ("text", "found"),
    [
        ("path.write_text('x')", True),
        ("path.open('wb')", True),
        ("open(path, 'a')", True),
        ("path.open(mode=how)", True),
        ("shutil.copyfile(a, b)", True),
        ("path.read_text()", False),
        ("open(path, 'rb')", False),
        ("path.open()", False),
    ],
)
def test_second_writer_of_generated_files_is_found(text: str, found: bool) -> None:
    assert writes(text) is found
