"""What ciforge keeps belongs to its owner alone, and no password of an address is in it."""

import base64
import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ciforge.errors import CiforgeError, UsageError
from ciforge.masking import masked, masked_word
from ciforge.model.result import Run
from ciforge.private import (
    private_files,
    private_folder,
    shared_files,
    shared_umask,
)
from ciforge.sources import SourceSpec, mirror_of, take_snapshot
from ciforge.sources.git_remote import remote_of
from ciforge.sources.mirror import update_mirror
from tests.tables import each

pytestmark = pytest.mark.slow


def mode(place: Path) -> int:
    return place.stat().st_mode & 0o777


@pytest.fixture
def umask() -> Iterator[int]:
    before = os.umask(0o022)
    yield 0o022
    os.umask(before)


def test_private_files_are_for_their_owner_unless_shared(tmp_path: Path, umask: int) -> None:
    with private_files():
        assert shared_umask() == umask
        (tmp_path / "private").write_text("")
        private_folder(tmp_path / "a" / "b")
        with shared_files():
            (tmp_path / "shared").write_text("")
        (tmp_path / "again").write_text("")
    (tmp_path / "after").write_text("")
    modes = {path.name: mode(path) for path in tmp_path.rglob("*")}
    assert modes == {
        "private": 0o600, "a": 0o700, "b": 0o700, "shared": 0o644, "again": 0o600, "after": 0o644,
    }  # fmt: skip


def test_umask_is_unchanged_outside_of_the_private_block(tmp_path: Path, umask: int) -> None:
    assert shared_umask() == -1
    with shared_files():
        (tmp_path / "a").write_text("")
    assert mode(tmp_path / "a") == 0o644


@each(
    ("text", "shown"),
    [
        ("https://user:s3cret@h/x", "https://h/x"),
        ("r=https://s3cret@h:8443/x", "r=https://h:8443/x"),
        ("--source=r=HTTPS://u:s3 cr/et@h/x", "--source=r=HTTPS://u:s3 cr/et@h/x"),
        ("--source=r=https://u:s3 cret@h/x", "--source=r=https://h/x"),
        ("https://u:s3cret@x@h/x", "https://h/x"),
        ("ssh://git@h/x", "ssh://git@h/x"),
        ("ssh://git:s3cret@h/x", "ssh://h/x"),
        ("https://h/x?token=s3cret#a", "https://h/x?***#a"),
        ("git@h:x", "git@h:x"),
        ("debian-13/default", "debian-13/default"),
    ],
)
def test_password_in_an_argument_is_masked(text: str, shown: str) -> None:
    assert masked_word(text) == shown


def test_passwords_of_two_addresses_in_a_message_are_masked() -> None:
    said = "no 'https://a:b@h/x', nor https://c@h/y; ask me@example.org"
    assert masked(said) == "no 'https://h/x', nor https://h/y; ask me@example.org"


