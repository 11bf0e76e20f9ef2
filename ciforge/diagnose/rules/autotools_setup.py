"""Rules for autotools that do not work themselves: without GNU m4, moved, or with settings that contradict each other.

Wordings: bin/autom4te.in and lib/Autom4te of autoconf, libtoolize.in of libtool 2.4, lib/autoconf of autoconf 2.72; real output
of macOS and Debian in public reports.
"""

from ciforge.diagnose.rules.rule import AT, Rule, Weight
from ciforge.model.finding import FindingKind

_CORE = (
    r"(?:AC_(?:SUBST|DEFINE(?:_UNQUOTED)?|MSG_(?:ERROR|FAILURE|WARN|RESULT|NOTICE|CHECKING)|CHECK_(?:LIB|HEADERS?|FUNCS?|TYPES?|PROGS?)|ARG_(?:ENABLE|WITH|VAR)|"
    r"CONFIG_FILES|OUTPUT|TRY_\w+|LANG_\w+|COMPILE_IFELSE|LINK_IFELSE|RUN_IFELSE|PATH_PROGS?|REQUIRE|CACHE_CHECK)|AS_(?:IF|CASE|ECHO|HELP_STRING))"
)
_INNER = (
    "{subject} is of autoconf itself, and stands inside of a macro that was not found: install the package of the macro around or before "
    "{file}:{line} (PKG_: pkg-config, AX_: autoconf-archive, LT_: libtool, AM_GNU_GETTEXT: gettext)."
)

RULES = (
    Rule(FindingKind.MISSING_MACRO, "undefined macro: ", AT + rf"(?:error|warning): possibly undefined macro: (?P<subject>{_CORE})\b", _INNER,
         example="configure.ac:15: error: possibly undefined macro: AC_SUBST",
         counterexample="configure.ac:5: error: possibly undefined macro: AC_FOO_BAR"),
    Rule(FindingKind.MISSING_TOOL, "need GNU m4", r"^(?:\S*/)?auto\w+: (?:error: )?need GNU (?P<subject>m4) (?P<version>[\d.]+)", "autoconf needs GNU m4 {version} or newer: add its package to `dependencies`, or set M4 to it (gm4 on the BSDs and illumos).",
         example="autom4te: need GNU m4 1.4 or later: /path/to/gnu/m4",
         counterexample="checking for GNU M4 that supports accurate traces... m4"),
    Rule(FindingKind.MISSING_TOOL, "no GNU m4", r"[Nn]o (?:acceptable|GNU) (?P<subject>m4) (?:could be )?found", "autoconf needs GNU m4: add its package to `dependencies`, or set M4 to it (gm4 on the BSDs and illumos).",
         example="configure: error: no GNU m4 found",
         counterexample="checking for GNU m4 1.4 or later"),
    Rule(FindingKind.AUTOTOOLS_VERSION, "no such file or directory", r"^autom4te: (?:error: )?(?:cannot open )?(?P<subject>[\w./+-]+\.m4[f]?): no such file or directory", "This autoconf was moved, or installed in part: {subject} is its own file. Install it again, or set AC_MACRODIR and autom4te_perllibdir.",
         example="autom4te: m4sugar/m4sugar.m4: no such file or directory",
         counterexample="aclocal: warning: couldn't open directory 'm4': No such file or directory"),
    Rule(FindingKind.OTHER, "conflicts with", r"libtoolize: +error: (?P<subject>AC_CONFIG_MACRO_DIRS?)\(\[(?P<here>[^\]]*)\]\) conflicts with ACLOCAL_AMFLAGS=(?P<there>.*)$", "configure.ac says {subject}([{here}]) and Makefile.am ACLOCAL_AMFLAGS={there}: make both agree. If they do, one of the files has lines that end in CR LF.",
         example="libtoolize:   error: AC_CONFIG_MACRO_DIRS([m4]) conflicts with ACLOCAL_AMFLAGS=-I m4",
         counterexample="libtoolize: putting macros in AC_CONFIG_MACRO_DIRS, 'm4'."),
    Rule(FindingKind.SYNTAX_ERROR, ": ", r"^: (?:command not found|not found|numeric argument required|invalid option)\b", "The lines of the script that runs here end in CR LF, and no shell here reads that: convert them, and set `eol=lf` for it in .gitattributes.", subject="CR LF", weight=Weight.WEAK, lasting=True, words=("not", "numeric", "invalid"),
         example=": command not found",
         counterexample="./b.sh: line 2: frob: command not found"),
)  # fmt: skip
