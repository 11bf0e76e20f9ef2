"""Extensions of GNU make, sed, install and other tools, by which a build works on Linux and not on a BSD.

Patterns are extended regular expressions as every awk has them. Sources: POSIX.1-2024, make(1), sed(1)
and install(1) of FreeBSD, NetBSD and OpenBSD.
"""

from collections.abc import Mapping

import attrs

MAKE, SHELL, M4 = "make", "shell", "m4"
"""Kinds of files: makefiles; scripts; configure.ac and macros."""

_OPEN, _CLOSE = r"[$][({]", "[)}]"
_BEFORE = r"(^|[^[:alnum:]_.\/-])"
_SED = rf"{_BEFORE}(sed|{_OPEN}SED{_CLOSE})"
_INSTALL = rf"((^|[;&|({{@+-]|then|do|else|doas|sudo)[ \t]*install|{_OPEN}INSTALL(_PROGRAM|_DATA|_SCRIPT)?{_CLOSE})"
"""As a command: other words that end in install are those of package managers."""
_FUNCTIONS = (
    "abspath|addprefix|addsuffix|and|basename|call|dir|error|eval|filter|filter-out|findstring|firstword|"
    "foreach|if|info|join|lastword|notdir|or|origin|patsubst|realpath|shell|sort|strip|subst|suffix|value|"
    "warning|wildcard|word|wordlist|words"
)
_WORD = r"(^|[ \t;&|(!])"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GnuExtension:
    """One thing that only GNU's tool, or bash, understands."""

    tool: str
    what: str
    """What is wrong, and what to write instead."""
    pattern: str
    example: str
    """A line that it finds."""
    counterexample: str
    """A line that looks like it, and is none."""
    kinds: tuple[str, ...] = (MAKE, SHELL, M4)


