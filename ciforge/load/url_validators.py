"""Checks of addresses: tarballs, git repositories, mail, lists and images; each raises ValueError."""

import re

from ciforge.load.validators import must

_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
# Text, which `re` compiles when it is needed, and then keeps: a project has few of these addresses.
_URL = rf"https?://{_HOST}/[!-~]+"
_GIT_URL = rf"(?:https?|git|ssh)://(?:[A-Za-z0-9_][A-Za-z0-9._+-]*@)?{_HOST}/[!-~]+"
_GIT_FILE = r"(?is)file:.*"
_GIT_SCP = r"[A-Za-z0-9_][A-Za-z0-9._+-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s:-][!-~]*"
_IMAGE = (
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/)?"
    r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?P<tag>:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?P<digest>@sha256:[0-9a-f]{64})?"
)


def url(text: str) -> None:
    """The address of a tarball."""
    _no_secret(text)
    must(
        re.fullmatch(_URL, text), text, "is not an address (http:// or https://, a host and a path)"
    )


def _no_secret(text: str) -> None:
    # The address may contain a secret, and messages end up in public logs.
    login, at, _ = text.partition("://")[2].partition("/")[0].rpartition("@")
    if at and ":" in login:
        raise ValueError("the address must not contain a password")


def git_address(text: str) -> None:
    """An address for `git clone`, which git does not take for an option or a program."""
    _no_secret(text)
    # A project file of a checkout must not read repositories of this machine.
    local = re.fullmatch(_GIT_FILE, text)
    must(not local, text, "is a folder on this machine; use --source REPO=PATH")
    matches = any(re.fullmatch(form, text) for form in (_GIT_URL, _GIT_SCP))
    form = "https://, http://, git://, ssh:// or user@host:path"
    must(matches and text.isprintable(), text, f"is not an address for git ({form})")


def address(text: str) -> None:
    """A bare mail address."""
    local, at, domain = text.partition("@")
    fine = text.isprintable() and not re.search(r"[\s,;<>\"()]", text) and not text.startswith("-")
    whole = at and local and domain and "@" not in domain
    must(fine and whole, text, "is not a mail address (like 'team@example.org')")
    must(text.isascii(), text, f"has characters that mail servers refuse{_ascii_host(domain)}")


def _ascii_host(domain: str) -> str:
    """How to write the host; empty if it is not the host."""
    try:
        coded = domain.encode("idna").decode()
    except UnicodeError:
        return ""
    return "" if coded == domain else f"; write its host as {coded}"


def reader(text: str) -> None:
    """A mail address, or `authors`: everyone who wrote a commit of the range."""
    if text != "authors":
        address(text)


def list_id(text: str) -> None:
    """The id of a mailing list, as a host name."""
    must(
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", text),
        text,
        "is not the id of a list (like 'ci.example.org')",
    )


def image(text: str) -> None:
    """A container image's name with a tag or a digest."""
    match = re.fullmatch(_IMAGE, text)
    must(match, text, "is not the name of an image (like 'docker.io/library/debian:13-slim')")
    must(
        match and (match["tag"] or match["digest"]),
        text,
        "has no tag (append for example ':latest')",
    )
