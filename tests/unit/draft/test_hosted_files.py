"""Workflows and Dockerfiles written by hand."""

from pathlib import Path

import pytest
from trees import needs, proposed, repo, written

BASE = {"configure.ac": "AC_INIT([x], [1])\n"}
UBUNTU = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - run: "


def dockerfile(image: str, rest: str) -> dict[str, str]:
    return BASE | {f"ci/Dockerfile.{image.partition(':')[0]}": f"FROM {image}\n{rest}\n"}


@pytest.mark.parametrize(
    ("image", "command", "found"),
    [
        ("debian:13", "apt-get update && apt-get -qq install -y --no-install-recommends libevent-dev zlib1g-dev", ["libevent", "zlib"]),
        ("ubuntu:24.04", "apt install -y \\\n  libssl-dev \\\n  # a remark\n  'libpam0g-dev'", ["openssl", "pam"]),
        ("debian", "apt-get install -t sid libcurl4-openssl-dev=7.* libncursesw5-dev:amd64", ["libcurl", "ncurses"]),
        ("alpine:3.22", "apk add --no-cache --virtual deps libevent-dev $MORE", ["libevent"]),
        ("fedora:43", "dnf -y install openssl-devel | tee log", ["openssl"]),
        ("archlinux", "pacman -Syu --noconfirm libevent && true", ["libevent"]),
        ("opensuse/tumbleweed", "zypper --non-interactive install libevent-devel", ["libevent"]),
        ("debian:13", "apt-get install git curl build-essential gcc-14 pkg-config make", []),
        ("debian:13", "echo apt-get remove libevent-dev", []),
    ],
)  # fmt: skip
def test_package_list_of_a_workflow_becomes_dependencies(
    tmp_path: Path, image: str, command: str, found: list[str]
) -> None:
    files = (
        dockerfile(image.replace("/", "-"), f"RUN {command}")
        if "/" not in image
        else BASE | {"Dockerfile": f"FROM {image}\nRUN {command}\n"}
    )
    assert needs(proposed(tmp_path, files)) == ["autoconf", *found]


def test_unknown_package_of_a_workflow_is_for_its_distribution_only(tmp_path: Path) -> None:
    made = proposed(tmp_path, dockerfile("ubuntu:24.04", "RUN apt-get install libfrob-dev"))
    where = {"ubuntu": {"dependencies": [{"libfrob": {"ubuntu": "libfrob-dev"}}]}}
    assert needs(made) == ["autoconf"]
    assert repo(made)["where"] == where


def test_dependency_that_only_some_distributions_list_is_for_them(tmp_path: Path) -> None:
    files = dockerfile("debian:13", "RUN apt-get install zlib1g-dev")
    files |= dockerfile("fedora:43", "RUN dnf install zlib-devel gawk")
    made = proposed(tmp_path, files)
    assert needs(made) == ["autoconf", "zlib"]
    assert repo(made)["where"] == {"fedora": {"dependencies": ["gawk"]}}


def test_package_name_of_another_distribution_joins_the_same_dependency(tmp_path: Path) -> None:
    files = dockerfile("fedora:43", "RUN dnf install libcap-devel")
    files["configure.ac"] += "AC_CHECK_LIB([cap], [cap_init])\n"
    made = proposed(tmp_path, files)
    assert repo(made)["dependencies"] == ["autoconf", "libcap"]
    assert made.doubts == ()


def test_package_name_that_only_the_tree_knows_is_spelled_out_for_its_distribution(
    tmp_path: Path,
) -> None:
    files = dockerfile("alpine:3.24", "RUN apk add gpm-dev")
    files["configure.ac"] += "AC_CHECK_LIB([gpm], [Gpm_Open])\n"
    made = proposed(tmp_path, files)
    assert repo(made)["dependencies"] == ["autoconf", {"gpm": {"alpine": "gpm-dev"}}]
    assert made.doubts == ()


def test_draft_names_jobs_that_will_be_skipped(tmp_path: Path) -> None:
    files = dockerfile("alpine:3.24", "RUN apk add openssl-dev")
    files["configure.ac"] += "AC_CHECK_LIB([gpm], [Gpm_Open])\n"
    told = "alpine: its jobs are skipped until packages are spelled out for gpm"
    assert proposed(tmp_path, files).doubts == (told,)


