"""Imports point downward, also inside functions, and each edge of the house has one door."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "ciforge"

RANKS = {
    "errors": 0, "places": 0, "safe": 0, "timestamp": 0, "untrusted": 0, "private": 0,
    "model": 1, "generated_file": 1,
    "load": 2, "plan": 2, "render": 2, "sources": 2, "engines": 2, "diagnose": 2, "history": 2,
    "incidents": 2, "report": 2, "mail": 2, "collect": 2, "inspect": 2,
    "run": 3, "follow": 3,
    "commands": 4,
    "cli": 5, "__main__": 5,
}  # fmt: skip
"""The table of the house in docs/architecture.md."""

ONE_ROOM = {"__main__": "cli"}
"""What may import its neighbour: the program is the command line's front door."""

ENTRANCE = {"commands", "cli", "__main__"}
LIBRARIES = {
    "docker": {"engines"},
    "yaml": {"load"},
    "sqlite3": {"history"},
    "smtplib": {"mail"},
    "requests": {"collect", "engines"},
    "rich": ENTRANCE | {"report"},
}
ENVIRONMENT = ENTRANCE | {"engines", "sources"}
CLOCK = ENTRANCE | {"engines", "sources", "run"}
NAMES = {
    "print": ENTRANCE,
    "click.echo": ENTRANCE | {"report"},
    "click.secho": ENTRANCE | {"report"},
    "os.environ": ENVIRONMENT,
    "os.getenv": ENVIRONMENT,
    "time.time": CLOCK,
    "time.time_ns": CLOCK,
    "time.monotonic": CLOCK,
    "time.perf_counter": CLOCK,
    "datetime.now": CLOCK,
    "datetime.utcnow": CLOCK,
    "datetime.today": CLOCK,
    "date.today": CLOCK,
}


def modules(package: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    """The folder or module directly below the package that a file belongs to, and its syntax."""
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        if parts != ("__init__",):
            yield parts[0], file, syntax_of(file)


@functools.cache
def syntax_of(file: Path) -> ast.Module:
    """No test changes a file that it has looked at."""
    return ast.parse(file.read_text(), str(file))


def imported(file: Path, package: Path, syntax: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, wherever it does so."""
    here = ("ciforge", *file.relative_to(package).parts[:-1])
    for node in ast.walk(syntax):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = (*here[: len(here) - level + 1], module or "") if level else (module or "",)
                start = ".".join(part for part in base if part)
                yield from ((node.lineno, f"{start}.{name.name}") for name in names)
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if (
                dotted(func).endswith("import_module") or dotted(func) == "__import__"
            ):
                yield node.lineno, name


def dotted(node: ast.expr) -> str:
    """`os.environ` for the syntax of it; empty for what is no plain name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{dotted(value)}.{attribute}"
    return ""


def climbs(package: Path) -> list[str]:
    """Imports of something that is not below."""
    return [
        f"{file.relative_to(package.parent)}:{line}: {source} (rank {RANKS[source]})"
        f" imports {target} (rank {RANKS[target]})"
        for source, file, syntax in modules(package)
        for line, name in imported(file, package, syntax)
        if (target := below(name)) in RANKS
        and source in RANKS
        and target not in {source, ONE_ROOM.get(source)}
        and RANKS[target] >= RANKS[source]
    ]


def below(name: str) -> str:
    """`load` for `ciforge.load.document`; empty for what is not ours."""
    first, _, rest = name.partition(".")
    return rest.partition(".")[0] if first == "ciforge" else ""


def strangers(package: Path) -> set[str]:
    """Folders and modules that the table does not know."""
    return {source for source, _, _ in modules(package)} - set(RANKS)


def trespasses(package: Path) -> list[str]:
    """Libraries and names used where they have no business."""
    return [
        f"{file.relative_to(package.parent)}:{line}: {name} belongs to {', '.join(sorted(rooms))}"
        for source, file, syntax in modules(package)
        for line, name, rooms in edges(file, package, syntax)
        if source not in rooms
    ]


def edges(file: Path, package: Path, syntax: ast.Module) -> Iterator[tuple[int, str, set[str]]]:
    """Uses of what only some rooms may use."""
    for line, name in imported(file, package, syntax):
        if rooms := LIBRARIES.get(name.partition(".")[0]) or NAMES.get(name):
            yield line, name, rooms
    for node in ast.walk(syntax):
        if isinstance(node, ast.Attribute | ast.Name):
            name = ".".join(dotted(node).split(".")[-2:])
            if rooms := NAMES.get(name):
                yield node.lineno, name, rooms


def house(folder: Path, **files: str) -> Path:
    """A made-up package: `load__x="import os"` is `ciforge/load/x.py`."""
    for name, text in files.items():
        file = folder / "ciforge" / f"{name.replace('__', '/', 1)}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "ciforge"


def test_no_import_climbs() -> None:
    assert climbs(PACKAGE) == []


def test_every_folder_has_a_rank() -> None:
    assert strangers(PACKAGE) == set()


def test_every_edge_has_one_door() -> None:
    assert trespasses(PACKAGE) == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("model__job", "from ciforge.load import document"),
        ("model__job", "from ciforge import load"),
        ("model__job", "import ciforge.load.document"),
        ("model__job", "def late():\n    from ciforge.load import document"),
        ("model__job", "from ..load import document"),
        ("model__job", "from .. import load"),
        ("model__job", "import importlib\nimportlib.import_module('ciforge.load.document')"),
        ("plan__jobs", "from ciforge.load.document import parse"),
        ("errors", "import ciforge.model.job"),
        ("errors", "from .places import data_folder"),
        ("run__loop", "from ciforge.follow import flow"),
        ("commands__run", "from ciforge.cli import main"),
    ],
)
def test_what_climbs_is_caught(tmp_path: Path, source: str, text: str) -> None:
    assert len(climbs(house(tmp_path, **{source: text}))) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("load__document", "from ciforge.model.job import Job"),
        ("load__document", "from ciforge.load.places import x"),
        ("load__document", "from .compose import x"),
        ("load__document", "from ..errors import InputError"),
        ("load__document", "from ciforge import __version__"),
        ("load__document", "import planner, cli"),
        ("cli", "from ciforge.commands import run"),
    ],
)
def test_what_does_not_climb_is_let_pass(tmp_path: Path, source: str, text: str) -> None:
    assert climbs(house(tmp_path, **{source: text})) == []


