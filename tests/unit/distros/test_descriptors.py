"""What the descriptors in `distros/` promise, read as plain YAML text and through the loader."""

import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ciforge.model.identifiers import ID, PACKAGE
from ciforge.model.platform import parse_platform
from ciforge.model.proof import Proof
from ciforge.plan.ready_variants import READY_VARIANTS
from ciforge.resources import data_folder
from tests.projects import real_catalogue
from tests.tables import each

FOLDER = data_folder("distros")
DESCRIPTORS = sorted(FOLDER.glob("*.yml"))
MANAGERS = sorted(FOLDER.glob("managers/*.yml"))
CATALOGUE = real_catalogue()

FOR_VARIANTS = {need.name for need in READY_VARIANTS["posix"].overlay.dependencies.add}
DEPENDENCIES = [
    "autoconf", "automake", "libtool", "m4", "bison", "flex",
    "make", "cc", "libc", "clang", "pkg-config",
    "libevent", "openssl", "libressl", "libtls", "zlib", "pam", "fts", "db", "sqlite3",
    "expat", "libxml2", "libbsd", "ncurses", "crypt", "bsd-headers",
    "mandoc", "git", "ca-certificates", "ccache", "gettext", "meson", "ninja", "cmake",
    "go", "python3",
    "gawk", "which", "diffutils", "findutils", "tar", "gzip", "xz", "patch", "bash", "useradd-tool",
]  # fmt: skip

CROSS_ONLY = {"manylinux": ("2014", "2_28")}
"""Releases of Linux without an image, by distribution: they are for cross checks only."""

RELEASED = "2026-11-22"
"""The day on which the sources were last read."""

PROVIDERS = {"libc", "essential", "image", "base", "toolchain", "busybox"}

NEVER_ASKS = {"apk", "portage", "ips", "brew"}
"""Package managers that install without a question."""

# manager, a line worded as in its output, source or logs (see `source` there), the package in it
UNKNOWN = [
    ("apt", "E: Unable to locate package nope-pkg-x", "nope-pkg-x"),
    ("apt", "#7 2.113 E: Unable to locate package nope.x", "nope.x"),
    ("apt", "E: Package 'libressl-dev' has no installation candidate", "libressl-dev"),
    ("apt", "E: Couldn't find any package by glob 'nope.x'", "nope.x"),
    ("apt", "E: Couldn't find any package by regex 'nope.x'", "nope.x"),
    ("apt", "E: Version '99' for 'gcc' was not found", "gcc"),
    ("dnf", "No match for argument: nope", "nope"),
    ("dnf", "No match for argument 'nope' in repositories 'fedora, updates'", "nope"),
    ("dnf", "Error: Unable to find a match: docker-ce docker-ce-cli", "docker-ce"),
    ("apk", "  curl (no such package):", "curl"),
    ("apk", "#7 10.98   bash (no such package):", "bash"),
    ("pacman", "error: target not found: nope", "nope"),
    ("zypper", "No provider of 'nope' found.", "nope"),
    ("zypper", "Package 'nope' not found.", "nope"),
    ("xbps", "Package 'nickel' not found in repository pool.", "nickel"),
    ("portage", 'emerge: there are no ebuilds to satisfy "test71/web".', "test71/web"),
    (
        "pkg",
        "pkg: No packages available to install matching 'py39-pip' have been found in the repositories",
        "py39-pip",
    ),
    ("pkg_add", "pkg_add: can't find automake", "automake"),
    ("pkgin", "py311-expat is not available in the repository", "py311-expat"),
    ("ips", "\toracle-database-preinstall-19c", "oracle-database-preinstall-19c"),
    ("brew", 'Error: No available formula with the name "java8"', "java8"),
]

