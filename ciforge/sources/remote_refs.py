"""Asks a git repository where its refs are, without fetching anything."""

import re
from collections.abc import Sequence
from pathlib import Path

from ciforge.errors import EngineError
from ciforge.sanitize import escaped
from ciforge.sources.git import NoRepository, git
from ciforge.sources.git_remote import remote_of

_LINE = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64})\t(HEAD|refs/(?:heads|tags)/[^\0\n]{1,500})")
_SECONDS = 120.0
_MOST = 50_000
"""Refs of one repository; a repository with more is refused."""


def remote_refs(address: str, branches: Sequence[str], *, tags: bool) -> dict[str, str]:
    """`heads/main` to its commit, for these branches, or `HEAD` without any; `tags/v1` for every tag.

    An annotated tag has the commit that it names. Raises UsageError for an address that is none, and
    EngineError if it cannot be asked.
    """
    remote = remote_of(address)
    patterns = [f"refs/heads/{name}" for name in branches] or ["HEAD"]
    patterns += ["refs/tags/*"] if tags else []
    answer = git(
        *remote.arguments, "ls-remote", "--quiet", "--", remote.url, *patterns,
        at=NoRepository(Path("/")), env=remote.variables, seconds=_SECONDS,
    )  # fmt: skip
    if answer.code != 0:
        raise EngineError(f"{escaped(remote.shown)}: {remote.masked(answer.reason)}")
    lines = answer.out.splitlines()
    if len(lines) > _MOST:
        raise EngineError(f"{escaped(remote.shown)}: more than {_MOST} refs")
    found = [row for line in lines if (row := _LINE.fullmatch(line))]
    wanted = set(patterns)
    refs = dict[str, str]()
    for row in found:
        name, commit = row[2].decode("utf-8", "replace"), row[1].decode()
        plain = name.removesuffix("^{}")
        if plain.isprintable() and (plain in wanted or plain.startswith("refs/tags/")):
            refs[plain.removeprefix("refs/")] = commit
    return refs