def test_who_climbs_is_named(tmp_path: Path) -> None:
    package = house(tmp_path, load__document="import os\nfrom ciforge.plan import jobs")
    assert climbs(package) == [
        "ciforge/load/document.py:2: load (rank 2) imports plan (rank 2)",
    ]


def test_a_folder_without_a_rank_is_caught(tmp_path: Path) -> None:
    assert strangers(house(tmp_path, utils__x="", errors="")) == {"utils"}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plan__jobs", "import docker"),
        ("plan__jobs", "from docker.errors import APIError"),
        ("plan__jobs", "def late():\n    import yaml"),
        ("plan__jobs", "import sqlite3"),
        ("plan__jobs", "import smtplib"),
        ("plan__jobs", "from rich.table import Table"),
        ("plan__jobs", "print('x')"),
        ("plan__jobs", "hear = print"),
        ("plan__jobs", "import click\nclick.echo('x')"),
        ("plan__jobs", "from click import echo"),
        ("plan__jobs", "import os\nhome = os.environ['HOME']"),
        ("plan__jobs", "from os import environ"),
        ("plan__jobs", "import os\nhome = os.getenv('HOME')"),
        ("plan__jobs", "import time\nnow = time.time()"),
        ("plan__jobs", "from datetime import UTC, datetime\nnow = datetime.now(UTC)"),
        ("plan__jobs", "import datetime\nnow = datetime.datetime.now()"),
        ("run__loop", "import os\nhome = os.environ['HOME']"),
    ],
)
def test_a_trespass_is_caught(tmp_path: Path, source: str, text: str) -> None:
    assert len(trespasses(house(tmp_path, **{source: text}))) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("engines__docker", "import docker"),
        ("load__document", "import yaml"),
        ("history__index", "import sqlite3"),
        ("mail__smtp", "import smtplib"),
        ("commands__run", "import os\nprint(os.environ)"),
        ("run__loop", "import time\nnow = time.monotonic()"),
        ("plan__jobs", "from ciforge.engines import docker"),
        ("plan__jobs", "from datetime import date\nday = date.fromisoformat('2026-08-31')"),
        ("plan__jobs", "def print_job(): ..."),
    ],
)
def test_who_has_business_there_is_let_pass(tmp_path: Path, source: str, text: str) -> None:
    assert trespasses(house(tmp_path, **{source: text})) == []
