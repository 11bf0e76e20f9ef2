"""A git address is mirrored, fetched anew each time, and read like any commit."""

import fcntl
import hashlib
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from source_trees import Bench, commit, git, repository, write

from ciforge.errors import CiforgeError, EngineError, UsageError
from ciforge.sources.git import GitOutput, NoRepository
from ciforge.sources.git import git as run_git
from ciforge.sources.git_remote import remote_of
from ciforge.sources.mirror import _unreachable
from tests.tables import each

pytestmark = pytest.mark.slow

CARRY = (
    "import sys; from ciforge.sources import *; from pathlib import Path;"
    "place, out, mirrors = sys.argv[1:];"
    "print(take_snapshot(SourceSpec(repo='r', place=place), Path(out), Path(mirrors)).used.digest)"
)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    tree = repository(tmp_path / "origin", a="1\n")
    git(tree, "branch", "old")
    write(tree, a="2\n")
    commit(tree, "two")
    git(tree, "tag", "v2")
    return tree


def address(origin: Path) -> str:
    return f"file://{origin}"


def mirror(bench: Bench, origin: Path) -> Path:
    name = hashlib.sha256(address(origin).encode()).hexdigest()[:16]
    return bench.place / "mirrors" / f"{name}.git"


def test_mirror_snapshot_is_head_by_default(origin: Path, bench: Bench) -> None:
    git(origin, "checkout", "--quiet", "old")
    carried = bench.carry(address(origin))
    assert carried.used.revision == git(origin, "rev-parse", "old")
    assert (carried.used.origin, carried.used.changes) == (address(origin), 0)
    assert mirror(bench, origin).is_dir()


def test_mirror_snapshot_is_the_first_named_branch(origin: Path, bench: Bench) -> None:
    assert bench.tree(address(origin), branches=("old", "main")) == {"a": "1\n"}


@each(
    ("revision", "text"),
    [("old", "1\n"), ("v2", "2\n"), ("main~1", "1\n"), ("HEAD", "2\n"), ("HEAD~1", "1\n")],
)
def test_mirror_snapshot_of_a_revision(
    origin: Path, bench: Bench, revision: str, text: str
) -> None:
    assert bench.tree(address(origin), revision, branches=("main",)) == {"a": text}


@pytest.mark.slow
def test_mirror_snapshot_of_a_pull_request_is_fetched_by_its_ref(
    origin: Path, bench: Bench
) -> None:
    git(origin, "checkout", "--quiet", "--detach")
    for text in ("pull\n", "pull, amended\n"):
        write(origin, a=text)
        pulled = commit(origin, text)
        git(origin, "update-ref", "refs/pull/12/head", pulled)
        carried = bench.carry(address(origin), "refs/pull/12/head")
        assert carried.used.revision == pulled


def test_mirror_snapshot_of_a_hash_without_a_branch_is_fetched(origin: Path, bench: Bench) -> None:
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(origin, "checkout", "--quiet", "--detach")
    write(origin, a="nowhere\n")
    made = commit(origin)
    git(origin, "checkout", "--quiet", "main")
    assert bench.tree(address(origin), made) == {"a": "nowhere\n"}


def test_mirror_is_fetched_again_for_each_snapshot(origin: Path, bench: Bench) -> None:
    bench.carry(address(origin))
    git(origin, "branch", "--force", "old", "main")
    git(origin, "tag", "--force", "v2", "main~1")
    git(origin, "branch", "--move", "main", "main/x")
    assert bench.tree(address(origin), "old") == {"a": "2\n"}
    assert bench.tree(address(origin), "v2") == {"a": "1\n"}
    assert bench.tree(address(origin), "main/x") == {"a": "2\n"}
    with pytest.raises(UsageError, match="unknown or ambiguous revision 'main'"):
        bench.carry(address(origin), "main")


def test_mirror_of_a_bare_repository(origin: Path, bench: Bench) -> None:
    bare = origin.parent / "bare.git"
    git(origin, "clone", "--quiet", "--bare", str(origin), str(bare))
    carried = bench.carry(bare)
    assert carried.used.revision == git(origin, "rev-parse", "main")
    assert carried.used.origin == str(bare)


def test_mirror_of_a_shallow_repository(origin: Path, bench: Bench) -> None:
    shallow = origin.parent / "shallow"
    git(origin, "clone", "--quiet", "--depth=1", address(origin), str(shallow))
    assert bench.tree(address(shallow)) == {"a": "2\n"}


@each(
    ("more", "reason"),
    [
        ({"revision": "mian"}, r"'mian' \(did you mean 'main'\?\)"),
        ({"revision": "refs/pull/99/head"}, "revision 'refs/pull/99/head'"),
        ({"revision": "0" * 40}, "unknown or ambiguous revision"),
        ({"revision": "refs/../x"}, "unknown or ambiguous revision"),
        ({"branches": ("olt",)}, r"'olt' \(did you mean 'old'\?\)"),
        ({"branches": ("v2",)}, "revision 'v2'"),
    ],
)
def test_mirror_snapshot_of_a_missing_revision_is_refused(
    origin: Path, bench: Bench, more: dict[str, object], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        bench.carry(address(origin), **more)  # type: ignore[arg-type]


def test_mirror_snapshot_of_an_empty_repository_is_refused(tmp_path: Path, bench: Bench) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "--quiet")
    with pytest.raises(UsageError, match="revision 'HEAD'") as caught:
        bench.carry(address(tmp_path / "empty"))
    assert caught.value.hint == "name a branch or a revision"


