"""GitHub's answers, as they are documented, to values; what it refuses is said with the next step."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api import Api, artifact, packed, run, serving

from ciforge.ci.artifact_files import ArtifactError
from ciforge.ci.github.api import GitHub, HostedError


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api()) as running:
        yield running


def github(api: Api, token: str = "", pages: Path | None = None) -> GitHub:
    return GitHub(
        "example/portable", token=token, api=api.address, pages=pages, clock=time.monotonic
    )


def test_github_api_lists_ended_runs_over_all_pages(api: Api) -> None:
    api.page = 2
    for number in range(1, 6):
        api.add(number, {})
    assert [one.id for one in github(api).runs("2026-11-01")] == [5, 4, 3, 2, 1]
    asked = api.asked[0][0]
    assert "status=completed" in asked and "created=%3E%3D2026-11-01" in asked


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({"event": "push"}, True),
        ({"event": "schedule"}, True),
        ({"event": "workflow_dispatch"}, True),
        ({"event": "pull_request"}, False),
        ({"event": "pull_request_target"}, False),
        ({"path": ".github/workflows/ciforge.2.yml"}, True),
        ({"path": ".github/workflows/ciforge-debian.yml@refs/heads/master"}, True),
        ({"path": ".github/workflows/lint.yml"}, False),
    ],
)
def test_github_api_counts_only_workflows_of_ciforge_and_events_of_the_branch(
    api: Api, more: dict[str, str], taken: bool
) -> None:
    api.runs = [run(1, **more)]
    assert bool(list(github(api).runs("2026-11-01"))) is taken


def test_github_api_page_without_a_change_costs_no_quota(api: Api, tmp_path: Path) -> None:
    api.add(1, {})
    first = list(github(api, pages=tmp_path).runs("2026-11-01"))
    assert list(github(api, pages=tmp_path).runs("2026-11-01")) == first
    assert api.unchanged == 1
    (tmp_path / "github-pages.json").write_text("damaged")
    assert list(github(api, pages=tmp_path).runs("2026-11-01")) == first
    assert api.unchanged == 1


def test_github_api_jobs_have_conclusion_and_failed_step(api: Api) -> None:
    api.add(1, {"portable/debian-13/default": "failed", "portable/debian-12/default": None})
    api.jobs[1].append({"name": "gate", "conclusion": None, "started_at": None})
    called = {"name": "schedule / portable/alpine-3.24/default", "conclusion": "success", "started_at": None}  # fmt: skip
    api.jobs[1].append(called)
    (one,) = github(api).runs("2026-11-01")
    found = {job.name: job.conclusion for job in github(api).jobs(one)}
    assert found == {
        "portable/debian-13/default": "failure", "portable/debian-12/default": "cancelled", "gate": "",
        "portable/alpine-3.24/default": "success",
    }  # fmt: skip


def test_github_api_lists_artifacts_of_all_attempts(api: Api) -> None:
    api.add(1, {})
    api.artifacts[1] = [
        artifact(1, "a", created_at="2026-11-20T10:00:00Z"),
        artifact(2, "a", created_at="2026-11-20T11:00:00Z"),
    ]
    (one,) = github(api).runs("2026-11-01")
    assert [found.id for found in github(api).artifacts(one)] == [1, 2]


def test_github_token_is_sent_to_the_api_and_not_to_the_archive_host(api: Api) -> None:
    api.add(1, {"portable/debian-13/default": "passed"})
    asking = github(api, token="s3cret")
    (one,) = asking.runs("2026-11-01")
    with asking.download(asking.artifacts(one)[0]) as archive:
        assert "result.json" in archive.namelist()
    front = [headers for path, headers in api.asked if path.startswith("/repos/")]
    back = [headers for path, headers in api.asked if not path.startswith("/repos/")]
    assert {headers.get("Authorization") for headers in front} == {"Bearer s3cret"}
    assert [headers.get("Authorization") for headers in back] == [None]


def test_damaged_archive_is_refused_as_an_artifact(api: Api) -> None:
    api.add(1, {"portable/debian-13/default": "passed"})
    api.archives[100] = packed({"x": b"y"})[:-9]
    (one,) = github(api).runs("2026-11-01")
    with pytest.raises(ArtifactError, match="damaged"):
        github(api).download(github(api).artifacts(one)[0])


@pytest.mark.parametrize(
    ("code", "headers", "document", "said", "hint"),
    [
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000000"},
         {"message": "API rate limit exceeded"}, "rate limit exceeded: API rate limit", "after 22:13:20"),
        (429, {"Retry-After": "60"}, {"message": "slow down"}, "rate limit exceeded", "again in 60 s"),
        (401, {}, {"message": "Bad credentials"}, "the token is not accepted", "GITHUB_TOKEN"),
        (404, {}, {"message": "Not Found"}, "404 Not Found", "a private repository needs a token"),
        (403, {}, {"message": "Resource not accessible"}, "403 Resource", "GITHUB_TOKEN"),
        (502, {}, "no object", "502", ""),
    ],
)  # fmt: skip
def test_github_api_refusal_is_reported(
    api: Api, code: int, headers: dict[str, str], document: Any, said: str, hint: str
) -> None:
    api.refusal = (code, headers, document)
    with pytest.raises(HostedError, match=said) as caught:
        list(github(api, token="s3cret").runs("2026-11-01"))
    assert hint in caught.value.hint
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("document", [[], {"workflow_runs": 3}, {}, {"workflow_runs": [{"id": "x", "event": "push", "path": "ciforge.yml"}]}])  # fmt: skip
def test_github_api_answer_of_another_form_is_reported(api: Api, document: object) -> None:
    api.refusal = (200, {}, document)
    with pytest.raises(HostedError):
        list(github(api).runs("2026-11-01"))


def test_github_api_without_a_connection_is_reported() -> None:
    with pytest.raises(HostedError, match="refused"):
        list(
            GitHub("example/portable", api="http://127.0.0.1:1", clock=time.monotonic).runs(
                "2026-11-01"
            )
        )


def test_github_api_next_page_on_another_host_is_not_followed(api: Api) -> None:
    api.refusal = (200, {"Link": '<http://evil.example/x>; rel="next"'}, {"workflow_runs": []})
    with pytest.raises(HostedError, match="on another server"):
        list(github(api).runs("2026-11-01"))
