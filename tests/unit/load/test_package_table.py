"""The table of packages for dependencies that no descriptor has."""

import json
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner
from projects import real_catalogue

from ciforge.cli import main
from ciforge.load import package_table as module
from ciforge.load.dependencies import dependency_table
from ciforge.load.package_places import package_places
from ciforge.load.package_table import package_table, supplemented, table_file, table_names
from ciforge.model.distro import Dependency
from ciforge.model.identifiers import DEPENDENCY, PACKAGE
from ciforge.resources import data_folder

CATALOGUE = real_catalogue()
OWN = {name for one in CATALOGUE.distributions.values() for name in one.packages}
SYSTEMS = {
    *CATALOGUE.distributions,
    *(one.release_id(r) for one in CATALOGUE.distributions.values() for r in one.releases),
}
TABLE = package_table()


def on(name: str, system: str) -> Dependency:
    return supplemented(CATALOGUE, [name]).distributions[system].packages[name]


def test_ciforge_knows_two_hundred_names_of_dependencies_and_more() -> None:
    assert len(OWN | TABLE.rows.keys()) >= 300
    assert not OWN & TABLE.rows.keys()
    assert not SYSTEMS & (OWN | TABLE.rows.keys())


def test_rows_of_the_package_table_name_systems_packages_and_sources() -> None:
    wrong = []
    for name, row in TABLE.rows.items():
        cells = [cell.partition(" | ") for cell in row.values()]
        packages = [word for names, _, _ in cells for word in names.split() if names != "-"]
        sources = {word for _, _, text in cells for word in text.split()}
        good = (
            DEPENDENCY.fullmatch(name) and row.keys() <= SYSTEMS and "debian" in row
            and all(PACKAGE.fullmatch(word) for word in packages)
            and all(names and text for names, _, text in cells) and sources <= TABLE.sources.keys()
        )  # fmt: skip
        wrong += [] if good else [name]
    assert wrong == []
    used = {
        w for row in TABLE.rows.values() for c in row.values() for w in c.split(" | ")[1].split()
    }
    assert used == TABLE.sources.keys()
    assert list(TABLE.rows) == sorted(TABLE.rows)
    assert table_names() == TABLE.rows.keys()
    assert TABLE.apart <= CATALOGUE.distributions.keys()


def test_name_of_the_table_is_that_of_the_distribution_or_of_the_one_that_it_is_like() -> None:
    assert on("krb5", "debian").packages == on("krb5", "devuan").packages == ("libkrb5-dev",)
    assert on("krb5", "fedora").packages == ("krb5-devel",)
    assert on("krb5", "fedora").source == "fedspec, opam"
    assert on("libseccomp", "rocky") == on("libseccomp", "almalinux")


def test_enterprise_linux_has_no_name_of_fedora_that_nobody_has_seen_there() -> None:
    assert on("libfido2", "fedora").packages == ("libfido2-devel",)
    for system in ("almalinux", "rocky", "centos-stream"):
        assert on("libfido2", system).packages == ()


def test_gap_of_the_table_is_missing_without_a_source() -> None:
    found = on("krb5", "void")
    assert (found.packages, found.source) == ((), "")
    assert "spell it out" in found.missing


def test_release_that_lacks_a_package_is_told_from_its_distribution() -> None:
    found = on("pcre", "debian")
    assert found.on("12").packages == ("libpcre3-dev",)
    assert (found.on("13").packages, found.on("13").missing) == ((), "not packaged")


def test_descriptor_wins_over_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    table = attrs.evolve(TABLE, rows={**TABLE.rows, "zlib": {"debian": "other | deb"}})
    monkeypatch.setattr(module, "package_table", lambda: table)
    found = supplemented(CATALOGUE, ["zlib", "krb5"]).distributions["debian"].packages
    assert found["zlib"].packages == ("zlib1g-dev",)


def test_place_of_a_name_of_the_table_is_its_line_there() -> None:
    one = supplemented(CATALOGUE, ["libfido2"]).distributions["devuan"]
    folders = [data_folder("distros")]
    (place,) = (
        p for p in package_places(folders, one, one.releases[0]) if p.dependency == "libfido2"
    )
    file, line, column = place.place.rsplit(":", 2)
    assert (file, place.package) == (str(table_file()), "libfido2-dev")
    text = table_file().read_text().splitlines()[int(line) - 1]
    assert text[int(column) - 1 :].startswith("libfido2-dev | deb")


def test_row_that_init_draws_from_has_its_debian_package_in_the_table() -> None:
    different = [
        (row.dependency, row.packages)
        for row in dependency_table().dependencies
        if row.dependency in TABLE.rows
        and not set(row.packages) & set(TABLE.rows[row.dependency]["debian"].split())
        and row.dependency not in ("libjpeg", "openldap")  # both names are packages of Debian
    ]
    assert different == []


def project(folder: Path, dependency: str) -> None:
    (folder / "ciforge.yml").write_text(
        f"project: p\nrepos: {{r: {{path: ., recipe: make, dependencies: [{dependency}]}}}}\n"
        "jobs: [debian-13, void-glibc]\n"
    )


def test_project_uses_a_name_of_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, "libfido2")
    monkeypatch.chdir(tmp_path)
    listed = CliRunner().invoke(main.cli, ["jobs"]).output.splitlines()
    assert "skipped" not in listed[0]
    assert "void-glibc has no libfido2: no package is known for it" in listed[1]
    typed = CliRunner().invoke(main.cli, ["script", "r/debian-13/default", "--dockerfile"])
    assert "      libfido2-dev \\\n" in typed.output


def test_name_of_the_table_is_spelled_out_only_where_it_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, "{libfido2: {void: libfido2-devel}}")
    monkeypatch.chdir(tmp_path)
    packages = {
        job["job"]: job["packages"]
        for line in CliRunner().invoke(main.cli, ["jobs", "--json"]).output.splitlines()
        for job in [json.loads(line)]
    }
    assert "libfido2-dev" in packages["r/debian-13/default"]
    assert "libfido2-devel" in packages["r/void-glibc/default"]


def test_name_that_is_nearly_one_of_the_table_is_suggested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, "libfido3")
    monkeypatch.chdir(tmp_path)
    typed = CliRunner().invoke(main.cli, ["lint"])
    assert (typed.exit_code, "(did you mean 'libfido2'?)" in typed.output) == (1, True)
