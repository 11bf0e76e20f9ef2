"""Files of a repository that its snapshot does not have: git ignores them, or they are outside of the folder."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ciforge.errors import CiforgeError
from ciforge.sources.checkout import inside, repository_of
from ciforge.sources.git import Repository, git_output
from ciforge.untrusted import read_below

_MACRO = re.compile(r"[A-Z][A-Z0-9]*_\w+")
_M4_FILES = 200
_M4_BYTES = 1 << 20
_PLAIN = re.compile(r"[A-Za-z0-9_.+/-]{1,200}")
_IGNORED = ("--others", "--ignored", "--exclude-standard")


def not_copied(tree: Path, names: Sequence[str]) -> dict[str, str]:
    """Names of files, and of m4 macros, to `ignored PATH` or `outside PATH`; only those that are found.

    A path is relative to the folder, for `outside` to the top of the repository. Empty where there is no repository.
    """
    try:
        here = repository_of(tree) if tree.is_dir() else None
        return {name: found for name in names if here and (found := _found(here, name))}
    except CiforgeError:
        return {}


def _found(here: Repository, name: str) -> str:
    if not _PLAIN.fullmatch(name) or ".." in name or name.startswith(("/", "-")):
        return ""
    paths = (
        _defining(here, name)
        if _MACRO.fullmatch(name)
        else _listed(here, *_IGNORED, "--", f":(glob)**/{name}")
    )
    if ignored := next((path for path in paths if _PLAIN.fullmatch(path)), ""):
        return f"ignored {ignored}"
    part = inside(here).decode(errors="replace")
    if not part:
        return ""
    everywhere = _listed(here, "--cached", "--full-name", "--", f":(top,glob)**/{name}")
    outside = (
        path for path in everywhere if not path.startswith(f"{part}/") and _PLAIN.fullmatch(path)
    )
    return next((f"outside {path}" for path in outside), "")


def _defining(here: Repository, macro: str) -> Iterator[str]:
    """Ignored m4 files that define a macro."""
    defines = re.compile(rf"(?:A[CU]_DEFUN(?:_ONCE)?|m4_define)\(\[?{macro}\b".encode())
    for path in _listed(here, *_IGNORED, "--", ":(glob)**/*.m4")[:_M4_FILES]:
        with suppress(OSError):
            if defines.search(read_below(here.name, path, _M4_BYTES)):
                yield path


def _listed(here: Repository, *arguments: str) -> list[str]:
    answer = git_output("ls-files", "-z", *arguments, at=here)
    return [path.decode(errors="replace") for path in answer.out.split(b"\0")[:-1]]
