"""Why a dependency image could not be built, from the output of a package manager."""

from ciforge.engines.preparation_failure import preparation_failure
from ciforge.load.catalogue import load_catalogue
from ciforge.resources import data_folder
from tests.tables import each

MANAGERS = load_catalogue([data_folder("distros")]).managers


@each(
    ("manager", "line"),
    [
        ("apt", " mail-common : Depends: mail-data but it is not installable"),
        ("dnf", "  - nothing provides mail-data needed by mail-common-1-1.noarch"),
        ("zypper", " Problem: 1: nothing provides 'mail-data' needed by the to be installed mail-common-1"),
        ("pacman", "error: unable to satisfy dependency 'mail-data' required by mail-common"),
        ("apk", "    required by: mail-common-1-r0[mail-data]"),
    ],
)  # fmt: skip
def test_incomplete_index_is_named_by_package_and_dependency(manager: str, line: str) -> None:
    error = preparation_failure(MANAGERS[manager], f"Reading\n{line}\nmore\n", "", 100)
    assert str(error) == f"the package index is incomplete: {line.strip()}"
