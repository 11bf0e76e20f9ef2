"""Archives are opened with every suspicion: what could write elsewhere is refused by name."""

import io
import os
import tarfile
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_trees import Bench, content, git, member, members, put, repository, tar_of

from ciforge.errors import UsageError
from ciforge.sources.archive import Limits, open_archive
from ciforge.sources.tar_reader import TarError
from ciforge.sources.tar_reader import members as raw_members
from ciforge.sources.tree_entry import Entry
from tests.tables import each

TOP = member("p-1.0", tarfile.DIRTYPE)
GOOD = (TOP, ("p-1.0/a", "1"), ("p-1.0/d/b", "2"))


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:xz", "w:bz2"])
def test_archive_is_recognized_by_content_and_its_top_folder_is_stripped(
    tmp_path: Path, bench: Bench, mode: str
) -> None:
    file = put(tmp_path, "anything", tar_of(*GOOD, mode=mode))
    carried = bench.carry(file)
    assert content(carried) == {"a": "1", "d": "/", "d/b": "2"}
    used = carried.used
    assert (used.origin, used.revision, used.changes) == (str(file), "", 0)
    assert used.digest


def test_git_archive_output_is_read(tmp_path: Path, bench: Bench) -> None:
    tree = repository(tmp_path / "tree", a="1", d__b="2")
    put(tree, "n" * 150, "long")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "-m", "two")
    git(tree, "archive", "--prefix=p-1.0/", "-o", str(tmp_path / "p.tar"), "HEAD")
    assert bench.tree(tmp_path / "p.tar") == bench.tree(tree, "HEAD")


def test_gnu_tar_output_is_read(tmp_path: Path, bench: Bench) -> None:
    put(tmp_path, "p-1.0/" + "n" * 120 + "/" + "m" * 120, "long")
    put(tmp_path, b"p-1.0/caf\xe9", "odd")
    (tmp_path / "p-1.0" / "link").symlink_to("x" * 150)
    for form in ("gnu", "pax", "oldgnu"):
        os.system(f"cd {tmp_path} && tar --format={form} -cf {form}.tar ./p-1.0")
        carried = bench.tree(tmp_path / f"{form}.tar")
        assert carried["n" * 120 + "/" + "m" * 120] == "long"
        assert carried[os.fsdecode(b"caf\xe9")] == "odd"
        assert carried["link"] == "-> " + "x" * 150


@pytest.mark.parametrize(
    ("items", "names"),
    [
        ((("a", "1"), ("d/b", "2")), {"a", "d/b"}),
        ((("./p/a", "1"),), {"a"}),
        ((("p/a", "1"),), {"a"}),
        ((("a", "1"),), {"a"}),
        ((("pax_global_header", "x"), ("p/a", "1")), {"a"}),
        ((member("a", tarfile.SYMTYPE, "b"),), {"a"}),
    ],
)
def test_archive_with_several_top_entries_is_not_stripped(
    tmp_path: Path, bench: Bench, items: tuple[tarfile.TarInfo], names: set[str]
) -> None:
    assert bench.files(put(tmp_path, "x.tar", tar_of(*items))) == names


def test_archive_times_and_modes_are_kept_without_setuid(tmp_path: Path, bench: Bench) -> None:
    info = member("p/run", tarfile.REGTYPE)
    info.mode, info.mtime = 0o6755, 1_234_567_890.75
    found = members(bench.carry(put(tmp_path, "x.tar", tar_of(info))))
    assert (found["run"].mode, found["run"].mtime) == (0o755, 1_234_567_890)


def test_archive_links_are_copied_wherever_they_lead(tmp_path: Path, bench: Bench) -> None:
    links = (member("p/out", tarfile.SYMTYPE, "/etc"), member("p/up", tarfile.SYMTYPE, "../.."))
    carried = bench.tree(put(tmp_path, "x.tar", tar_of(*links)))
    assert carried == {"out": "-> /etc", "up": "-> ../.."}


