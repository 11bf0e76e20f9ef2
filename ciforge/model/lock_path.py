"""The place of the file that keeps the answers of package indexes."""

from pathlib import Path


def lock_path(project_file: Path) -> Path:
    """Returns the lock of a project file: `ciforge.lock` beside `ciforge.yml`."""
    return project_file.with_suffix(".lock")
