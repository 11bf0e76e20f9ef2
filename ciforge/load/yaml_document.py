"""One YAML document: plain values, and the place of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from ciforge.errors import InputError
from ciforge.load.text_file import read_text, refuse_unsafe
from ciforge.load.yaml_nodes import Mistake, Node, compose
from ciforge.model.flaw import Flaw
from ciforge.model.flaw import Path as Way


@attrs.frozen(eq=False, repr=False)
class Document:
    """The values of one file, every scalar as text; aliases share values, which must not be
    changed.
    """

    file: Path
    root: Node
    mistakes: tuple[Mistake, ...] = ()
    """Mistakes beside which the rest can be read, such as a repeated key; `structure` reports them."""

    @classmethod
    def read(cls, file: Path, *, hint: str = "") -> Document:
        """The document in `file`, which may have `mistakes`.

        Raises UsageError with `hint` if it is unreadable, and InputError if it is no YAML.
        """
        return cls._composed(read_text(file, hint=hint), file)

    @classmethod
    def compose(cls, text: str, file: Path) -> Document:
        """The only document in `text`. Raises InputError with every problem, `file` before each."""
        document = cls._composed(text, file)
        if document.mistakes:
            raise InputError(document.problems(()))
        return document

    @classmethod
    def _composed(cls, text: str, file: Path) -> Document:
        refuse_unsafe(text, file)
        root, mistakes = compose(text)
        if root is None and mistakes:
            raise InputError(
                [f"{file}:{line}:{column}: {message}" for line, column, message in mistakes]
            )
        if root is None or (root.plain and root.value == ""):
            raise InputError([f"{file}:1:1: the file is empty"])
        return cls(file, root, tuple(mistakes))

    @property
    def value(self) -> Any:
        """Dictionaries, lists and text."""
        return self.root.value

    def place(self, path: Way, key: bool = False) -> str:
        """`file:line:col` of the value at `path`, or of its key; of its nearest ancestor if absent."""
        line, column = self._mark(path, key)
        return f"{self.file}:{line}:{column}"

    def problem(self, flaw: Flaw) -> str:
        """`file:line:col: message`."""
        return f"{self.place(flaw.path, flaw.key)}: {flaw.message}"

    def problems(self, flaws: Iterable[Flaw]) -> list[str]:
        """Each flaw and each mistake once, in the order of the file."""
        found = [(*self._mark(flaw.path, flaw.key), flaw.message) for flaw in flaws]
        ordered = sorted([*found, *self.mistakes])
        return [
            f"{self.file}:{line}:{column}: {text}" for line, column, text in dict.fromkeys(ordered)
        ]

    def _mark(self, path: Way, key: bool) -> tuple[int, int]:
        node, keyed = self.root, self.root
        for step in path:
            found = _child(node, step)
            if found is None:
                key = False
                break
            keyed, node = found
        chosen = keyed if key else node
        return chosen.line, chosen.column


def _child(node: Node, step: str | int) -> tuple[Node, Node] | None:
    if isinstance(node.parts, dict) and isinstance(step, int):
        # A list can also be written as `{add: [...]}`.
        longer = node.parts.get("add")
        return _child(longer[1], step) if longer else None
    if isinstance(node.parts, dict):
        return node.parts.get(step) if isinstance(step, str) else None
    if isinstance(step, int) and 0 <= step < len(node.parts):
        return node.parts[step], node.parts[step]
    return None
