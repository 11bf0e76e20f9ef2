"""Real package managers with small repositories that go wrong. tools/package_managers.py tries all of them."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from manager_images import manager_images
from manager_matrix import FAULTS, TARGETS
from package_managers import Seen, run_faults
from rig import ROOT, Ended, Person, hello, locked

from ciforge.load.catalogue import load_catalogue
from ciforge.render.index_question import can_ask, index_answers, index_script
from ciforge.render.wrapper import SUPERVISE
from ciforge.resources import data_folder

NAMES = ("apt-trixie", "dnf4-trixie", "zypper-trixie", "pacman-trixie")
USED = tuple(target for target in TARGETS if target.name in NAMES)
TRIED = (
    "wrong-name",
    "hole-in-index",
    "scriptlet",
    "dead-mirror",
    "dead-mirror-of-two",
    "expired-index",
)
TYPOS = {
    "debian": "zlib1g-dev", "fedora": "libevent-devel", "opensuse": "pam-devel", "arch": "sqlite",
}  # fmt: skip
"""Descriptors to a package that is misspelled in them."""
OWN_NAMES = {
    "ubuntu-24.04": ("zlib1g-dev", "apt-trixie"), "devuan-6": ("libtls-dev", "apt-trixie"),
    "almalinux-9": ("zlib-devel", "dnf4-trixie"), "rocky-9": ("zlib-devel", "dnf4-trixie"),
    "centos-stream-9": ("zlib-devel", "dnf4-trixie"),
}  # fmt: skip
"""Releases of the other descriptors of these managers, to a package that each has itself, and an image."""
PROGRAM = (sys.executable, "-m", "ciforge")


@pytest.fixture(scope="module")
def images(
    engine: Any, common: Path, hello_run: Ended, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The images of all targets; the package managers are installed once for all sessions."""
    with locked(common / "managers.lock"):
        assert manager_images(engine, USED, tmp_path_factory.mktemp("managers"), PROGRAM) == {}


@pytest.fixture(scope="module")
def seen(images: None, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Seen]:
    folder = tmp_path_factory.mktemp("matrix")
    person = Person(folder, folder)
    found = run_faults(folder / "project", USED, TRIED, PROGRAM, person.env())
    return {(one.fault, one.target): one for one in found}


@pytest.mark.parametrize("fault", TRIED)
def test_a_fault_of_packages_or_mirrors_is_called_what_it_is(
    seen: dict[tuple[str, str], Seen], fault: str
) -> None:
    wrong = {
        target: one.wrong for (name, target), one in seen.items() if name == fault and one.wrong
    }
    assert wrong == {}
    asked = {target for name, target in seen if name == fault}
    assert asked == {name for name in NAMES if name.startswith(FAULTS[fault].only)}


def test_a_misspelled_package_is_found_with_its_line_by_each_manager(
    images: None, tmp_path: Path
) -> None:
    tree = hello(tmp_path / "typos")
    (tree / "distros").mkdir()
    places, bases, releases = {}, {}, []
    for target in USED:
        package, file = TYPOS[target.like], tree / "distros" / f"{target.like}.yml"
        shutil.copy(ROOT / "distros" / file.name, file)
        # Only a descriptor of ciforge may have this key.
        text = re.sub(r"(?m)^bootstrap:\n(?:[ ]+.*\n)*", "", file.read_text())
        assert text.count(f"[{package}]") == 1
        places[f"{file}:{text[: text.index(f'[{package}]')].count(chr(10)) + 1}"] = (
            f"{package}-nope"
        )
        file.write_text(text.replace(f"[{package}]", f"[{package}-nope]"))
        release = f"{target.like}-{target.release}"
        releases.append(release)
        bases["CIFORGE_BASE_" + re.sub("[^A-Z0-9]", "_", release.upper())] = f"{target.image}:good"
    checked = Person(tree, tmp_path).types("packages", "--check", *releases, **bases)
    assert checked.code == 1, checked.told
    found = {}
    for line in checked.out.splitlines():
        place, _, told = line.partition(": ")
        found[place.rpartition(":")[0]] = told.split("'")[1]
    assert found == places


def test_a_misspelled_package_is_found_in_each_descriptor_that_has_names_of_its_own(
    images: None, tmp_path: Path
) -> None:
    """The repositories lack most packages of these systems, so more names than the misspelled ones are reported."""
    tree = hello(tmp_path / "typos")
    folder = tree / "distros"
    folder.mkdir()
    (tree / "ciforge.yml").write_text(
        "project: typos\nrepos: {tree: {path: ., recipe: make, dependencies: [zlib, libtls]}}\n"
        f"jobs: [{', '.join(OWN_NAMES)}]\n"
    )
    places, bases = {}, {}
    for release, (package, target) in OWN_NAMES.items():
        name = release.rpartition("-")[0]
        # Only a descriptor of ciforge may have the key `bootstrap`, and nothing serves what `setup` installs.
        text = re.sub(
            r"(?m)^bootstrap:\n(?:[ ]+.*\n)*", "", (ROOT / "distros" / f"{name}.yml").read_text()
        )
        text = re.sub(r" setup: (?:(?:&crb )?\[[^]]*\]|\*crb),", "", text)
        file = folder / f"{name}.yml"
        line = text[: text.index(f"[{package}]")].count("\n") + 1
        places[f"{file}:{line}"] = f"{package}-nope"
        file.write_text(text.replace(f"[{package}]", f"[{package}-nope]", 1))
        bases["CIFORGE_BASE_" + re.sub("[^A-Z0-9]", "_", release.upper())] = (
            f"ciforge-tests/{target}:good"
        )
    checked = Person(tree, tmp_path).types("packages", "--check", **bases)
    assert checked.code == 1, checked.told
    found = {}
    for told in checked.out.splitlines():
        place, _, sentence = told.partition(": ")
        found[place.rpartition(":")[0]] = sentence.split("'")[1]
    assert found.items() >= places.items(), checked.told