EXTENSIONS = (
    GnuExtension(
        tool="make", kinds=(MAKE,),
        what="ifeq, ifneq, ifdef and ifndef are GNU make's: decide in configure",
        pattern=r"^ *(else[ \t]+)?(ifeq|ifneq|ifdef|ifndef)([ \t(]|$)",
        example="ifeq ($(OS),Linux)", counterexample="if HAVE_PAM",
    ),
    GnuExtension(
        tool="make", kinds=(MAKE,),
        what="functions like $(shell ...) are GNU make's: compute it in configure or in the recipe",
        pattern=rf"(^|[^$]){_OPEN}({_FUNCTIONS})[ \t]",
        example="SRC = $(wildcard *.c)", counterexample="SRC = $(wildcard)",
    ),
    GnuExtension(
        tool="make", kinds=(MAKE,),
        what="pattern rules with % are GNU make's: write a suffix rule like .c.o:",
        pattern=r"^[^\t#=:]*%[^#=:]*:([^=]|$)|^[^\t#=:]+:[^=:#]*%",
        example="%.o: %.c", counterexample="WIDTH = 50%",
    ),
    GnuExtension(
        tool="make", kinds=(MAKE,),
        what="define, override, export, unexport and vpath are GNU make's",
        pattern=r"^(define|endef|override|export|unexport|vpath)([ \t]|$)",
        example="export PATH", counterexample="exports: export.c",
    ),
    GnuExtension(
        tool="make", kinds=(MAKE,),
        what="$^ and $+ are GNU make's: name the prerequisites",
        pattern=r"^\t(.*[^$])?[$][({]?[\^+]",
        example="\tcc -o x $^", counterexample="\tgrep 'x$$^'",
    ),
    GnuExtension(
        tool="sed", what="-i and -r are not options of every sed: write to another file, and use -E",
        pattern=rf"{_SED}([ \t]+-[neE]+)*[ \t]+-[neE]*[irsz]",
        example="sed -n -i s/a/b/ x", counterexample="sed -ne s/-i/b/ x",
    ),
    GnuExtension(
        tool="sed", what="long options are GNU sed's",
        pattern=rf"{_SED}[ \t](.*[ \t])?--(debug|expression|file|in-place|null-data|posix|quiet|regexp-extended|separate|silent)",
        example="sed --in-place s/a/b/ x", counterexample="sed -e s/--posix/b/ x",
    ),
    GnuExtension(
        tool="sed", what="\\+, \\?, \\s, \\w, \\b, \\< and \\> are GNU sed's: use bracket expressions and \\{1,\\}",
        pattern=rf"{_SED}[ \t].*[^\\]\\[+?sSwWbB<>]",
        example=r"sed 's/a\+/b/' x", counterexample=r"sed 's/a\{1,\}/b/' x",
    ),
    GnuExtension(
        tool="sed", what="\\n and \\t in a replacement are GNU sed's: write a backslash and a line end, or use awk or tr",
        pattern=rf"{_SED}[ \t].*s\/[^\/]*\/[^\/]*\\[nt][^\/]*\/",
        example=r"sed 's/,/\n/g' x", counterexample=r"sed 's/\n/,/g' x",
    ),
    GnuExtension(
        tool="sed", what="a, i and c with text on the same line are GNU sed's: write a\\ and the text on the next line",
        pattern=rf"{_SED}[ \t][^|;]*['\"]([0-9$]+|\/[^\/]*\/)[ ]*[aic][ ]*[^\\ '\"]",
        example="sed '1i text' x", counterexample=r"sed '1i\ ' x",
    ),
    GnuExtension(
        tool="install", what="-D, -t and -T are GNU install's: make directories with install -d or mkdir -p",
        pattern=rf"{_INSTALL}([ \t]+-[a-zA-Z]+([ \t]+[^- \t][^ \t]*)?)*[ \t]+-[bcCdpsv]*[DtT]",
        example="\tinstall -m 644 -D a b/a", counterexample="\tget install -t sid x",
    ),
    GnuExtension(
        tool="install", what="long options are GNU install's",
        pattern=rf"{_INSTALL}[ \t](.*[ \t])?--(backup|directory|group|mode|no-target-directory|owner|strip|target-directory|verbose)",
        example="$(INSTALL) --mode=755 a b", counterexample="get install --mode x",
    ),
    GnuExtension(
        tool="sh", kinds=(MAKE, M4), what="test has no ==: write =",
        pattern=rf"{_WORD}test[ \t][^;|&]*[ \t]==[ \t]",
        example='if test "$a" == yes; then', counterexample="AC_MSG_ERROR([a == b])",
    ),
    GnuExtension(
        tool="sh", kinds=(MAKE,), what="[ has no ==: write =",
        pattern=r"^\t(.*[ \t;&|(!])?\[[ \t][^;|&]*[ \t]==[ \t]",
        example='\tif [ "$$a" == yes ]; then', counterexample='\tif [ "$$a" = yes ]; then',
    ),
    GnuExtension(
        tool="sh", kinds=(MAKE,), what="[[ is bash's: write [ or case",
        pattern=r"^\t(.*[ \t;&|(!])?\[\[[ \t]",
        example="\tif [[ -f x ]]; then", counterexample="\tgrep '[[:space:]]' x",
    ),
    GnuExtension(
        tool="sh", what="echo -e prints -e in other shells: write printf",
        pattern=rf"{_BEFORE}echo[ \t]+-[nE]*e",
        example="echo -e 'a\\tb'", counterexample="echo -n a",
    ),
    GnuExtension(
        tool="sh", kinds=(MAKE, M4), what="&> and <<< are bash's: write >file 2>&1, or a pipe",
        pattern=r"[^&0-9]&>[^&]|<<<",
        example="\tcmd &>/dev/null", counterexample="\tcmd 2>&1 >x",
    ),
    GnuExtension(
        tool="sh", kinds=(MAKE, M4), what="source is bash's: write . ./file",
        pattern=r"(^|[;&|]|then|do)[ \t]*source[ \t]+[.\/\"$]",
        example="source ./version.sh", counterexample="source = a.c",
    ),
    GnuExtension(
        tool="sh", kinds=(M4,), what="+= is bash's: write CFLAGS=\"$CFLAGS ...\"",
        pattern=r"(^|[ \t;])[A-Z_][A-Z0-9_]*\+=",
        example='    CFLAGS+=" -g"', counterexample="    total += 1",
    ),
    GnuExtension(
        tool="cp", what="-a and long options are GNU cp's: write cp -R -p",
        pattern=rf"{_BEFORE}cp[ \t]+-(-[a-z]|[a-zA-Z]*a)",
        example="cp -a x y", counterexample="cp -pR x a",
    ),
    GnuExtension(
        tool="find", what="-printf and -regextype are GNU find's",
        pattern=rf"{_BEFORE}find[ \t].*[ \t]-(printf|regextype)",
        example="find . -printf %f", counterexample="find . -print",
    ),
    GnuExtension(
        tool="grep", what="-P is GNU grep's: use -E",
        pattern=rf"{_BEFORE}grep([ \t]+-[a-zA-Z]+)*[ \t]+-[a-zA-Z]*P",
        example="grep -oP x y", counterexample="grep -q P y",
    ),
    GnuExtension(
        tool="date", what="-d is GNU date's",
        pattern=rf"{_BEFORE}date[ \t]+(-u[ \t]+)?(-d|--date)",
        example="date -u -d @0", counterexample="date -u +%s",
    ),
    GnuExtension(
        tool="stat", what="-c is GNU stat's: BSDs have -f",
        pattern=rf"{_BEFORE}stat[ \t]+(-L[ \t]+)?(-c|--format|--printf)",
        example="stat -c %s x", counterexample="stat -f %z x",
    ),
)  # fmt: skip


def awk_program(extensions: tuple[GnuExtension, ...] = EXTENSIONS) -> str:
    """A program that prints `FILE:LINE:1: error: WHAT [TOOL]` for each; its variable `kind` is that of the files.

    It also finds `$<` outside of suffix rules, which only GNU make defines there."""
    rows = "\n".join(_row(extension) for extension in extensions)
    return f"{_HEAD}\n{rows}\n"


_HEAD = r"""function report(what) { printf "%s:%d:1: error: %s\n", FILENAME, FNR, what }
/^[ \t]*#/ || (kind == "m4" && /^[ \t]*dnl/) { next }
kind == "make" && /^[^ \t#=]+[^=]*:([^=]|$)/ { suffix = /^\.[A-Za-z0-9]+(\.[A-Za-z0-9]+)?[ \t]*:/ || /%/ }
kind == "make" && /^\t(.*[^$])?[$][({]?</ && !suffix { report("$< outside of a suffix rule is GNU make's: name the file [make]") }"""


def _row(extension: GnuExtension) -> str:
    kinds = " || ".join(f'kind == "{kind}"' for kind in extension.kinds)
    message = f"{extension.what} [{extension.tool}]".replace("\\", "\\\\").replace('"', '\\"')
    return f'({kinds}) && /{extension.pattern}/ {{ report("{message}") }}'


KINDS: Mapping[str, tuple[str, ...]] = {
    MAKE: ("Makefile", "makefile", "Makefile.am", "Makefile.in", "*.mk", "*.mk.in"),
    M4: ("configure.ac", "configure.in", "*.m4"),
    SHELL: ("*.sh", "*.sh.in"),
}
"""Patterns of file names by kind; a file without a dot is a script if its first line names sh."""
