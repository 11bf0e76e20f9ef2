"""Addresses without their passwords and tokens."""

import re

_LOGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^/\s]*)@", re.I)
_LOGIN_IN_WORD = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^/]*)@", re.I)
_QUERY = re.compile(r"(https?://[^\s?'\"]*\?)[^\s#'\"]+", re.I)


def masked(text: str) -> str:
    """A message without the passwords and tokens of addresses; plain user names of ssh stay."""
    return _QUERY.sub(r"\1***", _LOGIN.sub(_harmless, text))


def masked_word(word: str) -> str:
    """One argument of a command, an address or `REPO=ADDRESS`, without its password, which may
    contain blanks.
    """
    return _QUERY.sub(r"\1***", _LOGIN_IN_WORD.sub(_harmless, word))


def _harmless(found: "re.Match[str]") -> str:
    user = found["user"]
    keep = "ssh" in found["scheme"].lower() and ":" not in user
    return f"{found['scheme']}://{user + '@' if keep else ''}"
