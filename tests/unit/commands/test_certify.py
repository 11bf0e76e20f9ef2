"""`ciforge certify`: what it refuses before anything is built."""

from pathlib import Path

import pytest
from command_tests import Types

from ciforge.app import certify_release


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["v1.2"], "v1.2: of which repository?"),
        (["demon=v1.2"], "there is no repository 'demon'"),
        (["daemon="], "'daemon=' names no tag"),
        (["daemon=-x"], "'daemon=-x' names no tag"),
        (["daemon=v1.2", "--tarball", "none.tar.gz"], "none.tar.gz"),
        (["daemon=v1.2"], "daemon"),
    ],
)
def test_certify_refuses_a_release_that_cannot_be(
    here: Path, types: Types, words: list[str], told: str
) -> None:
    typed = types("certify", *words)
    assert (typed.code, typed.out) == (2, "")
    assert told in typed.err
    assert not (here / "certificate.txt").exists()


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("file/release", "--out file/release: Not a directory"),
        ("link", "link: this is a symbolic link, which is not followed"),
    ],
)
def test_certify_refuses_its_folder_before_anything_is_built(
    here: Path, types: Types, monkeypatch: pytest.MonkeyPatch, folder: str, told: str
) -> None:
    (here / "file").write_text("")
    (here / "link").symlink_to(here / "daemon")
    opened: list[object] = []
    monkeypatch.setattr(certify_release, "open_session", opened.append)
    typed = types("certify", "daemon=v1.2", "--out", folder)
    assert (typed.code, typed.out) == (2, "")
    assert told in typed.err
    assert opened == []
    assert [*(here / "daemon").iterdir()] == []


def test_certify_says_that_a_tarball_is_not_compared_with_its_tag(types: Types) -> None:
    assert "which is then only a name" in " ".join(types("certify", "--help").out.split())
