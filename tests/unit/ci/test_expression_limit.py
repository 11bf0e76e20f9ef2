"""A text that GitHub would refuse when a run starts is refused when it is written."""

import pytest

from ciforge.ci.github.expression_limit import LONGEST, refuse_long_expressions
from ciforge.errors import UsageError
from tests.tables import each

LONG = "x" * (LONGEST - 10)


def block(text: str) -> str:
    return f"jobs:\n  a:\n    steps:\n      - run: |\n          {text}\n          more\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (block(f"{LONG}${{{{ github.sha }}}}"), 4),
        (f"name: a\nrun-name: '{LONG}${{{{ github.ref }}}}'\n", 2),
        (f"on: push\njobs:\n  a:\n    strategy: ['${{{{ x }}}}{LONG}{LONG}']\n", 4),
    ],
)
def test_long_template_text_with_an_expression_is_refused_with_its_line(
    text: str, line: int
) -> None:
    with pytest.raises(UsageError, match=rf"^w\.yml:{line}: this text has an expression"):
        refuse_long_expressions("w.yml", text)


@each(
    "text",
    [
        block(LONG + LONG),
        block(LONG) + "name: ${{ github.sha }}\n",
        block("x" * (LONGEST - 25) + "${{ x }}"),
        f"# {LONG}{LONG} ${{{{ x }}}}\nname: a\n",
        "",
    ],
)
def test_long_template_text_without_an_expression_is_accepted(text: str) -> None:
    refuse_long_expressions("w.yml", text)
