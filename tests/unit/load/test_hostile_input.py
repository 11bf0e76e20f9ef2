"""Whatever stands in a file, what comes back is a value or a list of problems, and soon."""

import contextlib
import faulthandler
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ciforge.errors import InputError
from ciforge.load import durations, expectation_fields, url_validators, validators
from ciforge.load.converter import structure
from ciforge.load.distro_fields import DISTRIBUTION, MANAGER
from ciforge.load.project_fields import PROJECT
from ciforge.load.project_file import load_project
from ciforge.load.yaml_document import Document
from examples import examples

WORDS = st.sampled_from(
    [
        "project",
        "repos",
        "jobs",
        "mail",
        "from",
        "routes",
        "to",
        "when",
        "steps",
        "run",
        "as",
        "expect",
        "installed",
        "where",
        "releases",
        "packages",
        "a@b",
        "/x",
        "true",
        "10m",
        "*",
    ]
)
SCALARS = WORDS | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SCALARS, inner, max_size=4),
    max_leaves=12,
)
CHECKS: list[Callable[[str], object]] = [
    *(value for name, value in vars(validators).items() if callable(value) and not name.startswith("_")
      and getattr(value, "__module__", "") == validators.__name__ and name not in ("must", "one_of")),
    *(getattr(url_validators, name) for name in ("url", "git_address", "address", "list_id", "image")),
    durations.schedule, durations.seconds, expectation_fields.entry, expectation_fields.installed,
]  # fmt: skip


@contextlib.contextmanager
def ended_if_it_hangs() -> Iterator[None]:
    """Says where work is that would take for ever; no machine is so slow that the limit judges it."""
    faulthandler.dump_traceback_later(300, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def compose_and_read(text: str) -> None:
    for reader in (PROJECT, DISTRIBUTION, MANAGER):
        with contextlib.suppress(InputError):
            structure(Document.compose(text, Path("f")), reader)


@given(st.text() | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t<"))
@settings(max_examples=examples(300), deadline=None)
def test_any_yaml_text_is_read_or_refused(text: str) -> None:
    compose_and_read(text)


@given(st.binary(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_input_file_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "ciforge.yml"
    file.write_bytes(data)
    with contextlib.suppress(InputError):
        load_project(file)


@pytest.mark.parametrize("reader", [PROJECT, DISTRIBUTION, MANAGER])
@given(value=VALUES)
@settings(deadline=None)
def test_any_project_values_are_accepted_or_reported(
    reader: Callable[[Any], Any], value: Any
) -> None:
    with contextlib.suppress(ValueError):
        reader(value)


@given(value=VALUES, key=st.sampled_from(["repos", "variants", "sources", "jobs", "mail"]))
@settings(max_examples=examples(200), deadline=None)
def test_any_values_of_known_keys_are_accepted_or_reported(value: Any, key: str) -> None:
    project = {"project": "p", "repos": {"r": {"recipe": "make"}}, "jobs": ["a"], key: value}
    with contextlib.suppress(ValueError):
        PROJECT(project)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("word", ["a", ":", "a:", "https://a:", "@", ".-", "/", "a/", "*,", "1"])
def test_validator_of_a_long_word_is_not_quadratic(
    check: Callable[[str], object], word: str
) -> None:
    with ended_if_it_hangs(), contextlib.suppress(ValueError):
        check(word * (200_000 // len(word)) + "\x01")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        lambda size: "project: p\njobs: [" + "[x], " * size + "]\n",
        lambda size: "project: p\n" + "".join(f"proj{n}: x\n" for n in range(size)),
        lambda size: (
            "project: p\nmail: {from: a@b, routes: [{job: x, to: a@b, when: ["
            + "brokn, " * size
            + "]}]}\n"
        ),
    ],
    ids=["values", "keys", "words"],
)
def test_work_grows_no_faster_than_the_number_of_mistakes(text: Callable[[int], str]) -> None:
    assert calls_of(lambda: compose_and_read(text(4000))) < 2.2 * calls_of(
        lambda: compose_and_read(text(2000))
    )


@pytest.mark.slow
def test_large_project_file_full_of_mistakes_is_refused() -> None:
    with ended_if_it_hangs():
        compose_and_read("project: p\n" + "".join(f"proj{n}: x\n" for n in range(20_000)))


def calls_of(work: Callable[[], None]) -> int:
    """How many functions were called meanwhile, those written in C too: the same on any machine."""
    count = 0

    def hear(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(hear)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
