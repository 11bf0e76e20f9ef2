"""Cross checks: which there are, what a selector means by one, and what it runs."""

import os
import subprocess
from pathlib import Path

import attrs
import pytest
from projects import plan, project, real_catalogue

from ciforge.errors import UsageError
from ciforge.load.catalogue import load_catalogue
from ciforge.model.cross_id import CROSS, is_cross_check
from ciforge.model.job import Job
from ciforge.plan.project_checks import check
from ciforge.plan.selection import select
from ciforge.render.dockerfile import dockerfile
from ciforge.resources import data_folder

TEXT = """
project: p
repos:
  daemon:
    recipe: autotools
    dependencies: [libevent, openssl, zlib, pam, crypt]
    users: {_daemon: /var/empty}
    steps:
      check: true
      generate: {run: sh generate.sh, after: bootstrap}
      smoke: {run: daemon --version, after: install}
    expect: {config.h: [HAVE_X], installed: [/usr/local/bin/daemon]}
    where: {openbsd: {dependencies: {remove: [pam]}, configure: [--without-pam]}}
  filter: {recipe: go}
variants: {cross: {env: {ac_cv_func_x: "no"}}}
jobs: [daemon/debian-13]
"""


CATALOGUE = real_catalogue()
PLAN = plan(TEXT, CATALOGUE)


def ids(*texts: str) -> list[str]:
    return [job.id for job in select(PLAN, texts)]


def one(text: str) -> Job:
    (job,) = select(PLAN, [text])
    return job


def test_release_that_no_engine_runs_means_its_cross_check() -> None:
    assert ids("daemon/freebsd-14", "daemon/netbsd-10", "daemon/openbsd-7.8") == [
        "daemon/freebsd-14/cross", "daemon/netbsd-10/cross", "daemon/openbsd-7.8/cross",
    ]  # fmt: skip
    assert all(job.cross and job.cross.stands_in for job in select(PLAN, ["daemon/freebsd"]))


def test_release_that_an_engine_runs_has_a_cross_check_if_named() -> None:
    assert ids("daemon/debian-13") == ["daemon/debian-13/default"]
    assert ids("daemon/alpine-3.23/cross") == ["daemon/alpine-3.23/cross"]
    assert ids("daemon/debian-13/cross@s390x") == ["daemon/debian-13/cross@s390x"]
    assert one("daemon/debian-13/cross@s390x").cross.stands_in is False  # type: ignore[union-attr]


def test_pattern_does_not_match_an_unnamed_cross_check() -> None:
    assert not [job for job in select(PLAN, ["*"]) if job.cross]
    with pytest.raises(UsageError, match="matches no job"):
        select(PLAN, ["daemon/debian-11/cross"])


def test_project_that_lists_a_cross_check_is_accepted() -> None:
    entries = "openbsd-7.9/cross, daemon/freebsd-14/cross@arm64, netbsd-10, debian-13/cross@s390x"
    text = TEXT.replace("jobs: [daemon/debian-13]", f"jobs: [{entries}]")
    assert check(project(text), CATALOGUE) == ()
    assert [job.id for job in plan(text, CATALOGUE).jobs if job.repo == "daemon"] == [
        "daemon/openbsd-7.9/cross", "daemon/freebsd-14/cross@arm64", "daemon/netbsd-10/cross",
        "daemon/debian-13/cross@s390x",
    ]  # fmt: skip


def test_project_that_lists_a_cross_check_which_does_not_exist_learns_so() -> None:
    for entry, why in (
        ("daemon/debian-11/cross", "debian-11 has no cross check"),
        ("openbsd-7.9/cross@s390x", "openbsd-7.9 has no cross check for s390x"),
    ):
        text = TEXT.replace("jobs: [daemon/debian-13]", f"jobs: [{entry}]")
        (flaw,) = check(project(text), CATALOGUE)
        assert flaw.message == f"{entry!r} matches no job: {why}"


def test_target_of_every_descriptor_has_a_cross_check() -> None:
    for distribution in CATALOGUE.distributions.values():
        for release in distribution.releases:
            for platform in release.cross.targets if release.cross else ():
                word = platform.partition("/")[2].replace("/", "")
                job = one(f"daemon/{distribution.release_id(release)}/cross@{word}")
                assert is_cross_check(job.id)
                assert str(job.target_platform) == platform
                assert str(job.platform) in CATALOGUE.toolchain.machines  # type: ignore[union-attr]


def test_cross_check_configures_for_the_target_and_installs_beside_the_system() -> None:
    steps = {step.name: step.run for step in one("daemon/openbsd-7.8").steps}
    words = "set -- --build=x86_64-pc-linux-gnu --host=x86_64-unknown-openbsd7.8\n"
    assert steps["configure"].startswith(words)
    assert steps["configure"].endswith('./configure "$@" --without-pam')
    assert steps["install"] == "make install DESTDIR=/ciforge/destdir"


