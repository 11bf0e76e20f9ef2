"""Paths in a container, the same on every system, locally and hosted."""

HOME = "/ciforge"
SOURCE = "/ciforge/src"
STEPS = "/ciforge/steps"
BIN = "/ciforge/bin"
RECORDS = "/ciforge/records"
CCACHE = "/ciforge/ccache"
USER = "ciforge"
