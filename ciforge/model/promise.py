"""The promises that a machine may make to the job that it runs."""

import enum


class Promise(enum.Enum):
    """A promise of a machine to a job; docs/engines.md explains each."""

    CLEAN = "clean"
    NETWORK = "isolated network"
    MEMORY = "memory limit"
    PROCESSES = "process limit"
    DISK = "disk limit"
    ROOT = "root"
