"""Any artifact, any answer of a service and any state folder is taken, refused or passed over."""

import io
import json
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fuzzing import DOCUMENTED, ODD_TEXTS, RAW, mutated, spoiled, types
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reports import result as made
from reports import results, run

from ciforge.ci.forgejo.dispatch import ForgejoDispatcher
from ciforge.ci.github.api import HostedJob, HostedRun
from ciforge.ci.github.dispatch import Dispatcher
from ciforge.ci.sourcehut.dispatch import SourcehutBuilds
from ciforge.ci.started_runs import StartsRuns
from ciforge.errors import CiforgeError
from ciforge.store.documents import to_document
from examples import examples

sys.path.insert(0, str(Path(__file__).parents[1] / "ci"))
import api

pytestmark = pytest.mark.slow

PROJECT = """\
project: p
repos: {portable: {recipe: autotools}, other: {recipe: make}}
jobs: [portable/debian, other/debian-13]
mail: {from: ci@example.org, routes: [{job: "*", to: team@example.org}]}
"""
JOB = "portable/debian-13/default"
RESULTS = [
    to_document(made(JOB)), api.result(JOB, "failed"), *map(to_document, results())
]  # fmt: skip
RUNS = [to_document(run())]
LATER = (("status",), ("history",), ("report",), ("notify",), ("clean", "--dry-run"), ("log", JOB))
RUN = "20260101T000000Z-abcdef"


def as_json(samples: list[Any]) -> st.SearchStrategy[bytes]:
    return spoiled(mutated(samples).map(lambda value: json.dumps(value, default=str)))


def here(folder: str) -> Path:
    place = Path(folder)
    (place / "ciforge.yml").write_text(PROJECT)
    return place


