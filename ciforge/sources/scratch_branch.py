"""A branch of a remote that exists for one run: its commit is pushed, and later the branch is deleted."""

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.errors import EngineError, UsageError
from ciforge.sanitize import escaped
from ciforge.sources.git import GitOutput, NoRepository, Repository, git, init_bare, settings
from ciforge.sources.git_remote import remote_of
from ciforge.sources.git_url import host_and_path, without_secrets
from ciforge.sources.scratch_commit import ScratchCommit

_GONE = re.compile(r"remote ref does not exist")
_REMOTE_MESSAGE = re.compile(r"^(?:remote: (.*)| ! .*(\(.*\)))$", re.M)
_CHECKOUT_ONLY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_SITE = re.compile(r"https://(?:[^/@]*@)?([A-Za-z0-9.:\[\]-]+)/")


@attrs.frozen(kw_only=True)
class PushRemote:
    """A remote of a checkout, by its name and the addresses that git has for it."""

    name: str
    address: str
    """The address by the configuration of the checkout."""
    final: str
    """The address that git pushes to: the person's own configuration may replace the first one."""

    @property
    def shown(self) -> str:
        """The address that git pushes to, without secrets."""
        return escaped(without_secrets(self.final))

    @property
    def place(self) -> tuple[str, str]:
        """The host and the path by which a service knows the repository."""
        found = host_and_path(self.final)
        return found if found[0] else host_and_path(self.address)


def push_remote(here: Repository, name: str = "") -> PushRemote:
    """The remote of this name, else `origin` or the only one. Raises UsageError."""
    names = git("remote", at=here).text.splitlines()
    chosen = name or ("origin" if "origin" in names else names[0] if len(names) == 1 else "")
    if chosen not in names:
        there = ", ".join(map(escaped, names)) or "none"
        raise UsageError(
            f"there is no remote {escaped(name) if name else 'origin'} (there are: {there})",
            hint="--remote NAME names one; git remote add origin ADDRESS adds one",
        )
    address = git("remote", "get-url", "--push", "--", chosen, at=here, env=_CHECKOUT_ONLY)
    if address.code != 0:
        raise UsageError(f"remote {escaped(chosen)}: {address.reason}")
    if not host_and_path(address.text)[0]:
        shown = escaped(without_secrets(address.text))
        raise UsageError(
            f"remote {escaped(chosen)} pushes to {shown}, which no service has",
            hint="--remote NAME names another remote",
        )
    final = git("ls-remote", "--get-url", "--", address.text, at=NoRepository(Path("/")))
    if final.code != 0:
        raise UsageError(f"remote {escaped(chosen)}: {final.reason}")
    return PushRemote(name=escaped(chosen), address=address.text, final=final.text)


@attrs.frozen(kw_only=True)
class ScratchBranch:
    """A branch at an address. `token` is for an https address only; it is never on a command line."""

    address: str
    branch: str
    token: str = ""
    options: tuple[str, ...] = ()
    """Push options of the server."""

    def push(self, made: ScratchCommit, scratch: Path) -> None:
        """Creates the branch at this commit. Raises EngineError if the remote refuses it.

        `scratch` is a folder for an empty repository: the checkout's configuration must not say where to.
        """
        ref, here = f"{made.commit}:refs/heads/{self.branch}", _empty(scratch)
        options = (f"--push-option={option}" for option in self.options)
        answer = self._ask(here, made.objects, "push", "--quiet", "--no-verify", *options, ref=ref)
        if answer.code != 0:
            raise EngineError(
                f"{self._shown} did not take branch {self.branch}: {self._reason(answer)}",
                hint="you need the right to push there; --remote NAME names another remote",
            )

    def delete(self, scratch: Path) -> None:
        """Deletes the branch, if it is there. Raises EngineError if the remote cannot be asked.

        `scratch` is a folder for an empty repository, which git requires; it may be kept.
        """
        here, ref = _empty(scratch), f"refs/heads/{self.branch}"
        answer = self._ask(here, {}, "ls-remote", "--heads", ref=ref)
        if answer.code == 0 and not answer.out:
            return
        if answer.code == 0:
            answer = self._ask(here, {}, "push", "--quiet", "--no-verify", ref=f":{ref}")
        if answer.code != 0 and not _GONE.search(answer.err):
            raise EngineError(
                f"{self._shown}: branch {self.branch} was not removed: {self._reason(answer)}",
                hint="the next `ciforge try` or `ciforge clean` removes it",
            )

    @property
    def _shown(self) -> str:
        return escaped(without_secrets(self.address))

    def _reason(self, answer: GitOutput) -> str:
        """What the remote says, else what git says last."""
        messages = [
            (match[1] or match[2] or "").strip() for match in _REMOTE_MESSAGE.finditer(answer.err)
        ]
        text = escaped("; ".join(filter(None, messages))[:400]) or answer.reason
        return remote_of(self.address, as_it_lies=True).masked(text)

    def _ask(self, at: Repository, env: Mapping[str, str], *command: str, ref: str) -> GitOutput:
        """Runs git with the person's own access to the address; if that fails, with the token."""
        remote = remote_of(self.address, as_it_lies=True)
        arguments = (*remote.arguments, *command, remote.url, ref)
        answer = git(*arguments, at=at, env={**env, **remote.variables})
        access = access_by_token(self.address, self.token)
        if answer.code != 0 and access:
            return git(*arguments, at=at, env={**env, **access})
        return answer


def _empty(folder: Path) -> Repository:
    """An empty repository in the folder, which may have it already."""
    if not (folder / "HEAD").is_file():
        init_bare(folder)
    return Repository(git_dir=folder)


def access_by_token(address: str, token: str) -> Mapping[str, str]:
    """Authentication as actions/checkout does it, but in the environment, which other users cannot list.

    Empty without a token, and for an address that is not https.
    """
    site = _SITE.match(address)
    if not token or not site:
        return {}
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return settings({
        f"http.https://{site[1]}/.extraheader": f"AUTHORIZATION: basic {secret}",
        "http.followRedirects": "false",  # the header would go along
    })  # fmt: skip
