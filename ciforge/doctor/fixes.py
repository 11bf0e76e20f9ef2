"""The commands that fix this machine, by operating system."""

import os
import shutil
from pathlib import Path

from ciforge.load.host_systems import HostSystem, host_systems

_RELEASE = Path("/etc/os-release")
_SOCKET = Path("/run/docker.sock")


def system_here(release: Path = _RELEASE) -> str:
    """The key of this system in the table, or of the nearest one: `debian`, `fedora`, `openbsd` …"""
    names = _release_words(release) or [os.uname().sysname.lower()]
    return next((word for word in names if word in host_systems()), names[0])


def _release_words(release: Path) -> list[str]:
    """ID and ID_LIKE of os-release, without the suffix after `opensuse-`."""
    try:
        lines = release.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    text = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").replace("'", "")
    return [word.partition("-")[0] for word in text.split()]


def _system() -> HostSystem:
    return host_systems().get(system_here(), HostSystem())


def is_safe_here() -> bool:
    """Whether `--fix` may install packages and start services: as root, if the table allows it."""
    return os.geteuid() == 0 and _system().unattended


def as_root(command: str) -> str:
    """The command with doas or sudo, unless this process is root."""
    if os.geteuid() == 0:
        return command
    tool = next((word for word in ("doas", "sudo") if shutil.which(word)), "sudo")
    return f"{tool} {command}"


def install(package: str) -> str:
    """The command that installs a package; empty if unknown."""
    system = _system()
    names = system.packages.get(package, package)
    return as_root(f"{system.install} {names}") if system.install else ""


def is_elsewhere() -> bool:
    """Whether DOCKER_HOST names an engine other than the usual one of this machine."""
    host = os.environ.get("DOCKER_HOST", "")
    return host not in ("", f"unix://{_SOCKET}", f"unix:///var{_SOCKET}")


def start_engine() -> str:
    """The command that starts an engine."""
    if is_elsewhere():
        return "unset DOCKER_HOST"
    if _SOCKET.is_socket() and not os.access(_SOCKET, os.W_OK):
        return as_root('usermod -aG docker "$(id -un)"') + "  # then log in again"
    if shutil.which("dockerd"):
        return service("docker", "start")
    if shutil.which("podman"):
        return _start_podman()
    if _system().engine == "elsewhere":
        return "export DOCKER_HOST=ssh://USER@MACHINE"
    return " && ".join(filter(None, (install("docker"), service("docker", "start"))))


def _start_podman() -> str:
    """The command that starts podman's service of this user."""
    if Path("/run/systemd/system").is_dir():
        user = "" if os.geteuid() == 0 else " --user"
        return f"systemctl{user} start podman.socket"
    return "podman system service --time 0 &"


def service(name: str, verb: str) -> str:
    """The command that starts or restarts a service."""
    if Path("/run/systemd/system").is_dir():
        return as_root(f"systemctl {verb} {name}")
    return as_root(_system().service.format(name=name, verb=verb))


def set_clock() -> str:
    """The command that sets the clock from the network."""
    return as_root("timedatectl set-ntp true" if shutil.which("timedatectl") else "ntpd -gq")


def limit_memory() -> str:
    """The command that enables memory accounting of the kernel, from the next boot."""
    parameters = "cgroup_enable=memory swapaccount=1"
    if not Path("/etc/default/grub.d").is_dir():
        return as_root(f"grubby --update-kernel=ALL --args='{parameters}'")
    line = f"echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX {parameters}\"'"
    written = as_root("tee /etc/default/grub.d/cgroup.cfg")
    return f"{line} | {written} && {as_root('update-grub')}"


def use_overlay() -> str:
    """The command that sets a storage driver of Docker which does not copy whole images."""
    written = as_root("tee /etc/docker/daemon.json")
    return (
        f"""echo '{{"storage-driver": "overlay2"}}' | {written} && {service("docker", "restart")}"""
    )
