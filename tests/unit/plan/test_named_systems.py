"""Only systems that a project names are read, and what is planned is the same as with all of them."""

from pathlib import Path

import pytest
from projects import EXAMPLES, ROOT, example, project, real_catalogue

from ciforge.app import workspace as module
from ciforge.app.workspace import open_selected, open_workspace
from ciforge.errors import InputError, UsageError
from ciforge.load.release_index import ReleaseIndex
from ciforge.plan.named_systems import named_systems
from ciforge.plan.selection import select
from tests.tables import each

pytestmark = pytest.mark.slow

INDEX = ReleaseIndex(ROOT / "distros")


def text(jobs: str, more: str = "") -> str:
    return f"project: p\nrepos: {{one: {{path: ., recipe: make{more}}}}}\njobs: [{jobs}]\n"


def test_index_has_the_releases_parents_and_managers_of_the_catalogue() -> None:
    whole = real_catalogue().distributions
    assert INDEX.ids == {
        name: tuple(one.release_id(release) for release in one.releases)
        for name, one in whole.items()
    }
    for name, one in whole.items():
        line = INDEX.with_parents([name])
        assert INDEX.managers(line) == {one.manager}
        assert not one.like or INDEX.with_parents([one.like]) < line


@each(
    ("given", "selectors", "named"),
    [
        (text("debian"), (), {"debian"}),
        (text("one/debian-13/default"), (), {"debian"}),
        (text("'one/{alpine,arch}/default'"), (), {"alpine", "arch"}),
        (text("'opensuse-leap*'"), (), {"opensuse"}),
        (text("'*-musl'"), (), {"gentoo", "void"}),
        (text("debian"), ("fedora-44", "one/void/default@arm64"), {"debian", "fedora", "void"}),
        (text("debian", ", where: {'!openbsd': {builddir: b}}"), (), {"debian"}),
        (text("void-musl", ", where: {'*-musl': {builddir: b}}"), (), {"void"}),
        (text("debian/clang"), (), {"debian"}),
        (text("'*'"), (), set(INDEX.ids)),
        (text("nonsense, '}{'"), (), set()),
    ],
)
def test_named_systems_are_those_of_a_project_and_its_selectors(
    given: str, selectors: tuple[str, ...], named: set[str]
) -> None:
    assert named_systems(project(given), selectors, INDEX.ids) == named


@each("name", ["opensmtpd", "hello-portable"])
@each("selectors", [(), ("debian",), ("*/fedora-44/*",), ("void",), ("freebsd",), ("rocky@arm64",)])
def test_jobs_of_named_systems_equal_those_of_the_whole_catalogue(
    name: str, selectors: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = select(example(name), selectors, unlisted=True)

    def unexpected(*_: object) -> None:
        raise AssertionError("everything was read")

    monkeypatch.setattr(module, "open_workspace", unexpected)
    _, found = open_selected(EXAMPLES / name / "ciforge.yml", ROOT, selectors, unlisted=True)
    assert found == expected


def test_mistakes_of_named_systems_equal_those_of_the_whole_catalogue(tmp_path: Path) -> None:
    file = tmp_path / "ciforge.yml"
    for given in (
        text("debian", ", where: {fedroa: {builddir: b}}"),
        text("debian", ", where: {'fedora@armv6': {builddir: b}}"),
        text("debian") + "variants: {rocky-9: {}}\n",
        text("manylinux-2014/default"),
    ):
        file.write_text(given)
        with pytest.raises(InputError) as whole:
            open_workspace(file, tmp_path)
        with pytest.raises(InputError) as narrow:
            open_selected(file, tmp_path, [])
        assert narrow.value.problems == whole.value.problems


def test_unknown_name_is_compared_with_every_name_of_the_catalogue(tmp_path: Path) -> None:
    file = tmp_path / "ciforge.yml"
    file.write_text(text("debian"))
    with pytest.raises(UsageError, match=r"did you mean 'solaris'\?"):
        open_selected(file, tmp_path, ["solariz"])
