"""What the manual pages say is true: commands, options, exit codes, variables, keys, examples."""

import inspect
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import click
import pytest
import yaml
from click.testing import CliRunner
from test_docs import BASE, SPELLED, commands, exit_codes

from ciforge.app.workspace import check_project
from ciforge.cli import main
from ciforge.model import project
from ciforge.model.distro import Catalogue
from ciforge.plan.recipes import RECIPES
from tests.projects import real_catalogue
from tests.tables import each

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "man" / "ciforge.1"
PROJECT_FILE = ROOT / "man" / "ciforge.yml.5"
PAGES = (COMMAND, PROJECT_FILE)

SECTIONS = {
    "Project": "Top level",
    "Repo": "Repositories",
    "Overlay": "Overlays",
    "StepChange": "Steps",
    "Service": "Services",
    "Source": "Sources",
    "JobEntry": "Jobs",
    "Mail": "Mail",
    "Route": "Mail",
    "Ciforge": "Generated files",
}
"""Where the keys of each model are described."""
PARTS = {"Variant", "Need", "Needs", "ArgumentChange", "Patch"}
"""Models without a section: their keys are those of an overlay, or are described with the key that holds them."""
NEEDED = {("Project", "jobs")}
"""Keys with a default in the model that no file may leave out."""
SPELLED_OUT_IN_PLACE = {"installed"}
"""Described like keys, though they are values."""


def words(page: Path) -> str:
    return page.read_text()


def section(page: Path, title: str) -> str:
    """What stands below `.Sh` or `.Ss`, to the next one of its rank or above."""
    found = re.search(
        rf"^\.(S[hs]) {re.escape(title)}\n(.*?)(?=^\.Sh |^\.Ss |\Z)", words(page), re.M | re.S
    )
    assert found, f"{page.name} has no section {title!r}"
    return found[2]


def flags(text: str) -> set[str]:
    """`--json` for every `Fl -json` of a piece of mdoc."""
    return {f"-{word}" for word in re.findall(r"\bFl (-?[\w-]+)", text)}


def items(text: str) -> list[str]:
    """The tags of all lists in a piece of mdoc."""
    return re.findall(r"^\.It (.*)$", text, re.M)


@attrs.frozen
class Described:
    """One command of the page: its own synopsis, and the text below."""

    name: str
    synopsis: str
    text: str


def described() -> dict[str, Described]:
    found = re.findall(
        r"^\.It Xo\n\.Cm (\w+)\n(.*?)^\.Xc\n(.*?)(?=^\.It Xo|^\.Ss )", words(COMMAND), re.M | re.S
    )
    return {name: Described(name, synopsis, text) for name, synopsis, text in found}


def options(command: click.Command) -> list[list[str]]:
    """The spellings of each of its options, `--help` excepted."""
    return [
        parameter.opts
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
    ]


def arguments(command: click.Command) -> list[bool]:
    """For each of its arguments, whether it must be there."""
    return [one.required for one in command.params if isinstance(one, click.Argument)]


COMMANDS = commands()
ALL_FLAGS = {
    "-h", "--help", "-V", "--version",
    *(flag for one in COMMANDS.values() for spellings in options(one) for flag in spellings),
}  # fmt: skip


def test_man_page_lists_exactly_the_commands() -> None:
    assert list(described()) == list(main.COMMANDS)


@each("name", main.COMMANDS)
def test_synopsis_in_the_man_page_has_exactly_the_options_of_the_command(name: str) -> None:
    said = flags(described()[name].synopsis)
    for spellings in options(COMMANDS[name]):
        assert len(said & set(spellings)) == 1, spellings
    assert said <= {flag for spellings in options(COMMANDS[name]) for flag in spellings}


@each("name", main.COMMANDS)
def test_synopsis_in_the_man_page_has_every_argument_of_the_command(name: str) -> None:
    synopsis = described()[name].synopsis
    said = [not optional for optional in re.findall(r"^\.(Op )?(?:Ar|Cm)\b", synopsis, re.M)]
    assert said == arguments(COMMANDS[name])