RPM = """\
mkdir -p /t && cd /t
cat >mine.spec <<'X'
Name: mine-devel
Version: 1
Release: 1
Summary: s
License: x
Provides: pkgconfig(mine) = 1
BuildArch: noarch
%description
d
%install
mkdir -p %{buildroot}/usr/include/sub %{buildroot}/usr/sbin %{buildroot}/usr/lib64
for file in include/sub/mine.h sbin/mined lib64/libmine.so; do echo >%{buildroot}/usr/$file; done
%files
/usr/include/sub/mine.h
/usr/sbin/mined
/usr/lib64/libmine.so
X
rpmbuild -bb --define '_topdir /t/rb' mine.spec >/dev/null 2>&1
mkdir r; cp rb/RPMS/noarch/*.rpm r/; createrepo_c -q r
"""
SMALL_INDEXES = {
    "dnf4-trixie": RPM
    + "printf '[mine]\\nname=m\\nbaseurl=file:///t/r\\ngpgcheck=0\\n' >/etc/yum.repos.d/mine.repo\n",
    "zypper-trixie": RPM
    + "zypper -n -q addrepo --no-gpgcheck /t/r mine\nzypper -n --gpg-auto-import-keys refresh >/dev/null\n",
    "pacman-trixie": """\
mkdir -p /t/p/x/mine-devel-1-1 && cd /t/p/x
printf '%%NAME%%\\nmine-devel\\n\\n%%VERSION%%\\n1-1\\n\\n%%FILENAME%%\\nm.pkg.tar.gz\\n\\n' >mine-devel-1-1/desc
printf '%%FILES%%\\nusr/include/sub/mine.h\\nusr/lib/pkgconfig/mine.pc\\nusr/sbin/mined\\nusr/lib/libmine.so\\n' >mine-devel-1-1/files
tar -czf ../t.files mine-devel-1-1
printf '[options]\\nArchitecture = auto\\nSigLevel = Never\\n[t]\\nServer = file:///t/p\\n' >/etc/pacman.conf
""",
}
"""By image: a package mine-devel that has a header, a module of pkg-config, a library and a command."""


@pytest.mark.parametrize("name", SMALL_INDEXES)
def test_index_of_a_package_manager_says_which_package_has_a_name(
    engine: Any, images: None, name: str
) -> None:
    (target,) = (one for one in USED if one.name == name)
    catalogue = load_catalogue([data_folder("distros")])
    distribution = catalogue.distributions[target.like]
    (release,) = (one for one in distribution.releases if one.release == target.release)
    manager = attrs.evolve(catalogue.managers[distribution.manager], refresh="")
    wanted = ("header:sub/mine.h", "pkg-config:mine", "command:mined", "library:mine")
    asked = [one for one in wanted if can_ask(manager, one)]
    names = [*asked, "pkg-config:nowhere"]
    bare = attrs.evolve(release, setup=())
    script = index_script(attrs.evolve(distribution, setup=()), bare, manager, names)
    told = engine.containers.run(
        f"{target.image}:good", ["sh", "-c", f"{SMALL_INDEXES[name]}{script}"],
        network_mode="none", remove=True,
    ).decode()  # fmt: skip
    found, complete = index_answers(told, names)
    assert complete, told
    owners = {one: {p for each in found[one].owners.values() for p in each} for one in names}
    assert owners == {**{one: {"mine-devel"} for one in asked}, "pkg-config:nowhere": set()}, told
    assert len(asked) == (2 if target.like == "opensuse" else 4)


@pytest.mark.parametrize("tools", ["/bin/busybox", "/bin/toybox", "/usr/lib/cargo/bin/coreutils/*"])
def test_the_install_manifest_is_complete_with_tools_that_are_not_gnu(
    engine: Any, images: None, tools: str
) -> None:
    """What the wrapper runs as root before and after an install, with other tools in their places."""
    command = f"""
        mkdir -p /ciforge/records/root; cat >/supervise <<'X'\n{SUPERVISE}X
        for tool in {tools}; do for name in find stat sort uniq sed; do
            case ${{tool##*/}} in busybox | toybox | "$name") ln -sf "$tool" "/usr/bin/$name" ;; esac
        done; done
        sh /supervise before install
        mkdir /usr/local/new; echo x >/usr/local/new/file; ln -s file /usr/local/new/link; echo x >>/etc/motd
        sh /supervise after install root 1 $$ >/dev/null; cat /ciforge/records/manifest.txt"""
    told = engine.containers.run(f"{USED[0].image}:good", ["sh", "-c", command], remove=True)
    assert told.decode().splitlines() == [
        "file 644 root root /etc/motd", "dir 755 root root /usr/local/new",
        "file 644 root root /usr/local/new/file", "link 777 root root /usr/local/new/link",
    ]  # fmt: skip
