"""What git says of the commit that is built, for scripts that have no `.git`."""

import datetime
from collections.abc import Mapping

import attrs

GIT_VARIABLES: Mapping[str, str] = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}
"""Where `.git` is carried: git of root, for instance in `make install`, reads the directory of another user."""


@attrs.frozen(kw_only=True)
class SourceVersion:
    """The commit of a source; all is empty for a source without git."""

    revision: str = ""
    """The commit's full hash."""
    describe: str = ""
    """As `git describe --tags --always` has it, with `-dirty` where the source differs from the commit."""
    time: int | None = None
    """When it was committed, in seconds since 1970."""

    @property
    def variables(self) -> Mapping[str, str]:
        """Environment variables of every step. SOURCE_DATE_EPOCH is not set without a commit: compilers
        refuse an empty one.
        """
        named = {"CIFORGE_REVISION": self.revision, "CIFORGE_DESCRIBE": self.describe}
        if self.time is None:
            return named | {"CIFORGE_DATE": ""}
        date = datetime.datetime.fromtimestamp(self.time, datetime.UTC)
        text = date.strftime("%Y-%m-%dT%H:%M:%SZ")
        return named | {"CIFORGE_DATE": text, "SOURCE_DATE_EPOCH": str(self.time)}
