"""A disk of a virtual machine that wants to read more than itself; no guest is booted."""

import struct
from pathlib import Path

from rig import Person, trial

BASED = struct.pack(">4sIQI", b"QFI\xfb", 3, 112, 11) + bytes(92) + b"/etc/shadow"


def test_disk_that_is_based_on_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(BASED)
    (tmp_path / "ciforge").mkdir()
    machines = f"vm: {{disk: {tmp_path}/disk, system: debian-13, root: sudo}}\n"
    (tmp_path / "ciforge" / "machines.yml").write_text(machines)
    person = Person(trial(tmp_path / "project", {"wait": {"run": "true"}}), tmp_path)
    ended = person.runs("--engine", "ssh", XDG_CONFIG_HOME=str(tmp_path))
    assert ended.code == 3, ended.told
    assert ended.result["status"] == "infrastructure"
    assert "the disk of vm is a part of another file" in ended.result["reason"]
