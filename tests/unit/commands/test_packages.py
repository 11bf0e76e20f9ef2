"""`ciforge packages`: names with their places, and the question whether they install."""

import shutil
import subprocess
from pathlib import Path

import attrs
import pytest
from command_tests import Types

from ciforge.app.package_check import PackageCheck, ask_packages, package_check, stale
from ciforge.engines.protocol import PrepareFailed, Stop
from ciforge.errors import EngineError
from ciforge.load.catalogue import load_catalogue
from ciforge.render.package_question import Answer, answers
from ciforge.resources import data_folder
from tests.projects import real_catalogue
from tests.tables import mostly_slow

SHIPPED = data_folder("distros")
CATALOGUE = real_catalogue()


def asked(name: str, release: str, folder: Path = SHIPPED) -> PackageCheck:
    catalogue = load_catalogue([folder])
    one = catalogue.distributions[name]
    (found,) = (each for each in one.releases if each.release == release)
    return package_check(catalogue, [folder], one, found)


def with_typo(folder: Path, name: str, package: str) -> int:
    """A copy of the descriptors in which a package of one is misspelled; the line of it."""
    shutil.copytree(SHIPPED, folder)
    file = folder / f"{name}.yml"
    lines = file.read_text().splitlines()
    (place,) = (i for i, line in enumerate(lines) if f"packages: [{package}]" in line)
    lines[place] = lines[place].replace(f"[{package}]", f"[{package}-nope]")
    file.write_text("\n".join(lines) + "\n")
    return place + 1


class Asked:
    """An engine in whose container the script runs with a manager that lacks names with `nope`."""

    def __init__(self, folder: Path, program: str, lacks: str = "*nope*", end: str = "") -> None:
        (folder / "bin").mkdir()
        tool = folder / "bin" / program
        tool.write_text(
            f"#!/bin/sh\nfor last; do :; done\ncase $last in {lacks}) "
            'echo first; printf "E: no \\033[31m%s\\n" "$last"; exit 1;; esac\n'
        )
        tool.chmod(0o755)
        self.path = f"{folder / 'bin'}:/usr/bin:/bin"
        self.end = end
        self.script = ""

    def build(self, job: object, dockerfile: str, on_output: object, stop: Stop) -> None:
        run = next(line for line in dockerfile.splitlines() if line.startswith("RUN "))
        done = subprocess.run(
            ["sh", "-c", run[4:]], env={"PATH": self.path}, stdout=subprocess.PIPE, check=False
        )
        assert done.returncode == 1
        on_output(done.stdout + self.end.encode())  # type: ignore[operator]
        raise PrepareFailed("a command of the Dockerfile failed", 1)


@pytest.mark.parametrize(
    ("name", "release", "package", "program"),
    mostly_slow(
        [
            ("debian", "13", "zlib1g-dev", "apt-get"),
            ("arch", "latest", "zlib", "pacman"),
            ("alpine", "3.23", "zlib-dev", "apk"),
            ("opensuse", "leap-16.0", "pam-devel", "zypper"),
            ("void", "musl", "zlib-devel", "xbps-install"),
        ],
        quick=1,
    ),
)
def test_packages_check_reports_an_unknown_name_with_its_line(
    name: str, release: str, package: str, program: str, tmp_path: Path
) -> None:
    line = with_typo(tmp_path / "distros", name, package)
    check = asked(name, release, tmp_path / "distros")
    found = ask_packages(check, Asked(tmp_path, program), Stop())  # type: ignore[arg-type]
    assert len(found) == len({place.package for place in check.places})
    (told,) = stale(check, found)
    file, at, _, rest = told.split(":", 3)
    assert (file, int(at)) == (str(tmp_path / "distros" / f"{name}.yml"), line)
    assert f"'{package}-nope'" in rest
    assert rest.endswith(f"does not install: E: no [31m{package}-nope")


def test_inherited_package_name_has_its_place_in_the_parent() -> None:
    places = {place.package: place.place for place in asked("rocky", "10").places}
    assert places["gcc"].startswith(f"{SHIPPED / 'fedora.yml'}:")
    assert places["mandoc"].startswith(f"{SHIPPED / 'almalinux.yml'}:")
    assert places["zlib-ng-compat-devel"].startswith(f"{SHIPPED / 'rocky.yml'}:")


def test_package_name_that_differs_by_release_has_its_own_place() -> None:
    text = (SHIPPED / "void.yml").read_text().splitlines()
    for release, package in (("glibc", "glibc-devel"), ("musl", "musl-devel")):
        (place,) = (one for one in asked("void", release).places if one.package == package)
        _, line, column = place.place.rsplit(":", 2)
        assert text[int(line) - 1][int(column) - 1 :].startswith(package)


@pytest.mark.slow
def test_packages_script_of_every_system_has_no_syntax_error() -> None:
    for name, one in CATALOGUE.distributions.items():
        for release in one.releases:
            check = package_check(CATALOGUE, [SHIPPED], one, release)
            done = subprocess.run(["sh", "-n"], input=check.script.encode(), check=False)
            assert done.returncode == 0, check.id
            assert {place.package for place in check.places}, name


def test_incomplete_answers_of_the_packages_script_are_refused(tmp_path: Path) -> None:
    check = attrs.evolve(asked("alpine", "3.23"), script="echo ciforge-check: gcc ok; exit 7\n")
    with pytest.raises(EngineError, match="did not answer every question: the mirror is away"):
        ask_packages(check, Asked(tmp_path, "apk", end="the mirror is away\n"), Stop())  # type: ignore[arg-type]


