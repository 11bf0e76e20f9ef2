"""Sources from a commit, and sources that need others."""

import pytest
from projects import jobs, project, real_catalogue

from ciforge.errors import InputError
from ciforge.plan.project_checks import check
from ciforge.render.dockerfile import dockerfile
from tests.tables import each

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TEXT = f"""
project: p
repos:
  daemon: {{recipe: autotools, dependencies: [openssl]}}
sources:
  bar: {{git: https://git.example.org/bar.git, revision: {COMMIT}, prefix: /opt/bar, needs: [foo]}}
  foo: {{url: https://example.org/foo.tar.gz, sha256: "{"0" * 64}", prefix: /opt/foo}}
variants:
  own: {{replace: {{openssl: sources/bar}}}}
jobs: [debian-13/own]
"""
CATALOGUE = real_catalogue()


def test_needed_source_is_built_first_and_found_by_the_other() -> None:
    job = jobs(TEXT, CATALOGUE)["daemon/debian-13/own"]
    assert list(job.sources) == ["foo", "bar"]
    assert {"git", "ca-certificates"} <= set(job.packages)
    assert job.env["PKG_CONFIG_PATH"] == "/opt/bar/lib/pkgconfig:/opt/foo/lib/pkgconfig"
    (linked,) = [step.run for step in job.steps if step.name == "linked"]
    assert "loads bar /opt/bar" in linked and "/opt/foo" not in linked
    text = dockerfile(job)
    foo, bar = text.index("cd /tmp/foo"), text.index("cd /tmp/bar")
    assert foo < bar
    assert text.index("export PKG_CONFIG_PATH=/opt/foo/lib/pkgconfig") > foo


def test_sources_of_a_job_with_the_same_prefix_are_a_reason_not_to_run_it() -> None:
    job = jobs(TEXT.replace("/opt/foo", "/opt/bar"), CATALOGUE)["daemon/debian-13/own"]
    assert "the sources foo and bar have the same prefix, /opt/bar" in job.skipped


def test_source_finds_all_that_it_needs_by_way_of_others() -> None:
    low = f'low: {{url: https://example.org/low.tar.gz, sha256: "{"0" * 64}", prefix: /opt/low}}'
    text = TEXT.replace("prefix: /opt/foo", "prefix: /opt/foo, needs: [low]")
    job = jobs(text.replace("variants:", f"  {low}\nvariants:"), CATALOGUE)["daemon/debian-13/own"]
    assert list(job.sources) == ["low", "foo", "bar"]
    of_bar = dockerfile(job).partition("git clone")[0].rpartition("RUN ")[2]
    assert "PKG_CONFIG_PATH=/opt/foo/lib/pkgconfig:/opt/low/lib/pkgconfig" in of_bar
    assert "LD_RUN_PATH=/opt/foo/lib:/opt/low/lib" in of_bar


def test_commit_is_cloned_and_checked_out_by_its_hash() -> None:
    text = dockerfile(jobs(TEXT, CATALOGUE)["daemon/debian-13/own"])
    assert "git clone --quiet --no-checkout -- https://git.example.org/bar.git /tmp/bar" in text
    assert f"git -C /tmp/bar checkout --quiet --detach {COMMIT}" in text
    assert text.count("ADD ") == 1


@each(
    ("old", "new", "told"),
    [
        (COMMIT, "v1.0", "is not the full hash of a commit"),
        (f"revision: {COMMIT}, ", "", "'revision' is missing"),
        ("url: https://example.org/foo.tar.gz, ", "", "'url' is missing"),
        ("https://git.example.org/bar.git", "file:///etc", "is not an address"),
        ("https://git.example.org/bar.git", "ssh://a@h/b", "is not an address"),
        (
            "prefix: /opt/foo",
            "prefix: /opt/foo, git: https://h/b, revision: " + COMMIT,
            "url: and sha256:, or git:",
        ),
        (
            f"git: https://git.example.org/bar.git, revision: {COMMIT}, ",
            "",
            "url: and sha256:, or git:",
        ),
    ],
)
def test_source_has_one_origin_that_fixes_its_contents(old: str, new: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        project(TEXT.replace(old, new))
    assert told in str(caught.value)


@each(
    ("old", "new", "told"),
    [
        ("needs: [foo]", "needs: [fo]", "no source 'fo' (did you mean 'foo'?)"),
        ("needs: [foo]", "needs: [bar]", "neither can be first"),
        ("prefix: /opt/foo", "prefix: /opt/foo, needs: [bar]", "neither can be first"),
    ],
)
def test_mistake_in_the_needs_of_a_source_is_reported(old: str, new: str, told: str) -> None:
    flaws = check(project(TEXT.replace(old, new)), CATALOGUE)
    assert any(told in flaw.message for flaw in flaws), flaws
