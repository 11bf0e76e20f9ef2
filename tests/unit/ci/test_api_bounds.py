"""Whatever the service answers, reading it ends: in values, or in an error that says what is wrong."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from api import ROOT, Api, archive, artifact, run, serving
from hypothesis import given, settings
from hypothesis import strategies as st

from ciforge.app.patient_service import Pace, PatientService
from ciforge.ci import workflow_dispatch
from ciforge.ci.artifact_files import ArtifactError, of_archive, open_archive
from ciforge.ci.github import http_client
from ciforge.ci.github.api import GitHub
from ciforge.ci.github.http_client import HostedError, check_api
from ciforge.engines.protocol import Stop
from ciforge.errors import UsageError
from tests.tables import each

NAME = "portable/debian-13/default"


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api()) as running:
        yield running


def github(api: Api, token: str = "", pages: Path | None = None) -> GitHub:
    return GitHub(
        "example/portable", token=token, api=api.address, pages=pages, clock=time.monotonic
    )


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"", b"\xff\xfe", b'"text"', b"9" * 10_000,
     b'{"workflow_runs": [{"path": "ciforge.yml", "event": "push", "id": 1e999}]}',
     b'{"workflow_runs": [{"path": "ciforge.yml", "event": "push", "id": Infinity}]}'],
)  # fmt: skip
def test_api_answer_that_is_no_page_is_an_error(api: Api, tmp_path: Path, body: bytes) -> None:
    api.body = body
    with pytest.raises(HostedError):
        list(github(api, pages=tmp_path).runs("2026-11-01"))


def test_api_page_that_is_too_large_is_not_read(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "LARGEST_PAGE", 1000)
    api.body = b" " * 2000
    with pytest.raises(HostedError, match="larger than 1000 bytes"):
        list(github(api).runs("2026-11-01"))


def test_artifact_that_is_larger_than_the_service_says_is_asked_for_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow_dispatch, "LARGEST", 1000)
    api.body = b" " * 2000
    client = http_client.Client(api.address, "", time.monotonic)
    service = PatientService(stop=Stop(), pace=Pace(), on_message=pytest.fail)
    with pytest.raises(ArtifactError, match="larger than 1000 bytes"):
        service.ask(lambda: workflow_dispatch.downloaded(client, f"{api.address}/x", "a", 5))
    assert len(api.asked) == 1


def test_api_answer_that_takes_too_long_is_given_up(api: Api) -> None:
    api.add(1, {})
    ticks = iter(range(0, 1_000_000, 1000))
    slow = GitHub("example/portable", api=api.address, clock=lambda: float(next(ticks)))
    with pytest.raises(HostedError, match="takes longer than 120 s"):
        list(slow.runs("2026-11-01"))


def test_api_pages_in_a_cycle_end(api: Api) -> None:
    api.add(1, {})
    api.link = f'<{api.address}{ROOT}/runs?page=2>; rel="next"'
    with pytest.raises(HostedError, match="more pages than an API lists; stopped"):
        list(github(api).runs("2026-11-01"))
    assert len(api.asked) < 5


@pytest.mark.parametrize(
    "location", ["http://192.0.2.1/x", "ftp://x/y", "file:///etc/passwd", "//", "", "https://[x"]
)
def test_api_redirect_to_another_scheme_or_address_is_not_followed(
    api: Api, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    api.add(1, {NAME: "passed"})
    asking = github(api, token="s3cret")
    (one,) = asking.runs("2026-11-01")
    if location.startswith("http://"):
        monkeypatch.setattr(http_client, "_TIMEOUTS", (0.2, 0.2))
    api.location = location or "gopher://x"
    with pytest.raises(HostedError):
        asking.download(asking.artifacts(one)[0])


def test_api_redirects_in_a_cycle_end(api: Api) -> None:
    api.add(1, {NAME: "passed"})
    asking = github(api)
    (one,) = asking.runs("2026-11-01")
    api.location = f"{api.address}{ROOT}/artifacts/100/zip"
    with pytest.raises(HostedError, match="redirected more than"):
        asking.download(asking.artifacts(one)[0])


def test_netrc_login_is_not_sent_to_the_api(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login me password s3cret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    api.add(1, {NAME: "passed"})
    asking = github(api)
    (one,) = asking.runs("2026-11-01")
    asking.download(asking.artifacts(one)[0]).close()
    assert len(api.asked) >= 4
    assert {headers.get("Authorization") for _, headers in api.asked} == {None}


def test_api_texts_are_sanitized(api: Api) -> None:
    red = "\x1b[31m\x07\u202e"
    api.runs = [
        run(
            1,
            html_url=f"https://github.com/{red}",
            head_branch=f"ma{red}ster\nX: y",
            conclusion=f"fail{red}ure",
        )
    ]
    api.jobs[1] = [{"name": f"gate{red}", "conclusion": f"x{red}", "started_at": red}]
    api.artifacts[1] = [artifact(1, f"a{red}")]
    (one,) = github(api).runs("2026-11-01")
    assert one.page == "https://github.com/"
    assert (one.branch, one.conclusion) == ("master X: y", "failure")
    (job,) = github(api).jobs(one)
    (left,) = github(api).artifacts(one)
    assert (job.name, job.conclusion, job.started, left.name) == ("gate", "x", "", "a")


@each(
    "address",
    [
        "x",
        "http://example.org",
        "https://",
        "https://u:p@example.org",
        "https://a b",
        "ftp://x",
        "https://x\n",
        "https://[",
        "https://x:99999",
        "https://x?y",
    ],
)
def test_invalid_api_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="not the address of an API"):
        check_api(address)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_ENTRY = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("id", "name", "run_attempt", "head_sha", "head_branch", "html_url", "conclusion", "created_at", "size_in_bytes", "expired", "started_at", "updated_at"), _JSON),
)  # fmt: skip


@settings(deadline=None)
@given(entry=_ENTRY)
@pytest.mark.slow
def test_any_entry_of_an_api_list_is_read_or_refused(entry: dict[str, object]) -> None:
    with serving(Api()) as api:
        whole = {"path": "ciforge.yml", "event": "push"} | entry
        api.body = json.dumps(
            {"workflow_runs": [whole], "jobs": [whole], "artifacts": [whole]}
        ).encode()
        asking = github(api)
        try:
            for run in asking.runs("2026-11-01"):
                assert run.id > 0
                assert all(job.name for job in asking.jobs(run))
                assert all(artifact.size >= 0 for artifact in asking.artifacts(run))
        except HostedError as error:
            assert str(error)


@settings(deadline=None)
@given(place=st.integers(0, 2000), junk=st.binary(min_size=1, max_size=12))
def test_any_damaged_archive_is_refused_as_an_artifact(place: int, junk: bytes) -> None:
    data = bytearray(archive(NAME, "failed"))
    place %= len(data)
    data[place : place + len(junk)] = junk
    try:
        with open_archive(io.BytesIO(bytes(data)), "x") as opened:
            assert "result.json" in {piece.name for piece in of_archive(opened, "x")}
    except ArtifactError as error:
        assert str(error).startswith("x: ")


@pytest.mark.slow
def test_archive_with_countless_files_is_not_listed() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packing:
        for number in range(15_000):
            packing.writestr(f"artifacts/{number:0100}", b"")
    with pytest.raises(ArtifactError, match="more files than"):
        open_archive(stream, "x")


def test_archive_with_a_name_twice_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packing, pytest.warns(UserWarning):
        packing.writestr("result.json", b"{}")
        packing.writestr("result.json", b"{}")
    with pytest.raises(ArtifactError, match="twice"):
        of_archive(zipfile.ZipFile(stream), "x")
