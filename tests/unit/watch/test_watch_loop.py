"""One round of a watch over a real repository; only the children are made up."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
import pytest
from upstream import ADDRESS, PROJECT, Upstream

sys.path.append(str(Path(__file__).parents[1] / "ci"))

from pulls_api import PullsApi, serving_pulls

from ciforge.app.watch_child import ChildEnd, Stopper
from ciforge.app.watch_loop import Watcher
from ciforge.app.watch_options import WatchOptions
from ciforge.app.watch_project import WatchedProject
from ciforge.app.watch_pulls import WatchedPulls
from ciforge.file_lock import locked
from ciforge.model.watch_state import WatchState
from ciforge.sources.remote_refs import remote_refs
from ciforge.store.watch_files import read_watch_state, watch_folder, write_watch_state
from ciforge.watch.watch_queue import next_waiting, with_refs, with_result, with_start

pytestmark = pytest.mark.slow

HOSTED = "https://github.com/example/portable.git"
A, B = "a" * 40, "b" * 40


@attrs.define
class Rounds:
    """Starts a watch for one round at a time, and notes what it would start."""

    upstream: Upstream
    now: float = 1_793_491_200.0
    started: list[list[str]] = attrs.field(factory=list)
    code: int = 3

    def watch(
        self,
        before: Callable[[], None] = lambda: None,
        stop: Stopper | None = None,
        *,
        pulls: bool = False,
    ) -> int:
        """One round; `before` happens when the project file was read."""
        watcher = self.watcher(stop, pulls=pulls)
        before()
        return watcher.run()

    def watcher(self, stop: Stopper | None = None, *, pulls: bool = False) -> Watcher:
        options = WatchOptions(once=True, file=self.upstream.file, pulls=pulls, answer=pulls)
        project = WatchedProject(self.upstream.file, ())

        def emit(_before: WatchState, _after: WatchState) -> None:
            return

        return Watcher(
            options, project, stop or Stopper(), emit, clock=lambda: self.now, start=self._child
        )

    def _child(self, words: Sequence[str], _stop: Stopper, _lock: int, _trusted: bool) -> ChildEnd:
        self.started.append([*words])
        return ChildEnd(code=0 if words[0] == "notify" else self.code, seconds=1.0)

    @property
    def revisions(self) -> list[str]:
        return [words[words.index("--rev") + 1] for words in self.started if words[0] == "run"]


@pytest.fixture
def rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    upstream = Upstream.create(tmp_path)
    for name, value in upstream.variables.items():
        monkeypatch.setenv(name, value)
    upstream.push("heads/main")
    return Rounds(upstream)


def test_nothing_is_built_while_the_project_file_has_a_mistake(
    rounds: Rounds, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds.watch(lambda: _append(rounds.upstream.file, "\nproject: twice\n"))
    assert rounds.revisions == []
    assert "nothing is built until the project file is corrected" in capsys.readouterr().err
    rounds.upstream.file.write_text(PROJECT)
    rounds.watch()
    assert rounds.revisions == ["portable=refs/heads/main"]


def test_branch_that_does_not_exist_is_reported_once_until_it_does(
    rounds: Rounds, capsys: pytest.CaptureFixture[str]
) -> None:
    file = rounds.upstream.file
    file.write_text(file.read_text().replace("[main, stable]", "[main, mian]"))
    assert "mian" in file.read_text()
    watcher = rounds.watcher()
    for _ in range(2):
        watcher._poll()
        rounds.now += 400
    assert capsys.readouterr().err.count("portable has no branch mian: it is built once") == 1
    rounds.upstream.push("heads/mian")
    watcher._poll()
    assert read_watch_state(rounds.upstream.state).tips["portable"].keys() >= {"heads/mian"}


def test_mistake_that_another_file_brings_and_repairs_is_reported_once(
    rounds: Rounds, capsys: pytest.CaptureFixture[str]
) -> None:
    project, folder = WatchedProject(rounds.upstream.file, ()), rounds.upstream.folder / "distros"
    folder.mkdir()
    (folder / "own.yml").write_text("distribution: []\n")
    for _ in range(2):
        project.read_again()
        assert not project.usable
    assert capsys.readouterr().err.count("nothing is built until") == 1
    (folder / "own.yml").unlink()
    project.read_again()
    assert project.usable


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def test_build_is_started_with_the_jobs_of_the_repository_and_with_mail(rounds: Rounds) -> None:
    rounds.watch()
    upstream = rounds.upstream
    assert rounds.started == [
        ["notify", "--file", str(upstream.file), "--state-dir", str(upstream.folder / "state")],
        ["run", "--notify", "--rev", "portable=refs/heads/main", "--file", str(upstream.file),
         "--state-dir", str(upstream.folder / "state"), "--", "portable/*/*"],
    ]  # fmt: skip


def test_engine_that_fails_is_tried_again_after_a_minute(rounds: Rounds) -> None:
    assert rounds.watch() == 3
    rounds.now += 50
    rounds.watch()
    assert len(rounds.revisions) == 1
    rounds.now += 20
    rounds.watch()
    assert len(rounds.revisions) == 2
    (waiting,) = read_watch_state(rounds.upstream.state).waiting
    assert waiting.attempts == 2


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)]
)
def test_signal_ends_a_watch_that_waits_for_the_build_of_an_earlier_one(
    rounds: Rounds, number: int, code: int
) -> None:
    stop = Stopper(signal=number)
    stop.event.set()
    with locked(watch_folder(rounds.upstream.state) / "build.lock"):
        assert stop.exit_code(rounds.watch(stop=stop)) == code
    assert rounds.started == []


@pytest.fixture
def api(rounds: Rounds, monkeypatch: pytest.MonkeyPatch) -> Iterator[PullsApi]:
    rounds.upstream.file.write_text(PROJECT.replace(ADDRESS, HOSTED))
    config = rounds.upstream.folder / "gitconfig"
    config.write_text(config.read_text().replace(ADDRESS, HOSTED))
    with serving_pulls(PullsApi()) as running:
        monkeypatch.setenv("GITHUB_API_URL", running.address)
        yield running


def test_branches_are_built_while_the_service_does_not_list_pull_requests(
    rounds: Rounds, api: PullsApi
) -> None:
    known = {"heads/main": A, "pull/7/head": A}
    write_watch_state(rounds.upstream.state, with_refs(WatchState(), "portable", known, rounds.now))
    api.refusal = (502, {}, {"message": "bad gateway"})
    rounds.watch(pulls=True)
    assert rounds.revisions == ["portable=refs/heads/main"]
    assert read_watch_state(rounds.upstream.state).tips["portable"]["pull/7/head"] == A
    api.refusal = None
    rounds.watch(pulls=True)
    assert "pull/7/head" not in read_watch_state(rounds.upstream.state).tips["portable"]


def test_watch_once_that_cannot_list_pull_requests_exits_3(rounds: Rounds, api: PullsApi) -> None:
    tips = remote_refs(HOSTED, ["main", "stable"], tags=True)
    watched = with_refs(WatchState(), "portable", tips, rounds.now)
    while one := next_waiting(watched, rounds.now):
        started = with_start(watched, one, 0, rounds.now)
        watched = with_result(started, one.commit, "built", 0, rounds.now, 1.0)
    write_watch_state(rounds.upstream.state, watched)
    assert rounds.watch(pulls=True) == 0
    api.refusal = (502, {}, {"message": "bad gateway"})
    assert rounds.watch(pulls=True) == 3
    assert rounds.revisions == []


def test_repository_on_another_server_is_built_without_its_pull_requests(
    rounds: Rounds, api: PullsApi
) -> None:
    _append(
        rounds.upstream.folder / "gitconfig",
        f'[url "{rounds.upstream.place}"]\n insteadOf = {ADDRESS}\n',
    )
    other = f'  other: {{git: "{ADDRESS}", branches: [main], recipe: make}}\njobs: [other/debian-13/default, '
    file = rounds.upstream.file
    file.write_text(file.read_text().replace("jobs: [", other))
    assert rounds.watch(pulls=True) == 3
    assert sorted(rounds.revisions) == ["other=refs/heads/main", "portable=refs/heads/main"]
    assert {path for _, path, _ in api.asked} == {
        "/repos/example/portable/pulls?state=open&per_page=100"
    }


def test_run_that_cannot_be_read_leaves_other_pull_requests_their_answers(
    rounds: Rounds, api: PullsApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.pulls |= {7: A, 8: B}
    repos = WatchedProject(rounds.upstream.file, ()).repos
    pulls = WatchedPulls(repos, "mine", rounds.upstream.state)
    watched = with_refs(WatchState(), "portable", {}, rounds.now)
    watched = with_refs(watched, "portable", pulls.refs(repos[0]), rounds.now)
    while one := next_waiting(watched, rounds.now):
        started = with_start(watched, one, 0, rounds.now)
        watched = with_result(started, one.commit, "lost", 0, rounds.now, 1.0)
    pulls.answer(repos[0], watched)
    assert capsys.readouterr().err.count("got no answer") == 2


def test_pull_request_is_built_by_its_ref_without_mail_after_branches(
    rounds: Rounds, api: PullsApi
) -> None:
    rounds.watch(pulls=True)
    api.pulls[7] = rounds.upstream.push("pull/7/head", onto=rounds.upstream.tip("heads/main"))
    rounds.upstream.push("heads/main")
    rounds.started.clear()
    rounds.now += 3600
    rounds.watch(pulls=True)
    assert rounds.revisions == ["portable=refs/heads/main", "portable=refs/pull/7/head"]
    assert "--notify" not in rounds.started[-1]


def test_pull_requests_are_off_by_default(rounds: Rounds, api: PullsApi) -> None:
    rounds.watch()
    api.pulls[7] = rounds.upstream.push("pull/7/head", onto=rounds.upstream.tip("heads/main"))
    rounds.now += 3600
    rounds.watch()
    assert set(rounds.revisions) == {"portable=refs/heads/main"}
    assert api.asked == []
