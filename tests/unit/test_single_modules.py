"""One way to run git, to read a file of an untrusted tree, and to remove control characters.

A second way is found by its syntax, and refused whatever it is good for: what reads files of ciforge or
of the person stands in a table, with the reason.
"""

import ast
import functools
from collections.abc import Container, Iterator
from pathlib import Path

import pytest
from test_layers import PACKAGE, dotted, house, imported, nodes_of, syntax_of

GIT = "sources/git"
"""The module that runs git."""

STARTS = {
    GIT: "git",
    "engines/host_transport": "ssh, and what it runs on a machine of the person's own",
    "engines/bootstrap": "the bootstrap program of a descriptor that travels with ciforge",
    "engines/login_key": "ssh-keygen, once",
    "engines/qemu": "QEMU, to see whether a guest runs",
    "engines/virtual_machine": "QEMU, for a machine of the person's own",
    "engines/labels": "the programs that tell one machine from another",
    "mail/sendmail": "the mail program of the person",
    "mail/transport_config": "the command that prints the person's password",
    "commands/doctor": "what the person lets doctor do",
    "app/watch_child": "ciforge itself, which builds a commit",
}
"""Modules that start programs of this machine, and which."""
_STARTERS = frozenset({
    "os.system", "os.popen", "os.execv", "os.execve", "os.execvp", "os.execvpe", "os.execl", "os.execlp",
    "os.spawnl", "os.spawnv", "os.spawnvp", "os.posix_spawn", "os.posix_spawnp", "pty.spawn",
    "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
})  # fmt: skip

TREES = (
    "app", "ci", "cli", "commands", "doctor", "draft", "load", "plan", "render", "sources",
)  # fmt: skip
"""Folders whose modules come near the files of a tree."""
READS = {
    "app/generation": "the pins that travel with ciforge",
    "app/input_file": "a log, patch or list that the person names; pipes are read, too",
    "app/job_cache": "what ciforge remembers",
    "app/project_templates": "templates that travel with ciforge",
    "app/resource_limits": "the memory of this process",
    "app/scratch": "locks of ciforge",
    "app/service_access": "a file that the person or the service names",
    "app/session": "/dev/null",
    "app/source_options": "the patch that the person names",
    "app/state_branch": "what ciforge keeps",
    "ci/artifact_files": "artifacts, in a folder of ciforge, and the zip files that hold them",
    "ci/sourcehut/result_files": "unnamed temporary files of ciforge",
    "ci/github/pages": "answers of the service, in a folder of ciforge",
    "cli/main": "/dev/null",
    "commands/log": "a log that ciforge kept",
    "doctor/guest_state": "the public key of ciforge, or of the person",
    "doctor/fixes": "the name of this system",
    "sources/carried_git": "what git wrote into a scratch folder",
    "sources/contents_index": "what ciforge fetched from a mirror",
    "sources/file_owners": "what ciforge fetched from a mirror",
    "load/dependencies": "a table that travels with ciforge",
    "load/package_table": "a table that travels with ciforge",
    "load/toolchain_table": "a table that travels with ciforge",
    "load/proof_table": "a table that travels with ciforge",
    "load/release_index": "descriptors that travel with ciforge",
    "load/host_systems": "a table that travels with ciforge",
    "sources/patch": "a private copy, for writing",
    "sources/patch_mail": "what git wrote into a scratch folder",
    "sources/tar_writer": "the archive that it writes",
}
"""Modules that open files without `untrusted`, and which files those are."""
_READERS = frozenset({
    "open", "io.open", "os.open", "codecs.open", "tarfile.open", "gzip.open", "bz2.open", "lzma.open",
    "zipfile.ZipFile", "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree",
    "jinja2.FileSystemLoader", "FileSystemLoader", "linecache.getlines", "mmap.mmap",
})  # fmt: skip
_DESCRIPTORS = ("open", "open_below", "open_file")
"""Calls that give a descriptor of a file that was opened in the one way."""

