"""Mistakes of a `ciforge.yml` that only show beside the catalogue, each with its place."""

import json
from pathlib import Path

import pytest
from projects import EXAMPLES, SMALL, jobs, problems, project, real_catalogue

from ciforge.app.workspace import check_project
from ciforge.load.project_file import load_project
from ciforge.model.flaw import Flaw
from ciforge.plan.planner import make_plan
from ciforge.plan.project_checks import check, empty_selectors
from ciforge.render.job_script import job_script
from tests.tables import each

Told = tuple[str, ...]

# One line each, so that columns are easy to count; %s is what a case says.
IN_REPO = "project: p\nrepos:\n  r:\n    recipe: autotools\n    users: {_u: /}\n    %s\nvariants: {clang: {}}\njobs: [debian]\n"
IN_VARIANT = (
    "project: p\nrepos: {r: {recipe: autotools, users: {_u: /}, configure: [--x]}, g: {recipe: go}}\njobs: [debian]\nvariants:\n  v:\n    %s\nsources: {ssl: {url: 'https://h/s.tar.gz', sha256: '"
    + "0" * 64
    + "', prefix: /opt/ssl}}\n"
)
JOBS = "project: p\nrepos:\n  portable: {recipe: autotools}\n  extras: {recipe: make}\nvariants: {clang: {}}\njobs:\n  - %s\n"
MAIL = "project: p\nrepos: {r: {recipe: make}}\njobs: [debian]\nmail:\n  from: a@example.org\n  routes:\n    - {job: %s, to: b@example.org}\n"

ALL_STEPS = "bootstrap, build, check, configure, expect, install"

