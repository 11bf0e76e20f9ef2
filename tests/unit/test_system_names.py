"""What differs between systems is data: no module decides by the name of a distribution or package manager."""

import ast
import functools
import re
from collections.abc import Iterator, Set
from pathlib import Path

from test_layers import nodes_of, syntax_of

from ciforge.resources import data_folder

PACKAGE = Path(__file__).resolve().parents[2] / "ciforge"
DISTROS = data_folder("distros")
AMBIGUOUS = {"arch", "void", "pkg"}
"""Names that are words which the code needs too: an architecture, `void *`, pkg-config."""
NAMES = {file.stem for file in DISTROS.glob("*.yml")}
NAMES |= {file.stem for file in DISTROS.glob("managers/*.yml")} | {"apt-get", "yum"}
NAMES -= AMBIGUOUS

EXEMPT = {
    "ciforge/diagnose/rules/": "rules quote the messages of package managers, by the program that prints them",
    "ciforge/ci/": "labels of the machines of a hosted service: ubuntu-24.04",
}
"""Files and folders that may have such names, with the reason."""
EXAMPLES = {
    ("ciforge/cli/main.py", "Get started:"),
    ("ciforge/commands/init.py", "debian-13"),
    ("ciforge/draft/project_writer.py", "A first build: ciforge run debian-13"),
    ("ciforge/load/project_fields.py", "write for example"),
    ("ciforge/load/url_validators.py", "is not the name of an image (like"),
    ("ciforge/plan/overlay_checks.py", ": {debian: …}}"),
}
"""Texts for people in which a name is an example: file, and a piece of the text."""


def constants(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each string that is no docstring."""
    documented = {
        id(node.value)
        for node in nodes_of(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in nodes_of(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in documented else None
        if isinstance(text, str):
            yield getattr(node, "lineno", 0), text


@functools.cache
def named(text: str) -> Set[str]:
    return frozenset(re.findall(r"[a-z][a-z0-9]*(?:-get)?", text.lower())) & NAMES


def found(package: Path) -> list[str]:
    """`file:line: names` for each string that names a system outside of the exempt places."""
    lines = []
    for file in sorted(package.rglob("*.py")):
        place = file.relative_to(package.parent).as_posix()
        if place.startswith(tuple(EXEMPT)):
            continue
        for line, text in constants(syntax_of(file)):
            example = any(place == where and piece in text for where, piece in EXAMPLES)
            if named(text) and not example:
                lines.append(f"{place}:{line}: {', '.join(sorted(named(text)))}")
    return lines


def test_no_module_knows_the_name_of_a_distribution_or_package_manager() -> None:
    assert found(PACKAGE) == []


def test_name_in_a_string_is_found_but_not_in_a_docstring(tmp_path: Path) -> None:
    package = tmp_path / "ciforge"
    package.mkdir()
    (package / "a.py").write_text('"""Debian."""\n\nif system == "debian":\n    run("apt-get x")\n')
    assert found(package) == ["ciforge/a.py:3: debian", "ciforge/a.py:4: apt-get"]


def test_exemptions_are_needed() -> None:
    for place in EXEMPT:
        files = sorted((PACKAGE.parent / place).rglob("*.py"))
        texts = [text for file in files for _, text in constants(syntax_of(file))]
        assert any(map(named, texts)), place
    for place, piece in EXAMPLES:
        texts = [text for _, text in constants(syntax_of(PACKAGE.parent / place))]
        assert any(piece in text and named(text) for text in texts), (place, piece)
