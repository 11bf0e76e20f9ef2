"""What is known of a cross check, whose packages are those of another system."""

from projects import plan, real_catalogue
from reports import result

from ciforge.notify.run_traits import traits
from ciforge.plan.selection import select

PLAN = plan("project: p\nrepos: {one: {recipe: make}}\njobs: [debian-13]\n", real_catalogue())
PACKAGES = {"libc6": "2.41-12", "gcc": "4:14.2.0-1"}


def test_traits_of_a_cross_check_are_those_of_its_target() -> None:
    names = ("openbsd-7.9/cross", "alpine-3.23/cross", "manylinux-2014/cross", "debian-13")
    jobs = [job for name in names for job in select(PLAN, [name])]
    found = traits([result(job.id, packages=PACKAGES) for job in jobs], jobs)
    assert [(one.distribution, one.libc, one.compiler) for one in found.values()] == [
        ("openbsd", "bsd", "clang"), ("alpine", "musl", "clang"), ("manylinux", "glibc", "clang"),
        ("debian", "glibc", "gcc"),
    ]  # fmt: skip


def test_traits_of_a_cross_check_without_a_plan_claim_no_libc() -> None:
    (found,) = traits([result("one/openbsd-7.9/cross", packages=PACKAGES)], []).values()
    assert (found.libc, found.compiler) == ("", "clang")
