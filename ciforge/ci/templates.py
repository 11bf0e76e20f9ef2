"""The templates of generated files, rendered in a sandbox: a project may bring its own."""

from collections.abc import Mapping
from typing import Any

import attrs
import jinja2
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ciforge.ci.yaml_values import Block, CommentText, PathText, PlainText, Word, written
from ciforge.errors import InputError

VARIABLES = frozenset({"file"})
"""The variables that a template is given."""

LARGEST_TEXT = 4 << 20
"""Characters that a template may make; a service takes files of half a megabyte."""

_FILTERS = (
    "default", "first", "join", "last", "length", "lower", "replace", "sort", "trim", "upper",
)  # fmt: skip
"""Jinja's own that a template may use, besides `_OWN_FILTERS`."""
_OWN_FILTERS = {
    "block": Block, "word": Word, "plain": PlainText, "comment": CommentText, "path": PathText,
}  # fmt: skip
_NUMBER_BITS = 64
_FAULTS = (
    jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError,
    RecursionError, MemoryError,
)  # fmt: skip
"""Exceptions of a faulty template."""


@attrs.frozen(eq=False, repr=False)
class Template:
    """The text of a template, and the file that it was read from."""

    file: str
    text: str


class _Sandbox(ImmutableSandboxedEnvironment):
    """No globals, no private attributes, no change of a value, no result without bounds."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, _context: Any, operator: str, left: Any, right: Any) -> Any:
        """Multiplies numbers of an ordinary size, and nothing else."""
        if operator == "*" and _is_small(left) and _is_small(right):
            return left * right
        raise SecurityError(
            f"a template cannot use {operator} here: it is allowed for small numbers only"
        )


def _is_small(value: object) -> bool:
    return isinstance(value, int) and value.bit_length() <= _NUMBER_BITS


def environment(templates: Mapping[str, Template]) -> jinja2.Environment:
    """A sandbox with `templates` by name; every interpolation is `written`."""

    def load(name: str) -> tuple[str, str, None] | None:
        found = templates.get(name)
        return (found.text, found.file, None) if found else None

    made = _Sandbox(
        loader=jinja2.FunctionLoader(load),
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        autoescape=False,
        block_start_string="[%", block_end_string="%]",
        variable_start_string="[=", variable_end_string="=]",
        comment_start_string="[#", comment_end_string="#]",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        optimized=False,  # it costs more than it saves for files that are rendered once
    )  # fmt: skip
    made.filters = {name: FILTERS[name] for name in _FILTERS} | _OWN_FILTERS
    made.globals = {}
    return made


def render(made: jinja2.Environment, name: str, file: Any) -> str:
    """The text of one file. Raises InputError with the template's place where it is wrong."""
    try:
        return _bounded(made.get_template(name), file)
    except _FAULTS as error:
        raise InputError([_place(error, name)]) from None


def _bounded(template: jinja2.Template, file: Any) -> str:
    parts: list[str] = []
    size = 0
    for part in template.generate(file=file):
        size += len(part)
        if size > LARGEST_TEXT:
            raise ValueError(f"the template makes more than {LARGEST_TEXT} characters")
        parts.append(part)
    return "".join(parts)


def _finalize(value: Any) -> str:
    if isinstance(value, jinja2.Undefined):
        return str(value)  # which raises UndefinedError
    return written(value)


def _place(error: Exception, name: str) -> str:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.filename or error.name or name}:{error.lineno}:1: {error.message}"
    trace, line, file = error.__traceback__, 1, name
    while trace is not None:
        found = trace.tb_frame.f_code.co_filename
        if found.endswith(".j2"):
            line, file = trace.tb_lineno, found
        trace = trace.tb_next
    return f"{file}:{line}:1: {_sentence(error)}"


def _sentence(error: Exception) -> str:
    """A message that a person can act on; Python's own for these two errors name parts of the interpreter."""
    if isinstance(error, RecursionError):
        return "the template calls, includes or nests itself endlessly"
    if isinstance(error, MemoryError):
        return "the template needs more memory than it may use"
    return str(error) or type(error).__name__
