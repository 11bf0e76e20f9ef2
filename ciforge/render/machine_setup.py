"""The scripts that make a hosted machine ready which is no container: packages, users, and what is known of it. POSIX sh."""

import shlex
from collections.abc import Iterator

from ciforge.model.job import Job
from ciforge.render.dockerfile import account_commands
from ciforge.render.paths import HOME, USER


def setup_script(job: Job) -> str:
    """A script that installs the packages of the job, as root unless the package manager forbids it."""
    manager = job.manager
    # Where packages are outside of the usual folders, so is the package manager.
    path = {**job.distribution.env, **job.release.env}.get("PATH", "")
    exports = {**({"PATH": path} if path else {}), **manager.env}
    lines = [*job.distribution.setup, *job.release.setup, manager.refresh]
    if job.packages:
        lines.append(manager.install.replace("{packages}", " ".join(job.packages)))
    return "".join(f"{line}\n" for line in ("set -e", *_exports(exports), *filter(None, lines)))


def versions_script(job: Job) -> str:
    """A script that prints the versions of installed packages."""
    path = {**job.distribution.env, **job.release.env}.get("PATH", "")
    return "".join(
        f"{line}\n" for line in (*_exports({"PATH": path} if path else {}), job.manager.versions)
    )


def users_script(job: Job, *, builder: bool) -> str:
    """A script that makes the users of the job that are not there; with `builder` also the unprivileged one."""
    accounts = job.release.accounts or job.distribution.accounts
    users = ({USER: f"{HOME}/home"} if builder else {}) | dict(job.users)
    if len(users) < 2 or "'" in accounts.add_group + accounts.add_user:
        lines = [
            line for user, home in users.items() for line in account_commands(accounts, user, home)
        ]
    else:
        own = (f"    {line}" for line in account_commands(accounts, '"$1"', '"$2"'))
        calls = (f"add_user {user} {shlex.quote(home)}" for user, home in users.items())
        lines = ["add_user() {", *own, "}", *calls]
    return "".join(f"{line}\n" for line in lines) or ":\n"


def machine_facts(job: Job, host: str) -> str:
    """Assignments for sh: how the machine is reached, by ssh to `host` or not, and what it has to be."""
    release, distribution = job.release, job.distribution
    names = [job.machine_id]
    names += [f"{distribution.distribution}-{release.codename}"] if release.codename else []
    names += [distribution.distribution] if release.rolling else []
    accounts = release.accounts or distribution.accounts
    values = {
        "host": host,
        "place": release.hosted.directory,
        "systems": " ".join(names).lower(),
        "run_as": accounts.run_as,
        **({} if job.manager.as_root else {"installer": "login"}),
    }
    lines = (f"{name}={shlex.quote(value)}" for name, value in values.items())
    head = "# Read by machine.sh.\n# shellcheck shell=sh disable=SC2034\n"
    return head + "".join(f"{line}\n" for line in lines)


def _exports(values: dict[str, str]) -> Iterator[str]:
    yield from (f"export {name}={shlex.quote(value)}" for name, value in values.items())
