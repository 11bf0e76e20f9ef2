"""The mail transport that environment variables select; a project file cannot select one."""

import ipaddress
import re
import subprocess
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

from ciforge.errors import UsageError, did_you_mean
from ciforge.mail.maildir import Maildir
from ciforge.mail.sendmail import PLACES, Sendmail
from ciforge.mail.smtp import Smtp
from ciforge.mail.transport import MailError, Transport, reply_text
from ciforge.private import shared_umask

WAY = "CIFORGE_MAIL"
PASSWORD = "CIFORGE_MAIL_PASSWORD"  # noqa: S105 - the variable's name
PASSWORD_FILE = f"{PASSWORD}_FILE"
PASSWORD_COMMAND = f"{PASSWORD}_COMMAND"
AUTHORITY = "CIFORGE_MAIL_CA"
_WAYS = (
    "sendmail: or maildir:FOLDER, smtps://[USER@]HOST[:465], smtp://[USER@]HOST[:587] "
    "(with STARTTLS), or smtp+plain://HOST[:25] on this machine; see `ciforge mail --help`"
)
HINT = f"{WAY} is {_WAYS}"
_NAME = re.compile(r"(?P<host>[A-Za-z0-9.-]+)(?::[0-9]{1,5})?")
"""A server's name, with no scheme."""
_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_ANYWHERE = "anywhere"
"""`smtp+plain://host?anywhere`: the user agrees that mail crosses a network unencrypted."""


def transport(variables: Mapping[str, str], state: Path) -> Transport:
    """The transport that the variables select; by default a Maildir in the state folder.

    Raises UsageError for invalid variables, never with a password in it; MailError where the
    machine has no such program.
    """
    address = variables.get(WAY, "").strip()
    scheme, _, rest = (address or "maildir:").partition(":")
    if scheme == "maildir":
        return Maildir(folder=Path(rest).expanduser() if rest else state / "mail")
    if scheme == "sendmail":
        return Sendmail(program=rest or _sendmail())
    if scheme in _PORTS:
        return _smtp(address, scheme, variables)
    raise _unknown_transport(address, scheme)


def _unknown_transport(address: str, scheme: str) -> UsageError:
    schemes = ("maildir", "sendmail", *_PORTS)
    near = did_you_mean(scheme, schemes)
    name = _NAME.fullmatch(address)
    if name and not near:
        here = (
            f"smtp+plain://{address}"
            if _is_here(name["host"])
            else f"smtps://{address} or smtp://{address}"
        )
        return UsageError(
            f"{WAY}: {address!r} names a server but no transport", hint=f"write {here}; or {_WAYS}"
        )
    return UsageError(f"{WAY}: unknown transport {scheme!r}{near}", hint=HINT)


def _sendmail() -> str:
    found = next((place for place in PLACES if Path(place).exists()), None)
    if found is None:
        raise MailError(f"{WAY}: no sendmail at {' or '.join(PLACES)}", hint=HINT)
    return found


def _smtp(address: str, scheme: str, variables: Mapping[str, str]) -> Smtp:
    try:
        parts = urllib.parse.urlsplit(address)
        host, port, secret = parts.hostname, parts.port, parts.password
        user = urllib.parse.unquote(parts.username or "", errors="strict")
    except ValueError as error:
        raise UsageError(f"{WAY}: not an address: {error}", hint=HINT) from None
    if secret is not None:
        raise UsageError(
            f"{WAY} must not contain a password", hint=f"name a file that has it in {PASSWORD_FILE}"
        )
    if (
        not host
        or parts.path not in ("", "/")
        or parts.fragment
        or parts.query not in ("", _ANYWHERE)
    ):
        raise UsageError(f"{WAY}: not {scheme}://[USER@]HOST[:PORT]", hint=HINT)
    if scheme == "smtp+plain" and not (_is_here(host) or parts.query == _ANYWHERE):
        raise UsageError(
            f"{WAY}: mail and password would go to {host} unencrypted",
            hint=f"write smtp://{host}, or smtp+plain://{host}?{_ANYWHERE} to send unencrypted",
        )
    return Smtp(
        host=host, port=port or _PORTS[scheme], user=user,
        implicit=scheme == "smtps", starttls=scheme == "smtp",
        secret=lambda: _secret(variables), authority=variables.get(AUTHORITY, ""),
    )  # fmt: skip


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(variables: Mapping[str, str]) -> str:
    """The password: a variable, else the first line of a file, or of what a command prints."""
    if PASSWORD in variables:
        return variables[PASSWORD]
    if file := variables.get(PASSWORD_FILE):
        return _first_line(_read(Path(file).expanduser()), PASSWORD_FILE)
    if command := variables.get(PASSWORD_COMMAND):
        return _first_line(_output(command), PASSWORD_COMMAND)
    raise ValueError(f"the server requires a password: set {PASSWORD} (or _FILE, _COMMAND)")


def _first_line(text: str, variable: str) -> str:
    line = next(iter(text.splitlines()), "")
    if not line:
        raise ValueError(f"{variable}: the password is empty")
    return line


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{PASSWORD_FILE}: {file}: {error}") from None


def _output(command: str) -> str:
    try:
        done = subprocess.run(
            ["sh", "-c", command],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            umask=shared_umask(),
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"{PASSWORD_COMMAND} timed out after 30 s") from None
    if done.returncode:
        raise ValueError(
            f"{PASSWORD_COMMAND}: exit status {done.returncode}: {reply_text(done.stderr)}"
        )
    return done.stdout
