#!/bin/sh
# ansi-to-html 0.7.2 (npm)
#
# Guess: what a program turns a build log into HTML with understands the escape sequences of compilers, or drops those
# that it does not understand.
# What happens: of the link that gcc puts around the name of a warning (OSC 8, since gcc 10) only the escape characters
# are dropped; the address, and the BEL that ends it, are text. Colours are right.
# Why it matters: with -fdiagnostics-urls=always or a terminal each warning reads
# "[]8;;https://gcc.gnu.org/…-Wunused]8;;]". A search for "[-Wunused]" finds nothing.

. "$(dirname "$0")/lib.sh"
node_packages ansi-to-html@0.7.2

same "a warning of gcc" '<b><span style="color:#A0A">warning: </span></b>unused []8;;https://example.org/w<BEL>-Wunused]8;;<BEL>]' "$(node -e '
const Convert = require("ansi-to-html");
const link = "\x1b]8;;https://example.org/w\x07-Wunused\x1b]8;;\x07";
console.log(new Convert().toHtml("\x1b[01;35m\x1b[Kwarning: \x1b[m\x1b[Kunused [" + link + "]").replaceAll("\x07", "<BEL>"));')"
