"""Where things lie in a container; the same on every system and on both roads."""

HOME = "/ciforge"
SOURCE = "/ciforge/src"
STEPS = "/ciforge/steps"
BIN = "/ciforge/bin"
RECORDS = "/ciforge/records"
CCACHE = "/ciforge/ccache"
USER = "ciforge"
