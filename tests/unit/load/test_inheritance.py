"""A distribution may name another by `like:` and give only what differs."""

from pathlib import Path

import pytest

from ciforge.load.catalogue import catalogue_problems, lint_file, load_catalogue
from ciforge.model.distro import Distribution

PARENT = """\
distribution: parent
title: Parent
manager: apt
defaults: ["1"]
make: gmake
releases:
  - {release: "1", image: registry.example.org/parent:1, platforms: [linux/amd64]}
packages:
  cc: {packages: [gcc], source: index}
  fts: {provided: libc}
  zlib: {packages: [zlib-dev], releases: {"1": {missing: not there}}}
accounts: {add_group: "groupadd {group}", add_user: "useradd -g {group} -d {home} {user}"}
bootstrap:
  program: mmdebstrap
  command: mmdebstrap {suite} {archive}
  architectures: {linux/amd64: amd64}
"""
CHILD = """\
distribution: child
title: Child
like: parent
packages:
  fts: {missing: not packaged}
  extra: {packages: [extra-dev]}
"""
RELEASES = """\
defaults: [a]
releases:
  - {release: a, image: registry.example.org/child:a, platforms: [linux/arm64]}
"""
APT = "manager: apt\ninstall: apt-get install {packages}\nversions: dpkg-query -W\n"


def folder(path: Path, **descriptors: str) -> Path:
    (path / "managers").mkdir(parents=True, exist_ok=True)
    (path / "managers" / "apt.yml").write_text(APT)
    for name, text in descriptors.items():
        (path / f"{name}.yml").write_text(text)
    return path


def child(path: Path, **descriptors: str) -> Distribution:
    return load_catalogue([folder(path, **descriptors)]).distributions["child"]


def test_inherited_keys_and_packages_are_the_parents_unless_the_child_has_them(
    tmp_path: Path,
) -> None:
    found = child(tmp_path, parent=PARENT, child=CHILD)
    assert (found.title, found.manager, found.make) == ("Child", "apt", "gmake")
    assert list(found.packages) == ["cc", "fts", "zlib", "extra"]
    assert found.packages["cc"].packages == ("gcc",)


def test_inherited_package_is_replaced_as_a_whole(tmp_path: Path) -> None:
    found = child(tmp_path, parent=PARENT, child=CHILD).packages["fts"]
    assert (found.missing, found.provided) == ("not packaged", "")


def test_inherited_releases_cannot_be_bootstrapped(tmp_path: Path) -> None:
    found = child(tmp_path, parent=PARENT, child=CHILD)
    assert [one.release for one in found.releases] == ["1"]
    assert found.bootstrap is None
    assert found.packages["zlib"].on("1").missing == "not there"


def test_inherited_package_does_not_differ_by_releases_that_the_child_does_not_have(
    tmp_path: Path,
) -> None:
    found = child(tmp_path, parent=PARENT, child=CHILD + RELEASES)
    assert [one.release for one in found.releases] == ["a"]
    assert found.packages["zlib"].releases == {}


def test_like_of_descriptors_may_form_a_chain(tmp_path: Path) -> None:
    middle = CHILD.replace("child", "middle")
    found = child(
        tmp_path, parent=PARENT, middle=middle, child="distribution: child\nlike: middle\n"
    )
    assert (found.title, found.make, found.packages["fts"].missing) == (
        "Child", "gmake", "not packaged"
    )  # fmt: skip


def test_descriptor_of_a_project_inherits_from_one_of_ciforge(tmp_path: Path) -> None:
    shipped = folder(tmp_path / "shipped", parent=PARENT)
    beside = folder(tmp_path / "distros", child=CHILD)
    found = load_catalogue([shipped, beside]).distributions["child"]
    assert found.packages["cc"].packages == ("gcc",)


def test_descriptor_of_a_project_may_change_the_one_of_ciforge_with_its_name(
    tmp_path: Path,
) -> None:
    shipped = folder(tmp_path / "shipped", parent=PARENT, child=CHILD)
    ours = "distribution: parent\nlike: parent\nmake: make\n"
    beside = folder(tmp_path / "distros", parent=ours)
    found = load_catalogue([shipped, beside]).distributions
    assert (found["parent"].make, found["parent"].title) == ("make", "Parent")
    assert found["child"].make == "gmake", "descriptors of ciforge inherit from those of ciforge"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("like: paren", "3:7: there is no distribution 'paren' (did you mean 'parent'?)"),
        ("like: child", "3:7: inherits from itself: child, child"),
        ("like: ../parent", "3:7: there is no distribution '../parent'"),
        ("like: [parent]", "3:7: expected text, found a list"),
    ],
)
def test_unknown_parent_descriptor_is_a_problem_at_its_place(
    tmp_path: Path, text: str, told: str
) -> None:
    found = catalogue_problems(
        [folder(tmp_path, parent=PARENT, child=CHILD.replace("like: parent", text))]
    )
    assert any(problem.startswith(f"{tmp_path}/child.yml:{told}") for problem in found)


def test_cycle_of_descriptors_is_a_problem_of_each_member(tmp_path: Path) -> None:
    one, two = ("distribution: one\nlike: two\n", "distribution: two\nlike: one\n")
    outside = "distribution: outside\nlike: one\n"
    assert catalogue_problems([folder(tmp_path, one=one, two=two, outside=outside)]) == [
        f"{tmp_path}/one.yml:2:7: inherits from itself: one, two, one",
        f"{tmp_path}/two.yml:2:7: inherits from itself: two, one, two",
    ]


def test_problem_of_a_parent_descriptor_is_reported_once(tmp_path: Path) -> None:
    parent = PARENT.replace("manager: apt", "manager: -")
    found = catalogue_problems([folder(tmp_path, parent=parent, child=CHILD)])
    assert [problem.split(":")[0] for problem in found] == [f"{tmp_path}/parent.yml"]


def test_default_that_only_the_parent_has_is_a_problem_of_the_child(tmp_path: Path) -> None:
    text = CHILD + RELEASES.replace("defaults: [a]\n", "")
    (problem,) = catalogue_problems([folder(tmp_path, parent=PARENT, child=text)])
    assert problem == f"{tmp_path}/child.yml:1:1: there is no release '1' (known: a)"


def test_descriptor_is_linted_with_its_parents(tmp_path: Path) -> None:
    place = folder(tmp_path, parent=PARENT, child=CHILD, ours="distribution: ours\nlike: debian\n")
    assert lint_file(place / "child.yml") == []
    assert lint_file(place / "ours.yml") == []
    (place / "parent.yml").write_text("distribution: [\n")
    assert lint_file(place / "child.yml") == [
        f"{place}/child.yml:1:1: the descriptor that this one is like has problems; lint that first"
    ]
