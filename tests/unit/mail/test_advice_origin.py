"""A mail says where its advice comes from: nobody takes what a manual says for what was tried."""

import pytest

from ciforge.mail.compose import compose
from ciforge.model.cause import Cause
from ciforge.model.finding import Basis, Finding, FindingKind
from ciforge.model.incident import BranchRef, Incident, Routing, Transition, TransitionKind
from ciforge.model.message import Notice
from ciforge.model.project import Mail

MAIL = Mail(sender="ci@example.org", reply_to="team@example.org")
JOB = "r/d-1/default"


def text_of(basis: Basis) -> str:
    """The mail about a new cause whose advice has this origin, without line ends."""
    finding = Finding(
        kind=FindingKind.OTHER, subject="frob", root_line="frob: no", advice="Do this.", basis=basis
    )
    cause = Cause(key="K", kind=finding.kind, title="frob", findings={JOB: finding})
    incident = Incident(
        id="0123456789abcdef", project="p", branch_ref=BranchRef(repo="r", branch="main"), key="K",
        cause=cause, broken=(JOB,), jobs=(JOB,),
    )  # fmt: skip
    turn = Transition(kind=TransitionKind.BROKEN, routing=Routing.ROOT, incident=incident)
    notice = Notice(id="0" * 24, project="p", at=2e9, change=turn, cause=cause, broken=(JOB,))
    return " ".join(compose(notice, MAIL, ("team@example.org",), None).text.split())


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        (Basis.MANUAL, "Do this. This is taken from manuals; it was not tried."),
        (Basis.ASKED, "Do this. This was looked up on the job's machine, not tried."),
    ],
)
def test_mail_says_where_its_advice_comes_from(basis: Basis, words: str) -> None:
    assert words in text_of(basis)


def test_mail_marks_no_advice_that_a_test_follows() -> None:
    assert "Do this. " in text_of(Basis.DEDUCED)
    assert "manual" not in text_of(Basis.DEDUCED)
