"""Lines of a build whose two pipes arrive in pieces, as Docker 20.10 sends them."""

from ciforge.engines.build_output import BuildOutput


def error(text: str) -> str:
    return f"\x1b[91m{text}\x1b[0m"


def test_line_of_standard_error_is_whole_though_output_came_between_its_pieces() -> None:
    lines = BuildOutput()
    pieces = (
        "Reading package lists...\nBuilding dependency tree...", error("E"), "\nReading state",
        error(": "), " information...\n", error("Unable to locate package libfoo-dev\n"),
    )  # fmt: skip
    assert b"".join(map(lines.add, pieces)) + lines.rest() == (
        b"Reading package lists...\nBuilding dependency tree...\n"
        b"Reading state information...\nE: Unable to locate package libfoo-dev\n"
    )


def test_lines_without_an_end_come_last_and_once() -> None:
    lines = BuildOutput()
    assert [lines.add("a\nb"), lines.add(error("c"))] == [b"a\n", b""]
    assert [lines.rest(), lines.rest()] == [b"b\nc\n", b""]