def test_archive_hard_link_becomes_a_copy(tmp_path: Path, bench: Bench) -> None:
    linked = tar_of(("p/a", "1"), member("p/b", tarfile.LNKTYPE, "p/a"))
    assert bench.tree(put(tmp_path, "x.tar", linked)) == {"a": "1", "b": "1"}


def test_archive_snapshot_has_no_git_directory(tmp_path: Path, bench: Bench) -> None:
    assert bench.files(put(tmp_path, "x.tar", tar_of(*GOOD, ("p-1.0/.git/config", "x")))) == {
        "a", "d/b",
    }  # fmt: skip


REFUSED = [
    ((("/etc/passwd", "x"),), "/etc/passwd: an absolute path"),
    ((("p/../../x", "x"),), r"p/\.\./\.\./x: a path that leads out"),
    ((("..", "x"),), r"\.\.: a path that leads out"),
    ((member("p/null", tarfile.CHRTYPE),), "p/null: a device"),
    ((member("p/disk", tarfile.BLKTYPE),), "p/disk: a device"),
    ((member("p/pipe", tarfile.FIFOTYPE),), "p/pipe: a fifo"),
    ((member("p/odd", b"Q"),), "p/odd: an unknown kind"),
    ((member("p/h", tarfile.LNKTYPE, "/etc/passwd"),), "/etc/passwd: an absolute path"),
    ((member("p/h", tarfile.LNKTYPE, "../x"),), r"\.\./x: a path that leads out"),
    (
        (member("p/h", tarfile.LNKTYPE, "p/none"),),
        "p/h: a hard link to p/none, which is not an earlier file",
    ),
    (
        (
            TOP,
            member("p/h", tarfile.LNKTYPE, "p-1.0"),
        ),
        "p/h: a hard link to p-1.0, which is not an earlier file",
    ),
    ((member("p/l", tarfile.SYMTYPE, "/etc"), ("p/l/x", "x")), "p/l/x: .* through a link"),
    ((("p/l/x", "x"), member("p/l", tarfile.SYMTYPE, "/etc")), "p/l/x: .* through a link"),
    ((("p/a", "1"), ("p/a", "2")), "p/a: this path is in the archive twice"),
    ((("p/a", "1"), ("./p//a", "2")), "p/a: this path is in the archive twice"),
]


