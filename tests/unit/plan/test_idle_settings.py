"""Warnings of `ciforge lint` for settings that change no listed job."""

from projects import project, real_catalogue

from ciforge.plan.idle_settings import idle_settings
from ciforge.plan.project_checks import check
from tests.tables import each

CATALOGUE = real_catalogue()
TEXT = """
project: p
repos:
  one: {recipe: make, SETTINGS}
  two: {recipe: go}
variants:
  own: {VARIANT}
  other: {env: {A: b}}
jobs: [one/debian-13/default, one/debian-13/own, two/debian-13/default]
"""


def warned(text: str) -> list[tuple[str, str]]:
    """The places and messages of the warnings for a project without mistakes."""
    made = project(text)
    assert check(made, CATALOGUE) == ()
    return [
        ("/".join(map(str, flaw.path)), flaw.message) for flaw in idle_settings(made, CATALOGUE)
    ]


def with_settings(settings: str = "branches: [main]", variant: str = "env: {B: c}") -> str:
    return TEXT.replace("SETTINGS", settings).replace("VARIANT", variant)


@each(
    ("settings", "place"),
    [
        ("flaky: {build: 2}", ""),
        ("flaky: {check: 2}", "repos/one/flaky/check"),
        ("steps: {check: true}, flaky: {check: 2}", ""),
        ("where: {debian-12: {flaky: {build: 2}}}", "repos/one/where/debian-12/flaky/build"),
        ("where: {'!debian-12': {flaky: {build: 2}}}", ""),
        ("where: {'!debian': {flaky: {build: 2}}}", "repos/one/where/!debian/flaky/build"),
        ("where: {debian-13/own: {flaky: {build: 2}}}", ""),
        ("compiler: clang-19", ""),
        ("where: {debian-12: {compiler: clang-19}}", "repos/one/where/debian-12/compiler"),
    ],
)
def test_setting_of_a_repository_that_changes_no_listed_job_is_warned_of(
    settings: str, place: str
) -> None:
    found = warned(with_settings(settings))
    assert [at for at, _ in found] == ([place] if place else [])
    assert all(text.startswith("warning: this has no effect") for _, text in found)


@each(
    ("text", "places"),
    [
        (with_settings(variant="flaky: {build: 2}, compiler: clang-19"), []),
        (with_settings().replace("env: {A: b}", "flaky: {build: 2}"), ["variants/other/flaky/build"]),
        (with_settings().replace("env: {A: b}", "compiler: tcc"), ["variants/other/compiler"]),
        (with_settings().replace("recipe: go", "recipe: go, compiler: tcc"), ["repos/two/compiler"]),
        (with_settings().replace("default, one/debian-13/own", "cross").replace("[one/debian-13/cross,", "[one/freebsd-14/cross,")
         .replace("branches: [main]", "compiler: tcc"), ["repos/one/compiler"]),
    ],
)  # fmt: skip
def test_setting_of_a_variant_or_another_recipe_that_changes_no_listed_job_is_warned_of(
    text: str, places: list[str]
) -> None:
    assert [at for at, _ in warned(text)] == places


SOURCES = """
sources:
  libressl:
    {url: "https://example.org/a.tar.gz", sha256: DIGEST, prefix: /opt/a, needs: [base]}
  base: {url: "https://example.org/b.tar.gz", sha256: DIGEST, prefix: /opt/b}
""".replace("DIGEST", "0" * 64)


@each(
    ("settings", "places"),
    [
        ("dependencies: [openssl]", ["sources/libressl", "sources/base"]),
        ("dependencies: [openssl], replace: {openssl: sources/libressl}", []),
        ("dependencies: [openssl], replace: {openssl: sources/base}", ["sources/libressl"]),
        ("replace: {openssl: sources/libressl}", ["sources/libressl", "sources/base"]),
    ],
)
def test_source_that_no_listed_job_is_built_with_is_warned_of(
    settings: str, places: list[str]
) -> None:
    found = warned(with_settings(settings) + SOURCES)
    assert [at for at, _ in found] == places
    assert all(f"`replace: {{DEPENDENCY: {at}}}` names it" in text for at, text in found)
