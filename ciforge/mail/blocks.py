"""What a mail says, before it is text or HTML: parts in the order in which they are read."""

import attrs


@attrs.frozen
class Paragraph:
    """One thought; it is wrapped."""

    text: str


@attrs.frozen
class Heading:
    text: str


@attrs.frozen
class Command:
    """What somebody copies into a shell."""

    text: str


@attrs.frozen
class Quote:
    """Lines of a log, as they are; `told` is the one that says why."""

    lines: tuple[str, ...]
    told: str = ""


@attrs.frozen
class Rows:
    """A word, and what there is of it: `broken`, three jobs."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]


@attrs.frozen
class Signature:
    """Who says all this."""

    text: str


Part = Paragraph | Heading | Command | Quote | Rows | Signature
Page = tuple[Part, ...]