@settings(max_examples=examples(40))
@given(data=as_json(RESULTS), second=as_json(RESULTS), later=st.sampled_from(LATER))
def test_any_artifact_is_taken_or_refused(
    data: bytes, second: bytes, later: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = here(folder)
        for name, text in (("one", data), ("two", second)):
            (place / "artifacts" / name).mkdir(parents=True)
            (place / "artifacts" / name / "result.json").write_bytes(text)
            (place / "artifacts" / name / "log.txt").write_bytes(b"--- ciforge: build ---\n" + text)
        assert types("collect", "artifacts", here=place).code in DOCUMENTED
        assert types(*later, here=place, raw=later[0] == "log").code in DOCUMENTED


@settings(max_examples=examples(40))
@given(
    record=as_json(RUNS), result=as_json(RESULTS), diagnosis=as_json(RUNS + RESULTS),
    words=st.sampled_from([*LATER, ("history", "--rebuild"), ("report", "--markdown", "--html", "r")]),
)  # fmt: skip
def test_any_state_folder_is_read_or_refused(
    record: bytes, result: bytes, diagnosis: bytes, words: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = here(folder)
        kept = place / ".home" / "ciforge" / "p" / "runs" / RUN
        (kept / JOB.replace("/", ",")).mkdir(parents=True)
        (kept / "run.json").write_bytes(record.replace(run().id.encode(), RUN.encode()))
        (kept / "diagnosis.json").write_bytes(diagnosis)
        (kept / JOB.replace("/", ",") / "result.json").write_bytes(result)
        (kept / JOB.replace("/", ",") / "log.txt").write_bytes(diagnosis)
        assert types(*words, here=place, raw=words[0] == "log").code in DOCUMENTED
        assert types("status", here=place).code in DOCUMENTED


class Service:
    """Answers by the end of the address, whatever is asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0].rpartition("/")[2]
                body = outer.answers.get(path, b"{}")
                self.send_response(200)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    running = Service()
    thread = threading.Thread(target=running.server.serve_forever, daemon=True)
    thread.start()
    yield running
    running.server.shutdown()
    running.server.server_close()
    thread.join()


def packed(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
        archive.writestr("log.txt", b"--- ciforge: build ---\n" + data)
    return file.getvalue()


ARTIFACTS = {"artifacts": [api.artifact(11, JOB.replace("/", ","))]}
JOBS = {"jobs": [api.job(JOB, "failure"), api.job("portable/debian-12/default", "success")]}
WORKFLOWS = {"workflow_runs": [api.run(2, conclusion="failure"), api.run(1)]}


@settings(max_examples=examples(40))
@given(
    workflows=as_json([WORKFLOWS]), jobs=as_json([JOBS]), artifacts=as_json([ARTIFACTS]),
    result=as_json(RESULTS), damage=st.sampled_from([0, 0, 0, 1, 20]),
    name=st.sampled_from(["result.json", "result.json", "../result.json", "/result.json"]),
    link=st.sampled_from(["", "", "<x>; rel=next", "<http://[>; rel=next", "<http://127.0.0.1/>; rel=next"]),
    later=st.sampled_from(LATER),
)  # fmt: skip
def test_any_api_answer_is_imported_or_refused(
    service: Service, workflows: bytes, jobs: bytes, artifacts: bytes, result: bytes,
    damage: int, name: str, link: str, later: tuple[str, ...],
) -> None:  # fmt: skip
    archive = packed(name, result)
    service.answers = {
        "runs": workflows, "jobs": jobs, "artifacts": artifacts,
        "zip": archive[: len(archive) - damage],
    }  # fmt: skip
    service.headers = {"Link": link} if link else {}
    with tempfile.TemporaryDirectory() as folder:
        place = here(folder)
        words = ("collect", "github:example/portable", "--since", "2026-11-01")
        assert types(*words, here=place, GITHUB_API_URL=service.address).code in DOCUMENTED
        assert types(*later, here=place, raw=later[0] == "log").code in DOCUMENTED


FORGEJO_RUN = {
    "id": 1, "prettyref": "x", "commit_sha": "1" * 40, "workflow_id": "ciforge.yml", "status": "success",
}  # fmt: skip
STARTED = [
    WORKFLOWS, JOBS, ARTIFACTS, api.run(1), {"workflow_runs": [FORGEJO_RUN]}, FORGEJO_RUN,
    {"default_branch": "main", "permissions": {"push": True}}, {"state": "active"},
    [{"annotation_level": "failure", "message": "lost"}], [{"name": JOB, "status": "running"}],
    [{"id": 1, "name": JOB, "size_in_bytes": 1, "created_at": "2026-11-20T10:00:00Z"}],
]  # fmt: skip
"""Answers about runs that were started by hand, of GitHub and of Forgejo."""
STARTED_RUN = HostedRun(id=1, attempt=1, branch="x", revision="1" * 40, event="", started="", ended="",
                conclusion="", page="")  # fmt: skip


@settings(max_examples=examples(40))
@given(answer=as_json(STARTED))
def test_any_answer_about_a_started_run_is_read_or_refused(service: Service, answer: bytes) -> None:
    names = ("portable", "ciforge.yml", "runs", "1", "jobs", "artifacts", "annotations", "query")
    service.answers, service.headers = dict.fromkeys(names, answer), {}
    dispatchers: tuple[StartsRuns, ...] = (
        Dispatcher("example/portable", api=service.address, clock=time.monotonic),
        ForgejoDispatcher("example/portable", api=service.address, token="", clock=time.monotonic),
        SourcehutBuilds({}, api=service.address, token="", clock=time.monotonic),
    )
    job = HostedJob(name=JOB, conclusion="failure", started="", id=1)
    for one in dispatchers:
        requests: tuple[Callable[[], object], ...] = (
            partial(one.require, ["ciforge.yml"]), partial(one.runs_on, "x"), partial(one.run, 1),
            partial(one.jobs, STARTED_RUN), partial(one.artifacts, STARTED_RUN), partial(one.remark, job),
        )  # fmt: skip
        for request in requests:
            try:
                said = f"{request()}"
            except CiforgeError as error:
                said = f"{error} {error.hint}"
            assert not RAW.search(said)


def printable(text: str) -> bool:
    return "\0" not in text and "\ud800" not in text


VALUES = st.sampled_from([text for text in ODD_TEXTS if printable(text)]) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8
)
RUNNER = (
    "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_REF_NAME", "GITHUB_SHA", "GITHUB_TOKEN", "GH_TOKEN",
    "GITHUB_API_URL", "CIFORGE_GITHUB_TOKEN_FILE", "CIFORGE_STATE", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
    "COLUMNS", "LINES", "TERM", "NO_COLOR", "LANG", "LC_ALL", "DOCKER_HOST", "HOME",
    "CIFORGE_MAIL", "CIFORGE_MAIL_CA", "CIFORGE_MAIL_PASSWORD_FILE", "CIFORGE_BASE_DEBIAN_13", "TMPDIR",
)  # fmt: skip


@example(variables={"GITHUB_RUN_ID": "²"}, words=("collect", "artifacts"))
@settings(max_examples=examples(60))
@given(
    variables=st.dictionaries(st.sampled_from(RUNNER), VALUES, max_size=4),
    words=st.sampled_from([
        ("collect", "artifacts"), ("collect", "artifacts", "--jobs", "outputs"), ("report", "--github"),
        ("run", "debian-13"), ("notify",), ("status",), ("mail", "test", "a@example.org"), ("doctor",),
    ]),
)  # fmt: skip
def test_any_process_environment_is_read_or_refused(
    variables: dict[str, str], words: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = here(folder)
        (place / "artifacts").mkdir()
        (place / "artifacts" / "result.json").write_text(json.dumps(RESULTS[1]))
        (place / "outputs").write_text(json.dumps({"a": json.dumps([{"job": JOB}])}))
        around = {"GITHUB_API_URL": "http://127.0.0.1:1"} | variables
        assert types(*words, here=place, **around).code in DOCUMENTED
