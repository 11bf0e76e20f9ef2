"""Selectors, read among the names of a project."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import SMALL, project

from ciforge.plan.job_matrix import MatrixCoordinates, listed_coordinates
from ciforge.plan.selector import Names, expand, names_of, read_selector
from tests.tables import each

PROJECT = """
project: p
repos:
  portable: {recipe: autotools}
  extras: {recipe: autotools}
  filter-a: {recipe: go}
variants: {clang: {}, clang-asan: {}}
jobs: [debian]
"""
NAMES: Names = names_of(project(PROJECT), SMALL)
CELLS: tuple[MatrixCoordinates, ...] = tuple(
    listed_coordinates(read_selector("*/*/*@*", NAMES), SMALL, NAMES)
)


def listed(text: str) -> list[str]:
    """What a selector means in `jobs:`."""
    selector = read_selector(text, NAMES)
    return [cell.id for cell in listed_coordinates(selector, SMALL, NAMES)]


def matched(text: str) -> list[str]:
    """What it means elsewhere."""
    selector = read_selector(text, NAMES)
    return [cell.id for cell in CELLS if cell.matched_by(selector)]


def releases(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(id_.split("/")[1] for id_ in ids))


def test_single_word_selector_is_first_a_distribution_or_release() -> None:
    assert read_selector("debian", NAMES).release == ("debian",)
    assert read_selector("debian-12", NAMES).release == ("debian-12",)


@each(
    ("text", "repo", "release", "variant"),
    [
        ("portable", "portable", "*", "*"),
        ("filter-*", "filter-*", "*", "*"),
        ("clang", "*", "*", "clang"),
        ("clang*", "*", "*", "clang*"),
        ("default", "*", "*", "default"),
        ("de*", "*", "de*", "*"),
        ("openbsd", "*", "openbsd", "*"),
        ("portable/debian", "portable", "debian", "*"),
        ("f*/debian", "f*", "debian", "*"),
        ("debian/clang", "*", "debian", "clang"),
        ("openbsd/clang", "*", "openbsd", "clang"),
        ("portable/clang", "portable", "clang", "*"),
        ("portable/debian/clang", "portable", "debian", "clang"),
        ("debian/portable/clang", "debian", "portable", "clang"),
    ],
)
def test_selector_parts_are_repository_release_and_variant(
    text: str, repo: str, release: str, variant: str
) -> None:
    found = read_selector(text, NAMES)
    assert (found.repo, found.release, found.variant) == ((repo,), (release,), (variant,))


def test_plain_name_in_jobs_means_the_default_releases() -> None:
    assert releases(listed("debian")) == ["debian-12", "debian-13"]


def test_plain_name_outside_of_jobs_means_all_releases() -> None:
    assert releases(matched("debian")) == ["debian-11", "debian-12", "debian-13", "debian-sid"]


@each(
    ("text", "found"),
    [
        ("debian-*", ["debian-11", "debian-12", "debian-13", "debian-sid"]),
        ("debian*", ["debian-11", "debian-12", "debian-13", "debian-sid"]),
        ("*ian", ["debian-12", "debian-13"]),
        ("debian-1?", ["debian-11", "debian-12", "debian-13"]),
        ("debian{,-sid}", ["debian-12", "debian-13", "debian-sid"]),
        ("{arch,debian-11}", ["arch-latest", "debian-11"]),
        ("alpine-3.2{2,3}", ["alpine-3.22", "alpine-3.23"]),
        ("debian-{1{1,3},sid}", ["debian-11", "debian-13", "debian-sid"]),
        ("debian-1", []),
        ("debian.12", []),
    ],
)
def test_globs_and_braces_select_releases(text: str, found: list[str]) -> None:
    assert releases(listed(text)) == found


def test_jobs_without_an_at_mean_amd64_only() -> None:
    assert [id_ for id_ in listed("debian-13") if "@" in id_] == []


def test_selector_without_an_at_means_every_architecture() -> None:
    assert matched("portable/debian-13/default") == [
        "portable/debian-13/default",
        "portable/debian-13/default@arm64",
        "portable/debian-13/default@s390x",
    ]


@each(
    ("text", "found"),
    [
        ("portable/debian/default@s390x", ["portable/debian-13/default@s390x"]),
        ("portable/alpine-3.23/default@armv7", ["portable/alpine-3.23/default@armv7"]),
        ("portable/alpine-3.23/default@arm*", ["portable/alpine-3.23/default@armv7", "portable/alpine-3.23/default@arm64"]),
        ("portable/alpine-3.23/default@{amd64,armv7}", ["portable/alpine-3.23/default", "portable/alpine-3.23/default@armv7"]),
        ("portable/arch/default@arm64", []),
        ("portable/arch/default@arm", []),
    ],
)  # fmt: skip
def test_at_in_a_selector_names_the_architecture(text: str, found: list[str]) -> None:
    assert listed(text) == found == matched(text)[: len(found)]


def test_exclamation_mark_selects_all_others() -> None:
    assert sorted(matched("!debian") + matched("debian")) == sorted(cell.id for cell in CELLS)
    assert not set(matched("!debian")) & set(matched("debian"))


def test_exclamation_mark_negates_the_whole_selector() -> None:
    assert "portable/debian-13/default" in matched("!debian@arm64")
    assert "portable/debian-13/default@arm64" not in matched("!debian@arm64")
    assert "extras/debian-13/default" in matched("!portable/debian")


def test_exclamation_mark_before_an_unknown_name_selects_all() -> None:
    assert matched("!openbsd") == [cell.id for cell in CELLS]
    assert matched("openbsd") == []


def test_selector_is_case_sensitive() -> None:
    assert listed("Debian") == []


@each(
    ("text", "told"),
    [
        ("", "'' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("a b", "'a b' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("debian\n", "'debian\\n' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("/debian", "'/debian' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("portable//default", "'portable//default' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("debian@", "'debian@' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("@arm64", "'@arm64' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("debian@arm64@s390x", "'debian@arm64@s390x' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("debian-[12]", "'debian-[12]' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("$(id)", "'$(id)' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
        ("debian@linux/arm/v7", "'debian@linux/arm/v7' is not a selector (linux/arm64 is @arm64, linux/arm/v7 is @armv7)"),
        ("a/b/c/d", "'a/b/c/d' has more than three parts (REPO/RELEASE/VARIANT)"),
        ("{a,b", "braces in '{a,b' do not match"),
        ("a,b}", "braces in 'a,b}' do not match"),
        ("}a{", "braces in '}a{' do not match"),
        ("portable/{a/b}", "braces in '{a' do not match"),
        ("a,b", "a comma in 'a,b' is outside braces (write {a,b})"),
        ("debian@{,}", "'{,}' matches nothing"),
        ("{a,b}" * 12, f"'{'{a,b}' * 12}' has more than 1000 alternatives"),
    ],
)  # fmt: skip
def test_invalid_selector_is_refused_with_a_reason(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_selector(text, NAMES)
    assert str(caught.value) == told


@pytest.mark.parametrize("text", ["!!debian", "debian!", "!"])
def test_selector_has_one_exclamation_mark_and_only_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="is not a selector"):
        read_selector(text, NAMES)


@each(
    ("text", "words"),
    [
        ("a", ("a",)),
        ("{a}", ("a",)),
        ("{a,b}c{d,e}", ("acd", "ace", "bcd", "bce")),
        ("{a,{b,c}d}", ("a", "bd", "cd")),
        ("{a,a}", ("a",)),
        ("x{,y}", ("x", "xy")),
    ],
)
def test_braces_in_a_selector_are_alternatives(text: str, words: tuple[str, ...]) -> None:
    assert sorted(expand(text)) == sorted(words)


@given(st.text(st.characters(codec="utf-8")) | st.text("ad/@{},*?!-1"))
def test_any_text_is_a_selector_or_refused_in_one_sentence(text: str) -> None:
    try:
        selector = read_selector(text, NAMES)
    except ValueError as error:
        assert "\n" not in str(error)
    else:
        for cell in CELLS[:3]:
            cell.matched_by(selector)
        list(listed_coordinates(selector, SMALL, NAMES))


@given(st.sampled_from(CELLS))
def test_whole_job_id_is_a_selector_of_its_job(cell: MatrixCoordinates) -> None:
    assert listed(cell.id) == [cell.id]
    assert cell.id in matched(cell.id)
