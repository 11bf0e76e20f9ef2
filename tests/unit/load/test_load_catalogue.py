"""Descriptors become a catalogue; what does not fit together is told for all files at once."""

from pathlib import Path

import pytest

from ciforge.errors import InputError
from ciforge.load.catalogue import catalogue_problems, lint_file, load_catalogue
from ciforge.model.distro import Provision
from ciforge.model.platform import Platform
from tests.tables import each

DEBIAN = """\
distribution: debian
title: Debian
manager: apt
defaults: ["13"]
releases:
  - release: 13
    image: docker.io/library/debian:13-slim
    platforms: [linux/amd64, linux/arm/v7]
    eol: 2030-06-30
  - release: 3.20
    image: debian:12
    platforms: [linux/amd64]
    rolling: true
packages:
  libevent: {packages: [libevent-dev], source: "deb:libevent-dev"}
  zlib: {packages: [zlib1g-dev], releases: {3.20: {missing: not there}}}
  crypt: {provided: libc}
accounts:
  add_group: groupadd {group}
  add_user: useradd -g {group} -d {home} {user}
bootstrap:
  program: mmdebstrap
  command: mmdebstrap --arch={arch} {suite} {archive}
  architectures: {linux/amd64: amd64}
"""
APT = """\
manager: apt
install: apt-get install {packages}
clean: rm -rf "${dir}" /x
versions: dpkg-query -W -f '${Package} ${Version}\\n'
unknown_package: ["Unable to locate package (?P<package>\\\\S+)"]
unreachable: [Temporary failure]
"""


def catalogue(tmp_path: Path, debian: str = DEBIAN, apt: str = APT) -> Path:
    """A folder with one distribution and one manager."""
    (tmp_path / "managers").mkdir(exist_ok=True)
    (tmp_path / "debian.yml").write_text(debian)
    (tmp_path / "managers" / "apt.yml").write_text(apt)
    return tmp_path


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_catalogue_has_the_values_of_its_descriptors(tmp_path: Path) -> None:
    read = load_catalogue([catalogue(tmp_path)])
    debian = read.distributions["debian"]
    assert list(read.managers) == ["apt"]
    assert debian.releases[0].platforms == (
        Platform("linux", "amd64"),
        Platform("linux", "arm", "v7"),
    )
    assert [release.release for release in debian.releases] == ["13", "3.20"]
    assert debian.packages["zlib"].on("3.20") == Provision(missing="not there")
    assert debian.packages["libevent"].on("13").packages == ("libevent-dev",)


