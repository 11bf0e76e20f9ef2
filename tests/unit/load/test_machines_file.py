"""`machines.yml`: the machines of a user, and the mistakes in it."""

from pathlib import Path

import pytest

from ciforge.errors import InputError
from ciforge.load.machines_file import load_machines
from ciforge.model.host_machine import HostMachine, PackagePolicy, RootCommand
from ciforge.model.trust_domain import Trust

BOX = "box: {ssh: me@there, system: openbsd-7.9, %s}\n"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "machines.yml"
    file.write_text(text)
    return file


def test_machines_file_that_does_not_exist_defines_no_machine(tmp_path: Path) -> None:
    assert load_machines(tmp_path / "machines.yml") == {}


def test_machine_allows_little_unless_its_owner_says_more(tmp_path: Path) -> None:
    found = load_machines(written(tmp_path, "box: {ssh: me@there, system: openbsd-7.9}\n"))["box"]
    assert found == HostMachine(ssh="me@there", system="openbsd-7.9")
    assert (found.root, found.packages, found.disposable) == (
        RootCommand.NONE, PackagePolicy.CHECK, False,
    )  # fmt: skip
    assert found.trust == (Trust.BRANCH, Trust.TREE)


def test_every_key_of_a_machine_is_read(tmp_path: Path) -> None:
    text = BOX % (
        "port: 22, arch: arm64, root: doas, packages: install, disposable: true, "
        "trust: [alone], directory: /var/tmp/ciforge"
    )
    assert load_machines(written(tmp_path, text))["box"] == HostMachine(
        ssh="me@there", system="openbsd-7.9", port=22, arch="arm64", root=RootCommand.DOAS,
        packages=PackagePolicy.INSTALL, disposable=True, trust=(Trust.ALONE,),
        directory="/var/tmp/ciforge",
    )  # fmt: skip


def test_local_machine_needs_no_address_and_no_system(tmp_path: Path) -> None:
    found = load_machines(written(tmp_path, "local: {root: doas}\n"))
    assert found == {"local": HostMachine(root=RootCommand.DOAS)}


@pytest.mark.parametrize(
    "host",
    [
        "-oProxyCommand=touch x", "-F/tmp/x", "a b", "a;b", "a$(b)", "a\tb", "me@-x", "me@", "a@b@c",
        "ssh://a/b", "%h", "a/b",
    ],
)  # fmt: skip
def test_host_can_be_no_option_and_no_command(tmp_path: Path, host: str) -> None:
    text = f'box: {{ssh: "{host}", system: openbsd-7.9}}\n'
    with pytest.raises(InputError, match=r"is not a host|character"):
        load_machines(written(tmp_path, text))


@pytest.mark.parametrize("host", ["me@there", "there", "me@192.0.2.7", "me@2001:db8::1", "a-b.c_d"])
def test_host_may_be_a_name_or_an_address(tmp_path: Path, host: str) -> None:
    text = f'box: {{ssh: "{host}", system: openbsd-7.9}}\n'
    assert load_machines(written(tmp_path, text))["box"].ssh == host


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("port: 0", "1:49: expected a port from 1 to 65535, found 0"),
        ("root: su", "1:49: 'su' is not known here"),
        ("packages: maybe", "1:53: 'maybe' is not known here"),
        ("trust: []", "1:50: no trust domain: it would run nothing"),
        ("trust: [everybody]", "1:51: 'everybody' is not known here"),
        ("directory: jobs", "1:54: 'jobs' is not an absolute path"),
        ("directory: /var/../etc", "is not an absolute path"),
        ("directory: /", "is not an absolute path"),
        ("directory: '/var/a b'", "is not an absolute path"),
        ("option: x", "unknown key 'option'"),
    ],
)
def test_mistake_in_a_machine_is_reported_with_its_place(
    tmp_path: Path, keys: str, said: str
) -> None:
    with pytest.raises(InputError) as raised:
        load_machines(written(tmp_path, BOX % keys))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("box: {}\n", "'ssh' is missing"),
        ("box: {ssh: there}\n", "'system' is missing"),
        ("local: {ssh: there, system: debian-13}\n", "local is this machine"),
        ("- box\n", "expected a mapping of names to machines, found a list"),
        ("a b: {ssh: there, system: debian-13}\n", "is not an id"),
    ],
)
def test_machine_that_lacks_something_is_reported(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        load_machines(written(tmp_path, text))
    assert said in str(raised.value)


GUEST = "vm: {disk: ~/disk, system: openbsd-7.9, %s}\n"


def test_every_key_of_a_virtual_machine_is_read(tmp_path: Path) -> None:
    digest = "0" * 64
    text = GUEST % (
        f"sha256: {digest}, user: ci, key: /k, memory: 4096, processors: 2, network: true, boot: 20m, "
        "qemu: [-bios, /b], packages: install, root: doas"
    )
    assert load_machines(written(tmp_path, text))["vm"] == HostMachine(
        disk="~/disk", system="openbsd-7.9", sha256=digest, user="ci", key="/k", memory=4096, processors=2,
        network=True, boot=1200, qemu=("-bios", "/b"), packages=PackagePolicy.INSTALL, root=RootCommand.DOAS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vm: {disk: /d}\n", "'system' is missing"),
        ("vm: {disk: d, system: s}\n", "'d' is not the path of a file"),
        ("vm: {disk: '/d,format=raw', system: s}\n", "without a comma"),
        ("vm: {disk: 'ftp://a/b', system: s}\n", "is not an address"),
        ("vm: {disk: 'http://a/b', system: s}\n", "an http:// address needs a 'sha256'"),
        (GUEST % "ssh: there", "'ssh' is no key of a machine with a disk"),
        (GUEST % "port: 22", "'port' is no key of a machine with a disk"),
        (GUEST % "sha256: abc", "'abc' is not a SHA-256"),
        (GUEST % "user: root", "'root' is not a login for jobs"),
        (GUEST % "user: -x", "'-x' is not the name of a user"),
        (GUEST % "memory: 1", "expected a number from 64 to 1048576, found 1"),
        (GUEST % "packages: install", "packages are installed only with `network: true`"),
        (GUEST % "arch: arm64", "a virtual machine is amd64"),
        (BOX % "memory: 4096", "'memory' needs a 'disk'"),
        ("local: {disk: /d, system: s}\n", "local is this machine"),
    ],
)
def test_mistake_in_a_virtual_machine_is_reported(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        load_machines(written(tmp_path, text))
    assert said in str(raised.value)
