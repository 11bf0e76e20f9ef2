"""Passes an address to git without a password on a command line, in a file or in a message.

git asks a credential helper whose text is fixed; the password is in the environment, which other
users cannot list.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import attrs

from ciforge.errors import UsageError
from ciforge.sanitize import escaped
from ciforge.sources.checkout import is_bare
from ciforge.sources.git import settings
from ciforge.sources.git_url import without_secrets
from ciforge.sources.git_view import bare_view_of, view_of

_WEB = re.compile(
    r"(?P<scheme>https?)://(?:(?P<user>[^/]*)@)?(?P<site>[^/@]*)(?P<path>.*)", re.I | re.S
)
_SITE = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/@]*:[^/]*@", re.I)
_FILE = re.compile(r"file://(?:localhost)?(?P<path>/.*)", re.I | re.S)
_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" '
    '"$CIFORGE_GIT_USERNAME" "$CIFORGE_GIT_PASSWORD"; }; f'
)
_ANONYMOUS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": "0",
    "GIT_SSH_COMMAND": "false",
    # The folder in which curl searches for .netrc.
    "HOME": "/nonexistent",
    "XDG_CONFIG_HOME": "/nonexistent",
}


@attrs.frozen(kw_only=True)
class Remote:
    """The address to fetch from, and how."""

    url: str
    """For git's command line."""
    shown: str
    """For messages."""
    arguments: tuple[str, ...] = ()
    """Options before git's command."""
    variables: Mapping[str, str] = attrs.field(factory=dict)
    """Additional environment variables."""
    secrets: tuple[str, ...] = ()
    """Texts that must not be in messages."""

    def masked(self, text: str) -> str:
        """A message of git without secrets."""
        text = re.sub(r"(://)[^/@\s']*@", r"\1", text.replace(self.url, self.shown))
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def remote_of(address: str, *, anonymous: bool = False, as_it_lies: bool = False) -> Remote:
    """Return how git fetches from an address. Raises UsageError if its secrets cannot be protected.

    An `anonymous` remote gets no password, key or setting of the user. The configuration of a local
    repository is not read, unless it is written to (`as_it_lies`).
    """
    if not address.isprintable() or address.startswith("-"):
        raise UsageError(
            f"{escaped(without_secrets(address))}: not the address of a git repository"
        )
    found = _web(address, web) if (web := _WEB.fullmatch(address)) else _other(address, as_it_lies)
    if anonymous:
        arguments = ("-c", "credential.helper=", "-c", "http.extraHeader=")
        found = attrs.evolve(found, arguments=arguments, variables=_ANONYMOUS, secrets=())
    return found


def _web(address: str, web: "re.Match[str]") -> Remote:
    place = without_secrets(address)
    if re.search(r"[?#]", web["path"]) or not _SITE.fullmatch(web["site"]):
        raise UsageError(
            f"{escaped(place)}: not the address of a git repository",
            hint="write https://HOST/PATH; a user and a password come before the host",
        )
    site = f"{web['scheme'].lower()}://{web['site']}"
    user, colon, password = (web["user"] or "").partition(":")
    user, password = unquote(user), unquote(password)
    if not (user + password).isprintable():
        raise UsageError(f"{escaped(place)}: a user or password with control characters")
    if colon:
        arguments = ("-c", "credential.helper=", "-c", f"credential.{site}.helper={_HELPER}")
        variables = {"CIFORGE_GIT_USERNAME": user, "CIFORGE_GIT_PASSWORD": password}
        secrets = tuple(secret for secret in (password, web["user"].partition(":")[2]) if secret)
        return Remote(
            url=place, shown=place, arguments=arguments, variables=variables, secrets=secrets
        )
    if user:
        variables = dict(settings({f"credential.{site}.username": user}))
        return Remote(url=place, shown=place, variables=variables, secrets=(user,))
    return Remote(url=place, shown=place)


def _other(address: str, as_it_lies: bool) -> Remote:
    if _PASSWORD.match(address):
        raise UsageError(
            f"{escaped(without_secrets(address))}: only an http address may hold a password",
            hint="ssh takes a key: leave the password out",
        )
    return Remote(url=(not as_it_lies and _local(address)) or address, shown=address)


def _local(address: str) -> str:
    """A view of a local repository without its configuration; empty for anything else.

    Raises UsageError if git refuses it, for instance because another user owns it.
    """
    match = _FILE.fullmatch(address)
    place = Path(unquote(match["path"]) if match else address)
    if not place.is_absolute() or not place.is_dir():
        return ""
    if view := view_of(place) if os.path.lexists(place / ".git") else None:
        return str(view.git_dir)
    return str(bare_view_of(place).git_dir) if is_bare(place) else ""
