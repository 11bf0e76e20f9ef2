"""Systems that no engine runs are refused where a project names them, and skipped elsewhere."""

import attrs
from projects import SMALL, plan, project

from ciforge.model.distro import HostedMachine
from ciforge.model.platform import Platform
from ciforge.plan.project_checks import check
from ciforge.plan.selection import select

BSD = attrs.evolve(
    SMALL.distributions["arch"],
    distribution="freebsd",
    releases=(
        attrs.evolve(
            SMALL.distributions["arch"].releases[0],
            release="15",
            image="",
            rolling=False,
            platforms=(Platform("freebsd", "amd64"),),
        ),
    ),
    defaults=("latest 1",),
)
CATALOGUE = attrs.evolve(SMALL, distributions=SMALL.distributions | {"freebsd": BSD})
REASON = "no engine runs freebsd-15 on freebsd/amd64, and no cross check serves it"


def text(jobs: str) -> str:
    return f"project: p\nrepos: {{one: {{path: ., recipe: make}}}}\njobs: [{jobs}]\n"


def test_project_that_names_an_unserved_system_is_refused_at_its_entry() -> None:
    for entry in ("freebsd", "freebsd-15", "one/{debian,freebsd}/default"):
        (flaw,) = check(project(text(f"debian-13, '{entry}'")), CATALOGUE)
        assert (flaw.path, flaw.message) == (("jobs", 1, "job"), f"{REASON}; leave it out")


def test_project_may_name_a_system_that_a_hosted_service_has() -> None:
    release = attrs.evolve(BSD.releases[0], hosted=HostedMachine(action="a/b", host="b"))
    given = attrs.evolve(
        CATALOGUE,
        distributions=CATALOGUE.distributions | {"freebsd": attrs.evolve(BSD, releases=(release,))},
    )
    assert check(project(text("debian-13, freebsd")), given) == ()
    named = plan(text("debian-13, freebsd"), given).jobs[-1]
    assert (named.id, named.skipped) == ("one/freebsd-15/default", REASON)


def test_pattern_matches_only_systems_that_can_run() -> None:
    given = text("'*'")
    assert check(project(given), CATALOGUE) == ()
    named = {job.distribution.distribution for job in plan(given, CATALOGUE).jobs}
    assert named == {"alpine", "arch", "debian"}


def test_job_that_is_asked_for_by_name_says_why_it_cannot_run() -> None:
    (job,) = select(plan(text("debian-13"), CATALOGUE), ["freebsd"], unlisted=True)
    assert (job.id, job.skipped) == ("one/freebsd-15/default", REASON)


def test_image_of_another_operating_system_is_no_container() -> None:
    release = attrs.evolve(BSD.releases[0], image="example.org/freebsd:15")
    other = attrs.evolve(BSD, releases=(release,))
    given = attrs.evolve(CATALOGUE, distributions=CATALOGUE.distributions | {"freebsd": other})
    (job,) = select(plan(text("debian-13"), given), ["freebsd"], unlisted=True)
    assert job.skipped == REASON
