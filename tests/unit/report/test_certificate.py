"""What stands beside a release."""

import html

import attrs
import pytest

from ciforge.model.result import Result, Run, SourceUsed, Status, green_status
from ciforge.report.certificate import Certificate, certificate_text
from ciforge.report.html.page_writer import page_bytes
from tests.projects import jobs, real_catalogue
from tests.reports import HOSTILE

PROJECT = """\
project: mine
repos:
  daemon: {path: daemon, recipe: autotools, dependencies: [libevent]}
jobs: [debian-13, freebsd-14/cross]
"""
NATIVE, CROSS = jobs(PROJECT, real_catalogue()).values()


def result(job: str, status: Status | None = None, **changed: object) -> Result:
    packages = {"gcc": "14.2.0", "libevent-dev": "2.1.12", "perl": "5.40"}
    base = "debian:13@sha256:77aa"
    status = status or green_status(job)
    return attrs.evolve(Result(job=job, status=status, packages=packages, base=base), **changed)


def certificate(*results: Result) -> Certificate:
    source = SourceUsed(repo="daemon", origin="/x", revision="a" * 40, digest="d" * 64)
    run = Run(
        id="r", project="mine", started="2026-11-30T00:00:00Z", version="1", sources=(source,)
    )
    return Certificate(
        tag="v1.2", run=run, jobs=(NATIVE, CROSS), results=results, archive="x-1.2.tar.gz", sha256="e" * 64
    )  # fmt: skip


PASSED = certificate(result(NATIVE.id), result(CROSS.id, proves="It compiles."))


def test_certificate_has_versions_digests_and_how_far_each_system_is_proven() -> None:
    text = certificate_text(PASSED)
    assert text.startswith("mine v1.2: 1 passed, 1 compiled\n")
    for part in (
        f"x-1.2.tar.gz, sha256 {'e' * 64}", f"sha256 of all files {'d' * 64}", "a" * 40,
        "gcc 14.2.0, libevent-dev 2.1.12", "debian:13@sha256:77aa", "complete: 1 required job passed, 1 compiled", "images with the installed packages may be those of earlier",
    ):  # fmt: skip
        assert part in text
    assert "perl" not in text


def test_cross_check_is_never_called_passed() -> None:
    text = certificate_text(PASSED)
    assert f"{CROSS.id}: compiled" in text
    assert f"{CROSS.id}: passed" not in text


@pytest.mark.parametrize(
    "status",
    [Status.FAILED, Status.TIMED_OUT, Status.SKIPPED, Status.CANCELLED, Status.INFRASTRUCTURE],
)
def test_certificate_is_incomplete_without_a_required_job(status: Status) -> None:
    incomplete = certificate(result(NATIVE.id, status, reason="why"), result(CROSS.id))
    assert [one.job for one in incomplete.missing] == [NATIVE.id]
    assert "INCOMPLETE: 1 of 2 required jobs did not pass" in certificate_text(incomplete)
    allowed = certificate(result(NATIVE.id, status, allow_failure=True), result(CROSS.id))
    assert allowed.missing == ()
    assert not allowed.complete
    assert "(not required)" in certificate_text(allowed)


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ([result(CROSS.id)], "INCOMPLETE: no required job ran, 1 compiled"),
        ([result(NATIVE.id, Status.FAILED, allow_failure=True)], "INCOMPLETE: no required job ran"),
        ([result(NATIVE.id)], "complete: 1 required job passed"),
    ],
)
def test_certificate_is_complete_only_if_a_required_job_ran(
    results: list[Result], verdict: str
) -> None:
    made = certificate(*results)
    assert made.verdict == verdict
    assert made.complete == verdict.startswith("complete")


def test_page_of_a_certificate_shows_the_same_and_escapes_it() -> None:
    hostile = certificate(result(NATIVE.id, Status.FAILED, reason=HOSTILE), result(CROSS.id))
    page = page_bytes("certificate.html", certificate=hostile).decode()
    assert "<img" not in page
    assert "INCOMPLETE" in page
    assert html.escape("&lt;img") not in page
    assert "\x1b" not in certificate_text(hostile)
