"""A set of generated files: one list with one checksum, and no file of others."""

import pytest

from ciforge.ci.file_set import SetPlace, is_intact, listed, sealed
from tests.tables import each

PLACE = SetPlace(folder=".github")
FILES = {
    ".github/workflows/ciforge.yml": f"name: x\n      - uses: actions/checkout@{'0' * 40} # v1.0.0\n",
    ".github/ciforge/step.sh": "echo\n",
}
MADE = sealed(FILES, PLACE, "ciforge generate")
LIST = MADE[PLACE.list]


def test_file_set_lists_its_files_and_recognizes_them() -> None:
    assert PLACE.list == ".github/ciforge/generated.txt"
    assert set(listed(LIST, PLACE)) == set(FILES)
    assert is_intact(LIST, FILES)
    assert LIST.startswith(
        "# Written by ciforge from ciforge.yml. To change them, run: ciforge generate\n"
    )


@pytest.mark.parametrize("path", FILES)
def test_file_set_notices_a_change_of_any_file_or_of_the_list(path: str) -> None:
    assert not is_intact(LIST, FILES | {path: FILES[path] + "#\n"})
    assert not is_intact(LIST, {name: text for name, text in FILES.items() if name != path})
    line = PLACE.relative(path)
    assert line in LIST.splitlines()
    assert not is_intact(LIST.replace(line, f"{line}x"), FILES)
    assert not is_intact(LIST + ".github/ciforge/more\n", FILES)


def test_file_set_notices_texts_moved_between_files() -> None:
    one, two = FILES
    assert not is_intact(LIST, {one: FILES[two], two: FILES[one]})


def test_file_set_ignores_a_newer_pin() -> None:
    (path, text), *_ = FILES.items()
    assert is_intact(LIST, FILES | {path: text.replace("0" * 40, "1" * 40).replace("v1.0.0", "v2")})


@each(
    "path",
    ["/etc/passwd", "../x", ".github/../x", ".github/ciforge/../../src/a.c", ".github/workflows/release.yml",
     "src/a.c", ".github/CODEOWNERS", ".github//ciforge/x", ".github/ciforge/./x", ".github", ""],
)  # fmt: skip
def test_file_set_list_names_no_foreign_file(path: str) -> None:
    assert path not in listed(LIST + f"{path}\n", PLACE)


def test_file_set_list_of_another_form_names_nothing() -> None:
    assert listed("\n".join(FILES), PLACE) == ()
    assert not is_intact("", {})


@each(
    ("source", "stem"),
    [("", "ciforge"), ("lib", "ciforge,lib"), ("lib/foo", "ciforge,lib,foo"),
     ("a b", "ciforge,a_b,c8687a08"), ("a,b", "ciforge,a,b,1eb7c54d")],
)  # fmt: skip
def test_file_sets_of_projects_in_one_repository_are_separate(source: str, stem: str) -> None:
    assert SetPlace(folder=".github", source=source).stem == stem


def test_file_sets_of_two_folders_are_separate() -> None:
    sources = ["", "a", "a/b", "a,b", "a b", "a_b", "a\tb", "a/b,c", "a,b/c", "\udcff"]
    stems = [SetPlace(folder=".github", source=source).stem for source in sources]
    assert len(set(stems)) == len(sources)


def test_file_list_of_an_older_version_has_paths_from_the_top() -> None:
    old = "# ciforge-mark: " + "0" * 64 + "\n" + "".join(f"{path}\n" for path in FILES)
    assert set(listed(old, PLACE)) == set(FILES) == set(listed(LIST, PLACE))


def test_file_list_in_the_folder_of_a_set_names_files_beside_it_by_two_dots() -> None:
    assert PLACE.relative(".github/ciforge/bin/step") == "bin/step"
    assert PLACE.relative(".github/workflows/ciforge.yml") == "../workflows/ciforge.yml"
    assert PLACE.absolute("../workflows/ciforge.yml") == ".github/workflows/ciforge.yml"
