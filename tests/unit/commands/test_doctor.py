"""`ciforge doctor`: what it looks at, what it says, and the commands that mend."""

import datetime
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_tests import Typed, Types, own_alpine
from daemon import GIB, Daemon, serving

from ciforge.doctor import guest_state
from ciforge.doctor.fixes import system_here
from ciforge.engines.qemu import native_accelerator

NAMES = {
    "versions", "git", "state folder", "engine", "machine", "control groups", "clock", "caches", "disk",
    "emulators", "bootstrap", "releases",
}  # fmt: skip


@pytest.fixture
def daemon(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    holds = Daemon()
    with tempfile.TemporaryDirectory() as folder, serving(holds, Path(folder, "s")) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        yield holds


def checks(typed: Typed) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in map(json.loads, typed.lines)}


def can_be_typed(command: str) -> bool:
    """Whether sh can read it, and its first word is a program that some system has."""
    read = subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0
    first = command.split(maxsplit=1)[0]
    known = {
        "apt-get", "dnf", "apk", "pacman", "zypper", "pkg_add", "pkg", "sudo", "doas", "systemctl",
        "service", "rc-service", "timedatectl", "ntpd", "grubby", "ciforge", "export", "unset",
        "echo", "usermod",
    }  # fmt: skip
    return read and first in known


def test_doctor_with_no_problem_ends_with_0(types: Types, daemon: Daemon) -> None:
    typed = types("doctor", "--json")
    found = checks(typed)
    assert typed.code == 0
    assert set(found) == NAMES
    assert {one["verdict"] for one in found.values()} == {"ok"}


def test_doctor_names_ended_releases_of_the_project(
    types: Types, daemon: Daemon, here: Path
) -> None:
    own_alpine(here, "2020-01-01")
    found = checks(types("doctor", "--json"))["releases"]
    assert found["verdict"] == "warn"
    assert found["found"].startswith("alpine-3.23 reached its end of life on 2020-01-01")


def test_doctor_outside_of_a_project_checks_no_release(
    types: Types, daemon: Daemon, here: Path
) -> None:
    (here / "ciforge.yml").unlink()
    assert set(checks(types("doctor", "--json"))) == NAMES - {"releases"}


def test_doctor_prints_a_line_for_each_check(types: Types, daemon: Daemon) -> None:
    lines = [line for line in types("doctor").lines if not line.startswith("  ")]
    assert {line[6:].partition(":")[0] for line in lines} == NAMES


def test_doctor_fix_with_no_problem_changes_nothing(types: Types, daemon: Daemon) -> None:
    typed = types("doctor", "--fix")
    assert (typed.code, typed.err) == (0, "")


def test_doctor_counts_caches_by_trust_domain(types: Types, daemon: Daemon) -> None:
    assert checks(types("doctor", "--json"))["caches"]["found"] == "none"
    daemon.cache("one", "mine")
    daemon.cache("two", "mine", "tree")
    daemon.cache("three", "other", "tree")
    found = checks(types("doctor", "--json"))["caches"]["found"]
    assert (
        found
        == "1 of followed branches, 2 of working trees; size unknown, of at most 1024 MiB each"
    )
    daemon.cached = 100 * 1024**2
    found = checks(types("doctor", "--json"))["caches"]["found"]
    assert found.endswith("; 300 MiB, of at most 1024 MiB each")


def test_doctor_without_an_engine_ends_with_3(types: Types) -> None:
    typed = types("doctor", "--json")
    engine = checks(typed)["engine"]
    assert typed.code == 3
    assert engine["verdict"] == "fail"
    assert "no Docker engine answers" in engine["found"]
    assert os.environ["DOCKER_HOST"] in engine["found"]
    assert engine["mend"] == "unset DOCKER_HOST"


def test_doctor_fix_leaves_a_remote_engine_alone(types: Types) -> None:
    typed = types("doctor", "--fix")
    assert (typed.code, typed.err) == (3, "")


