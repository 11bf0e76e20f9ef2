"""The script that lists versions of packages, and a job with some of them."""

import attrs
import pytest

from ciforge.plan.pinned_packages import with_versions
from ciforge.render.dockerfile import dockerfile
from ciforge.render.version_question import versions_in, versions_script
from tests.projects import plan, real_catalogue

TEXT = "project: p\nrepos: {t: {path: ., recipe: make}}\njobs: [t/debian-13]\n"


def test_script_asks_for_each_package() -> None:
    job = plan(TEXT, real_catalogue()).jobs[0]
    text = versions_script(job.distribution, job.release, job.manager, ["libc6", "x; reboot"])
    assert "for name in libc6; do apt-cache madison" in text
    assert "apt-get update" in text
    assert "reboot" not in text


def test_versions_are_read_and_what_is_none_is_left_out() -> None:
    output = (
        "noise\nciforge-version: a 1.0-1\nciforge-version: a 1:2~rc1+b1\n"
        "ciforge-version: a 1.0-1\nciforge-version: a $(reboot)\nciforge-version: end\n"
    )
    assert versions_in(output) == ({"a": ("1.0-1", "1:2~rc1+b1")}, True)
    assert versions_in("ciforge-version: a 1\n") == ({"a": ("1",)}, False)


def test_job_with_versions_installs_them_and_names_the_others() -> None:
    job = attrs.evolve(plan(TEXT, real_catalogue()).jobs[0], packages=("gcc", "libfoo-dev"))
    text = dockerfile(with_versions(job, {"libfoo-dev": "1.2-1", "libfoo1": "1:1.2~a"}))
    assert "--allow-downgrades" in text
    names = [line.strip(" \\") for line in text.splitlines() if line.startswith("      ")]
    assert names[:3] == ["gcc", "libfoo-dev=1.2-1", "libfoo1=1:1.2~a"]


@pytest.mark.parametrize(
    ("name", "version"),
    [("a;reboot", "1"), ("-o", "1"), ("a", "1 -o x"), ("a", "$(reboot)"), ("a", "")],
)
def test_version_that_a_shell_could_obey_is_refused(name: str, version: str) -> None:
    with pytest.raises(ValueError, match="not a package"):
        with_versions(plan(TEXT, real_catalogue()).jobs[0], {name: version})
