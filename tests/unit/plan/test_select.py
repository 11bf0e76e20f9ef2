"""Jobs by selector, as one names them on the command line."""

import pytest
from projects import plan

from ciforge.errors import UsageError
from ciforge.plan.selection import select
from tests.tables import each

PLAN = plan("""
project: p
repos:
  portable: {recipe: autotools}
  extras: {recipe: autotools}
  filter-a: {recipe: go}
variants: {clang: {env: {CC: clang}}, objdir: {builddir: obj}}
jobs:
  - portable/debian/{default,clang}
  - {job: portable/debian-13/default@s390x, schedule: weekly}
  - filter-a/alpine/default
""")


def ids(*texts: str, unlisted: bool = False) -> list[str]:
    return [job.id for job in select(PLAN, texts, unlisted=unlisted)]


def told(text: str, *, unlisted: bool = False) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        select(PLAN, [text], unlisted=unlisted)
    return str(caught.value), caught.value.hint


def test_no_selector_means_every_listed_job() -> None:
    assert ids() == [job.id for job in PLAN.jobs]


@each(
    ("text", "found"),
    [
        ("debian-12", ["portable/debian-12/default", "portable/debian-12/clang"]),
        ("debian-12/default", ["portable/debian-12/default"]),
        ("filter-a", ["filter-a/alpine-3.22/default", "filter-a/alpine-3.23/default"]),
        ("filter-a/alpine-3.2*", ["filter-a/alpine-3.22/default", "filter-a/alpine-3.23/default"]),
        ("clang", ["portable/debian-12/clang", "portable/debian-13/clang"]),
        ("*/*/clang", ["portable/debian-12/clang", "portable/debian-13/clang"]),
        ("debian@s390x", ["portable/debian-13/default@s390x"]),
        ("debian-13/default", ["portable/debian-13/default", "portable/debian-13/default@s390x"]),
    ],
)
def test_selector_names_listed_jobs(text: str, found: list[str]) -> None:
    assert ids(text) == found


@each("id_", [job.id for job in PLAN.jobs])
def test_whole_job_id_selects_its_job_only(id_: str) -> None:
    assert ids(id_) == [id_] == ids(id_, unlisted=True)


def test_selected_jobs_are_in_the_order_of_the_list_and_once() -> None:
    assert ids("clang", "debian-12", "debian-12/default") == [
        "portable/debian-12/default",
        "portable/debian-12/clang",
        "portable/debian-13/clang",
    ]


@each(
    ("text", "message"),
    [
        ("debain", "'debain' matches no job (did you mean 'debian'?)"),
        ("trixie", "'trixie' matches no job (did you mean 'debian-13'?)"),
        ("portable/bookworm", "'portable/bookworm': 'bookworm' matches nothing there (did you mean 'debian-12'?)"),
        ("debian-14", "'debian-14' matches no job (did you mean 'debian-13'?)"),
        ("clagn", "'clagn' matches no job (did you mean 'clang'?)"),
        ("portabel/debian", "'portabel/debian': 'portabel' matches nothing there (did you mean 'portable'?)"),
        ("portable/debian-13/clagn", "'portable/debian-13/clagn': 'clagn' matches nothing there (did you mean 'clang'?)"),
        ("{debian,alpin}", "'{debian,alpin}': 'alpin' matches nothing there (did you mean 'alpine'?)"),
        ("{debian,portable}", "'{debian,portable}': 'portable' is not a known distribution or release"),
        ("debian@s309x", "'debian@s309x': 's309x' matches nothing there (did you mean 's390x'?)"),
        ("xyzzy", "'xyzzy' matches no job"),
        ("portable/arch@arm64", "'portable/arch@arm64' matches no job: there are images of arch-latest for amd64 only"),
        ("a b", "'a b' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
    ],
)  # fmt: skip
def test_selector_without_a_match_names_the_nearest(text: str, message: str) -> None:
    assert told(text)[0] == message == told(text, unlisted=True)[0]


@each(
    ("text", "message"),
    [
        ("debian-11", "'debian-11' names portable/debian-11/default and 2 more, which the project does not list in jobs:"),
        ("portable/debian-sid/default", "'portable/debian-sid/default' names portable/debian-sid/default, which the project does not list in jobs:"),
        ("debian-12@arm64", "'debian-12@arm64' names portable/debian-12/default@arm64 and 1 more, which the project does not list in jobs:"),
        ("extras/debian-12/default", "'extras/debian-12/default' names extras/debian-12/default, which the project does not list in jobs:"),
        ("objdir", "'objdir' names portable/alpine-3.22/objdir and 23 more, which the project does not list in jobs:"),
    ],
)  # fmt: skip
def test_selector_of_an_unlisted_system_says_so(text: str, message: str) -> None:
    assert told(text) == (
        message,
        "add it to jobs: in ciforge.yml, or run it this once with --any",
    )


def test_exclusion_on_the_command_line_leaves_the_other_selected_jobs() -> None:
    assert ids("debian-13", "!clang") == [id_ for id_ in ids("debian-13") if "clang" not in id_]
    assert ids("!debian-13") == [id_ for id_ in ids() if "debian-13" not in id_] != []


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("debian-13", "!debian-12"), "'!debian-12' excludes none of the selected jobs"),
        (("debian-13", "!debian"), "no job is left: every selected job is excluded"),
        (("!debain",), "'debain' matches no job (did you mean 'debian'?)"),
        (("!a b",), "'!a b' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])"),
    ],
)
def test_exclusion_on_the_command_line_that_means_nothing_is_an_error(
    texts: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        ids(*texts)
    assert str(caught.value) == message


def test_any_runs_another_release_of_what_is_listed() -> None:
    assert ids("debian-11", unlisted=True) == [
        "portable/debian-11/default",
        "portable/debian-11/clang",
        "filter-a/debian-11/default",
    ]


def test_any_runs_a_listed_job_on_another_processor() -> None:
    assert ids("portable/debian-13/clang@arm64", unlisted=True) == [
        "portable/debian-13/clang@arm64"
    ]
    assert ids("debian@arm64", unlisted=True) == [
        "portable/debian-12/default@arm64",
        "portable/debian-12/clang@arm64",
        "portable/debian-13/default@arm64",
        "portable/debian-13/clang@arm64",
    ]


def test_job_on_another_processor_has_the_steps_and_packages_of_the_listed_job() -> None:
    (here,) = select(PLAN, ["portable/debian-13/clang"])
    (there,) = select(PLAN, ["portable/debian-13/clang@arm64"], unlisted=True)
    assert (there.env, there.packages) == (here.env, here.packages)
    assert [step.run for step in there.steps] == [step.run for step in here.steps]


def test_any_takes_a_repository_that_is_in_no_job() -> None:
    assert ids("extras/debian-12/default", unlisted=True) == ["extras/debian-12/default"]


def test_any_takes_a_whole_id_beside_a_listed_one_on_another_processor() -> None:
    odd = plan("project: p\nrepos: {r: {recipe: make}}\njobs: ['debian-13@s390x']\n")
    (job,) = select(odd, ["r/debian-13/default"], unlisted=True)
    assert job.id == "r/debian-13/default"
    (job,) = select(odd, ["r/debian-13/default"])
    assert job.id == "r/debian-13/default@s390x"


def test_any_changes_nothing_for_a_selector_of_listed_jobs() -> None:
    assert ids("debian", unlisted=True) == ids("debian")
