"""What a machine may promise to the job that it runs."""

import enum


class Promise(enum.Enum):
    """What a machine may promise to a job, as docs/engines.md explains it."""

    CLEAN = "clean"
    NETWORK = "isolated network"
    MEMORY = "memory limit"
    PROCESSES = "process limit"
    DISK = "disk limit"
    ROOT = "root"
