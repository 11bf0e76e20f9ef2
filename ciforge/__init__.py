"""Portable-build CI: the same jobs in local containers and on hosted runners."""

__version__ = "0.1.0"
