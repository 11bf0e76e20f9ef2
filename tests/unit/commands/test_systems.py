"""`ciforge systems` says what the catalogue knows, for people and for programs."""

import json
from pathlib import Path

from conftest import Types, own_alpine

from ciforge.load.catalogue import load_catalogue
from ciforge.resources import data_folder

CATALOGUE = load_catalogue([data_folder("distros")])


def test_every_release_has_a_line_with_its_words(types: Types) -> None:
    lines = {line.split()[0]: line for line in types("systems").lines}
    assert set(lines) == {
        one.release_id(release)
        for one in CATALOGUE.distributions.values()
        for release in one.releases
    }
    assert lines["alpine-3.21"].split() == [
        "alpine-3.21",
        "ended",
        "on",
        "2026-11-01",
        "musl",
        "container",
        "rendered",
    ]
    assert lines["debian-sid"].split()[1:4] == ["rolling", "glibc", "container"]
    assert lines["void-musl"].split()[1:4] == ["rolling", "musl", "container"]
    assert lines["fedora-45"].split()[1:3] == ["not", "released"]
    assert lines["freebsd-15"].split()[-3:] == ["not", "yet", "rendered"]
    assert lines["debian-13"].endswith("tested")


def test_details_of_a_system_name_packages_and_addresses_of_sources(types: Types) -> None:
    text = types("systems", "almalinux-10").out
    assert text.startswith("AlmaLinux (almalinux)\n")
    assert "  inherits   fedora\n" in text
    assert "  image      docker.io/library/almalinux:10\n" in text
    assert "\nalmalinux-9" not in text
    assert "zlib             zlib-ng-compat-devel  [opam:conf-zlib]" in text
    assert "fedspec          https://github.com/major/fedora-rpm-specs " in text


def test_dependency_that_differs_by_release_names_each(types: Types) -> None:
    text = types("systems", "void").out
    assert "libc             glibc: glibc-devel  [void:base-devel]; musl: musl-devel" in text


def test_several_systems_follow_each_other(types: Types) -> None:
    text = types("systems", "solaris", "macos").out
    assert [line for line in text.splitlines() if line.endswith(("(solaris)", "(macos)"))] == [
        "Oracle Solaris (solaris)", "macOS (macos)",
    ]  # fmt: skip


def test_objects_hold_what_the_details_say(types: Types) -> None:
    (row,) = (json.loads(line) for line in types("systems", "debian-13", "--json").lines)
    assert row["v"] == 1
    assert row["default"] is True
    assert row["platforms"]["linux/amd64"] == "tested"
    assert row["platforms"]["linux/s390x"] == "rendered"
    assert row["compiler"] == "gcc libc6-dev"
    assert row["dependencies"]["fts"] == {
        "have": "provided: libc", "source": "osmtpd:Dockerfile.ubuntu builds without one",
    }  # fmt: skip
    assert len(types("systems", "--json").lines) == len(types("systems").lines)


def test_own_descriptors_are_included_and_not_proven(types: Types, here: Path) -> None:
    own_alpine(here, "2020-01-01")
    lines = types("systems").lines
    assert any(line.startswith("alpine-3.23") and "ended on 2020-01-01" in line for line in lines)


def test_outside_of_a_project_ciforge_s_own_are_listed(types: Types, here: Path) -> None:
    (here / "ciforge.yml").unlink()
    assert types("systems", "debian").code == 0


def test_unknown_name_is_refused_with_the_nearest(types: Types) -> None:
    typed = types("systems", "debain")
    assert typed.code == 2
    assert "no system 'debain' (did you mean 'debian'?)" in typed.err
