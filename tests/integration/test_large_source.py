"""A source of more than 16 MB goes into a container by another way, and is the same there."""

import os
from pathlib import Path

from rig import Person, together, trial

JOB = "tree/debian-13/default"
LIST = "find . -mindepth 1 ! -name large -printf '%y %m %u %g %T@ %l|%p\\n' | sort"
LARGE = 17 * 1024 * 1024


def listed(place: Path, *, large: bool) -> list[str]:
    """What a step sees of a source with names, modes, times and links of all kinds."""
    trial(place / "here", {"look": {"run": LIST, "after": "build"}})
    tree = place / "here" / "tree"
    odd = tree / ("deep" * 30) / "n\u00e4me with spaces"
    odd.mkdir(parents=True)
    for name, mode in (("plain", 0o644), ("-dash", 0o600), ("run", 0o755), ("\\t'q\"", 0o444)):
        (odd / name).write_text(name)
        (odd / name).chmod(mode)
        os.utime(odd / name, (1_000_000_000 + mode, 1_000_000_000 + mode))
    (odd / "link").symlink_to("/nowhere/../at all")
    os.utime(odd / "link", (1_000_000_000, 1_000_000_000), follow_symlinks=False)
    if large:
        (tree / "large").write_bytes(os.urandom(LARGE))
    for folder in (odd, odd.parent, tree):
        os.utime(folder, (1_100_000_000, 1_100_000_000))
    ended = Person(place / "here", place / "home").runs()
    assert ended.code == 0, ended.told
    return ended.step(JOB, "look")


def test_large_source_is_the_same_in_a_container_as_a_small_one(tmp_path: Path) -> None:
    places = {True: tmp_path / "large", False: tmp_path / "small"}
    small, large = together(lambda size: listed(places[size], large=size), [False, True])
    assert large == small
    assert len([line for line in small if " ciforge ciforge " in line]) == len(small) == 8
