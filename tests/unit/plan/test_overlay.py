"""What a repository, its `where` and a variant say, laid over each other."""

from projects import jobs

from ciforge.model.job import Job
from tests.tables import each

SUM = "01" * 32
SOURCES = f"""
sources:
  ssl: {{url: "https://example.org/ssl-1.tar.gz", sha256: "{SUM}", prefix: /opt/ssl}}
  other: {{url: "https://example.org/other-1.tar.xz", sha256: "{SUM}", prefix: /opt/other}}
"""
IMPLIED = {"cc", "ccache", "findutils", "libc", "make", "pkg-config", "useradd-tool"}


def job(repo: str, *, where: str = "{}", variant: str = "{}", id_: str = "r/debian-13/v") -> Job:
    """The job of a repository that says `repo`, with one variant `v`."""
    text = f"project: p\nrepos:\n  r: {{recipe: autotools, {repo}, where: {where}}}\n"
    return jobs(f"{text}variants: {{v: {variant}}}\n{SOURCES}jobs: ['{id_}']\n")[id_]


def needs(found: Job) -> set[str]:
    """Its dependencies but for the implied ones."""
    return {name.removesuffix("-dev") for name in found.packages} - IMPLIED


def configure(found: Job) -> str:
    return next(step.run for step in found.steps if step.name == "configure")


def test_overlay_of_where_and_variant_adds_to_the_repository() -> None:
    found = job(
        "dependencies: [zlib], configure: [--a], env: {A: '1', B: '1', C: '1'}",
        where="{debian: {dependencies: [fts, bison], configure: [--b], env: {B: '2', C: '2'}}}",
        variant="{dependencies: [clang], configure: [--c], env: {C: '3'}}",
    )
    assert needs(found) == {"zlib", "bison", "clang"}
    assert configure(found) == "./configure --a --b --c"
    assert found.env == {"A": "1", "B": "2", "C": "3"}


WHERES = """{
  debian: {env: {A: debian, B: debian}},
  "!alpine": {env: {B: not-alpine}},
  debian-13: {env: {C: thirteen}},
  alpine: {env: {A: alpine}},
  v: {env: {D: variant}},
  "r/debian/default": {env: {E: no}},
  openbsd: {env: {A: openbsd}},
  "!openbsd": {env: {F: linux}},
  "*@s390x": {env: {A: big-endian}},
}"""


def test_where_entries_that_match_are_applied_in_the_order_of_the_file() -> None:
    env = job("git: ''", where=WHERES).env
    assert env == {
        "A": "debian",
        "B": "not-alpine",
        "C": "thirteen",
        "D": "variant",
        "F": "linux",
    }


def test_overlay_of_where_may_name_an_architecture() -> None:
    assert job("git: ''", where=WHERES, id_="r/debian-13/v@s390x").env["A"] == "big-endian"


def test_a_distribution_in_where_means_all_its_releases() -> None:
    assert job("git: ''", where=WHERES, id_="r/debian-sid/v").env["A"] == "debian"


def test_order_of_where_entries_decides() -> None:
    turned = '{"!alpine": {env: {B: not-alpine}}, debian: {env: {B: debian}}}'
    assert job("git: ''", where=turned).env["B"] == "debian"


def test_configure_arguments_are_removed_and_added() -> None:
    found = job(
        "configure: [--with-pam, --x, --with-pam]",
        where="{debian: {configure: {remove: [--with-pam], add: [--without-pam]}}}",
        variant="{configure: {remove: [--x]}}",
    )
    assert configure(found) == "./configure --without-pam"


def test_dependencies_are_removed_even_implied_ones() -> None:
    found = job("dependencies: [zlib, bison]", variant="{dependencies: {remove: [zlib, cc]}}")
    assert needs(found) == {"bison"}
    assert "cc-dev" not in found.packages


def test_later_layer_may_add_a_dependency_that_an_earlier_one_removed() -> None:
    found = job(
        "dependencies: [zlib]",
        where="{debian: {dependencies: {remove: [zlib]}}}",
        variant="{dependencies: [zlib]}",
    )
    assert needs(found) == {"zlib"}


def test_a_dependency_is_replaced_by_another_one() -> None:
    found = job("dependencies: [openssl, zlib]", variant="{replace: {openssl: libevent}}")
    assert needs(found) == {"libevent", "zlib"}


def test_compiler_is_replaced_like_any_dependency() -> None:
    found = job("git: ''", variant="{replace: {cc: clang}, env: {CC: clang}}")
    assert "cc-dev" not in found.packages
    assert needs(found) == {"clang"}


def test_dependency_replaced_by_a_source_is_found_in_its_prefix() -> None:
    found = job("dependencies: [openssl]", variant="{replace: {openssl: sources/ssl}}")
    assert list(found.sources) == ["ssl"]
    assert "openssl-dev" not in found.packages
    assert found.env == {"PKG_CONFIG_PATH": "/opt/ssl/lib/pkgconfig", "LD_RUN_PATH": "/opt/ssl/lib"}


def test_tool_that_unpacks_a_source_is_installed() -> None:
    assert needs(job("dependencies: [openssl], replace: {openssl: sources/ssl}")) == {"tar", "gzip"}
    assert needs(job("dependencies: [openssl], replace: {openssl: sources/other}")) == {"tar", "xz"}


