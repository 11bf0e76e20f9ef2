"""Templates beside a project file belong to whoever wrote the checkout: they compute text, and no more."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from ciforge.app import resource_limits
from ciforge.app.resource_limits import LimitExceeded, run_limited
from ciforge.commands.generate import command
from ciforge.commands.lint import command as lint
from ciforge.errors import InputError, UsageError
from tests.tables import mostly_slow

PROJECT = """
project: p
repos:
  one: {path: ., recipe: autotools}
jobs: [one/debian-13/default]
"""
TEMPLATE = Path("workflows/github/workflow.yml.j2")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a folder for templates, in which one types."""
    root = tmp_path / "tree"
    root.mkdir()
    subprocess.run(["git", "init", "--quiet", root], check=True)
    (root / "ciforge.yml").write_text(PROJECT)
    (root / TEMPLATE.parent).mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


def generate(*words: str) -> int:
    return command.main(list(words), standalone_mode=False) or 0


REACHES_OUT = [
    "[= file.__class__ =]",
    "[= file.__class__.__mro__ =]",
    "[= file.name.__class__.__base__.__subclasses__() =]",
    "[= file['__class__'] =]",
    "[= file.name['__class__'] =]",
    "[= ''.__class__.mro() =]",
    "[= ().__class__ =]",
    "[= file.__init__.__globals__ =]",
    "[= file.parts.__getattribute__ =]",
    "[= file.name.format.__self__ =]",
    "[= '{0.__class__}'.format(file) =]",
    "[= '{a.__class__}'.format_map({'a': file}) =]",
    "[= (file.name | attr('upper'))() =]",
    "[= file.name | map('upper') | list =]",
    "[= 'a' | pprint =]",
    "[= self.__init__ =]",
    "[= self._TemplateReference__context =]",
    "[= lipsum() =]",
    "[= lipsum.__globals__ =]",
    "[= cycler('a').next() =]",
    "[= joiner() =]",
    "[= namespace() =]",
    "[= dict(a=1) =]",
    "[= range(3) | list =]",
    "[% for x in [1] %][= loop.__init__ =][% endfor %]",
    "[% macro f() %][% endmacro %][= f.__call__ =]",
    "[% set x = file.schedules.update({'a': 'b'}) %]",
    "[% include '../hosted/step.sh' %]",
    "[% include '/etc/hostname' %]",
    "[% import 'os' as os %]",
    "[= ''.join.__func__ =]",
]
"""Harmless marks of what would be a way out of a template."""


@pytest.mark.parametrize("text", mostly_slow(REACHES_OUT, quick=6))
def test_template_of_a_project_that_leaves_the_sandbox_is_a_problem(text: str, tree: Path) -> None:
    (tree / TEMPLATE).write_text(f"# mine\n{text}\n")
    with pytest.raises(InputError, match=r"workflow\.yml\.j2:2:1: "):
        generate()
    assert not (tree / ".github").exists()


WITHOUT_END = [
    "[% macro f() %][= f() =][% endmacro %][= f() =]",
    "[% include 'github/workflow.yml.j2' %]",
    "[% extends 'github/workflow.yml.j2' %]",
    "[= 'a' * 10000000000 =]",
    "[= [1] * 10000000000 =]",
    "[= 9 ** 9 ** 9 ** 9 =]",
    "[= 'a'.center(10000000000) =]",
    "[= '%10000000000d' % 1 =]",
    "[= '{:10000000000}'.format(1) =]",
    "[= 'a'.ljust(3000000).replace(' ', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').replace('a', 'aaaa' * 1) =]",
    "[= " + "(" * 3000 + "1" + ")" * 3000 + " =]",
    "[= " + "-" * 20000 + "1 =]",
    "[= " + "9" * 9000 + " =]",
    "[% for a in 'x'.ljust(9999999) %][= file.name =][% endfor %]",
    "".join(f"[% for a{n} in 'aaaaaaaaaaaaaaaaaaaa' %]" for n in range(12)) + "[% endfor %]" * 12,
]
"""What would run, nest or grow for ever."""


@pytest.mark.slow
@pytest.mark.parametrize("text", WITHOUT_END, ids=lambda text: text[:40])
def test_template_of_a_project_without_an_end_is_a_problem(
    text: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_limits, "PROCESSOR", 1)
    (tree / TEMPLATE).write_text(f"# mine\n{text}\n")
    with pytest.raises(InputError, match=r"workflow\.yml\.j2:\d+:1: "):
        generate()


@pytest.mark.slow
@pytest.mark.parametrize("text", WITHOUT_END, ids=lambda text: text[:40])
def test_lint_accepts_any_template_without_rendering_it(
    text: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / TEMPLATE).write_text(f"# mine\n{text}\n")
    monkeypatch.setattr("ciforge.ci.templates.render", None)
    monkeypatch.setattr("ciforge.ci.github.workflow.render", None)
    assert lint.main([], standalone_mode=False) in (0, 1)