OF_REPO = (
    ("dependencies: [libevnet]", ("6:20: unknown dependency 'libevnet' (did you mean 'libevent'?); or spell it out: {libevnet: {debian: …}}",)),
    ("dependencies: [zlib, xyzzy]", ("6:26: unknown dependency 'xyzzy'; or spell it out: {xyzzy: {debian: …}}",)),
    ("dependencies: {add: [libevnet], remove: [zlib]}", ("6:26: unknown dependency 'libevnet' (did you mean 'libevent'?); or spell it out: {libevnet: {debian: …}}",)),
    ("dependencies: {remove: [zlib, opnssl]}", ("6:35: unknown dependency 'opnssl' (did you mean 'openssl'?)",)),
    ("replace: {opnssl: zlib}", ("6:15: unknown dependency 'opnssl' (did you mean 'openssl'?)",)),
    ("replace: {openssl: libresl}", ("6:24: unknown dependency 'libresl' (did you mean 'libressl'?); or write sources/NAME",)),
    ("replace: {openssl: sources/ssl}", ("6:24: no source 'ssl'",)),
    ("configure: {remove: [--with-pam]}", ("6:26: nothing here adds '--with-pam'",)),
    ("configure: {add: [--with-pam], remove: [--with-pan]}", ("6:45: nothing here adds '--with-pan' (did you mean '--with-pam'?)",)),
    ("steps: {chekc: true}", ("6:13: no step 'chekc' here (did you mean 'check'?); one of your own needs run:",)),
    ("steps: {smoke: false}", (f"6:13: no step 'smoke' here (there are {ALL_STEPS}); one of your own needs run:",)),
    ("steps: {smoke: {timeout: 5m}}", (f"6:13: no step 'smoke' here (there are {ALL_STEPS}); one of your own needs run:",)),
    ("steps: {fetch: false}", (f"6:13: no step 'fetch' here (there are {ALL_STEPS}); one of your own needs run:",)),
    ("steps: {prepare: {run: x}}", ("6:13: 'prepare' is a name that ciforge uses itself",)),
    ("steps: {expect: false}", ("6:13: 'expect' is a name that ciforge uses itself",)),
    ("steps: {linked: {run: x}}", ("6:13: 'linked' is a name that ciforge uses itself; write false to omit the step",)),
    ("steps: {root: {run: x}}", ("6:13: 'root' is a name that ciforge uses itself",)),
    ("steps: {smoke: {run: x, after: instal}}", ("6:36: no step 'instal' to come after (did you mean 'install'?)",)),
    ("steps: {smoke: {run: x, after: smoke}}", (f"6:36: no step 'smoke' to come after (there are {ALL_STEPS})",)),
    ("steps: {a: {run: x, after: b}, b: {run: x, after: a}}", ("6:32: a cycle: a after b after a", "6:55: a cycle: b after a after b")),
    ("steps: {build: {after: install}, install: {after: build}}", ("6:28: a cycle: build after install after build", "6:55: a cycle: install after build after install")),
    ("steps: {smoke: {run: x, as: _user}}", ("6:33: unknown user '_user' (there are _u, ciforge, root)",)),
    ("steps: {smoke: {run: x, as: roo}}", ("6:33: unknown user 'roo' (did you mean 'root'?)",)),
    ("where: {debian: {users: {ciforge: /}}}", ("6:30: 'ciforge' is a user that every container already has",)),
    ("where: {'a b': {}}", ("6:13: 'a b' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])",)),
    ("where: {debian/clang/x/y: {}}", ("6:13: 'debian/clang/x/y' has more than three parts (REPO/RELEASE/VARIANT)",)),
    ("where: {'{debian': {}}", ("6:13: braces in '{debian' do not match",)),
    ("where: {debian: {dependencies: [libevnet]}}", ("6:37: unknown dependency 'libevnet' (did you mean 'libevent'?); or spell it out: {libevnet: {debian: …}}",)),
    ("where: {debian: {steps: {smok: {timeout: 5m}}}}", (f"6:30: no step 'smok' here (there are {ALL_STEPS}); one of your own needs run:",)),
    ("where: {debian: {steps: {s: {run: x, after: t, as: _x}}}}", (f"6:49: no step 't' to come after (there are {ALL_STEPS})", "6:56: unknown user '_x' (there are _u, ciforge, root)")),
    ("where: {'debain*': {}}", ("6:13: 'debain*' matches no job (did you mean 'debian'?)",)),
    ("where: {debian-99: {}}", ("6:13: 'debian-99' matches no job (did you mean 'debian'?)",)),
    ("where: {'{debian,alpin}': {}}", ("6:13: '{debian,alpin}': 'alpin' matches nothing there (did you mean 'alpine'?)",)),
    ("where: {debian/clagn: {}}", ("6:13: 'debian/clagn': 'clagn' matches nothing there (did you mean 'clang'?)",)),
    ("where: {debian@riscv: {}}", ("6:13: 'debian@riscv': 'riscv' matches nothing there",)),
    ("where: {debian-12@s390x: {}}", ("6:13: 'debian-12@s390x' matches no job: there are images of debian-12 for amd64, arm64 only",)),
    ("where: {debian: {replace: {openssl: sources/x}}}", ("6:41: no source 'x'",)),
)  # fmt: skip
FINE_IN_REPO = (
    "where: {'!openbsd': {env: {A: b}}, '!freebsd-*': {env: {A: b}}, '*': {}}",
    "where: {debian-11: {}, 'r/alpine': {}, default: {}, 'debian@s390x': {}, '*@arm64': {}}",
    "where: {debian: {steps: {s: {run: x}}}, alpine: {steps: {s: {timeout: 5m}, t: {run: y, after: s}}}}",
    "steps: {smoke: {run: x, after: expect, as: _u}}",
    "steps: {smoke: {run: x, after: check}, check: false}",
    "steps: {install: {as: ciforge}}",
    "steps: {linked: false}",
    "dependencies: [{libfoo: {debian: libfoo-dev, openbsd: foo}}]",
    "dependencies: {add: [{libfoo: {debian: x}}], remove: [libfoo, zlib]}",
    "where: {debian: {configure: [--a]}, alpine: {configure: {remove: [--a]}}}",
    "where: {debian: {users: {_more: /}}, alpine: {steps: {s: {run: x, as: _more}}}}",
)
OF_VARIANT = (
    ("dependencies: [clagn]", ("6:20: unknown dependency 'clagn' (did you mean 'clang'?); or spell it out: {clagn: {debian: …}}",)),
    ("replace: {openssl: sources/sl}", ("6:24: no source 'sl' (did you mean 'ssl'?)",)),
    ("replace: {openssl: sources/xyz}", ("6:24: no source 'xyz' (there are ssl)",)),
    ("replace: {opnssl: sources/ssl}", ("6:15: unknown dependency 'opnssl' (did you mean 'openssl'?)",)),
    ("configure: {remove: [--y]}", ("6:26: nothing here adds '--y' (did you mean '--x'?)",)),
    ("steps: {fech: false}", ("6:13: no step 'fech' here (did you mean 'fetch'?); one of your own needs run:",)),
    ("steps: {s: {run: x, after: fech}}", ("6:32: no step 'fech' to come after (did you mean 'fetch'?)",)),
    ("steps: {s: {run: x, as: _v}}", ("6:29: unknown user '_v' (there are _u, ciforge, root)",)),
    ("users: {ciforge: /home}", ("6:13: 'ciforge' is a user that every container already has",)),
)  # fmt: skip
FINE_IN_VARIANT = (
    "steps: {fetch: false, bootstrap: {timeout: 5m}, s: {run: x, after: configure, as: _u}}",
    "steps: {linked: false}",
    "configure: {remove: [--x]}",
    "replace: {openssl: sources/ssl, cc: clang}",
    "dependencies: {remove: [openssl]}",
)
OF_JOBS = (
    ("debain", ("7:5: 'debain' matches no job (did you mean 'debian'?)",)),
    ("debian-14", ("7:5: 'debian-14' matches no job (did you mean 'debian-13'?)",)),
    ("xyzzy", ("7:5: 'xyzzy' matches no job",)),
    ("portabel/debian", ("7:5: 'portabel/debian': 'portabel' matches nothing there (did you mean 'portable'?)",)),
    ("portabel/debian/default", ("7:5: 'portabel/debian/default': 'portabel' matches nothing there (did you mean 'portable'?)",)),
    ("portable/debian/clagn", ("7:5: 'portable/debian/clagn': 'clagn' matches nothing there (did you mean 'clang'?)",)),
    ("'portable/{debian,alpin}/default'", ("7:5: 'portable/{debian,alpin}/default': 'alpin' matches nothing there (did you mean 'alpine'?)",)),
    ("portable/clang", ("7:5: 'portable/clang': 'clang' is not a known distribution or release",)),
    ("clang/debian", ("7:5: 'clang/debian': 'clang' is not a known distribution or release", "7:5: 'clang/debian': 'debian' is not a known variant")),
    ("'ubuntu*'", ("7:5: 'ubuntu*' matches no job",)),
    ("'!debian'", ("7:5: '!debian' excludes no job: no entry before it lists a job that matches",)),
    ("debian\n  - '!debain'", ("8:5: 'debain' matches no job (did you mean 'debian'?)",)),
    ("debian\n  - '!debian-12/clang'", ()),
    ("debian\n  - '!debian'", ("8:5: '!debian' leaves no job",)),
    ("'!debian-12'\n  - debian", ("7:5: '!debian-12' excludes no job: no entry before it lists a job that matches",)),
    ("debian\n  - {job: '!debian-12', schedule: weekly, timeout: 1h}", ("8:25: has no effect on an exclusion", "8:43: has no effect on an exclusion")),
    ("portable/arch/default@arm64", ("7:5: 'portable/arch/default@arm64' matches no job: there are images of arch-latest for amd64 only",)),
    ("debian@riscv", ("7:5: 'debian@riscv': 'riscv' matches nothing there",)),
    ("debian-12@s390x", ("7:5: 'debian-12@s390x' matches no job: there are images of debian-12 for amd64, arm64 only",)),
    ("debian@linux/arm/v7", ("7:5: 'debian@linux/arm/v7' is not a selector (linux/arm64 is @arm64, linux/arm/v7 is @armv7)",)),
    ("debian, alpine", ("7:5: 'debian, alpine' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])",)),
    ("{job: debain, schedule: weekly}", ("7:11: 'debain' matches no job (did you mean 'debian'?)",)),
    ("{schedule: weekly, job: portable/debain}", ("7:29: 'portable/debain': 'debain' matches nothing there (did you mean 'debian'?)",)),
    ("debain\n  - debian\n  - 'alpin*e@x'", ("7:5: 'debain' matches no job (did you mean 'debian'?)", "9:5: 'alpin*e@x': 'x' matches nothing there")),
)  # fmt: skip
OF_MAIL = (
    ("'a b'", ("7:13: 'a b' is not a selector (write [REPO/]RELEASE[/VARIANT][@ARCH])",)),
    ("'{x'", ("7:13: braces in '{x' do not match",)),
    ("a/b/c/d", ("7:13: 'a/b/c/d' has more than three parts (REPO/RELEASE/VARIANT)",)),
    ("'!openbsd'", ()),
    ("nobody", ("7:13: 'nobody' matches no job",)),
    ("'debain*'", ("7:13: 'debain*' matches no job (did you mean 'debian'?)",)),
    ("'*', to: c@example.org}\n    - {job: debian", ("8:13: this route is never reached: '*' before it matches every mail",)),
    ("'*', when: [fixed], to: c@example.org}\n    - {job: debian", ()),
    ("debian, to: c@example.org}\n    - {job: '*'", ()),
)  # fmt: skip
COLLISIONS = (
    ("repos: {debian: {recipe: make}}\nvariants: {a: {}}", ("2:9: 'debian' is also a distribution or release; choose another name",)),
    ("repos: {debian-13: {recipe: make}}\nvariants: {a: {}}", ("2:9: 'debian-13' is also a distribution or release; choose another name",)),
    ("repos: {default: {recipe: make}}\nvariants: {a: {}}", ("2:9: 'default' is also a variant; choose another name",)),
    ("repos: {r: {recipe: make}}\nvariants: {alpine: {}, r: {}, arch-latest: {}}", ("3:12: 'alpine' is also a distribution or release; choose another name", "3:24: 'r' is also a repository; choose another name", "3:31: 'arch-latest' is also a distribution or release; choose another name")),
    ("repos: {r: {recipe: make}}\nvariants: {default: {env: {A: b}}}", ()),
)  # fmt: skip
OF_RECIPES = (
    ("repos: {r: {recipe: autotool}}", ("2:21: unknown recipe 'autotool' (did you mean 'autotools'?)",)),
    ("repos: {r: {recipe: x}}", ("2:21: unknown recipe 'x' (there are autotools, cmake, go, make, meson)",)),
    ("repos: {r: {recipe: maek, steps: {check: true}}}", ("2:21: unknown recipe 'maek' (did you mean 'make'?)",)),
    ("repos: {r: {recipe: go, configure: [--x]}}", ("2:25: its recipe has no configure step, so these arguments have no effect",)),
    ("repos: {r: {recipe: make, where: {debian: {configure: [--x]}}}}", ("2:44: its recipe has no configure step, so these arguments have no effect",)),
    ("repos: {r: {recipe: cmake, configure: [-DX=1]}, s: {recipe: meson, configure: [-Dx=1]}}", ()),
)  # fmt: skip


