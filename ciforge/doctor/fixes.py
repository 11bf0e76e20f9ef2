"""The commands that mend a machine, by the system that it runs."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import attrs

_RELEASE = Path("/etc/os-release")
_SOCKET = Path("/run/docker.sock")


@attrs.frozen
class HostSystem:
    """How packages are installed, and what they are called where the name is another."""

    install: str
    packages: Mapping[str, str] = attrs.field(factory=dict)


_DEBIAN = HostSystem(
    "apt-get install -y",
    {"docker": "docker.io iptables", "qemu": "qemu-user-static binfmt-support"},
)
_SYSTEMS = {
    "debian": _DEBIAN,
    "ubuntu": _DEBIAN,
    "fedora": HostSystem("dnf install -y", {"docker": "moby-engine", "qemu": "qemu-user-static"}),
    "alpine": HostSystem("apk add", {"qemu": "qemu-openrc"}),
    "arch": HostSystem(
        "pacman -S --noconfirm", {"qemu": "qemu-user-static qemu-user-static-binfmt"}
    ),
    "opensuse": HostSystem("zypper install -y", {"qemu": "qemu-linux-user"}),
    "openbsd": HostSystem("pkg_add"),
    "freebsd": HostSystem("pkg install -y"),
}


def system_here(release: Path = _RELEASE) -> str:
    """`debian`, `fedora`, `openbsd` …: a key of the table where there is a near one."""
    words = _release_words(release) or [os.uname().sysname.lower()]
    return next((word for word in words if word in _SYSTEMS), words[0])


def _release_words(release: Path) -> list[str]:
    """ID and then ID_LIKE of os-release, without what comes after `opensuse-`."""
    try:
        lines = release.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    text = f"{said.get('ID', '')} {said.get('ID_LIKE', '')}".replace('"', "").replace("'", "")
    return [word.partition("-")[0] for word in text.split()]


def is_safe_here() -> bool:
    """Whether `--fix` may install packages and start services: as root, on Debian and Ubuntu."""
    return os.geteuid() == 0 and system_here() in ("debian", "ubuntu")


def as_root(command: str) -> str:
    """One command, by doas or sudo where we are not root."""
    if os.geteuid() == 0:
        return command
    tool = next((word for word in ("doas", "sudo") if shutil.which(word)), "sudo")
    return f"{tool} {command}"


def install(package: str) -> str:
    """The command that installs it here; empty where none is known."""
    system = _SYSTEMS.get(system_here())
    return as_root(f"{system.install} {system.packages.get(package, package)}") if system else ""


def is_elsewhere() -> bool:
    """Whether DOCKER_HOST names an engine that is not this machine's usual one."""
    host = os.environ.get("DOCKER_HOST", "")
    return host not in ("", f"unix://{_SOCKET}", f"unix:///var{_SOCKET}")


def bring_up() -> str:
    """The command after which an engine answers, where none does."""
    if is_elsewhere():
        return "unset DOCKER_HOST"
    if _SOCKET.is_socket() and not os.access(_SOCKET, os.W_OK):
        return as_root('usermod -aG docker "$(id -un)"') + "  # then log in again"
    if shutil.which("dockerd"):
        return service("docker", "start")
    if system_here() in ("openbsd", "freebsd", "netbsd", "darwin"):
        return "export DOCKER_HOST=ssh://USER@MACHINE"
    return " && ".join(filter(None, (install("docker"), service("docker", "start"))))


def service(name: str, verb: str) -> str:
    """The command that starts or restarts a service here."""
    if Path("/run/systemd/system").is_dir():
        return as_root(f"systemctl {verb} {name}")
    alpine = system_here() == "alpine"
    return as_root(f"rc-service {name} {verb}" if alpine else f"service {name} {verb}")


def set_clock() -> str:
    """The command that sets the clock by the network."""
    return as_root("timedatectl set-ntp true" if shutil.which("timedatectl") else "ntpd -gq")


def limit_memory() -> str:
    """The command that has the kernel count what containers use, from its next start on."""
    words = "cgroup_enable=memory swapaccount=1"
    if not Path("/etc/default/grub.d").is_dir():
        return as_root(f"grubby --update-kernel=ALL --args='{words}'")
    line = f"echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX {words}\"'"
    written = as_root("tee /etc/default/grub.d/cgroup.cfg")
    return f"{line} | {written} && {as_root('update-grub')}"


def use_overlay() -> str:
    """The command that gives Docker a storage driver which does not copy whole images."""
    written = as_root("tee /etc/docker/daemon.json")
    return (
        f"""echo '{{"storage-driver": "overlay2"}}' | {written} && {service("docker", "restart")}"""
    )
