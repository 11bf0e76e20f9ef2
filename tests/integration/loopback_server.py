"""A project whose job has a server beside it, on the loopback interface that both share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rig import Person, trial

JOB = "tree/debian-13/default"
PORT = 4017
SERVER = (
    "exec perl -MIO::Socket::INET -e '$| = 1; "
    f"$s = IO::Socket::INET->new(Listen => 5, LocalAddr => q(127.0.0.1), LocalPort => {PORT});"
    " print STDOUT qq(waits\\n); while ($c = $s->accept) { print $c qq(served\\n); close $c }'"
)
CLIENT = f"perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(q(127.0.0.1:{PORT}))->getline'"
NETWORK = "echo routes $(grep -vc Iface /proc/net/route)"
PACKAGES = ["autoconf", "automake", "cc", "ccache", "libc", "make", "pkg-config"]
"""Those of the job, so that its image is that of the service."""


def with_service(folder: Path, **changes: Any) -> Person:
    """Somebody in a tree whose job has a server beside it."""
    service: Mapping[str, Any] = {
        "dependencies": PACKAGES, "run": f"{NETWORK}\n{SERVER}", "healthy": CLIENT, **changes,
    }  # fmt: skip
    steps = {"talk": {"after": "build", "run": f"{CLIENT}\n{NETWORK}"}}
    return Person(trial(folder / "tree", steps, repo={"services": {"server": service}}), folder)
