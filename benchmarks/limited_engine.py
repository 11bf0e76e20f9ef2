#!/usr/bin/env python3
"""`ciforge` with an engine of fewer processors: `limited_engine.py NUMBER WORD...`.

Its containers run on the first processors of the machine alone, and so does ciforge.
"""

import os
import sys
from typing import Any
from unittest import mock

from ciforge.cli.main import main
from ciforge.engines.docker import DockerEngine


def run(number: int) -> None:
    """Runs ciforge with the rest of the command line, and exits with its exit status."""
    original = DockerEngine._config

    def config(self: DockerEngine, *arguments: Any) -> dict[str, Any]:
        made = original(self, *arguments)
        made["HostConfig"]["CpusetCpus"] = f"0-{number - 1}"
        return made

    os.sched_setaffinity(0, range(number))
    with (
        mock.patch.object(DockerEngine, "_config", config),
        mock.patch.object(DockerEngine, "processors", lambda _: number),
    ):
        main()


if __name__ == "__main__":
    run(int(sys.argv.pop(1)))
