"""`ciforge generate`: only what is ours is written, changed or removed, and nothing unseen is lost."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from ciforge.ci.checksum_header import marked
from ciforge.ci.file_set import SetPlace, journal, sealed
from ciforge.commands.generate import command
from ciforge.commands.lint import command as lint
from ciforge.errors import InputError, UsageError
from ciforge.generated_file import GeneratedTree
from tests.tables import mostly_slow

PROJECT = """
project: p
repos:
  one: {path: ., recipe: autotools}
  two: {git: "https://git.example.org/two", recipe: make}
jobs: [one/debian/default, two/debian-13/default]
"""
FILE = Path(".github/workflows/ciforge.yml")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of `one`, in which one types."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "ciforge.yml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def generate(*words: str) -> int:
    return command.main(list(words), standalone_mode=False) or 0


def test_generate_in_a_checkout_writes_its_own_repository(tree: Path) -> None:
    assert generate() == 0
    assert "one/debian-13/default" in (tree / FILE).read_text()
    assert "two/debian-13/default" not in (tree / FILE).read_text()


def test_generate_a_second_time_changes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generate()
    capsys.readouterr()
    assert generate() == 0
    assert capsys.readouterr() == ("", "all files are up to date\n")
    assert generate("--check") == 0


MAIL = "mail: {from: ci@example.org, routes: [{job: '*', to: team@example.org}]}\n"
INSTALL = "ciforge: {install: pipx install ciforge==1.0}\n"


@pytest.mark.parametrize(
    ("keys", "notifies", "said"),
    [
        ("", False, ""),
        (INSTALL, False, ""),
        (MAIL, False, "these workflows send no mail: `ciforge: {install: …}` is not set"),
        (MAIL + INSTALL, True, ""),
    ],
)
def test_generate_adds_the_notify_job_only_with_recipients_and_install(
    tree: Path, capsys: pytest.CaptureFixture[str], keys: str, notifies: bool, said: str
) -> None:
    (tree / "ciforge.yml").write_text(PROJECT + keys)
    assert generate() == 0
    workflow = (tree / ".github" / "workflows" / "ciforge.yml").read_text()
    assert ("\n  notify:\n" in workflow) is notifies
    assert ("contents: write" in workflow) is notifies
    assert said in capsys.readouterr().err


def test_generate_for_a_central_project_reads_no_project_file_at_run_time(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "ciforge.yml").write_text(PROJECT + MAIL + INSTALL)
    assert generate("--output", "out") == 0
    assert "the project file is in none of these repositories" in capsys.readouterr().err
    assert not [f for f in Path("out").rglob("*.yml") if "contents: write" in f.read_text()]


def test_generate_check_ends_with_1_and_the_difference(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generate()
    (tree / "ciforge.yml").write_text(PROJECT.replace("one/debian/", "one/debian-13/"))
    before = (tree / FILE).read_text()
    assert generate("--check") == 1
    out = capsys.readouterr().out
    assert "-          build one/debian-12/default commit ubuntu-24.04\n" in out
    assert "--- a/.github/ciforge/images/debian-12.Dockerfile" in out
    assert (tree / FILE).read_text() == before


def test_generate_diff_shows_missing_files_and_writes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate("--diff") == 0
    assert f"+++ b/{FILE}" in capsys.readouterr().out
    assert not (tree / FILE).exists()


def test_generate_keeps_a_newer_pin_and_reports_no_drift(tree: Path) -> None:
    generate()
    text = (tree / FILE).read_text()
    commit = text.partition("actions/checkout@")[2].partition(" ")[0]
    bumped = text.replace(commit, "1" * 40).replace("# v7.0.1", "# v7.9.0")
    (tree / FILE).write_text(bumped)
    assert generate("--check") == 0
    (tree / "ciforge.yml").write_text(PROJECT.replace("one/debian/", "one/debian-13/"))
    assert generate() == 0
    assert f"actions/checkout@{'1' * 40} # v7.9.0" in (tree / FILE).read_text()


@pytest.mark.parametrize("mine", ["name: somebody's own\n", None])
def test_generate_keeps_edited_files_without_force(
    mine: str | None, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generate()
    text = mine or (tree / FILE).read_text().replace("fail-fast: false", "fail-fast: true")
    (tree / FILE).write_text(text)
    capsys.readouterr()
    with pytest.raises(UsageError, match="not overwritten"):
        generate()
    assert (tree / FILE).read_text() == text
    assert "fail-fast: false" in capsys.readouterr().out
    assert generate("--force") == 0
    assert "fail-fast: false" in (tree / FILE).read_text()


def test_generate_removes_obsolete_files_and_keeps_foreign_ones(tree: Path) -> None:
    (tree / "ciforge.yml").write_text(PROJECT + "ciforge: {workflows: distribution}\n")
    generate()
    other = tree / FILE.with_name("ciforge-mine.yml")
    other.write_text("name: mine\n")
    (tree / "ciforge.yml").write_text(PROJECT)
    generate()
    names = sorted(path.name for path in (tree / FILE).parent.iterdir())
    assert names == ["ciforge-mine.yml", "ciforge.yml"]


HOME = Path(".github/ciforge")


def test_generate_removes_an_obsolete_image_and_keeps_a_foreign_file(tree: Path) -> None:
    generate()
    (tree / HOME / "images" / "mine.Dockerfile").write_text("FROM scratch\n")
    (tree / HOME / "README").write_text("mine\n")
    (tree / "ciforge.yml").write_text(PROJECT.replace("one/debian/", "one/debian-13/"))
    assert generate() == 0
    names = sorted(path.name for path in (tree / HOME / "images").iterdir())
    assert names == ["debian-13.Dockerfile", "mine.Dockerfile"]
    assert (tree / HOME / "README").read_text() == "mine\n"
    assert generate("--check") == 0


@pytest.mark.parametrize(
    "name", mostly_slow(["step.sh", "generated.txt", "steps/build.sh", "jobs.txt"], quick=1)
)
def test_generate_notices_an_edit_of_any_file(
    name: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generate()
    text = (tree / HOME / name).read_text()
    (tree / HOME / name).write_text(f"{text}# mine\n")
    assert generate("--check") == 1
    if name == "generated.txt":  # it is made of the others
        assert generate() == 0
    else:
        with pytest.raises(UsageError, match=f"not overwritten: .*{name}"):
            generate()
        assert (tree / HOME / name).read_text() == f"{text}# mine\n"
        assert generate("--force") == 0
    assert (tree / HOME / name).read_text() == text
    assert generate("--check") == 0


def test_generate_restores_a_deleted_file(tree: Path) -> None:
    generate()
    (tree / HOME / "step.sh").unlink()
    assert generate("--check") == 1
    assert generate() == 0
    assert generate("--check") == 0


def test_summary_has_the_workflow_and_the_number_of_other_files(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generate()
    count = len([path for path in (tree / HOME).rglob("*") if path.is_file()])
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"created {tree / FILE}", f"created {tree / HOME}/: {count} files"]
    (tree / HOME / "step.sh").unlink()
    generate()
    assert capsys.readouterr().out == f"created {tree / HOME / 'step.sh'}\n"


def test_verbose_summary_names_each_file(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate("--verbose")
    files = sorted(path for path in (tree / ".github").rglob("*") if path.is_file())
    assert sorted(capsys.readouterr().out.splitlines()) == [f"created {path}" for path in files]


def test_edit_after_an_interrupted_generate_is_kept(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, names = GeneratedTree.write, list[str]()

    def interrupted(generated: GeneratedTree, name: str, data: bytes) -> None:
        if len(names) == 5:
            raise KeyboardInterrupt
        names.append(name)
        write(generated, name, data)

    monkeypatch.setattr(GeneratedTree, "write", interrupted)
    with pytest.raises((KeyboardInterrupt, click.Abort)):
        generate()
    monkeypatch.setattr(GeneratedTree, "write", write)
    (tree / names[-1]).write_text("mine\n")
    with pytest.raises(UsageError, match=f"not overwritten: {re.escape(str(tree / names[-1]))}$"):
        generate()
    assert (tree / names[-1]).read_text() == "mine\n"


def test_journal_that_was_edited_is_no_excuse_for_a_loss(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = SetPlace(folder=".github")
    (tree / HOME).mkdir(parents=True)
    (tree / HOME / "step.sh").write_text("mine\n")
    text = journal({}, {f"{place.home}/step.sh": "mine\n"}, place, "ciforge generate")
    (tree / place.list).write_text(text + f"{'0' * 64} {place.home}/unpack.sh\n")
    with pytest.raises(UsageError, match="not overwritten: "):
        generate()
    assert (tree / HOME / "step.sh").read_text() == "mine\n"


def test_generate_with_a_forged_file_list_removes_nothing(tree: Path) -> None:
    generate()
    others = [".github/workflows/release.yml", "src/a.c", ".github/CODEOWNERS"]
    for name in others:
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("theirs\n")
    found = {path: path.read_text() for path in tree.glob(".github/**/*") if path.is_file()}
    own = {str(path.relative_to(tree)): text for path, text in found.items() if path.name != "generated.txt"}  # fmt: skip
    own |= dict.fromkeys(others, "theirs\n")
    place = SetPlace(folder=".github")
    (tree / place.list).write_text(sealed(own, place, "ciforge generate")[place.list])
    generate("--force")
    assert [(tree / name).read_text() for name in others] == ["theirs\n"] * 3


OLD = "# Written by ciforge from ciforge.yml.\nname: old\n"


@pytest.mark.parametrize("force", [False, True])
def test_generate_replaces_files_of_older_versions_unless_edited(force: bool, tree: Path) -> None:
    (tree / FILE).parent.mkdir(parents=True)
    (tree / FILE).write_text(marked(OLD))
    second = (tree / FILE).with_name("ciforge.2.yml")
    second.write_text(marked(OLD) + "# mine\n" * force)
    mine = (tree / FILE).with_name("ciforge-mine.yml")
    mine.write_text(OLD)
    if force:
        with pytest.raises(UsageError, match=r"not overwritten: \S*ciforge\.2\.yml"):
            generate()
        assert (tree / FILE).read_text() == marked(OLD)
    assert generate(*["--force"] * force) == 0
    assert "name: ciforge one" in (tree / FILE).read_text()
    assert (second.exists(), mine.read_text()) == (False, OLD)


def test_generate_below_the_top_of_a_repository_writes_at_its_top(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate()
    top = {path: path.read_text() for path in tree.glob(".github/**/*") if path.is_file()}
    for name in ("lib/a", "lib/b"):
        (tree / name).mkdir(parents=True)
        (tree / name / "ciforge.yml").write_text(PROJECT + MAIL + INSTALL)
        monkeypatch.chdir(tree / name)
        assert generate() == 0
        assert not (tree / name / ".github").exists()
        assert generate("--check") == 0
    a = (tree / ".github/workflows/ciforge,lib,a.yml").read_text()
    assert "working-directory: lib/a\n" in a
    assert 'PROJECT_FILE: "lib/a/ciforge.yml"' in a
    assert (tree / ".github/ciforge,lib,b/generated.txt").exists()
    assert {path: path.read_text() for path in top} == top
    monkeypatch.chdir(tree)
    assert generate("--check") == 0


def test_generate_outside_of_a_checkout_needs_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ciforge.yml").write_text(PROJECT.replace("path: .", "path: elsewhere"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        generate()
    assert "--output DIR" in caught.value.hint
    assert generate("--output", "out") == 0
    assert (tmp_path / "out" / "one" / FILE).exists()
    assert (tmp_path / "out" / "two" / FILE).exists()


def test_generate_selectors_narrow_the_jobs_and_are_in_the_file(tree: Path) -> None:
    assert generate("debian-13") == 0
    assert "debian-12" not in (tree / FILE).read_text()
    assert "run: ciforge generate debian-13\n" in (tree / FILE).read_text()


def test_generate_takes_a_template_of_the_project_first(tree: Path) -> None:
    own = tree / "workflows" / "github"
    own.mkdir(parents=True)
    (own / "workflow.yml.j2").write_text("# mine\nname: [= file.name =]\n")
    assert generate() == 0
    assert (tree / FILE).read_text() == '# mine\nname: "ciforge one"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    mostly_slow(
        [
            ("# mine\n[= nothing =]\n", "workflow.yml.j2:2:1: there is no 'nothing'"),
            ("# mine\n\n[= file.keyz =]\n", "2:3:1: 'file' has no 'keyz' (did you mean 'keys'?)"),
            ("# mine\n[% if %]\n", "workflow.yml.j2:2:1: "),
            (
                "# mine\n[= file.name | wort =]\n",
                "there is no filter 'wort' (did you mean 'word'?)",
            ),
            ("# mine\n[% if file is defind %][% endif %]\n", "there is no test 'defind' (did you"),
        ],
        quick=1,
    ),
)
def test_lint_reports_a_mistake_in_a_template(
    text: str, told: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tree / "workflows" / "github"
    own.mkdir(parents=True)
    (own / "workflow.yml.j2").write_text(text)
    assert lint.main([], standalone_mode=False) == 1
    assert told in capsys.readouterr().out
    with pytest.raises(InputError, match=r"workflow\.yml\.j2:"):
        generate()


def test_lint_reports_an_unused_template(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "workflows").mkdir()
    (tree / "workflows" / "workflow.yml.j2").write_text("# mine\n")
    assert lint.main([], standalone_mode=False) == 1
    assert "no template of this name" in capsys.readouterr().out


@pytest.mark.parametrize("target", ["github", "sourcehut"])
@pytest.mark.parametrize("link", [".github", ".github/workflows", ".github/ciforge", ".builds"])
def test_generate_does_not_write_through_a_link(
    link: str, target: str, tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (tree / link).parent.mkdir(exist_ok=True)
    (tree / link).symlink_to(outside)
    if (target == "github") == (link != ".builds"):
        with pytest.raises(UsageError, match="symbolic link"):
            generate("--target", target)
    else:
        assert generate("--target", target) == 0
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("force", [(), ("--force",), ("--diff",)])
def test_generate_neither_reads_nor_writes_a_linked_file(
    force: tuple[str, ...], tree: Path, capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    secret = tmp_path_factory.mktemp("outside") / "secret"
    secret.write_text("a secret of the reader\n")
    (tree / FILE).parent.mkdir(parents=True)
    (tree / FILE).symlink_to(secret)
    with pytest.raises(UsageError, match="symbolic link"):
        generate(*force)
    assert "secret of" not in capsys.readouterr().out
    assert secret.read_text() == "a secret of the reader\n"


@pytest.mark.parametrize("link", ["out", "out/one"])
def test_generate_refuses_an_output_folder_that_is_a_link(
    link: str, tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (tree / link).parent.mkdir(exist_ok=True)
    (tree / link).symlink_to(outside)
    with pytest.raises(UsageError, match="symbolic link") as caught:
        generate("--output", "out")
    assert str(outside) in caught.value.hint
    assert list(outside.iterdir()) == []


def test_generate_writes_ignored_paths(tree: Path) -> None:
    (tree / "ciforge.yml").write_text(PROJECT + "ciforge: {ignore: [docs/*, '*.md']}\n")
    assert generate() == 0
    assert 'CIFORGE_IGNORE: "docs/* *.md"' in (tree / FILE).read_text()


BOTH = """
project: p
repos:
  daemon: {path: ., recipe: make, branches: [main]}
  tools: {path: ./, recipe: make, branches: [main, next]}
jobs: [debian-13]
"""


def test_generate_writes_both_repositories_of_one_tree(tree: Path) -> None:
    (tree / "ciforge.yml").write_text(BOTH)
    assert generate() == 0
    text = (tree / FILE).read_text()
    assert "build daemon/debian-13/default" in text
    assert "build tools/debian-13/default" in text
    assert 'branches: ["main", "next"]' in text
    assert generate("--target", "sourcehut") == 0
    names = sorted(path.name for path in (tree / ".builds").glob("*.yml"))
    assert names == [f"ciforge-{one},debian-13,default.yml" for one in ("daemon", "tools")]


@pytest.mark.parametrize("target", ["github", "sourcehut"])
def test_generate_without_a_job_that_can_run_is_refused(target: str, tree: Path) -> None:
    text = PROJECT.replace("recipe: autotools", "recipe: autotools, dependencies: [libressl]")
    (tree / "ciforge.yml").write_text(text)
    with pytest.raises(UsageError, match="none of these 2 jobs can run"):
        generate("--target", target)
