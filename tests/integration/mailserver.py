"""A real OpenSMTPD, Debian's package, in a container of its own; it is reached on loopback alone."""

import email
import email.policy
import io
import os
import secrets
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import attrs

USERS = ("team", "porters", "author")
PASSWORD = "correct horse"
_DOCKERFILE = """\
FROM {base}
LABEL ciforge-test={token}
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
    opensmtpd openssl
RUN for user in {users} ci; do useradd --create-home "$user"; done
RUN openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \\
    -addext subjectAltName=DNS:localhost -keyout /etc/ssl/key.pem -out /etc/ssl/cert.pem && \\
    chmod 600 /etc/ssl/key.pem
RUN printf 'ci\\t%s\\n' "$(smtpctl encrypt '{password}')" >/etc/credentials && \\
    chown root:opensmtpd /etc/credentials && chmod 640 /etc/credentials
COPY smtpd.conf /etc/smtpd.conf
CMD ["smtpd", "-d"]
"""
_CONFIGURATION = """\
pki localhost cert "/etc/ssl/cert.pem"
pki localhost key "/etc/ssl/key.pem"
table credentials file:/etc/credentials
listen on socket
listen on 0.0.0.0 port 587 hostname localhost tls-require pki localhost auth <credentials>
action in maildir "/home/%{user.username}/Maildir"
match auth from any for domain "example.org" action in
match for domain "example.org" action in
"""


@attrs.frozen(kw_only=True)
class MailServer:
    """One that runs. `port` takes mail with STARTTLS and AUTH; `authority` believes its certificate."""

    container: Any
    port: int
    authority: Path
    sendmail: Path
    """A program that hands mail to the server's own sendmail."""

    @property
    def variables(self) -> dict[str, str]:
        """What makes ciforge send by it."""
        return {
            "CIFORGE_MAIL": f"smtp://ci@localhost:{self.port}",
            "CIFORGE_MAIL_PASSWORD": PASSWORD,
            "CIFORGE_MAIL_CA": str(self.authority),
        }

    def mails(self, user: str = "team", least: int = 0) -> list[EmailMessage]:
        """What lies in a user's Maildir, the oldest first; waits for at least so many."""
        until = time.monotonic() + 60
        while True:
            found = self._read(user)
            if len(found) >= least or time.monotonic() > until:
                return found
            time.sleep(0.2)

    def _read(self, user: str) -> list[EmailMessage]:
        command = f"cd /home/{user}/Maildir/new 2>/dev/null && tar -c ."
        done = self.container.exec_run(["sh", "-c", command])
        if done.exit_code != 0:
            return []
        with tarfile.open(fileobj=io.BytesIO(done.output)) as archive:
            files = sorted((one for one in archive if one.isfile()), key=lambda one: one.name)
            texts = [archive.extractfile(one).read() for one in files]  # type: ignore[union-attr]
        return [_parsed(text) for text in texts]

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It does not run meanwhile."""
        self.container.stop(timeout=5)
        try:
            yield
        finally:
            self.container.start()
            _wait(self.port, self.container)

    def forgets(self) -> None:
        """Empties every Maildir."""
        self.container.exec_run(["sh", "-c", "rm -rf /home/*/Maildir"])


def _parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@contextmanager
def mail_server(client: Any, base: str, folder: Path) -> Iterator[MailServer]:
    """Builds its image, starts it, waits until it greets, and removes it."""
    image, _ = client.images.build(
        fileobj=_context(base), custom_context=True, rm=True, forcerm=True
    )
    port = _free_port()
    container = client.containers.run(image.id, detach=True, ports={"587/tcp": ("127.0.0.1", port)})
    try:
        _wait(port, container)
        authority = folder / "authority.pem"
        authority.write_bytes(container.exec_run(["cat", "/etc/ssl/cert.pem"]).output)
        program = folder / "sendmail"
        program.write_text(f'#!/bin/sh\nexec docker exec -i {container.id} sendmail "$@"\n')
        program.chmod(0o755)
        yield MailServer(
            container=container, port=port, authority=authority, sendmail=program
        )  # fmt: skip
    finally:
        container.remove(force=True)
        client.images.remove(image.id, force=True)


def _context(base: str) -> io.BytesIO:
    whole = io.BytesIO()
    # Layers of its own: another server that goes away meanwhile takes none of them along.
    token = secrets.token_hex(8)
    users = " ".join(USERS)
    files = {
        "Dockerfile": _DOCKERFILE.format(base=base, token=token, users=users, password=PASSWORD),
        "smtpd.conf": _CONFIGURATION,
    }
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    whole.seek(0)
    return whole


def _free_port() -> int:
    """One that stays the same when the container is started anew."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait(port: int, container: Any) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as line:
            if line.recv(100).startswith(b"220"):
                return
        time.sleep(0.2)
    raise AssertionError(container.logs().decode())


def python(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A command with these variables more."""
    return subprocess.run(
        list(words), capture_output=True, text=True, check=False, env=dict(os.environ) | variables
    )


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def roots(mails: Sequence[EmailMessage]) -> list[EmailMessage]:
    """Those that begin a thread."""
    return [one for one in mails if not one["In-Reply-To"]]
