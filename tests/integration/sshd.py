"""A machine that an OpenSSH server makes reachable: a container of the example's own image."""

import io
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from bsd_tools import BSD_HEAD

SMALL = "/small/disk"
DOCKERFILE = """\
FROM {image}
RUN apt-get update && apt-get install -y --no-install-recommends openssh-server sudo procps \
    mksh original-awk libarchive-tools && rm -rf /var/lib/apt/lists/*
RUN useradd -m -s /bin/sh builder && echo 'builder ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/builder && mkdir -p /run/sshd
CMD ["/usr/sbin/sshd", "-D", "-e"]
"""


@attrs.frozen
class Machine:
    """The container, and a folder with what a user of it has: a key, `ssh` and `machines.yml`."""

    container: Any
    folder: Path
    port: int

    @property
    def env(self) -> dict[str, str]:
        """The environment of somebody who knows the machine."""
        path = f"{self.folder}/bin{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "XDG_CONFIG_HOME": str(self.folder)}

    def allows(self, **more: str) -> None:
        """Writes `machines.yml` with one machine."""
        keys = {"ssh": "builder@127.0.0.1", "port": str(self.port), "system": "debian-13"} | more
        text = "".join(f"  {key}: {value}\n" for key, value in keys.items())
        (self.folder / "ciforge").mkdir(exist_ok=True)
        (self.folder / "ciforge" / "machines.yml").write_text(f"box:\n{text}")

    def does(self, command: str) -> str:
        """What a command of root prints in it."""
        output: bytes = self.container.exec_run(["sh", "-c", command]).output
        return output.decode()

    def knows(self, keys: str) -> None:
        """Writes the host keys that the user has seen."""
        lines = (f"[127.0.0.1]:{self.port} {line}" for line in keys.splitlines() if line)
        (self.folder / "known_hosts").write_text("\n".join(lines) + "\n")

    @contextmanager
    def userland_of_a_bsd(self) -> Iterator[None]:
        """The shell of MirBSD, the awk of all BSDs, the tar of FreeBSD, and a head that counts lines only."""
        links = {"tar": "/usr/bin/bsdtar", "awk": "/usr/bin/original-awk"}
        write = 'printf %s "$1" >/usr/sbin/head; chmod 755 /usr/sbin/head'
        assert self.container.exec_run(["sh", "-c", write, "sh", BSD_HEAD]).exit_code == 0
        # Scripts of ciforge look into /usr/sbin first, and a login into /usr/local/bin.
        for name, target in links.items():
            self.does(f"ln -s {target} /usr/sbin/{name}; ln -s {target} /usr/local/bin/{name}")
        self.does("ln -sf mksh /usr/bin/sh")
        try:
            yield
        finally:
            self.does(
                "ln -sf dash /usr/bin/sh; rm -f /usr/sbin/head /usr/sbin/tar /usr/sbin/awk"
                " /usr/local/bin/tar /usr/local/bin/awk"
            )

    @property
    def host_keys(self) -> str:
        """Its own host keys."""
        return self.does("cat /etc/ssh/ssh_host_*_key.pub")

    @property
    def is_clean(self) -> bool:
        """Whether nothing of a job is there, within some seconds."""
        for _ in range(100):
            left = self.does(
                f"ls /home/builder/.cache/ciforge {SMALL}/jobs 2>/dev/null | grep -v :; pgrep -u builder sleep"
            )
            if not left.strip():
                return True
            time.sleep(0.1)
        return False


@contextmanager
def ssh_machine(
    engine: Any, image: str, folder: Path, *, capabilities: Sequence[str] = ()
) -> Iterator[Machine]:
    """The machine, removed when the block ends. `image` has what the example needs."""
    text = DOCKERFILE.format(image=image).encode()
    built, _ = engine.images.build(fileobj=io.BytesIO(text), rm=True, forcerm=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True
    )
    container = engine.containers.run(
        built.id, detach=True, init=True, cap_add=list(capabilities), ports={"22/tcp": ("127.0.0.1", None)},
        # As a BSD has /usr/local on a file system of its own; and one that is soon full.
        tmpfs={"/usr/local/bin": "exec,mode=755", SMALL: "exec,mode=1777,size=24m"},
    )  # fmt: skip
    try:
        container.reload()
        port = int(container.attrs["NetworkSettings"]["Ports"]["22/tcp"][0]["HostPort"])
        machine = Machine(container, folder, port)
        _introduce(machine)
        yield machine
    finally:
        container.remove(force=True, v=True)


def _introduce(machine: Machine) -> None:
    """The user and the machine know each other; `ssh` reads a configuration of the test's own."""
    key = (machine.folder / "key.pub").read_text().strip()
    machine.does(
        f"mkdir -p /home/builder/.ssh; echo '{key}' >/home/builder/.ssh/authorized_keys;"
        " chown -R builder /home/builder/.ssh; chmod -R go= /home/builder/.ssh"
    )
    (machine.folder / "config").write_text(
        f"IdentityFile {machine.folder}/key\nIdentitiesOnly yes\n"
        f"UserKnownHostsFile {machine.folder}/known_hosts\nStrictHostKeyChecking yes\n"
    )
    (machine.folder / "bin").mkdir()
    own = machine.folder / "bin" / "ssh"
    own.write_text(
        f'#!/bin/sh\nexec {shutil.which("ssh")} -F {machine.folder}/config $SSH_OPTIONS "$@"\n'
    )
    own.chmod(0o755)
    machine.knows(machine.host_keys)
