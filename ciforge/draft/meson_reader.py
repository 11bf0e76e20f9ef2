"""Reads meson.build: dependencies, libraries, headers and programs; languages."""

import re
from collections.abc import Iterator, Mapping

from ciforge.draft.evidence import Requirement, RequirementKind, TextFile

_CALLS: Mapping[str, tuple[RequirementKind, bool]] = {
    "dependency": (RequirementKind.MODULE, True),
    "find_library": (RequirementKind.LIBRARY, True),
    "has_header": (RequirementKind.HEADER, False),
    "check_header": (RequirementKind.HEADER, False),
    "find_program": (RequirementKind.TOOL, False),
    "run_command": (RequirementKind.TOOL, False),
}
_CALL = re.compile(rf"\b({'|'.join(_CALLS)})\(\s*'([^'\n]{{1,200}})'")
_LONGEST = 500
"""Characters of a call after its first argument."""
_COMMENT = re.compile(r"(?m)#[^\n]*")
_PROJECT = re.compile(r"\bproject\(\s*'([^'\n]{1,100})'([^:)]{0,200})")
_ADDED = re.compile(r"\badd_languages\([^)]{0,80}'cpp'(?![^)]*required\s*:\s*false)")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]*")


def requirements(file: TextFile) -> Iterator[Requirement]:
    """The requirements in one file."""
    text = _COMMENT.sub(lambda found: " " * len(found[0]), file.text)
    for match in _CALL.finditer(text):
        kind, firm = _CALLS[match[1]]
        if _NAME.fullmatch(match[2]):
            call = text[match.end() : match.end() + _LONGEST].partition(")")[0]
            yield Requirement(
                kind=kind, name=match[2], clue=file.clue(match.start()), firm=firm,
                required=_is_required(call, firm=firm, indented=text[: match.start()]),
            )  # fmt: skip
    project = _PROJECT.search(text)
    if project and "'cpp'" in project[2]:
        yield Requirement(kind=RequirementKind.TOOL, name="c++", clue=file.clue(project.start()))
    if added := _ADDED.search(text):
        yield Requirement(kind=RequirementKind.TOOL, name="c++", clue=file.clue(added.start()))
    if translated := re.search(r"import\('i18n'\)", text):
        yield Requirement(
            kind=RequirementKind.TOOL, name="gettext", clue=file.clue(translated.start())
        )


def _is_required(call: str, *, firm: bool, indented: str) -> bool:
    """Whether meson ends without what a call outside of conditions asks for; `indented` is the text before it."""
    if indented[indented.rfind("\n") + 1 :][:1] in (" ", "\t"):
        return False
    if re.search(r"\brequired\s*:\s*true\b", call):
        return True
    return firm and not re.search(r"\b(required|fallback)\s*:", call)


def project_name(file: TextFile) -> tuple[str, int] | None:
    """The name in `project(…)`, and its line."""
    match = _PROJECT.search(file.text)
    return (match[1], match.start()) if match else None