@pytest.mark.slow
def test_handwritten_configure_of_a_cross_check_gets_no_options_and_the_uname_of_the_target(
    tmp_path: Path,
) -> None:
    run = {step.name: step.run for step in one("daemon/openbsd-7.8").steps}["configure"]
    for name, text in (("made", "# takes --host\n"), ("own", "")):
        folder = tmp_path / name
        folder.mkdir()
        script = folder / "configure"
        script.write_text(f'#!/bin/sh\n{text}echo "$(uname) $*"\n')
        script.chmod(0o755)
        done = subprocess.run(
            ["sh", "-ec", run], cwd=folder, capture_output=True, text=True, check=True,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        )  # fmt: skip
        (folder / "said").write_text(done.stdout)
    machine = os.uname().sysname
    assert (tmp_path / "own" / "said").read_text() == "OpenBSD --without-pam\n"
    made = f"{machine} --build=x86_64-pc-linux-gnu --host=x86_64-unknown-openbsd7.8 --without-pam\n"
    assert (tmp_path / "made" / "said").read_text() == made


def test_cross_check_of_meson_names_the_target_and_installs_beside_the_system() -> None:
    text = TEXT.replace("recipe: go", "recipe: meson")
    for release, system, processor, endian in (
        ("freebsd-14@arm64", "freebsd", "aarch64", "little"),
        ("debian-13/cross@s390x", "linux", "s390x", "big"),
    ):
        (job,) = select(plan(text, CATALOGUE), [f"filter/{release}"])
        steps = {step.name: step.run for step in job.steps}
        assert f"system = '{system}'\ncpu_family = '{processor}'" in steps["configure"]
        assert f"endian = '{endian}'" in steps["configure"]
        assert steps["install"].startswith("DESTDIR=/ciforge/destdir meson install")
        assert "check" not in steps and "verify" in steps


def test_install_commands_of_the_project_have_destdir_in_a_cross_check() -> None:
    text = TEXT.replace(
        "    steps:\n      check", "    steps:\n      install: {run: sh put.sh}\n      check"
    )
    (job,) = select(plan(text, CATALOGUE), ["daemon/openbsd-7.8"])
    install = next(step for step in job.steps if step.name == "install")
    assert install.env == {"DESTDIR": "/ciforge/destdir"}


def test_cross_check_runs_nothing_of_the_target() -> None:
    job = one("daemon/openbsd-7.8")
    assert [step.name for step in job.steps] == [
        "bootstrap", "generate", "configure", "build", "install", "expect", "verify",
    ]  # fmt: skip
    expect = next(step.run for step in job.steps if step.name == "expect")
    assert "HAVE_X" in expect and "/usr/local/bin/daemon" not in expect


def test_cross_check_takes_libraries_from_the_machine_except_those_of_the_libc() -> None:
    job = one("daemon/openbsd-7.8")
    assert job.cross is not None
    assert [each.name for each in job.cross.dependencies] == ["libevent", "openssl", "zlib"]
    assert {"libevent-dev", "libssl-dev", "zlib1g-dev"} <= set(job.packages)
    assert not {"gcc", "libc6-dev", "libcrypt-dev", "libpam0g-dev"} & set(job.packages)


def test_cross_check_takes_a_defined_library_from_the_descriptor() -> None:
    job = one("daemon/freebsd-14")
    assert job.cross is not None
    assert "crypt" in job.cross.system.libraries
    assert "crypt" not in [each.name for each in job.cross.dependencies]
    assert "libcrypt-dev" not in job.packages


def test_cross_check_has_the_library_of_a_dependency_only_if_the_job_names_it() -> None:
    text = TEXT.replace("pam, crypt]", "pam, crypt, fts]")
    (with_fts,) = select(plan(text, CATALOGUE), ["daemon/alpine-3.23/cross"])
    without = one("daemon/alpine-3.23/cross")
    assert with_fts.cross and without.cross
    assert "fts" in with_fts.cross.system.libraries and "fts" not in without.cross.system.libraries
    assert "headers and symbol names of libfts" in with_fts.cross.statement({}, "Debian")
    assert "libfts" not in without.cross.statement({}, "Debian")


def test_cross_check_is_skipped_for_a_dependency_that_the_target_lacks() -> None:
    text = TEXT.replace(
        "    where: {openbsd: {dependencies: {remove: [pam]}, configure: [--without-pam]}}\n", ""
    )
    (job,) = select(plan(text, CATALOGUE), ["daemon/openbsd-7.8"])
    assert job.skipped == "openbsd-7.8 has no pam: not packaged"


