"""A real OpenSMTPD, Debian's package, in a container of its own; it is reached on loopback alone."""

import email
import email.policy
import hashlib
import io
import os
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import attrs
import docker.errors
from rig import locked

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
_LISTENERS = {
    "": "",
    "choosy": 'phase rcpt-to match rcpt-to <porters> reject "550 5.1.1 no such user here"',
    "greylist": 'phase rcpt-to match rcpt-to <porters> reject "451 4.7.1 greylisted"',
    "busy": 'phase mail-from match auth disconnect "421 4.3.2 too busy"',
    "full": 'phase commit match auth reject "452 4.3.1 disk is full"',
}
"""What keeps each of the ports from taking a mail (smtpd.conf(5), FILTERS); the first one nothing."""
_INSIDE = {name: 587 + 1000 * place for place, name in enumerate(_LISTENERS)}
_CONFIGURATION = """\
pki localhost cert "/etc/ssl/cert.pem"
pki localhost key "/etc/ssl/key.pem"
table credentials file:/etc/credentials
table porters {{ "porters@example.org" }}
{filters}
listen on socket
{listeners}
action in maildir "/home/%{{user.username}}/Maildir"
match auth from any for domain "example.org" action in
match for domain "example.org" action in
"""
_LISTEN = (
    "listen on 0.0.0.0 port {port} hostname localhost tls-require pki localhost auth <credentials>"
)


@attrs.frozen(kw_only=True)
class MailServer:
    """One that runs. Its ports take mail with STARTTLS and AUTH; `authority` believes its certificate."""

    container: Any
    ports: Mapping[str, int]
    """By what they do to mails; `""` takes them."""
    authority: Path
    sendmail: Path
    """A program that hands mail to the server's own sendmail."""

    @property
    def port(self) -> int:
        """The one that takes mail."""
        return self.ports[""]

    @property
    def variables(self) -> dict[str, str]:
        """What makes ciforge send by it."""
        return self.by(self.port)

    def by(self, port: int) -> dict[str, str]:
        """What makes ciforge send by another port."""
        return {
            "CIFORGE_MAIL": f"smtp://ci@localhost:{port}",
            "CIFORGE_MAIL_PASSWORD": PASSWORD,
            "CIFORGE_MAIL_CA": str(self.authority),
        }

    def mails(self, user: str = "team", least: int = 0) -> list[EmailMessage]:
        """What lies in a user's Maildir, the oldest first; waits for at least so many."""
        return [_parsed(text) for text in self.files(user, least)]

    def files(self, user: str = "team", least: int = 0) -> list[bytes]:
        """The same as it lies there."""
        until = time.monotonic() + 60
        while self._count(user) < least and time.monotonic() < until:
            time.sleep(0.2)
        return self._read(user)

    def _count(self, user: str) -> int:
        done = self.container.exec_run(["sh", "-c", f"ls /home/{user}/Maildir/new 2>/dev/null"])
        return len(done.output.split())

    def _read(self, user: str) -> list[bytes]:
        command = f"cd /home/{user}/Maildir/new 2>/dev/null && tar -c ."
        done = self.container.exec_run(["sh", "-c", command])
        if done.exit_code != 0:
            return []
        with tarfile.open(fileobj=io.BytesIO(done.output)) as archive:
            files = sorted((one for one in archive if one.isfile()), key=lambda one: one.name)
            read = (archive.extractfile(one) for one in files)
            return [file.read() for file in read if file]

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It does not run meanwhile."""
        self.container.stop(timeout=5)
        try:
            yield
        finally:
            self.container.start()
            _wait(self.ports, self.container)

    def forgets(self) -> None:
        """Empties every Maildir."""
        self.container.exec_run(["sh", "-c", "rm -rf /home/*/Maildir"])


def _parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@contextmanager
def mail_server(client: Any, base: str, folder: Path, common: Path) -> Iterator[MailServer]:
    """Builds its image, starts it, waits until it greets, and removes it.

    Workers that share the folder `common` build its layers once."""
    with locked(common / "mailserver.lock"):
        image, _ = client.images.build(
            fileobj=_context(base, str(common)), custom_context=True, rm=True, forcerm=True
        )
    ports = dict(zip(_INSIDE, _free_ports(len(_INSIDE)), strict=True))
    container = client.containers.run(
        image.id, detach=True,
        ports={f"{_INSIDE[name]}/tcp": ("127.0.0.1", port) for name, port in ports.items()},
    )  # fmt: skip
    try:
        _wait(ports, container)
        authority = folder / "authority.pem"
        authority.write_bytes(container.exec_run(["cat", "/etc/ssl/cert.pem"]).output)
        program = folder / "sendmail"
        program.write_text(f'#!/bin/sh\nexec docker exec -i {container.id} sendmail "$@"\n')
        program.chmod(0o755)
        yield MailServer(
            container=container, ports=ports, authority=authority, sendmail=program
        )  # fmt: skip
    finally:
        container.remove(force=True)
        with suppress(docker.errors.APIError):  # another worker's server has it, and removes it
            client.images.remove(image.id, force=True)


def _context(base: str, session: str) -> io.BytesIO:
    whole = io.BytesIO()
    # Layers of this session: another server that goes away meanwhile takes none of them along.
    token = hashlib.sha256(session.encode()).hexdigest()[:16]
    users = " ".join(USERS)
    files = {
        "Dockerfile": _DOCKERFILE.format(base=base, token=token, users=users, password=PASSWORD),
        "smtpd.conf": _configuration(),
    }
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    whole.seek(0)
    return whole


def _configuration() -> str:
    filters = [f"filter {name} {what}" for name, what in _LISTENERS.items() if what]
    listeners = [
        _LISTEN.format(port=port) + (f" filter {name}" if name else "")
        for name, port in _INSIDE.items()
    ]
    return _CONFIGURATION.format(filters="\n".join(filters), listeners="\n".join(listeners))


def _free_ports(many: int) -> list[int]:
    """Some that stay the same when the container is started anew."""
    with ExitStack() as taken:
        servers = [taken.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(many)]
        return [int(one.getsockname()[1]) for one in servers]


def _wait(ports: Mapping[str, int], container: Any) -> None:
    until = time.monotonic() + 60
    for port in ports.values():
        while not _greets(port):
            assert time.monotonic() < until, container.logs().decode()
            time.sleep(0.2)


def _greets(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as line:
        return line.recv(100).startswith(b"220")
    return False


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
