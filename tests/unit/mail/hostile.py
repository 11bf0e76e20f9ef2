"""What a stranger may write into a commit, a branch or a log, and mails that are full of it."""

from collections.abc import Callable

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ciforge.model.cause import Cause
from ciforge.model.change import Commit, PackageChange
from ciforge.model.finding import Finding, FindingKind
from ciforge.model.incident import (
    BranchRef,
    Incident,
    Range,
    Routing,
    RunRef,
    Transition,
    TransitionKind,
)
from ciforge.model.message import Notice

PIECES = st.sampled_from(
    ["\r\n", "\n", "\r", "\0", "\x1b[31m", "=?utf-8?Q?=0A?=", "=?utf-8?B?Cg==?=", "Bcc: evil@x.org",
     "\u202e", "\u2028", "\udcff", "ä" * 40, "x" * 1200, ".", "\n.\n", "From ", "=?", "?=", " ", "\t"]
)  # fmt: skip
HOSTILE = st.lists(PIECES | st.text(max_size=20), max_size=8).map("".join)
BYTES = st.binary(min_size=1, max_size=60).map(lambda data: data.decode("utf-8", "surrogateescape"))
"""Of a log or of git, which need not be UTF-8."""
LONG = st.sampled_from(
    ["y", "=?utf-8?Q?=0A?=", "\r\nBcc: x@x.org", "\x1b]0;", "é\u202e", "\udcff "]
).map(lambda piece: piece * (100_000 // len(piece)))
"""A line of 100 KB."""
STRINGS = 40
"""In each of NOTICES; none of them is empty."""
_TURNS = (
    TransitionKind.BROKEN,
    TransitionKind.STILL_BROKEN,
    TransitionKind.SPREAD,
    TransitionKind.RETURNED,
    TransitionKind.FIXED,
    TransitionKind.FLAKY,
)


def _is_something(text: str) -> bool:
    return text != ""


_STRING = HOSTILE.filter(_is_something) | BYTES
NOTICES = st.builds(
    lambda strings, long, place, turn: notice(
        [*strings[:place], long or strings[place], *strings[place + 1 :]], turn
    ),
    st.lists(_STRING, min_size=STRINGS, max_size=STRINGS),
    st.none() | st.none() | st.none() | LONG,
    st.integers(0, STRINGS - 1),
    st.sampled_from(_TURNS),
)


def notice(strings: list[str], turn: TransitionKind) -> Notice:
    """A mail that has each of the strings where a stranger's text may stand."""
    taken = iter(strings)
    take: Callable[[], str] = lambda: next(taken)  # noqa: E731 - it takes as it is called
    commits = tuple(
        Commit(revision="a" * 40, subject=take(), author=take(), address="a@example.org")
        for _ in range(8)
    )
    finding = Finding(
        kind=FindingKind.OTHER, root_line=take(), advice=take(), step=take(),
        excerpt=tuple(take() for _ in range(8)),
    )  # fmt: skip
    cause = Cause(
        key="K",
        kind=FindingKind.OTHER,
        title=take(),
        shared=take(),
        findings={"r/d-1/default": finding},
    )
    incident = Incident(
        id="0123456789abcdef", project="p", branch_ref=BranchRef(repo="r", branch=take()), key="K",
        cause=cause, broken=("r/d-1/default",), jobs=("r/d-1/default",),
    )  # fmt: skip
    between = Range(
        before=RunRef(run="one", at=1e9, revision="a" * 40),
        after=RunRef(run="two", at=2e9, revision="b" * 40), commits=commits,
        packages=(PackageChange(name=take(), before=take(), after="1"),), packages_of="r/d-1/default",
    )  # fmt: skip
    way = (
        Routing.ROOT
        if turn in (TransitionKind.BROKEN, TransitionKind.RETURNED, TransitionKind.FLAKY)
        else Routing.REPLY
    )
    made = Notice(
        id="0" * 24, project="p", at=2e9, change=Transition(kind=turn, routing=way, incident=incident),
        cause=cause, range=between, broken=incident.broken, repeat="ciforge run r/d-1/default",
        trouble=take(), remarks=tuple(take() for _ in range(3)),
        undelivered=tuple(take() for _ in range(4)),
    )  # fmt: skip
    assert next(taken, None) is None, "a string stands nowhere"
    return made


def same_notices(many: int) -> list[Notice]:
    """So many, the same in every run, each with an id of its own."""
    found: list[Notice] = []

    @settings(
        max_examples=many, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(NOTICES)
    def gather(one: Notice) -> None:
        found.append(attrs.evolve(one, id=f"{len(found):024x}"))

    gather()
    return found
