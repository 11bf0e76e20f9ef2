"""Patches of `sources`: files of the project that change a library before it is built."""

import base64
import re
import subprocess
from pathlib import Path

import pytest
from projects import real_catalogue

from ciforge.app.job_cache import cached_jobs
from ciforge.errors import InputError
from ciforge.load.project_file import load_project
from ciforge.model.project import Patch
from ciforge.plan.planner import make_plan
from ciforge.render.dockerfile import dockerfile
from tests.tables import each

TEXT = f"""
project: p
repos:
  daemon: {{recipe: autotools, dependencies: [openssl]}}
sources:
  foo: {{url: https://example.org/foo.tar.gz, sha256: "{"0" * 64}", prefix: /opt/foo, patches: [one.diff, fixes/two.diff]}}
variants:
  own: {{replace: {{openssl: sources/foo}}}}
jobs: [debian-13/own]
"""
ONE = "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n"
TWO = ONE.replace("-a", "-b").replace("+b\n", "+ü\n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "fixes").mkdir()
    (tmp_path / "one.diff").write_text(ONE)
    (tmp_path / "fixes/two.diff").write_text(TWO)
    (tmp_path / "ciforge.yml").write_text(TEXT)
    return tmp_path / "ciforge.yml"


def _image(file: Path) -> str:
    plan = make_plan(load_project(file).value, real_catalogue())
    assert "patch" in plan.jobs[0].packages
    return dockerfile(plan.jobs[0])


def _refusal(file: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_project(file)
    return str(caught.value)


def test_patches_are_in_the_dockerfile_and_applied_in_their_order(file: Path) -> None:
    text = _image(file)
    written = re.findall(r"printf '%s\\n' \\\n(\S+) \\\n\| base64 -d >(\S+)", text)
    assert [(base64.b64decode(data).decode(), path) for data, path in written] == [
        (ONE, "/ciforge/sources/foo-1.patch"),
        (TWO, "/ciforge/sources/foo-2.patch"),
    ]
    order = ["tar -xf", "-i /ciforge/sources/foo-1.patch", "foo-2.patch ||", "./configure"]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


def test_changed_patch_makes_another_image(file: Path) -> None:
    before = _image(file)
    (file.parent / "one.diff").write_text(ONE.replace("+b", "+c"))
    assert _image(file) != before


def test_long_patch_has_no_long_line_in_the_dockerfile(file: Path) -> None:
    (file.parent / "one.diff").write_text(ONE + "# no hunk\n" * 6000)
    assert max(map(len, _image(file).splitlines())) < 1100


@each(
    ("content", "told"),
    [
        (ONE.replace("b/x.c", "b/../../x.c"), "line 2: b/../../x.c is outside of the source"),
        (ONE.replace("a/x.c", "/etc/passwd"), "line 1: /etc/passwd is outside of the source"),
        (f"diff --git a/x.c b/../x.c\n{ONE}", "line 1: a/x.c b/../x.c is outside of the source"),
        (f"Index: ../x\x1b[31m\n{ONE}", r"line 1: ../x\x1b[31m is outside of the source"),
        (f"rename to /srv/x\n{ONE}", "line 1: /srv/x is outside of the source"),
        (f"new file mode 120000\n{ONE}", "line 1: it makes or changes a link or a submodule"),
        (f"index 12..34 120000\n{ONE}", "line 1: it makes or changes a link or a submodule"),
        ("1c1\n< a\n---\n> b\n", "it is no unified diff"),
        ("", "it is no unified diff"),
        (f"{ONE}\0", "it is no unified diff"),
        (ONE + "#\n" * (33 << 10), "it is larger than 65536 bytes"),
    ],
)
def test_patch_that_could_write_elsewhere_is_refused(
    content: str, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "ciforge.yml"
    file.write_text(TEXT.replace(", fixes/two.diff", ""))
    (tmp_path / "one.diff").write_text(content)
    refusal = _refusal(file)
    assert "ciforge.yml:6:" in refusal
    assert f"the patch one.diff cannot be used: {told}" in refusal


@each(
    ("name", "told"),
    [
        ("../one.diff", "must not contain '..'"),
        ("/etc/passwd", "must be relative"),
        ("missing.diff", "the patch missing.diff cannot be used: no such file or directory"),
        ("fixes", "the patch fixes cannot be used: this is a folder, not a file"),
    ],
)
def test_patch_is_a_file_below_the_project_file(name: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "fixes").mkdir(exist_ok=True)
    file = tmp_path / "ciforge.yml"
    file.write_text(TEXT.replace("one.diff, fixes/two.diff", name))
    assert told in _refusal(file)


def test_patch_behind_a_link_is_not_read(
    file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text(ONE)
    (file.parent / "one.diff").unlink()
    (file.parent / "one.diff").symlink_to(secret)
    assert "this is a link, which is not followed" in _refusal(file)


def test_list_of_jobs_sees_that_a_patch_is_gone(file: Path, tmp_path: Path) -> None:
    root = tmp_path / "state"
    root.mkdir()
    cached_jobs(file, tmp_path, root)
    (file.parent / "one.diff").unlink()
    with pytest.raises(InputError):
        cached_jobs(file, tmp_path, root)


def _applied(file: Path, tree: Path, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """Runs the command of the Dockerfile for the first patch in `tree`."""
    patch = tmp_path / "copy"
    patch.write_bytes(base64.b64decode(_first(file).data))
    (command,) = re.findall(
        r"\{ patch .* foo-1\.patch .*?; \}; \}|\{ patch [^\n]*foo-1[^\n]*\}", _image(file)
    )
    command = command.replace("/ciforge/sources/foo-1.patch", str(patch))
    return subprocess.run(
        ["sh", "-c", command], check=False, cwd=tree, capture_output=True, text=True
    )


def _first(file: Path) -> Patch:
    return load_project(file).value.sources["foo"].patches[0]


@pytest.mark.slow
def test_patch_that_does_not_apply_is_named(file: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "x.c").write_text("other\n")
    ended = _applied(file, tree, tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "sources/foo: the patch one.diff does not apply"
    (tree / "x.c").write_text("a\n")
    assert _applied(file, tree, tmp_path).returncode == 0
    assert (tree / "x.c").read_text() == "b\n"


@pytest.mark.slow
@pytest.mark.parametrize("link", ["x.c", "sub"])
def test_patch_follows_no_link_of_the_source(link: str, file: Path, tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    tree.mkdir()
    outside.mkdir()
    (outside / "x.c").write_text("a\n")
    (file.parent / "one.diff").write_text(ONE.replace("/x.c", "/sub/x.c") if link == "sub" else ONE)
    (tree / link).symlink_to(outside if link == "sub" else outside / "x.c")
    assert _applied(file, tree, tmp_path).returncode == 1
    assert (outside / "x.c").read_text() == "a\n"
