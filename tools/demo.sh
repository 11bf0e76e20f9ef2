#!/bin/sh
# Builds OpenSMTPD portable on Debian 12 and 13, in Docker, on this machine.
#
# `make demo` creates .venv first. Downloads are kept in .demo.
set -eu

cd "$(dirname "$0")/.."
PYTHON=$(pwd)/.venv/bin/python
export PYTHON

sh tools/engine.sh
source=$(sh tools/opensmtpd-source.sh .demo)
echo "OpenSMTPD portable is $source" >&2
exec .venv/bin/ciforge run --file examples/opensmtpd/ciforge.yml portable/debian/default \
	--source "portable=$source"
