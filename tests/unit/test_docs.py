"""The documentation agrees with the code: keys, examples, links, tables; test_man.py has the man pages."""

import ast
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import click
import pytest
import yaml
from click.testing import CliRunner
from test_layers import RANKS

from ciforge import errors
from ciforge.app.workspace import check_project, open_workspace
from ciforge.cli import main
from ciforge.load.catalogue import lint_file
from ciforge.model import distro, project
from ciforge.model.distro import Catalogue
from ciforge.model.proof import Proof
from ciforge.run import exit_status, log_file
from tests.projects import real_catalogue
from tests.tables import each

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PROJECT_FILE = ROOT / "docs" / "ciforge-yml.md"
DESCRIPTORS = ROOT / "docs" / "descriptors.md"
DOCUMENTS = (README, CONTRIBUTING, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))

SPELLED = {("StepChange", "user"): "as", ("Mail", "sender"): "from", ("Repo", "folder"): "in"}
"""Keys that Python has as words for itself."""
NOT_WRITTEN = {distro.Catalogue}
"""What no file holds."""

BASE = {
    "project": "example",
    "repos": {
        "portable": {"path": ".", "recipe": "autotools", "users": {"_mydaemon": "/var/empty"}}
    },
    "jobs": ["debian"],
}
"""What a part of a project file is laid into."""

DESCRIPTOR_SECTIONS = {
    "Distribution": "A distribution",
    "Release": "A release",
    "Dependency": "A dependency",
    "Provision": "A dependency",
    "Compiler": "compilers",
    "Accounts": "accounts",
    "Bootstrap": "bootstrap",
    "HostedMachine": "hosted",
    "Manager": "A package manager",
}
"""The section of docs/descriptors.md that describes the keys of a class."""

DULL = (
    "robust",
    "seamless",
    "powerful",
    "blazing",
    "cutting-edge",
    "effortless",
    "state-of-the-art",
)


def words(file: Path) -> str:
    return file.read_text()


def blocks(file: Path, language: str) -> list[str]:
    """The fenced blocks of that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", words(file), re.MULTILINE | re.DOTALL)


def shown_blocks(language: str, begins: str) -> list[Any]:
    """Blocks with a line that begins so, each with a name for pytest."""
    found = [
        pytest.param(block, id=f"{file.name}-{place}")
        for file in DOCUMENTS
        for place, block in enumerate(blocks(file, language))
        if re.search(rf"^{begins}", block, re.MULTILINE)
    ]
    assert found
    return found


def parts_of_project_files() -> list[Any]:
    return [
        pytest.param(block, id=str(place))
        for place, block in enumerate(blocks(PROJECT_FILE, "yaml"))
        if not block.startswith("project:")
    ]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def section(file: Path, heading: str) -> str:
    """What stands below a heading, to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", words(file), re.M | re.S)
    assert found, f"{file.name} has no heading {heading!r}"
    return found[1]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return real_catalogue()


def write(folder: Path, text: str) -> Path:
    """A project file with an empty folder around it."""
    file = folder / "ciforge.yml"
    file.write_text(text)
    return file


def keys(module: Any) -> list[tuple[str, str]]:
    """Class and key of everything that may stand in a file."""
    return [
        (name, SPELLED.get((name, field.name), field.name))
        for name, model in inspect.getmembers(module, attrs.has)
        if model.__module__ == module.__name__ and model not in NOT_WRITTEN
        for field in attrs.fields(model)
    ]


def test_every_key_of_a_descriptor_is_in_the_table_of_its_class() -> None:
    missing = [
        f"{model}.{key}"
        for model, key in keys(distro)
        if key not in described_keys(section(DESCRIPTORS, DESCRIPTOR_SECTIONS[model]))
    ]
    assert missing == []


def described_keys(text: str) -> set[str]:
    """The keys in the first column of the tables of a section."""
    return {key for row in rows(text) for key in re.findall(r"`(\w+)`", row[0])}


