"""Classifies a line that no rule of a tool knows by the words that messages of failure share."""

import re

import attrs

from ciforge.diagnose.messages import link_errors, machine_errors, source_errors, tool_errors
from ciforge.diagnose.messages.file_kinds import kind_in_file
from ciforge.diagnose.messages.message_rule import MessageRule
from ciforge.diagnose.messages.shapes import LogMessage, parse
from ciforge.model.finding import FindingKind

MESSAGE_RULES = (
    *tool_errors.TARGETS,
    *machine_errors.RULES,
    *link_errors.RULES,
    *source_errors.RULES,
    *tool_errors.RULES,
)
_QUOTED = re.compile(
    r"(?<!\w)['\"](?P<subject>[^'\"\s][^'\"]{0,120})['\"](?!\w)|<(?P<angle>[^<>\s]{1,80})>"
)
_WORD_IN_QUOTES = re.compile(r"(?<!\w)(?P<quote>['\"])(?P<word>[^'\"\s]{1,160})(?P=quote)(?!\w)")
_OBJECT = re.compile(r"\.(?:o|obj|a|so|lib|dll|map|ld|lds|def)$", re.IGNORECASE)
_SUGGESTION = re.compile(
    r"(?i)[;,.]? \(?(?:did you mean|perhaps you meant|maybe you meant|maybe you want)\b.*$|\.?\s+Stop\.$|\s+\(and \d+ more \w+\)$"
)
_WARNING = re.compile(r"\[-W(?P<name>[\w+-]+)\]\s*$")
"""The name that a compiler gives an error of one sort."""
_VERSION = re.compile(r"(?<=\w)@@?[A-Za-z][\w.]*$")
"""What follows a symbol that is bound to a version of its library."""
_LONGEST = 320
"""Characters of a line that are read: what it says comes early."""
_TELLING = re.compile(
    r"(?i)error|fail|fatal|cannot|can't|could|unable|\bnot?\b|n't|never|un[a-z]{3,}|in(?:valid|compatible|sufficient|complete|consistent)|illegal|im(?:plicit|possible)|miss|mis(?:match|sing)|abort|exception|panic|fault"
    r"|bad|too |expect|duplicat|multipl|redefin|redeclar|re-|already|previously|conflict|requir|need|timed|time|exceed|kill|signal|space|quota|full|memory|heap|oom|den(?:y|ied)|refus|read-only|relocation|R_|assert|syntax"
    r"|parse|stray|premature|malformed|wrong|differ|without|obsolete|old|corrupt|broken|crash|bug|internal|404|gone|exist|follows|must|want|ambiguous|FAIL"
)
"""Words of which every message that means something has one."""
_WERROR = re.compile(r"\[-Werror(?:=|,\s*-W)(?P<subject>[\w+-]+)")
_VAGUE = re.compile(
    r"(?i)\b(?:exit(?:ed)?(?: with)? (?:status|code|value)|returned (?:a )?(?:non-?zero|error|exit|\d)|(?:see|for) .*(?:\blog\b|details|information)|giving up|stopp(?:ed|ing)|terminat(?:ed|ing)"
    r"|(?:due to|because of) (?:previous |the above |\w+ )?errors?|(?:build|compilation|compile|command|job|step|task|process|subprocess|link(?:ing)?|recipe|phase|stage|configur\w+|installation|make) (?:\S+ )?(?:has |was )?(?:failed|failure|aborted|unsuccessful|did not)"
    r"|could not (?:build|compile|complete)|failed (?:to|during) (?:build|compile|link|configure|install|make|process)\b|\d+ errors?\b|errors? (?:occurred|detected|found|generated)|\d+ \w+(?: \w+)? failed|did not complete|non-?zero|compilation aborted)"
)
"""Words of a line that only says that something failed."""
_NO_NAME = frozenset(
    re.findall(
        r"\w+",
        "s found executed executable a all an and any are as at available be build but by call can cannot check checks commands compiler could "
        "declaration definition dependencies directory error errors failed file files find following for from "
        "function has have header hunk if in include information input is it key kind library line lock match more "
        "name no not number of on one operator option or out output package packages pattern problem program "
        "project provides remote required requirement requirements result results some source subtests suite "
        "symbol system target targets temporarily test tests that the these this to tool type version was were "
        "which with you your ",
    )
)
"""Words that are no name of anything."""
_WARNING_AS_ERROR = MessageRule(
    FindingKind.WERROR,
    r"$^",
    "Fix the warning {subject}, or do not make warnings errors in a release.",
)


