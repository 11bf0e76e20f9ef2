"""The table of what points to which dependency."""

from collections import Counter

import pytest
from trees import CATALOGUE

from ciforge.draft.aliases import ANYWAY, FOR_BOOTSTRAP, NOTHING, OTHER_NAMES, index
from ciforge.draft.dependency_matcher import Matcher
from ciforge.draft.evidence import RequirementKind
from ciforge.model.belongings import BELONGINGS, Belongings
from ciforge.model.identifiers import DEPENDENCY, PACKAGE
from ciforge.plan.recipes import RECIPES

CANONICAL = {name for one in CATALOGUE.distributions.values() for name in one.packages}


@pytest.mark.parametrize("row", BELONGINGS, ids=lambda row: row.name)
def test_a_row_is_known_to_the_descriptors_or_names_a_package(row: Belongings) -> None:
    assert (row.name in CANONICAL) != bool(row.debian)
    assert DEPENDENCY.fullmatch(row.name)
    assert all(PACKAGE.fullmatch(name) for name in row.debian)


def test_no_two_rows_are_about_the_same() -> None:
    counted = Counter(row.name for row in BELONGINGS)
    assert [name for name, times in counted.items() if times > 1] == []
    names = [
        (kind, name)
        for row in BELONGINGS
        for kind, words in (
            (RequirementKind.HEADER, row.headers), (RequirementKind.LIBRARY, row.libraries), (RequirementKind.MODULE, row.modules),
            (RequirementKind.CMAKE, row.cmake), (RequirementKind.TOOL, row.tools),
        )
        for name in words
    ]  # fmt: skip
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert len(index()) == len(names)


def test_what_needs_nothing_points_to_nothing() -> None:
    assert [pair for pair in index() if pair[1] in NOTHING.get(pair[0], ())] == []


def test_other_names_are_names_of_dependencies() -> None:
    matcher = Matcher(CATALOGUE)
    assert [name for name in OTHER_NAMES.values() if matcher.need(name) is None] == []


def test_what_comes_anyway_is_known() -> None:
    assert CANONICAL >= ANYWAY
    assert {name for row in BELONGINGS for name in (row.name,)} | CANONICAL >= FOR_BOOTSTRAP
    for recipe in ("autotools", "make"):
        assert set(RECIPES[recipe].implied) <= ANYWAY
