"""Whatever a tree holds: nothing outside of it is read, and nothing of it becomes YAML but text."""

import os
import time
from pathlib import Path

import attrs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import CATALOGUE, TABLE, needs, plant, proposed

from ciforge.app.workspace import check_project
from ciforge.draft import tree_reader as bounds
from ciforge.draft.dependency_matcher import ResolvedDependency
from ciforge.draft.draft_project import propose
from ciforge.draft.evidence import WIDTH, SourceLine, TextFile
from ciforge.draft.github_jobs import blanked, workflow_jobs
from ciforge.draft.project_writer import text, value
from ciforge.draft.proposal import Origin, Proposal, ProposedStep, SourcedValue
from ciforge.draft.tree_reader import TreeReader, walk
from ciforge.model.project import Need
from ciforge.sanitize import short_line
from examples import examples
from tests.tables import each

pytestmark = pytest.mark.slow

BEGIN = "AC_INIT([x], [1])\n"
NASTY = st.lists(
    st.sampled_from([
        "AC_INIT([", "AC_CHECK_LIB([", "PKG_CHECK_MODULES([A], [", "], [", "])", "libcurl", "event", "z",
        "FROM ", "debian:13", "RUN ", "apt-get install ", "useradd ", "./configure ", "--with-x=", "image: ",
        "packages:\n- ", "_user", "/home", ": ", " #", "- ", "\n", "\r", "\\\n", "'", '"', "{", "}", "[", "]",
        "&a", "*a", "!!str", "${{ x }}", "%", "|", ">", "@", "`", "\t", "\0", "\x85", "\u2028", "\ufeff", "\x1b[31m",
        "ü", "\U0001f600", "no", "null", "~", "1", "#include <zlib.h>\n", "project(", "dependency('", "module ",
    ])
).map("".join)  # fmt: skip
NAMES = st.sampled_from(
    ["configure.ac", "CMakeLists.txt", "meson.build", "go.mod", "Makefile", "main.go", "x.c", "Makefile.am",
     "Dockerfile", ".github/workflows/a.yml", ".builds/b.yml", "m4/own.m4", "configure"]
)  # fmt: skip
ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)


def lints(draft: str, folder: Path) -> list[str]:
    """The problems that the loader finds."""
    file = folder / "ciforge.yml"
    file.write_text(draft)
    return check_project(file, CATALOGUE)[0]


@settings(max_examples=examples(150), deadline=None)
@given(st.dictionaries(NAMES, NASTY, min_size=1, max_size=5), ANY)
def test_draft_of_any_tree_has_no_problem(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str], folder: str
) -> None:
    root = plant(tmp_path_factory.mktemp("tree"), files)
    found = propose(TreeReader(root, walk(root)), CATALOGUE, TABLE, folder)
    if found is not None:
        assert lints(text(found, Origin(), "."), root) == []


@settings(max_examples=examples(200), deadline=None)
@given(ANY, ANY)
def test_draft_evidence_is_only_a_comment(nasty: str, other: str) -> None:
    clue = SourceLine(file=nasty, line=1, text=other)
    said = SourcedValue("debian", nasty)
    made = Proposal(
        name=SourcedValue("x", nasty), recipe=SourcedValue("make", other),
        dependencies=(ResolvedDependency(need=Need(name="zlib"), clues=(clue,)),),
        configure=(SourcedValue("--a", other),), env=(("A", SourcedValue("1", nasty)),), users=(("_x", SourcedValue("/x", other)),),
        steps=(ProposedStep(name="install", because=nasty),), only=(("alpine", (ResolvedDependency(need=Need(name="fts"), clues=(clue,)),)),),
        jobs=(said,), hints=(nasty,),
    )  # fmt: skip
    assert yaml.load(text(made, Origin(git="https://x/y", remote=nasty), "."), Loader=yaml.BaseLoader) == {
        "project": "x",
        "repos": {"x": {
            "path": ".", "git": "https://x/y", "recipe": "make", "dependencies": ["zlib"], "configure": ["--a"],
            "env": {"A": "1"}, "users": {"_x": "/x"}, "steps": {"install": "false"},
            "where": {"alpine": {"dependencies": ["fts"]}},
        }},
        "jobs": ["debian"],
    }  # fmt: skip


@settings(max_examples=examples(300), deadline=None)
@given(ANY.filter(str.isprintable))
def test_draft_value_is_read_back_unchanged(nasty: str) -> None:
    assert yaml.load(f"a: {value(nasty)}\nb: [{value(nasty)}]\n", Loader=yaml.BaseLoader) == {
        "a": nasty, "b": [nasty],
    }  # fmt: skip


@each("word", ["no", "On", "null", "~", "1", "1.0", "", "a: b", "-", "--", "@x", "*"])
def test_draft_value_that_yaml_could_misread_is_quoted(word: str) -> None:
    assert value(word).startswith('"')


@given(ANY)
def test_draft_evidence_fits_on_a_line(nasty: str) -> None:
    assert short_line(nasty, WIDTH).isprintable()
    assert len(short_line(nasty, WIDTH)) <= WIDTH


