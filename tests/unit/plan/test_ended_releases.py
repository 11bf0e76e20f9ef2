"""Releases past their end of life, or near it, are named; the day plays no part in what is planned."""

import datetime

import attrs
from projects import SMALL, plan, project, real_catalogue

from ciforge.model.distro import Catalogue
from ciforge.model.end_of_life import Support, end_note, support_of
from ciforge.plan.ended_releases import ended_entries, ended_releases
from tests.tables import each

TEXT = """\
project: p
repos: {one: {path: ., recipe: make}}
jobs: [alpine, debian-12]
"""
TODAY = datetime.date(2026, 11, 29)


def catalogue(eol: str) -> Catalogue:
    """The small one, in which 3.22 of Alpine ends on a day."""
    alpine = SMALL.distributions["alpine"]
    old, *others = alpine.releases
    ending = attrs.evolve(alpine, releases=(attrs.evolve(old, eol=eol), *others))
    return attrs.evolve(SMALL, distributions=SMALL.distributions | {"alpine": ending})


@each(
    ("eol", "support", "note"),
    [
        ("", Support.UNKNOWN, ""),
        ("2026-11-28", Support.ENDED, "end of life since 2026-11-28"),
        ("2026-11-29", Support.ENDING, "end of life on 2026-11-29, today"),
        ("2026-11-30", Support.ENDING, "end of life on 2026-11-30, tomorrow"),
        ("2026-12-29", Support.ENDING, "end of life on 2026-12-29, in 30 days"),
        ("2026-12-30", Support.SUPPORTED, ""),
    ],
)
def test_release_ends_after_its_day_and_30_days_before_it_is_ending(
    eol: str, support: Support, note: str
) -> None:
    release = catalogue(eol).distributions["alpine"].releases[0]
    assert support_of(release, TODAY) is support
    assert end_note(release, TODAY) == note


def test_rolling_and_unreleased_releases_have_no_end_of_life() -> None:
    release = SMALL.distributions["alpine"].releases[0]
    assert support_of(attrs.evolve(release, rolling=True), TODAY) is Support.ROLLING
    assert support_of(attrs.evolve(release, prerelease=True), TODAY) is Support.PRERELEASE


def test_release_that_ended_is_named_once_with_the_newest_one() -> None:
    made = plan(TEXT, catalogue("2026-11-01"))
    assert ended_releases((*made.jobs, *made.jobs), TODAY) == (
        "alpine-3.22 reached its end of life on 2026-11-01; the newest release is alpine-3.23",
    )
    assert ended_releases(made.jobs, datetime.date(2026, 9, 1)) == ()


def test_ended_release_in_jobs_is_a_warning_at_its_place() -> None:
    (flaw,) = ended_entries(project(TEXT), catalogue("2026-12-09"), TODAY)
    assert flaw.path == ("jobs", 0, "job")
    assert flaw.message == (
        "warning: alpine-3.22 reaches its end of life on 2026-12-09, in 10 days; "
        "the newest release is alpine-3.23"
    )


def test_newest_release_that_ended_names_no_successor() -> None:
    alpine = catalogue("2026-12-09").distributions["alpine"]
    alone = attrs.evolve(alpine, releases=alpine.releases[:1], defaults=("3.22",))
    given = attrs.evolve(SMALL, distributions=SMALL.distributions | {"alpine": alone})
    (told,) = ended_releases(plan(TEXT, given).jobs, TODAY)
    assert told == "alpine-3.22 reaches its end of life on 2026-12-09, in 10 days"


@each(
    ("rule", "releases"),
    [
        (("latest 1",), ("3.23",)),
        (("latest 2",), ("3.22", "3.23")),
        (("edge", "latest 1"), ("3.23", "edge")),
        (("3.22",), ("3.22",)),
    ],
)
def test_default_releases_follow_the_rule_in_the_order_of_the_data(
    rule: tuple[str, ...], releases: tuple[str, ...]
) -> None:
    alpine = attrs.evolve(SMALL.distributions["alpine"], defaults=rule)
    assert alpine.default_releases == releases


def test_unreleased_release_is_none_of_the_newest() -> None:
    fedora = real_catalogue().distributions["fedora"]
    unreleased = {one.release for one in fedora.releases if one.prerelease or one.rolling}
    assert unreleased
    assert not unreleased & set(fedora.latest(9))
