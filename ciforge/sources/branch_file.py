"""One file on its own branch of a git repository, changed by compare-and-swap.

The branch has a single commit without a parent, so that the repository does not grow.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.errors import EngineError
from ciforge.sources.git import GitOutput, Repository, git, init_bare
from ciforge.sources.git_remote import Remote, remote_of
from ciforge.sources.git_url import without_secrets
from ciforge.sources.scratch_branch import access_by_token
from ciforge.sources.scratch_commit import AUTHOR

_GONE = re.compile(r"couldn't find remote ref|remote ref does not exist")
_BEATEN = re.compile(
    r"stale info|\[rejected\]|\[remote rejected\]|cannot lock ref|failed to update ref"
)


@attrs.frozen(kw_only=True)
class BranchFile:
    """The location of the file. `token` is for an https remote only; it is never on a command line."""

    remote: str
    branch: str
    name: str
    scratch: Path
    """A folder for a local repository, which may be kept."""
    token: str = ""

    def take(self, to: Path) -> str:
        """Copies the file to `to`; its commit, empty if the branch does not exist.

        Raises EngineError if the remote cannot be reached.
        """
        self._begin()
        arguments = ("fetch", "--depth=1", "--no-tags", "--quiet", self._remote.url, self._ref)
        answer = self._ask(*self._remote.arguments, *arguments)
        if answer.code != 0:
            if _GONE.search(answer.err):
                return ""
            raise self._trouble("fetch", answer)
        commit = self._ask("rev-parse", "FETCH_HEAD").text
        file = self._ask("cat-file", "blob", f"{commit}:{self.name}")
        if file.code != 0:
            raise self._trouble(f"find {self.name}", file)
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        to.write_bytes(file.out)
        return commit

    def put(self, file: Path, commit: str, why: str) -> str | None:
        """Writes the file if the branch is still at `commit`; the new commit, or None if the branch
        has changed.
        """
        blob = self._made("hash-object", "-w", "--", file.absolute())
        entry = f"100644 blob {blob}\t{self.name}\n".encode()
        tree = self._made("mktree", stdin=entry)
        new = self._made("commit-tree", "-m", why, tree)
        lease = f"--force-with-lease={self._ref}:{commit}"
        arguments = ("push", "--quiet", lease, self._remote.url, f"{new}:{self._ref}")
        answer = self._ask(*self._remote.arguments, *arguments)
        if answer.code == 0:
            return new
        if _BEATEN.search(answer.err):
            return None
        raise self._trouble("push", answer)

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def _begin(self) -> None:
        if not (self.scratch / "HEAD").is_file():
            answer = init_bare(self.scratch)
            if answer.code != 0:
                raise self._trouble("begin", answer)

    def _made(self, *arguments: str | Path, stdin: bytes = b"") -> str:
        answer = self._ask(*arguments, stdin=stdin)
        if answer.code != 0:
            raise self._trouble(str(arguments[0]), answer)
        return answer.text

    def _ask(self, *arguments: str | Path, stdin: bytes = b"") -> GitOutput:
        ours = Repository(git_dir=self.scratch)
        return git(*arguments, at=ours, stdin=stdin, env=AUTHOR | dict(self._access()))

    @property
    def _remote(self) -> Remote:
        return remote_of(self.remote, as_it_lies=True)

    def _access(self) -> Mapping[str, str]:
        """The environment variables with which git authenticates."""
        return access_by_token(self.remote, self.token) or self._remote.variables

    def _trouble(self, what: str, answer: GitOutput) -> EngineError:
        where = without_secrets(self.remote)
        return EngineError(
            f"{where}: cannot {what} branch {self.branch}: {self._remote.masked(answer.reason)}"
        )
