#!/usr/bin/env python3
"""Writes distros/tables/proofs.json from the results that runs of ciforge left behind.

    python tools/record_proofs.py STATE...                    jobs of the whole system: tested
    python tools/record_proofs.py --userland STATE...         its userland with another toolchain

STATE is a state folder of ciforge or a folder above it. Only jobs that passed count; cross checks
have compiled and linked. A stronger proof replaces a weaker one, a newer one an
older one. `--check` writes nothing and exits 1 if the table is not what this tool wrote.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ciforge.load.catalogue import load_catalogue
from ciforge.model.cross_id import is_cross_check
from ciforge.model.proof import Proof

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "distros" / "tables" / "proofs.json"
ORDER = [proof.value for proof in Proof]
Row = Mapping[str, str]


def passed(states: Iterable[Path], *, userland: bool) -> Iterator[Row]:
    """A row for each job that passed in the runs below these folders."""
    platforms = _platforms()
    for state in states:
        for file in sorted(state.rglob("runs/*/*/result.json")):
            result = json.loads(file.read_text())
            _, release, last = result["job"].split("/")
            arch = last.partition("@")[2] or "amd64"
            platform = platforms.get((release, arch), "")
            if result["status"] not in ("passed", "compiled") or not platform:
                continue
            if not (result.get("base") and result.get("packages")):
                continue  # no container was made: nothing ran
            proof = Proof.USERLAND if userland else Proof.TESTED
            if is_cross_check(result["job"]):
                proof = Proof.CROSS
            run = json.loads((file.parents[1] / "run.json").read_text())
            yield {
                "release": release, "platform": platform, "proof": proof.value,
                "project": run["project"], "job": result["job"], "run": run["id"],
                "started": result["started"], "ciforge": run["version"],
            }  # fmt: skip


def _platforms() -> dict[tuple[str, str], str]:
    return {
        (one.release_id(release), platform.arch): str(platform)
        for one in load_catalogue([ROOT / "distros"]).distributions.values()
        for release in one.releases
        for platform in release.platforms
    }


def merged(old: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """The strongest row of each release and platform; of equal ones the newest."""
    best: dict[tuple[str, str], Row] = {}
    for row in (*old, *new):
        key = (row["release"], row["platform"])
        best[key] = max(best.get(key, row), row, key=_rank)
    return [best[key] for key in sorted(best)]


def _rank(row: Row) -> tuple[int, str]:
    return -ORDER.index(row["proof"]), row["started"]


def written(rows: list[Row]) -> str:
    """The table as text, with a hash of its rows: it is not edited by hand."""
    text = json.dumps(rows, sort_keys=True)
    whole = {
        "written_by": "tools/record_proofs.py",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "proofs": rows,
    }
    return json.dumps(whole, indent=1) + "\n"


def known(file: Path = TABLE) -> list[Any]:
    """The rows of the table as it is."""
    return list(json.loads(file.read_text())["proofs"]) if file.exists() else []


def main() -> int:
    """0, or 1 if `--check` finds a table that was edited."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("states", nargs="*", type=Path, metavar="STATE")
    parser.add_argument("--userland", action="store_true", help="the toolchain was another one")
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args()
    if given.check:
        return 0 if TABLE.read_text() == written(known()) else 1
    text = written(merged(known(), passed(given.states, userland=given.userland)))
    TABLE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
