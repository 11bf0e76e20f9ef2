"""The steps of a job: replaced, dropped, switched on, added and moved."""

import re

from hypothesis import given
from hypothesis import strategies as st
from projects import jobs

from ciforge.model.job import Job, Step
from ciforge.plan.recipes import RECIPES
from tests.tables import each

RECIPE = ["bootstrap", "configure", "build", "install"]


def job(
    steps: str, *, where: str = "{}", variant: str = "{}", recipe: str = "autotools", more: str = ""
) -> Job:
    text = (
        "project: p\nrepos:\n"
        f"  r: {{recipe: {recipe}, users: {{_u: /}}, steps: {steps}, "
        f"where: {{debian: {{steps: {where}}}}}{more}}}\n"
        f"variants: {{v: {{steps: {variant}}}}}\njobs: [r/debian-13/v]\n"
    )
    return jobs(text)["r/debian-13/v"]


def names(steps: str, *, where: str = "{}", variant: str = "{}", more: str = "") -> list[str]:
    return [step.name for step in job(steps, where=where, variant=variant, more=more).steps]


def step(found: Job, name: str) -> Step:
    return next(step for step in found.steps if step.name == name)


def test_repository_without_steps_has_those_of_its_recipe() -> None:
    assert names("{}") == RECIPE


@each("recipe", RECIPES)
def test_recipe_ends_with_install_by_root_and_checks_on_request(recipe: str) -> None:
    found = job("{check: true}", recipe=recipe)
    assert [each.name for each in found.steps if each.root] == ["install"]
    assert [each.name for each in found.steps[-2:]] == ["check", "install"]
    assert "check" not in [each.name for each in job("{}", recipe=recipe).steps]
    assert not re.search(r"(?<!\$)\{[a-z_]+\}", "".join(each.run for each in found.steps))


@each("recipe", RECIPES)
def test_only_the_fetch_step_has_the_network(recipe: str) -> None:
    found = job("{check: true}", recipe=recipe)
    assert [each.name for each in found.steps if each.network] == ["fetch"] * (recipe == "go")


@each(
    ("steps", "order"),
    [
        ("{install: false}", ["bootstrap", "configure", "build"]),
        ("{check: true}", ["bootstrap", "configure", "build", "check", "install"]),
        ("{check: true, bootstrap: false}", ["configure", "build", "check", "install"]),
        ("{check: {timeout: 5m}}", ["bootstrap", "configure", "build", "check", "install"]),
        ("{smoke: {run: x}}", [*RECIPE, "smoke"]),
        ("{smoke: {run: x, after: build}}", ["bootstrap", "configure", "build", "smoke", "install"]),
        ("{a: {run: x, after: build}, b: {run: x, after: build}}", ["bootstrap", "configure", "build", "a", "b", "install"]),
        ("{b: {run: x, after: a}, a: {run: x, after: build}}", ["bootstrap", "configure", "build", "a", "b", "install"]),
        ("{c: {run: x, after: b}, b: {run: x, after: a}, a: {run: x, after: bootstrap}}", ["bootstrap", "a", "b", "c", "configure", "build", "install"]),
        ("{a: {run: x, after: install}, b: {run: x, after: a}, c: {run: x, after: install}}", [*RECIPE, "a", "b", "c"]),
        ("{a: {run: x, after: b}, b: {run: x}}", [*RECIPE, "b", "a"]),
        ("{a: {run: x}, b: {run: x, after: install}}", [*RECIPE, "b", "a"]),
        ("{install: {after: configure}}", ["bootstrap", "configure", "install", "build"]),
        ("{check: {after: install}}", [*RECIPE, "check"]),
        ("{a: {run: x, after: check}}", ["bootstrap", "configure", "build", "a", "install"]),
        ("{a: {run: x, after: install}, install: false}", ["bootstrap", "configure", "build", "a"]),
        ("{a: {run: x, after: bootstrap}, bootstrap: false}", ["a", "configure", "build", "install"]),
    ],
)  # fmt: skip
def test_steps_are_ordered_by_after(steps: str, order: list[str]) -> None:
    assert names(steps) == order


@each(
    ("steps", "where", "variant", "order"),
    [
        ("{s: {run: x}}", "{s: false}", "{}", RECIPE),
        ("{s: {run: x, after: build}}", "{s: false}", "{s: true}", ["bootstrap", "configure", "build", "s", "install"]),
        ("{install: false}", "{}", "{install: true}", RECIPE),
        ("{install: false}", "{}", "{install: {timeout: 5m}}", ["bootstrap", "configure", "build"]),
        ("{install: false}", "{}", "{install: {run: x}}", RECIPE),
        ("{check: true}", "{}", "{check: false}", RECIPE),
        ("{s: {run: x, after: build}}", "{}", "{s: {after: configure}}", ["bootstrap", "configure", "s", "build", "install"]),
        ("{s: {run: x, after: build}}", "{t: {run: x, after: build}}", "{u: {run: x, after: s}}", ["bootstrap", "configure", "build", "s", "u", "t", "install"]),
    ],
)  # fmt: skip
def test_step_of_a_later_layer_wins(steps: str, where: str, variant: str, order: list[str]) -> None:
    assert names(steps, where=where, variant=variant) == order


def test_expect_step_follows_install_and_the_steps_after_it() -> None:
    expect = ", expect: {config.h: [A]}"
    assert names("{}", more=expect) == [*RECIPE, "expect"]
    assert names("{s: {run: x, after: install}}", more=expect) == [*RECIPE, "s", "expect"]
    assert names("{s: {run: x, after: expect}}", more=expect) == [*RECIPE, "expect", "s"]
    assert names("{s: {run: x}}", more=expect) == [*RECIPE, "expect", "s"]