def test_wide_example_has_what_the_project_itself_covers_and_lints_clean(tmp_path: Path) -> None:
    file = EXAMPLES / "opensmtpd" / "wide.yml"
    problems, wide, catalogue = check_project(file, real_catalogue())
    assert problems == []
    ids = {job.id for job in make_plan(wide, catalogue).jobs if not job.skipped}
    variants = (
        "path-empty",
        "table-db",
        "gcc-12",
        "clang-19",
        "dist",
        "openssl-1.1.1",
        "openssl-4.0",
        "libressl-4.0",
        "default@s390x",
    )
    assert {f"portable/debian-13/{one}" for one in variants} <= ids
    assert sum(id_.startswith("table-") for id_ in ids) == 7
    assert {"libopensmtpd/debian-13/default", "filter-dkimsign/debian-13/default"} <= ids
    assert "--with-gnu-ld" in wide.repos["portable"].configure.add


@each(("text", "told"), OF_REPO)
def test_plan_mistake_in_a_repository_is_reported(text: str, told: Told, tmp_path: Path) -> None:
    assert tuple(problems(IN_REPO % text, tmp_path)) == told


@pytest.mark.parametrize("text", FINE_IN_REPO)
def test_valid_repository_has_no_plan_mistake(text: str, tmp_path: Path) -> None:
    assert problems(IN_REPO % text, tmp_path) == []