@pytest.mark.parametrize(
    ("files", "jobs"),
    [
        ({}, ["debian"]),
        ({"Dockerfile": "FROM debian:bookworm-slim\n"}, ["debian"]),
        ({"Dockerfile": "FROM debian:sid\n"}, ["debian", "debian-sid"]),
        ({"Dockerfile": "FROM --platform=linux/amd64 docker.io/library/alpine:3.22 AS a\n"}, ["debian", "alpine-3.22"]),
        ({"Dockerfile": "FROM alpine:latest\n"}, ["debian", "alpine"]),
        ({"Dockerfile": "FROM archlinux\n"}, ["debian", "arch"]),
        ({"Dockerfile": "FROM opensuse/tumbleweed:latest\n"}, ["debian", "opensuse"]),
        ({"Dockerfile": "FROM scratch\n"}, ["debian"]),
        ({".github/workflows/a.yml": f"{UBUNTU}make\n"}, ["debian"]),
        ({".github/workflows/a.yml": f"{UBUNTU}sudo apt-get install zlib1g-dev\n"}, ["debian", "ubuntu"]),
        ({".github/workflows/a.yml": f"{UBUNTU}x\n    container: fedora:rawhide\n"}, ["debian", "fedora-rawhide"]),
        (
            {
                ".github/workflows/a.yml": "on: push # fedora:44\njobs:\n  a:\n    strategy: {matrix: {image: "
                "[debian:sid, 'alpine:3.22', \"example.org/x:1\"]}}\n    container: ${{ matrix.image }}\n"
            },
            ["debian", "debian-sid", "alpine-3.22"],
        ),
        ({".github/workflows/a.yml": "matrix:\n  image:\n  - fedora:rawhide\n  - a:b\n"}, ["debian", "fedora-rawhide"]),
        ({"Dockerfile": "FROM scratch\nCOPY --from=alpine:3.22 a b\n"}, ["debian"]),
        ({".builds/a.yml": "image: alpine/edge\npackages:\n  - zlib-dev\n"}, ["debian", "alpine-edge"]),
        ({".builds/a.yml": "image: freebsd/latest\npackages:\n  - zlib\n"}, ["debian"]),
        ({".github/workflows/ciforge.yml": "# x\n# ciforge-mark: 1\nimage: fedora:43\n"}, ["debian"]),
    ],
)  # fmt: skip
def test_systems_of_workflow_files_become_jobs(
    tmp_path: Path, files: dict[str, str], jobs: list[str]
) -> None:
    assert written(proposed(tmp_path, BASE | files))["jobs"] == jobs


def test_release_without_a_descriptor_is_reported_in_the_draft(tmp_path: Path) -> None:
    made = proposed(tmp_path, BASE | {"Dockerfile": "FROM alpine:3.15\n"})
    told = "Dockerfile:1: FROM alpine:3.15: alpine 3.15 has no descriptor; the default releases were chosen"
    assert made.doubts == (told,)


def test_packages_of_a_sourcehut_manifest_are_those_of_its_image(tmp_path: Path) -> None:
    files = BASE | {
        ".builds/a.yml": "image: alpine/edge\npackages:\n  - zlib-dev\n- libevent-dev # x\ntasks:\n  - a: b\n"
    }
    assert needs(proposed(tmp_path, files)) == ["autoconf", "zlib", "libevent"]


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (
            ["./configure --sysconfdir=/etc/mail --with-pam"],
            ["--sysconfdir=/etc/mail", "--with-pam"],
        ),
        (
            [
                "./configure \\\n   --with-a \\\n   --with-b && make",
                "../configure --with-b --with-c",
            ],
            ["--with-b"],
        ),
        (
            [
                "./configure --prefix=/usr --help --host=x --with-a=$A --with-b=/opt/b --enable-werror"
            ],
            None,
        ),
        (["./configure ${{ matrix.words }}"], None),
        (["./configure CC=clang '--with-a'"], ["--with-a"]),
        (["./configure --with-a", "./configure"], None),
        (["echo reconfigure --with-a"], None),
        (["# ./configure --with-a"], None),
    ],
)
def test_configure_arguments_are_those_of_every_call(
    tmp_path: Path, commands: list[str], words: list[str] | None
) -> None:
    files = BASE | {
        f"Dockerfile.{n}": f"FROM debian\nRUN {one}\n" for n, one in enumerate(commands)
    }
    if commands[0].startswith("#"):
        files["Dockerfile.0"] = f"FROM debian\n{commands[0]}\n"
    assert repo(proposed(tmp_path, files)).get("configure") == words