@each("name", main.COMMANDS)
def test_man_page_explains_every_option_in_all_spellings(name: str) -> None:
    tags = items(described()[name].text + section(COMMAND, "Common options"))
    for spellings in options(COMMANDS[name]):
        assert any(set(spellings) <= flags(tag) for tag in tags), spellings


def test_man_pages_name_no_option_that_does_not_exist() -> None:
    assert flags(words(COMMAND)) <= ALL_FLAGS
    assert flags(words(PROJECT_FILE)) <= ALL_FLAGS


@each(
    "typed",
    [
        line
        for text in re.findall(r"^\.Bd .*?\n(.*?)^\.Ed$", words(COMMAND), re.M | re.S)
        for line in re.sub(r"\\e\n *", "", text).splitlines()
        if "$ ciforge " in line
    ],
)
def test_example_commands_of_the_man_page_use_existing_options(typed: str) -> None:
    name, *rest = typed.partition("$ ciforge ")[2].split("|")[0].split()
    known = {flag for spellings in options(COMMANDS[name]) for flag in spellings}
    assert {word for word in rest if word.startswith("-")} <= known


def test_man_page_lists_exactly_the_exit_statuses() -> None:
    assert {int(tag) for tag in items(section(COMMAND, "EXIT STATUS"))} == exit_codes()


def read_variables() -> Iterator[str]:
    """Names that the package asks the environment for."""
    pattern = re.compile(r"environ(?:\.get\(|\[)\"(\w+)\"")
    for file in (ROOT / "ciforge").rglob("*.py"):
        yield from pattern.findall(file.read_text())


@each("name", sorted({name for name in read_variables() if not name.startswith("COMP_")}))
def test_man_page_lists_every_environment_variable_that_is_read(name: str) -> None:
    assert re.search(rf"\bEv {name}\b", section(COMMAND, "ENVIRONMENT"))


@pytest.mark.parametrize("name", ["CIFORGE_BASE_", "DOCKER_HOST", "GIT_SSH_COMMAND"])
def test_man_page_lists_the_variables_of_programs_that_ciforge_runs(name: str) -> None:
    assert f".Ev {name}" in section(COMMAND, "ENVIRONMENT") or f"It Ev {name}" in words(COMMAND)


def keys() -> list[Any]:
    """Class, key as it is written, and whether it may be left out."""
    own = {field.name for field in attrs.fields(project.Overlay)}
    return [
        pytest.param(name, field, id=f"{name}.{field.name}")
        for name, model in inspect.getmembers(project, attrs.has)
        if name in SECTIONS
        for field in attrs.fields(model)
        if name == "Overlay" or field.name not in own or name not in ("Repo", "Variant")
    ]


def test_every_model_of_a_project_file_has_a_section() -> None:
    models = {name for name, model in inspect.getmembers(project, attrs.has)}
    assert models == {*SECTIONS, *PARTS}


def entry(model: str, key: str) -> str:
    """What the page says of a key; of two with one name in a section, the one of this model."""
    text = section(PROJECT_FILE, SECTIONS[model])
    if model in ("Mail", "Route"):
        text = text.partition("A route has these keys")[2 if model == "Route" else 0]
    found = re.search(rf"^\.It Sy {key} : (.*?)(?=^\.It |^\.El|\Z)", text, re.M | re.S)
    assert found, f"{model}.{key}"
    return found[1]


@each(("model", "field"), keys())
def test_man_page_describes_every_key_with_its_default(model: str, field: Any) -> None:
    said = entry(model, SPELLED.get((model, field.name), field.name))
    needed = field.default is attrs.NOTHING or (model, field.name) in NEEDED
    assert ("Required." in said, "Default:" in said) == (needed, not needed)


@each("key", ["add", "remove"])
def test_man_page_describes_add_and_remove(key: str) -> None:
    for name in ("dependencies", "configure"):
        assert f".Sy {key}" in entry("Overlay", name)


def test_man_page_describes_no_key_that_does_not_exist() -> None:
    models = [model for _, model in inspect.getmembers(project, attrs.has)]
    known = {
        SPELLED.get((model.__name__, field.name), field.name)
        for model in models
        for field in attrs.fields(model)
    }
    said = re.findall(r"^\.It Sy (\w+) :", words(PROJECT_FILE), re.M)
    assert set(said) - SPELLED_OUT_IN_PLACE <= known