def test_lint_renders_no_template(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / TEMPLATE).write_text("# mine\n[= file.parts =]\n")
    assert lint.main([], standalone_mode=False) == 0
    with pytest.raises(InputError, match=r"workflow\.yml\.j2:2:1: .*JSON"):
        generate()


@pytest.mark.parametrize("place", mostly_slow(["workflows", "workflows/hosted", "workflows/hosted/step.sh",
                                   "workflows/github", "workflows/github/workflow.yml.j2"], quick=2))  # fmt: skip
def test_template_that_is_a_link_is_not_read(
    place: str, tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside"
    for name in ("hosted/step.sh", "github/workflow.yml.j2"):
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text("# a secret of the reader\n")
    (tree / TEMPLATE.parent).rmdir()
    (tree / "workflows").rmdir()
    (tree / place).parent.mkdir(parents=True, exist_ok=True)
    (tree / place).symlink_to(outside / place.removeprefix("workflows").lstrip("/"))
    with pytest.raises(InputError, match=rf"{place}:1:1: this is a symbolic link"):
        generate()
    assert lint.main([], standalone_mode=False) == 1
    assert f"{place}:1:1: this is a symbolic link" in capsys.readouterr().out
    assert not (tree / ".github").exists()


def test_link_beside_the_templates_is_ignored(tree: Path) -> None:
    (tree / TEMPLATE.parent).rmdir()
    (tree / "workflows").rmdir()
    (tree / "workflows").symlink_to(".github/workflows")
    assert generate() == 0
    assert generate("--check") == 0


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.write_bytes(b"\xff"),
                                  lambda path: path.write_bytes(b"#" * (1 << 21)),
                                  lambda path: path.mkdir()])  # fmt: skip
@pytest.mark.parametrize("place", ["workflows/hosted/step.sh", str(TEMPLATE)])
def test_template_that_is_no_text_is_a_problem(make: object, place: str, tree: Path) -> None:
    (tree / place).parent.mkdir(exist_ok=True)
    make(tree / place)  # type: ignore[operator]
    if (tree / place).is_dir():
        assert generate() == 0
    else:
        with pytest.raises(InputError, match=rf"{place}:1:1: "):
            generate()


def test_hosted_script_with_a_name_that_a_shell_would_expand_is_a_problem(tree: Path) -> None:
    (tree / "workflows" / "hosted").mkdir()
    (tree / "workflows" / "hosted" / "a;b").write_text("")
    with pytest.raises(InputError, match="is not a valid name for a script"):
        generate()


def test_hosted_script_of_the_project_replaces_the_one_of_ciforge(tree: Path) -> None:
    (tree / "workflows" / "hosted").mkdir()
    (tree / "workflows" / "hosted" / "finish.sh").write_text("echo mine\n")
    assert generate() == 0
    assert (tree / ".github/ciforge/finish.sh").read_text() == "echo mine\n"


def test_template_with_an_expression_too_long_for_github_is_refused(tree: Path) -> None:
    text = f"# mine\nname: a\njobs: '{'x' * 21_000}${{{{ github.sha }}}}'\n"
    (tree / TEMPLATE).write_text(text)
    with pytest.raises(UsageError, match=r"ciforge\.yml:3: this text has an expression"):
        generate()
    assert not (tree / ".github").exists()


def _hog() -> int:
    return len(bytearray(1 << 34))


def _spin() -> None:
    while True:
        pass


def _die() -> None:
    os.kill(os.getpid(), 9)


def _complain() -> None:
    raise UsageError("no", hint="yes")


def test_template_within_its_limits_is_rendered() -> None:
    assert run_limited(lambda: {"a": ["b", 1]}) == {"a": ["b", 1]}
    with pytest.raises(UsageError, match="no") as caught:
        run_limited(_complain)
    assert caught.value.hint == "yes"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "told"),
    [
        (_hog, "needs more memory"),
        (_spin, "takes more than 1 seconds of a processor"),
        (lambda: time.sleep(60), "takes longer than 2 seconds"),
        (lambda: "a" * (1 << 21), "makes more than"),
        (_die, "takes more than"),
        (lambda: 1 / 0, "cannot be rendered"),
    ],
)
def test_template_beyond_its_limits_is_ended(
    work: object, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_limits, "PROCESSOR", 1)
    monkeypatch.setattr(resource_limits, "SECONDS", 30.0 if work is _spin else 2.0)
    monkeypatch.setattr(resource_limits, "OUTPUT", 1 << 20)
    with pytest.raises(LimitExceeded, match=told):
        run_limited(work)  # type: ignore[arg-type]
