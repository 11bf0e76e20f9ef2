"""Rows of the proof with a library from source: its tarball as Debian has it, and OpenSMTPD's project file that names it."""

import contextlib
import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from proof_table import Row

LOST = "lost"
"""A variant that names the library and links that of the system."""


def with_library(text: str, row: Row, url: str, tarball: Path) -> str:
    """The project file with the address and checksum of the tarball, and the variant that loses it."""
    project = yaml.safe_load(text)
    source = project["sources"][row.library]
    source |= {"url": url, "sha256": hashlib.sha256(tarball.read_bytes()).hexdigest()}
    project["variants"][LOST] = {
        "replace": {"openssl": f"sources/{row.library}"},
        "dependencies": [{"system-openssl": {"debian": "libssl-dev"}}],
        "env": {"LD_RUN_PATH": "", "PKG_CONFIG_PATH": ""},
    }
    found: str = yaml.safe_dump(project, sort_keys=False)
    return found


@contextlib.contextmanager
def served(tarball: Path, host: str) -> Iterator[str]:
    """The address of the file while the context lasts: images are built by a daemon, which fetches it."""
    handler = functools.partial(_Quiet, directory=str(tarball.parent))
    with http.server.ThreadingHTTPServer((host, 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        try:
            yield f"http://{host}:{server.server_port}/{tarball.name}"
        finally:
            server.shutdown()


def bridge() -> str:
    """The address of this machine that containers and the daemon reach. Raises DockerException, OSError."""
    import docker

    with contextlib.closing(docker.from_env(timeout=20)) as client:
        gateway: str = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    return gateway


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""