@attrs.frozen
class ClassifiedMessage:
    """What a line says about a failure."""

    parsed: LogMessage
    rule: MessageRule | None = None
    subject: str = ""
    vague: bool = False

    @property
    def rank(self) -> int:
        """How much the line says: from 5, an error whose kind is clear, over 3, an error, to 0, nothing."""
        if self.parsed.mild:
            return 0
        if self.rule is not None:
            if self.rule.vague:
                return 2
            certain = self.parsed.error or self.parsed.file
            return 5 if certain or self.rule.kind is FindingKind.TEST_FAILURE else 4
        if self.vague:
            return int(self.parsed.error)
        return 3 if self.parsed.error else int(bool(self.parsed.file))

    @property
    def kind(self) -> FindingKind:
        return kind_in_file(self.rule.kind if self.rule else FindingKind.OTHER, self.parsed.file)

    @property
    def advice(self) -> str:
        """The advice, in a sentence; empty if the kind is not clear."""
        return self.rule.advice.replace("{subject}", self.subject or "it") if self.rule else ""


def classify(line: str) -> ClassifiedMessage:
    """Classifies a line, which has no prefix of a service any more."""
    message = parse(_SUGGESTION.sub("", line[:_LONGEST]))
    if not _TELLING.search(message.text):
        return _unclassified(message, line)
    in_source = message.line is not None and not _OBJECT.search(message.file)
    for rule in MESSAGE_RULES:
        if rule.in_source is not None and rule.in_source is not in_source:
            continue
        if found := rule.pattern.search(message.text):
            subject = _subject(rule, found, message)
            if rule.whole and (warning := _WARNING.search(line)):
                subject = warning["name"]
            if _is_name(subject, rule.kind):
                return ClassifiedMessage(message, rule, subject)
            if message.text.endswith(":"):
                return ClassifiedMessage(message, rule)
    return _unclassified(message, line)


def _unclassified(message: LogMessage, line: str) -> ClassifiedMessage:
    """A message that no rule matches, unless its compiler names a warning."""
    if found := _WERROR.search(line):
        return ClassifiedMessage(message, _WARNING_AS_ERROR, found["subject"])
    return ClassifiedMessage(
        message, None, quoted(message.text), _VAGUE.search(message.text) is not None
    )


def _is_name(subject: str, kind: FindingKind) -> bool:
    """Whether a word can be what a failure is about; where the syntax is wrong, that may be a sign."""
    if kind is FindingKind.SYNTAX_ERROR or not subject:
        return True
    return subject.lower() not in _NO_NAME and any(map(str.isalpha, subject))


def _subject(rule: MessageRule, found: re.Match[str], message: LogMessage) -> str:
    groups = {name: value or "" for name, value in found.groupdict().items()}
    if groups.get("subject"):
        subject = _unabridged(message.text, *found.span("subject")).strip()
        subject = subject.rstrip(".,:;") or subject
        return _VERSION.sub("", subject) if rule.kind is FindingKind.UNDEFINED_SYMBOL else subject
    origin = message.file.rpartition("/")[2] or message.program.rpartition("/")[2]
    named = rule.subject.format(**groups, origin=origin, program=message.program.rpartition("/")[2])
    return named or quoted(message.text) or (message.text[:120] if rule.whole else "")


def _unabridged(text: str, begin: int, end: int) -> str:
    """The piece of a text, or all that the same quotes have around it, if that is one word."""
    for quotes in _WORD_IN_QUOTES.finditer(text):
        if quotes.start("word") <= begin and end <= quotes.end("word"):
            return quotes["word"]
    return text[begin:end]


def quoted(text: str) -> str:
    """What is quoted in a text first; empty if nothing is."""
    found = _QUOTED.search(text)
    return (found["subject"] or found["angle"]) if found else ""
