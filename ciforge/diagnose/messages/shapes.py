"""How programs write a message of failure, whichever they are: `FILE:LINE: error: TEXT` and its like.

GNU's coding standards (FILE:LINE:COLUMN: MESSAGE), and what compilers of Sun, IBM and Microsoft, Python, OCaml, Perl, yacc,
Tcl, Rust and loggers print in their stead. No pattern here is about one program.
"""

import re

import attrs

_NAME = r"(?P<file>(?:[A-Za-z]:(?=[\\/]))?(?=[^\s:]*[A-Za-z])[^\s:()\[\]<>\"',|*]{1,200})"
_NUMBER = r"(?P<line>\d{1,8})"
_COLUMNS = r"(?:[:.,-]\d+)*"
_LEVEL = (
    r"(?:(?:an? )?(?:fatal|internal|catastrophic|unrecoverable|severe|lexical|critical|unhandled|build|compile|link(?:er)?|evaluation) )?"
    r"(?:errors?|fatal|critical|severe|failure|err|panic|abort|exception)"
)
_CODE = r"(?:\[[\w.:-]{1,40}\]|\(\w{1,20}\)|[ #]*\b[A-Za-z]{0,8}-?\d{1,6}\b(?: \(\w\))?)?"

_PLACES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?:(?:/\S*/)?[\w+-]+:(?=\D))?{_NAME}:{_NUMBER}{_COLUMNS}(?:: |:$|\s+-\s+|\s(?=error))",
        rf"^{_NAME}: {_NUMBER}: ",
        rf"^{_NAME}:{_NUMBER}[.:]\d+-\d+(?:\.\d+)? ",
        rf"^{_NAME}\({_NUMBER}(?:[,:.-]\d+)*\) ?(?::? |:?$)",
        rf"^\"?{_NAME}\"?[,:] ?line:? {_NUMBER}(?:\.\d+)?(?:, (?:col(?:umn|\.)?|characters?|position) [\d-]+)?[:,]? *",
        rf"^\"{_NAME}\":{_NUMBER}{_COLUMNS}: ",
        rf"^File \"{_NAME}\", line {_NUMBER}(?:, characters? [\d-]+)?[:,]? *",
        rf"^\[{_NAME}:{_NUMBER}{_COLUMNS}\]:? ",
        rf"^(?:at |in |on )?line {_NUMBER} (?:of|in) (?:file )?['\"]?{_NAME}['\"]?: *",
        rf"^(?:at|in) ['\"]?{_NAME}['\"]?(?::| line |, line ){_NUMBER}{_COLUMNS}[:,] *",
        rf"^(?:in )?(?:file )?['\"]?{_NAME}['\"]? (?:at |on )?line {_NUMBER}[:,] *",
    )
)
"""A place at the beginning of a message."""
_LATE_PLACES = tuple(
    re.compile(pattern)
    for pattern in (
        rf",? (?:at|in|on|near) ['\"]?{_NAME}['\"]?,? line {_NUMBER}\b",
        rf"\b(?:at|on|near)? ?line {_NUMBER}(?:, column \d+)? (?:of|in)(?: file)? ['\"]?{_NAME}\b['\"]?",
        rf"\((?:file )?['\"]?{_NAME}['\"]?(?::| line |, line ){_NUMBER}{_COLUMNS}\)",
        rf" (?:at|in|on|near|from) ['\"]?{_NAME}:{_NUMBER}{_COLUMNS}\b['\"]?",
        rf"^\s*(?:-->|at|in|File) \"?{_NAME}\"?(?::|, line ){_NUMBER}",
    )
)
"""A place within a message or behind it, or on a line of its own."""
_SEVERITY = re.compile(
    rf"^(?:[\[(<*]+ ?(?P<mark>{_LEVEL}|[EFX!])(?:\s*[:\])>*]+)+[\s:-]*"
    rf"|(?P<level>{_LEVEL}){_CODE}\s*(?:[:!\]>]+|-{{1,2}}|=>)\s*(?:[A-Z]\d{{3,5}}: )?"
    r"|(?P<letter>[EF]): "
    r"|(?P<shout>ERROR|FATAL|FAILURE|CRITICAL)\s+(?=\S)"
    r"|(?-i:(?:[A-Z]\w+ ){1,3}Error: )"
    r"|\d{3,4}-\d{3} \([SEU]\) |build failed: |(?-i:FAILED): (?=\S+ \S+ \S)"
    rf"|(?P<coded>{_LEVEL}) [A-Z]{{1,8}}-?\d{{2,6}}[:.]? )",
    re.IGNORECASE,
)
_MILD = re.compile(
    r"^[\[(<*]*(?:warn(?:ing)?|note|info|debug|hint|notice|trace|verbose|remark|deprecated|skip(?:ped|ping)?|xfail|pass(?:ed)?|ok)\b[\w\[\]()#:-]*[\])>*:]",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"^\s*(?:==\d+==|(?P<bang>\*{2,}|!{1,3}|[\u2717\u2718\u00d7\u274c\u2716\u2a2f])|\d+:\d+: |[>|#=^~%\u2022\u2192-]+\s|%(?=[A-Z]))\s*"
)
_PROGRAM = re.compile(
    r"^(?!(?:FAIL|FAILED|XPASS|TIMEOUT|Test|Assertion|not|no)\b)(?P<program>(?:/\S*/|\./)?[A-Za-z_][\w.+-]*(?:\.exe)?)(?:\[\d+\]|\(\d+\)|\[[\w.-]+\])?: (?=\S)",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(
    r"^(?:[\w.:$]*[.:])?(?P<name>(?!Syntax)[A-Z]\w*(?:Error|Exception|Failure|Fault))(?: \([\w:]+\))?: (?=\S)"
)
_BACKTRACED = re.compile(r"^(?:\S+ |in )?'[^']{1,80}': (?=\S)")
_TAIL = re.compile(
    r"\s*(?:\[-W[\w=+,-]+\]|\([A-Z]\w*(?:Error|Exception)\)|\[[a-z]+(?:-[a-z]+)+\])$"
)
_DOUBLE = str.maketrans(dict.fromkeys("\u201c\u201d\u00ab\u00bb\u201e", '"'))


@attrs.frozen
class LogMessage:
    """What a line says, without the place, the program and the severity before it."""

    text: str
    file: str = ""
    line: int | None = None
    program: str = ""
    error: bool = False
    """Whether the line calls itself an error."""
    mild: bool = False
    """Whether it calls itself a warning, or less."""


def parse(line: str) -> LogMessage:
    """The parts of a line, which has no prefix of a service any more."""
    message = LogMessage(line.translate(_DOUBLE).strip())
    for _ in range(6):
        step = _without_first(message)
        if step == message or step.mild:
            message = step
            break
        message = step
    return _with_late_place(message)


def _without_first(message: LogMessage) -> LogMessage:
    """The message without its first part, if that is none of the text."""
    text = message.text
    if _MILD.match(text) and not message.error:
        return attrs.evolve(message, mild=True)
    if found := _SEVERITY.match(text) or _EXCEPTION.match(text):
        return attrs.evolve(message, text=text[found.end() :], error=True)
    if found := _BULLET.match(text):
        error = message.error or (found["bang"] is not None and not text.endswith("***"))
        return attrs.evolve(message, text=text[found.end() :], error=error)
    return _without_origin(message)


def _without_origin(message: LogMessage) -> LogMessage:
    """The message without the place or the program at its beginning."""
    text = message.text
    if message.file:
        found = _BACKTRACED.match(text)
        return attrs.evolve(message, text=text[found.end() :]) if found else message
    if place := _first_match(_PLACES, text):
        return attrs.evolve(
            message, text=text[place.end() :], file=place["file"], line=int(place["line"])
        )
    if not message.program and (found := _PROGRAM.match(text)):
        return attrs.evolve(message, text=text[found.end() :], program=found["program"])
    return message


def _with_late_place(message: LogMessage) -> LogMessage:
    text = _TAIL.sub("", message.text)
    if not message.file and (
        place := next((found for late in _LATE_PLACES if (found := late.search(text))), None)
    ):
        rest = text[: place.start()] or text[place.end() :]
        return attrs.evolve(message, text=rest.strip(), file=place["file"], line=int(place["line"]))
    return attrs.evolve(message, text=text)


def _first_match(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.match(text))), None)
