"""What a page shows of a log: its ends, its steps, what is around findings; always in bounds."""

import tracemalloc
from pathlib import Path

import pytest

from ciforge.report.log_view import AROUND, Gap, LogLine, view


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.txt"
    lines = [b"line %d" % number for number in range(1, 10001)]
    lines[4999] = b"--- ciforge: build ---"
    lines[5999] = b"--- ciforge: build ---"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


def spans(parts: tuple[LogLine | Gap, ...]) -> list[tuple[int, int]]:
    """First and last number of each run of lines without a gap."""
    found: list[list[int]] = []
    for part in parts:
        if isinstance(part, LogLine):
            if found and found[-1][1] == part.number - 1:
                found[-1][1] = part.number
            else:
                found.append([part.number, part.number])
    return [(first, last) for first, last in found]


def test_log_view_of_a_short_log_is_complete(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\nb\n\nc")
    shown = view(tmp_path / "log")
    assert shown.whole
    assert [part.text for part in shown.parts if isinstance(part, LogLine)] == ["a", "b", "", "c"]


def test_log_view_of_an_empty_log_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")
    assert view(tmp_path / "log").parts == ()


def test_log_view_shows_both_ends_of_a_long_log(log: Path) -> None:
    shown = view(log, head=10, tail=20)
    assert spans(shown.parts) == [(1, 10), (9981, 10000)]
    assert (shown.total, shown.whole) == (10000, False)


def test_log_view_shows_lines_around_findings(log: Path) -> None:
    shown = view(log, [3000], head=1, tail=1)
    assert spans(shown.parts) == [(1, 1), (3000 - AROUND, 3000 + AROUND), (10000, 10000)]


def test_log_view_shows_the_start_of_each_step_once(log: Path) -> None:
    shown = view(log, steps=["build", "install"], head=1, tail=1)
    assert spans(shown.parts) == [(1, 1), (5000, 5000), (10000, 10000)]
    assert [part.step for part in shown.parts if isinstance(part, LogLine)] == ["", "build", ""]


def test_log_view_gaps_and_lines_cover_the_whole_log(log: Path) -> None:
    shown = view(log, [17, 4000, 9999, 123456], ["build"], head=10, tail=10)
    at = 1
    for part in shown.parts:
        if isinstance(part, Gap):
            assert part.first == at
            at = part.last + 1
        else:
            assert part.number == at
            at += 1
    assert at == shown.total + 1


def test_log_view_shows_the_first_of_many_findings(log: Path) -> None:
    shown = view(log, range(1, 10001, 2), head=1, tail=1)
    assert len(shown.parts) < 300


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [b"x" * 20_000_000, b"x" * 10_000_000 + b"\n" + b"y" * 10_000_000, b"\0\n" * 300_000],
    ids=["one line", "two lines", "short lines"],
)
def test_log_view_memory_does_not_depend_on_the_log(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "log").write_bytes(data)
    tracemalloc.start()
    view(tmp_path / "log", range(1, 100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_log_view_counts_a_long_line_once(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 1_000_000 + b"\nafter\n")
    shown = view(tmp_path / "log")
    assert [part.number for part in shown.parts if isinstance(part, LogLine)] == [1, 2]
    assert shown.parts[1] == LogLine(2, "after")
