"""Readers of the keys of a descriptor in `distros/`."""

from collections.abc import Mapping
from typing import Any

from ciforge.load import url_validators, validators
from ciforge.load.converter import closed, read_as
from ciforge.load.value_readers import mapping, sequence, text
from ciforge.model import distro
from ciforge.model.cross import (
    CrossAddition,
    CrossAnswer,
    CrossLibrary,
    CrossMacro,
    CrossSystem,
    CrossTarget,
)
from ciforge.model.flaw import Flaw
from ciforge.model.index_name import KINDS
from ciforge.model.platform import Platform, parse_platform

PROVISION = ("packages", "provided", "missing")


def _one_provision(value: Mapping[str, Any]) -> list[Flaw]:
    given = [name for name in PROVISION if value.get(name) not in (None, "", [])]
    if len(given) == 1:
        return []
    found = " and ".join(given) or "none"
    message = f"exactly one of packages, provided and missing is needed, found {found}"
    return [Flaw((), message, key=True)]


def _action_with_host(value: Mapping[str, Any]) -> list[Flaw]:
    if bool(value.get("action")) == bool(value.get("host")):
        return []
    return [Flaw((), "action and host are needed together", key=True)]


_ID = text(validators.identifier)
_DEFAULT = text(validators.release_or_rule)
_LINE = text(validators.line)
_LINE_OR_NONE = text(validators.line, empty=True)
_WORD = text(validators.word)
_ARGUMENT = text(validators.argument)
_ARGUMENT_OR_NONE = text(validators.argument, empty=True)
_COMMAND = text(validators.command)
_COMMAND_OR_NONE = text(validators.command, empty=True)
_ENV = mapping(validators.variable, text(empty=True))
_SOURCES = mapping(validators.identifier, _LINE)
_PACKAGES = sequence(text(validators.package))

_ACCOUNTS = closed(
    distro.Accounts,
    {"add_group": _COMMAND, "add_user": _COMMAND, "run_as": _COMMAND_OR_NONE},
)
_PROVISION = closed(distro.Provision, {"packages": _PACKAGES}, across=_one_provision)
_DEPENDENCY = closed(
    distro.Dependency,
    {"packages": _PACKAGES, "releases": mapping(validators.identifier, _PROVISION)},
    across=_one_provision,
)
_BOOTSTRAP = closed(
    distro.Bootstrap,
    {
        "program": _ARGUMENT,
        "command": _COMMAND,
        "architectures": mapping(parse_platform, _ARGUMENT, empty="no architectures"),
    },
)
_HOSTED = closed(
    distro.HostedMachine,
    {
        "action": _ARGUMENT_OR_NONE,
        "host": text(validators.identifier, empty=True),
        "runners": mapping(parse_platform, text(validators.identifier)),
        "image": _ARGUMENT_OR_NONE,
        "directory": text(validators.job_folder),
    },
    across=_action_with_host,
)
_CROSS_TARGET = closed(CrossTarget, {"target": _ARGUMENT, "host": _ARGUMENT})
_CROSS_ANSWER = closed(CrossAnswer, {"value": _LINE_OR_NONE, "reason": _LINE})
_CROSS_LIBRARY = closed(
    CrossLibrary,
    {
        "functions": sequence(text(validators.variable), empty="no functions"),
        "dependency": text(validators.identifier, empty=True),
        "header": _ARGUMENT_OR_NONE,
        "declarations": sequence(_LINE, empty="no declarations"),
    },
)
_CROSS_ADDITION = closed(
    CrossAddition,
    {
        "header": _ARGUMENT,
        "declarations": sequence(_LINE, empty="no declarations"),
        "functions": sequence(text(validators.variable), empty="no functions"),
    },
)
_CROSS_MACRO = closed(CrossMacro, {"reason": _LINE})
_CROSS = closed(
    CrossSystem,
    {
        "libc": _LINE,
        "uname": _ARGUMENT,
        "targets": mapping(parse_platform, _CROSS_TARGET, empty="no targets"),
        "answers": mapping(validators.variable, _CROSS_ANSWER),
        "libraries": mapping(validators.identifier, _CROSS_LIBRARY),
        "additions": mapping(validators.identifier, _CROSS_ADDITION),
        "undefine": mapping(validators.variable, _CROSS_MACRO),
    },
)
_RELEASE = closed(
    distro.Release,
    {
        "release": _ID,
        "image": text(url_validators.image, empty=True),
        "libc": text(validators.word, empty=True),
        "platforms": sequence(read_as(Platform), empty="no platforms: write [linux/amd64]"),
        "codename": _LINE_OR_NONE,
        "suite": _ARGUMENT_OR_NONE,
        "setup": sequence(_COMMAND),
        "eol": text(validators.day, empty=True),
        "env": _ENV,
        "hosted": _HOSTED,
    },
)
_COMPILER = closed(
    distro.Compiler,
    {
        "packages": sequence(text(validators.versioned(validators.package)), empty="no packages"),
        "cc": text(validators.versioned(validators.argument)),
        "cxx": text(validators.versioned(validators.argument), empty=True),
        "versions": mapping(validators.identifier, sequence(_ID)),
    },
)
DISTRIBUTION = closed(
    distro.Distribution,
    {
        "distribution": _ID,
        "title": _LINE,
        "like": text(validators.identifier, empty=True),
        "manager": _ID,
        "defaults": sequence(
            _DEFAULT,
            single=True,
            empty="no default releases: list those that the plain name selects, or write 'latest 2'",
        ),
        "releases": sequence(_RELEASE, empty="no releases"),
        "packages": mapping(validators.dependency, _DEPENDENCY),
        "libc": _WORD,
        "make": _ARGUMENT,
        "setup": sequence(_COMMAND),
        "env": _ENV,
        "compilers": mapping(validators.identifier, _COMPILER),
        "sources": _SOURCES,
    },
)
MANAGER = closed(
    distro.Manager,
    {
        "manager": _ID,
        "install": _COMMAND,
        "refresh": _COMMAND_OR_NONE,
        "upgrade": _COMMAND_OR_NONE,
        "clean": _COMMAND_OR_NONE,
        "check": _COMMAND_OR_NONE,
        "available": _COMMAND_OR_NONE,
        "pinned": _WORD,
        "install_pinned": _COMMAND_OR_NONE,
        "file_list": _COMMAND_OR_NONE,
        "provides": mapping(validators.one_of(KINDS), _COMMAND),
        "env": mapping(validators.variable, _LINE_OR_NONE),
        "sources": _SOURCES,
    },
)
