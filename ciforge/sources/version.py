"""The description of a commit by git: its tag, hash and time."""

import re

from ciforge.model.source_version import SourceVersion
from ciforge.sources.commit import commit_time
from ciforge.sources.git import Repository, git

_ABBREVIATED = 7
"""Digits of a hash; git's own number depends on how many objects a clone has."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/@%#,=-]{0,255}")
_LAST = 253402300799
"""The end of the year 9999, the last second that the format of CIFORGE_DATE has."""


def version_of(repository: Repository, commit: str, *, changed: bool) -> SourceVersion:
    """The version of `commit`. `changed` is whether other files than those of the commit are built.

    A tag with characters that a shell could take for its own is not named, but the hash is.
    """
    if not commit:
        return SourceVersion()
    command = ("describe", "--tags", "--always", f"--abbrev={_ABBREVIATED}", commit)
    answer = git(*command, at=repository)
    text = answer.text if answer.code == 0 and _SAFE.fullmatch(answer.text) else ""
    describe = (text or commit[:_ABBREVIATED]) + ("-dirty" if changed else "")
    time = min(commit_time(repository, commit), _LAST)
    return SourceVersion(revision=commit, describe=describe, time=time)
