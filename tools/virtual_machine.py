#!/usr/bin/env python3
"""Boots a Debian disk by ciforge and builds examples/hello-portable in it; written to docs/proof.

Makes the disk by tools/debian_disk.sh. Needs root, QEMU, mmdebstrap, mke2fs and the OpenSSH client.
Exit codes: 0 every row held; 1 one did not; 3 the disk could not be made.
"""

import argparse
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proof" / "virtual-machines.md"
HELLO = ROOT / "examples" / "hello-portable"
JOB = "hello/debian-13/default"
CIFORGE = (sys.executable, "-m", "ciforge")
APPEND = "root=/dev/vda rw console=ttyS0 systemd.mask=systemd-networkd-wait-online.service"
HEAD = """\
# Virtual machines

Written by `tools/virtual_machine.py`: ciforge boots a Debian 13 disk, made by `tools/debian_disk.sh`, for each job by
QEMU, and builds examples/hello-portable in it over ssh.

- {date}, commit {commit}
- {qemu}
- {boots}

| what | must | seen | result | seconds |
|---|---|---|---|---:|
"""


@attrs.frozen
class Row:
    """One run: its words, changes of `ciforge.yml`, when it is interrupted, and what has to come."""

    title: str
    must: str
    patch: tuple[str, str] = ("", "")
    signal: int = 0
    keys: tuple[str, ...] = ()


ROWS = (
    Row("hello-portable as it is", "passed, exit 0"),
    Row("a check that fails", "failed, exit 1", ("check: true", "check: {run: exit 7}")),
    Row(
        "a step that never ends", "timed-out, exit 1",
        ("check: true", "check: {run: sleep 600, timeout: 5s}"),
    ),
    Row(
        "Ctrl-C in a step", "cancelled, exit 130",
        ("check: true", "check: {run: echo begun; sleep 600}"), signal.SIGINT,
    ),
    Row(
        "ciforge killed in a step", "no result, exit -9",
        ("check: true", "check: {run: echo begun; sleep 600}"), signal.SIGKILL,
    ),
    Row("a disk with another digest", "infrastructure, exit 3", keys=(f"sha256: {'0' * 64}",)),
    Row("no answer within the limit", "infrastructure, exit 3", keys=("boot: 3s",)),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--disk", type=Path, help="a folder with the disk and its key, kept")
    parser.add_argument("--only", default="", help="rows whose title has this text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ciforge-vm-") as text:
        folder = options.disk or Path(text)
        try:
            make_disk(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"the disk cannot be made: {error}", file=sys.stderr)
            return 3
        rows = [row for row in ROWS if options.only in row.title]
        seen = [tried(row, folder, Path(text) / f"trial-{n}") for n, row in enumerate(rows)]
    if not options.only:
        write(rows, seen)
    return 0 if all(row.must == found for row, (found, _, _) in zip(rows, seen, strict=True)) else 1


def make_disk(folder: Path) -> None:
    """The disk, kernel and key in `folder`, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "key"
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    if not (folder / "disk.raw").exists():
        script = ROOT / "tools" / "debian_disk.sh"
        subprocess.run(["sh", script, folder, folder / "key.pub"], check=True)


def tried(row: Row, disk: Path, trial: Path) -> tuple[str, float, str]:
    """Returns the outcome of a run, its seconds, and the line about the boot."""
    tree, config = trial / "tree", trial / "config" / "ciforge"
    shutil.copytree(HELLO, tree)
    text = (tree / "ciforge.yml").read_text()
    (tree / "ciforge.yml").write_text(text.replace(*row.patch) if row.patch[0] else text)
    config.mkdir(parents=True)
    (config / "machines.yml").write_text(machine(disk, row))
    env = os.environ | {
        "XDG_CONFIG_HOME": str(config.parent),
        "CIFORGE_STATE": str(trial / "state"),
    }
    begun = time.monotonic()
    running = subprocess.Popen(
        [*CIFORGE, "run", "--json", "--engine", "ssh", JOB], cwd=tree, env=env,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    lines = []
    assert running.stdout
    for line in running.stdout:
        lines.append(line)
        event = json.loads(line)
        if row.signal and event["event"] == "line" and event["text"] == "begun":
            running.send_signal(row.signal)
    code = running.wait()
    ended = [json.loads(line) for line in lines if '"job_ended"' in line]
    status = ended[-1]["status"] if ended else "no result"
    time.sleep(2)
    left = "" if not guests(disk) else ", and a guest is left"
    boot = re.search(r"vm booted by \w+ in \d+ s", "".join(lines))
    found = f"{status}, exit {code}{left}"
    print(f"{row.title}: {found} (must: {row.must})", flush=True)
    return found, time.monotonic() - begun, boot[0] if boot else ""


def machine(disk: Path, row: Row) -> str:
    """The text of `machines.yml`."""
    arguments = ["-kernel", f"{disk}/vmlinuz", "-initrd", f"{disk}/initrd", "-append", APPEND]
    keys = [
        f"disk: {disk}/disk.raw", "system: debian-13", "root: sudo", f"key: {disk}/key",
        "processors: 2", "memory: 1024", f"qemu: {json.dumps(arguments)}", *row.keys,
    ]  # fmt: skip
    return f"vm: {{{', '.join(keys)}}}\n"


def guests(disk: Path) -> str:
    """Processes that still run this disk."""
    listed = subprocess.run(
        ["pgrep", "-f", f"file={disk}/disk.raw"], capture_output=True, text=True, check=False
    )
    return listed.stdout


def write(rows: list[Row], seen: list[tuple[str, float, str]]) -> None:
    """Writes the page."""

    def output(*words: str) -> str:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    head = HEAD.format(
        date=datetime.datetime.now(datetime.UTC).date(),
        commit=output("git", "rev-parse", "--short", "HEAD").strip(),
        qemu=output("qemu-system-x86_64", "--version").splitlines()[0],
        boots=next((boot for _, _, boot in seen if boot), "nothing booted"),
    )
    lines = [
        f"| {row.title} | {row.must} | {found} | {'held' if found == row.must else 'did not hold'} | {taken:.0f} |\n"
        for row, (found, taken, _) in zip(rows, seen, strict=True)
    ]
    PAGE.write_text(head + "".join(lines))


if __name__ == "__main__":
    sys.exit(main())
