"""The blocks of a mail in reading order, before they become text or HTML."""

import attrs


@attrs.frozen
class Paragraph:
    """Text that is wrapped."""

    text: str


@attrs.frozen
class Heading:
    text: str


@attrs.frozen
class Command:
    """A command line to copy into a shell."""

    text: str


@attrs.frozen
class Quote:
    """Lines of a log, unchanged; `root` is the one that explains the failure."""

    lines: tuple[str, ...]
    root: str = ""


@attrs.frozen
class Rows:
    """A table: a label such as `broken`, and the values for it, one a line."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]


@attrs.frozen
class Signature:
    """The footer."""

    text: str


Part = Paragraph | Heading | Command | Quote | Rows | Signature
Page = tuple[Part, ...]