@each(("text", "told"), OF_VARIANT)
def test_plan_mistake_in_a_variant_is_reported(text: str, told: Told, tmp_path: Path) -> None:
    assert tuple(problems(IN_VARIANT % text, tmp_path)) == told


@pytest.mark.parametrize("text", FINE_IN_VARIANT)
def test_valid_variant_has_no_plan_mistake(text: str, tmp_path: Path) -> None:
    assert problems(IN_VARIANT % text, tmp_path) == []


@pytest.mark.parametrize("of_variant", FINE_IN_VARIANT)
def test_project_without_plan_mistakes_is_planned_and_rendered(
    of_variant: str, tmp_path: Path
) -> None:
    for of_repo in FINE_IN_REPO:
        text = IN_REPO.replace("variants: {clang: {}}\n", "") % of_repo
        text = text.replace("users:", "configure: [--x]\n    users:", 1)
        text += f"variants:\n  v:\n    {of_variant}\n{IN_VARIANT.splitlines()[-1]}\n"
        if "fetch" not in of_variant:
            assert problems(text, tmp_path) == []
        found = jobs(text)
        assert {job.variant for job in found.values()} == {"default", "v"}
        for job in found.values():
            assert job.steps and job_script(job)


@each(("text", "told"), OF_JOBS)
def test_plan_mistake_in_jobs_is_reported(text: str, told: Told, tmp_path: Path) -> None:
    assert tuple(sorted(problems(JOBS % text, tmp_path))) == tuple(sorted(told))


