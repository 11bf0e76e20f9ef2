"""Check the system, packages and users of a machine that is not a container."""

import re
import shlex
from collections.abc import Iterator, Mapping

from ciforge.engines.host_lease import HostFacts, HostLease
from ciforge.engines.host_transport import HostTransport
from ciforge.engines.preparation_failure import preparation_failure
from ciforge.engines.protocol import OutputHandler, Stop
from ciforge.errors import EngineError
from ciforge.model.host_machine import PackagePolicy
from ciforge.model.job import Job

_INSTALL = 3600.0
"""Seconds for one command of the package manager."""
_PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386"}
"""Names of uname(1) to those of images."""


def read_facts(transport: HostTransport, probe: str) -> HostFacts:
    """Read the facts that a machine reports about itself. Raises EngineError."""
    output = transport.do("asking for its system", probe).decode(errors="replace")
    pairs = [line.partition(" ")[::2] for line in output.splitlines()]
    found = dict(pairs)
    try:
        return HostFacts(
            user=found["user"], home=found["home"], os=found["os"],
            processor=_PROCESSORS.get(found["processor"], found["processor"]),
            systems=tuple(text.strip() for word, text in pairs if word == "system"),
            missing=tuple(text.strip() for word, text in pairs if word == "missing"),
            processors=int(count) if (count := found["processors"]).isdecimal() else 1,
        )  # fmt: skip
    except KeyError:
        raise EngineError(
            f"{transport.name} does not say what it is",
            hint="its login shell must not print anything",
        ) from None


def check_system(transport: HostTransport, facts: HostFacts, job: Job) -> None:
    """Raises EngineError unless the machine is what `machines.yml` says of it."""
    wanted = job.machine_id
    if not any(is_system(system, name) for system in facts.systems for name in _names(job)):
        raise EngineError(
            f"{transport.name} runs {facts.system}, not {wanted}",
            hint="correct `system:` in machines.yml",
        )
    if facts.processor != job.platform.arch:
        raise EngineError(
            f"{transport.name} has the processor {facts.processor}, not {job.platform.arch}",
            hint="correct `arch:` in machines.yml",
        )
    if facts.missing:
        raise EngineError(
            f"{transport.name} lacks {', '.join(facts.missing)}, which ciforge calls there",
            hint="install it, in a folder of the usual PATH",
        )
    if facts.user == "root":
        raise EngineError(
            f"the login on {transport.name} is root; steps run as root only where a project asks for it",
            hint="log in as a user without privileges, and name `root: doas` or `root: sudo` in machines.yml",
        )


def _names(job: Job) -> list[str]:
    """The system names that a machine of the job's release may report; a rolling one has no number."""
    distribution, release = job.distribution.distribution, job.release
    codename = [f"{distribution}-{release.codename}"] if release.codename else []
    return [job.machine_id, *codename, *([distribution] if release.rolling else [])]


def is_system(stated: str, wanted: str) -> bool:
    """Whether a machine's own word means a release: `freebsd-14.3-RELEASE-p1` is `freebsd-14.3`."""
    return stated.lower() == wanted or bool(re.match(re.escape(wanted) + r"[.-]", stated.lower()))


def package_versions(transport: HostTransport, job: Job) -> Mapping[str, str]:
    """The installed packages of a machine to their versions. Raises EngineError."""
    output = transport.do("listing packages", job.manager.versions)
    pairs = (line.strip().partition(" ") for line in output.decode(errors="replace").splitlines())
    return {name: version for name, _, version in pairs if name and version}


def missing_packages(job: Job, found: Mapping[str, str]) -> list[str]:
    """Packages of a job that are not listed; `autoconf%2.72` of OpenBSD is a version of `autoconf`."""
    return [name for name in job.packages if name.partition("%")[0] not in found]


class HostPreparation:
    """Checks, and installs where its owner allows it, what one job needs of a machine."""

    def __init__(self, lease: HostLease, job: Job, on_output: OutputHandler, stop: Stop) -> None:
        self._lease = lease
        self._job = job
        self._on_output = on_output
        self._stop = stop
        self._machine = lease.transport.machine
        self._name = lease.transport.name

    def packages(self) -> Mapping[str, str]:
        """The installed packages to their versions, with all that the job needs.

        Raises PrepareFailed, EngineError.
        """
        if self._job.sources:
            raise EngineError(
                f"{self._name} builds no libraries from `sources`: {', '.join(self._job.sources)}"
            )
        self._users()
        found = package_versions(self._lease.transport, self._job)
        if missing := missing_packages(self._job, found):
            if self._machine.packages is not PackagePolicy.INSTALL:
                command = self._job.manager.install.replace("{packages}", " ".join(missing))
                raise EngineError(
                    f"{self._name} lacks {', '.join(missing)}",
                    hint=f"{'as root there' if self._job.manager.as_root else 'there'}: {command}; or allow it by `packages: install` in machines.yml",
                )
            self._install(missing)
            found = package_versions(self._lease.transport, self._job)
        return found

    def _install(self, missing: list[str]) -> None:
        manager = self._job.manager
        root = self._machine.root.words if manager.as_root else ""
        if not root and manager.as_root:
            raise EngineError(
                f"{self._name} cannot install packages without root",
                hint="name the command for it by `root:` in machines.yml",
            )
        exports = [f"export {name}={shlex.quote(value)}" for name, value in manager.env.items()]
        install = manager.install.replace("{packages}", " ".join(map(shlex.quote, missing)))
        script = "\n".join(["set -e", *exports, *filter(None, (manager.refresh, install))])
        code, output = self._lease.transport.ask(
            f"exec 2>&1; {root} /bin/sh -c {shlex.quote(script)}", seconds=_INSTALL
        )
        self._on_output(output)
        self._stop.check()
        if code:
            what = "the packages cannot be installed"
            raise preparation_failure(manager, output.decode(errors="replace"), "", code, what)

    def _users(self) -> None:
        """Users of the job have to be there; on a disposable machine they are made."""
        if not self._job.users:
            return
        asked = f"for user in {' '.join(self._job.users)}; do id -u $user >/dev/null 2>&1 || echo $user; done"
        missing = self._lease.transport.do("looking for users", asked).decode().split()
        root = self._machine.root.words
        if missing and not (root and self._machine.disposable):
            raise EngineError(
                f"{self._name} has no user {', '.join(missing)}",
                hint="make it there, or mark the machine `disposable: true` with `root:`",
            )
        lines = ["set -e", *(line for user in missing for line in self._account(user))]
        lines += [line for user in self._job.users for line in self._records(user)]
        if root:
            script = shlex.quote("\n".join(lines))
            self._lease.transport.do("making users", f"{root} /bin/sh -c {script}")

    def _account(self, user: str) -> Iterator[str]:
        """Commands that make a user and its group, where the system does not have them already."""
        accounts = self._job.release.accounts or self._job.distribution.accounts
        values = {"{group}": user, "{user}": user, "{home}": shlex.quote(self._job.users[user])}
        for command, test in (
            (accounts.add_group, f"grep -q '^{user}:' /etc/group"),
            (accounts.add_user, f"id -u {user} >/dev/null 2>&1"),
        ):
            made = command
            for word, value in values.items():
                made = made.replace(word, value)
            yield f"({test} || {made})"

    def _records(self, user: str) -> Iterator[str]:
        """Commands that make the folder in which a user's steps leave their exit codes."""
        folder = f"{self._lease.folder}/records/{user}"
        yield f"mkdir -p {folder}; chown {user} {folder}; chmod 700 {folder}"