UNREACHABLE = [
    (
        "apt",
        "W: Failed to fetch http://127.0.0.1:9/debian/dists/trixie/InRelease  Unable to connect",
    ),
    ("apt", "Error: Failed to fetch https://mirror.example/Packages.bz2  File has unexpected size"),
    ("apt", "W: Some index files failed to download. They have been ignored, or old ones used."),
    (
        "apt",
        "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?",
    ),
    (
        "apt",
        "E: The repository 'http://mirror.example/debian x Release' does not have a Release file.",
    ),
    ("apt", "E: Release file for http://m.example/InRelease is expired (invalid since 16d 6h)."),
    ("apt", "E: Release file for http://m.example/InRelease is not valid yet (invalid for 2h)."),
    ("apt", "  Hash Sum mismatch"),
    (
        "apt",
        "  File has unexpected size (26476 != 27148). Mirror sync in progress? [IP: 192.0.2.1]",
    ),
    ("apt", "E: Clearsigned file isn't valid, got 'NODATA' (does the network require a login?)"),
    ("apt", "  Temporary failure resolving 'deb.example'"),
    ("apt", "  Could not resolve 'nohost.invalid'"),
    ("apt", "  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)"),
    ("apt", "  Unable to connect to 127.0.0.1:9:"),
    ("apt", "  Connection timed out [IP: 192.0.2.1 80]"),
    ("apt", "  404  Not Found [IP: 192.0.2.1 80]"),
    ("apt", "  503  Service Unavailable [IP: 192.0.2.1 80]"),
    ("apt", "dial tcp: lookup mirror.example: Temporary failure in name resolution"),
    ("dnf", "Errors during downloading metadata for repository 'x':"),
    ("dnf", "Error: Failed to download metadata for repo 'x': Cannot download repomd.xml: x"),
    ("dnf", 'Failed to download metadata (metalink: "https://m.example/") for repository "fedora"'),
    ("dnf", ">>> Librepo error: Yum repo downloading error: Downloading error(s): repodata/x"),
    ("dnf", "Cannot prepare internal mirrorlist: Curl error (6): Couldn't resolve host name"),
    ("dnf", "[FAILED] gcc-12.rpm: No more mirrors to try - All mirrors were already tried"),
    ("dnf", "Error: Error downloading packages:"),
    ("dnf", "ping: mirror.example: Temporary failure in name resolution"),
    ("apk", "WARNING: Ignoring https://m.example/v3.15/main: No such file or directory"),
    ("apk", "WARNING: updating and opening http://m.example/main: operation timed out"),
    (
        "apk",
        "WARNING: fetching https://m.example/v3.23/main: DNS: transient error (try again later)",
    ),
    ("apk", "ERROR: https://m.example/alpine/v3.15/main: temporary error (try again later)"),
    ("apk", "ERROR: musl-dev-1.2.5-r10: package mentioned in index not found (try 'apk update')"),
    ("apk", "ERROR: gcc-14.2.0-r6: network connection aborted"),
    ("apk", "ERROR: gcc-14.2.0-r6: remote server returned error (try 'apk update')"),
    ("apk", "ERROR: gcc-14.2.0-r6: HTTP 503: Service Unavailable"),
    ("apk", "ERROR: gcc-14.2.0-r6: TLS: handshake failed (client cert needed?)"),
    ("apk", "ERROR: gcc-14.2.0-r6: BAD signature"),
    ("apk", "wget: bad address: Temporary failure in name resolution"),
    ("pacman", "error: failed to synchronize all databases (download library error)"),
    ("pacman", "error: failed to synchronize all databases (invalid url for server)"),
    ("pacman", "error: failed to synchronize all databases"),
    ("pacman", "error: failed to update core (invalid url for server)"),
    ("pacman", "error: failed to commit transaction (failed to retrieve some files)"),
    (
        "pacman",
        "error: failed to commit transaction (invalid or corrupted package (PGP signature))",
    ),
    ("pacman", "ping: mirror.example: Temporary failure in name resolution"),
    ("zypper", "[x|http://127.0.0.1:9/x] Failed to retrieve new repository metadata."),
    ("zypper", "[repo-oss|http://m.example/] Valid metadata not found at specified URL"),
    ("zypper", "Could not refresh the repositories because of errors."),
    ("zypper", "Some of the repositories have not been refreshed because of an error."),
    ("zypper", "Warning: Skipping repository 'x' because of the above error."),
    ("zypper", " - Download (curl) error for 'http://127.0.0.1:9/x/content':"),
    ("zypper", "   Error code: Connection failed"),
    (
        "zypper",
        "Preloading: x.rpm [Failed to connect to 127.0.0.1:9 after 0 ms: Could not connect to server]",
    ),
    ("zypper", " - Timeout exceeded when accessing 'http://m.example/content'."),
    ("zypper", "File '/repodata/repomd.xml' not found on medium 'https://m.example/'"),
    ("zypper", "Media source 'http://m.example/' does not contain the desired medium"),
    ("zypper", "ping: mirror.example: Temporary failure in name resolution"),
    ("xbps", "ERROR: [reposync] failed to fetch file `https://m.example/x86_64-repodata': refused"),
    ("xbps", "ping: mirror.example: Temporary failure in name resolution"),
    ("portage", "!!! Couldn't download 'zlib-1.3.1.tar.xz'. Aborting."),
    ("portage", "wget: unable to resolve: Temporary failure in name resolution"),
    ("pkg", "Unable to update repository FreeBSD-ports"),
    ("pkg", "pkg: Repository FreeBSD cannot be opened. Unable to find catalogs"),
    ("pkg", "pkg: https://pkg.example/All/git.pkg: Name does not resolve"),
    ("pkg_add", "https://cdn.example/pub/OpenBSD/7.9/packages/amd64/: no such dir"),
    ("pkg_add", "ftp: cdn.example: no address associated with name"),
    ("pkgin", "pkgin: Could not fetch https://cdn.example/All/pkg_summary.gz"),
    ("pkgin", "pkg_add: cdn.example: No address associated with hostname"),
    ("ips", "1: Framework error: code: 6 reason: Could not resolve host: pkg.example"),
    ("ips", "pkg: 0/1 catalogs successfully updated: Unable to contact valid package repository"),
    ("ips", "ping: pkg.example: Temporary failure in name resolution"),
    ("brew", "curl: (6) Could not resolve host: ghcr.example"),
    ("brew", 'Error: libevent: Failed to download resource "libevent"'),
    ("brew", "fatal: unable to access: Could not resolve host: github.example"),
]

