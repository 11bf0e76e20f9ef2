"""The table of what was proven, `tables/proofs.json`; tools/record_proofs.py writes it."""

import json
from collections.abc import Mapping
from pathlib import Path

from ciforge.model.proof import Proof

Proofs = Mapping[tuple[str, str], Proof]
"""The id of a release and a platform to the word."""


def read_proofs(folder: Path) -> Proofs:
    """The table beside the descriptors of ciforge; empty where there is none."""
    file = folder / "tables" / "proofs.json"
    if not file.is_file():
        return {}
    rows = json.loads(file.read_text(encoding="utf-8"))["proofs"]
    return {(row["release"], row["platform"]): Proof(row["proof"]) for row in rows}
