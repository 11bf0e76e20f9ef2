"""What an error in a file of a build system is: the kind follows from the file, whatever reads it."""

import re

from ciforge.model.finding import FindingKind

_READING = frozenset({FindingKind.OTHER, FindingKind.SYNTAX_ERROR})
_LACKING = _READING | {
    FindingKind.MISSING_PACKAGE, FindingKind.DEPS_NOT_FOUND, FindingKind.MAKE_RULE, FindingKind.CONFIGURE_CHECK, FindingKind.INSTALL_ERROR,
    FindingKind.UNDECLARED, FindingKind.MISSING_HEADER, FindingKind.MISSING_LIBRARY, FindingKind.MISSING_TOOL,
}  # fmt: skip
_COMPILING = _READING | {
    FindingKind.UNDECLARED,
    FindingKind.REDEFINITION,
    FindingKind.UNKNOWN_TYPE,
    FindingKind.TYPE_CONFLICT,
}
_GRAMMAR = _READING | {FindingKind.UNDECLARED, FindingKind.REDEFINITION}
_KINDS = (
    (r"(?:^|/)(?:GNU|BSD)?[Mm]akefile(?:\.\w+)?$|\.(?:mk|mak|make|ninja)$", FindingKind.MAKE_SYNTAX, _READING),
    (r"(?:^|/)CMakeLists\.txt$|\.cmake$", FindingKind.CMAKE_ERROR, _LACKING),
    (r"(?:^|/)meson(?:\.build|_options\.txt|\.options)$", FindingKind.MESON_ERROR, _LACKING),
    (r"(?:^|/)configure\.(?:ac|in)$|\.m4$", FindingKind.MISSING_MACRO, frozenset({FindingKind.UNDECLARED})),
    (r"(?:^|/)go\.(?:mod|sum|work)$", FindingKind.GO_MODULE, _LACKING),
    (r"\.go$", FindingKind.GO_BUILD, _COMPILING),
    (r"\.(?:y|yy|l|ll|lex)$", FindingKind.YACC_LEX, _GRAMMAR),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), kind, of) for pattern, kind, of in _KINDS)


def kind_in_file(kind: FindingKind, file: str) -> FindingKind:
    """The kind of an error in this file, which is of another kind elsewhere."""
    if not file:
        return kind
    return next(
        (made for pattern, made, of in _PATTERNS if kind in of and pattern.search(file)), kind
    )