RESTRICTED = [
    ("pacman", "error: switching to sandbox user 'alpm' failed!"),
    (
        "pacman",
        "error: restricting filesystem access failed because the Landlock ruleset could not be applied",
    ),
]

FULL = [
    ("apt", "E: You don't have enough free space in /var/cache/apt/archives/."),
    (
        "dnf",
        "  installing package fault-big-1-1.noarch needs 16MB more space on the /dev/shm filesystem",
    ),
    ("dnf", "  At least 17MB more space needed on the /dev/shm filesystem."),
    (
        "zypper",
        "\tinstalling package fault-big-1-1.noarch needs 16MB more space on the /dev/shm filesystem",
    ),
    ("pacman", "error: Partition /dev/shm too full: 25600 blocks needed, 16384 blocks free"),
]

INCOMPLETE = [
    ("apk", "    required by: needs-1-r0[absent]"),
    ("apk", "  so:libmpfr.so.6 (no such package):"),
    ("apt", " calc-tools : Depends: libcalc-dev (>= 2) but it is not installable"),
    ("apt", "      [no choices]"),
    ("dnf", "  - nothing provides libcalc.so.3 needed by calc-devel-1-1.noarch from local"),
    (
        "zypper",
        "nothing provides 'libcalc.so.3' needed by the to be installed calc-devel-1-1.noarch",
    ),
    ("pacman", ":: unable to satisfy dependency 'libcalc' required by calc"),
]

INNOCENT = [
    ("apt", "Ign:1 http://mirror.example/debian trixie InRelease"),
    ("apt", "Get:404 http://mirror.example/debian trixie/main amd64 gcc amd64 14.2.0-1 [503 kB]"),
    ("apt", "Selecting previously unselected package libnet-ssleay-perl."),
    ("apt", "Package gcc is not available, but is referred to by another package."),
    ("apt", "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded."),
    ("apt", "debconf: delaying package configuration, since apt-utils is not installed"),
    (
        "dnf",
        "[MIRROR] guile-2.2.7-6.rpm: Curl error (92): Stream error in the HTTP/2 framing layer",
    ),
    ("dnf", ">>> Status code: 404 for http://m.example/repodata/x-filelists.xml.zst"),
    ("dnf", "Unable to detect release version (use '--releasever' to specify release version)"),
    ("dnf", "Repositories loaded."),
    ("apk", "WARNING: Ignoring APKINDEX.5a59b88b.tar.gz: No such file or directory"),
    ("apk", "fetch https://m.example/alpine/v3.23/main/x86_64/APKINDEX.tar.gz"),
    ("apk", "ERROR: unable to select packages:"),
    ("apk", "    required by: .build-deps-20261129.1[nope]"),
    ("apk", "    required by: world[bash]"),
    ("pacman", "error: failed retrieving file 'core.db' from m.example : Could not resolve host"),
    ("pacman", "error: failed to commit transaction (conflicting files)"),
    ("pacman", "error: failed to synchronize all databases (unable to lock database)"),
    ("pacman", ":: Synchronizing package databases..."),
    ("zypper", "'openssl-devel' not found in package names. Trying capabilities."),
    ("zypper", "Loading repository data..."),
    (
        "zypper",
        "Repository priorities are without effect. All enabled repositories share the same.",
    ),
]


