"""`STATE/audits.jsonl`: a line for each cached answer that was compared with a cold one."""

import json
import os
from pathlib import Path

from ciforge.model.cache_audit import Audit
from ciforge.store.documents import to_document
from ciforge.store.storage_errors import of_system

NAME = "audits.jsonl"
LIMIT = 4 * 1024 * 1024
"""Bytes; a larger file is begun again."""


def record_audit(state: Path, audit: Audit) -> None:
    """Appends a line. Raises StorageProblem."""
    file = state / NAME
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        if file.is_file() and file.stat().st_size > LIMIT:
            file.unlink()
        with os.fdopen(os.open(file, flags, 0o600), "w") as stream:
            stream.write(json.dumps(to_document(audit)) + "\n")
    except OSError as error:
        raise of_system(error, file) from None
