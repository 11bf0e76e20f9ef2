"""With little time, the jobs that tell most come first."""

from ciforge.model.job import Job
from ciforge.run.telling_order import telling_order
from tests.projects import plan, real_catalogue

TEXT = """
project: p
repos: {t: {path: ., recipe: make, dependencies: [openssl]}}
variants:
  clang: {env: {CC: clang}}
  libressl: {replace: {openssl: libressl}}
jobs:
  - t/debian-12/default
  - t/debian-13/default
  - t/debian-13/clang
  - t/debian-13/default@s390x
  - t/freebsd-14/cross
  - t/alpine-3.22/default
  - t/alpine-3.22/libressl
"""
JOBS = plan(TEXT, real_catalogue()).jobs


def order(jobs: tuple[Job, ...] = JOBS, failed: tuple[str, ...] = ()) -> list[str]:
    return [job.id for job in telling_order(jobs, failed, "linux/amd64")]


def test_jobs_that_differ_most_come_first_then_cross_checks_then_emulation() -> None:
    assert order() == [
        "t/debian-12/default", "t/alpine-3.22/libressl", "t/debian-13/clang",
        "t/debian-13/default", "t/alpine-3.22/default",
        "t/freebsd-14/cross", "t/debian-13/default@s390x",
    ]  # fmt: skip


def test_jobs_that_failed_last_come_first_emulated_ones_included() -> None:
    failed = ("t/debian-13/default@s390x", "t/debian-13/default")
    assert order(failed=failed)[:2] == ["t/debian-13/default", "t/debian-13/default@s390x"]
    assert sorted(order(failed=failed)) == sorted(job.id for job in JOBS)


def test_emulation_depends_on_the_engine() -> None:
    found = telling_order(JOBS, (), "linux/s390x")
    assert found[0].id == "t/debian-13/default@s390x"