@functools.cache
def read(file: Path) -> Any:
    """The file's YAML with every scalar as text."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def named(files: list[Path]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return each("file", files, ids=lambda file: file.stem)


def provisions(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each dependency, and each of its releases that differs."""
    for name, facts in read(file).get("packages", {}).items():
        yield name, facts
        for release, other in facts.get("releases", {}).items():
            yield f"{name} on {release}", other


def sources(node: object) -> Iterator[str]:
    """Every `source` text below `node`."""
    if isinstance(node, dict):
        if isinstance(node.get("source"), str):
            yield node["source"]
        for child in node.values():
            yield from sources(child)
    elif isinstance(node, list):
        for child in node:
            yield from sources(child)


def explained(file: Path) -> list[str]:
    """The ids of the key `sources`."""
    return list(read(file)["sources"])


def used(file: Path) -> set[str]:
    """The first word of each part of each source."""
    parts = [part for text in sources(read(file)) for part in text.split(", ")]
    return {found.group() if (found := re.match(r"[a-z0-9-]+", part)) else part for part in parts}


def patterns(manager: str, key: str) -> list[str]:
    return list(read(FOLDER / "managers" / f"{manager}.yml").get(key, []))


@named(DESCRIPTORS)
def test_descriptor_file_is_named_after_its_distribution(file: Path) -> None:
    assert read(file)["distribution"] == file.stem


@named(MANAGERS)
def test_descriptor_file_is_named_after_its_manager(file: Path) -> None:
    assert read(file)["manager"] == file.stem


@named(DESCRIPTORS)
def test_distribution_names_an_existing_manager(file: Path) -> None:
    manager = CATALOGUE.distributions[file.stem].manager
    assert (FOLDER / "managers" / f"{manager}.yml").is_file()


@named(DESCRIPTORS)
def test_descriptors_name_the_same_dependencies_in_the_same_order(file: Path) -> None:
    packages = CATALOGUE.distributions[file.stem].packages
    # What a ready variant needs is named where the system has it.
    assert [name for name in packages if name not in FOR_VARIANTS] == DEPENDENCIES
    assert not FOR_VARIANTS & packages.keys() or packages.keys() >= FOR_VARIANTS


@named(DESCRIPTORS)
def test_dependency_is_installed_provided_or_missing(file: Path) -> None:
    for name, facts in provisions(file):
        assert len({"packages", "provided", "missing"} & set(facts)) == 1, name


@named(DESCRIPTORS)
def test_provided_dependency_says_by_what(file: Path) -> None:
    assert {facts["provided"] for _, facts in provisions(file) if "provided" in facts} <= PROVIDERS


@named(DESCRIPTORS)
def test_package_names_look_like_package_names(file: Path) -> None:
    for name, facts in provisions(file):
        packages = facts.get("packages", [])
        assert isinstance(packages, list), name
        assert len(set(packages)) == len(packages), name
        assert all(PACKAGE.fullmatch(package) for package in packages), name


@named(DESCRIPTORS)
def test_facts_of_descriptors_all_have_a_source(file: Path) -> None:
    assert [name for name, facts in provisions(file) if not facts.get("source")] == []
    assert [
        release["release"] for release in read(file).get("releases", []) if not release["source"]
    ] == []


@named(DESCRIPTORS + MANAGERS)
def test_sources_of_a_descriptor_are_those_that_it_uses(file: Path) -> None:
    assert sorted(explained(file)) == sorted(used(file))


@named(DESCRIPTORS + MANAGERS)
def test_source_of_a_fact_has_an_address_or_says_what_it_is(file: Path) -> None:
    for name, what in read(file)["sources"].items():
        public = re.match(r"https://[a-z0-9.-]+/\S", what)
        assert public or name in {"unverified", "excerpt", "log", "run", "deb", "contents"}, name


