"""The files of one `ciforge generate` as a set: which they are, and whether they are as ciforge wrote them.

A set has a list of its files, `FOLDER/ciforge/generated.txt`, with one checksum of all of them. The files
themselves carry none, so they read like files that a person wrote.

While ciforge writes a set, its list is a journal: the checksums of each file before and after. A set that was
not finished is then told from one that a person changed.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping

import attrs

from ciforge.ci.checksum_header import MARK, found_mark, without_pins

LIST = "generated.txt"
"""The name of the list, in the folder of the set."""

STEM = "ciforge"
"""The folder of the set, and how the names of its files beside that folder begin."""

_JOURNAL = "# ciforge-journal: "
_ENTRY = re.compile(r"([0-9a-f]{64}) (.+)")

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SetPlace:
    """The folder of the files of a project. Several projects of a repository have separate folders."""

    folder: str
    """The folder in which the service looks, from the top of the repository: `.github`."""
    source: str = ""
    """The folder of the source, from the top of the repository; empty for the top itself."""

    @property
    def stem(self) -> str:
        """`ciforge`, and for the source in `lib/foo` `ciforge,lib,foo`."""
        if not self.source:
            return STEM
        name = self.source.replace("/", ",")
        plain = "".join(c if c in _PLAIN or c == "," else "_" for c in name)
        # Two folders never share a name.
        same = plain == name and "," not in self.source
        return f"{STEM},{plain}" + ("" if same else f",{_short(self.source)}")

    @property
    def home(self) -> str:
        """The folder of the set: `.github/ciforge`."""
        return f"{self.folder}/{self.stem}"

    @property
    def list(self) -> str:
        """The path of its list."""
        return f"{self.home}/{LIST}"

    def relative(self, path: str) -> str:
        """A path of the repository as it is written in the list, which is in the folder of the set."""
        if path.startswith(f"{self.home}/"):
            return path.removeprefix(f"{self.home}/")
        return f"../{path.removeprefix(f'{self.folder}/')}"

    def absolute(self, line: str) -> str:
        """The path that a line of the list means; older lists have paths from the top of the repository."""
        if line.startswith(f"{self.folder}/"):
            return line
        if line.startswith("../"):
            return f"{self.folder}/{line.removeprefix('../')}"
        return f"{self.home}/{line}"

    def may_hold(self, path: str) -> bool:
        """Whether a set of this place can have the file: no list names what belongs to others."""
        parts = path.split("/")
        if not {"", ".", ".."}.isdisjoint(parts) or not path.startswith(f"{self.folder}/"):
            return False
        return path.startswith(f"{self.home}/") or parts[-1].startswith(self.stem)


def sealed(files: Mapping[str, str], place: SetPlace, command: str) -> dict[str, str]:
    """`files` with the list of them; `command` writes the same files again."""
    head = f"# Written by ciforge from ciforge.yml. To change them, run: {command}"
    lines = (" ".join(head.splitlines()), *map(place.relative, sorted(files)))
    body = "".join(f"{line}\n" for line in lines)
    first, _, rest = body.partition("\n")
    return {**files, place.list: f"{first}\n{MARK}{_digest(files, body)}\n{rest}"}


def listed(text: str, place: SetPlace) -> tuple[str, ...]:
    """The paths in a list or a journal that are of its place; none where it is neither."""
    if found_mark(text) is not None:
        named = (line for line in text.splitlines() if not line.startswith("#"))
        lines = [place.absolute(line) for line in named]
    else:
        lines = [path for path, _ in journal_entries(text)]
    return tuple(dict.fromkeys(line for line in lines if place.may_hold(line)))


def journal(
    before: Mapping[str, str], after: Mapping[str, str], place: SetPlace, command: str
) -> str:
    """The text that replaces the list while files change from `before` to `after`."""
    every = (*before.items(), *after.items())
    entries = sorted({(path, _checksum(text)) for path, text in every if path != place.list})
    body = "".join(f"{digest} {path}\n" for path, digest in entries)
    head = f"# ciforge was writing these files and was interrupted. To finish, run: {command}"
    return f"{' '.join(head.splitlines())}\n{_JOURNAL}{_checksum(body)}\n{body}"


def journal_entries(text: str) -> tuple[tuple[str, str], ...]:
    """Paths and checksums that a journal names; none where it is no journal, or was changed by hand."""
    _, _, rest = text.partition("\n")
    mark, _, body = rest.partition("\n")
    if mark != f"{_JOURNAL}{_checksum(body)}":
        return ()
    return tuple(
        (found[2], found[1]) for found in map(_ENTRY.fullmatch, body.splitlines()) if found
    )


def in_journal(text: str, files: Mapping[str, str]) -> frozenset[str]:
    """The `files` whose contents the journal `text` lists, from before or after the change."""
    entries = frozenset(journal_entries(text))
    return frozenset(path for path, own in files.items() if (path, _checksum(own)) in entries)


def is_intact(text: str, files: Mapping[str, str]) -> bool:
    """Whether `files`, all that the list `text` names, are as ciforge wrote them, newer pins aside."""
    found = found_mark(text)
    if found is None:
        return False
    body = text[: found.start()] + text[found.end() + 1 :]
    return found[1] == _digest(files, body)


def _digest(files: Mapping[str, str], body: str) -> str:
    digest = hashlib.sha256(body.encode())
    for part in _parts(files):
        digest.update(part)
    return digest.hexdigest()


def _parts(files: Mapping[str, str]) -> Iterator[bytes]:
    for path in sorted(files):
        text = without_pins(files[path]).encode()
        yield f"{path}\0{len(text)}\0".encode()
        yield text


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def _short(text: str) -> str:
    return _checksum(text)[:8]
