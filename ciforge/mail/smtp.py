"""SMTP by the standard library: a mail is sent when the server replies 250 after the final dot.

5xx for a recipient, or for the mail after DATA, is a refusal. A refused password or sender is a
configuration error: the mail is retried, and the reply is shown.
"""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import IO

import attrs

from ciforge.mail.transport import DeliveryStatus, Envelope, RecipientReply, all_of, reply_text

_LINES = 500
"""Lines in one reply; EHLO's has about twenty."""
_GONE = 421
"""The server ends the connection, whatever the command was (RFC 5321, 3.8)."""


@attrs.frozen(kw_only=True)
class Smtp:
    """One server. `secret` is called when it asks for a password, not before."""

    host: str
    port: int
    implicit: bool = False
    """TLS from the first byte."""
    starttls: bool = True
    user: str = ""
    secret: Callable[[], str] = str
    authority: str = ""
    """A file of trusted certificates; empty for the system's."""
    time_limit: float = 120.0
    """Seconds for one mail in all, however slow the server."""

    @property
    def name(self) -> str:
        scheme = "smtps" if self.implicit else "smtp" if self.starttls else "smtp+plain"
        return f"{scheme}://{self.host}:{self.port}"

    def send(self, envelope: Envelope) -> Mapping[str, RecipientReply]:
        """One reply for each recipient; never an error."""
        replies: dict[str, RecipientReply] = {}
        try:
            with self._session() as server:
                _transfer(server, envelope, replies)
        except smtplib.SMTPResponseException as error:
            text: object = f"{error.smtp_code} {reply_text(error.smtp_error)}"
        except (smtplib.SMTPException, OSError, ValueError) as error:
            text = self._explained(error)
        else:
            text = "no reply for this recipient"
        return all_of(envelope.recipients, DeliveryStatus.LATER, f"{self.name}: {text}") | replies

    def _explained(self, error: Exception) -> str:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"certificate verification failed: {error.verify_message}"
        if isinstance(error, TimeoutError):
            return "timed out"
        return f"{error.strerror or error}" if isinstance(error, OSError) else str(error)

    @contextlib.contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with self._connected() as server:
            server.ehlo_or_helo_if_needed()
            if self.starttls and not self.implicit:
                server.starttls(context=self._context())
                server.ehlo_or_helo_if_needed()
            if self.user:
                server.login(self.user, self.secret())
            yield server

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        wait = min(60.0, self.time_limit)
        server: smtplib.SMTP = (
            _SmtpSsl(timeout=wait, context=self._context(), local_hostname=_greeting())
            if self.implicit
            else _Smtp(timeout=wait, local_hostname=_greeting())
        )
        # smtplib compares certificates with this name; it is set only when the class connects.
        server._host = self.host  # type: ignore[attr-defined]
        with _limited(server, self.time_limit), contextlib.closing(server):
            code, text = server.connect(self.host, self.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, text)
            yield server
            # The mail is sent: no error after this changes that.
            with contextlib.suppress(smtplib.SMTPException, OSError, ValueError):
                server.quit()

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority or None)


class _Replies:
    """A server's replies, by lines; one that is too long raises OSError."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.left = _LINES

    def readline(self, limit: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("reply too long")
        return self._stream.readline(limit)

    def close(self) -> None:
        self._stream.close()


class _Smtp(smtplib.SMTP):
    """smtplib's class with a limit on replies: by itself it collects lines without limit."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = _LINES
        return super().getreply()


class _SmtpSsl(_Smtp, smtplib.SMTP_SSL):
    """A connection with TLS from the first byte."""


def _transfer(server: smtplib.SMTP, envelope: Envelope, replies: dict[str, RecipientReply]) -> None:
    """Fills `known` as soon as something is certain. Raises what smtplib does."""
    code, text = server.mail(envelope.sender, _options(server, envelope))
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, text, envelope.sender)
    for recipient in envelope.recipients:
        if not recipient.isascii():
            replies[recipient] = RecipientReply(DeliveryStatus.REFUSED, "the address is not ASCII")
            continue
        code, text = server.rcpt(recipient)
        if code == _GONE:
            raise smtplib.SMTPResponseException(code, text)
        if code not in (250, 251):
            replies[recipient] = _answer(code, text)
    taken = [recipient for recipient in envelope.recipients if recipient not in replies]
    if taken:
        replies |= dict.fromkeys(taken, _data(server, envelope.data))


def _data(server: smtplib.SMTP, data: bytes) -> RecipientReply:
    try:
        return _answer(*server.data(data))
    except smtplib.SMTPDataError as error:  # instead of 354
        text = error.smtp_error
        return _answer(error.smtp_code, text if isinstance(text, bytes) else text.encode())


def _options(server: smtplib.SMTP, envelope: Envelope) -> list[str]:
    return [f"size={len(envelope.data)}"] if server.has_extn("size") else []


def _answer(code: int, reply: bytes) -> RecipientReply:
    text = reply_text(f"{code} {reply_text(reply)}")
    if code == 250:
        return RecipientReply(DeliveryStatus.ACCEPTED, text)
    return RecipientReply(
        DeliveryStatus.REFUSED if 500 <= code < 600 else DeliveryStatus.LATER, text
    )


def _greeting() -> str:
    """A name for EHLO that needs no name lookup, which may hang, and reveals nothing."""
    return "[127.0.0.1]"


@contextlib.contextmanager
def _limited(server: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Ends a session after so many seconds: the socket's own timeout restarts with every byte."""
    over = threading.Event()

    def cut() -> None:
        over.set()
        if server.sock is not None:
            with contextlib.suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (smtplib.SMTPException, OSError, ValueError):
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
