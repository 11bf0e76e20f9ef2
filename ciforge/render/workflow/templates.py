"""The templates of generated files: ours, and a project's own of the same names before them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta

from ciforge.errors import InputError
from ciforge.render.workflow.values import Block, Word, written

KNOWN = frozenset({"file"})
"""The variables that a template is given."""


def environment(folders: Sequence[Path]) -> jinja2.Environment:
    """Templates in the first of `folders` that has them; every interpolation is `written`."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        autoescape=False,  # noqa: S701 - `finalize` writes JSON
        block_start_string="[%", block_end_string="%]",
        variable_start_string="[=", variable_end_string="=]",
        comment_start_string="[#", comment_end_string="#]",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters = {"block": Block, "word": Word}
    return made


def render(made: jinja2.Environment, name: str, file: Any) -> str:
    """The text of one file. Raises InputError with the template's place where it is wrong."""
    try:
        return made.get_template(name).render(file=file)
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise InputError([_place(error, name)]) from None


def _finalize(value: Any) -> str:
    if isinstance(value, jinja2.Undefined):
        return str(value)  # which raises UndefinedError
    return written(value)


def problems(folder: Path) -> Iterator[str]:
    """Mistakes in a project's own templates: of syntax, and names that nothing defines."""
    made = environment([folder])
    for path in sorted(folder.rglob("*.j2")):
        name = path.relative_to(folder).as_posix()
        try:
            tree = made.parse(path.read_text(encoding="utf-8"), name, str(path))
            unknown = jinja2.meta.find_undeclared_variables(tree) - KNOWN
        except jinja2.TemplateSyntaxError as error:
            yield f"{path}:{error.lineno}:1: {error.message}"
        except UnicodeDecodeError:
            yield f"{path}:1:1: this is not UTF-8"
        except jinja2.TemplateError as error:
            yield f"{path}:1:1: {error}"
        else:
            for word in sorted(unknown):
                yield f"{path}:{_line_of(path, word)}:1: there is no {word!r} (there is 'file')"


def _line_of(path: Path, word: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((n for n, line in enumerate(lines, 1) if word in line), 1)


def _place(error: Exception, name: str) -> str:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.filename or error.name or name}:{error.lineno}:1: {error.message}"
    trace, line, file = error.__traceback__, 1, name
    while trace is not None:
        found = trace.tb_frame.f_code.co_filename
        if found.endswith(".j2"):
            line, file = trace.tb_lineno, found
        trace = trace.tb_next
    return f"{file}:{line}:1: {error}"
