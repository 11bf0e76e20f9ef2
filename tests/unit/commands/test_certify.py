"""`ciforge certify`: what it refuses before anything is built."""

from pathlib import Path

import pytest
from conftest import Types


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
