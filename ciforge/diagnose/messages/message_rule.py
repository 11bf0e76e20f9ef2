"""A rule for the text of a message, whatever tool prints it, and pieces of patterns for such rules."""

import re

import attrs

from ciforge.model.finding import FindingKind


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@attrs.frozen
class MessageRule:
    """A wording for the text of a message, without the place, the program and the severity before it.

    The group `subject` is what the failure is about; where it is absent, what is quoted, or else `subject`.
    """

    kind: FindingKind
    pattern: re.Pattern[str] = attrs.field(converter=_compiled)
    advice: str
    subject: str = attrs.field(default="", kw_only=True)
    in_source: bool | None = attrs.field(default=None, kw_only=True)
    """Whether the message must name a line of a source file (true), or must not (false)."""
    whole: bool = attrs.field(default=False, kw_only=True)
    """Whether the text itself is the subject where nothing else is."""
    vague: bool = attrs.field(default=False, kw_only=True)
    """Whether other lines of the log say more."""


CANNOT = (
    r"(?:(?:can(?: ?no|')t|could ?n[o']t|unable to|failed to|failure to|failed|error|impossible to|did ?n[o']t|does ?n[o']t|do ?n[o']t|no) "
    r"(?:be )?(?:finds?|found|finding|locate[ds]?|locating|open(?:ed|ing)?|load(?:ed|ing)?|read(?:ing)?|access(?:ing)?|stat|includ(?:e|ing)|import(?:ing)?|resolv(?:e|ing)|detect(?:ed)?|get|determine))"
)
GONE = (
    r"(?:(?:was |were |is |are |could |can )?(?:not|never) (?:be )?(?:been )?(?:found|located|available|installed|present|provided|detected)|(?:does|do|did) ?n[o']t exist|non-?existent|"
    r"no such file(?: or directory)?|(?:is |are )?missing|is not there|unavailable|(?:is )?not in (?:the |your )?\$?path|isn't installed|(?:does|do) not (?:seem|appear) to (?:be (?:installed|available|present|there)|exist))"
)
NAME = r"(?:(?:for|of|called|named|to|is) )?:? ?['\"<(]*(?P<subject>(?:(?:struct|union|enum|class) )?[A-Za-z_$.@~?][\w$.@:+~?-]*?)(?:\(\))?['\">),.;:]*(?=\s|$)"
"""A name after the words that say what is wrong with it, quoted or not."""
ITSELF = r"['\"<(]*(?P<subject>[A-Za-z_$.@~?][\w$.@:+~?/-]*?)(?:\(\))?['\">)]*"
"""A name before the words that say what is wrong with it."""
HEADER_FILE = r"(?<![\w./+-])(?P<subject>[\w./+-]+\.(?:h|hh|hpp|hxx|h\+\+|inc))\b"
LIBRARY_FILE = r"(?<![\w./+-])(?P<subject>[\w./+-]*\blib[\w+-]+(?:-[\d.]+)?\.(?:so|dylib|sl|dll|a|la)(?:\.\d+)*|[\w./+-]+\.(?:so|dylib|sl|dll)(?:\.\d+)*|[\w./+-]+\.(?:a|lib)|[\w./+-]*\b[gSM]?crt\w*\.o)\b"
VERSION = r"v?\d[\w.]*"
PRODUCT = r"['\"]?(?P<subject>[A-Za-z][\w+.-]*[\w+])['\"]?"
VARIABLE = r"(?:identifier|variable|name|label|macro|constant|nonterminal|register|token|field|value|property|attribute|symbol|ident|word|command name|key)"
SYMBOL_WORD = r"(?:external(?: symbol)?|symbol|reference(?: to)?|global|entry point|function)s?"
OPTION_WORD = r"(?:(?:command[- ]?line|compiler|linker|debug|warning) )?(?:options?|flags?|switch(?:es)?|arguments?|parameters?)"
DASHED = r"['\"<(]*(?:(?<=[\s'\"<(:,])|^)(?P<subject>--?[A-Za-z][\w+-]*(?:=[\w.,+-]+(?='))?)"
