"""Files of a source that its snapshot does not have, and why."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ciforge.errors import CiforgeError
from ciforge.sources.checkout import inside, own_checkout, repository_of
from ciforge.sources.git import Repository, git_output
from ciforge.sources.submodules import submodules_in
from ciforge.untrusted import read_below

_MACRO = re.compile(r"[A-Z][A-Z0-9]*_\w+")
_M4_FILES = 200
_M4_BYTES = 1 << 20
_PLAIN = re.compile(r"[A-Za-z0-9_.+/-]{1,200}")
_SUBMODULES = 20
"""Submodules, at most, in which a file is looked for."""
_IGNORED = ("--others", "--ignored", "--exclude-standard")
_UNTRACKED = ("--others", "--exclude-standard")


def not_copied(tree: Path, names: Sequence[str], *, committed: bool = False) -> dict[str, str]:
    """Names of files, and of m4 macros, to the reason and place of each; only those that are found.

    `ignored PATH`, `uncommitted PATH` if a commit was copied (`committed`), `outside PATH` of the folder that is built,
    `submodule PATH` of a submodule that is not fetched; `archive NAME` of each file, if the source is an archive. A path is
    relative to the folder; for `outside`, and for a submodule, to the top of the repository.
    """
    if tree.is_file():
        name = tree.name if _PLAIN.fullmatch(tree.name) else "archive"
        return {
            wanted_path: f"archive {name}"
            for wanted_path in names
            if _is_path(wanted_path) and not _is_macro(wanted_path)
        }
    try:
        here = repository_of(tree) if tree.is_dir() else None
        return {name: found for name in names if here and (found := _found(here, name, committed))}
    except CiforgeError:
        return {}


def _is_path(name: str) -> bool:
    return (
        _PLAIN.fullmatch(name) is not None and ".." not in name and not name.startswith(("/", "-"))
    )


def _is_macro(name: str) -> bool:
    return _MACRO.fullmatch(name) is not None


def _found(here: Repository, name: str, committed: bool) -> str:
    if not _is_path(name):
        return ""
    if ignored := _first(
        _defining(here, name) if _is_macro(name) else _ending(here, name, _IGNORED)
    ):
        return f"ignored {ignored}"
    if committed and (untracked := _first(_ending(here, name, _UNTRACKED))):
        return f"uncommitted {untracked}"
    part = inside(here).decode(errors="replace")
    everywhere = _listed(here, "--cached", "--full-name", "--", f":(top,glob)**/{name}")
    beside = (path for path in everywhere if part and not path.startswith(f"{part}/"))
    if outside := _first(beside):
        return f"outside {outside}"
    return _of_submodule(here, part, name)


def _of_submodule(here: Repository, part: str, name: str) -> str:
    """A file of a submodule: of one beside the folder, or of one that is not to be fetched."""
    top = here.work_tree or here.name
    for raw, module in list(submodules_in(here).items())[:_SUBMODULES]:
        path = os.fsdecode(raw)
        if not _is_path(path):
            continue
        below = not part or path.startswith(f"{part}/")
        if below and module.update == "none" and _leads_into(name, path):
            return f"submodule {path}"
        there = repository_of(top / path) if not below and own_checkout(top / path) else None
        if there and (found := _first(_ending(there, name, ("--cached",)))):
            return f"outside {path}/{found}"
    return ""


def _leads_into(name: str, folder: str) -> bool:
    """Whether `jsmn/jsmn.h` may be in `third_party/jsmn`."""
    parts, wanted = folder.split("/"), name.split("/")[:-1]
    return any(parts[-count:] == wanted[:count] for count in range(1, len(wanted) + 1))


def _defining(here: Repository, macro: str) -> Iterator[str]:
    """Ignored m4 files that define a macro."""
    defines = re.compile(rf"(?:A[CU]_DEFUN(?:_ONCE)?|m4_define)\(\[?{macro}\b".encode())
    for path in _listed(here, *_IGNORED, "--", ":(glob)**/*.m4")[:_M4_FILES]:
        with suppress(OSError):
            if defines.search(read_below(here.name, path, _M4_BYTES)):
                yield path


def _ending(here: Repository, name: str, which: Sequence[str]) -> list[str]:
    """Files of a kind whose path ends so."""
    return _listed(here, *which, "--", f":(glob)**/{name}")


def _first(paths: "Iterator[str] | list[str]") -> str:
    return next((path for path in paths if _PLAIN.fullmatch(path)), "")


def _listed(here: Repository, *arguments: str) -> list[str]:
    answer = git_output("ls-files", "-z", *arguments, at=here)
    return [path.decode(errors="replace") for path in answer.out.split(b"\0")[:-1]]
