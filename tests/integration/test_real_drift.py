"""A job that stays green and yet loses something: `ciforge run` and every report say what."""

from pathlib import Path

import attrs
import pytest
from rig import Ended, Person, commit, configured_hello

JOB = "hello/debian-12/default"
LOST = "HAVE_ARC4RANDOM_UNIFORM is missing, was defined (compared with the last green run, {run})"
WARNING = "makes integer from pointer without a cast [-Wint-conversion]"
FATAL = "an error with gcc 14 and clang 15"
PLAIN = "unused variable 'left_over' [-Wunused-variable]"


@attrs.frozen
class Told:
    """Two runs of a job, both green, and the reports of the second one."""

    person: Person
    before: Ended
    after: Ended
    markdown: str
    pages: Path


def change(tree: Path) -> None:
    """Configure does not look for a function any more, and the source has two new warnings."""
    configure, source = tree / "configure.ac", tree / "src" / "hello.c"
    text = configure.read_text()
    configure.write_text(
        text.replace("AC_REPLACE_FUNCS([arc4random_uniform ", "AC_REPLACE_FUNCS([")
    )
    more = "\tint ch, left_over;\n\tint wrong = greetings[0];\n"
    source.write_text(source.read_text().replace("\tint ch;\n", more))
    assert configure.read_text() != text
    assert more in source.read_text()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The second run is of the same checkout, with changes that nobody has committed."""
    folder = tmp_path_factory.mktemp("drift")
    person = Person(configured_hello(folder / "hello"), folder / "home")
    before = person.runs(JOB)
    change(person.here)
    after = person.runs(JOB)
    assert (before.code, after.code) == (0, 0), before.told + after.told
    text = person.types("report", "--markdown", "-")
    made = person.types("report", "--html", folder / "pages")
    assert (text.code, made.code) == (0, 0), text.told + made.told
    return Told(person, before, after, text.out, folder / "pages")


def line(text: str, part: str) -> str:
    """The line that has it."""
    (found,) = (one for one in text.splitlines() if part in one)
    return found


def test_first_run_reports_no_drift(told: Told) -> None:
    assert "changed  " not in told.before.out
    assert "warning  " not in told.before.out


def test_summary_lists_drift(told: Told) -> None:
    assert f"changed  {JOB}  {LOST.format(run=told.before.folder.name)}" in told.after.out


def test_summary_lists_new_warnings_and_future_errors(
    told: Told,
) -> None:
    assert line(told.after.out, WARNING).endswith(f"({FATAL}; new; 1 job)")
    assert line(told.after.out, PLAIN).endswith("(new; 1 job)")


def test_markdown_lists_drift_and_warnings(told: Told) -> None:
    assert LOST.format(run=told.before.folder.name) in line(told.markdown, "HAVE_ARC4")
    assert f"new since the last green run, {FATAL}" in line(told.markdown, WARNING)
    assert "new since the last green run" in line(told.markdown, PLAIN)


@pytest.mark.parametrize("page", ["index.html", "jobs/*.html"])
def test_site_lists_drift_and_warnings(told: Told, page: str) -> None:
    (file,) = told.pages.glob(page)
    text = file.read_text()
    assert LOST.format(run=told.before.folder.name) in text
    assert f"new since the last green run, {FATAL}" in text


def test_warning_is_not_new_in_the_next_run(told: Told) -> None:
    commit(told.person.here, "All of it")
    again = told.person.runs(JOB)
    assert again.code == 0, again.told
    assert "HAVE_ARC4RANDOM_UNIFORM" not in again.out
    assert line(again.out, WARNING).endswith(f"({FATAL}; 1 job)")
    assert PLAIN not in again.out