# --- trouble on the way ---


def test_address_without_a_repository_is_wrong_input(tmp_path: Path, bench: Bench) -> None:
    with pytest.raises(UsageError, match="does not appear to be a git repository") as caught:
        bench.carry(f"file://{tmp_path}/nothing")
    assert caught.value.hint == "name the source with --source REPO=PATH"


def test_address_of_a_silent_host_is_infrastructure(bench: Bench) -> None:
    with pytest.raises(EngineError, match="refused"):
        bench.carry("git://127.0.0.1:1/x")


def test_mirror_that_cannot_be_refreshed_is_not_used(origin: Path, bench: Bench) -> None:
    bench.carry(address(origin))
    origin.rename(origin.parent / "moved")
    with pytest.raises(CiforgeError):
        bench.carry(address(origin))


@each(
    ("said", "kind"),
    [
        ("fatal: unable to access 'https://h/x/': Could not resolve host: h", EngineError),
        ("ssh: Could not resolve hostname h: Name or service not known\n{more}", EngineError),
        ("fatal: unable to access 'https://h/': Failed to connect to h port 443", EngineError),
        (
            "fatal: unable to access 'https://h/': The requested URL returned error: 503",
            EngineError,
        ),
        ("fatal: early EOF", EngineError),
        ("fatal: repository 'https://h/x/' not found", UsageError),
        ("ERROR: Repository not found.\n{more}", UsageError),
        ("fatal: Authentication failed for 'https://h/x/'", UsageError),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", UsageError),
        ("git@h: Permission denied (publickey).\n{more}", UsageError),
        ("fatal: '/x' does not appear to be a git repository\n{more}", UsageError),
        ("fatal: transport 'ext' not allowed", UsageError),
    ],
)
def test_git_error_decides_between_wrong_input_and_infrastructure(
    said: str, kind: type[CiforgeError]
) -> None:
    more = (
        "fatal: Could not read from remote repository.\n\n"
        "Please make sure you have the correct access rights\nand the repository exists.\n"
    )
    answer = GitOutput(code=128, out=b"", err=said.format(more=more))
    error = _unreachable(answer, remote_of("https://h/x"))
    assert type(error) is kind
    assert str(error) == f"https://h/x: {said.splitlines()[0]}"


def test_mirror_messages_and_records_have_no_secret(origin: Path, bench: Bench) -> None:
    answer = GitOutput(code=128, out=b"", err="fatal: repository 'https://u:s3cret@h/x/' not found")
    assert "s3cret" not in str(_unreachable(answer, remote_of("https://u:s3cret@h/x")))
    with pytest.raises(CiforgeError) as caught:
        bench.carry("git://user:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(caught.value) + "".join(bench.heard)


def test_hanging_git_is_killed_with_its_children(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        with pytest.raises(EngineError, match="did not finish within"):
            words = ("ls-remote", f"git://127.0.0.1:{port}/x")
            run_git(*words, at=NoRepository(tmp_path), seconds=0.5)


@pytest.mark.parametrize("place", ["--upload-pack=touch x:y", "https://h/\nx"])
def test_address_is_never_an_option_of_git(bench: Bench, place: str) -> None:
    with pytest.raises(UsageError):
        bench.carry(place)


# --- one at a time, and after a crash ---


@pytest.mark.slow
def test_mirror_serves_two_processes_at_once(origin: Path, bench: Bench) -> None:
    expected = bench.carry(origin).used.digest
    command = [sys.executable, "-c", CARRY, address(origin)]
    running = [
        subprocess.Popen(
            [*command, bench.place / f"out{n}", bench.place / "mirrors"], stdout=subprocess.PIPE
        )
        for n in range(3)
    ]
    said = [process.communicate(timeout=60)[0].decode().strip() for process in running]
    assert said == [expected] * 3


@pytest.mark.slow
def test_fetch_of_a_mirror_waits_for_another_and_says_so(origin: Path, bench: Bench) -> None:
    bench.carry(address(origin))
    with mirror(bench, origin).with_suffix(".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(target=bench.carry, args=(address(origin),))
        waiting.start()
        while "waiting" not in bench.heard[-1]:
            time.sleep(0.01)
        assert waiting.is_alive()
    waiting.join(timeout=30)
    assert bench.heard[-1].startswith("fetching")


def test_incomplete_mirror_is_made_again(origin: Path, bench: Bench) -> None:
    place = mirror(bench, origin)
    (place / "objects").mkdir(parents=True)
    half = place.with_suffix(".new")
    half.mkdir()
    (half / "HEAD").write_text("half")
    assert bench.tree(address(origin)) == {"a": "2\n"}
    assert not half.exists()


@pytest.mark.slow
def test_mirror_with_locks_of_a_killed_fetch_is_fetched(origin: Path, bench: Bench) -> None:
    bench.carry(address(origin))
    for name in ("HEAD.lock", "packed-refs.lock", "refs/heads/main.lock", "shallow.lock"):
        (mirror(bench, origin) / name).write_text("")
    write(origin, a="3\n")
    commit(origin)
    assert bench.tree(address(origin)) == {"a": "3\n"}


def test_damaged_mirror_is_made_again(origin: Path, bench: Bench) -> None:
    bench.carry(address(origin))
    shutil.rmtree(mirror(bench, origin) / "objects")
    (mirror(bench, origin) / "objects" / "pack").mkdir(parents=True)
    write(origin, a="3\n")
    commit(origin)
    assert bench.tree(address(origin)) == {"a": "3\n"}
