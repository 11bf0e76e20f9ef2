"""The breakages of tests/breakages: what each breaks, where, and what diagnosis has to say."""

import fnmatch
import re
from pathlib import Path

import attrs
import yaml


@attrs.frozen(kw_only=True)
class Breakage:
    """One patch, and what must come of it."""

    name: str
    files: tuple[str, ...]
    """What the patch changes."""
    kinds: tuple[str, ...]
    """Kinds that the root cause may have: compilers disagree about some."""
    subjects: tuple[str, ...]
    """The same for its subject."""
    breaks: tuple[str, ...]
    """Which jobs, as `RELEASE/VARIANT` with `*`."""
    shared: str = ""
    """What these jobs share; empty where all are broken."""
    causes: int = 1
    advice: str = ""
    """What the advice must say; what it says makes the tree what it was before the patch."""
    basis: str = "deduced"

    def hits(self, job: str) -> bool:
        """Whether it must break that job."""
        cell = job.partition("/")[2]
        return any(fnmatch.fnmatchcase(cell, one) for one in self.breaks)


def breakages(folder: Path) -> list[Breakage]:
    """All of them, in the order of the index. Raises KeyError for a patch that it does not have."""
    index = yaml.safe_load((folder / "index.yml").read_text())
    patches = {file.stem for file in folder.glob("*.patch")}
    if patches != set(index):
        raise KeyError(f"patches and index differ: {sorted(patches ^ set(index))}")
    return [_breakage(name, row, folder) for name, row in index.items()]


def _breakage(name: str, row: dict[str, object], folder: Path) -> Breakage:
    text = (folder / f"{name}.patch").read_text()
    files = tuple(re.findall(r"^\+\+\+ b/(\S+)$", text, re.MULTILINE))
    return Breakage(
        name=name, files=files, kinds=_words(row["kind"]), subjects=_words(row["subject"]),
        breaks=_words(row.get("breaks", "*")), shared=str(row.get("shared", "")),
        causes=int(str(row.get("causes", 1))), advice=str(row.get("advice", "")),
        basis=str(row.get("basis", "deduced")),
    )  # fmt: skip


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