def test_source_installs_what_its_recipe_and_its_own_build_need() -> None:
    sources = (
        f'c: {{url: "https://example.org/c.tgz", sha256: "{SUM}", prefix: /opt/c, recipe: cmake, '
        "dependencies: [bison]}"
    )
    text = (
        "project: p\nrepos: {r: {recipe: make, dependencies: [zlib], replace: {zlib: sources/c}}}\n"
    )
    found = jobs(f"{text}sources:\n  {sources}\njobs: ['r/debian-13/default']\n")
    assert needs(found["r/debian-13/default"]) == {"cmake", "bison", "tar", "gzip"}


def test_install_with_a_source_is_followed_by_a_check_of_what_is_loaded() -> None:
    def names(repo: str) -> list[str]:
        return [step.name for step in job(repo).steps]

    with_source = "dependencies: [zlib], replace: {zlib: sources/ssl}"
    assert names(with_source)[-2:] == ["install", "linked"]
    assert "linked" not in names(f"{with_source}, steps: {{install: false}}")
    assert "linked" not in names("dependencies: [zlib]")


def test_check_of_what_is_loaded_is_omitted_where_the_project_says_so() -> None:
    with_source = "dependencies: [zlib], replace: {zlib: sources/ssl}"

    def steps(repo: str, variant: str) -> list[str]:
        return [step.name for step in job(repo, variant=variant).steps]

    assert steps(f"{with_source}, steps: {{linked: false}}", "{}")[-1] == "install"
    assert steps(with_source, "{steps: {linked: false}}")[-1] == "install"
    assert steps(f"{with_source}, steps: {{linked: false}}", "{steps: {linked: true}}")[-1] == (
        "linked"
    )


def test_two_sources_are_both_in_the_search_paths() -> None:
    found = job(
        "dependencies: [openssl, zlib], replace: {openssl: sources/ssl, zlib: sources/other}"
    )
    assert found.env["LD_RUN_PATH"] == "/opt/other/lib:/opt/ssl/lib"


def test_variables_of_the_project_win_over_those_for_sources() -> None:
    found = job("dependencies: [zlib], replace: {zlib: sources/ssl}, env: {LD_RUN_PATH: /mine}")
    assert found.env["LD_RUN_PATH"] == "/mine"


def test_source_may_provide_two_dependencies() -> None:
    found = job("dependencies: [openssl, zlib], replace: {openssl: sources/ssl, zlib: sources/ssl}")
    assert list(found.sources) == ["ssl"]


def test_dependency_that_is_not_required_is_not_replaced() -> None:
    found = job("dependencies: [zlib]", variant="{replace: {openssl: sources/ssl}}")
    assert (found.sources, found.env, needs(found)) == ({}, {}, {"zlib"})


@each(
    ("where", "variant", "needed", "sources"),
    [
        ("{replace: {openssl: libevent}}", "{replace: {openssl: sources/ssl}}", {"tar", "gzip"}, ["ssl"]),
        ("{replace: {openssl: libevent}}", "{replace: {libevent: sources/ssl}}", {"tar", "gzip"}, ["ssl"]),
        ("{replace: {openssl: sources/ssl}}", "{replace: {openssl: openssl}}", {"openssl"}, []),
        ("{replace: {openssl: sources/ssl}}", "{dependencies: {remove: [openssl]}}", set(), []),
        ("{replace: {openssl: bison}}", "{replace: {bison: openssl}}", {"bison"}, []),
    ],
)  # fmt: skip
def test_later_replacement_of_a_dependency_wins(
    where: str, variant: str, needed: set[str], sources: list[str]
) -> None:
    found = job("dependencies: [openssl]", where=f"{{debian: {where}}}", variant=variant)
    assert (needs(found), list(found.sources)) == (needed, sources)


def test_two_dependencies_may_replace_each_other() -> None:
    found = job("dependencies: [openssl, zlib], replace: {openssl: zlib, zlib: openssl}")
    assert needs(found) == {"openssl", "zlib"}


def test_users_are_joined_and_a_later_home_wins() -> None:
    found = job(
        "users: {_a: /a, _b: /b}",
        where="{debian: {users: {_b: /bb}}, alpine: {users: {_x: /x}}}",
        variant="{users: {_c: /c}}",
    )
    assert found.users == {"_a": "/a", "_b": "/bb", "_c": "/c"}


def test_builddir_of_the_last_layer_applies() -> None:
    found = job("builddir: one", variant="{builddir: a/b}")
    assert found.builddir == "a/b"
    assert configure(found) == "mkdir -p a/b\ncd a/b || exit\n../../configure"


def test_expectations_are_merged_and_later_ones_win() -> None:
    found = job(
        "expect: {config.h: [HAVE_A, HAVE_B], installed: [/x mode=755 gname=a, /y]}",
        where="{debian: {expect: {config.h: ['!HAVE_A', C=1], installed: [/x mode=2755]}}}",
        variant="{expect: {config.h: [C=2], other.h: [D], installed: [/y]}}",
    )
    (script,) = [step.run for step in found.steps if step.name == "expect"]
    calls = [
        line
        for line in script.splitlines()
        if line.split(" ")[0] in ("defines", "lacks", "installed")
    ]
    assert calls == [
        "defines config.h HAVE_B",
        "lacks config.h HAVE_A",
        "defines config.h C '[[:space:]]+2' 2",
        "installed /x gname=a",
        "installed /y",
        "installed /x mode=2755",
        "defines other.h D",
    ]
