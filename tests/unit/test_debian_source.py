"""What tools/debian_source.py reads out of apt's configuration and Debian's indices."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUM = "ab" * 32
PARAGRAPHS = f"""\
Package: opensmtpd-extras
Directory: pool/main/o/opensmtpd-extras
Checksums-Sha256:
 {SUM} 10 opensmtpd-extras_6.7.1.orig.tar.gz

Package: opensmtpd
Version: 7.8.0p0-1
Files:
 d41d8cd98f00b204e9800998ecf8427e 10 opensmtpd_7.8.0p0.orig.tar.gz
Checksums-Sha256:
 {SUM} 10 opensmtpd_7.8.0p0.orig.tar.gz
 {SUM} 10 opensmtpd_7.8.0p0-1.debian.tar.xz
Directory: pool/main/o/opensmtpd

Package: opensmtpd
Version: 7.10.0p0-1
Directory: pool/main/o/opensmtpd
Checksums-Sha256:
 {SUM} 10 opensmtpd_7.10.0p0-1.dsc
 {SUM} 10 opensmtpd_7.10.0p0.orig.tar.gz
"""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """The script as a module; it is no part of the package."""
    found = importlib.util.spec_from_file_location(
        "debian_source", ROOT / "tools" / "debian_source.py"
    )
    assert found is not None
    assert found.loader is not None
    module = sys.modules["debian_source"] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("older", "newer"),
    [("7.9.0p0", "7.10.0p0"), ("6.8.0p2", "7.3.0p1"), ("7.9~rc1", "7.9"), ("7.9", "7.9.0p0")],
)
def test_debian_versions_are_ordered(tool: ModuleType, older: str, newer: str) -> None:
    assert tool.ordered(older) < tool.ordered(newer)


def test_debian_source_is_found_by_its_whole_name(tool: ModuleType, tmp_path: Path) -> None:
    for name in (
        "opensmtpd-7.9.0p0.tar.gz",
        "opensmtpd-7.10.0p0.tar.xz",
        "opensmtpd-extras-8.tar.gz",
    ):
        (tmp_path / name).touch()
    assert tool.newest(tmp_path, "opensmtpd") == tmp_path / "opensmtpd-7.10.0p0.tar.xz"
    assert tool.newest(tmp_path, "opensmtpd-filter-rspamd") is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sources.list", "deb http://mirror.example/debian bookworm main\n"),
        ("sources.list", "deb [arch=amd64] http://mirror.example/debian/ bookworm main\n"),
        ("sources.list.d/debian.sources", "Types: deb\nURIs: http://mirror.example/debian\n"),
    ],
)
def test_debian_mirror_is_the_one_of_apt(
    tool: ModuleType, tmp_path: Path, file: str, text: str
) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / file).write_text(text)
    assert tool.mirrors(tmp_path) == ("http://mirror.example/debian",)


@pytest.mark.parametrize(
    "text",
    [
        "# deb http://mirror.example/debian bookworm main\n",
        "deb http://mirror.example/debian-security bookworm-security main\n",
        "deb http://mirror.example/ubuntu noble main\n",
        "deb cdrom:[Debian]/debian bookworm main\n",
    ],
)
def test_apt_source_that_is_no_debian_mirror_is_skipped(
    tool: ModuleType, tmp_path: Path, text: str
) -> None:
    (tmp_path / "sources.list").write_text(text)
    assert tool.mirrors(tmp_path) == ()


def test_debian_index_gives_upstream_tarballs_newest_first(tool: ModuleType) -> None:
    assert [tuple(found) for found in tool.tarballs(PARAGRAPHS, "opensmtpd")] == [
        ("7.10.0p0", "pool/main/o/opensmtpd/opensmtpd_7.10.0p0.orig.tar.gz", SUM),
        ("7.8.0p0", "pool/main/o/opensmtpd/opensmtpd_7.8.0p0.orig.tar.gz", SUM),
    ]


def test_debian_source_with_a_wrong_checksum_leaves_no_file(
    tool: ModuleType, tmp_path: Path
) -> None:
    with pytest.raises(tool.Failed, match="checksum"):
        tool.store(tmp_path / "x.tar.gz", b"other bytes", SUM)
    assert list(tmp_path.iterdir()) == []


def test_debian_source_with_a_right_checksum_is_alone_in_its_folder(
    tool: ModuleType, tmp_path: Path
) -> None:
    file = tool.store(tmp_path / "x.tar.gz", b"bytes", hashlib.sha256(b"bytes").hexdigest())
    assert file.read_bytes() == b"bytes"
    assert list(tmp_path.iterdir()) == [file]


def test_forged_debian_release_has_no_valid_signature(tool: ModuleType) -> None:
    gpgv, keyring = tool.shutil.which("gpgv"), next((k for k in tool.KEYRINGS if k.is_file()), None)
    if gpgv is None or keyring is None:
        pytest.skip("no gpgv or no keys of Debian here")
    with pytest.raises(tool.Failed, match="not signed"):
        tool.verified(b"Origin: Debian\nSHA256:\n", gpgv, keyring)
