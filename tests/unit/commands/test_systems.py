"""`ciforge systems` says what the catalogue knows, for people and for programs."""

import json
from pathlib import Path

from command_tests import Types, own_alpine

from tests.projects import real_catalogue

CATALOGUE = real_catalogue()


def test_systems_prints_a_line_for_every_release(types: Types) -> None:
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
    assert "  not known to be released  " in lines["fedora-45"]
    assert "  machine, cross check  " in lines["freebsd-15"]
    assert "  machine  " in lines["dragonfly-6.4"]
    assert "  cross check  " in lines["manylinux-2014"]
    assert lines["debian-13"].endswith("tested")


def test_systems_details_have_packages_and_addresses_of_sources(types: Types) -> None:
    text = types("systems", "almalinux-10").out
    assert text.startswith("AlmaLinux (almalinux)\n")
    assert "  inherits   fedora\n" in text
    assert "  image      docker.io/library/almalinux:10\n" in text
    assert "\nalmalinux-9" not in text
    assert "zlib             zlib-ng-compat-devel  [opam:conf-zlib]" in text
    assert "fedspec          https://github.com/major/fedora-rpm-specs " in text


def test_systems_details_name_packages_that_differ_by_release(types: Types) -> None:
    text = types("systems", "void").out
    assert "libc             glibc: glibc-devel  [void:base-devel]; musl: musl-devel" in text


def test_systems_prints_several_details_in_order(types: Types) -> None:
    text = types("systems", "solaris", "macos").out
    assert [line for line in text.splitlines() if line.endswith(("(solaris)", "(macos)"))] == [
        "Oracle Solaris (solaris)", "macOS (macos)",
    ]  # fmt: skip


def test_systems_json_has_what_the_details_have(types: Types) -> None:
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


def test_systems_includes_own_descriptors_as_not_proven(types: Types, here: Path) -> None:
    own_alpine(here, "2020-01-01")
    lines = types("systems").lines
    assert any(line.startswith("alpine-3.23") and "ended on 2020-01-01" in line for line in lines)


def test_systems_outside_of_a_project_lists_those_of_ciforge(types: Types, here: Path) -> None:
    (here / "ciforge.yml").unlink()
    assert types("systems", "debian").code == 0


def test_systems_refuses_an_unknown_name_with_the_nearest(types: Types) -> None:
    typed = types("systems", "debain")
    assert typed.code == 2
    assert "no system 'debain' (did you mean 'debian'?)" in typed.err