def test_cross_check_of_a_repository_that_needs_another_one_is_skipped() -> None:
    text = TEXT.replace("  filter:", "  other: {recipe: autotools, needs: [daemon]}\n  filter:")
    text = text.replace("jobs: [", "jobs: [other/freebsd-14/cross, ")
    (job,) = select(plan(text, CATALOGUE), ["other/freebsd-14/cross"])
    assert job.skipped == "needs daemon, which a cross check does not install"


def test_cross_check_of_a_recipe_without_cross_compiler_is_skipped() -> None:
    assert one("filter/openbsd-7.8").skipped.endswith("the recipe go has no cross check")


def test_cross_check_passes_answers_of_descriptor_and_project_to_configure() -> None:
    env = one("daemon/freebsd-14").env
    assert env["ac_cv_func_arc4random_addrandom"] == env["ac_cv_func_x"] == "no"
    assert (env["CC"], env["PKG_CONFIG_LIBDIR"]) == (
        "cc",
        "/ciforge/toolchain/sysroot/lib/pkgconfig",
    )


def test_sentence_of_another_job_has_its_steps_and_that_it_has_no_tests() -> None:
    job = one("daemon/debian-13/default")
    assert job.statement({}) == (
        "every step passed on Debian GNU/Linux 13: bootstrap, generate, configure, build, check, install, "
        "smoke, expect"
    )
    untested = attrs.evolve(job, steps=[step for step in job.steps if step.name != "check"])
    assert untested.statement({}).endswith("install, smoke, expect; there is no step check")


def test_cross_check_sentence_names_libc_and_origin_of_each_library() -> None:
    cross = one("daemon/freebsd-14").cross
    assert cross is not None
    versions = {
        "libevent-dev": "2.1.12-stable-10",
        "libssl-dev": "3.5.4-1~deb13u1",
        "zlib1g-dev": "1:1.3.dfsg+really1.3.1-1+b1",
    }
    assert cross.statement(versions, "Debian GNU/Linux 13") == (
        "compiles and links for FreeBSD 14.0 (headers and symbol names of its libc as in ziglang 0.17.1, x86_64-freebsd.14.0; "
        "headers and symbol names of libcrypt; headers and symbol names of libevent 2.1.12, openssl 3.5.4, zlib 1.3.1, pam as in Debian GNU/Linux 13); nothing ran there"
    )


def test_cross_check_is_recognized_by_its_id() -> None:
    assert is_cross_check("daemon/openbsd-7.8/cross@arm64")
    assert not is_cross_check("cross/openbsd-7.8/default")
    assert CROSS == "cross"


def test_toolchain_of_a_cross_check_is_not_chosen_by_a_checkout(tmp_path: Path) -> None:
    tables = tmp_path / "distros" / "tables"
    tables.mkdir(parents=True)
    (tables / "toolchain.yml").write_text("machine: debian-13\nname: evil\n")
    shipped = data_folder("distros")
    found = load_catalogue([shipped, tmp_path / "distros"]).toolchain
    assert found is not None and found.name == "ziglang"


def crossed(source: str) -> Job:
    """The cross check of a project that builds a library from its tarball as `source` says."""
    text = TEXT.replace("crypt]", "crypt]\n    replace: {openssl: sources/tls}")
    text += (
        'sources: {tls: {url: "https://example.org/tls.tar.gz", prefix: /opt/tls, '
        f'sha256: "{"0" * 64}", {source}}}}}\n'
    )
    assert check(project(text), CATALOGUE) == ()
    (job,) = select(plan(text, CATALOGUE), ["daemon/freebsd-14"])
    return job


def test_source_whose_configure_takes_host_is_built_for_the_target() -> None:
    job = crossed("recipe: autotools, configure: [--quiet], dependencies: [bison]")
    line = (
        "./configure --prefix=/opt/tls --build=x86_64-pc-linux-gnu"
        " --host=x86_64-unknown-freebsd14.0 --quiet"
    )
    assert job.skipped == "" and line in dockerfile(job)
    assert {"bison", "make"} <= set(job.packages)


def test_source_built_by_commands_gets_no_arguments_for_the_target() -> None:
    job = crossed("build: [sh build.sh]")
    assert job.skipped == "" and " && sh build.sh \\\n" in dockerfile(job)


@pytest.mark.parametrize("recipe", ["openssl", "cmake", "meson", "make"])
def test_cross_check_is_skipped_for_a_source_whose_recipe_builds_for_the_machine(
    recipe: str,
) -> None:
    job = crossed(f"recipe: {recipe}")
    # The tables, which list perl, are not read here.
    assert job.skipped.rpartition("; ")[2] == (
        f"sources/tls cannot be built for another system by the recipe {recipe}: "
        "autotools can, and commands in build"
    )
    assert "--host" not in dockerfile(job)
