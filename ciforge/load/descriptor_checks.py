"""Checks the consistency of a descriptor: releases, placeholders, regular expressions."""

import re
import shlex
from collections.abc import Iterable, Iterator

from ciforge.errors import did_you_mean
from ciforge.load.shown_values import shown
from ciforge.load.validators import argument
from ciforge.model.distro import Accounts, Bootstrap, Distribution, Manager, latest_count
from ciforge.model.flaw import Flaw, Path
from ciforge.model.identifiers import is_id

_PLACEHOLDER = re.compile(r"(?<![$%])\{([a-z_]+)\}")
"""Placeholders; `${name}` belongs to the shell, `%{name}` to rpm."""


def distribution_flaws(distribution: Distribution) -> Iterator[Flaw]:
    """The flaws of one distribution."""
    yield from _release_flaws(distribution)
    yield from _accounts_flaws(("accounts",), distribution.accounts)
    for index, release in enumerate(distribution.releases):
        if release.accounts:
            yield from _accounts_flaws(("releases", index, "accounts"), release.accounts)
    if distribution.bootstrap:
        yield from _bootstrap_flaws(distribution.bootstrap)
        yield from _suite_flaws(distribution)


def manager_flaws(manager: Manager) -> Iterator[Flaw]:
    """The flaws of one package manager."""
    yield from _command_flaws(("install",), manager.install, needed=["packages"])
    for name in ("refresh", "upgrade", "clean"):
        yield from _command_flaws((name,), getattr(manager, name))
    yield from _command_flaws(("file_list",), manager.file_list, allowed=["file_index"])
    if manager.check:
        yield from _command_flaws(("check",), manager.check, needed=["package"])
    yield from _pinned_flaws(manager)
    for kind, command in manager.provides.items():
        yield from _command_flaws(("provides", kind), command, needed=["name"])
    if manager.install_pattern:
        for flaw in _pattern_flaws("install_pattern", [manager.install_pattern]):
            yield Flaw(("install_pattern",), flaw.message)
    yield from _pattern_flaws("unknown_package", manager.unknown_package, "package")
    yield from _pattern_flaws("restricted", manager.restricted)
    yield from _pattern_flaws("unreachable", manager.unreachable)
    yield from _pattern_flaws("full", manager.full)
    yield from _pattern_flaws("incomplete", manager.incomplete)


def _pinned_flaws(manager: Manager) -> Iterator[Flaw]:
    """The flaws of the three keys for versions, of which none is of use without the others."""
    keys = ("available", "pinned", "install_pinned")
    arguments = {
        "available": ["package"],
        "pinned": ["package", "version"],
        "install_pinned": ["packages"],
    }
    given = [key for key in keys if getattr(manager, key)]
    for key in given:
        yield from _command_flaws((key,), getattr(manager, key), needed=arguments[key])
    for key in keys:
        if given and key not in given:
            yield Flaw((given[0],), f"{key!r} is required with this key", key=True)


def _release_flaws(distribution: Distribution) -> Iterator[Flaw]:
    releases = {release.release: release for release in distribution.releases}
    for index in _repeated(release.release for release in distribution.releases):
        yield Flaw(("releases", index, "release"), "this release is already listed")
    for index, release in enumerate(distribution.releases):
        way = ("releases", index, "release")
        if not is_id(distribution.release_id(release)):
            yield Flaw(way, f"{distribution.release_id(release)!r} is longer than 64 characters")
        for place in _repeated(map(str, release.platforms)):
            yield Flaw(("releases", index, "platforms", place), "this platform is already listed")
    for index, name in enumerate(distribution.defaults):
        yield from _default_flaws(("defaults", index), name, distribution, releases)
    for index in _repeated(distribution.defaults):
        yield Flaw(("defaults", index), "this release is already listed")
    for dependency, provision in distribution.packages.items():
        for name in provision.releases:
            yield from _known_release(("packages", dependency, "releases", name), name, releases)


def _default_flaws(
    path: Path, text: str, distribution: Distribution, releases: Iterable[str]
) -> Iterator[Flaw]:
    count = latest_count(text)
    if not count:
        yield from _known_release(path, text, releases)
    elif len(found := distribution.latest(count)) < count:
        yield Flaw(
            path, f"{text!r} needs {count} releases that are not rolling, found {len(found)}"
        )


def _known_release(path: Path, name: str, releases: Iterable[str]) -> Iterator[Flaw]:
    if name not in releases:
        near = did_you_mean(name, releases) or f" (known: {', '.join(releases)})"
        yield Flaw(path, f"there is no release {name!r}{near}", key=True)


def _repeated(values: Iterable[str]) -> list[int]:
    seen: dict[str, int] = {}
    return [index for index, word in enumerate(values) if seen.setdefault(word, index) != index]


def _accounts_flaws(path: Path, accounts: Accounts) -> Iterator[Flaw]:
    yield from _command_flaws((*path, "add_group"), accounts.add_group, needed=["group"])
    yield from _command_flaws(
        (*path, "add_user"), accounts.add_user, needed=["user", "home"], allowed=["group"]
    )
    if accounts.run_as:
        yield from _command_flaws((*path, "run_as"), accounts.run_as, needed=["user", "command"])


def _bootstrap_flaws(bootstrap: Bootstrap) -> Iterator[Flaw]:
    path = ("bootstrap", "command")
    yield from _command_flaws(
        path, bootstrap.command, needed=["archive"], allowed=["suite", "arch"]
    )
    try:
        arguments = shlex.split(bootstrap.command)
    except ValueError as error:
        yield Flaw(path, f"this is not a command: {str(error).lower()}")
        return
    if arguments[:1] != [bootstrap.program]:
        yield Flaw(path, f"must begin with its program, {bootstrap.program}")


def _suite_flaws(distribution: Distribution) -> Iterator[Flaw]:
    """A release without a suite uses its codename in the command, so it must be valid there."""
    for index, release in enumerate(distribution.releases):
        if release.codename and not release.suite:
            try:
                argument(release.codename)
            except ValueError as error:
                yield Flaw(("releases", index, "codename"), f"{error}; or name a suite:")


def _command_flaws(
    path: Path, command: str, *, needed: Iterable[str] = (), allowed: Iterable[str] = ()
) -> Iterator[Flaw]:
    used = set(_PLACEHOLDER.findall(command))
    for name in needed:
        if name not in used:
            yield Flaw(path, f"{{{name}}} is required in this command")
    placeholders = {*needed, *allowed}
    for name in sorted(used - placeholders):
        near = did_you_mean(name[:60], placeholders) or " ($ before it makes it the shell's)"
        yield Flaw(path, f"nothing replaces {{{name}}} here{near}")


def _pattern_flaws(key: str, patterns: Iterable[str], group: str = "") -> Iterator[Flaw]:
    for index, pattern in enumerate(patterns):
        try:
            groups = re.compile(pattern).groupindex
        except (re.error, RecursionError, OverflowError) as error:
            yield Flaw((key, index), f"{shown(pattern)} is not a regular expression: {error}")
        else:
            if group and group not in groups:
                yield Flaw((key, index), f"{shown(pattern)} needs a group (?P<{group}>…)")
