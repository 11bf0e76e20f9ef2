"""Pull requests that `ciforge watch` builds and answers, with GitHub's API on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from upstream import ADDRESS, PROJECT, Upstream

sys.path.append(str(Path(__file__).parents[1] / "ci"))

from pulls_api import PullsApi, serving_pulls

from ciforge.app.watch_child import SECRETS
from ciforge.store.incidents.read_only import present
from ciforge.store.watch_files import read_watch_state

pytestmark = pytest.mark.slow

WATCH = Path(__file__).with_name("fake_watch.py")
HOSTED = "https://github.com/example/portable.git"


@attrs.frozen
class Hosted:
    """A repository on a service with pull requests, and what `ciforge watch` started."""

    upstream: Upstream
    api: PullsApi

    def pull(self, number: int, verdict: str) -> str:
        """Opens or changes a pull request; its commit."""
        self.api.pulls[number] = self.upstream.push(
            f"pull/{number}/head", verdict, onto=self.upstream.tip("heads/main")
        )
        return self.api.pulls[number]

    def watch(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        more = {"GITHUB_API_URL": self.api.address, "FAKE_LOG": str(self.log)} | env
        return subprocess.run(
            [sys.executable, str(WATCH), "watch", "--once", "--json", *words], cwd=self.upstream.folder,
            env=os.environ | self.upstream.variables | more, text=True, capture_output=True, check=False,
        )  # fmt: skip

    @property
    def log(self) -> Path:
        return self.upstream.folder / "log"

    def builds(self) -> list[tuple[list[str], list[str]]]:
        """Arguments and names of variables of each child that ran jobs."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        rows: list[Any] = [json.loads(line) for line in lines]
        return [(words, names) for words, names in rows if words[0] == "run"]


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    upstream = Upstream.create(tmp_path)
    upstream.file.write_text(PROJECT.replace(ADDRESS, HOSTED))
    config = tmp_path / "gitconfig"
    config.write_text(config.read_text().replace(ADDRESS, HOSTED))
    upstream.push("heads/main")
    with serving_pulls(PullsApi()) as api:
        yield Hosted(upstream, api)


def test_pull_request_is_built_without_secrets_and_mail_and_answered_in_one_comment(
    hosted: Hosted,
) -> None:
    assert hosted.watch("--pulls").returncode == 0
    bad = hosted.pull(7, "grp.h")
    mail = f"maildir:{hosted.upstream.folder}/mail"
    secrets = dict.fromkeys(SECRETS, "s3cret") | {"CIFORGE_MAIL": mail}
    red = hosted.watch("--pulls", "--answer", **secrets)
    assert red.returncode == 1, red.stderr
    words, names = hosted.builds()[-1]
    assert "--notify" not in words and "portable=refs/pull/7/head" in words
    assert not {*SECRETS} & {*names}
    assert {*SECRETS} <= {
        name for line in hosted.log.read_text().splitlines()
        for words, names in [json.loads(line)] if words[0] == "notify" for name in names
    }  # fmt: skip
    assert present(hosted.upstream.state, "mine").incidents == {}
    assert list((hosted.upstream.folder / "mail").glob("new/*")) == []
    assert [(commit, body["state"]) for commit, body in hosted.api.statuses] == [(bad, "failure")]
    (comment,) = hosted.api.comments.values()
    assert "grp.h not found" in comment["body"]
    assert "s3cret" not in red.stdout + red.stderr + comment["body"]

    assert hosted.watch("--pulls", "--answer", **secrets).returncode == 0
    assert len(hosted.api.statuses) == len(hosted.api.comments) == 1
    good = hosted.pull(7, "ok")
    assert hosted.watch("--pulls", "--answer", **secrets).returncode == 0
    assert (hosted.api.statuses[-1][0], hosted.api.statuses[-1][1]["state"]) == (good, "success")
    (comment,) = hosted.api.comments.values()
    assert f"**ciforge: passed** at `{good[:12]}`" in comment["body"]


def test_answer_that_the_service_refuses_is_given_by_the_next_start(hosted: Hosted) -> None:
    assert hosted.watch("--pulls").returncode == 0
    hosted.pull(7, "ok")
    hosted.api.writes_allowed = False
    refused = hosted.watch("--pulls", "--answer", GITHUB_TOKEN="s3cret")
    assert "pull request 7 of portable got no answer" in refused.stderr
    assert "the token needs write access to commit statuses" in refused.stderr
    hosted.api.writes_allowed = True
    assert hosted.watch("--pulls", "--answer", GITHUB_TOKEN="s3cret").returncode == 0
    assert len(hosted.api.statuses) == 1
    assert hosted.api.comments == {}, "a pull request that passes needs no comment"
    assert len(read_watch_state(hosted.upstream.state).decisions) == 2


def test_pull_request_on_forgejo_gets_a_status_and_one_comment(tmp_path: Path) -> None:
    upstream, place = Upstream.create(tmp_path), "/api/v1"
    with serving_pulls(PullsApi(prefix=place)) as api:
        address = f"{api.address}/example/portable.git"
        upstream.file.write_text(PROJECT.replace(ADDRESS, address))
        config = tmp_path / "gitconfig"
        config.write_text(config.read_text().replace(ADDRESS, address))
        upstream.push("heads/main")
        hosted = Hosted(upstream, api)
        env = {
            "FORGEJO_SERVER_URL": api.address,
            "FORGEJO_TOKEN": "f0rge",
            "GITHUB_TOKEN": "s3cret",
        }
        assert hosted.watch("--pulls", **env).returncode == 0
        bad = hosted.pull(7, "grp.h")
        red = hosted.watch("--pulls", "--answer", **env)
        assert red.returncode == 1, red.stderr
        assert [(commit, body["state"]) for commit, body in api.statuses] == [(bad, "failure")]
        (comment,) = api.comments.values()
        assert "grp.h not found" in comment["body"]
        good = hosted.pull(7, "ok")
        assert hosted.watch("--pulls", "--answer", **env).returncode == 0
        assert (api.statuses[-1][0], api.statuses[-1][1]["state"]) == (good, "success")
        assert len(api.comments) == 1
        sent = {headers.get("Authorization") for _, _, headers in api.asked}
        assert sent == {"Bearer f0rge"}
        assert not [path for _, path, _ in api.asked if path.endswith("/check-runs")]
