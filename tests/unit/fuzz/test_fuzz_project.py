"""Any `ciforge.yml`, and any descriptor beside it, is read or refused by every command that plans."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fuzzing import DOCUMENTED, mutated, spoiled, types
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import EXAMPLES, ROOT

from examples import examples

pytestmark = pytest.mark.slow

SHA = "0" * 64
WHOLE = {
    "project": "p",
    "repos": {
        "a": {
            "path": ".",
            "recipe": "autotools",
            "branches": ["main"],
            "dependencies": ["autoconf", {"libfoo": {"debian": "libfoo-dev"}}],
            "replace": {"openssl": "libressl"},
            "configure": {"add": ["--a", "--b"], "remove": ["--d"]},
            "env": {"CFLAGS": "-O2 -g", "X": ""},
            "users": {"_a": "/var/empty"},
            "steps": {
                "check": True,
                "extra": {"run": "echo one\necho two\n", "after": "build", "as": "root",
                          "timeout": "10m", "env": {"A": "b"}, "network": True},
            },
            "expect": {"config.h": ["HAVE_A"], "installed": ["/usr/bin/a mode=2555 gname=g"]},
            "where": {"debian": {"configure": ["--d"]}, "!alpine": {"builddir": "obj"},
                      "debian-13/default": {"steps": {"check": False}}},
        },
        "b": {"git": "https://example.org/b.git", "recipe": "go", "branches": ["main", "stable"]},
    },
    "variants": {"clang": {"dependencies": ["clang"], "env": {"CC": "clang"}}},
    "sources": {"lib": {"url": "https://example.org/l-1.tar.gz", "sha256": SHA, "prefix": "/opt/lib",
                        "configure": ["--x"]}},
    "jobs": ["a/debian/{default,clang}", "*/{alpine,fedora}/default",
             {"job": "a/debian-12/default", "schedule": "0 4 * * 1", "allow_failure": True}],
    "mail": {"from": "ci@example.org", "reply_to": "dev@example.org", "list_id": "ci.example.org",
             "tag": "p", "format": "html", "stale": "14d",
             "routes": [{"job": "a/*", "to": ["x@example.org", "authors"], "when": ["broken", "fixed"],
                         "kind": ["missing-header"]}, {"job": "*", "to": "y@example.org"}]},
    "ciforge": {"install": "pip install ciforge==1.2.3", "workflows": "repository", "ignore": ["docs/*"]},
}  # fmt: skip
PROJECTS = [
    WHOLE,
    *(yaml.safe_load((EXAMPLES / name / "ciforge.yml").read_text())
      for name in ("hello-portable", "opensmtpd")),
]  # fmt: skip
DISTROS = ROOT / "distros"
DESCRIPTORS = [
    yaml.safe_load((DISTROS / f"{name}.yml").read_text()) for name in ("debian", "alpine")
]
MANAGERS = [
    yaml.safe_load((DISTROS / "managers" / f"{name}.yml").read_text()) for name in ("apt", "apk")
]
COMMANDS = (
    ("lint",),
    ("jobs",),
    ("jobs", "--any", "--json", "debian"),
    ("script", "a/debian-13/default", "--any"),
    ("script", "a/alpine-3.23/default", "--any"),
    ("generate", "--check"),
    ("generate", "--diff", "--target", "sourcehut"),
    ("run", "debian-13", "--any"),
    ("status",),
    ("history",),
    ("notify", "--dry-run"),
    ("mail", "list"),
)


def as_yaml(value: Any) -> Iterator[str]:
    """The spellings of a value: as JSON, in blocks; what the second cannot write is left to the first."""
    yield json.dumps(value, ensure_ascii=False, default=str)
    try:
        yield yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return


def texts(samples: list[Any]) -> st.SearchStrategy[bytes]:
    return spoiled(mutated(samples).flatmap(lambda value: st.sampled_from(list(as_yaml(value)))))


@settings(max_examples=examples(60))
@given(data=texts(PROJECTS), words=st.sampled_from(COMMANDS))
def test_any_project_file_is_read_or_refused(data: bytes, words: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "ciforge.yml").write_bytes(data)
        assert types(*words, here=here).code in DOCUMENTED


@pytest.mark.slow
@settings(max_examples=examples(40))
@given(data=texts(DESCRIPTORS), name=st.sampled_from(["debian", "alpine", "own"]),
       words=st.sampled_from([*COMMANDS[:8], ("lint", "distros/debian.yml")]))  # fmt: skip
def test_any_descriptor_is_read_or_refused(data: bytes, name: str, words: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "distros").mkdir()
        (here / "distros" / f"{name}.yml").write_bytes(data)
        (here / "ciforge.yml").write_text(json.dumps(WHOLE))
        assert types(*words, here=here).code in DOCUMENTED


@pytest.mark.slow
@settings(max_examples=examples(40))
@given(data=texts(MANAGERS), name=st.sampled_from(["apt", "apk", "own"]),
       words=st.sampled_from([*COMMANDS[:8], ("lint", "distros/managers/apt.yml")]))  # fmt: skip
def test_any_package_manager_is_read_or_refused(
    data: bytes, name: str, words: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "distros" / "managers").mkdir(parents=True)
        (here / "distros" / "managers" / f"{name}.yml").write_bytes(data)
        (here / "ciforge.yml").write_text(json.dumps(WHOLE))
        assert types(*words, here=here).code in DOCUMENTED


def test_fuzzed_sample_documents_are_valid(tmp_path: Path) -> None:
    (tmp_path / "ciforge.yml").write_text(json.dumps(WHOLE))
    for words in COMMANDS:
        if words[0] in ("lint", "jobs", "script", "history", "mail"):
            assert types(*words, here=tmp_path).code == 0, words


@pytest.mark.parametrize("samples", [PROJECTS, DESCRIPTORS, MANAGERS])
def test_fuzzed_sample_documents_have_places_to_change(samples: list[Any]) -> None:
    assert all(isinstance(sample, dict) and len(sample) > 3 for sample in samples)