def test_keys_of_the_project_file_are_documented_in_the_manual_only() -> None:
    assert [row for row in rows(words(PROJECT_FILE)) if row[0] in ("key", "written")] == []
    assert "(../man/ciforge.yml.5)" in words(PROJECT_FILE)


@pytest.mark.parametrize("text", shown_blocks("yaml", "project:"))
def test_project_files_in_the_documents_lint_clean(
    text: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    assert check_project(write(tmp_path, text), catalogue)[0] == []


@each("text", parts_of_project_files())
def test_parts_of_project_files_in_the_guide_lint_clean(
    text: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    part: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    whole = dict(BASE)
    if set(part) <= {field.name for field in attrs.fields(project.Project)}:
        whole |= part
    else:
        whole["repos"] = {"portable": {**BASE["repos"]["portable"], **part}}  # type: ignore[index]
    file = write(tmp_path, yaml.safe_dump(whole))
    (tmp_path / "patches").mkdir(exist_ok=True)
    (tmp_path / "patches" / "libold-gcc14.diff").write_text("@@ -1 +1 @@\n-a\n+b\n")
    assert check_project(file, catalogue, answered=False)[0] == []


@pytest.mark.parametrize("text", shown_blocks("yaml", "(?:distribution|manager):"))
def test_descriptors_in_the_documents_lint_clean(text: str, tmp_path: Path) -> None:
    assert lint_file(put_descriptor(text, tmp_path)) == []


def put_descriptor(text: str, folder: Path) -> Path:
    """A descriptor under the name that it must have."""
    for key, place in (("distribution", folder), ("manager", folder / "managers")):
        if name := re.search(rf"^{key}: (\S+)$", text, re.MULTILINE):
            place.mkdir(parents=True, exist_ok=True)
            file = place / f"{name[1]}.yml"
            file.write_text(text)
            return file
    raise AssertionError("neither distribution: nor manager: begins a line")


def test_distribution_in_the_contributors_guide_makes_a_job(tmp_path: Path) -> None:
    for text in blocks(CONTRIBUTING, "yaml"):
        put_descriptor(text, tmp_path / "distros")
    repo = "{path: ., recipe: autotools, dependencies: [autoconf, automake, libevent]}"
    file = write(tmp_path, f"project: p\nrepos: {{r: {repo}}}\njobs: [void]\n")
    (job,) = open_workspace(file, tmp_path).plan.jobs
    assert (job.id, job.skipped) == ("r/void-glibc/default", "")
    assert {"gcc", "glibc-devel", "libevent-devel", "shadow"} <= set(job.packages)


def test_first_project_file_of_the_readme_has_the_jobs_that_the_readme_shows(
    tmp_path: Path,
) -> None:
    text = next(block for block in blocks(README, "yaml") if block.startswith("project:"))
    shown = next(
        block for block in blocks(README, "console") if block.startswith("$ ciforge jobs\n")
    )
    listed = shown.splitlines()[1:]
    answer = CliRunner().invoke(main.cli, ["jobs", "--file", str(write(tmp_path, text))])
    assert answer.exit_code == 0
    assert [timeless(line) for line in answer.output.splitlines()] == listed


def timeless(line: str) -> str:
    """A line of `ciforge jobs` without what depends on the day."""
    return re.sub(r",? *end of life .*", "", line)


def commands() -> Mapping[str, click.Command]:
    context = click.Context(main.cli)
    found = {name: main.cli.get_command(context, name) for name in main.COMMANDS}
    return {name: command for name, command in found.items() if command}


def slug(heading: str) -> str:
    """The anchor that a renderer gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links() -> list[tuple[Path, str]]:
    """Document and target of each relative link."""
    return [
        (file, target)
        for file in DOCUMENTS
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(file))
        if not re.match(r"[a-z]+:", target)
    ]


def prose(file: Path) -> str:
    """A document without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", words(file), flags=re.MULTILINE | re.DOTALL)


def leads_somewhere(file: Path, target: str) -> bool:
    """Whether a link ends at a file of the checkout and at one of its headings."""
    path, _, anchor = target.partition("#")
    place = (file.parent / path).resolve() if path else file
    if not (place.exists() and place.is_relative_to(ROOT)):
        return False
    headings = re.findall(r"^#+ (.+)$", words(place), re.MULTILINE) if anchor else []
    return not anchor or anchor in {slug(heading) for heading in headings}


def test_relative_links_of_the_documents_exist() -> None:
    found = links()
    assert found
    assert [f"{file.name}: {to}" for file, to in found if not leads_somewhere(file, to)] == []


def exit_codes() -> set[int]:
    """Of errors, of runs, and those that the command line gives by itself."""
    of_errors = {
        error.exit_code
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, errors.CiforgeError) and hasattr(error, "exit_code")
    }
    of_runs = {
        value
        for name, value in vars(exit_status).items()
        if name.isupper() and isinstance(value, int)
    }
    by_itself = {
        node.value.value
        for node in ast.walk(ast.parse(inspect.getsource(main)))
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "code"
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, int)
    }
    return of_errors | of_runs | by_itself


