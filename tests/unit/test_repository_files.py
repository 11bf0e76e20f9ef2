"""What holds for the checkout as a whole: its files, scripts and requirements."""

import functools
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from test_layers import PACKAGE, imported, modules

from tests.tables import each

ROOT = Path(__file__).resolve().parents[2]
HELLO = ROOT / "examples" / "hello-portable"
NOT_OURS = {".git", ".venv", ".tox", ".demo", "build", "dist"}
REGISTRIES = (
    "files.pythonhosted" + ".org", "pypi" + ".org", "registry.npmjs" + ".org", "proxy.golang" + ".org",
)  # fmt: skip
HOMES = re.compile(
    r"(?<![\w.$}])/(?:(?:home|Users)/(?!(?:somebody|builder|user)\b)[a-z]|(?:root)/)"
)


def tracked() -> list[Path]:
    """Files of the checkout: what git tracks or would; everything where git does not know it."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name]
    files = [ROOT / name for name in names] if listed.returncode == 0 and names else walked()
    return sorted(file for file in files if file.is_file() and not file.is_symlink())


def walked() -> list[Path]:
    """All files below, without what tools leave behind."""
    return [file for file in ROOT.rglob("*") if NOT_OURS.isdisjoint(file.relative_to(ROOT).parts)]


@functools.cache
def texts() -> list[tuple[str, str]]:
    """Name and text of every tracked file that is text."""
    found = []
    for file in tracked():
        raw = file.read_bytes()
        if b"\0" not in raw:
            found.append((str(file.relative_to(ROOT)), raw.decode(errors="replace")))
    return found


def scripts() -> list[str]:
    """Shell scripts: by their suffix or their first line."""
    shell = re.compile(r"#! ?/(?:usr/)?bin/(?:env )?(?:ba)?sh\b")
    return [name for name, text in texts() if name.endswith(".sh") or shell.match(text)]


def test_no_file_names_a_package_registry() -> None:
    assert [n for n, text in texts() if any(host in text for host in REGISTRIES)] == []


def test_no_file_names_a_home_directory() -> None:
    assert [n for n, text in texts() if HOMES.search(text)] == []


@each("name", scripts())
def test_shell_scripts_have_no_syntax_error(name: str) -> None:
    shell = "bash" if (ROOT / name).read_text().startswith("#!/usr/bin/env bash") else "sh"
    checked = subprocess.run(
        [shell, "-n", ROOT / name], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def third_party_imports() -> set[str]:
    """Modules at the top of an import anywhere in the package that are neither Python's nor ours."""
    found = {
        name.partition(".")[0]
        for _, file, syntax in modules(PACKAGE)
        for _, name in imported(file, PACKAGE, syntax)
    }
    return found - set(sys.stdlib_module_names) - {"ciforge"}


def top_level_modules(distribution: str) -> set[str]:
    """Modules that an installed distribution provides."""
    files = importlib.metadata.files(distribution) or []
    return {file.parts[0].removesuffix(".py") for file in files if file.suffix == ".py"}


def test_requirements_of_the_package_are_the_distributions_that_it_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = {re.split(r"[^\w.-]", line)[0].lower() for line in project["dependencies"]}
    imports = third_party_imports()
    provided = {name: top_level_modules(name) & imports for name in required}
    assert [name for name, found in provided.items() if not found] == []
    assert imports == set().union(*provided.values())


@pytest.mark.parametrize("name", [b.name for b in sorted((HELLO / "breaks").glob("*.patch"))])
def test_breaks_of_the_example_name_their_step_and_apply(name: str, tmp_path: Path) -> None:
    first = (HELLO / "breaks" / name).read_text().splitlines()[0]
    assert re.fullmatch(r"Breaks (bootstrap|configure|build|check|install|expect): .+\.", first)
    tree = shutil.copytree(HELLO, tmp_path / "hello")
    command = ["git", "apply", "--check", f"breaks/{name}"]
    applied = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert (applied.returncode, applied.stderr) == (0, "")