@pytest.mark.parametrize(
    ("info", "name", "told", "verdict"),
    [
        ({"Driver": "vfs"}, "engine", "the vfs driver copies the whole image", "warn"),
        ({"MemTotal": GIB}, "machine", "1 GiB of memory", "warn"),
        ({"MemoryLimit": False}, "control groups", "no limits on memory: a job can", "warn"),
        ({"PidsLimit": False}, "control groups", "no limits on processes: a job can", "warn"),
        ({"SystemTime": "2020-01-01T00:00:00Z"}, "clock", "differs by", "warn"),
        ({"SystemTime": "gestern"}, "clock", "+0.0 s", "ok"),
        ({"DockerRootDir": "/nowhere"}, "disk", "on another machine", "ok"),
    ],
)  # fmt: skip
def test_doctor_names_each_problem(
    types: Types, daemon: Daemon, info: dict[str, Any], name: str, told: str, verdict: str
) -> None:
    daemon.info = info
    typed = types("doctor", "--json")
    found = checks(typed)[name]
    assert (typed.code, found["verdict"]) == (0, verdict)
    assert told in found["found"]


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"Driver": "vfs"},
        {"MemoryLimit": False},
        {"PidsLimit": False},
        {"SystemTime": "2020-01-01T00:00:00Z"},
    ],
)
def test_doctor_fixes_are_commands(types: Types, daemon: Daemon, info: dict[str, Any]) -> None:
    daemon.info = info
    found = checks(types("doctor", "--json")).values()
    assert [one for one in found if one["mend"] and not can_be_typed(one["mend"])] == []
    warned = [one["check"] for one in found if one["verdict"] != "ok" and not one["mend"]]
    assert warned == []


def test_doctor_accepts_a_clock_that_is_slightly_off(types: Types, daemon: Daemon) -> None:
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=20)
    daemon.info = {"SystemTime": soon.isoformat()}
    assert checks(types("doctor", "--json"))["clock"]["verdict"] == "ok"


def test_doctor_names_an_impossible_state_folder(types: Types, here: Path, daemon: Daemon) -> None:
    (here / "file").touch()
    typed = types("doctor", "--json", "--state-dir", here / "file" / "below")
    found = checks(typed)["state folder"]
    assert (typed.code, found["verdict"]) == (3, "fail")
    assert str(here / "file" / "below") in found["found"]
    assert can_be_typed(found["mend"])


def test_doctor_reports_missing_git(
    types: Types, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as folder, monkeypatch.context() as bare:
        bare.setenv("PATH", folder)
        typed = types("doctor", "--json")
    found = checks(typed)["git"]
    assert (typed.code, found["verdict"]) == (3, "fail")
    assert can_be_typed(found["mend"])


def test_doctor_needs_no_project(
    types: Types, daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert types("doctor").code == 0


def test_doctor_leaves_nothing_in_the_state_folder(
    types: Types, daemon: Daemon, state: Path
) -> None:
    types("doctor")
    assert list(state.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ('ID=debian\nVERSION_ID="13"\n', "debian"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'\n", "ubuntu"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "opensuse"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=nixos\n", "nixos"),
        ("# nothing\n", os.uname().sysname.lower()),
    ],
)
def test_doctor_knows_the_system_by_its_os_release_file(
    tmp_path: Path, text: str, system: str
) -> None:
    file = tmp_path / "os-release"
    file.write_text(text)
    assert system_here(file) == system


def test_doctor_names_versions(types: Types, daemon: Daemon) -> None:
    found = checks(types("doctor", "--json"))
    assert found["git"]["found"].startswith("git version ")
    assert "Docker 20.10, API 1.41, linux/amd64, overlay2" in found["engine"]["found"]


def test_podman_is_found_where_no_docker_answers(
    types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setattr("ciforge.engines.engine_address.DOCKER", f"unix://{tmp_path}/none.sock")
    holds = Daemon(components=["Podman Engine"], info={"SecurityOptions": ["name=rootless"]})
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder, "podman", "podman.sock")
        socket.parent.mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        with serving(holds, socket):
            typed = types("doctor", "--json")
    found = checks(typed)["engine"]["found"]
    assert typed.code == 0
    assert found.startswith(f"podman rootless 20.10 at unix://{socket}, API 1.41")


PROBED = """\
#!/bin/sh
for word; do [ "$word" != -O ] || exit 0; done
case $* in *dpkg-query*) printf '%s\\n' ' gcc 1' ' libc6-dev 2'; exit ;; esac
[ -z "$AWAY" ] || { echo 'Host key verification failed.' >&2; exit 255; }
case $* in *' 24 '*) printf '%s\\n' 'missing dd' 'missing tar' ;; esac
printf '%s\\n' 'user me' 'home /home/user' 'os linux' 'processor x86_64' 'system debian-13' 'processors 4'
"""


@pytest.fixture
def machines(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of machines, of which ssh reaches one that runs Debian 13."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(PROBED)
    (tmp_path / "bin" / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "ciforge").mkdir()
    return tmp_path / "ciforge" / "machines.yml"


def test_machine_that_is_as_configured_is_well(
    types: Types, daemon: Daemon, machines: Path
) -> None:
    machines.write_text("box: {ssh: me@there, system: debian-13, packages: install}\n")
    found = checks(types("doctor", "--json"))["machine box"]
    assert (found["verdict"], found["found"]) == ("ok", "debian-13, amd64, 4 processors")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            "system: debian-12",
            "debian-13, amd64, 4 processors: not debian-12, as machines.yml has it",
        ),
        ("system: debian-13, arch: arm64", "not arm64, as machines.yml has it"),
        ("system: debian-13, port: 24", "lacks dd, tar, which ciforge calls there"),
    ],
)
def test_machine_that_is_another_one_is_named(
    types: Types, daemon: Daemon, machines: Path, keys: str, said: str
) -> None:
    machines.write_text(f"box: {{ssh: me@there, {keys}}}\n")
    typed = types("doctor", "--json")
    found = checks(typed)["machine box"]
    assert (typed.code, found["verdict"]) == (0, "warn")
    assert found["found"].endswith(said)


