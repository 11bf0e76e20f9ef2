"""Virtual machines: QEMU and ssh are stand-ins that behave; what is missing, wrong, silent or left over."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

from ciforge.engines import qemu
from ciforge.engines.held_machine import lacking
from ciforge.engines.protocol import Stop, Stopped
from ciforge.engines.virtual_machine import VirtualMachine
from ciforge.errors import EngineError, EngineLost
from ciforge.model.host_machine import HostMachine
from ciforge.model.promise import Promise

QEMU = """\
#!/bin/sh
# Accelerators are those of FOLDER/accelerators. A guest writes to its snapshot and runs until it is killed.
case "$*" in
*'-accel help'*) echo 'Accelerators supported in QEMU binary:'; cat FOLDER/accelerators; exit 0 ;;
*isa-debug-exit*) exit "$(cat FOLDER/probe)" ;;
esac
echo "$*" >>FOLDER/booted
echo $$ >FOLDER/pid
echo snapshot >"$TMPDIR/vl.snapshot"
. FOLDER/guest
exec sleep 600
"""
SSH = """\
#!/bin/sh
echo "$*" >>FOLDER/ssh.log
[ -e FOLDER/answers ] && [ -e FOLDER/pid ] || { echo 'Connection refused' >&2; exit 255; }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the stand-ins, a disk, and no accelerator."""
    (tmp_path / "bin").mkdir()
    for name, text in (("qemu-system-x86_64", QEMU), ("ssh", SSH)):
        (tmp_path / "bin" / name).write_text(text.replace("FOLDER", str(tmp_path)))
        (tmp_path / "bin" / name).chmod(0o755)
    for name, text in (
        ("accelerators", "tcg\n"),
        ("probe", "33\n"),
        ("guest", ""),
        ("answers", ""),
    ):
        (tmp_path / name).write_text(text)
    (tmp_path / "disk").write_bytes(b"\0" * 512)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    qemu.native_accelerator.cache_clear()
    return tmp_path


def guest(here: Path, **more: Any) -> VirtualMachine:
    given: dict[str, Any] = {
        "disk": f"{here}/disk",
        "system": "debian-13",
        "boot": 5,
        "key": f"{here}/key",
    } | more
    machine = HostMachine(**given)
    return VirtualMachine("obsd", machine, here / "own", here / "scratch", here)


def is_running(here: Path) -> bool:
    """Whether the guest still runs, after at most some seconds in which it ends."""
    pid = int((here / "pid").read_text())
    for _ in range(50):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return False
        if state == "Z":
            return False
        time.sleep(0.1)
    return True


def test_guest_is_reached_at_127_0_0_1_only_with_one_key(here: Path) -> None:
    machine, heard = guest(here), bytearray()
    transport = machine.boot(heard.extend, Stop())
    booted, asked = (here / "booted").read_text(), (here / "ssh.log").read_text()
    assert f"hostfwd=tcp:127.0.0.1:{transport.machine.port}-:22" in booted
    assert "restrict=on" in booted
    assert "snapshot=on" in booted
    assert f"-F /dev/null -i {here}/key -o ConnectTimeout=5" in asked
    assert "ciforge@127.0.0.1" in asked
    assert b"obsd is emulated, which is slow: QEMU has none for this system\n" in heard
    machine.close()
    assert not is_running(here)
    assert not list((here / "scratch").iterdir())


def test_guest_may_reach_the_network_where_its_owner_says_so(here: Path) -> None:
    machine = guest(here, network=True, qemu=("-device", "usb-tablet"))
    machine.boot(lambda _: None, Stop())
    machine.close()
    booted = (here / "booted").read_text()
    assert "restrict=off" in booted
    assert booted.endswith("-device usb-tablet\n")


@pytest.mark.parametrize(
    ("probe", "accelerator", "said"),
    [("33", "kvm", b"booted by kvm"), ("134", "tcg", b"a guest on kvm ended with 134")],
)
def test_accelerator_is_used_only_after_a_guest_ran_on_it(
    here: Path, probe: str, accelerator: str, said: bytes
) -> None:
    (here / "accelerators").write_text("tcg\nkvm\n")
    (here / "probe").write_text(probe)
    machine, heard = guest(here), bytearray()
    machine.boot(heard.extend, Stop())
    machine.close()
    assert f"-accel {accelerator} " in (here / "booted").read_text()
    assert said in heard


def test_guest_that_stands_still_on_an_accelerator_is_emulated(here: Path) -> None:
    (here / "accelerators").write_text("tcg\nkvm\n")
    (here / "answers").unlink()
    (here / "guest").write_text(
        f'case "$*" in *kvm*) echo "KVM internal error. Suberror: 1";; *) : >{here}/answers;; esac\n'
    )
    machine, heard = guest(here), bytearray()
    machine.boot(heard.extend, Stop())
    machine.close()
    assert b"emulated, which is slow: obsd does not boot; its console ends: KVM internal" in heard


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "echo 'No bootable device.'; exit 1",
            "does not boot; its console ends: No bootable device",
        ),
        ("echo login:", "did not answer ssh within 1 s; its console ends: login:"),
    ],
)
def test_guest_that_does_not_answer_is_ended_with_the_last_line_of_its_console(
    here: Path, script: str, said: str
) -> None:
    (here / "answers").unlink()
    (here / "guest").write_text(script + "\n")
    with pytest.raises(EngineLost, match=said):
        guest(here, boot=1).boot(lambda _: None, Stop())
    assert not is_running(here)
    assert not (here / "scratch" / "machine-obsd").exists()


def test_missing_qemu_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(here))
    with pytest.raises(
        EngineError, match="qemu-system-x86_64 boots virtual machines, and is not installed"
    ) as raised:
        guest(here).boot(lambda _: None, Stop())
    assert "ciforge doctor" in raised.value.hint


def test_stopped_boot_ends_the_guest(here: Path) -> None:
    (here / "answers").unlink()
    stop = Stop()
    threading.Timer(1, stop.ask, ["enough"]).start()
    with pytest.raises(Stopped):
        guest(here, boot=60).boot(lambda _: None, stop)
    assert not is_running(here)


def test_guest_ends_with_a_ciforge_that_was_killed(here: Path) -> None:
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from ciforge.engines.protocol import Stop\n"
        "from ciforge.engines.virtual_machine import VirtualMachine\n"
        "from ciforge.model.host_machine import HostMachine\n"
        f"machine = HostMachine(disk='{here}/disk', system='s', key='k')\n"
        f"VirtualMachine('obsd', machine, Path('{here}'), Path('{here}'), Path('{here}')).boot(print, Stop())\n"
        "print('booted', flush=True)\ntime.sleep(600)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert running.stdout
    assert any(line == b"booted\n" for line in running.stdout)
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    assert not is_running(here)


def test_key_is_made_once_and_is_private(here: Path) -> None:
    for _ in range(2):
        machine = guest(here, key="")
        transport = machine.boot(lambda _: None, Stop())
        machine.close()
        key = here / "own" / "key"
        assert str(key) in transport.own
        assert key.stat().st_mode & 0o777 == 0o600


def test_guest_is_clean_and_isolated_unless_its_owner_gives_it_the_network() -> None:
    machine = HostMachine(disk="/d", system="s")
    assert not {Promise.CLEAN, Promise.NETWORK} & {*lacking(machine)}
    assert Promise.NETWORK in lacking(attrs.evolve(machine, network=True))