@each(("text", "told"), OF_MAIL)
def test_plan_mistake_in_a_mail_route_is_reported(text: str, told: Told, tmp_path: Path) -> None:
    assert tuple(problems(MAIL % text, tmp_path)) == told


@each(("text", "told"), COLLISIONS + OF_RECIPES)
def test_colliding_names_and_unknown_recipes_are_reported(
    text: str, told: Told, tmp_path: Path
) -> None:
    assert tuple(problems(f"project: p\n{text}\njobs: ['*']\n", tmp_path)) == told


def test_plan_mistakes_are_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
project: p
repos:
  default:
    recipe: mak
    dependencies: [zlb]
    where:
      '{x': {steps: {s: {run: x, as: y}}}
variants:
  arch: {replace: {zlib: sources/x}}
jobs: [debain, 'a b']
mail: {from: a@b, routes: [{job: '}', to: a@b}]}
"""
    told = [problem.split(": ")[0] for problem in problems(text, tmp_path)]
    assert told == ["3:3", "4:13", "5:20", "7:7", "7:38", "9:3", "9:26", "10:8", "10:16", "11:34"]


def test_selector_without_a_match_and_invalid_selector_differ() -> None:
    found = empty_selectors(project(JOBS % "debain\n  - 'a b'"), SMALL)
    assert found == (Flaw(("jobs", 0, "job"), "'debain' matches no job (did you mean 'debian'?)"),)


@pytest.mark.parametrize("name", ["opensmtpd", "hello-portable"])
def test_example_projects_have_no_plan_mistakes(name: str) -> None:
    loaded = load_project(EXAMPLES / name / "ciforge.yml")
    assert check(loaded.value, real_catalogue()) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("repos: {r: {recipe: make, steps: {build: false, install: false}}}\nvariants: {}", ("4:8: r/debian-12/default has no step: every step is disabled",)),
        ("repos: {r: {recipe: make, steps: {build: false}, where: {debian-13: {steps: {install: false}}}}}\nvariants: {}", ("4:8: r/debian-13/default has no step: every step is disabled",)),
        ("repos: {r: {recipe: make, steps: {build: false}}}\nvariants: {default: {steps: {install: false}}}", ("4:8: r/debian-12/default has no step: every step is disabled",)),
        ("repos: {r: {recipe: make, steps: {build: false, install: false, check: true}}}\nvariants: {}", ()),
    ],
)  # fmt: skip
def test_job_without_a_step_is_reported(text: str, told: Told, tmp_path: Path) -> None:
    assert tuple(problems(f"project: p\n{text}\njobs: [debian]\n", tmp_path)) == told


def test_unlisted_job_without_a_step_is_skipped() -> None:
    off = "{build: false, install: false}"
    found = jobs(f"project: p\nrepos: {{r: {{recipe: make, steps: {off}}}}}\njobs: [debian-13]\n")
    assert [job.skipped for job in found.values()] == ["every step is disabled"]


def test_plan_mistake_in_where_of_another_repository_is_reported(tmp_path: Path) -> None:
    repos = "repos: {r: {recipe: make, where: {s/debian: {}}}, s: {recipe: make}}"
    told = problems(f"project: p\n{repos}\njobs: [debian]\n", tmp_path)
    assert told == ["2:35: 's/debian' matches no job of r"]


@each(
    ("command", "refused"),
    [
        ("make # all of it", True), ("make;# all", True), ("#", True), ("make all#1", False),
        ("make V='1 # 2'", False), ('make V="1 # \\" # 3"', False), ("echo \\# x", False),
        ("echo ${x#y}", False),
    ],
)  # fmt: skip
def test_comment_at_the_end_of_a_command_that_builds_a_source_is_reported(
    command: str, refused: bool
) -> None:
    text = (
        "project: p\nrepos: {r: {recipe: make}}\njobs: [debian]\nsources:\n"
        f"  ssl: {{url: 'https://h/s.tgz', sha256: '{'0' * 64}', prefix: /opt/ssl, build: [{json.dumps(command)}]}}\n"
    )
    told = [flaw.path[2:] for flaw in check(project(text), real_catalogue())]
    assert told == ([("build", 0)] if refused else []), told


def test_more_services_than_a_job_may_have_are_reported(tmp_path: Path) -> None:
    def text(number: int) -> str:
        services = ", ".join(f"s{n}: {{healthy: 'true', run: x}}" for n in range(number))
        return f"project: p\nrepos: {{r: {{recipe: make, services: {{{services}}}}}}}\njobs: [debian]\n"

    (told,) = problems(text(17), tmp_path)
    assert told.endswith("17 services; a job has at most 16")
    assert problems(text(16), tmp_path) == []


def test_source_names_a_known_recipe_and_known_dependencies() -> None:
    text = (
        "project: p\nrepos: {r: {recipe: make}}\njobs: [debian]\nsources:\n"
        f"  ssl: {{url: 'https://h/s.tgz', sha256: '{'0' * 64}', prefix: /opt/ssl, recipe: opnssl,\n"
        "    configure: [--x], build: [make], dependencies: [perll]}\n"
    )
    flaws = [(flaw.path[2:], flaw.message) for flaw in check(project(text), real_catalogue())]
    assert [path for path, _ in flaws] == [("recipe",), ("configure",), ("dependencies", 0)]
    assert flaws[0][1] == "unknown recipe 'opnssl' (did you mean 'openssl'?)"
    assert "have no use for these arguments" in flaws[1][1]
    assert flaws[2][1].startswith("unknown dependency 'perll'")