@each(
    ("address", "reason"),
    [
        ("ssh://git:s3cret@h/x", "only an http address may hold a password"),
        ("git://u:s3cret@h/x", "only an http address may hold a password"),
        ("https://u:s3cret@h/x?y", "not the address of a git repository"),
        ("https://u:s3cret@h=x/y", "not the address of a git repository"),
        ("https://u:s3%0acret@h/x", "control characters"),
    ],
)
def test_password_that_cannot_be_masked_is_refused(address: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        remote_of(address)
    assert "s3" not in str(caught.value)


class Server(http.server.SimpleHTTPRequestHandler):
    """A repository by http that wants a user and a password."""

    wanted = "Basic " + base64.b64encode(b"us er:s3cr@t%").decode()

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == self.wanted:
            super().do_GET()
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Host and port of a server of `tmp_path/www`, which holds `x.git`."""
    for name, value in {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)
    tree = tmp_path / "tree"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q", tree], check=True)
    (tree / "a").write_text("1\n")
    subprocess.run([*git, "-C", tree, "add", "a"], check=True)
    subprocess.run([*git, "-C", tree, "commit", "-q", "-m", "x"], check=True)
    subprocess.run([*git, "clone", "-q", "--bare", tree, tmp_path / "www" / "x.git"], check=True)
    subprocess.run([*git, "-C", tmp_path / "www" / "x.git", "update-server-info"], check=True)

    def handler(*words: object) -> Server:
        return Server(*words, directory=str(tmp_path / "www"))  # type: ignore[arg-type]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


SECRET = "us%20er:s3cr%40t%25"


def fetch(address: str, tmp_path: Path) -> str:
    said: list[str] = []
    wanted = SourceSpec(repo="r", place=address)
    used = take_snapshot(
        wanted, tmp_path / "state" / "out", tmp_path / "state" / "mirrors", said.append
    ).used
    return f"{said} {used}"


def kept(place: Path) -> bytes:
    """Everything that lies below."""
    return b"".join(
        os.fsencode(path) + (path.read_bytes() if path.is_file() else b"")
        for path in place.rglob("*")
    )


def test_password_in_an_address_is_used_for_git_and_not_recorded(
    served: str, tmp_path: Path, umask: int
) -> None:
    with private_files():
        said = fetch(f"http://{SECRET}@{served}/x.git", tmp_path)
    for secret in ("s3cr", "us%20er", "us er"):
        assert secret not in said
        assert secret.encode() not in kept(tmp_path / "state")
    assert mirror_of(f"http://{served}/x.git", tmp_path / "state" / "mirrors").is_dir()
    assert {mode(path) & 0o077 for path in (tmp_path / "state").rglob("*")} == {0}


def test_password_is_in_no_process_list(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "bin").mkdir()
    real = subprocess.run(
        ["which", "git"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (tmp_path / "bin" / "git").write_text(
        f'#!/bin/sh\nfor w do printf "%s\\n" "$w"; done >>{seen}\nexec {real} "$@"\n'
    )
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    fetch(f"http://{SECRET}@{served}/x.git", tmp_path)
    words = seen.read_text()
    assert f"http://{served}/x.git" in words
    assert "s3cr" not in words
    assert "us%20er" not in words


@pytest.mark.parametrize("login", ["", "other:wr0ng@", "t0ken@"])
def test_wrong_password_is_in_no_message(served: str, tmp_path: Path, login: str) -> None:
    with pytest.raises(CiforgeError) as caught:
        fetch(f"http://{login}{served}/x.git", tmp_path)
    said = str(caught.value)
    assert "other" not in said
    assert "wr0ng" not in said
    assert "t0ken" not in said


def test_password_is_sent_to_its_own_host_only(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Redirects(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{served.partition(':')[2]}{self.path}")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    heard: list[str | None] = []
    monkeypatch.setattr(
        Server,
        "do_GET",
        lambda self: (heard.append(self.headers.get("Authorization")), refuse(self)),
    )

    def refuse(self: Server) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirects) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(CiforgeError):
            fetch(f"http://{SECRET}@127.0.0.1:{server.server_port}/x.git", tmp_path)
        server.shutdown()
    assert heard
    assert set(heard) == {None}


def test_submodule_address_of_a_tree_is_fetched_without_passwords(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = "!f() { echo username='us er'; echo password=s3cr@t%; }; f"
    (tmp_path / "gitconfig").write_text(f'[credential "http://{served}"]\n\thelper = "{helper}"\n')
    (tmp_path / ".netrc").write_text('machine 127.0.0.1 login "us er" password s3cr@t%\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("HOME", str(tmp_path))
    address, mirrors = f"http://{served}/x.git", tmp_path / "mirrors"
    assert update_mirror(address, "", (), mirrors, str)[0].is_dir()
    with pytest.raises(CiforgeError):
        update_mirror(address, "", (), tmp_path / "others", str, anonymous=True)
    with pytest.raises(CiforgeError):
        update_mirror(address, "", (), mirrors, str, anonymous=True)


def test_repeat_command_of_an_older_run_has_no_password() -> None:
    from ciforge.app.reproduce import command_line, repeat_options_of

    run = Run(
        id="x", project="p", started="", version="", sources=(), jobs=(),
        command=("ciforge", "run", "--source", "r=https://u:s3cret@h/x", "--rev=r=main"),
    )  # fmt: skip
    assert repeat_options_of(run, []) == ["--source", "r=https://h/x", "--rev=r=main"]
    assert "s3cret" not in command_line("run", "j", ["--source", "r=https://u:s3cret@h/x"])
    assert json.dumps(repeat_options_of(run, []))
