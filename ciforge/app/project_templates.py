"""Templates and scripts in `workflows/` beside a project file, which replace those of ciforge."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ciforge.ci.registry import SERVICES
from ciforge.ci.templates import Template
from ciforge.resources import data_folder

if TYPE_CHECKING:
    from ciforge.sources.safe_tree import SafeTree  # few projects have such a folder

FOLDER = "workflows"
LARGEST = 1 << 20
"""Maximum size of one file, in bytes."""
_MOST = 500
"""Maximum number of entries; a folder with more is ignored."""
_TOP = FOLDER.encode()
_PARTS = tuple(_TOP + f"/{name}".encode() for name in (*SERVICES, "hosted"))
_SHARED = "hosted/"
_SCRIPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LINK = "this is a symbolic link, which is not followed; put the file itself here"


@attrs.define(eq=False, repr=False)
class Workflows:
    """Templates by name, scripts of the hosted machine, and the problems of unusable files."""

    templates: dict[str, Template] = attrs.field(factory=dict)
    scripts: dict[str, str] = attrs.field(factory=dict)
    """Templates for all services by file name, and those for one service as `SERVICE/FILE`."""
    problems: list[str] = attrs.field(factory=list)

    def scripts_for(self, service: str) -> dict[str, str]:
        """The scripts that a service's machines run, by file name."""
        own = f"{service}/"
        return {
            name.removeprefix(own): text
            for name, text in self.scripts.items()
            if "/" not in name or name.startswith(own)
        }


def shipped_workflows() -> Workflows:
    """The templates and scripts that are installed with ciforge."""
    folder = data_folder(FOLDER)
    return Workflows(
        templates={
            path.relative_to(folder).as_posix(): Template(str(path), path.read_text("utf-8"))
            for path in sorted(folder.glob("*/*.j2"))
        },
        scripts={
            path.relative_to(folder).as_posix().removeprefix(_SHARED): path.read_text("utf-8")
            for path in sorted((*(folder / "hosted").glob("*"), *folder.glob("*/*.sh")))
        },
    )


def own_workflows(project_file: Path) -> Workflows:
    """The templates and scripts beside the project file. Links are not followed; only regular files
    are read.
    """
    root = project_file.parent
    found = Workflows()
    if not os.path.lexists(root / FOLDER) or _is_shipped(root / FOLDER):
        return found
    from ciforge.sources.safe_tree import SafeTree

    tree = SafeTree(root, lambda _: None)
    for path in _files(tree, found.problems):
        shown = root / os.fsdecode(path)
        name = os.fsdecode(path).removeprefix(f"{FOLDER}/")
        try:
            text = _text(tree, path)
        except (OSError, ValueError) as error:
            found.problems.append(f"{shown}:1:1: {_sentence(error)}")
            continue
        if name.endswith(".j2"):
            found.templates[name] = Template(str(shown), text)
        elif _SCRIPT.fullmatch(shown.name):
            found.scripts[name.removeprefix(_SHARED)] = text
        else:
            message = "is not a valid name for a script (letters, digits and . _ -)"
            found.problems.append(f"{str(shown)!r}:1:1: {shown.name!r} {message}")
    return found


def _is_shipped(folder: Path) -> bool:
    """Whether this is ciforge's own folder, beside the project file of its checkout."""
    try:
        return folder.samefile(data_folder(FOLDER))
    except OSError:
        return False


def _files(tree: "SafeTree", problems: list[str]) -> Iterator[bytes]:
    """Templates in any folder, scripts in `hosted` and in the folders of services; other files are ignored."""
    from ciforge.sources.directory import names

    looked = 0
    folders = [_TOP]
    while folders:
        folder = folders.pop()
        if _is_link(tree, folder):
            problems += [f"{_shown(tree, folder)}:1:1: {_LINK}"] * _is_meant(tree, folder)
            continue
        for name in names(tree, folder):
            path, looked = folder + b"/" + name, looked + 1
            info = tree.lstat(path)
            if looked > _MOST or info is None or name.startswith(b"."):
                continue
            if stat.S_ISDIR(info.st_mode) or path in _PARTS:
                folders.append(path)
            elif _is_ours(folder, name):
                yield path


def _is_ours(folder: bytes, name: bytes) -> bool:
    if name.endswith(b".j2") or folder == _TOP + b"/hosted":
        return True
    return name.endswith(b".sh") and folder in _PARTS


def _is_link(tree: "SafeTree", path: bytes) -> bool:
    info = tree.lstat(path)
    return info is not None and stat.S_ISLNK(info.st_mode)


def _is_meant(tree: "SafeTree", folder: bytes) -> bool:
    """Whether a link has the name of such a folder; other projects use `workflows` for other
    things.
    """
    below = [path for path in _PARTS if path.startswith(folder + b"/")]
    return folder in _PARTS or any(Path(_shown(tree, path)).is_dir() for path in below)


def _text(tree: "SafeTree", path: bytes) -> str:
    """The text of a regular file. Raises OSError, ValueError."""
    with open(tree.open(path), "rb") as file:  # noqa: PTH123 - a descriptor, no path
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("not a regular file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("larger than 1 MiB; this is not a file for ciforge")
    return data.decode()


def _sentence(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "this is not UTF-8"
    if isinstance(error, OSError):
        return _LINK if error.errno == errno.ELOOP else error.strerror or str(error)
    return str(error)


def _shown(tree: "SafeTree", path: bytes) -> str:
    return os.fsdecode(tree.absolute(path))
