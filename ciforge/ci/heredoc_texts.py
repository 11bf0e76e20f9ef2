"""Texts that reach a hosted machine inside a shell script: plain where they can be, each once."""

import base64
import textwrap
from collections.abc import Iterator, Sequence

import attrs

from ciforge.ci.yaml_values import OPENS, is_literal
from ciforge.render.heredoc import end_of


@attrs.define
class Texts:
    """Texts by name, each written once whatever number of jobs share it."""

    names: dict[tuple[str, str], str] = attrs.field(factory=dict)
    wholes: dict[str, str] = attrs.field(factory=dict)
    counts: dict[str, int] = attrs.field(factory=dict)

    def number(self, kind: str, text: str) -> int:
        """The number of `text` among those of its kind; 0 for the empty one, which needs none."""
        if not text:
            return 0
        key = (kind, text)
        if key not in self.names:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.names[key] = f"{kind}.{self.counts[kind]}"
        return int(self.names[key].rpartition(".")[2])

    def whole(self, kind: str, part: str, parts: Sequence[str]) -> int:
        """The number of a text that is made of `parts`, each of which is written once; 0 for none."""
        if not parts:
            return 0
        key = " ".join(f"{part}.{self.number(part, text)}" for text in parts)
        self.wholes.setdefault(key, f"{kind}.{len(self.wholes) + 1}")
        return int(self.wholes[key].rpartition(".")[2])

    def script(self) -> Iterator[str]:
        """Commands that write them all into the current folder."""
        for (_, text), name in self.names.items():
            yield here(name, text)
        for parts, name in self.wholes.items():
            yield f"cat {parts} >{name}\n"


def here(name: str, text: str) -> str:
    """A command that writes `text` to the file `name`, byte for byte; `name` is a safe word."""
    if not is_plain(text):
        coded = textwrap.fill(base64.b64encode(text.encode()).decode(), 100)
        return f"base64 -d >{name} <<'END_OF_TEXT'\n{coded}\nEND_OF_TEXT\n"
    end = end_of(text)
    return f"cat >{name} <<'{end}'\n{text}{end}\n"


def is_plain(text: str) -> bool:
    """Whether a here-document in a literal block keeps it, and the service sees nothing in it."""
    return OPENS not in text and is_literal(text)
