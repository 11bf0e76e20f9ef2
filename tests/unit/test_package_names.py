"""The tool that says where names of packages were checked."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

from package_names import ASKED, further, page, row, source_kind

from ciforge.load.catalogue import load_catalogue
from ciforge.load.package_table import PackageTable, package_table
from ciforge.model.distro import Dependency
from ciforge.resources import data_folder


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("aports:main/zlib", "own"),
        ("osmtpd:Dockerfile.alpine, aports:main/musl-fts", "own"),
        ("opam:conf-git", "elsewhere"),
        ("unverified", "unverified"),
    ],
)
def test_source_of_a_name_is_one_of_three_kinds(source: str, kind: str) -> None:
    assert source_kind(Dependency(packages=("x",), source=source)) == kind


def test_row_of_a_system_counts_each_name_once() -> None:
    for one in load_catalogue([data_folder("distros")]).distributions.values():
        _, _, total, own, elsewhere, unverified, _ = map(str.strip, row(one).split("|")[:7])
        assert int(total) == int(own) + int(elsewhere) + len(
            list(filter(None, unverified.split(", ")))
        )


def test_page_of_names_has_each_system_and_what_was_asked() -> None:
    distributions = load_catalogue([data_folder("distros")]).distributions
    text = page(distributions, package_table(), [ASKED])
    for one in distributions.values():
        assert f"\n| {one.title} | " in text
    assert text.endswith(f"\n{ASKED}\n")


def test_page_of_names_counts_those_of_the_table_by_source() -> None:
    rows = {"a": {"debian": "x | deb", "fedora": "y | fedspec deb"}, "b": {"debian": "- | deb"}}
    text = further(PackageTable(sources={"deb": "D", "fedspec": "F"}, rows=rows))
    assert "has 2 dependencies" in text
    assert "| debian | 2 | 2 |  |" in text
    assert "| fedora | 1 | 1 | 1 |" in text
    assert text.endswith("\n- `deb`: D\n- `fedspec`: F")