def test_configure_arguments_of_some_calls_are_comments(tmp_path: Path) -> None:
    files = BASE | {
        "Dockerfile.a": "FROM debian\nRUN ./configure --with-a\n",
        "Dockerfile.b": "FROM debian\nRUN ./configure\n",
    }
    told = (
        "arguments that only some calls of configure have were left out: --with-a (Dockerfile.a:2)"
    )
    assert proposed(tmp_path, files).doubts == (told,)


def test_workflow_jobs_of_other_systems_do_not_count(tmp_path: Path) -> None:
    files = dockerfile("debian:13", "RUN ./configure --with-a")
    files[".github/workflows/mac.yml"] = (
        "jobs:\n  a:\n    runs-on: macos-latest\n    steps:\n    - run: ./configure\n"
    )
    assert repo(proposed(tmp_path, files))["configure"] == ["--with-a"]


@pytest.mark.parametrize(
    ("command", "users"),
    [
        ("useradd -r -d /var/lib/x/ -s /bin/false _x", {"_x": "/var/lib/x"}),
        ("useradd _x \\\n  --home-dir=/srv/x --no-create-home", {"_x": "/srv/x"}),
        ("adduser _x -h /var/empty -D -H -s /bin/false", {"_x": "/var/empty"}),
        ("adduser --system --group x", {"x": "/var/empty"}),
        ("useradd -m builder", None),
        ("useradd $NAME", None),
        ("useradd -d '../x' _x", {"_x": "/var/empty"}),
        ("useradd 'unbalanced", None),
        ("useradd root", None),
    ],
)
def test_users_of_a_draft_are_those_that_workflows_create(
    tmp_path: Path, command: str, users: dict[str, str] | None
) -> None:
    files = dockerfile("debian:13", f"RUN {command}\n# useradd is not on Alpine")
    assert repo(proposed(tmp_path, files)).get("users") == users


def workflow(*lines: str) -> dict[str, str]:
    """A workflow whose jobs are these lines, below `jobs:`."""
    text = "on: {push: {paths: ['!ubuntu-22.04.yml']}}\nenv: {IMAGE: 'fedora:43'}\njobs:\n"
    return BASE | {".github/workflows/a.yml": text + "".join(f"  {line}\n" for line in lines)}


INSTALL = "run: sudo apt-get install -y ${{ matrix.packages }} zlib1g-dev"


@pytest.mark.parametrize(
    ("lines", "jobs"),
    [
        (("a:", "  runs-on: ubuntu-latest", "  steps:", "    - run: make"), []),
        (("a:", "  runs-on: ubuntu-22.04", "  steps:", "    - run: make"), ["ubuntu-22.04"]),
        (("a:", "  runs-on: ubuntu-22.04-arm", "  steps:", "    - run: make"), ["ubuntu-22.04@arm64"]),
        (("a:", "  runs-on: ubuntu-24.04-arm", "  container: alpine:3.22", "  steps:", "  - run: make"), ["alpine-3.22@arm64"]),
        (("a:", "  container: {image: 'alpine:3.22'}", "  steps:", "  - run: make"), ["alpine-3.22"]),
        (("a:", "  container:", "    image: alpine:3.22", "  steps:", "  - run: make"), ["alpine-3.22"]),
        (("a:", "  steps:", "  - uses: actions/upload-artifact@v4", "    with: {name: ubuntu-22.04-bin}", "  - run: make"), []),
        (("a:", "  strategy:", "    matrix:", "      os: [ubuntu-22.04, macos-15]", "      other: [fedora-43]", "  runs-on: ${{ matrix.os }}", "  steps:", "  - run: make"), ["ubuntu-22.04"]),
        (("a:", "  strategy:", "    matrix:", "      include:", "        - os: alpine:3.22", "        - {x: y, os: 'fedora:rawhide'}", "  container: ${{ matrix.os }}", "  steps:", "  - run: make"), ["alpine-3.22", "fedora-rawhide"]),
    ],
)  # fmt: skip
def test_systems_of_a_workflow_are_those_that_its_jobs_run_on(
    tmp_path: Path, lines: tuple[str, ...], jobs: list[str]
) -> None:
    assert written(proposed(tmp_path, workflow(*lines)))["jobs"] == ["debian", *jobs]


