"""A Docker daemon of our own, on a small disk of its own, which faults may hurt: nobody else uses it."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import docker

_PATIENCE = 60
"""Seconds for the daemon to come up or go down."""
_DISK = 13 * 1024**3
"""Bytes of its disk, which lies in a sparse file: more than one box may write."""


class Trouble(Exception):
    """The private engine cannot be had; the message says why."""


def sh(*words: object, check: bool = True) -> str:
    """The output of a program. Raises Trouble with its error message."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise Trouble(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.returncode}")
    return done.stdout


class PrivateEngine:
    """`with PrivateEngine() as engine`; whatever it began is gone when the block ends."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="cif-"))
        self.disk = self.home / "disk"
        self.socket = self.home / "docker.sock"
        self._pidfile = self.home / "docker.pid"
        self._bridge = f"cif{secrets.token_hex(3)}"
        self._daemon: subprocess.Popen[bytes] | None = None
        self.base = ""
        """The base image of Debian 13, once it is loaded."""

    @property
    def host(self) -> str:
        """The value of DOCKER_HOST."""
        return f"unix://{self.socket}"

    @property
    def exec_root(self) -> Path:
        """Where its containerd and its shims have their sockets; no other daemon's command line has it."""
        return self.home / "exec"

    def __enter__(self) -> "PrivateEngine":
        try:
            self._make_disk()
            self._make_bridge()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._end_strays()
        for mount in _mounts_below(self.home):
            sh("umount", "-l", mount, check=False)
        sh("ip", "link", "del", self._bridge, check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def _make_disk(self) -> None:
        image = self.home / "disk.img"
        with image.open("wb") as file:
            file.truncate(_DISK)
        sh("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,nodiscard", image)
        self.disk.mkdir()
        sh("mount", "-o", "loop,discard", image, self.disk)

    def _make_bridge(self) -> None:
        sh("ip", "link", "add", self._bridge, "type", "bridge")
        sh("ip", "addr", "add", f"10.213.{1 + secrets.randbelow(254)}.1/24", "dev", self._bridge)
        sh("ip", "link", "set", self._bridge, "up")

    def start(self) -> None:
        """Starts the daemon and waits until it answers; one that runs is left alone."""
        if self._daemon and self._daemon.poll() is None:
            return
        self._pidfile.unlink(missing_ok=True)
        shutil.rmtree(self.exec_root / "containerd", ignore_errors=True)
        (self.home / "daemon.json").write_text("{}")
        with (self.home / "dockerd.log").open("ab") as log:
            self._daemon = subprocess.Popen(
                [
                    "dockerd", "--config-file", self.home / "daemon.json",
                    "--data-root", self.disk / "docker", "--exec-root", self.exec_root,
                    "--pidfile", self._pidfile, "-H", self.host, "--bridge", self._bridge,
                    "--iptables=false", "--ip-masq=false", "--ip-forward=false",
                    "--userland-proxy=false",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._await_answer()

    def _await_answer(self) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(Exception), self.client(5) as client:
                client.ping()
                return
            if self._daemon and self._daemon.poll() is not None:
                break
            time.sleep(0.1)
        log = (self.home / "dockerd.log").read_text(errors="replace").splitlines()
        raise Trouble("the private engine does not answer:\n" + "\n".join(log[-8:]))

    @contextlib.contextmanager
    def client(self, timeout: int = 60) -> Iterator[Any]:
        """A client for ourselves, which goes past any proxy."""
        client = docker.DockerClient(base_url=self.host, timeout=timeout)
        try:
            yield client
        finally:
            client.close()

    @property
    def pid(self) -> int:
        """The daemon's process."""
        return self._daemon.pid if self._daemon else 0

    def send(self, number: signal.Signals) -> None:
        """A signal to the daemon."""
        if self._daemon and self._daemon.poll() is None:
            self._daemon.send_signal(number)

    def await_end(self) -> None:
        """Waits until the daemon is gone."""
        if self._daemon:
            self._daemon.wait(_PATIENCE)

    def stop(self) -> None:
        """Ends the daemon, first politely."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            self.await_end()
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self.await_end()

    def processes(self, program: str) -> list[int]:
        """Its own `containerd` or `containerd-shim…`, by what only their command lines have."""
        mine = str(self.exec_root)
        found = ((pid, line) for pid, line in command_lines() if mine in line)
        return [pid for pid, line in found if Path(line.split()[0]).name.startswith(program)]

    def mend(self) -> None:
        """Makes a daemon whole again after whatever was done to it."""
        self.send(signal.SIGCONT)
        try:
            with self.client(20) as client:
                client.containers.list(all=True)
                if self.socket.exists():
                    return
        except Exception as error:  # whatever it is that is broken, a fresh start is the cure
            del error
        self.stop()
        self._end_strays()
        self.start()

    def clear(self) -> None:
        """Removes every container, so that nothing of one trial is blamed on the next."""
        with self.client() as client:
            for container in client.containers.list(all=True, ignore_removed=True):
                container.remove(force=True, v=True)

    def _end_strays(self) -> None:
        """Ends containerd, shims and boxes that outlived the daemon: only those of this engine."""
        ours = {folder.name for folder in (self.disk / "docker" / "containers").glob("*")}
        for pid in [*self.processes("containerd"), *_in_groups(ours)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.2 if ours else 0)


def command_lines() -> Iterator[tuple[int, str]]:
    """Every process with its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if line.strip():
                yield int(folder.name), line


def _in_groups(containers: Iterable[str]) -> Iterator[int]:
    """Processes that live in the control groups of these containers."""
    names = list(containers)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            groups = (folder / "cgroup").read_text()
            if any(name in groups for name in names):
                yield int(folder.name)


def _mounts_below(folder: Path) -> list[str]:
    """Mount points below, the innermost first."""
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted((p for p in points if p.startswith(f"{folder}/")), key=len, reverse=True)
