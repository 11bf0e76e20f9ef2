"""Pages of a service as they were, by address, each with its ETag: an aid that may be lost."""

import json
import os
from pathlib import Path
from typing import Any

_LARGEST = 64 * 1024 * 1024
_MOST = 100


class Pages:
    """The newest hundred pages that a file has; none without a folder."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "github-pages.json" if folder else None
        self._pages: dict[str, Any] = _read(self._file) if self._file else {}

    def of(self, name: str) -> tuple[str, dict[str, Any] | None]:
        """The ETag, and what came with it."""
        page = self._pages.get(name)
        if not isinstance(page, dict):
            return "", None
        etag, document, following = page.get("etag"), page.get("document"), page.get("next")
        fine = isinstance(etag, str) and isinstance(document, dict) and isinstance(following, str)
        return (etag, page) if fine and isinstance(etag, str) else ("", None)

    def keep(self, name: str, etag: str, document: dict[str, Any], following: str) -> None:
        """Remembers the page; where that cannot be written, it is asked for again."""
        if not etag or self._file is None:
            return
        self._pages.pop(name, None)
        self._pages[name] = {"etag": etag, "document": document, "next": following}
        self._pages = dict(list(self._pages.items())[-_MOST:])
        try:
            _write(self._file, json.dumps(self._pages).encode())
        except OSError:
            self._file = None


def _read(file: Path) -> dict[str, Any]:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return {}
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
    new.replace(file)
