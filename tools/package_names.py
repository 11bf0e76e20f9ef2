#!/usr/bin/env python3
"""Writes docs/proof/package-names.md: where the name of each package was checked, by the sources in the descriptors.

    python tools/package_names.py [--check RELEASE]...

`--check` also asks the package manager of a release by `ciforge packages --check`, in its container, and writes what it
answered; without it, the page keeps the answers that it has. Exit codes: 0; 1 a release lacks a name; 3 one could not be asked.
"""

import argparse
import datetime
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from markdown_table import table_row, without_hosts

from ciforge.load.catalogue import load_catalogue
from ciforge.load.package_table import PackageTable, package_table
from ciforge.model.distro import Dependency, Distribution

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proof" / "package-names.md"
OWN = frozenset({
    "deb", "aports", "void", "gentoo", "fedspec", "obports", "pkgsrc", "fbports", "dports", "omnios",
    "omnios-extra", "solaris", "brew",
    "epel", "obs", "ubupkg", "debpkg",
})  # fmt: skip
"""Sources that are the index or the recipes of the distribution itself, or of the one that it rebuilds."""
UNVERIFIED = "unverified"
_HEAD = """\
# Names of packages

Where the name of each package in `distros/` was checked. `tools/package_names.py` writes this page from the `source` of
each name; the descriptors have every single one, and the addresses. **Own** are names in the index or the recipes of the
distribution (or of the one that it rebuilds), **elsewhere** those that other projects install there, **unverified** those
that nothing confirms.

"""


_FURTHER = """\
## Further dependencies

`distros/tables/packages.yml` has {many} dependencies that no descriptor has. How many names each system has there, and how
many of them each source has:"""
ASKED = "## Asked of the package manager"


def source_kind(dependency: Dependency) -> str:
    """`own`, `elsewhere` or `unverified`."""
    keys = set(re.findall(r"[a-z][a-z-]*", dependency.source.replace(":", " : ")))
    if OWN & keys:
        return "own"
    return UNVERIFIED if dependency.source.startswith(UNVERIFIED) else "elsewhere"


def row(distribution: Distribution) -> str:
    """A row of the table."""
    kinds: dict[str, list[str]] = {"own": [], "elsewhere": [], UNVERIFIED: []}
    for name, dependency in distribution.packages.items():
        if dependency.packages:
            kinds[source_kind(dependency)].append(name)
    read = [text for key, text in distribution.sources.items() if key in OWN]
    unverified = ", ".join(kinds[UNVERIFIED])
    total = sum(map(len, kinds.values()))
    cells = (
        distribution.title,
        total,
        len(kinds["own"]),
        len(kinds["elsewhere"]),
        unverified,
        "; ".join(read),
    )
    return table_row(cells)


def asked(release: str) -> tuple[int, str]:
    """Runs `ciforge packages --check` for a release. Returns its exit status and its lines."""
    words = [sys.executable, "-m", "ciforge", "packages", "--check", release]
    done = subprocess.run(words, cwd=ROOT / "distros", capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout or done.stderr).strip()


def further(table: PackageTable) -> str:
    """The section about the names of `distros/tables/packages.yml`, by system and source."""
    counted: dict[str, Counter[str]] = {}
    for cells in table.rows.values():
        for system, cell in cells.items():
            counted.setdefault(system, Counter()).update(["", *cell.partition(" | ")[2].split()])
    head = ("system", "names", *table.sources)
    lines = [table_row(head), "|---" + "|---:" * (len(head) - 1) + "|"]
    for system, by in sorted(counted.items()):
        lines.append(table_row((system, by[""], *(by[key] or "" for key in table.sources))))
    meanings = "\n".join(f"- `{key}`: {text}" for key, text in table.sources.items())
    many = len(table.rows)
    return f"{_FURTHER.format(many=many)}\n\n" + "\n".join(lines) + f"\n\n{meanings}"


def page(
    distributions: Mapping[str, Distribution], table: PackageTable, answers: Sequence[str]
) -> str:
    """The whole page."""
    lines = ["| system | names | own | elsewhere | unverified | own index or recipes, and when they were read |",
             "|---|---:|---:|---:|---|---|",
             *(row(one) for _, one in sorted(distributions.items()))]  # fmt: skip
    sections = (further(table), *answers)
    return _HEAD + "\n".join(lines) + "\n" + "".join(f"\n{text}\n" for text in sections)


def checks(releases: Sequence[str], codes: list[int]) -> Iterator[str]:
    """A section with the answers of package managers; none without releases."""
    if not releases:
        return
    yield ASKED
    today = datetime.datetime.now(datetime.UTC).date()
    rows = ["| release | date | `ciforge packages --check` |", "|---|---|---|"]
    for release in releases:
        code, told = asked(release)
        codes.append(code)
        told = "<br>".join(line for line in told.splitlines() if "asking for" not in line)
        words = "every name installs" if code == 0 else without_hosts(told)
        if code == 3:
            words = f"could not be asked: {words}"
        rows.append(table_row((release, today, words)))
        print(rows[-1], flush=True)
    yield "\n".join(rows)


def asked_before() -> list[str]:
    """The section with answers that the page has; none where it has none."""
    _, found, text = PAGE.read_text(encoding="utf-8").partition(ASKED)
    return [f"{found}{text}".rstrip("\n")] if found else []


def main(arguments: Sequence[str]) -> int:
    """Writes the page."""
    parser = argparse.ArgumentParser(description="Write where names of packages were checked.")
    parser.add_argument("--check", action="append", default=[], metavar="RELEASE")
    options = parser.parse_args(arguments)
    codes = [0]
    answers = ["\n\n".join(checks(options.check, codes))] if options.check else asked_before()
    distributions = load_catalogue([ROOT / "distros"]).distributions
    PAGE.write_text(page(distributions, package_table(), answers), encoding="utf-8")
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
