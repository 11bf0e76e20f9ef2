"""Open pull requests of a repository on Forgejo or Gitea, and answers to them: a commit status and one comment.

Its paths and fields are those of GitHub, without checks. https://codeberg.org/api/swagger: repository, issue
"""

from ciforge.ci.forgejo.dispatch import ACCESS_HINT
from ciforge.ci.github.pull_requests import PullRequests
from ciforge.report.pull_answer import PullAnswer


class ForgejoPullRequests(PullRequests):
    """The pull requests of a repository. Every method raises HostedError."""

    access_hint = ACCESS_HINT

    def report(self, revision: str, name: str, answer: PullAnswer) -> str:
        """Adds a status to the commit, for there are no checks."""
        return self._add_status(revision, name, answer)
