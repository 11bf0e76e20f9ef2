"""The files of one `ciforge generate` as a set: which they are, and whether they are as ciforge wrote them.

A set has a list of its files, `FOLDER/ciforge/generated.txt`, with one checksum of all of them. The files
themselves carry none, so they read like files that a person wrote.
"""

import hashlib
from collections.abc import Iterator, Mapping

import attrs

from ciforge.ci.checksum_header import MARK, found_mark, without_pins

LIST = "generated.txt"
"""The name of the list, in the folder of the set."""

STEM = "ciforge"
"""The folder of the set, and how the names of its files beside that folder begin."""

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")


@attrs.frozen(kw_only=True)
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

    def may_hold(self, path: str) -> bool:
        """Whether a set of this place can have the file: no list names what belongs to others."""
        parts = path.split("/")
        if not {"", ".", ".."}.isdisjoint(parts) or not path.startswith(f"{self.folder}/"):
            return False
        return path.startswith(f"{self.home}/") or parts[-1].startswith(self.stem)


def sealed(files: Mapping[str, str], place: SetPlace, command: str) -> dict[str, str]:
    """`files` with the list of them; `command` writes the same files again."""
    body = _body(files, f"# Written by ciforge from ciforge.yml. To change them, run: {command}")
    first, _, rest = body.partition("\n")
    return {**files, place.list: f"{first}\n{MARK}{_digest(files, body)}\n{rest}"}


def listed(text: str, place: SetPlace) -> tuple[str, ...]:
    """The paths in a list that are of its place; none where it is no list."""
    if found_mark(text) is None:
        return ()
    return tuple(dict.fromkeys(line for line in text.splitlines() if place.may_hold(line)))


def is_intact(text: str, files: Mapping[str, str]) -> bool:
    """Whether `files`, all that the list `text` names, are as ciforge wrote them, newer pins aside."""
    found = found_mark(text)
    if found is None:
        return False
    body = text[: found.start()] + text[found.end() + 1 :]
    return found[1] == _digest(files, body)


def _body(files: Mapping[str, str], head: str) -> str:
    return "".join(f"{line}\n" for line in (" ".join(head.splitlines()), *sorted(files)))


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


def _short(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:8]