@each(("items", "reason"), REFUSED)
def test_archive_member_that_could_write_elsewhere_is_refused_by_name(
    tmp_path: Path, bench: Bench, items: tuple[tarfile.TarInfo], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        bench.carry(put(tmp_path, "x.tar.gz", tar_of(*items)))


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b"]), min_size=1, max_size=5))
def test_archive_member_name_never_leads_out(parts: list[str]) -> None:
    raw = tar_of(("/".join(parts) or "x", "1"), mode="w:")
    try:
        names = [entry.path for entry in opened(raw)]
    except UsageError:
        return
    assert all(b".." not in name.split(b"/") and name[:1] != b"/" for name in names)


def opened(raw: bytes, limits: Limits | None = None) -> tuple[Entry, ...]:
    """The entries of an archive."""
    with TemporaryDirectory() as scratch:
        work = Path(scratch)
        with open_archive(put(work, "x.tar", raw), work, limits) as tree:
            return tree.entries


# --- damage ---


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:xz", "w:bz2"])
def test_truncated_archive_is_refused(tmp_path: Path, mode: str) -> None:
    raw = tar_of(*GOOD, mode=mode)
    # Behind the last header plain tar has only zeros, of which one block must be left.
    end = len(raw) if mode != "w:" else 6 * 512
    for cut in {0, 1, 100, end // 3, end // 2, end - 9, end - 1}:
        with pytest.raises(UsageError, match="damaged archive"):
            opened(raw[:cut])


@each("offset", [0, 130, 512 + 3, 512 + 150])
def test_archive_with_a_damaged_header_is_refused(offset: int) -> None:
    raw = bytearray(tar_of(*GOOD, mode="w:"))
    raw[offset] ^= 0x15
    with pytest.raises(UsageError, match="damaged archive"):
        opened(bytes(raw))


@given(st.binary(max_size=600), st.integers(0, 3 * 512), st.sampled_from(["w:", "w:gz"]))
def test_archive_with_any_overwritten_bytes_is_read_or_refused(
    noise: bytes, at: int, mode: str
) -> None:
    raw = bytearray(tar_of(*GOOD, mode=mode))
    raw[at : at + len(noise)] = noise
    try:
        opened(bytes(raw))
    except UsageError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"PK\x03\x04 and more", "a zip archive"),
        (b"\x28\xb5\x2f\xfd and more", "zstd"),
        (b"int main(void) { return 0; }\n" * 40, "it is not a tar file"),
        (b"", "truncated"),
    ],
)
def test_file_that_is_no_tar_is_refused(
    tmp_path: Path, bench: Bench, start: bytes, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        bench.carry(put(tmp_path, "x.tar", start))


def sized(size: bytes, kind: bytes = b"0") -> bytes:
    """One header that claims a size, with a right check sum, and two blocks of zeros."""
    info = tarfile.TarInfo("p/a")
    info.type = kind
    header = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


@each(
    "raw",
    [
        sized(b"\xff" * 12),
        sized(b"\xff" * 11 + b"\x00"),
        sized(b"\x80" + b"\xff" * 11),
        sized(b"77777777777\0"),
        sized(b"77777777777\0", b"x"),
        sized(b"\xff" * 12, b"L"),
        sized(b"-0000000001\0"),
    ],
)
def test_archive_with_hostile_sizes_is_refused(raw: bytes) -> None:
    with pytest.raises(UsageError):
        opened(raw)


@each("record", [b"9 path=x", b"0 path=x\n", b"99 path=x\n", b"x path=x\n", b"15 size=-5000x\n"])
def test_archive_with_bad_pax_records_is_refused(record: bytes) -> None:
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, len(record)
    raw = head.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0") + sized(b"0" * 11 + b"\0")
    with pytest.raises(TarError, match="damaged"):
        list(raw_members(io.BytesIO(raw), len(raw)))


# --- bombs ---


def test_header_of_many_records_is_read_in_time() -> None:
    record = b"6 a=b\n" * 170_000
    head = tarfile.TarInfo("pax")
    head.type, head.size = tarfile.XHDTYPE, len(record)
    padding = bytes(-len(record) % 512)
    file = tarfile.TarInfo("a").tobuf(tarfile.USTAR_FORMAT)
    raw = head.tobuf(tarfile.USTAR_FORMAT) + record + padding + file + bytes(512)
    begun = time.process_time()
    assert [entry.name for entry in raw_members(io.BytesIO(raw), len(raw))] == [b"a"]
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(members=2), "more than 2 members"),
        (Limits(size=1000), "more than 1000 bytes"),
        (Limits(ratio=2, small=1000), "more than 2 times its size"),
    ],
)
def test_archive_bomb_is_refused(limits: Limits, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        opened(tar_of(*GOOD, ("p-1.0/zeros", "0" * 100_000)), limits)


def test_archive_hard_links_count_towards_the_size_limit() -> None:
    copies = [member(f"p/{n}", tarfile.LNKTYPE, "p/a") for n in range(50)]
    with pytest.raises(UsageError, match="more than 100000 bytes"):
        opened(tar_of(("p/a", "x" * 5000), *copies), Limits(size=100_000))


def test_archive_with_a_sparse_file_is_refused(tmp_path: Path, bench: Bench) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(10_000_000)
    os.system(f"cd {tmp_path} && tar -S -cf x.tar holes && tar -S --format=pax -cf y.tar holes")
    for name in ("x.tar", "y.tar"):
        with pytest.raises(UsageError, match="a sparse file"):
            bench.carry(tmp_path / name)


def test_archive_has_no_revisions(tmp_path: Path, bench: Bench) -> None:
    with pytest.raises(UsageError, match="no revision to choose"):
        bench.carry(put(tmp_path, "x.tar", tar_of(*GOOD)), "HEAD")
