"""YAML events to a tree of nodes with their places.

Built without recursion and within limits, so that no text can exhaust memory or the stack; aliases
share a node, which is counted at each use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import yaml

from ciforge.load.shown_values import kind, shown
from ciforge.load.syntax_errors import sentence, too_deep
from ciforge.load.text_file import UNSAFE

DEPTH = 50
"""Maximum nesting of lists and mappings."""
NODES = 100_000
"""Maximum number of nodes, with aliases expanded."""

Mistake = tuple[int, int, str]
"""Line and column, from 1, and a sentence."""

_YAML = "tag:yaml.org,2002:"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@attrs.define(eq=False, repr=False)
class Node:
    """A scalar, list or mapping; the value of a scalar is its text as written."""

    line: int
    column: int
    value: Any
    parts: dict[str, tuple[Node, Node]] | list[Node] = attrs.field(factory=list)
    """The items of a list; the keys of a mapping to the nodes of key and value."""
    plain: bool = False
    key: Node | None = None
    """In an incomplete mapping: the key that has no value yet."""
    open: bool = False
    size: int = 1
    height: int = 1


class Refused(Exception):
    """The rest of the text cannot be read."""

    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.mistake = (node.line, node.column, message)


def compose(text: str, loader: Any = LOADER) -> tuple[Node | None, list[Mistake]]:
    """The root of the only document in `text`, and every mistake.

    The root is None if the text is empty, or cannot be read to its end.
    """
    composer = _Composer()
    try:
        for event in yaml.parse(text, Loader=loader):
            step = _STEPS.get(type(event))
            if step is not None:
                step(composer, event)
    except Refused as error:
        composer.root = None
        composer.mistakes.append(error.mistake)
    except yaml.YAMLError as error:
        deepest = too_deep(error)
        if deepest is not None:
            return compose(text[:deepest], loader)
        composer.root = None
        composer.mistakes.append(sentence(error, text))
    return composer.root, sorted(composer.mistakes)


class _Composer:
    def __init__(self) -> None:
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self.anchors: dict[str, Node] = {}
        self.stack: list[Node] = []
        self.documents = 0

    def end(self, _event: Any) -> None:
        node = self.stack.pop()
        node.open = False
        self.add(node)

    def document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise Refused(_node(event, ""), "a second document begins here; one file holds one")

    def scalar(self, event: yaml.ScalarEvent) -> None:
        node = _node(event, event.value)
        node.plain = not event.style
        match = UNSAFE.search(event.value)
        if match or "\r" in event.value:
            code = ord(match.group() if match else "\r")
            self.mistake(node, f"the character U+{code:04X} is not allowed")
        self.add(self.named(event, node))

    def begin(self, event: Any) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        node = _node(event, {} if mapping else [])
        node.parts = {} if mapping else []
        node.open = True
        if len(self.stack) >= DEPTH:
            raise Refused(node, f"nested deeper than {DEPTH} levels")
        self.stack.append(self.named(event, node))

    def named(self, event: Any, node: Node) -> Node:
        if event.tag is not None:
            self.mistake(node, _tag_problem(event.tag))
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: yaml.AliasEvent) -> None:
        here = _node(event, "")
        name = event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            message = f"there is no anchor {shown(name)} above"
            raise Refused(here, f"{message}; a word that begins with '*' must be quoted")
        if node.open:
            raise Refused(here, f"the alias {shown(name)} contains itself")
        if len(self.stack) + node.height > DEPTH + 1:
            raise Refused(here, f"nested deeper than {DEPTH} levels")
        self.add(node)

    def add(self, child: Node) -> None:
        if not self.stack:
            self.root = child
            return
        parent = self.stack[-1]
        parent.size += child.size
        parent.height = max(parent.height, child.height + 1)
        if parent.size > NODES:
            raise Refused(parent, f"more than {NODES:,} values, with aliases expanded")
        if isinstance(parent.parts, list):
            parent.parts.append(child)
            parent.value.append(child.value)
        elif parent.key is None:
            parent.key = child
        else:
            key, parent.key = parent.key, None
            self.pair(parent, key, child)

    def pair(self, parent: Node, key: Node, value: Node) -> None:
        assert isinstance(parent.parts, dict)
        problem = _key_problem(key, parent.parts)
        if problem:
            self.mistake(key, problem)
        else:
            parent.parts[key.value] = (key, value)
            parent.value[key.value] = value.value

    def mistake(self, node: Node, message: str) -> None:
        self.mistakes.append((node.line, node.column, message))


_STEPS: dict[type, Callable[[_Composer, Any], None]] = {
    yaml.ScalarEvent: _Composer.scalar,
    yaml.MappingStartEvent: _Composer.begin,
    yaml.SequenceStartEvent: _Composer.begin,
    yaml.MappingEndEvent: _Composer.end,
    yaml.SequenceEndEvent: _Composer.end,
    yaml.AliasEvent: _Composer.alias,
    yaml.DocumentStartEvent: _Composer.document,
}
"""The handler of each kind of event; a table is quicker than `match`."""


def _node(event: Any, value: Any) -> Node:
    mark = event.start_mark
    return Node(mark.line + 1, mark.column + 1, value)


def _tag_problem(tag: str) -> str:
    message = f"the tag {shown(tag.replace(_YAML, '!!'))} is not read"
    return (
        message
        if tag.startswith(_YAML)
        else f"{message}; a word that begins with '!' must be quoted"
    )


def _key_problem(key: Node, entries: dict[str, tuple[Node, Node]]) -> str:
    if not isinstance(key.value, str):
        return f"a key must be a word, found {kind(key.value)}"
    if key.value == "":
        return "a key is missing before this ':'"
    if key.plain and key.value == "<<":
        return "merge keys ('<<') are not supported; write out the keys"
    if key.value in entries:
        return f"the key {shown(key.value)} is on line {entries[key.value][0].line} already"
    return ""