SANITIZER = "sanitize"
"""The module that removes control characters and escape sequences."""
CONTROLS = {
    "ci/yaml_values": "what YAML quotes, which keeps the characters",
    "report/jsonlines": "what JSON leaves as it is, escaped as JSON escapes the others",
    "load/text_file": "what makes a file an error, which removes nothing",
}
"""Modules that name control characters for another reason."""
_CONTROL_WORDS = (
    "\x1b", r"\x1b", r"\033", "\x00-", r"\x00-", "\x7f", r"\x7f", "unicode_escape",
)  # fmt: skip
"""What a string has that matches or escapes control characters."""


def name_of(file: Path, package: Path) -> str:
    """`sources/git`."""
    return file.relative_to(package).with_suffix("").as_posix()


def sources(package: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    for file in sorted(package.rglob("*.py")):
        yield name_of(file, package), file, syntax_of(file)


def starters(package: Path, allowed: Container[str] = STARTS) -> list[str]:
    """Places that could start a program, in modules that are to start none."""
    return [
        f"{name}:{line}: {what}"
        for name, file, syntax in sources(package)
        if name not in allowed
        for line, what in (
            *((line, what) for line, what in imported(file, package, syntax)
              if what.partition(".")[0] in ("subprocess", "pty", "pexpect")),
            *((node.lineno, dotted(node.func)) for node in calls(syntax) if dotted(node.func) in _STARTERS),
        )
    ]  # fmt: skip


def gits(package: Path) -> list[str]:
    """Command lines that begin with git, outside of the module that runs it."""
    return [
        f"{name}:{node.lineno}"
        for name, _, syntax in sources(package)
        if name != GIT
        for node in nodes_of(syntax)
        if isinstance(node, ast.List | ast.Tuple)
        and node.elts
        and isinstance(node.elts[0], ast.Constant)
        and str(node.elts[0].value).rpartition("/")[2] == "git"
    ]


def readers(package: Path, allowed: Container[str] = READS) -> list[str]:
    """Places that open a file in another way, near the files of a tree."""
    return [
        f"{name}:{node.lineno}: {ast.unparse(node.func)}"
        for name, _, syntax in sources(package)
        if name.partition("/")[0] in TREES and name not in allowed
        for node in calls(syntax)
        if opens(node)
    ]


def sanitizers(package: Path, allowed: Container[str] = CONTROLS) -> list[str]:
    """Places that could remove or escape control characters, outside of the module that does."""
    return [
        f"{name}:{node.lineno}"
        for name, _, syntax in sources(package)
        if name != SANITIZER and name not in allowed
        for node in nodes_of(syntax)
        if (isinstance(node, ast.Constant) and has_control_word(node.value))
        or judges_each_character(node)
    ]


def has_control_word(value: object) -> bool:
    """Whether a constant names control characters, as patterns do."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return isinstance(text, str) and any(word in text for word in _CONTROL_WORDS)


def judges_each_character(node: ast.AST) -> bool:
    """Whether `isprintable` or a category decides about single characters, not about a whole text."""
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        return "isprintable" in ast.unparse(node)
    return isinstance(node, ast.Attribute) and dotted(node) in (
        "str.isprintable", "unicodedata.category",
    )  # fmt: skip


@functools.cache
def calls(syntax: ast.Module) -> tuple[ast.Call, ...]:
    return tuple(node for node in nodes_of(syntax) if isinstance(node, ast.Call))


def opens(node: ast.Call) -> bool:
    """Whether a call opens a file by its name, as far as its syntax shows."""
    if dotted(node.func) in _READERS:
        return not (node.args and is_descriptor(node.args[0]))
    if not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in ("read_text", "read_bytes"):
        return True
    mode = node.args[0] if node.args else None
    return (
        node.func.attr == "open" and isinstance(mode, ast.Constant) and isinstance(mode.value, str)
    )


def is_descriptor(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and (
        (isinstance(node.func, ast.Attribute) and node.func.attr in _DESCRIPTORS)
        or (isinstance(node.func, ast.Name) and node.func.id in _DESCRIPTORS[1:])
    )


def test_tables_of_exceptions_name_modules_that_need_them() -> None:
    found = {name.partition(":")[0] for name in (*readers(PACKAGE, {}), *starters(PACKAGE, {}))}
    assert {*READS, *STARTS} == found
    assert [folder for folder in TREES if not (PACKAGE / folder).is_dir()] == []


def test_control_characters_are_removed_in_one_module() -> None:
    assert sanitizers(PACKAGE) == []
    found = {place.partition(":")[0] for place in sanitizers(PACKAGE, {})}
    assert found == set(CONTROLS)


@pytest.mark.parametrize(
    "text",
    [
        'import re\nX = re.compile("[\\x00-\\x1f]")', 'import re\nX = re.compile(r"\\x1b\\[[0-9;]*m")',
        "y = ''.join(filter(str.isprintable, x))", "y = ''.join(c for c in x if c.isprintable())",
        "y = x.encode('unicode_escape')", "import unicodedata\ny = map(unicodedata.category, x)",
        'y = x.replace(b"\\x1b", b"")',
    ],
)  # fmt: skip
def test_second_sanitizer_is_found(tmp_path: Path, text: str) -> None:
    assert len(sanitizers(house(tmp_path, report__x=text))) == 1


@pytest.mark.parametrize("text", ["if not x.isprintable(): raise ValueError", "y = safe_line(x)"])
def test_check_of_a_whole_text_is_no_sanitizer(tmp_path: Path, text: str) -> None:
    assert sanitizers(house(tmp_path, report__x=text)) == []


def test_git_is_run_by_one_module() -> None:
    assert gits(PACKAGE) == []


def test_only_modules_of_the_table_start_programs() -> None:
    assert starters(PACKAGE) == []


def test_files_of_an_untrusted_tree_are_opened_by_one_module() -> None:
    assert readers(PACKAGE) == []


def test_git_is_never_started_without_a_working_directory() -> None:
    """`git` and `start` take `at`: there is no repository that git finds by itself."""
    for name, _, syntax in sources(PACKAGE):
        for node in calls(syntax):
            if name.startswith("sources/") and dotted(node.func) in ("git", "git_output", "start"):
                assert "at" in {word.arg for word in node.keywords}, f"{name}:{node.lineno}"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("commands__x", "import subprocess\nsubprocess.run(['ls'])"),
        ("commands__x", "from subprocess import run"),
        ("sources__x", "def late():\n    import subprocess"),
        ("sources__x", "import os\nos.system('git status')"),
        ("sources__x", "import os\nos.execvp('git', [])"),
        ("draft__x", "import pty"),
    ],
)
def test_module_that_starts_programs_on_its_own_is_found(
    tmp_path: Path, source: str, text: str
) -> None:
    assert starters(house(tmp_path, **{source: text})) != []


@pytest.mark.parametrize("text", ["x = ['git', 'status']", "x = ('/usr/bin/git', '-C')"])
def test_module_that_runs_git_on_its_own_is_found(tmp_path: Path, text: str) -> None:
    assert len(gits(house(tmp_path, sources__x=text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "open('x')", "open(file, 'rb')", "file.open('rb')", "file.read_text()", "file.read_bytes()",
        "import os\nos.open('x', os.O_RDONLY)", "import io\nio.open(x)", "import tarfile\ntarfile.open(x)",
        "import shutil\nshutil.copyfile(a, b)", "import jinja2\njinja2.FileSystemLoader('x')",
    ],
)  # fmt: skip
def test_module_that_opens_untrusted_files_on_its_own_is_found(tmp_path: Path, text: str) -> None:
    assert len(readers(house(tmp_path, draft__x=text))) == 1


@pytest.mark.parametrize(
    "text",
    ["with open(ground.open(path), 'rb') as x: ...", "open(open_below(a, b))", "entry.open()",
     "Index.open(state)", "read_file(file, 10)"],
)  # fmt: skip
def test_module_of_the_table_is_accepted(tmp_path: Path, text: str) -> None:
    assert readers(house(tmp_path, draft__x=text)) == []


def test_modules_without_untrusted_files_open_only_those_of_ciforge(tmp_path: Path) -> None:
    assert readers(house(tmp_path, store__x="open('x')")) == []
