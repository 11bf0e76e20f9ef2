"""GitHub's limit for texts with an expression: it turns the whole text into one call of `format`.

"Exceeded max expression length 21000" is what the service says, when a run starts.
"""

from collections.abc import Iterator

from ciforge.ci.yaml_values import OPENS
from ciforge.errors import UsageError
from ciforge.load.yaml_nodes import Node, compose

LONGEST = 21_000
"""Characters (github.com/actions/runner, ExpressionConstants.MaxLength)."""


def refuse_long_expressions(path: str, text: str) -> None:
    """Raises UsageError where a value of a workflow has an expression and is longer than GitHub takes."""
    if len(text) <= LONGEST or OPENS not in text:
        return
    root, _ = compose(text)
    for node in _scalars(root):
        if OPENS in node.value and len(node.value) > LONGEST:
            raise UsageError(
                f"{path}:{node.line}: this text has an expression and {len(node.value)} characters;"
                f" GitHub takes at most {LONGEST}",
                hint="put the expression into `env:`, and read the variable in the text",
            )


def _scalars(root: Node | None) -> Iterator[Node]:
    """All texts of a document, keys included."""
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        if isinstance(node.parts, dict):
            waiting += [part for pair in node.parts.values() for part in pair]
        waiting += node.parts if isinstance(node.parts, list) else []
        if isinstance(node.value, str):
            yield node
