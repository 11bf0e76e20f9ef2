"""Names that package indexes answer: a project without answers, and `ciforge packages --update` with small indexes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command_tests import Types

from ciforge.app.lock_update import Questions, lock_questions, update_lock
from ciforge.errors import EngineError, InputError, UsageError
from ciforge.render.index_question import IndexAnswer

PROJECT = """\
project: mine
repos:
  daemon:
    path: daemon
    recipe: make
    dependencies:
      - header:event2/event.h
      - pkg-config:libfido2
    where:
      debian-13: {dependencies: ["command:vi"]}
jobs: [debian-12, debian-13]
"""
EVENT = IndexAnswer({"usr/include/event2/event.h": ("libevent-dev",)})
FIDO = IndexAnswer({"usr/lib/x86_64-linux-gnu/pkgconfig/libfido2.pc": ("libfido2-dev",)})
VI = IndexAnswer({"usr/bin/vi": ("nvi", "vim")})
INDEX = {"header:event2/event.h": EVENT, "pkg-config:libfido2": FIDO, "command:vi": FIDO}


def having(index: Mapping[str, IndexAnswer]) -> Callable[[Questions], dict[str, IndexAnswer]]:
    """An index that has the same answers on each release."""
    return lambda asked: {name: index.get(name, IndexAnswer()) for name in asked.asked}


@pytest.fixture
def file(here: Path) -> Path:
    (here / "ciforge.yml").write_text(PROJECT)
    return here / "ciforge.yml"


def test_name_without_an_answer_is_a_problem_that_says_what_to_do(types: Types, file: Path) -> None:
    told = types("lint")
    assert told.code == 1
    place, rest = told.lines[0].split(": ", 1)
    assert place == f"{file}:7:9"
    assert rest == (
        "the lock of the project file has no answer for 'header:event2/event.h' on debian-12, debian-13: "
        "run `ciforge packages --update`, and commit the file"
    )
    assert "'command:vi' on debian-13:" in told.lines[2]
    for command in ("jobs", "run", "generate", "status"):
        assert "ciforge packages --update" in types(command).err, command


def test_message_about_the_lock_of_another_project_file_names_no_other_lock(
    types: Types, file: Path
) -> None:
    wide = file.rename(file.with_name("wide.yml"))
    told = types("lint", wide)
    assert "the lock of the project file has no answer" in told.out
    assert "ciforge.lock" not in told.out + told.err


def test_lock_with_the_answers_of_the_index_makes_the_jobs(types: Types, file: Path) -> None:
    assert update_lock(lock_questions(file), having(INDEX)) == []
    assert types("lint").lines == []
    assert "libfido2-dev" in types("script", "debian-13", "--dockerfile").out
    listed = types("packages").out
    assert f"libevent-dev  header:event2/event.h  {file.with_name('ciforge.lock')}:5:31" in listed
    text = file.with_name("ciforge.lock").read_text()
    update_lock(lock_questions(file), having(INDEX))
    assert file.with_name("ciforge.lock").read_text() == text


def test_only_names_that_the_jobs_of_a_release_need_are_asked(file: Path) -> None:
    asked = {one.id: one.asked for one in lock_questions(file).releases}
    assert asked == {
        "debian-12": ("header:event2/event.h", "pkg-config:libfido2"),
        "debian-13": ("command:vi", "header:event2/event.h", "pkg-config:libfido2"),
    }


def test_changed_lock_changes_the_jobs_that_are_listed(types: Types, file: Path) -> None:
    update_lock(lock_questions(file), having(INDEX))
    assert "libevent-dev" in types("jobs", "--json").out
    lock = file.with_name("ciforge.lock")
    lock.write_text(lock.read_text().replace("libevent-dev", "libevent2-dev"))
    assert "libevent2-dev" in types("jobs", "--json").out


def test_ambiguous_name_is_refused_with_the_candidates_and_a_way_to_choose(file: Path) -> None:
    with pytest.raises(InputError) as caught:
        update_lock(lock_questions(file), having({**INDEX, "command:vi": VI}))
    (problem,) = caught.value.problems
    assert problem == (
        f"{file}:10:34: several packages of debian-13 have 'command:vi': nvi, vim; "
        "write for example {'command:vi': {debian: nvi}}"
    )
    assert not file.with_name("ciforge.lock").exists()
    file.write_text(PROJECT.replace('["command:vi"]', '[{"command:vi": {debian: nvi}}]'))
    assert update_lock(lock_questions(file), having(INDEX)) == []


def test_of_several_packages_the_one_of_the_canonical_dependency_is_taken(file: Path) -> None:
    several = IndexAnswer({"usr/include/event2/event.h": ("libevent-dev", "libev-libevent-dev")})
    update_lock(lock_questions(file), having({**INDEX, "header:event2/event.h": several}))
    assert '"header:event2/event.h": [libevent-dev]' in file.with_name("ciforge.lock").read_text()


def test_unknown_name_is_refused_with_the_nearest(file: Path) -> None:
    near = IndexAnswer(near=("pkg-config:libfido3",))
    with pytest.raises(InputError) as caught:
        update_lock(lock_questions(file), having({**INDEX, "pkg-config:libfido2": near}))
    assert caught.value.problems == (
        f"{file}:8:9: no package of debian-12 has 'pkg-config:libfido2' (did you mean 'pkg-config:libfido3'?)",
        f"{file}:8:9: no package of debian-13 has 'pkg-config:libfido2' (did you mean 'pkg-config:libfido3'?)",
    )


def test_name_that_one_release_lacks_skips_its_jobs_and_says_so(types: Types, file: Path) -> None:
    def ask(asked: Questions) -> dict[str, IndexAnswer]:
        lacks = {"pkg-config:libfido2": IndexAnswer()} if asked.id == "debian-12" else {}
        return having({**INDEX, **lacks})(asked)

    (gap,) = update_lock(lock_questions(file), ask)
    assert gap.startswith("no package of debian-12 has 'pkg-config:libfido2'")
    skipped, listed = types("jobs").lines
    assert "debian-12 has no pkg-config:libfido2: no package of its index has it" in skipped
    assert "skip" not in listed


def test_lock_stays_as_it_was_if_an_index_does_not_answer(file: Path) -> None:
    update_lock(lock_questions(file), having(INDEX))
    text = file.with_name("ciforge.lock").read_text()

    def ask(_: Questions) -> dict[str, IndexAnswer]:
        raise EngineError("debian-12: its package index did not answer")

    with pytest.raises(EngineError):
        update_lock(lock_questions(file), ask)
    assert file.with_name("ciforge.lock").read_text() == text


def test_system_whose_index_cannot_be_asked_has_the_packages_of_the_canonical_dependency(
    file: Path,
) -> None:
    file.write_text(
        "project: mine\nrepos: {daemon: {path: daemon, recipe: make, dependencies: ['header:event2/event.h']}}\n"
        "jobs: [daemon/freebsd-15/default]\n"
    )
    (asked,) = lock_questions(file).releases
    assert asked.asked == ()
    update_lock(lock_questions(file), having({}))
    assert '"header:event2/event.h": [libevent]' in file.with_name("ciforge.lock").read_text()


def test_project_without_such_names_loses_its_lock(file: Path) -> None:
    update_lock(lock_questions(file), having(INDEX))
    file.write_text(
        "project: mine\nrepos: {daemon: {path: daemon, recipe: make}}\njobs: [debian-13]\n"
    )
    assert update_lock(lock_questions(file), having({})) == []
    assert not file.with_name("ciforge.lock").exists()


@pytest.mark.parametrize("name", ["poetry.yml", "mine.lock"])
def test_file_that_is_no_lock_is_neither_replaced_nor_removed(here: Path, name: str) -> None:
    file, foreign = here / name, (here / name).with_suffix(".lock")
    for project in (PROJECT, PROJECT.partition("    dependencies:")[0] + "jobs: [debian-13]\n"):
        foreign.write_text("another program wrote this\n")
        file.write_text(project)
        before = foreign.read_text()
        with pytest.raises(UsageError):
            lock_questions(file)
        assert foreign.read_text() == before


def test_lock_that_is_a_link_is_replaced_and_its_target_is_not_written(
    file: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").write_text("mine")
    lock = file.with_name("ciforge.lock")
    lock.symlink_to(tmp_path / "other")
    update_lock(lock_questions(file), having(INDEX))
    assert (tmp_path / "other").read_text() == "mine"
    assert not lock.is_symlink()


def test_update_without_an_engine_says_so_and_keeps_no_half_answers(
    types: Types, file: Path
) -> None:
    told = types("packages", "--update")
    assert told.code == 3
    assert not file.with_name("ciforge.lock").exists()


def test_update_takes_no_names_and_no_other_question(types: Types, file: Path) -> None:
    assert types("packages", "--update", "debian").code == 2
    assert types("packages", "--update", "--check").code == 2


def test_unknown_kind_of_name_is_refused_with_the_nearest(types: Types, file: Path) -> None:
    file.write_text(PROJECT.replace("pkg-config:libfido2", "pkgconfig:libfido2"))
    assert "(did you mean 'pkg-config'?)" in types("lint").out


def test_name_of_an_index_can_be_replaced_by_a_source(types: Types, file: Path) -> None:
    file.write_text(
        PROJECT.replace("jobs:", "sources:\n  fido: {url: https://example.org/fido.tar.gz, sha256: '" + "0" * 64 + "', prefix: /opt/fido}\n"
        "variants:\n  own: {replace: {'pkg-config:libfido2': sources/fido}}\njobs:").replace("[debian-12, debian-13]", "[debian-13/own]")
    )  # fmt: skip
    assert {one.id: one.asked for one in lock_questions(file).releases} == {
        "debian-13": ("command:vi", "header:event2/event.h")
    }