def proven(one: distro.Distribution, catalogue: Catalogue) -> str:
    """`tested: 12, 13; userland: 11`, or `rendered`."""
    words: dict[str, list[str]] = {}
    for release in one.releases:
        found = {catalogue.proof(one, release, platform) for platform in release.platforms}
        best = next(proof for proof in Proof if proof in found)
        words.setdefault(best.value, []).append(release.release)
    if set(words) == {Proof.RENDERED.value}:
        return Proof.RENDERED.value
    words.pop(Proof.RENDERED.value, None)
    return "; ".join(f"{word}: {', '.join(releases)}" for word, releases in words.items())


def test_table_of_systems_in_the_readme_is_that_of_the_descriptors(catalogue: Catalogue) -> None:
    table = rows(section(README, "Systems"))[2:]
    said = {title: (releases, plain, tried) for title, releases, plain, tried in table}
    assert said == {
        one.title: (
            ", ".join(release.release for release in one.releases),
            ", ".join(one.default_releases),
            proven(one, catalogue),
        )
        for one in catalogue.distributions.values()
    }


def test_limits_of_a_log_are_those_of_the_architecture_document() -> None:
    text = " ".join(section(ARCHITECTURE, "State").split())
    mib = 1024 * 1024
    assert (
        f"{log_file.HEAD // mib} MiB at the beginning and {log_file.TAIL // mib} MiB at the end"
        in text
    )


def test_fields_of_json_events_are_those_of_the_architecture_document() -> None:
    table = {row[0].strip("`"): row[1] for row in rows(section(ARCHITECTURE, "JSON events"))}
    for line in words(ROOT / "tests" / "golden" / "events" / "stream.jsonl").splitlines():
        event = json.loads(line)
        said = set(re.findall(r"`(\w+)`", table[event["event"]]))
        inner = [one for value in event.values() if isinstance(value, list) for one in value]
        fields = set(event).union(*(one for one in inner if isinstance(one, dict)))
        assert said == fields - {"v", "event", "run", "time"}, event["event"]


def test_table_of_layers_in_the_architecture_document_is_the_enforced_one() -> None:
    table = rows(section(ARCHITECTURE, "Layers"))
    layers = {layer(row[1]): int(row[0]) for row in table if row[0].isdigit()}
    assert layers == RANKS


def layer(path: str) -> str:
    """`cli.main` for `cli/main.py` of the table, `load` for `load/`."""
    return path.strip("`").removesuffix(".py").rstrip("/").replace("/", ".")


@each("file", DOCUMENTS, ids=lambda file: file.name)
def test_documents_contain_no_advertising(file: Path) -> None:
    assert [word for word in DULL if re.search(rf"\b{word}", words(file), re.IGNORECASE)] == []