@named(DESCRIPTORS)
def test_default_releases_are_named_in_their_order_and_have_not_ended(file: Path) -> None:
    found = CATALOGUE.distributions[file.stem]
    ids = [release.release for release in found.releases]
    defaults = found.default_releases
    assert defaults and list(defaults) == [release for release in ids if release in defaults]
    ends = [release.eol for release in found.releases if release.release in defaults]
    assert [end for end in ends if end and end < RELEASED] == []


@named(DESCRIPTORS)
def test_release_has_an_id_platforms_and_on_linux_its_own_image(file: Path) -> None:
    releases = read(file).get("releases", [])
    assert len({item["release"] for item in releases}) == len(releases)
    images = [item["image"] for item in releases if "image" in item]
    assert len(set(images)) == len(images) and len(images) in (0, len(releases))
    for item in releases:
        assert ID.fullmatch(f"{file.stem}-{item['release']}")
        platforms = [parse_platform(text) for text in item["platforms"]]
        assert "amd64" in [one.arch for one in platforms]
        compiled_only = item["release"] in CROSS_ONLY.get(file.stem, ())
        assert {one.os == "linux" for one in platforms} == {"image" in item or compiled_only}
    for image in images:
        assert re.fullmatch(r"[a-z0-9.-]+\.[a-z]+/[a-z0-9/-]+:[A-Za-z0-9._-]+", image)


@named(DESCRIPTORS)
def test_rolling_release_has_no_end_and_an_end_is_a_date(file: Path) -> None:
    for item in read(file).get("releases", []):
        assert not ("eol" in item and item.get("rolling") == "true"), item["release"]
        assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", item.get("eol", "2026-01-01"))


@named(DESCRIPTORS)
def test_package_by_release_names_an_existing_release(file: Path) -> None:
    descriptor = read(file)
    differing = {
        key
        for facts in descriptor.get("packages", {}).values()
        for key in facts.get("releases", {})
    }
    assert differing <= {item["release"] for item in descriptor.get("releases", [])}


@named(DESCRIPTORS)
def test_account_commands_use_known_placeholders_only(file: Path) -> None:
    accounts = CATALOGUE.distributions[file.stem].accounts
    assert re.findall(r"\{\w*\}", accounts.add_group) == ["{group}"]
    used = set(re.findall(r"\{\w*\}", accounts.add_user))
    assert {"{home}", "{user}"} <= used <= {"{group}", "{home}", "{user}"}


def test_proofs_are_of_releases_and_platforms_of_the_catalogue() -> None:
    there = {
        (one.release_id(release), str(platform))
        for one in CATALOGUE.distributions.values()
        for release in one.releases
        for platform in release.platforms
    }
    assert set(CATALOGUE.proofs) <= there
    assert Proof.TESTED in CATALOGUE.proofs.values()


def test_table_of_proofs_is_as_its_tool_writes_it() -> None:
    tool = FOLDER.parent / "tools" / "record_proofs.py"
    assert subprocess.run([sys.executable, tool, "--check"], check=False).returncode == 0


def test_names_that_were_wrong_once_stay_corrected() -> None:
    corrected = {
        ("alpine", "3.23", "libtls"): ("libretls-dev",),
        ("alpine", "3.23", "bsd-headers"): ("bsd-compat-headers",),
        ("opensuse", "tumbleweed", "pkg-config"): ("pkgconf-pkg-config",),
        ("ubuntu", "22.04", "libtls"): ("libtls-dev",),
        ("fedora", "45", "db"): ("libdb-devel",),
    }
    for (system, release, name), packages in corrected.items():
        dependency = CATALOGUE.distributions[system].packages[name]
        assert dependency.on(release).packages == packages, (system, name)
    source = CATALOGUE.distributions["alpine"].packages["libtls"].source
    assert source == "aports:community/libretls"


def test_debian_11_lacks_libtls_and_13_has_it() -> None:
    libtls = read(FOLDER / "debian.yml")["packages"]["libtls"]
    assert libtls["releases"]["11"]["missing"] == "not packaged"
    assert libtls["packages"] == ["libtls-dev"]


