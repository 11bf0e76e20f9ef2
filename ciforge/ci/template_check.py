"""Mistakes in a template that its text alone shows. Nothing is rendered."""

from collections.abc import Collection, Iterator

import jinja2
from jinja2 import meta, nodes

from ciforge.ci.templates import VARIABLES, Template
from ciforge.errors import did_you_mean


def template_problems(
    made: jinja2.Environment, name: str, template: Template, fields: Collection[str]
) -> Iterator[str]:
    """Syntax, and every name that nothing defines; `fields` are the attributes of `file`."""
    try:
        tree = made.parse(template.text, name, template.file)
        # Jinja refuses to look at variables where a filter or test is unknown.
        flaws = set(_names(made, tree)) or {*_variables(tree), *_fields(tree, fields)}
    except jinja2.TemplateSyntaxError as error:
        yield f"{template.file}:{error.lineno}:1: {error.message}"
    except RecursionError:
        yield f"{template.file}:1:1: nested too deeply for a template"
    except (jinja2.TemplateError, ValueError) as error:
        yield f"{template.file}:1:1: {error}"
    else:
        yield from (f"{template.file}:{line}:1: {sentence}" for line, sentence in sorted(flaws))


Found = tuple[int, str]
"""A line, from 1, and a sentence."""


def _names(made: jinja2.Environment, tree: nodes.Template) -> Iterator[Found]:
    for kind, used, allowed in (
        ("filter", tree.find_all(nodes.Filter), made.filters),
        ("test", tree.find_all(nodes.Test), made.tests),
    ):
        for node in used:
            if node.name not in allowed:
                choice = (
                    did_you_mean(node.name, allowed) or f" (there are {', '.join(sorted(allowed))})"
                )
                yield node.lineno, f"there is no {kind} {node.name!r}{choice}"


def _variables(tree: nodes.Template) -> Iterator[Found]:
    unknown = meta.find_undeclared_variables(tree) - VARIABLES
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            yield node.lineno, f"there is no {node.name!r} (there is 'file')"


def _fields(tree: nodes.Template, fields: Collection[str]) -> Iterator[Found]:
    """Attributes of `file`, where nothing else in the template has that name."""
    if any(node.name == "file" and node.ctx != "load" for node in tree.find_all(nodes.Name)):
        return
    for node in tree.find_all(nodes.Getattr):
        is_file = isinstance(node.node, nodes.Name) and node.node.name == "file"
        if is_file and node.attr not in fields:
            choice = did_you_mean(node.attr, fields) or f" (it has {', '.join(sorted(fields))})"
            yield node.lineno, f"'file' has no {node.attr!r}{choice}"
