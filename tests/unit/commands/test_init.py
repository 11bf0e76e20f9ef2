"""`ciforge init`: what is written, what is left alone, what is told."""

import os
import subprocess
from pathlib import Path

import pytest
from command_tests import Past, Types

ROOT = Path(__file__).resolve().parents[3]
HELLO = ROOT / "examples" / "hello-portable"
CONFIGURE = "AC_INIT([mydaemon], [1.0])\nAM_INIT_AUTOMAKE\nAC_CHECK_LIB([event], [event_init])\n"


@pytest.fixture
def tree(here: Path) -> Path:
    """Where we are, without a project file; configure.ac lies there."""
    (here / "ciforge.yml").unlink()
    (here / "configure.ac").write_text(CONFIGURE)
    return here


def git(tree: Path, *words: str) -> None:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    subprocess.run(["git", *who, *words], cwd=tree, check=True, capture_output=True)


def test_init_draft_lints_clean_and_lists_jobs(tree: Path, types: Types) -> None:
    typed = types("init")
    assert (typed.code, typed.out) == (0, "written: ciforge.yml\n")
    assert typed.err == "next: ciforge run debian-13\n"
    assert types("lint", "ciforge.yml").lines == []
    assert [line.split()[0] for line in types("jobs").lines] == [
        "mydaemon/debian-12/default", "mydaemon/debian-13/default",
    ]  # fmt: skip


def test_init_warns_of_a_project_name_with_existing_runs(
    types: Types, past: Past, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    past.run("20260101T000000Z-aaaaaa", "2026-01-01T00:00:00Z", {})
    tree = tmp_path / "elsewhere" / "mine"
    tree.mkdir(parents=True)
    (tree / "Makefile").write_text("all:\ninstall:\n")
    monkeypatch.chdir(tree)
    typed = types("init")
    assert typed.code == 0
    assert f"note: there are already runs of a project mine, in {past.state}\n" in typed.err


def test_init_draft_for_the_example_is_the_one_in_the_documents(types: Types, here: Path) -> None:
    shown = (
        (ROOT / "docs/running.md")
        .read_text()
        .partition("$ ciforge init --output - examples/hello-portable\n")
    )
    typed = types("init", "--output", "-", HELLO)
    assert (typed.code, typed.err) == (0, "")
    assert shown[2].startswith(typed.out + "```\n")


def test_init_keeps_an_existing_file(here: Path, types: Types) -> None:
    before = (here / "ciforge.yml").read_bytes()
    (here / "configure.ac").write_text(CONFIGURE)
    typed = types("init")
    assert (typed.code, (here / "ciforge.yml").read_bytes()) == (2, before)
    assert typed.err.splitlines() == [
        "ciforge: ciforge.yml already exists",
        "hint: --force overwrites it; --output - prints",
    ]
    assert types("init", "--force").code == 0
    assert b"project: mydaemon" in (here / "ciforge.yml").read_bytes()


def test_init_does_not_write_through_a_link(tree: Path, types: Types) -> None:
    target = tree / "elsewhere.yml"
    target.write_text("mine")
    (tree / "ciforge.yml").symlink_to(target)
    assert types("init").code == 2
    assert types("init", "--force").code == 0
    assert target.read_text() == "mine"
    (tree / "ciforge.yml").unlink()
    (tree / "ciforge.yml").symlink_to(tree / "nowhere")
    assert types("init").code == 2


def test_init_to_standard_output_prints_only_the_draft(tree: Path, types: Types) -> None:
    (tree / "configure.ac").write_text(CONFIGURE + "AC_CHECK_LIB([frob], [f])\n")
    typed = types("init", "--output", "-")
    assert typed.lines[4].startswith("project: mydaemon")
    assert typed.err == (
        "unsure: configure.ac:4: AC_CHECK_LIB([frob], [f]): "
        "no known package has the library 'frob'\n"
    )
    assert not (tree / "ciforge.yml").exists()


def test_init_names_the_lock_for_names_that_only_package_indexes_know(
    tree: Path, types: Types
) -> None:
    (tree / "configure.ac").write_text(CONFIGURE + "PKG_CHECK_MODULES([F], [frob-1.0])\n")
    typed = types("init")
    assert typed.code == 0, typed.err
    assert '- "pkg-config:frob-1.0"' in (tree / "ciforge.yml").read_text()
    assert typed.err == (
        "next: ciforge packages --update, which asks package indexes for names and writes the lock\n"
        "next: ciforge run debian-13\n"
    )
    assert "`ciforge packages --update`" in types("lint").out + types("lint").err


def test_init_file_outside_of_the_tree_needs_source(tree: Path, types: Types) -> None:
    (tree.parent / "ci").mkdir()
    typed = types("init", ".", "--output", "../ci/x.yml")
    assert typed.err == "next: ciforge run --file ../ci/x.yml --source mydaemon=. debian-13\n"
    assert "path:" not in (tree.parent / "ci" / "x.yml").read_text()
    assert types("jobs", "--file", "../ci/x.yml").code == 0


def test_init_of_another_tree_writes_its_file(tree: Path, types: Types) -> None:
    (tree / "daemon" / "Makefile").write_text("install:\n")
    assert types("init", "daemon").out == "written: daemon/ciforge.yml\n"
    assert "project: daemon" in (tree / "daemon" / "ciforge.yml").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("init", "nowhere"), "invalid value for '[PATH]': Directory 'nowhere' does not exist"),
        (("init", "--output", "no/such/x.yml"), "no/such/x.yml: No such file or directory"),
        (("init", "daemon"), "daemon: no known build system; looked for configure.ac"),
    ],
)
def test_init_that_cannot_write_is_reported(
    tree: Path, types: Types, words: tuple[str, ...], said: str
) -> None:
    typed = types(*words)
    assert typed.code == 2
    assert typed.err.splitlines()[0].lower().startswith(f"ciforge: {said}".lower())


