"""Steps that call make with the tokens of their run instead of a fixed number of processes."""

import re

from ciforge.model.token_pipe import DESCRIPTOR, MAKE_JOBS, VARIABLE, WITH_TOKENS

_CALL = re.compile(
    r"""^([ \t]*)(make|gmake)[ \t]+(-j[ \t]*("?)\$(?:CIFORGE_JOBS|\{CIFORGE_JOBS(?::-[^{}"]*)?\})\4)(?=\s|$)""",
    re.MULTILINE,
)
"""A line that calls make with as many processes as CIFORGE_JOBS says."""

_MAKE_JOBS = f"""\
#!/bin/sh
# Prints the words that call make: those given, `make -j2`, or those with which it takes tokens. GNU
# make knows a named pipe since 4.4; before it wants a descriptor, and 4.2 fails on one that does not block.
pipe=${{{VARIABLE}:-}}
if [ -p "$pipe" ]; then
    case $("$1" --version 2>/dev/null) in
    'GNU Make 4.3'*) set -- {WITH_TOKENS} "$1" --jobserver-auth={DESCRIPTOR},{DESCRIPTOR} ;;
    'GNU Make 4.'[4-9]* | 'GNU Make 4.'[1-9][0-9]* | 'GNU Make '[5-9]*)
        set -- "$1" "--jobserver-auth=fifo:$pipe"
        ;;
    esac
fi
printf '%s\\n' "$*"
"""

_WITH_TOKENS = f"""\
#!/bin/sh
# Runs make with its tokens at a descriptor.
exec {DESCRIPTOR}<>"${VARIABLE}"
exec "$@"
"""

MAKE_TOKEN_SCRIPTS = {MAKE_JOBS: _MAKE_JOBS, WITH_TOKENS: _WITH_TOKENS}
"""Paths to contents, for machines that give tokens."""


def with_tokens(script: str) -> str:
    """The script of a step with those calls of make that can take tokens; no line moves.

    Make is still the word that the shell looks for, so that its messages stay the same.
    """
    return _CALL.sub(rf"\1$({MAKE_JOBS} \2 \3)", script)