def test_debian_names_crypt_as_its_newest_libc_lacks_it() -> None:
    assert read(FOLDER / "debian.yml")["packages"]["crypt"]["packages"] == ["libcrypt-dev"]


def test_debian_can_bootstrap_every_platform_that_it_lists() -> None:
    descriptor = read(FOLDER / "debian.yml")
    listed = {platform for item in descriptor["releases"] for platform in item["platforms"]}
    assert listed == set(descriptor["bootstrap"]["architectures"])
    placeholders = re.findall(r"\{\w+\}", descriptor["bootstrap"]["command"])
    assert placeholders == ["{arch}", "{suite}", "{archive}"]


@named(MANAGERS)
def test_install_command_takes_packages_and_asks_nothing(file: Path) -> None:
    install = read(file)["install"]
    assert install.count("{packages}") == 1
    asks_by_option = re.search(r" -S?y\b| --noconfirm| --non-interactive| -I ", install)
    assert asks_by_option or file.stem in NEVER_ASKS


@named(MANAGERS)
def test_unknown_package_expressions_name_the_package(file: Path) -> None:
    for pattern in read(file)["unknown_package"]:
        assert list(re.compile(pattern).groupindex) == ["package"], pattern


@named(MANAGERS)
def test_manager_expressions_all_have_a_line_that_they_match(file: Path) -> None:
    told = [line for manager, line, _ in UNKNOWN if manager == file.stem]
    dead = [line for manager, line in UNREACHABLE if manager == file.stem]
    barred = [line for manager, line in RESTRICTED if manager == file.stem]
    full = [line for manager, line in FULL if manager == file.stem]
    holes = [line for manager, line in INCOMPLETE if manager == file.stem]
    for key, lines in (
        ("unknown_package", told), ("unreachable", dead), ("restricted", barred), ("full", full),
        ("incomplete", holes),
    ):  # fmt: skip
        for pattern in patterns(file.stem, key):
            assert any(re.search(pattern, line) for line in lines), pattern


@each(("manager", "line", "package"), UNKNOWN)
def test_unknown_package_is_reported_by_name(manager: str, line: str, package: str) -> None:
    found = [re.search(pattern, line) for pattern in patterns(manager, "unknown_package")]
    assert {match["package"] for match in found if match} == {package}


@each(("manager", "line"), [(manager, line) for manager, line, _ in UNKNOWN])
def test_unknown_package_is_not_blamed_on_the_network(manager: str, line: str) -> None:
    assert not any(re.search(pattern, line) for pattern in patterns(manager, "unreachable"))


@each(("manager", "line"), UNREACHABLE)
def test_unreachable_mirror_is_recognized(manager: str, line: str) -> None:
    assert any(re.search(pattern, line) for pattern in patterns(manager, "unreachable"))


@each(("manager", "line"), UNREACHABLE)
def test_unreachable_mirror_is_not_blamed_on_a_package(manager: str, line: str) -> None:
    assert not any(re.search(pattern, line) for pattern in patterns(manager, "unknown_package"))


@each(("manager", "line"), INNOCENT)
def test_harmless_manager_line_matches_no_expression(manager: str, line: str) -> None:
    told = [
        pattern
        for key in ("unknown_package", "unreachable", "restricted", "full", "incomplete")
        for pattern in patterns(manager, key)
    ]
    assert [pattern for pattern in told if re.search(pattern, line)] == []


def test_apk_versions_come_as_name_and_version(tmp_path: Path) -> None:
    apk = tmp_path / "apk"
    apk.write_text("#!/bin/sh\necho musl-1.2.5-r9\necho so-called\necho py3-x-2-1.0_rc1-r0\n")
    apk.chmod(0o755)
    command = read(FOLDER / "managers" / "apk.yml")["versions"]
    path = f"{tmp_path}{os.pathsep}{os.defpath}"
    told = subprocess.run(["sh", "-c", command], env={"PATH": path}, stdout=-1, check=True).stdout
    assert told == b"musl 1.2.5-r9\npy3-x-2 1.0_rc1-r0\n"


def test_catalogue_loads_without_a_problem() -> None:
    assert set(CATALOGUE.distributions) == {file.stem for file in DESCRIPTORS}
    assert set(CATALOGUE.managers) == {file.stem for file in MANAGERS}
    libtls = CATALOGUE.distributions["debian"].packages["libtls"]
    assert libtls.on("11").missing == "not packaged"