PROJECT = "project: p\nrepos: {t: {path: ., recipe: make}}\njobs: [t/debian-13/default]\n"


@pytest.mark.parametrize(
    ("keys", "fix"),
    [("root: sudo, port: 23", "ssh -p 23 me@there 'sudo apt-get install "), ("root: none", "")],
)
def test_packages_that_jobs_miss_on_a_machine_are_named(
    types: Types, daemon: Daemon, machines: Path, here: Path, keys: str, fix: str
) -> None:
    (here / "ciforge.yml").write_text(PROJECT)
    machines.write_text(f"box: {{ssh: me@there, system: debian-13, {keys}}}\n")
    found = checks(types("doctor", "--json"))["machine box"]
    assert found["verdict"] == "warn"
    assert "lacks " in found["found"] and " make" in found["found"]
    assert "gcc," not in found["found"] and "ccache" not in found["found"]
    assert "as root there: apt-get install " in found["found"]
    assert (found.get("mend") or "").startswith(fix) and bool(found.get("mend")) == bool(fix)


def test_machine_that_cannot_be_reached_is_named_with_its_command(
    types: Types, daemon: Daemon, machines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWAY", "yes")
    machines.write_text("box: {ssh: me@there, system: debian-13}\n")
    found = checks(types("doctor", "--json"))["machine box"]
    assert (found["verdict"], found["mend"]) == ("warn", "ssh me@there true")
    assert found["found"] == "box cannot be reached: Host key verification failed."


def test_virtual_machine_is_described_without_booting_it(
    types: Types, daemon: Daemon, machines: Path
) -> None:
    program = machines.parents[1] / "bin" / "qemu-system-x86_64"
    machines.write_text(f"vm: {{disk: {machines}, system: debian-13}}\n")
    program.write_text("#!/bin/sh\necho tcg\n")
    program.chmod(0o755)
    native_accelerator.cache_clear()
    found = checks(types("doctor", "--json"))["machine vm"]
    assert found["verdict"] == "ok"
    assert "debian-13, emulated, which is slow" in found["found"]
    assert "the key of ciforge is ssh-ed25519 " in found["found"]


def test_disk_of_a_virtual_machine_that_is_missing_is_named(
    types: Types, daemon: Daemon, machines: Path
) -> None:
    machines.write_text("vm: {disk: /no/disk, system: debian-13}\n")
    for name in ("qemu-system-x86_64", "ssh-keygen"):
        (machines.parents[1] / "bin" / name).symlink_to("/bin/true")
    found = checks(types("doctor", "--json"))["machine vm"]
    assert (found["verdict"], found["found"]) == ("warn", "there is no disk /no/disk")


def test_program_that_virtual_machines_need_is_named(
    types: Types, daemon: Daemon, machines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guest_state, "_NEEDED", {"qemu-system-none": "qemu-system"})
    machines.write_text("vm: {disk: /no/disk, system: debian-13}\n")
    found = checks(types("doctor", "--json"))["machine vm"]
    assert (found["verdict"], found["found"]) == ("warn", "qemu-system-none is not installed")


def test_mistake_in_the_file_of_machines_is_reported(
    types: Types, daemon: Daemon, machines: Path
) -> None:
    machines.write_text("box: {ssh: -oProxyCommand=x, system: debian-13}\n")
    found = checks(types("doctor", "--json"))["machines"]
    assert found["verdict"] == "warn"
    assert f"{machines}:1:12: '-oProxyCommand=x' is not a host" in found["found"]


def test_doctor_prints_no_control_characters(types: Types, daemon: Daemon, here: Path) -> None:
    typed = types("doctor", "--state-dir", str(here / "a\x1bb\x1f"))
    assert "state folder" in typed.out
    assert not {"\x1b", "\x1f"} & {*typed.out}
