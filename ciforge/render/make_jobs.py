"""Steps that call make with the tokens of their run instead of a fixed number of processes."""

import re

from ciforge.model.token_pipe import DESCRIPTOR, MAKE_JOBS, VARIABLE, WITH_TOKENS

_JOBS = r"""(-j[ \t]*("?)\$(?:CIFORGE_JOBS|\{CIFORGE_JOBS(?::-[^{}"]*)?\})\4)(?=\s|$)"""
_CALL = re.compile(
    rf"^([ \t]*)(make|gmake|meson compile -C [\w./+-]+)[ \t]+{_JOBS}", re.ASCII | re.MULTILINE
)
"""A line that calls make, or ninja by Meson, with as many processes as CIFORGE_JOBS says."""

_MAKE_JOBS = f"""\
#!/bin/sh
# Prints the words that call make: those given, `make -j2`, or those with which it takes tokens. GNU
# make knows a named pipe since 4.4; before it wants a descriptor, and 4.2 fails on one that does not block.
pipe=${{{VARIABLE}:-}}
named=--jobserver-auth=fifo:$pipe

form() {{
    case $("$1" --version 2>/dev/null) in
    'GNU Make 4.3'*) echo descriptor ;;
    'GNU Make 4.'[4-9]* | 'GNU Make 4.'[1-9][0-9]* | 'GNU Make '[5-9]*) echo name ;;
    esac
}}

# ninja reads MAKEFLAGS since 1.13; so would a make that it calls.
joins_ninja() {{
    case $(ninja --version 2>/dev/null) in
    1.1[3-9]* | 1.[2-9][0-9]* | [2-9].*) ;;
    *) return 1 ;;
    esac
    command -v meson >/dev/null && {{ ! command -v make >/dev/null || [ "$(form make)" = name ]; }}
}}

if [ ! -p "$pipe" ]; then
    :
elif [ "$1" = meson ]; then
    ! joins_ninja || set -- env "MAKEFLAGS=$named" "$1" "$2" "$3" "$4"
else
    case $(form "$1") in
    descriptor) set -- {WITH_TOKENS} "$1" --jobserver-auth={DESCRIPTOR},{DESCRIPTOR} ;;
    name) set -- "$1" "$named" ;;
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