@each(
    ("old", "new", "told"),
    [
        ("debian\n", "debian/x\n", "1:15: 'debian/x' is not an id (letters, digits and . _ + -, at most 64, none of . _ + - first)"),
        ("distribution: debian", "distribution: ubuntu", "1:15: 'ubuntu' must be in a file named 'ubuntu.yml', not 'debian.yml'"),
        ("title", "titel", "1:1: 'title' is missing"),
        ('["13"]', "[latest 2]", "4:12: 'latest 2' needs 2 releases that are not rolling, found 1"),
        ('["13"]', "latest 0", "4:11: 'latest 0' is neither a release nor 'latest N', N from 1 to 9"),
        ("manager: apt", "manager: atp", "3:10: there is no manager 'atp' (did you mean 'apt'?)"),
        ('["13"]', "[12]", "4:12: there is no release '12' (known: 13, 3.20)"),
        ('["13"]', "[13, 13]", "4:16: this release is already listed"),
        ('["13"]', "[]", "4:11: no default releases: list those that the plain name selects, or write 'latest 2'"),
        ("release: 3.20", "release: 13", "10:14: this release is already listed"),
        ("debian:12", "-debian:12", "11:12: '-debian:12' is not the name of an image (like 'docker.io/library/debian:13-slim')"),
        ("debian:12", "debian", "11:12: 'debian' has no tag (append for example ':latest')"),
        ("linux/arm/v7", "arm", "8:30: 'arm' is not a platform (write it like 'linux/amd64' or 'linux/arm/v7')"),
        ("linux/arm/v7", "linux/amd64", "8:30: this platform is already listed"),
        ("2030-06-30", "2030-06-31", "9:10: '2030-06-31' is not a date (like '2026-08-31')"),
        ("2030-06-30", "20300630", "9:10: '20300630' is not a date (like '2026-08-31')"),
        ("rolling: true", "rolling: yes", "13:14: expected true or false, found 'yes' (write true)"),
        ("3.20: {missing", "3.2: {missing", "16:45: there is no release '3.2' (did you mean '3.20'?)"),
        ("provided: libc", "source: x", "17:3: exactly one of packages, provided and missing is needed, found none"),
        ("provided: libc", "provided: libc, missing: x", "17:3: exactly one of packages, provided and missing is needed, found provided and missing"),
        ("[zlib1g-dev]", "zlib1g-dev", "16:20: expected a list, found 'zlib1g-dev' (write [zlib1g-dev])"),
        ("[zlib1g-dev]", "[-y]", "16:21: '-y' is not the name of a package"),
        ("groupadd {group}", "groupadd", "19:14: {group} is required in this command"),
        ("-d {home} {user}", "-d {hom} {user}", "20:13: nothing replaces {hom} here (did you mean 'home'?)"),
        (" {archive}", "", "23:12: {archive} is required in this command"),
        (" {archive}", " {archive} '", "23:12: this is not a command: no closing quotation"),
        ("rolling: true", "suite: --hook=x", "13:12: '--hook=x' must be one word of letters, digits and . _ / + -, and must not begin with '-'"),
        ("rolling: true", "suite: a b", "13:12: 'a b' must be one word of letters, digits and . _ / + -, and must not begin with '-'"),
        ("rolling: true", "codename: --hook=x", "13:15: '--hook=x' must be one word of letters, digits and . _ / + -, and must not begin with '-'; or name a suite:"),
        ("rolling: true", "setup: [--network=host x]", "13:13: '--network=host x' must begin with the name of a command"),
        ("rolling: true", 'setup: ["a\\nUSER x"]', "13:13: 'a\\nUSER x' must be one line"),
        ("groupadd {group}", "--mount=type=bind {group}", "19:14: '--mount=type=bind {group}' must begin with the name of a command"),
        ("program: mmdebstrap", "program: -x", "22:12: '-x' must be one word of letters, digits and . _ / + -, and must not begin with '-'"),
        ("command: mmdebstrap", "command: env mmdebstrap", "23:12: must begin with its program, mmdebstrap"),
        ("linux/amd64: amd64", "linux/amd64: --x", "24:32: '--x' must be one word of letters, digits and . _ / + -, and must not begin with '-'"),
        ("linux/arm/v7", "linux/²", "8:30: 'linux/²' is not a platform (write it like 'linux/amd64' or 'linux/arm/v7')"),
        ("linux/amd64: amd64", "amd64: amd64", "24:19: 'amd64' is not a platform (write it like 'linux/amd64' or 'linux/arm/v7')"),
    ],
)  # fmt: skip
def test_mistake_in_a_distribution_is_reported(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder = catalogue(tmp_path, debian=changed(DEBIAN, old, new))
    assert f"{folder}/debian.yml:{told}" in catalogue_problems([folder])


@each(
    ("old", "new", "told"),
    [
        (" {packages}", "", "2:10: {packages} is required in this command"),
        ("apt-get install {", "--mount=x {", "2:10: '--mount=x {packages}' must begin with the name of a command"),
        ("clean: rm", "env: {A: \"b\\nUSER x\"}\nclean: rm", "3:10: 'b\\nUSER x' must be one line"),
        ("${dir}", "{dir}", "3:8: nothing replaces {dir} here ($ before it makes it the shell's)"),
        ("(?P<package>", "(?P<name>", "5:19: 'Unable to locate package (?P<name>\\\\S+)' needs a group (?P<package>…)"),
        ("[Temporary failure]", '["(x"]', "6:15: '(x' is not a regular expression: missing ), unterminated subpattern at position 0"),
        ("versions:", "version:", "5:1: unknown key 'version' (did you mean 'versions'?)"),
    ],
)  # fmt: skip
def test_mistake_in_a_package_manager_is_reported(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder = catalogue(tmp_path, apt=changed(APT, old, new))
    (problem,) = [it for it in catalogue_problems([folder]) if "is missing" not in it]
    assert problem == f"{folder}/managers/apt.yml:{told}".replace("5:1", "4:1", "version:" in new)


def test_problems_of_all_descriptors_are_reported_at_once(tmp_path: Path) -> None:
    folder = catalogue(tmp_path, debian="distribution: {\n", apt=changed(APT, "install", "instal"))
    (folder / "empty.yml").touch()
    with pytest.raises(InputError) as caught:
        load_catalogue([folder])
    assert caught.value.problems == (
        f"{folder}/debian.yml:2:1: a value was expected here",
        f"{folder}/empty.yml:1:1: the file is empty",
        f"{folder}/managers/apt.yml:1:1: 'install' is missing",
        f"{folder}/managers/apt.yml:2:1: unknown key 'instal' (did you mean 'install'?)",
    )


def test_descriptor_of_a_later_folder_wins(tmp_path: Path) -> None:
    first = catalogue(tmp_path)
    second = tmp_path / "ours"
    second.mkdir()
    (second / "debian.yml").write_text(changed(DEBIAN, "title: Debian", "title: Ours"))
    assert load_catalogue([first, second]).distributions["debian"].title == "Ours"
    assert load_catalogue([second, first]).distributions["debian"].title == "Debian"


def test_releases_with_the_same_id_are_reported(tmp_path: Path) -> None:
    folder = catalogue(tmp_path)
    other = changed(DEBIAN, "distribution: debian", "distribution: debian-13")
    (folder / "debian-13.yml").write_text(other)
    assert catalogue_problems([folder]) == [
        f"{folder}/debian.yml:6:14: 'debian-13' is already a name of 'debian-13'"
    ]


def test_descriptor_with_another_suffix_is_reported(tmp_path: Path) -> None:
    folder = catalogue(tmp_path)
    (folder / "debian.yml").rename(folder / "debian.yaml")
    assert catalogue_problems([folder]) == [
        f"{folder}/debian.yaml:1:15: 'debian' must be in a file named 'debian.yml', not 'debian.yaml'"
    ]


def test_backup_files_of_editors_are_no_descriptors(tmp_path: Path) -> None:
    folder = catalogue(tmp_path)
    (folder / ".#debian.yml").symlink_to("nowhere")
    assert catalogue_problems([folder]) == []


@pytest.mark.parametrize(("name", "told"), [("absent", "No such file"), ("debian.yml", "Not a")])
def test_descriptor_folder_that_is_a_file_is_reported(tmp_path: Path, name: str, told: str) -> None:
    (problem,) = catalogue_problems([catalogue(tmp_path) / name])
    assert problem.startswith(f"{tmp_path / name}: {told}")


def test_folder_without_descriptors_is_reported(tmp_path: Path) -> None:
    told = f"no descriptors of distributions (*.yml) in {tmp_path}"
    assert catalogue_problems([tmp_path]) == [told]


def test_descriptor_is_linted_as_distribution_or_manager(tmp_path: Path) -> None:
    folder = catalogue(tmp_path, apt=APT + "x: 1\n")
    (folder / "ciforge.yml").write_text("project: p\nrepos: {r: {recipe: make}}\n")
    (folder / "other.yml").write_text("a: 1\n")
    assert lint_file(folder / "debian.yml") == []
    assert lint_file(folder / "managers" / "apt.yml")[0].startswith(
        f"{folder}/managers/apt.yml:7:1"
    )
    assert lint_file(folder / "ciforge.yml")[0].endswith(
        "no jobs: write for example `jobs: [debian]`"
    )
    assert lint_file(folder / "other.yml") == [
        f"{folder}/other.yml:1:1: expected one of the keys 'project:', 'distribution:' and 'manager:'"
    ]
    assert lint_file(folder / "absent.yml") == [f"{folder}/absent.yml: No such file or directory"]
