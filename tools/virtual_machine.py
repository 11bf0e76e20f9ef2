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
from contextlib import suppress
from pathlib import Path

import attrs

from ciforge.app.host_machines import CONNECTIONS, SHORT
from ciforge.engines.qemu import PROGRAM
from ciforge.file_lock import try_lock

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "proof" / "virtual-machines.md"
HELLO = ROOT / "examples" / "hello-portable"
JOB = "hello/debian-13/default"
CIFORGE = (sys.executable, "-m", "ciforge")
MASKED = (
    "dbus", "e2scrub_reap", "getty@tty1", "serial-getty@ttyS0", "systemd-journal-flush", "systemd-logind",
    "systemd-networkd-wait-online", "systemd-random-seed", "systemd-timesyncd", "systemd-tmpfiles-setup",
    "systemd-update-utmp",
)  # fmt: skip
"""Services that a job does not need: an emulated guest boots in half of the time without them."""
APPEND = " ".join(
    [
        "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=no cryptomgr.notests",
        *(f"systemd.mask={name}.service" for name in MASKED),
    ]
)
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
    """One run: changes of a file of the tree, when it is interrupted, and what has to come."""

    title: str
    must: str
    patch: tuple[str, str, str] = ("", "", "")
    """A file, a text in it, and the text that takes its place."""
    signal: int = 0
    """What ciforge gets when the step has begun, or where it is `booting`, when the guest has."""
    guest_signal: int = 0
    """What QEMU gets when the step has begun."""
    booting: bool = False
    reason: tuple[str, str] = ("", "")
    """A pattern that the reason of the result must match, and the words for that in the table."""
    keys: tuple[str, ...] = ()
    """More keys of `machines.yml`."""
    goes_on: bool = False
    """Whether the state is that of the row before."""


def first_step(run: str) -> tuple[str, str, str]:
    """A change of `ciforge.yml`: the first step runs this."""
    return "ciforge.yml", "check: true", f"bootstrap: {{{run}}}"


