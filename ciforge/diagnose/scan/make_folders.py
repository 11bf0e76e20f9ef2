"""Track the directories of recursive makes, so that files are named from the top of the source."""

from posixpath import isabs, join, normpath

import attrs

SOURCE = "/ciforge/src"
"""The folder of the source in a container of ciforge."""
_DEEPEST = 99


@attrs.define(eq=False)
class MakeFolders:
    """The folders that makes say they enter and leave, by their level."""

    _open: dict[int, list[str]] = attrs.field(factory=dict)
    _top: str = ""
    """The folder of the outermost make, if it is known."""
    _top_level: int = _DEEPEST

    def enter(self, level: int, folder: str) -> None:
        """A make begins to work in a folder; relative ones say nothing."""
        if not isabs(folder) or level >= _DEEPEST:
            return
        for deeper in [open_level for open_level in self._open if open_level > level]:
            if len(self._open.get(level, ())) <= 1:
                del self._open[deeper]
        folders = self._open.setdefault(level, [])
        folders.append(folder)
        del folders[:-_DEEPEST]
        if level < self._top_level:
            self._top, self._top_level = folder, level

    def leave(self, level: int, folder: str) -> None:
        """A make ended its work there."""
        folders = self._open.get(level, [])
        if folder in folders:
            folders.remove(folder)
        if not folders:
            self._open.pop(level, None)

    @property
    def level(self) -> int:
        """Of the innermost make that is running, -1 if none is known."""
        return max(self._open, default=-1)

    @property
    def current(self) -> str:
        """The folder of the innermost make; empty if several makes run side by side, or none is known."""
        if not self._open or any(len(set(folders)) > 1 for folders in self._open.values()):
            return ""
        return self._open[self.level][-1]

    def named(self, file: str, folder: str) -> str:
        """`src/f.c` for the `f.c` of a make in `src`; the file as it is where that is not known."""
        if isabs(file) or file[1:3] in (":/", ":\\"):
            return file.removeprefix(f"{SOURCE}/")
        below = self._below_top(folder)
        if not below:
            return file
        whole = normpath(join(below, file))
        return file if whole.startswith("..") else whole

    def _below_top(self, folder: str) -> str:
        """A folder relative to the source or to the outermost make; empty if it is neither below one."""
        if folder.startswith(f"{SOURCE}/"):
            return folder.removeprefix(f"{SOURCE}/")
        if self._top and folder.startswith(f"{self._top}/"):
            return folder.removeprefix(f"{self._top}/")
        return ""
