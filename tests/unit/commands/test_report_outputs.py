"""Reports are written where the person says, and through no link that a tree may have brought."""

from pathlib import Path

import pytest

from ciforge.commands.report import _write
from ciforge.errors import UsageError
from ciforge.report.html.site import MARK, _clear


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A file of the person, which no report may change."""
    file = tmp_path / "mine"
    file.write_text("mine")
    return file


def test_report_replaces_a_link(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "junit.xml").symlink_to(mine)
    _write(str(tmp_path / "junit.xml"), b"<xml/>")
    assert mine.read_text() == "mine"
    assert (tmp_path / "junit.xml").read_bytes() == b"<xml/>"


def test_report_is_written_to_a_device() -> None:
    _write("/dev/null", b"<xml/>")
    assert Path("/dev/null").is_char_device()


def test_report_site_is_not_written_through_a_link(mine: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / MARK).symlink_to(mine)
    (site / "index.html").symlink_to(mine)
    _clear(site)
    assert mine.read_text() == "mine"
    assert not (site / "index.html").exists()


def test_report_site_folder_that_is_a_link_is_refused(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to(tmp_path / "real")
    with pytest.raises(UsageError, match="symbolic link"):
        _clear(tmp_path / "site")
    assert list((tmp_path / "real").iterdir()) == []
