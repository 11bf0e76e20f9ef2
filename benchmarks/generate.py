#!/usr/bin/env python3
"""Measure the time and memory of `ciforge generate` for 40 releases of 4 repositories.

`python benchmarks/generate.py` measures the ciforge that is installed beside this interpreter and
exits 1 where the median of its times, or its largest memory, is over the bar.
"""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SECONDS, MEGABYTES = 1.0, 150
RUNS = 5
RELEASES, REPOSITORIES = 40, 4
ROOT = Path(__file__).resolve().parents[1]


def project() -> str:
    """Every repository on every release, each as large as OpenSMTPD."""
    repo = {
        "path": ".",
        "recipe": "autotools",
        "dependencies": ["autoconf", "automake", "libtool", "bison", "libevent", "zlib"],
        "configure": ["--sysconfdir=/etc/mail", "--with-auth-pam"],
        "users": {"_smtpd": "/var/empty", "_smtpq": "/var/empty"},
        "expect": {"installed": ["/usr/local/sbin/smtpctl mode=2555 gname=_smtpq"]},
    }
    return json.dumps(
        {
            "project": "benchmark",
            "repos": {f"repo{n}": repo for n in range(REPOSITORIES)},
            "jobs": ["*/many-*/default"],
        }
    )


def descriptor() -> str:
    """Debian's, with as many releases as it takes."""
    text = (
        (ROOT / "distros" / "debian.yml")
        .read_text()
        .replace("distribution: debian", "distribution: many")
    )
    head, _, rest = text.partition("\nreleases:\n")
    packages = rest[rest.index("\npackages:") :]
    releases = "".join(
        f"  - release: '{n}'\n    codename: c{n}\n    image: docker.io/library/debian:{n}\n"
        "    platforms: [linux/amd64]\n"
        for n in range(RELEASES)
    )
    # Only a descriptor of ciforge may have a bootstrap.
    head = re.sub(r"^bootstrap:\n(?:  .*\n)*", "", head, flags=re.M)
    head = head.replace('defaults: ["12", "13"]', "defaults: ['1']")
    return f"{head}\nreleases:\n{releases}{packages}"


def measure(folder: Path) -> float:
    """One whole process, in seconds."""
    command = [sys.executable, "-m", "ciforge", "generate", "--output", "out", "--force"]
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ciforge.yml").write_text(project())
        (folder / "distros").mkdir()
        (folder / "distros" / "many.yml").write_text(descriptor())
        times = [measure(folder) for _ in range(RUNS)]
        files = [path for path in folder.rglob("out/*/.github/**/*") if path.is_file()]
        size = sum(file.stat().st_size for file in files)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    median = statistics.median(times)
    print(f"{len(files)} files, {size // 1024} KiB, on {os.cpu_count()} processors")
    print(f"median {median:.3f} s (bar {SECONDS} s), memory {memory:.0f} MB (bar {MEGABYTES} MB)")
    return 0 if median < SECONDS and memory < MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
