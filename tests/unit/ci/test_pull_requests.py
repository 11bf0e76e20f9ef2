"""Open pull requests as GitHub lists them, and answers as it takes or refuses them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulls_api import PullsApi, serving_pulls

from ciforge.ci.forgejo.pull_requests import ForgejoPullRequests
from ciforge.ci.github.http_client import HostedError
from ciforge.ci.github.pull_requests import PullRequest, PullRequests
from ciforge.report.pull_answer import AnswerState, PullAnnotation, PullAnswer

A, B = "a" * 40, "b" * 40
MARK = "<!-- ciforge: mine -->"
PLACE = PullAnnotation(path="x.c", line=3, failure=True, title="grp.h not found", text="x.c:3: no")
ANSWER = PullAnswer(
    state=AnswerState.FAILURE, headline="1 failed", comment=f"{MARK}\nbad\n", annotations=(PLACE,)
)


@pytest.fixture
def api() -> Iterator[PullsApi]:
    with serving_pulls(PullsApi(pulls={7: A, 9: B})) as running:
        yield running


def pulls(api: PullsApi, token: str = "s3cret", pages: Path | None = None) -> PullRequests:
    return PullRequests(
        "example/portable", token=token, api=api.address, pages=pages, clock=time.monotonic
    )


def test_open_pull_requests_have_the_number_and_the_commit_that_the_service_names(
    api: PullsApi, tmp_path: Path
) -> None:
    both = [PullRequest(number=7, revision=A), PullRequest(number=9, revision=B)]
    assert pulls(api, pages=tmp_path).open() == both
    assert pulls(api, pages=tmp_path).open() == both
    assert api.unchanged == 1
    api.closed.add(7)
    assert pulls(api, pages=tmp_path).open() == both[1:]
    assert pulls(api).current(7) is None
    assert pulls(api).current(9) == both[1]


@pytest.mark.parametrize("revision", ["", "main", "--upload-pack=x", "a" * 39, "A" * 40])
def test_pull_request_without_a_valid_commit_is_left_out(api: PullsApi, revision: str) -> None:
    api.pulls[7] = revision
    assert [one.number for one in pulls(api).open()] == [9]


def test_next_page_on_another_server_is_refused(api: PullsApi) -> None:
    api.link = '<http://127.0.0.1:1/repos>; rel="next"'
    with pytest.raises(HostedError, match="another server"):
        pulls(api).open()


def test_check_has_the_annotations_where_the_token_may_add_one(api: PullsApi) -> None:
    api.checks_allowed = True
    assert pulls(api).report(A, "ciforge: mine", ANSWER) == "check"
    (check,) = api.checks
    assert (check["head_sha"], check["status"], check["conclusion"]) == (A, "completed", "failure")
    assert check["output"]["title"] == "1 failed"
    assert check["output"]["annotations"] == [
        {"path": "x.c", "start_line": 3, "end_line": 3, "title": "grp.h not found",
         "annotation_level": "failure", "message": "x.c:3: no"}
    ]  # fmt: skip
    assert api.statuses == []


@pytest.mark.parametrize("state", AnswerState)
def test_status_is_set_where_only_an_app_may_add_a_check(api: PullsApi, state: AnswerState) -> None:
    answer = PullAnswer(state=state, headline="1 job", comment="", annotations=())
    assert pulls(api).report(A, "ciforge: mine", answer) == "status"
    body = {"state": state.value, "context": "ciforge: mine", "description": "1 job"}
    assert api.statuses == [(A, body)]


def test_uncertain_result_is_no_green_check(api: PullsApi) -> None:
    api.checks_allowed = True
    answer = PullAnswer(state=AnswerState.UNCERTAIN, headline="", comment="", annotations=())
    pulls(api).report(A, "ciforge: mine", answer)
    assert api.checks[0]["conclusion"] == "failure"


def test_comment_is_written_once_and_then_replaced(api: PullsApi) -> None:
    id_ = pulls(api).comment(7, "first", 0)
    assert pulls(api).comment(7, "second", id_) == id_
    assert [one["body"] for one in api.comments.values()] == ["second"]
    del api.comments[id_]
    assert pulls(api).comment(7, "third", id_) != 0
    assert [one["body"] for one in api.comments.values()] == ["third"]


def test_comment_of_another_person_is_never_taken_for_our_own(api: PullsApi) -> None:
    api.add_comment(7, "stranger", f"{MARK}\nmine!")
    assert pulls(api).own_comment(7, MARK) == 0
    api.add_comment(7, "bot", f"a quote:\n{MARK}")
    assert pulls(api).own_comment(7, MARK) == 0
    own = api.add_comment(7, "bot", f"{MARK}\r\nold")
    assert pulls(api).own_comment(7, MARK) == own
    api.login = ""  # as for the token of a workflow
    assert pulls(api).own_comment(7, MARK) == 0


def test_token_that_may_not_write_is_told_what_it_needs(api: PullsApi) -> None:
    api.writes_allowed = False
    for hint, act in (
        ("write access to commit statuses", lambda: pulls(api).report(A, "x", ANSWER)),
        ("write access to pull requests", lambda: pulls(api).comment(7, "x", 0)),
    ):
        with pytest.raises(HostedError, match="403 Resource not accessible") as refused:
            act()
        assert hint in refused.value.hint


@pytest.mark.parametrize("code", [401, 403, 404])
def test_refusal_of_forgejo_names_the_token_of_forgejo(api: PullsApi, code: int) -> None:
    api.refusal = (code, {}, {"message": "no"})
    forgejo = ForgejoPullRequests("example/portable", api=api.address, clock=time.monotonic)
    with pytest.raises(HostedError) as refused:
        forgejo.open()
    assert "FORGEJO_TOKEN" in refused.value.hint and "GITHUB" not in refused.value.hint


def test_rate_limit_is_reported_with_its_end(api: PullsApi) -> None:
    api.refusal = (403, {"Retry-After": "60"}, {"message": "secondary rate limit"})
    with pytest.raises(HostedError, match="rate limit exceeded") as refused:
        pulls(api).report(A, "x", ANSWER)
    assert refused.value.hint == "again in 60 s"


def test_nothing_is_written_without_a_token_or_after_a_redirect(api: PullsApi) -> None:
    with pytest.raises(HostedError, match="with a token"):
        pulls(api, token="").comment(7, "x", 0)
    assert api.asked == []
    api.refusal = (307, {"Location": "http://127.0.0.1:1/"}, {})
    with pytest.raises(HostedError, match="307"):
        pulls(api).comment(7, "x", 0)
    assert len(api.asked) == 1