def test_command_without_a_project_file_suggests_init(tree: Path, types: Types) -> None:
    for command in ("jobs", "run", "lint", "generate"):
        typed = types(command)
        assert typed.code == 2
        assert "`ciforge init` writes one" in typed.err


def test_init_takes_address_and_branch_from_the_remote(tree: Path, types: Types) -> None:
    git(tree, "init", "--quiet", "--initial-branch=topic")
    git(tree, "remote", "add", "mirror", "https://example.org/mirror.git")
    git(tree, "remote", "add", "origin", "https://me:secret@example.org/x.git")
    draft = types("init", "--output", "-")
    assert '    git: "https://example.org/x.git"  # git: remote origin\n' in draft.out
    assert "    branches: [topic] " in draft.out
    assert "secret" not in draft.out + draft.err
    git(tree, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    assert "    branches: [main] " in types("init", "--output", "-").out


@pytest.mark.parametrize("address", ["/srv/x.git", "../x", "ext::sh -c id"])
def test_init_leaves_out_a_remote_that_is_no_address(
    tree: Path, types: Types, address: str
) -> None:
    git(tree, "init", "--quiet")
    git(tree, "remote", "add", "origin", address)
    typed = types("init", "--output", "-")
    assert typed.code == 0
    assert "git:" not in typed.out


def test_init_in_a_subfolder_leaves_out_the_address(tree: Path, types: Types) -> None:
    git(tree, "init", "--quiet")
    git(tree, "remote", "add", "origin", "https://example.org/x.git")
    (tree / "daemon" / "Makefile").write_text("install:\n")
    assert "git:" not in types("init", "daemon", "--output", "-").out


def test_init_does_not_read_ignored_files(tree: Path, types: Types) -> None:
    git(tree, "init", "--quiet")
    (tree / ".gitignore").write_text("configure\n")
    (tree / "configure").write_text("#!/bin/sh\n")
    assert "- autoconf" in types("init", "--output", "-").out
    git(tree, "add", "--force", "configure")
    assert "- autoconf" not in types("init", "--output", "-").out


def test_init_accepts_a_file_name_that_is_no_utf8(tree: Path, types: Types) -> None:
    (tree / os.fsdecode(b"Dockerfile.\xff\n")).write_text("FROM alpine:3.22\n")
    typed = types("init")
    assert typed.code == 0
    assert "Dockerfile.?:1: FROM alpine:3.22" in (tree / "ciforge.yml").read_text()
    assert types("lint", "ciforge.yml").code == 0


def test_init_without_a_build_file_names_the_folders_that_can_be_built(
    tree: Path, types: Types
) -> None:
    for folder in ("top/tools", "top/my daemon", "top/daemon/sub", "top/daemon", "top/tests"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
        (tree / folder / "Makefile").write_text("install:\n")
    ended = types("init", "top")
    assert "top: no known build system" in ended.err
    assert "these folders can be built: daemon, my daemon, tools; " in ended.err
    assert "ciforge init top/daemon" in ended.err