@each(("model", "field"), keys())
def test_man_page_shows_every_key_in_an_example(model: str, field: Any) -> None:
    key = SPELLED.get((model, field.name), field.name)
    assert any(re.search(rf"(?:^|[ {{]){key}:", text, re.M) for text in examples())


def examples() -> list[str]:
    found = re.findall(r"^\.Bd .*?\n(.*?)^\.Ed$", words(PROJECT_FILE), re.M | re.S)
    return [text.replace("\\e", "\\") for text in found]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return real_catalogue()


@each("text", examples())
def test_example_project_files_of_the_man_page_lint_clean(
    text: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    part: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    whole = {**BASE, **part}
    if not set(part) <= {field.name for field in attrs.fields(project.Project)}:
        whole = BASE | {"repos": {"portable": {**BASE["repos"]["portable"], **part}}}  # type: ignore[index]
    file = tmp_path / "ciforge.yml"
    (tmp_path / "patches").mkdir(exist_ok=True)
    (tmp_path / "patches" / "libbar-gcc14.diff").write_text("@@ -1 +1 @@\n-a\n+b\n")
    file.write_text(text if "project" in part else yaml.safe_dump(whole))
    assert check_project(file, catalogue, answered=False)[0] == []


@each("state", project.INCIDENT_STATES)
def test_man_page_names_every_state_of_an_incident(state: str) -> None:
    assert re.search(rf"(?<![\w-]){state}(?![\w-])", entry("Route", "when"))


def test_man_page_describes_every_recipe() -> None:
    """Its steps, which of them are disabled, what it implies, and which files it keeps."""
    text = section(PROJECT_FILE, "RECIPES")
    written = set(re.findall(r"[\w./-]+", re.sub(r"^\.\w+", "", text, flags=re.M)))
    for name, recipe in RECIPES.items():
        found = re.search(rf"^\.It Sy {name}\n\.Sy (.*)\n((?:(?!\.It ).*\n)*)", text, re.M)
        assert found, name
        assert re.findall(r"\w+", found[1]) == [step.name for step in recipe.steps]
        assert [file for file in recipe.artifacts if f"\n.Pa {file}\n" not in f"\n{found[2]}"] == []
        assert set(recipe.implied) <= written
        for step in recipe.steps:
            place = text.index(f"\n.It Sy {step.name} No (")
            assert (
                f"{step.timeout // 60} minutes" in text[place:].split("\n")[1]
                or f"{step.timeout // 60} for Sy {name}" in text[place:].split("\n")[1]
            ), step
            disabled = (
                "Disabled unless" in text[place:].partition("\n.It ")[2].partition("\n.It ")[0]
            )
            assert disabled is not step.on


def mandoc(*arguments: object) -> str:
    """Its output. Where it is missing, CI fails and a person is told."""
    if not shutil.which("mandoc"):
        told = "mandoc checks the manual pages, and is not here: apt-get install mandoc"
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(told)
        pytest.skip(told)
    done = subprocess.run(
        ["mandoc", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mandoc_accepts_the_man_pages(page: Path) -> None:
    told = mandoc("-T", "lint", page).splitlines()
    # Which pages of others are installed says nothing about ours.
    assert [line for line in told if "referenced manual not found" not in line] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man_pages_fit_80_columns(page: Path) -> None:
    shown = re.sub(".\b", "", mandoc("-T", "utf8", "-O", "width=78", page))
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    assert "NAME\n" in shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man_pages_refer_to_existing_pages(page: Path) -> None:
    ours = re.findall(r"^\.Xr (ciforge\S*) (\d)", words(page), re.M)
    assert ours
    assert [name for name, part in ours if not (page.parent / f"{name}.{part}").is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man_pages_are_in_the_wheel_and_the_source_archive(page: Path) -> None:
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    place = f"share/man/man{page.suffix[1:]}/{page.name}"
    assert targets["targets"]["wheel"]["shared-data"][f"man/{page.name}"] == place
    assert "/man" in targets["targets"]["sdist"]["include"]


def test_help_names_the_pages() -> None:
    shown = CliRunner().invoke(main.cli, ["--help"]).output
    assert "man ciforge, man ciforge.yml" in shown
