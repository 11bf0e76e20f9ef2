"""The versions that the tests run with: raises them, or reports what differs from them.

`constraints.py raise` resolves the requirements of ciforge, of its build and of every tox
environment together, takes the newest version of each package, and writes constraints.txt.
`constraints.py moved` compares the packages of the environment that runs it with that file.
"""

import configparser
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "tools" / "constraints.txt"
HEAD = """\
# The versions that the tests run with; `make demo` and `make test` install these.
# Written by `make constraints`. An installed ciforge is not bound to them: see pyproject.toml.
"""
EDITABLE = "editables"
"""Packages that hatchling also needs when a package is installed in place."""
NOT_LISTED = {"ciforge", "pip", "setuptools", "wheel"}
"""ciforge itself, and what comes with Python or with virtualenv."""


def canonical(name: str) -> str:
    """`name` as package indexes compare it."""
    return name.lower().replace("_", "-").replace(".", "-")


def pinned(text: str) -> dict[str, str]:
    """Names and versions of a constraints file."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    pairs = (line.split("==", 1) for line in lines if line)
    return {canonical(name): version for name, version in pairs}


def installed() -> dict[str, str]:
    """Names and versions of the packages in this environment."""
    found = {canonical(it.metadata["Name"]): it.version for it in distributions()}
    return {name: version for name, version in found.items() if name not in NOT_LISTED}


def moved(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """A line for each package of `new` whose version is not that of `old`."""
    return [
        f"{name} {old.get(name, '(not listed)')} -> {version}"
        for name, version in sorted(new.items())
        if old.get(name) != version
    ]


def written(versions: Mapping[str, str]) -> str:
    """The text of a constraints file."""
    return HEAD + "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def requirements() -> list[str]:
    """All that pyproject.toml and tox.ini name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    dev = project["project"]["optional-dependencies"]["dev"]
    found = [*project["project"]["dependencies"], *dev, *project["build-system"]["requires"]]
    return sorted({*found, EDITABLE, *of_tox()})


def of_tox() -> set[str]:
    """The `deps` of every tox environment."""
    names = subprocess.run(
        [sys.executable, "-m", "tox", "list", "--no-desc", "-q"],
        cwd=ROOT, check=True, text=True, capture_output=True,
    ).stdout.split()  # fmt: skip
    shown = subprocess.run(
        [sys.executable, "-m", "tox", "config", "-e", ",".join(names), "-k", "deps"],
        cwd=ROOT, check=True, text=True, capture_output=True,
    ).stdout  # fmt: skip
    config = configparser.ConfigParser(interpolation=None)
    config.read_string(shown)
    deps = [section.get("deps", "").splitlines() for section in config.values()]
    return {dep for lines in deps for dep in lines if dep}


def newest(wanted: list[str]) -> dict[str, str]:
    """Returns what pip would install for `wanted` without bounds, in one resolution."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    environment = {name: text for name, text in os.environ.items() if name != "PIP_CONSTRAINT"}
    answer = subprocess.run(
        [*command, "--dry-run", "--ignore-installed", "--report", "-", *wanted],
        env=environment, check=True, text=True, stdout=subprocess.PIPE,
    ).stdout  # fmt: skip
    packages = [it["metadata"] for it in json.loads(answer)["install"]]
    found = {canonical(it["name"]): it["version"] for it in packages}
    return {name: version for name, version in found.items() if name not in NOT_LISTED}


def main(action: str) -> int:
    """Runs `action` and prints what moved."""
    old = pinned(FILE.read_text()) if FILE.exists() else {}
    new = newest(requirements()) if action == "raise" else installed()
    lines = moved(old, new)
    print("\n".join([f"{len(lines)} packages differ from tools/constraints.txt", *lines]))
    if action == "raise":
        FILE.write_text(written(new))
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["raise"], ["moved"]):
        sys.exit("usage: constraints.py raise|moved")
    sys.exit(main(sys.argv[1]))