def test_empty_expect_is_no_step() -> None:
    assert names("{}", more=", expect: {}") == RECIPE


def test_step_after_an_absent_step_is_last() -> None:
    assert names("{}", variant="{s: {run: x, after: fetch}}") == [*RECIPE, "s"]


def test_cycle_of_after_loses_no_step() -> None:
    circle = "{a: {run: x, after: b}, b: {run: x, after: a}, c: {run: x, after: a}}"
    assert names(circle) == [*RECIPE, "a", "c", "b"]
    assert sorted(names("{build: {after: install}, install: {after: build}}")) == sorted(RECIPE)


def test_step_change_keeps_the_keys_that_it_does_not_name() -> None:
    found = job(
        "{s: {run: make smoke, as: root, env: {A: '1', B: '1'}, network: true, timeout: 5m}}",
        where="{s: {timeout: 1h, env: {B: '2'}}}",
    )
    expected = Step(
        name="s", run="make smoke", root=True, env={"A": "1", "B": "2"}, network=True, timeout=3600
    )
    assert step(found, "s") == expected


def test_recipe_step_is_changed_in_part() -> None:
    plain, changed = (
        step(job("{}"), "build"),
        step(job("{build: {timeout: 2h, env: {V: '1'}}}"), "build"),
    )
    assert (changed.run, changed.root, changed.network) == (plain.run, False, False)
    assert (changed.timeout, changed.env) == (7200, {"V": "1"})


def test_install_step_runs_as_root_by_default() -> None:
    assert step(job("{install: {run: make install-strip}}"), "install").root
    other = step(job("{install: {as: _u}}"), "install")
    assert (other.root, other.user) == (False, "_u")
    assert not step(job("{install: {as: ciforge}}"), "install").root


def test_step_of_root_may_become_a_step_of_a_user_and_back() -> None:
    found = step(job("{s: {run: x, as: root}}", variant="{s: {as: _u}}"), "s")
    assert (found.root, found.user) == (False, "_u")
    found = step(job("{s: {run: x, as: _u}}", variant="{s: {as: root}}"), "s")
    assert (found.root, found.user) == (True, "")


def test_step_without_a_command_is_left_out() -> None:
    assert names("{}", variant="{smoke: {timeout: 5m}}") == RECIPE


TWO = """
project: p
repos:
  c: {recipe: autotools, steps: {smoke: {run: x, after: install}}}
  g: {recipe: go}
variants:
  v:
    steps:
      bootstrap: {run: autoreconf -fiv}
      configure: false
      smoke: {timeout: 1h}
      look: {run: ls, after: build}
      lint: {run: lint, after: configure}
jobs: [debian-13/v]
"""


def test_variant_applies_to_repositories_of_any_recipe() -> None:
    found = jobs(TWO)
    of_c, of_g = found["c/debian-13/v"].steps, found["g/debian-13/v"].steps
    assert [each.name for each in of_c] == [
        "bootstrap",
        "lint",
        "build",
        "look",
        "install",
        "smoke",
    ]
    assert [each.name for each in of_g] == ["fetch", "build", "look", "install", "lint"]


def test_a_repository_may_have_a_step_named_as_in_another_recipe() -> None:
    text = "project: p\nrepos: {r: {recipe: make, steps: {bootstrap: {run: x, after: build}}}}\n"
    found = jobs(
        text + "variants: {v: {steps: {bootstrap: {timeout: 7s}}}}\njobs: [debian-13/v]\n"
    )["r/debian-13/v"]
    assert [(each.name, each.timeout) for each in found.steps][1] == ("bootstrap", 7)


@each("words", ["--x={top}", "${source}", "{make}", "{configure}", "${repo}"])
def test_braces_in_configure_arguments_stay(words: str) -> None:
    found = job("{}", more=f", configure: ['{words}'], builddir: obj")
    assert (
        f" '{words}'" in step(found, "configure").run or f" {words}" in step(found, "configure").run
    )


@each(
    ("git", "place"),
    [
        ("https://github.com/a/b.git", "github.com/a/b"),
        ("https://github.com/a/b/", "github.com/a/b"),
        ("ssh://git@example.org:2222/a/b.git", "example.org/a/b"),
        ("git@example.org:a/b.git", "example.org/a/b"),
        ("https://example.org/../../etc", "g"),
        ("git://example.org/b.git", "example.org/b"),
        ("", "g"),
    ],
)
def test_go_repository_without_go_mod_is_built_below_gopath(git: str, place: str) -> None:
    text = f"project: p\nrepos: {{g: {{recipe: go, git: '{git}'}}}}\njobs: [arch/default]\n"
    build = step(jobs(text)["g/arch-latest/default"], "build").run
    assert f'cd "$GOPATH/src/"{place} || exit\n' in build


NAMES = st.sampled_from([*"abcdef", *RECIPE])


@given(st.dictionaries(NAMES, NAMES, max_size=8))
def test_any_after_keys_lose_and_double_no_step(after: dict[str, str]) -> None:
    steps = ", ".join(f"{name}: {{run: x, after: {other}}}" for name, other in after.items())
    found = names(f"{{{steps}}}")
    assert sorted(found) == sorted({*RECIPE, *after})
    kept = [name for name in RECIPE if name not in after]
    assert [name for name in found if name in kept] == kept
