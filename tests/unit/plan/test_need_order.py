"""What is needed comes first, in time that grows with the number of needs."""

from ciforge.plan.need_order import need_order
from tests.tables import each

NEEDS = {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": (), "x": ("y",), "y": ("x",)}


@each(
    ("names", "order"),
    [("a", "dbca"), ("da", "dbca"), ("cb", "dcb"), ("x", "yx"), ("", "")],
)
def test_each_name_stands_behind_what_it_needs_once(names: str, order: str) -> None:
    assert "".join(need_order(names, NEEDS.__getitem__)) == order


def test_dense_and_long_needs_are_looked_at_once() -> None:
    asked: list[int] = []

    def dense(number: int) -> range:
        asked.append(number)
        return range(number)

    assert need_order((60,), dense) == tuple(range(61))
    assert len(asked) == 61
    assert len(need_order((5000,), lambda number: range(max(number - 1, 0), number))) == 5001
