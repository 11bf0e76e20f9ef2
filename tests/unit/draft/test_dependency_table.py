"""The table of what points to which dependency."""

from collections import Counter

import attrs
from trees import CATALOGUE, TABLE

from ciforge.draft.aliases import ANYWAY, FOR_BOOTSTRAP, index, no_package
from ciforge.draft.dependency_matcher import Matcher
from ciforge.model.identifiers import DEPENDENCY, PACKAGE
from ciforge.plan.recipes import RECIPES
from tests.projects import real_catalogue

CANONICAL = {name for one in CATALOGUE.distributions.values() for name in one.packages}


def test_row_is_known_to_the_descriptors_or_names_a_package() -> None:
    rows = TABLE.dependencies
    own = {name for one in real_catalogue().distributions.values() for name in one.packages}
    wrong = [row.dependency for row in rows if (row.dependency in own) == bool(row.packages)]
    assert wrong == []
    assert [row.dependency for row in rows if not DEPENDENCY.fullmatch(row.dependency)] == []
    packages = [name for row in rows for name in row.packages]
    assert [name for name in packages if not PACKAGE.fullmatch(name)] == []


def test_distributions_of_the_table_are_in_the_catalogue() -> None:
    assert set(TABLE.packaged_by) <= set(CATALOGUE.distributions)


def test_table_holds_lists_of_text_and_no_list_written_as_text() -> None:
    for row in TABLE.dependencies:
        values = attrs.asdict(row, recurse=False)
        lists = [value for key, value in values.items() if key not in ("dependency", "source")]
        assert all(isinstance(value, tuple) for value in lists), row.dependency
        assert all(isinstance(name, str) and name for value in lists for name in value)


def test_dependency_table_has_no_name_twice() -> None:
    rows = TABLE.dependencies
    counted = Counter(row.dependency for row in rows)
    assert [name for name, times in counted.items() if times > 1] == []
    names = [
        (field, name)
        for row in rows
        for field in ("headers", "libraries", "modules", "cmake", "tools")
        for name in getattr(row, field)
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_name_that_needs_no_package_is_in_no_row() -> None:
    nothing = no_package(TABLE)
    assert [pair for pair in index(TABLE) if pair[1] in nothing.get(pair[0], ())] == []


def test_other_names_are_names_of_dependencies() -> None:
    matcher = Matcher(CATALOGUE, TABLE)
    assert [name for name in TABLE.other_names.values() if matcher.need(name) is None] == []


def test_name_provided_by_every_system_is_known() -> None:
    assert CANONICAL >= ANYWAY
    assert {row.dependency for row in TABLE.dependencies} | CANONICAL >= FOR_BOOTSTRAP
    for recipe in ("autotools", "make"):
        assert set(RECIPES[recipe].implied) <= ANYWAY
