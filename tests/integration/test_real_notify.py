"""The generated job `notify`, by act, with a real OpenSMTPD: twice at once, and nothing is lost."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from acting import Acted, act
from mailserver import MailServer, roots, text_of
from rig import HELLO_13, PATIENCE, Ended, Person, commit, hello, load
from test_real_generate import bases

BRANCH = "ciforge-state"
TWELVE = "hello/debian-12/default"


def tree_of(folder: Path) -> Path:
    """A checkout that is broken on both releases, with its workflow and a remote."""
    tree = hello(folder / "tree")
    document = load(tree / "ciforge.yml")
    document["repos"]["hello"]["steps"] = {
        "bootstrap": {
            "run": "echo hello.c:1:10: fatal error: event.h: No such file or directory; exit 1"
        }
    }
    document["jobs"] = [TWELVE, HELLO_13]
    document["mail"] = {
        "from": "ci@example.org",
        "routes": [{"job": "*", "to": "team@example.org"}],
    }
    # The installed package is the one under test: nothing is to be installed.
    document["ciforge"] = {"install": "ciforge --version && echo ciforge==0.1.0 is here"}
    (tree / "ciforge.yml").write_text(json.dumps(document))
    done = Person(tree, folder).types("generate")
    assert done.code == 0, done.told
    commit(tree, "Break it")
    subprocess.run(["git", "clone", "--quiet", "--bare", tree, folder / "remote.git"], check=True)
    subprocess.run(["git", "remote", "add", "origin", folder / "remote.git"], cwd=tree, check=True)
    return tree


@pytest.fixture(scope="module")
def acted(
    server: MailServer, hello_run: Ended, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Acted]]:
    """One run for each job, both at once, each on a machine of its own, as it were."""
    folder = tmp_path_factory.mktemp("notify")
    tree = tree_of(folder)

    def one(number: int, job: str) -> Acted:
        copy = folder / f"machine{number}"
        shutil.copytree(tree, copy / "tree", symlinks=True)
        variables = server.variables
        return act(
            copy / "tree", job, dict(bases(hello_run)) | {"CIFORGE_MAIL": variables["CIFORGE_MAIL"]},
            copy, seconds=PATIENCE,
            secrets={"CIFORGE_MAIL_PASSWORD": variables["CIFORGE_MAIL_PASSWORD"]},
            CIFORGE_MAIL_CA=variables["CIFORGE_MAIL_CA"], GITHUB_RUN_ID=str(number),
            GITHUB_API_URL="http://127.0.0.1:1", GITHUB_REPOSITORY="example/hello", CIFORGE_STATE=str(copy / "state"),
            PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        )  # fmt: skip

    with ThreadPoolExecutor(2) as pool:
        return folder, list(pool.map(one, (101, 102), (TWELVE, HELLO_13)))


def test_two_failing_runs_at_once_both_notify(acted: tuple[Path, list[Acted]]) -> None:
    for run in acted[1]:
        assert run.code == 1, run.out
        assert "Failure" in run.ends("gate").values()
        assert "github-10" in run.out  # what `collect` says that it took


def test_jobs_of_two_runs_at_once_are_each_mailed_once(
    acted: tuple[Path, list[Acted]], server: MailServer
) -> None:
    mails = server.mails("team", 2)
    told = "".join(text_of(mail) for mail in mails)
    assert TWELVE in told and HELLO_13 in told
    assert "event.h" in str(mails[0]["Subject"])
    ids = [mail["Message-ID"] for mail in mails]
    assert len(ids) == len(set(ids)) == 2
    assert len(roots(mails)) == 1  # it has spread: the second is a reply


def test_state_branch_has_the_results_of_both_runs(acted: tuple[Path, list[Acted]]) -> None:
    folder = acted[0]
    remote = ["git", "-C", folder / "remote.git"]
    names = subprocess.run(
        [*remote, "ls-tree", "--name-only", BRANCH], capture_output=True, text=True, check=True
    )
    assert names.stdout == "incidents.db\n"
    file = folder / "incidents.db"
    with file.open("wb") as stream:
        subprocess.run([*remote, "show", f"{BRANCH}:incidents.db"], stdout=stream, check=True)
    state = folder / "known" / "hello-portable"
    state.mkdir(parents=True)
    file.replace(state / "incidents.db")
    person = Person(folder / "tree", folder)
    rows = person.types("status", "--json", "--state-dir", state.parent).out.splitlines()
    known = {row["job"]: row["status"] for row in map(json.loads, rows)}
    assert known == {TWELVE: "failed", HELLO_13: "failed"}
    mails = person.types("mail", "list", "--all", "--json", "--state-dir", state.parent).out
    delivered = [
        it["delivery"] for mail in map(json.loads, mails.splitlines()) for it in mail["recipients"]
    ]
    assert delivered == ["sent", "sent"]
