"""Finds systems, packages, arguments for configure and users in the text of CI files."""

import itertools
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import attrs

from ciforge.draft.evidence import SourceLine, TextFile
from ciforge.model.distro import Catalogue

_MOST = 1000
T = TypeVar("T")
_TAKES_A_WORD = {"-t", "--virtual", "--repository", "-X", "-o", "--setopt"}
_END = re.compile(r"&&|[;|&\n#]")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,80}")
_IMAGE = re.compile(
    r"(?m)^[ \t-]*(?:FROM(?:[ \t]+--\S+)?|(?:image|container)[ \t]*:)[ \t]+[\"']?([\w./-]+)(?:[:@]([\w.-]+))?"
)
_ITEM = re.compile(
    r"(?<![\w./:@-])([a-z][a-z0-9./-]{1,60}):([A-Za-z0-9][A-Za-z0-9_.-]{0,40})(?![\w/:-])"
)
_DOCKERFILE = re.compile(r"(?:^|/)(?:Dockerfile|Containerfile)[^/]*$|\.Dockerfile$")
_COMMENT = re.compile(r"(?m)^[ \t]*#[^\n]*\n?|[ \t]#[^\n]*")
_LISTED = re.compile(r"(?m)^packages:[ \t]*\n((?:[ \t]*-[^\n]*(?:\n|\Z))*)")
_CONFIGURE = re.compile(
    r"(?<![\w./\"${}-])[\w./\"${}-]{0,200}/configure\b((?:[ \t]+[^\s;&|()#]+)*)"
)
_DEFINES = re.compile(r"(?<!\S)-D([A-Za-z0-9_.:-]{1,60}=[A-Za-z0-9_.,:+-]{1,60})(?!\S)")
_WORD = re.compile(r"--[a-z][a-z0-9-]{1,60}(?:=[A-Za-z0-9_.,:+@/-]{1,100})?")
_NO_WORD = re.compile(
    r"--(?:help|version|quiet|silent|prefix|exec-prefix|host|build|target|srcdir)\b"
    r"|.*(?:werror|debug|coverage|gcov|sanit|asan|fuzz|static|profil)"
)
_NO_DEFINE = re.compile(
    r"-D(?:CMAKE_|prefix=)|.*(?:werror|debug|coverage|sanit|fuzz)", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"=/(?!etc\b|var\b|run\b|dev\b)")
