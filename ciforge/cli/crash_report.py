"""Crash reports: what a maintainer needs to fix a bug, without secrets of the user."""

import os
import platform
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from ciforge import __version__
from ciforge.app.workspace import state_root
from ciforge.errors import CiforgeError
from ciforge.sanitize import safe_line

FOLDER = ".crash-reports"
"""The folder of reports in the folder of all states; no project can have this name."""
MASK = "***"
_SECRET = re.compile(r"TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH|COOKIE|SESSION|_PAT$", re.I)
"""Names of variables whose values are secret."""
_SHORTEST = 4
"""Minimum length of a value that is masked; shorter ones occur in any text."""
_PATTERNS = (
    (re.compile(r"(?<=://)[^/\s'\"@]+@"), f"{MASK}@"),
    (re.compile(r"\b(?:gh[opsru]_|github_pat_|glpat-)[A-Za-z0-9_-]{8,}"), MASK),
    (re.compile(r"\b(bearer|basic|token)(\s+)[A-Za-z0-9+/=._~-]{8,}", re.I), rf"\1\2{MASK}"),
    (re.compile(r"\b(password|passwd|secret|token|api_?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;]+", re.I),
     rf"\1\2{MASK}"),
)  # fmt: skip
"""Texts that are secret wherever they occur."""


def masked(text: str, variables: Mapping[str, str]) -> str:
    """The text without secret variables, logins in addresses, and tokens."""
    secrets = {value for name, value in variables.items() if _SECRET.search(name)}
    secret_texts = {
        part for value in secrets for part in (value, *value.splitlines(), repr(value)[1:-1])
    }
    for word in sorted(secret_texts, key=len, reverse=True):
        if len(word) >= _SHORTEST:
            text = text.replace(word, MASK)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def first_line(error: Exception) -> str:
    """The type of an error and its first line, safe to print."""
    return safe_line(masked(f"{type(error).__name__}: {error}", os.environ), 300)


def write_report() -> Path:
    """Writes the current exception to a file that only its owner can read.

    The file is in the state folder, else in the folder for temporary files.
    """
    arguments = sys.argv[1:]
    text = "".join((
        f"ciforge {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"arguments: {arguments!r}\n\n",
        traceback.format_exc(),
    ))  # fmt: skip
    text = masked(text, os.environ)
    try:
        return _written(text, _folder(arguments))
    except (OSError, CiforgeError, ValueError):
        return _written(text, None)


def _folder(arguments: Sequence[str]) -> Path:
    """The folder of reports. Raises OSError, UsageError."""
    folder = state_root(_state_dir(arguments)) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _state_dir(arguments: Sequence[str]) -> Path | None:
    """The value of `--state-dir`, read without the parser, which may have failed."""
    for at, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--state-dir":
            given = value if equals else next(iter(arguments[at + 1 :]), "")
            return Path(given) if given else None
    return None


def _written(text: str, folder: Path | None) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"ciforge-crash-{stamp}-", suffix=".txt", delete=False, encoding="utf-8",
        errors="backslashreplace", dir=folder,
    ) as file:  # fmt: skip
        file.write(text)
    return Path(file.name)