def test_expression_of_a_workflow_is_the_packages_of_its_matrix(tmp_path: Path) -> None:
    files = workflow(
        "a:", "  strategy:", "    matrix:", "      include:", "        - packages: libevent-dev bison",
        "        - {packages: 'libedit-dev'}", "  runs-on: ubuntu-latest", "  steps:", f"    - {INSTALL}",
    )  # fmt: skip
    made = proposed(tmp_path, files)
    assert {*needs(made)} >= {"autoconf", "libevent", "bison", "zlib"}
    assert "matrix" not in str(written(made))


def test_expression_of_a_workflow_without_a_value_is_no_package(tmp_path: Path) -> None:
    files = workflow("a:", "  runs-on: ubuntu-latest", "  steps:", f"    - {INSTALL}")
    made = proposed(tmp_path, files)
    assert needs(made) == ["autoconf", "zlib"]
    assert "matrix" not in str(written(made))


def test_packages_of_a_workflow_belong_to_the_system_of_their_job(tmp_path: Path) -> None:
    files = workflow(
        "a:", "  container: debian:12", "  steps:", "    - run: apt-get install libfrob-dev; make",
        "b:", "  container: ubuntu:24.04", "  steps:", "    - run: apt-get install libother-dev; make",
    )  # fmt: skip
    where = repo(proposed(tmp_path, files))["where"]
    assert where == {
        "debian": {"dependencies": [{"libfrob": {"debian": "libfrob-dev"}}]},
        "ubuntu": {"dependencies": [{"libother": {"ubuntu": "libother-dev"}}]},
    }


@pytest.mark.parametrize("name", ["deploy", "publish-docs", "b:\n    name: Upload release"])
def test_packages_of_a_job_that_delivers_are_no_dependencies(tmp_path: Path, name: str) -> None:
    install = "    - run: sudo apt-get install libfrob-dev"
    files = workflow(
        "a:", "  runs-on: ubuntu-latest", "  steps:", "    - run: ./configure && make",
        *(f"{name}:" if ":" not in name else name).split("\n  "), "  runs-on: ubuntu-latest", "  steps:", install,
    )  # fmt: skip
    made = proposed(tmp_path, files)
    assert needs(made) == ["autoconf"]
    assert "where" not in repo(made)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (("  runs-on: macos-15", "  steps:", "  - run: brew install x; ./configure --with-mac; make"), "5: job a runs on macos-15"),
        (("  runs-on: [windows-2025]", "  steps:", "  - run: make"), "5: job a runs on windows-2025"),
        (("  runs-on: ubuntu-latest", "  steps:", "  - uses: vmactions/freebsd-vm@v1", "    with:", "      run: pkg install -y x; ./configure --bsd"), "5: job a runs in vmactions/freebsd-vm"),
    ],
)  # fmt: skip
def test_job_on_a_system_without_containers_is_named_and_left_out(
    tmp_path: Path, lines: tuple[str, ...], sentence: str
) -> None:
    made = proposed(tmp_path, workflow("a:", *lines))
    assert made.doubts == (f".github/workflows/a.yml:{sentence}: not taken over",)
    assert needs(made) == ["autoconf"]
    assert "configure" not in repo(made)


def test_job_that_also_runs_on_systems_without_containers_names_those(tmp_path: Path) -> None:
    lines = (
        "  runs-on: ${{ matrix.os }}", "  strategy:", "    matrix:",
        "      os: [ubuntu-24.04, macos-15, windows-2025]", "  steps:", "  - run: ./configure --with-x; make",
    )  # fmt: skip
    made = proposed(tmp_path, workflow("a:", *lines))
    told = ".github/workflows/a.yml:8: job a on macos-15, windows-2025: not taken over"
    assert made.doubts == (told,)
    assert "ubuntu" in [job.value for job in made.jobs]
