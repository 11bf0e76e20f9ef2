"""Imports point downward, also inside functions, and each edge of the house has one door."""

import ast
import functools
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "ciforge"

RANKS = {
    "errors": 0, "file_lock": 0, "resources": 0, "sanitize": 0, "timestamp": 0, "untrusted": 0, "private": 0, "masking": 0,
    "model": 1, "generated_file": 1,
    "load": 2, "plan": 2, "render": 2, "sources": 2, "engines": 2, "diagnose": 2, "store": 2,
    "transitions": 2, "bisect": 2, "watch": 2, "report": 2, "mail": 2, "draft": 2,
    "ci": 3, "run": 3,
    "notify": 4,
    "app": 5,
    "doctor": 6, "cli": 6,
    "commands": 7,
    "cli.main": 8, "__main__": 9,
}  # fmt: skip
"""The layers of docs/architecture.md; a module that has a row of its own does not count for its folder."""

ENTRANCE = {"app", "doctor", "cli", "commands", "cli.main", "__main__"}
LIBRARIES = {
    "fcntl": {"file_lock"},
    "docker": {"engines"},
    "yaml": {"load"},
    "sqlite3": {"store"},
    "smtplib": {"mail"},
    "requests": {"ci", "engines"},
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
            yield layer_of(".".join(parts)), file, syntax_of(file)


@functools.cache
def layer_of(name: str) -> str:
    """`load` for `load.yaml_document`, and `cli.main` for itself, which has a row of its own."""
    whole = name.removesuffix(".__init__")
    own = [row for row in RANKS if "." in row and (whole == row or whole.startswith(f"{row}."))]
    return own[0] if own else whole.partition(".")[0]


@functools.cache
def syntax_of(file: Path) -> ast.Module:
    """No test changes a file that it has looked at."""
    return ast.parse(file.read_text(), str(file))


@functools.cache
def nodes_of(syntax: ast.AST) -> tuple[ast.AST, ...]:
    """All nodes of a module; a walk through the whole package takes long, and many tests need one."""
    return tuple(ast.walk(syntax))


def imported(file: Path, package: Path, syntax: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, wherever it does so."""
    here = ("ciforge", *file.relative_to(package).parts[:-1])
    for node in nodes_of(syntax):
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
        and target != source
        and RANKS[target] >= RANKS[source]
    ]


def below(name: str) -> str:
    """The layer of `ciforge.load.yaml_document`; empty for what is not ours."""
    first, _, rest = name.partition(".")
    return layer_of(rest) if first == "ciforge" else ""


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
    for node in nodes_of(syntax):
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


def test_imports_point_downward() -> None:
    assert climbs(PACKAGE) == []


def test_every_folder_has_a_rank() -> None:
    assert strangers(PACKAGE) == set()


def test_libraries_and_environment_are_used_only_where_allowed() -> None:
    assert trespasses(PACKAGE) == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("model__job", "from ciforge.load import document"),
        ("model__job", "from ciforge import load"),
        ("model__job", "import ciforge.load.yaml_document"),
        ("model__job", "def late():\n    from ciforge.load import document"),
        ("model__job", "from ..load import document"),
        ("model__job", "from .. import load"),
        ("model__job", "import importlib\nimportlib.import_module('ciforge.load.yaml_document')"),
        ("plan__jobs", "from ciforge.load.yaml_document import parse"),
        ("errors", "import ciforge.model.job"),
        ("errors", "from .resources import data_folder"),
        ("run__loop", "from ciforge.notify import pipeline"),
        ("commands__run", "from ciforge.cli.main import main"),
    ],
)
def test_import_of_a_higher_layer_is_found(tmp_path: Path, source: str, text: str) -> None:
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
        ("cli__main", "from ciforge.commands import run"),
    ],
)
def test_import_of_a_lower_layer_is_accepted(tmp_path: Path, source: str, text: str) -> None:
    assert climbs(house(tmp_path, **{source: text})) == []


def test_import_of_a_higher_layer_is_reported_with_file_and_line(tmp_path: Path) -> None:
    package = house(tmp_path, load__yaml_document="import os\nfrom ciforge.plan import planner")
    assert climbs(package) == [
        "ciforge/load/yaml_document.py:2: load (rank 2) imports plan (rank 2)",
    ]


def test_folder_without_a_rank_is_found(tmp_path: Path) -> None:
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
def test_forbidden_library_or_name_is_found(tmp_path: Path, source: str, text: str) -> None:
    assert len(trespasses(house(tmp_path, **{source: text}))) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("engines__docker", "import docker"),
        ("load__document", "import yaml"),
        ("store__index", "import sqlite3"),
        ("mail__smtp", "import smtplib"),
        ("commands__run", "import os\nprint(os.environ)"),
        ("run__loop", "import time\nnow = time.monotonic()"),
        ("plan__jobs", "from ciforge.engines import docker"),
        ("plan__jobs", "from datetime import date\nday = date.fromisoformat('2026-08-31')"),
        ("plan__jobs", "def print_job(): ..."),
    ],
)
def test_library_or_name_in_its_layer_is_accepted(tmp_path: Path, source: str, text: str) -> None:
    assert trespasses(house(tmp_path, **{source: text})) == []


def dependencies(package: Path) -> dict[str, set[str]]:
    """Modules to those of ours that they import, wherever they do so."""
    names = {
        ".".join(file.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        for file in package.rglob("*.py")
    }
    found: dict[str, set[str]] = {}
    for _, file, syntax in modules(package):
        here = ".".join(file.relative_to(package.parent).with_suffix("").parts)
        here = here.removesuffix(".__init__")
        for _, target in imported(file, package, syntax):
            name = target
            while name and name not in names:
                name = name.rpartition(".")[0]
            if name not in {"", here, "ciforge"}:
                found.setdefault(here, set()).add(name)
    return found


def cycle(graph: dict[str, set[str]]) -> tuple[str, ...]:
    """The modules of one cycle of imports; none where there is no cycle."""
    try:
        tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        return tuple(error.args[1])
    return ()


def repeated(names: Iterator[tuple[str, str]]) -> list[str]:
    """`name: place, place` for each name with several places."""
    places: dict[str, set[str]] = {}
    for name, place in names:
        places.setdefault(name, set()).add(place)
    return [
        f"{name}: {', '.join(sorted(found))}"
        for name, found in places.items()
        if found > {min(found)}
    ]


def module_names(package: Path) -> Iterator[tuple[str, str]]:
    """Name and place of each module; folders of one registry (`ci/SERVICE/`) count as one place."""
    for file in package.rglob("*.py"):
        place = file.relative_to(package).as_posix()
        if file.stem not in {"__init__", "__main__"}:
            yield file.stem, re.sub(r"^ci/[^/]+/", "ci/SERVICE/", place)


def class_names(package: Path) -> Iterator[tuple[str, str]]:
    """Name and place of each public class."""
    for _, file, syntax in modules(package):
        for node in syntax.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, file.relative_to(package).as_posix()


def test_modules_import_each_other_in_no_cycle_also_inside_functions() -> None:
    assert cycle(dependencies(PACKAGE)) == ()


def test_module_names_are_unique() -> None:
    assert repeated(module_names(PACKAGE)) == []


def test_public_class_names_are_unique() -> None:
    assert repeated(class_names(PACKAGE)) == []


def test_cycle_that_a_lazy_import_hides_is_found(tmp_path: Path) -> None:
    package = house(
        tmp_path,
        load__a="from ciforge.load import b",
        load__b="def late():\n    from ciforge.load.a import x",
    )
    assert set(cycle(dependencies(package))) == {"ciforge.load.a", "ciforge.load.b"}


def test_repeated_names_are_found_but_not_those_of_one_registry(tmp_path: Path) -> None:
    package = house(
        tmp_path, load__text="class Line: ...", mail__text="class Line: ...", plan__x="class _Own: ...",
        run__y="class _Own: ...",
    )  # fmt: skip
    for service in ("one", "two"):
        (package / "ci" / service).mkdir(parents=True)
        (package / "ci" / service / "workflow.py").write_text("")
    assert repeated(module_names(package)) == ["text: load/text.py, mail/text.py"]
    assert repeated(class_names(package)) == ["Line: load/text.py, mail/text.py"]
