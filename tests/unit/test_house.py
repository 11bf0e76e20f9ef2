"""What holds for the checkout as a whole: its files, its scripts, its targets."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HELLO = ROOT / "examples" / "hello-portable"
TARGETS = (
    "help",
    "demo",
    "test",
    "check",
    "proof",
    "bench",
    "newest",
    "constraints",
    "format",
    "clean",
)
NOT_OURS = {".git", ".venv", ".tox", ".demo", "build", "dist"}
REGISTRIES = ("files.pythonhosted" + ".org", "pypi" + ".org", "registry.npmjs" + ".org")
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


def makefile() -> str:
    return (ROOT / "Makefile").read_text()


def test_no_package_registry_is_named() -> None:
    assert [n for n, text in texts() if any(host in text for host in REGISTRIES)] == []


def test_no_file_knows_a_home_of_somebody() -> None:
    assert [n for n, text in texts() if HOMES.search(text)] == []


@pytest.mark.parametrize("name", scripts())
def test_every_script_is_shell(name: str) -> None:
    shell = "bash" if (ROOT / name).read_text().startswith("#!/usr/bin/env bash") else "sh"
    checked = subprocess.run(
        [shell, "-n", ROOT / name], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_there_and_says_what_it_does(target: str) -> None:
    assert re.search(rf"^{target}:.*## \w", makefile(), re.MULTILINE)


def test_make_alone_lists_the_targets() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[1] for line in shown.splitlines()] == list(TARGETS)


def test_no_target_goes_unlisted() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", makefile(), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(TARGETS)


@pytest.mark.parametrize("word", ["ifeq", "ifdef", "ifndef", "$(shell", ":=", ".if", "!="])
def test_the_makefile_keeps_to_what_gnu_and_bsd_share(word: str) -> None:
    assert not [line for line in makefile().splitlines() if line.lstrip().startswith(word)]
    assert word not in {"$(shell", ":=", "!="} or word not in makefile()


def test_the_changelog_has_a_heading() -> None:
    assert re.search(
        r"^## \[?(?:Unreleased|\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


def test_the_package_asks_for_what_it_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[^a-z0-9]", line.lower())[0] for line in project["dependencies"]}
    assert {"attrs", "cattrs", "click", "docker", "jinja2", "pyyaml", "rich"} <= names


@pytest.mark.parametrize("name", [b.name for b in sorted((HELLO / "breaks").glob("*.patch"))])
def test_every_break_says_what_it_breaks_and_applies(name: str, tmp_path: Path) -> None:
    first = (HELLO / "breaks" / name).read_text().splitlines()[0]
    assert re.fullmatch(r"Breaks (bootstrap|configure|build|check|install|expect): .+\.", first)
    tree = shutil.copytree(HELLO, tmp_path / "hello")
    command = ["git", "apply", "--check", f"breaks/{name}"]
    applied = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert (applied.returncode, applied.stderr) == (0, "")