_USER = re.compile(r"\b(?:useradd|adduser)\b((?:[ \t]+[^\s;&|]+)+)")
_USER_OPTIONS = {
    "-b", "-c", "-d", "-e", "-f", "-g", "-G", "-h", "-k", "-K", "-p", "-s", "-u", "--base-dir",
    "--comment", "--gecos", "--gid", "--groups", "--home", "--home-dir", "--ingroup", "--shell", "--uid",
}  # fmt: skip
_HOMES = {"-d", "-h", "--home", "--home-dir"}
_USER_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_HOME = re.compile(r"/[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


@attrs.frozen(kw_only=True)
class ListedPackage:
    """A package that a file installs."""

    manager: str
    package: str
    clue: SourceLine


@attrs.frozen(kw_only=True)
class NamedImage:
    """An image that a file names: `debian` and `bookworm-slim`; the tag may be empty."""

    name: str
    tag: str
    clue: SourceLine
    runner: bool = False
    """Whether it is only a runner of a hosted service."""
    listed: bool = False
    """Whether it is in a list (of a matrix), where other words may look like an image."""
    arch: str = ""
    """The processor, if the name of a runner has one."""


@attrs.frozen(kw_only=True)
class NamedUser:
    """A user that a file creates."""

    name: str
    home: str
    clue: SourceLine


@attrs.frozen(kw_only=True)
class CiFile:
    """The contents of one file, or of one job of a workflow."""

    file: TextFile
    images: tuple[NamedImage, ...]
    packages: tuple[ListedPackage, ...]
    users: tuple[NamedUser, ...]
    words: tuple[Mapping[str, SourceLine], ...]
    """The arguments of each call of configure that are the same in every run."""
    builds: bool = False
    """Whether it is a job that seems to build something."""
    left_out: str = ""
    """A job, or its part on some systems, that is not taken over; empty if all is."""


@attrs.frozen(kw_only=True)
class CiPatterns:
    """Patterns that recognise systems: calls of package managers, and labels of hosted runners."""

    install: Mapping[str, "re.Pattern[str]"]
    """By the id of the package manager."""
    runner: "re.Pattern[str]"
    without_containers: frozenset[str]
    """Runners whose jobs no container engine can run."""


def patterns(catalogue: Catalogue, runners: Sequence[str]) -> CiPatterns:
    """The patterns of the catalogue's package managers, and of hosted runners with these `runners`."""
    names = "|".join(map(re.escape, runners))
    images = {
        name
        for name, distribution in catalogue.distributions.items()
        if any(release.image for release in distribution.releases)
    }
    return CiPatterns(
        install={
            name: re.compile(manager.install_pattern)
            for name, manager in catalogue.managers.items()
            if manager.install_pattern
        },
        runner=re.compile(rf"(?<![\w-])({names})-(latest|[0-9][0-9.]*)(-arm)?(?![\w-])"),
        without_containers=frozenset(runners) - images,
    )


def read(file: TextFile, ci_patterns: CiPatterns) -> CiFile:
    """The packages, images, users and configure arguments in a file."""
    joined = without_comments(file.text)
    return CiFile(
        file=file,
        images=first_ones(images_in(file, joined, ci_patterns.runner)),
        packages=first_ones(packages_in(file, joined, ci_patterns.install)),
        users=first_ones(users_in(file, joined)),
        words=first_ones(configure_calls(file, joined)),
    )


def without_comments(text: str) -> str:
    """Text without comments and with continued lines on one line; offsets stay the same."""
    return _COMMENT.sub(lambda found: " " * len(found[0]), text).replace("\\\n", "  ")


def first_ones(found: Iterable[T]) -> tuple[T, ...]:
    """The first ones, up to a limit for handwritten files."""
    return tuple(itertools.islice(found, _MOST))


def images_in(file: TextFile, joined: str, runner: "re.Pattern[str]") -> Iterator[NamedImage]:
    manifest = file.name.startswith(".build")
    for match in _IMAGE.finditer(joined):
        name, _, tag = match[1].partition("/") if manifest else (match[1], "", "")
        yield NamedImage(name=name, tag=match[2] or tag, clue=file.clue(match.start()))
    for match in runner.finditer(joined):
        yield NamedImage(name=match[1], tag=match[2], clue=file.clue(match.start()), runner=True)
    if not _DOCKERFILE.search(file.name):
        for match in _ITEM.finditer(joined):
            yield NamedImage(
                name=match[1], tag=match[2], clue=file.clue(match.start()), listed=True
            )


def packages_in(
    file: TextFile, joined: str, install: Mapping[str, "re.Pattern[str]"]
) -> Iterator[ListedPackage]:
    for manager, pattern in install.items():
        for match in pattern.finditer(joined):
            end = _END.search(joined, match.end())
            arguments = joined[
                match.end() : min(end.start() if end else len(joined), match.end() + 8000)
            ]
            for package in packages_among(arguments.split()):
                place = joined.find(package, match.end())
                yield ListedPackage(manager=manager, package=package, clue=file.clue(place))
    for match in _LISTED.finditer(file.text):
        for item in re.finditer(r"-[ \t]*([^\s#]+)", match[1]):
            if _PACKAGE.fullmatch(item[1]):
                clue = file.clue(match.start(1) + item.start())
                yield ListedPackage(manager="", package=item[1], clue=clue)


def packages_among(arguments: list[str]) -> Iterator[str]:
    """Names of packages, without options, versions and shell expansions."""
    skip = False
    for word in arguments:
        name = re.split(r"[=:/<>]", word.strip("\"'"))[0]
        if skip or word.startswith("-"):
            skip = not skip and word in _TAKES_A_WORD
        elif _PACKAGE.fullmatch(name) and "$" not in word:
            yield name


def configure_calls(file: TextFile, joined: str) -> Iterator[Mapping[str, SourceLine]]:
    for match in _CONFIGURE.finditer(joined):
        arguments = [word.strip("\"'") for word in match[1].split()]
        yield _placed(file, joined, match.start(), {word for word in arguments if _is_word(word)})
    for line in re.finditer(r"(?m)^[^\n]*\b(?:cmake|meson)\b[^\n]*", joined):
        defines = {f"-D{match[1]}" for match in _DEFINES.finditer(line[0][:4000])}
        own = {word for word in defines if not _NO_DEFINE.match(word)}
        if defines:
            yield _placed(file, joined, line.start(), own)


def _placed(
    file: TextFile, joined: str, begin: int, names: Iterable[str]
) -> Mapping[str, SourceLine]:
    """Each word with its line."""
    return {word: file.clue(max(begin, joined.find(word, begin))) for word in names}


def _is_word(word: str) -> bool:
    fine = _WORD.fullmatch(word) and not _NO_WORD.match(word)
    return bool(fine) and not _ELSEWHERE.search(word)


def users_in(file: TextFile, joined: str) -> Iterator[NamedUser]:
    for match in _USER.finditer(joined):
        try:
            arguments = shlex.split(match[1][:1000])
        except ValueError:
            continue
        user = user_among(arguments)
        if user:
            yield NamedUser(name=user[0], home=user[1], clue=file.clue(match.start()))


def user_among(arguments: list[str]) -> tuple[str, str] | None:
    """Name and home of a user that is created for a service, not for a person."""
    name, home, option = "", "", ""
    for word in arguments:
        if option:
            home = word if option in _HOMES else home
            option = ""
        elif word in ("-m", "--create-home"):
            return None
        elif word in _USER_OPTIONS:
            option = word
        elif word.startswith(("--home=", "--home-dir=")):
            home = word.partition("=")[2]
        elif not word.startswith("-") and not name:
            name = word
    home = home.rstrip("/")
    if not _USER_NAME.fullmatch(name) or name == "root":
        return None
    return name, home if _HOME.fullmatch(home) and "/." not in home else "/var/empty"
