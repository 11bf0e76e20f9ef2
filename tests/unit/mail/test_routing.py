"""Who hears of a change: authors who heard that something broke also hear that it works again."""

from ciforge.mail.compose import compose, thread_of
from ciforge.mail.routing import recipients
from ciforge.model.change import Commit
from ciforge.model.incident import (
    BranchRef,
    Incident,
    Range,
    Routing,
    RunRef,
    Transition,
    TransitionKind,
)
from ciforge.model.message import Notice, Thread
from ciforge.model.project import Mail, Route

JOB = "r/d-1/default"
ROUTES = (
    Route(job="*", to=("porters@example.org",), when=("spread",)),
    Route(job="*", to=("team@example.org", "authors")),
)
MAIL = Mail(sender="ci@example.org", routes=ROUTES)


def notice(kind: TransitionKind) -> Notice:
    incident = Incident(
        id="0123456789abcdef", project="p", branch_ref=BranchRef(repo="r", branch="main"), key="K",
        broken=(JOB,), jobs=(JOB,),
    )  # fmt: skip
    routing = Routing.ROOT if kind is TransitionKind.BROKEN else Routing.REPLY
    between = Range(
        before=RunRef(run="one"),
        after=RunRef(run="two"),
        commits=(Commit(revision="a" * 40, subject="x", address="ann@example.org"),),
    )
    return Notice(
        id="0" * 24, project="p", at=2e9, broken=(JOB,), range=between, blame=True,
        change=Transition(kind=kind, routing=routing, incident=incident),
    )  # fmt: skip


def heard(kind: TransitionKind, thread: Thread | None = None) -> tuple[str, ...]:
    return recipients(notice(kind), MAIL, lambda *_: True, thread.to if thread else ())


def test_authors_of_a_thread_hear_its_end_and_other_routes_do_not() -> None:
    to = heard(TransitionKind.BROKEN)
    assert to == ("team@example.org", "ann@example.org")
    thread: Thread | None = None
    for kind in (TransitionKind.BROKEN, TransitionKind.SPREAD):
        one = notice(kind)
        message = compose(one, MAIL, heard(kind, thread), thread)
        thread = thread_of(message, thread, "subject")
    assert thread is not None
    assert "porters@example.org" in thread.to
    assert heard(TransitionKind.FIXED, thread) == to


def test_authors_of_the_fix_are_not_mailed() -> None:
    assert heard(TransitionKind.FIXED) == ("team@example.org",)


def test_address_in_a_mailto_link_is_quoted() -> None:
    mail = Mail(sender="a%b+c@example.org", routes=ROUTES)
    message = compose(notice(TransitionKind.BROKEN), mail, ("team@example.org",), None)
    link = dict(message.headers)["List-Unsubscribe"]
    assert link == "<mailto:a%25b+c@example.org?subject=unsubscribe>"
