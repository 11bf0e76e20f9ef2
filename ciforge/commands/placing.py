"""Generated files in a tree: what is there, what should be, and only what is ours is changed."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from ciforge.errors import UsageError
from ciforge.render.workflow.mark import has_mark, is_untouched


@attrs.frozen(kw_only=True)
class Place:
    """Where the files of one repository lie: `folder` below `root`."""

    root: Path
    folder: str

    def present(self) -> dict[str, str]:
        """Paths below `root` to the texts of files with our mark or a name that we would take."""
        found = {}
        for path in sorted((self.root / self.folder).glob("ciforge*.yml")):
            if not path.is_symlink() and not path.is_file():
                raise UsageError(f"{path}: this is no file")
            found[f"{self.folder}/{path.name}"] = _read(path)
        return found


@attrs.frozen(kw_only=True)
class Change:
    """What is to become of one file; None where it is not there before or after."""

    path: Path
    name: str
    before: str | None
    after: str | None

    @property
    def by_hand(self) -> bool:
        """Whether somebody else's work would be lost."""
        return self.before is not None and not is_untouched(self.before)

    @property
    def verb(self) -> str:
        """What was done, for people."""
        if self.after is None:
            return "removed"
        return "created" if self.before is None else "updated"

    @property
    def diff(self) -> str:
        """In the unified form."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        names = (f"a/{self.name}", f"b/{self.name}")
        return "".join(_ended(line) for line in difflib.unified_diff(old, new, *names))


def changes(
    place: Place, present: Mapping[str, str], wanted: Mapping[str, str]
) -> Iterator[Change]:
    """What differs, in the order of the names; files without our mark are nobody's to remove."""
    for name in sorted({*present, *wanted}):
        before, after = present.get(name), wanted.get(name)
        if before == after or (after is None and not has_mark(before or "")):
            continue
        yield Change(path=place.root / name, name=name, before=before, after=after)


def write(change: Change) -> None:
    """Raises UsageError where the tree does not let us."""
    try:
        if change.after is None:
            change.path.unlink()
            return
        change.path.parent.mkdir(parents=True, exist_ok=True)
        new = change.path.with_name(f".{change.path.name}.new")
        new.write_bytes(change.after.encode())
        new.replace(change.path)
    except OSError as error:
        raise UsageError(f"{change.path}: {error.strerror}") from None


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        return ""


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
