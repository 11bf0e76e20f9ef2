"""Whole lines of what a build of an image prints, whose two pipes arrive in pieces."""

from ciforge.sanitize import LineSplitter, without_colours

_ERROR = "[91m"
"""After an escape character, what the daemon writes before a piece of standard error."""


class BuildOutput:
    """Joins the pieces of each pipe to lines.

    A program writes a line in several pieces, and the daemon sends each piece as it comes: apt's
    `E`, `: ` and the sentence, with a piece of standard output between them.
    """

    def __init__(self) -> None:
        self._pipes = {False: LineSplitter(), True: LineSplitter()}

    def add(self, piece: str) -> bytes:
        """Returns the lines that this piece of either pipe completes."""
        data = without_colours(piece).encode(errors="replace")
        return b"".join(self._pipes[piece[1:].startswith(_ERROR)].feed(data))

    def rest(self) -> bytes:
        """Returns the last line of each pipe, if it has no end."""
        lines = [line for pipe in self._pipes.values() for line in pipe.flush()]
        return b"".join(line + b"\n" for line in lines)
