"""Reads CMakeLists.txt: packages, modules, libraries and headers; languages."""

import re
from collections.abc import Iterator

from ciforge.draft.autoconf_reader import modules
from ciforge.draft.evidence import Requirement, RequirementKind, TextFile

_CALL = re.compile(
    r"\b(find_package|pkg_check_modules|pkg_search_module|find_library|check_include_files?"
    r"|check_library_exists|target_link_libraries|project|enable_language|find_program)[ \t]*\(([^()]{0,2000})",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(?m)#[^\n]*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]*")
_NO_MODULE = {"REQUIRED", "QUIET", "NO_CMAKE_PATH", "NO_CMAKE_ENVIRONMENT_PATH", "IMPORTED_TARGET", "GLOBAL"}  # fmt: skip
_NO_LANGUAGE = {"VERSION", "DESCRIPTION", "HOMEPAGE_URL", "LANGUAGES", "COMPAT_VERSION"}
_OPTIONAL = {"Doxygen"}
"""Packages that change what is built by being there; they are needed only where they are required."""
_LIBRARY_OPTIONS = {"NAMES", "NAMES_PER_DIR", "HINTS", "PATHS", "PATH_SUFFIXES", "DOC", "REQUIRED"}


def requirements(file: TextFile) -> Iterator[Requirement]:
    """The requirements in one file."""
    for match in _CALL.finditer(_plain(file.text)):
        command, arguments = match[1].lower(), match[2].replace('"', " ").split()
        for kind, name, firm in _named(command, arguments):
            if _NAME.fullmatch(name.split(" ")[0]):
                yield Requirement(
                    kind=kind, name=name, clue=file.clue(match.start()), firm=firm,
                    required=command.startswith("pkg_") and "REQUIRED" in arguments
                    and file.text[: match.start()][-1:] in ("", "\n"),
                )  # fmt: skip


def _plain(text: str) -> str:
    return _COMMENT.sub(lambda found: " " * len(found[0]), text)


def _named(command: str, arguments: list[str]) -> Iterator[tuple[RequirementKind, str, bool]]:
    match command:
        case "find_package" if "REQUIRED" in arguments or not _OPTIONAL & set(arguments[:1]):
            yield from ((RequirementKind.CMAKE, word, True) for word in arguments[:1])
            yield from (
                (RequirementKind.TOOL, word, False) for word in arguments[1:] if word.islower()
            )
        case "pkg_check_modules" | "pkg_search_module":
            names = [word for word in arguments[1:] if word not in _NO_MODULE]
            yield from ((RequirementKind.MODULE, name, True) for name in modules(names))
        case "find_library":
            yield from (
                (RequirementKind.LIBRARY, word, True) for word in _alternatives(arguments[1:])
            )
        case "check_include_file" | "check_include_files":
            yield from (
                (RequirementKind.HEADER, word, False)
                for word in " ".join(arguments[:-1]).split(";")
            )
        case "check_library_exists":
            yield from ((RequirementKind.LIBRARY, word, True) for word in arguments[:1])
        case "target_link_libraries":
            yield from ((RequirementKind.LIBRARY, word, False) for word in arguments[1:])
        case "find_program":
            yield from ((RequirementKind.TOOL, word, False) for word in arguments[1:4])
        case "enable_language" if "CXX" in arguments:
            yield RequirementKind.TOOL, "c++", True
        case "project" if "CXX" in languages(arguments):
            yield RequirementKind.TOOL, "c++", True


def _alternatives(arguments: list[str]) -> Iterator[str]:
    """The alternative names of a library, as one requirement."""
    names: list[str] = []
    for word in arguments:
        if word in _LIBRARY_OPTIONS - {"NAMES"} and names:
            break
        if word not in _LIBRARY_OPTIONS:
            names.append(word.removeprefix("lib").removesuffix(".a"))
    if names:
        yield " ".join(names)


def languages(arguments: list[str]) -> list[str]:
    """The languages in `project(…)`; C and C++ by default."""
    if "LANGUAGES" in arguments:
        return arguments[arguments.index("LANGUAGES") + 1 :]
    if arguments[1:] and arguments[1] not in _NO_LANGUAGE:
        return arguments[1:]
    return ["C", "CXX"]


def project_name(file: TextFile) -> tuple[str, int] | None:
    """The name in `project(…)`, and its line."""
    match = re.search(r"(?i)\bproject[ \t]*\(\s*\"?([A-Za-z0-9_.+-]+)", _plain(file.text))
    return (match[1], match.start()) if match else None
