"""Headers are those of `tarfile`, whatever the entry is called."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciforge.sources.tar_header import tar_header
from ciforge.sources.tree_entry import EntryKind

TYPES = {
    EntryKind.FILE: tarfile.REGTYPE,
    EntryKind.FOLDER: tarfile.DIRTYPE,
    EntryKind.LINK: tarfile.SYMTYPE,
}
NAMES = st.one_of(
    st.text("abc/.-", min_size=1, max_size=120), st.binary(min_size=1, max_size=120).map(bytes)
).map(lambda name: name.encode() if isinstance(name, str) else name)


def by_tarfile(
    kind: EntryKind, path: bytes, mode: int, mtime: int, size: int, target: bytes
) -> bytes:
    info = tarfile.TarInfo(path.decode(errors="surrogateescape"))
    info.type, info.mode, info.mtime, info.size = TYPES[kind], mode, mtime, size
    info.linkname = target.decode(errors="surrogateescape")
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


@given(
    kind=st.sampled_from(EntryKind), path=NAMES, mode=st.integers(0, 0o7777),
    mtime=st.integers(0, 8**11 - 1), size=st.integers(0, 8**12), target=NAMES,
)  # fmt: skip
def test_header_is_that_of_tarfile(
    kind: EntryKind, path: bytes, mode: int, mtime: int, size: int, target: bytes
) -> None:
    path, target = path.replace(b"\0", b"0"), target.replace(b"\0", b"0")
    if path.endswith(b"/"):
        path += b"x"
    target = target if kind is EntryKind.LINK else b""
    found = tar_header(kind, path, mode=mode, mtime=mtime, size=size, target=target)
    assert found == by_tarfile(kind, path, mode, mtime, size, target)


@pytest.mark.parametrize("length", [99, 100, 101])
def test_name_at_the_limit_of_a_header_is_read_back(length: int) -> None:
    for kind in (EntryKind.FILE, EntryKind.FOLDER):
        header = tar_header(kind, b"n" * length, mode=0o755, mtime=1, size=0, target=b"")
        with tarfile.open(fileobj=io.BytesIO(header + bytes(1024))) as tar:
            assert [member.name for member in tar] == ["n" * length]