def test_packages_script_answers_are_whole_lines() -> None:
    text = "x ciforge-check: a ok\nciforge-check: b ok\nciforge-check: c stale why: so\n"
    assert answers(text) == ((Answer("b", True), Answer("c", False, "why: so")), False)
    assert answers("ciforge-check: all asked\n") == ((), True)
    coloured = "\x1b[91mError: none\n\x1b[0mciforge-check: d stale \nciforge-check: all asked\n"
    assert answers(coloured) == ((Answer("d", False),), True)


def test_names_that_were_not_answered_are_no_answers() -> None:
    class Forgets:
        def build(self, job: object, text: str, on_output: object, stop: Stop) -> None:
            on_output(b"ciforge-check: gcc ok\nciforge-check: all asked\n")  # type: ignore[operator]

    with pytest.raises(EngineError, match="did not answer every question"):
        ask_packages(asked("alpine", "3.23"), Forgets(), Stop())  # type: ignore[arg-type]


def test_packages_lists_names_with_their_places(types: Types) -> None:
    lines = types("packages", "debian").lines
    assert {line.split()[0] for line in lines} == {"debian-12", "debian-13"}
    assert any(line.endswith(".yml:80:15") or "distros/debian.yml:" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("debain",), "no system or dependency 'debain' (did you mean 'debian'?)"),
        (("krb6",), "no system or dependency 'krb6' (did you mean 'krb5'?)"),
        (("krb5", "zlibb"), "no dependency 'zlibb' (did you mean 'zlib'?)"),
        (("header:event9.h",), "no known dependency has the header 'event9.h'"),
        (("--check", "krb5"), "krb5 is a dependency; --check and --script ask systems"),
        (("--check", "freebsd-15"), "no engine runs freebsd-15"),
        (("--script", "debian"), "--script is for one release; name one of debian-12, debian-13"),
        (("--check", "--script", "debian-13"), "--check and --script exclude each other"),
    ],
)
def test_packages_check_of_a_system_without_a_query_is_refused(
    types: Types, words: tuple[str, ...], told: str
) -> None:
    typed = types("packages", *words)
    assert (typed.code, typed.out) == (2, "")
    assert told in typed.err


def test_packages_check_without_an_engine_ends_with_3(types: Types) -> None:
    assert types("packages", "--check", "debian-13").code == 3


OWN = """\
project: mine
repos:
  daemon:
    path: daemon
    recipe: autotools
    dependencies: [libevent, {frob: {debian: libfrob-dev, fedora: [frob-devel, frob-tools]}}]
jobs: [daemon/debian-13/default, daemon/fedora-44/default]
"""


def test_packages_without_a_system_are_those_of_the_project_alone(types: Types, here: Path) -> None:
    (here / "ciforge.yml").write_text(OWN)
    listed = [line.split() for line in types("packages").lines]
    assert {line[0] for line in listed} == {"debian-13", "fedora-44"}
    names = {line[0]: {one[1] for one in listed if one[0] == line[0]} for line in listed}
    assert {"libevent-dev", "gcc", "libfrob-dev"} < names["debian-13"]
    assert {"libevent-devel", "frob-devel", "frob-tools"} < names["fedora-44"]
    assert "zlib1g-dev" not in names["debian-13"]


def test_package_that_a_project_names_itself_has_its_place_in_the_project_file(
    types: Types, here: Path
) -> None:
    (here / "ciforge.yml").write_text(OWN)
    places = {line.split()[1]: line.split()[2:] for line in types("packages").lines}
    text = OWN.splitlines()
    for package in ("libfrob-dev", "frob-devel", "frob-tools"):
        dependency, place = places[package]
        file, line, column = place.rsplit(":", 2)
        assert (dependency, Path(file).name) == ("frob", "ciforge.yml")
        assert text[int(line) - 1][int(column) - 1 :].startswith(package)


def test_packages_of_no_project_and_no_system_are_refused(
    types: Types, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    typed = types("packages")
    assert (typed.code, typed.out) == (2, "")
    assert "name a SYSTEM (`ciforge systems` lists them)" in typed.err


def test_packages_of_a_project_without_containers_are_refused(types: Types, here: Path) -> None:
    skipped = OWN.replace("[libevent,", "[libressl,").replace(", daemon/fedora-44/default", "")
    (here / "ciforge.yml").write_text(skipped)
    typed = types("packages", "--check")
    assert typed.code == 2
    assert "no job of this project runs in a container" in typed.err


def test_packages_of_a_dependency_are_listed_by_system_with_their_source(types: Types) -> None:
    typed = types("packages", "pcre", "zlib")
    assert (typed.code, typed.err) == (0, "")
    rows = {tuple(line.split()[:2]): line.split(maxsplit=2)[2] for line in typed.out.splitlines()}
    assert rows["pcre", "debian"].split() == ["libpcre3-dev", "[deb]"]
    assert rows["pcre", "debian-13"].startswith("missing: not packaged ")
    assert rows["pcre", "void"] == "not known"
    assert rows["zlib", "freebsd"].startswith("provided: base ")
    assert {system for name, system in rows if name == "pcre"} >= set(CATALOGUE.distributions)


@pytest.mark.parametrize(
    ("name", "dependency"),
    [
        ("header:event2/event.h", "libevent"), ("pkg-config:libssl", "openssl"),
        ("library:jansson", "jansson"), ("command:libtoolize", "libtool"),
    ],
)  # fmt: skip
def test_packages_finds_the_dependency_of_a_header_module_library_or_command(
    types: Types, name: str, dependency: str
) -> None:
    typed = types("packages", name)
    assert (typed.code, {line.split()[0] for line in typed.out.splitlines()}) == (0, {dependency})