WAITS = first_step("run: echo begun; sleep 600")
FULL = first_step(
    "run: i=0; while fallocate -l 100M big$i; do i=$((i+1)); done; dd if=/dev/zero of=rest bs=64K"
)
LOST = ("the connection to vm was lost|vm cannot be reached", "connection lost")
SSHD = """run: 'cd /proc; for p in [0-9]*; do case $(cat $p/comm) in sshd*) sudo kill -KILL $p;; esac; done; sleep 600'"""
ROWS = (
    Row("hello-portable as it is", "passed, exit 0"),
    Row(
        "hello-portable with a header that nobody has", "failed, exit 1, src/hello.c:19",
        ("src/hello.c", "#include <err.h>", "#include <nobody_has_this.h>"),
    ),
    Row(
        "a step that never ends", "timed-out, exit 1",
        first_step("run: sleep 600, timeout: 5s"),
    ),
    Row(
        "a step that fills the disk", "infrastructure, exit 3, the disk of vm is full", FULL,
        reason=("the disk of vm is full", "the disk of vm is full"),
    ),
    Row(
        "the connection is lost in a step", "infrastructure, exit 3, connection lost",
        first_step(SSHD), reason=LOST,
    ),
    Row(
        "the guest loses its power in a step", "infrastructure, exit 3, connection lost",
        WAITS, guest_signal=signal.SIGKILL, reason=LOST,
    ),
    Row(
        "the guest stands still in a step", "infrastructure, exit 3, connection lost",
        WAITS, guest_signal=signal.SIGSTOP, reason=LOST,
    ),
    Row("Ctrl-C while the guest boots", "cancelled, exit 130", signal=signal.SIGINT, booting=True),
    Row("Ctrl-C in a step", "cancelled, exit 130", WAITS, signal.SIGINT),
    Row("ciforge killed in a step", "no result, exit -9", WAITS, signal.SIGKILL),
    Row(
        "the next run after the killed one", "failed, exit 1",
        first_step("run: exit 7"), goes_on=True,
    ),
    Row("a disk with another digest", "infrastructure, exit 3", keys=(f"sha256: {'0' * 64}",)),
    Row("no answer within the limit", "infrastructure, exit 3", keys=("boot: 3s",)),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--disk", type=Path, help="a folder with the disk and its key, kept")
    parser.add_argument(
        "--only", action="append", default=[],
        help="rows whose title has this text, may be given several times; the others of the page stay",
    )  # fmt: skip
    options = parser.parse_args()
    # A shell has programs in its background ignore Ctrl-C, and so would ciforge.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="ciforge-vm-") as text:
        folder = options.disk or Path(text)
        try:
            make_disk(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"the disk cannot be made: {error}", file=sys.stderr)
            return 3
        only = options.only or [""]
        rows = [row for row in ROWS if any(text in row.title for text in only)]
        seen = []
        for number, row in enumerate(rows):
            trial = Path(text) / f"trial-{number - row.goes_on}"
            seen.append(tried(row, folder, trial))
            write(rows[: len(seen)], seen)
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
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(HELLO, tree)
    file, old, new = row.patch
    if file:
        text = (tree / file).read_text()
        assert old in text, f"{file} has no {old}"
        (tree / file).write_text(text.replace(old, new))
    config.mkdir(parents=True, exist_ok=True)
    (config / "machines.yml").write_text(machine(disk, row))
    before = connections()
    begun = time.monotonic()
    code, lines = run(row, tree, trial, disk)
    taken = time.monotonic() - begun
    ended = [json.loads(line) for line in lines if '"job_ended"' in line]
    status = ended[-1]["status"] if ended else "no result"
    time.sleep(2)
    # A run that was killed removes no file: the next one does.
    left = left_over(disk, trial, before if row.signal != signal.SIGKILL else None)
    boot = re.search(r"vm booted by \w+ in \d+ s", "".join(lines))
    reason = [said(row, ended[-1]["reason"])] if row.reason[0] and ended else []
    found = ", ".join([status, f"exit {code}", *reason, *cause(trial / "state", status), *left])
    print(f"{row.title}: {found} (must: {row.must})", flush=True)
    return found, taken, boot[0] if boot else ""


def run(row: Row, tree: Path, trial: Path, disk: Path) -> tuple[int, list[str]]:
    """Runs the job, with its interruption; the exit code and the lines of events."""
    env = os.environ | {
        "XDG_CONFIG_HOME": str(trial / "config"),
        "CIFORGE_STATE": str(trial / "state"),
    }
    running = subprocess.Popen(
        [*CIFORGE, "run", "--json", "--engine", "ssh", JOB], cwd=tree, env=env,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    lines = []
    assert running.stdout
    for line in running.stdout:
        lines.append(line)
        event = json.loads(line)
        begun = event["event"] == "line" and event["text"] == "begun"
        if row.booting and event["event"] == "job_started":
            begun = waited(disk)
        if begun and row.signal:
            running.send_signal(row.signal)
        for guest in guests(disk, f"^{PROGRAM} ") if begun and row.guest_signal else []:
            os.kill(guest, row.guest_signal)
    return running.wait(), lines


def said(row: Row, reason: str) -> str:
    """Returns the words of the table for the reason, or all of it where it is another one."""
    pattern, words = row.reason
    return words if re.search(pattern, reason) else reason


def waited(disk: Path) -> bool:
    """Waits until a guest has run for some seconds; False where none began within two minutes."""
    for _ in range(120):
        time.sleep(1)
        if guests(disk):
            time.sleep(5)
            return True
    return False


def cause(state: Path, status: str) -> list[str]:
    """Where the first cause of a failure is, if it is in a file."""
    files = sorted(state.glob("*/runs/*/diagnosis.json"))
    if status != "failed" or not files:
        return []
    causes = json.loads(files[-1].read_text())["causes"]
    found = [finding for one in causes for finding in one["findings"].values()]
    return [f"{one['file']}:{one['line']}" for one in found[:1] if one.get("file")]


def connections() -> set[Path]:
    """Folders for ssh connections."""
    return set(SHORT.glob(f"{CONNECTIONS}*"))


def is_unused(folder: Path) -> bool:
    """Whether no process has the folder for its connections."""
    with suppress(OSError), (folder / "lock").open("rb") as lock:
        return try_lock(lock.fileno())
    return False


def left_over(disk: Path, trial: Path, before: set[Path] | None) -> list[str]:
    """Names what a run left: its guest, and its files, where the folders before it are given."""
    found = ["a guest is left"] if guests(disk) else []
    if before is not None:
        found += [f"{file.name} is left" for file in trial.glob("state/*/tmp/run-*")]
        found += [
            f"{folder.name} is left" for folder in connections() - before if is_unused(folder)
        ]
    return found


def machine(disk: Path, row: Row) -> str:
    """The text of `machines.yml`."""
    arguments = ["-kernel", f"{disk}/vmlinuz", "-initrd", f"{disk}/initrd", "-append", APPEND]
    keys = [
        f"disk: {disk}/disk.raw", "system: debian-13", "root: sudo", f"key: {disk}/key",
        "processors: 2", "memory: 1024", f"qemu: {json.dumps(arguments)}", *(row.keys or ["boot: 30m"]),
    ]  # fmt: skip
    return f"vm: {{{', '.join(keys)}}}\n"


def guests(disk: Path, program: str = "") -> list[int]:
    """Returns the processes that run this disk, QEMU and the guard around it, or those of `program`."""
    pattern = f"{program}.*file={re.escape(str(disk))}/disk.raw"
    listed = subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def write(rows: list[Row], seen: list[tuple[str, float, str]]) -> None:
    """Writes the page; rows that were not run stay."""

    def output(*words: str) -> str:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    head = HEAD.format(
        date=datetime.datetime.now(datetime.UTC).date(),
        commit=output("git", "rev-parse", "--short", "HEAD").strip(),
        qemu=output("qemu-system-x86_64", "--version").splitlines()[0],
        boots=next((boot for _, _, boot in seen if boot), earlier_boot()),
    )
    lines = {
        row.title: f"| {row.title} | {row.must} | {found} | {'held' if found == row.must else 'did not hold'} | {taken:.0f} |\n"
        for row, (found, taken, _) in zip(rows, seen, strict=True)
    }
    PAGE.write_text(head + "".join({**earlier(), **lines}.values()))


def earlier_boot() -> str:
    """The line of the page about a boot, where no row of this call booted."""
    found = re.search(
        r"^- (vm booted .*)$", PAGE.read_text() if PAGE.exists() else "", re.MULTILINE
    )
    return found[1] if found else "nothing booted"


def earlier() -> dict[str, str]:
    """Lines of the table in the page, by their titles."""
    known = {row.title for row in ROWS}
    text = PAGE.read_text() if PAGE.exists() else ""
    cells = {
        line: line.split(" | ")[0].removeprefix("| ") for line in text.splitlines(keepends=True)
    }
    return {title: line for line, title in cells.items() if title in known}


if __name__ == "__main__":
    sys.exit(main())