def test_draft_follows_no_link_out_of_the_tree(tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_text("AC_INIT([secret], [1])\nAC_CHECK_LIB([z], [f])\n")
    tree = plant(tmp_path / "tree", {"Makefile": "install:\n"})
    (tree / "configure.ac").symlink_to(outside)
    (tree / "m4").symlink_to(tmp_path)
    names = (*walk(tree), "m4/secret")
    ground = TreeReader(tree, names)
    found = propose(ground, CATALOGUE, TABLE, "tree")
    assert found is not None
    assert (found.recipe.value, needs(found)) == ("make", [])
    assert ground.read("m4/secret") is None
    assert ground.doubts == [
        "configure.ac: not read: it is outside the tree",
        "m4/secret: not read: it is outside the tree",
    ]


def test_draft_reads_links_within_the_tree_and_reports_a_cycle(tmp_path: Path) -> None:
    (tmp_path / "configure.ac").symlink_to("build/configure.in")
    (tmp_path / "Dockerfile").symlink_to("Dockerfile")
    made = proposed(tmp_path, {"build/configure.in": f"{BEGIN}AC_CHECK_LIB([z], [f])\n"})
    assert needs(made) == ["autoconf", "zlib"]
    assert made.doubts == ("Dockerfile: not read: this is a link, which is not followed",)


def test_draft_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "configure.ac")
    (tmp_path / "Makefile").write_text("install:\n")
    made = proposed(tmp_path, {})
    assert made.recipe.value == "make"
    assert made.doubts == (
        "configure.ac: not read: this is a device, a pipe or a socket, not a file",
    )


def test_draft_reports_a_file_that_vanished(tmp_path: Path) -> None:
    plant(tmp_path, {"Makefile": "install:\n"})
    found = propose(TreeReader(tmp_path, ("configure.ac", "Makefile")), CATALOGUE, TABLE, "tree")
    assert found is not None
    assert found.doubts == ("configure.ac: not read: No such file or directory",)


def test_draft_skips_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "configure").write_bytes(b"\x7fELF\0\0\0")
    assert proposed(tmp_path, {"Makefile": "install:\n"}).recipe.value == "make"


def test_draft_reads_the_start_of_a_huge_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = proposed(
        tmp_path, {"configure.ac": BEGIN + "#" * (1 << 20) + "\nAC_CHECK_LIB([z], [f])\n"}
    )
    assert needs(made) == ["autoconf"]
    assert made.doubts == ("configure.ac: only its first 1048576 bytes were read",)


def test_draft_reads_a_bounded_number_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "NAMES", 5)
    plant(tmp_path, {"Makefile": "", **{f"a/b{n}/x": "" for n in range(20)}})
    assert len(walk(tmp_path)) == 5
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert "Makefile" in walk(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("configure.ac", "AC_CHECK_LIB(["), ("configure.ac", "dnl "), ("configure.ac", "AX_A\n"),
        ("CMakeLists.txt", "project("), ("CMakeLists.txt", "find_library(a NAMES "),
        ("meson.build", "dependency('a"), ("meson.build", "project('a'"), ("Makefile", "install "),
        ("Makefile", "pkg-config --libs a "), ("Makefile", " -lz"), ("x.c", "#if x\n"), ("x.c", "#include <zlib.h>"),
        ("Dockerfile", "apt -apt "), ("Dockerfile", "/configure "), ("Dockerfile", "/////"), ("Dockerfile", "useradd -x "),
        ("Dockerfile", "apt-get install a\n"), (".builds/a.yml", "packages:\n- a\n"), ("Dockerfile", "cmake -DA=b "),
        ("go.mod", "module a/"), ("main.go", "// #cgo LDFLAGS: -la\n"), ("Dockerfile", "FROM debian\n"),
    ],
)  # fmt: skip
def test_draft_reads_any_file_without_quadratic_work(tmp_path: Path, name: str, piece: str) -> None:
    files = {"configure.ac": BEGIN} if name in ("Dockerfile", ".builds/a.yml", "x.c") else {}
    before = time.process_time()
    proposed(tmp_path, files | {"main.go": "", name: piece * ((1 << 18) // len(piece))})
    assert time.process_time() - before < 5


def test_draft_is_bounded(tmp_path: Path) -> None:
    packages = " ".join(f"libx{n}-dev" for n in range(3000))
    users = "".join(f"RUN useradd u{n}\n" for n in range(500))
    made = proposed(
        tmp_path,
        {
            "configure.ac": BEGIN,
            "Dockerfile": f"FROM debian\nRUN apt-get install {packages}\n{users}",
        },
    )
    assert len(made.users) == 200
    assert [len(found) for _, found in made.only] == [200]
    assert attrs.asdict(made)["doubts"] == ()


WORKFLOW_WORDS = st.sampled_from(
    ["jobs:\n", "  a:\n", "    runs-on: ", "${{ matrix.os }}", "steps:\n", "- run: |\n", "      x\n",
     "strategy:\n", "matrix: ", "{os: [a, b]", "}", "\n", "  ", "- ", ":", "'", '"', "#", "os: c\n"]
)  # fmt: skip


@given(st.lists(WORKFLOW_WORDS, max_size=40).map("".join))
def test_any_workflow_is_split_into_jobs_within_its_text(text: str) -> None:
    file = TextFile(".github/workflows/a.yml", f"jobs:\n{text}")
    for job in workflow_jobs(file):
        for span in (*job.places, *job.commands, *(span for _, span in job.inserted)):
            assert 0 <= span.begin <= span.end <= len(file.text)
        masked = blanked(file.text, (*job.places, *job.commands))
        assert len(masked) == len(file.text)
        assert masked.count("\n") == file.text.count("\n")
