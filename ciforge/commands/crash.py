"""A crash report: what a maintainer of ciforge needs to mend a bug."""

import platform
import sys
import tempfile
import traceback
from pathlib import Path

from ciforge import __version__
from ciforge.private import masked


def write_report() -> Path:
    """Writes the current exception to a file of its own, readable by its owner alone."""
    text = "".join((
        f"ciforge {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"arguments: {sys.argv[1:]!r}\n\n",
        traceback.format_exc(),
    ))  # fmt: skip
    text = masked(text)
    with tempfile.NamedTemporaryFile(
        "w", prefix="ciforge-crash-", suffix=".txt", delete=False, encoding="utf-8",
        errors="backslashreplace",
    ) as file:  # fmt: skip
        file.write(text)
    return Path(file.name)
